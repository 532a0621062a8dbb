import Diagnosis
import LogModel
import Testing

@testable import DiagnosticWriter

/// Thresholds stand in one table in code; what the database's functions read is that, and 3-classification
/// says the same.
@Suite struct SupervisionReferenceTests {
  /// 3-classification, Golden signals, written once more.
  private static let bounds = """
    challenger_count challenger_count critical > 10
    challenger_count challenger_count warning > 5
    f1_buy_delta_vs_baseline f1_buy_delta_vs_baseline critical <= 0
    f1_buy_delta_vs_baseline f1_buy_delta_vs_baseline warning < 15
    infra_health cpu_pct warning > 70
    infra_health oom_kills critical > 2
    infra_health oom_kills warning >= 1
    infra_health pods_down critical > 0
    infra_health pvc_pct critical > 85
    model_freshness model_freshness critical > 14
    model_freshness model_freshness warning > 7
    pipeline_latency duration warning > 10800
    pipeline_latency p95 critical > 2
    pipeline_latency p95 warning > 1.3
    pipeline_success_rate pipeline_success_rate critical < 70
    pipeline_success_rate pipeline_success_rate warning <= 90
    screening_testing_gap screening_testing_gap critical > 0.3
    screening_testing_gap screening_testing_gap warning > 0.15
    sl_pct sl_pct critical > 50
    sl_pct sl_pct warning >= 35
    sortino sortino critical < 0
    sortino sortino warning <= 0.5
    std_f1_buy std_f1_buy critical > 0.1
    std_f1_buy std_f1_buy warning >= 0.05
    timeout_pct timeout_pct critical > 40
    timeout_pct timeout_pct warning >= 30
    """

  private static let stored: SQLText = """
    SELECT concat_ws(' ', signal, input, status, comparison, bound) FROM corrparse.signal_bound
    WHERE taxonomy_version = (SELECT taxonomy_version FROM corrparse.current_taxonomy)
    ORDER BY signal COLLATE "C", input COLLATE "C", status COLLATE "C"
    """

  @Test func databaseSaysWhatTheManualSays() throws {
    let database = try TestDatabase.withWholeTaxonomy()
    let connection = try database.connect()
    #expect(try connection.column(Self.stored).compactMap(\.self).joined(separator: "\n") == Self.bounds)
    #expect(
      try connection.column(
        """
        SELECT contributes || ' ' || condition FROM corrparse.state_condition JOIN corrparse.current_taxonomy USING (taxonomy_version)
        ORDER BY position
        """) == [
          "RED infra_critical", "ORANGE success_rate_critical", "ORANGE no_passing_candidates",
          "ORANGE core_crypto_stale",
          "ORANGE no_useful_strategy", "YELLOW success_rate_low", "YELLOW sortino_negative",
          "YELLOW crypto_stale",
        ])
    #expect(
      try connection.column(
        """
        SELECT name || ' ' || value FROM corrparse.supervision_setting JOIN corrparse.current_taxonomy USING (taxonomy_version)
        ORDER BY name
        """) == [
          "core_group btc-core", "latency_hours 720", "latency_percentile 95", "latency_runs 5",
          "no_useful_hours 72",
          "observation_hours 1", "pause_hours 6", "recurrent_runs 3", "registry_hours 24", "settle_hours 0.5",
          "silent_hours 1",
          "success_rate_hours 168", "waiting_hours 24",
        ])
  }

  /// The functions have no number of their own: other thresholds, other statuses.
  @Test func functionsFollowTheTable() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    var thresholds = Thresholds()
    thresholds.observationHours = 2
    thresholds.podsDown = 4
    thresholds.coreStaleDays = 1
    thresholds.noUsefulDays = 2
    thresholds.recurrentRuns = 2
    thresholds.successRateWarning = 100
    try Migrator(connection).up(
      programVersion: "1",
      taxonomy: .whole([.current, Taxonomy(version: Taxonomy.current.version + 1, thresholds: thresholds)]))
    var world = World.healthy
    for index in world.logs.indices {
      world.logs[index].records[0] = .summary(passed: index % 4 < 2 ? 1 : 0, of: 9)
    }
    world.observations[0].podsDown = 4
    world.observations[0].observedAt = World.noon - .hours(2)
    let judge = Taxonomy(version: Taxonomy.current.version + 1, thresholds: thresholds)
    for log in world.logs { try log.store(connection, taxonomy: judge) }
    for observation in world.observations { try Supervision(connection).store(observation) }
    // r3 is the last run and the first of the logs: its summaries and r2's passed.
    #expect(try connection.globalState() == "YELLOW success_rate_low")
    #expect(try connection.condition("core_crypto_stale", at: World.noon + .days(1)) == "triggered")
    #expect(try connection.condition("no_useful_strategy", at: World.noon + .days(2)) == "triggered")
    try connection.query(
      "UPDATE corrparse.current_taxonomy SET taxonomy_version = $1::bigint",
      [String(Taxonomy.current.version)])
    #expect(try connection.condition("infra_critical") == "unknown")
    #expect(try connection.condition("core_crypto_stale", at: World.noon + .days(1)) == "clear")
  }

  @Test func tablesFollowTheProgramAndAreLeftAloneOtherwise() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    let migrator = Migrator(connection)
    try migrator.up(programVersion: "1", taxonomy: .whole())
    let dump: SQLText = """
      SELECT concat(xmin, t) FROM corrparse.signal_bound AS t UNION ALL SELECT concat(xmin, t) FROM corrparse.golden_signal AS t
      UNION ALL SELECT concat(xmin, t) FROM corrparse.state_condition AS t
      UNION ALL SELECT concat(xmin, t) FROM corrparse.supervision_setting AS t ORDER BY 1
      """
    let before = try connection.column(dump)
    #expect(before.count == Taxonomy.all.count * (26 + 11 + 8 + 13))
    try migrator.up(programVersion: "1", taxonomy: .whole())
    #expect(try connection.column(dump) == before)
    try connection.run(
      """
      UPDATE corrparse.signal_bound SET bound = bound + 1; DELETE FROM corrparse.state_condition;
      INSERT INTO corrparse.supervision_setting VALUES (1, 'x', 'y', 'z')
      """)
    try migrator.up(programVersion: "1", taxonomy: .whole())
    #expect(try connection.column(dump).count == before.count)
    #expect(try connection.column(Self.stored).compactMap(\.self).joined(separator: "\n") == Self.bounds)
  }
}
