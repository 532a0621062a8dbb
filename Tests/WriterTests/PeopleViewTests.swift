import LogModel
import Testing

@testable import DiagnosticWriter

/// The views that show people useful strategies, shares of codes, observations and the state's history.
@Suite struct PeopleViewTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  @Test func strategiesAreTheUsefulOnesOfLatestAttemptsWithTheirRank() throws {
    let start = World.noon
    try RunLog.run("r", start: start, for: .hours(1), records: [.strategy("BTCUSDC", gain: 20)]).store(
      connection)
    var again = RunLog.run(
      "r", start: start + .hours(2), for: .hours(1),
      records: [
        .strategy("BTCUSDC", gain: 20, sortino: 9), .strategy("BTCUSDC", gain: 20, sortino: 2, gates: [true]),
        .strategy("BTCUSDC", gain: 20, sortino: 3, gates: [true]),
        .strategy("BTCUSDC", gain: 20, gates: [false]),
        .strategy("BTCUSDC", gain: 20, gates: [true], also: [.phase: .text("screening")]),
        .strategy("SOLUSDC", gain: 7), .strategy("SOLUSDC", gain: 3),
      ])
    again.attempt = 2
    try again.store(connection)
    #expect(
      try connection.column(
        "SELECT concat_ws(' ', crypto, rank_in_run, sortino, gates_passed, delta_points, block) FROM diagnostics.strategy_v1 ORDER BY 1"
      ) == ["BTCUSDC 1 3 t 20 3", "BTCUSDC 2 2 t 20 2", "BTCUSDC 3 9 20 1", "SOLUSDC 1 1 7 6"])
  }

  @Test func sharesAreOfACryptosStrategiesInARun() throws {
    try RunLog.run(
      "r", start: World.noon, for: .hours(1),
      records: [
        .strategy("BTCUSDC", gain: 20), .strategy("BTCUSDC", gain: 7), .strategy("BTCUSDC", gain: 7),
        .strategy("BTCUSDC", gain: 0), .summary("BTCUSDC", passed: 0, of: 9),
        .summary("SOLUSDC", passed: 0, of: 9),
      ]
    ).store(connection)
    let shares: SQLText =
      "SELECT concat_ws(' ', crypto, run_id, code, records, share, useful_share) FROM diagnostics.code_share_v1 ORDER BY 1"
    let expected = [
      "BTCUSDC r ML_EXPLOITABLE 2 0.5000 0.7500", "BTCUSDC r ML_SOLID 1 0.2500 0.7500",
      "BTCUSDC r ML_USELESS 1 0.2500 0.7500",
    ]
    #expect(try connection.column(shares) == expected)
    try RunDiagnoses(connection).refresh()
    #expect(try connection.column(shares) == expected)
  }

  @Test func observationsAreThoseFromOutsideAndOfBlocks() throws {
    try Supervision(connection).store(.calm(at: World.noon))
    try RunLog.run(
      "r", of: "x", start: World.noon + .hours(1), for: .hours(1), records: [.fields([.cpuPct: .decimal(95)])]
    ).store(connection)
    #expect(
      try connection.column(
        """
        SELECT concat_ws(' ', origin, oom_kills, pvc_pct, cpu_pct) FROM diagnostics.infra_observation_v1 ORDER BY observed_at
        """) == ["prometheus 0 50 50", "blocks of x 95"])
  }

  @Test func historySaysFromWhenToWhen() throws {
    try connection.run(
      """
      INSERT INTO corrparse.global_state_history (noted_at, state, triggered, unknown, reasons) VALUES
        ('2026-03-28T12:00:00Z', 'GREEN', '{}', '{}', '{}'), ('2026-03-28T13:00:00Z', 'RED', '{x}', '{}', '{y}');
      SET TimeZone = 'UTC'
      """)
    #expect(
      try connection.column(
        "SELECT concat_ws(' ', state, to_char(since, 'HH24'), to_char(until, 'HH24'), reasons) FROM diagnostics.global_state_history_v1 ORDER BY since"
      ) == ["GREEN 12 13 {}", "RED 13 {y}"])
  }
}
