import Diagnosis
import Dispatch
import LogModel
import Testing

@testable import DiagnosticWriter

/// Conditions together, what is said of cryptos, and the history of the state.
@Suite struct GlobalStateHistoryTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  private static let noon = World.noon

  @Test(
    arguments: [
      ([-1, -1, -1], "triggered"), ([-1, -1], "unknown"), ([-1, -1, 0], "clear"), ([1, -1, -1, -1], "clear"),
      ([-1, -1, -1, 1], "triggered"), ([0], "clear"), ([-1, nil, -1], "unknown"), ([nil, 2], "clear"),
    ] as [([Int?], String)])
  func sortinoOfTheLastRuns(sortinos: [Int?], expected: String) throws {
    try connection.run("DELETE FROM corrparse.universe WHERE crypto <> 'SOLUSDC'")
    for (age, sortino) in sortinos.enumerated() {
      let value = sortino.map { ExactDecimal(coefficient: Int128($0), scale: 3) }
      try RunLog.run(
        "r\(9 - age)", start: Self.noon - .hours(Int64(age) + 1), for: .hours(3),
        // The best of them counts, and one without trades has no Sortino.
        records: [
          .strategy(gain: 20, sortino: -5), .strategy(gain: 20, sortino: value),
          .strategy(gain: 20, sortino: 9, also: [.nTrades: .integer(0)]),
        ].filter { sortino != nil || $0[.nTrades] != nil }
      ).store(connection)
    }
    // Neither a run of another DAG nor another crypto's counts.
    try RunLog.run(
      "x", of: "other", start: Self.noon, for: .hours(1), records: [.strategy(gain: 20, sortino: 9)]
    )
    .store(connection)
    try RunLog.run(
      "y", start: Self.noon, for: .hours(1), records: [.strategy("ETHUSDC", gain: 20, sortino: 9)]
    )
    .store(connection)
    #expect(try connection.condition("sortino_negative") == expected)
  }

  @Test func oneCryptoSufficesAndOneUnknownForbidsClear() throws {
    try connection.run("DELETE FROM corrparse.universe WHERE crypto NOT IN ('SOLUSDC', 'ADAUSDC')")
    for run in 1...3 {
      try RunLog.run(
        "r\(run)", start: Self.noon - .hours(Int64(10 - run)), for: .hours(1),
        records: [.strategy("SOLUSDC", gain: 20, sortino: run < 3 ? -1 : 0)]
      ).store(connection)
    }
    #expect(try connection.condition("sortino_negative") == "unknown")
    for run in 1...3 {
      try RunLog.run(
        "s\(run)", start: Self.noon - .hours(Int64(10 - run)), for: .hours(1),
        records: [.strategy("ADAUSDC", gain: 20, sortino: -1)]
      ).store(connection)
    }
    #expect(try connection.condition("sortino_negative") == "triggered")
    try connection.run("DELETE FROM corrparse.universe WHERE crypto = 'ADAUSDC'")
    #expect(try connection.condition("sortino_negative") == "clear")
    #expect(
      try connection.value(
        """
        SELECT substring(evidence FROM '; in no group.*') FROM diagnostics.global_state_conditions_at($1::timestamptz)
        WHERE condition = 'crypto_stale'
        """, [Self.noon.sqlText]) == "; in no group and not judged: ADAUSDC")
  }

  /// The worst decides, and every other one is listed, unknown ones last.
  @Test func conditionsTogether() throws {
    var world = World.healthy
    world.observations = []
    try world.store(connection)
    #expect(try connection.globalState() == "UNKNOWN infra_critical?")
    #expect(
      try connection.globalState(at: Self.noon + .days(4))
        == "ORANGE infra_critical? no_useful_strategy")
    try Supervision(connection).store(
      InfraObservation(observedAt: Self.noon + .days(20), origin: "x", podsDown: 1))
    let late = Self.noon + .days(20)
    #expect(
      try connection.globalState(at: late) == """
        RED infra_critical success_rate_critical? core_crypto_stale no_useful_strategy success_rate_low? crypto_stale
        """)
    let reasons = try connection.column(
      """
      SELECT r FROM diagnostics.global_state_at($1::timestamptz) AS s CROSS JOIN unnest(s.reasons) WITH ORDINALITY AS r (r, n)
      ORDER BY n
      """, [late.sqlText]
    ).map { $0?.split(separator: ":")[0] }
    #expect(
      reasons == [
        "RED infra_critical", "ORANGE core_crypto_stale", "ORANGE no_useful_strategy", "YELLOW crypto_stale",
        "unknown success_rate_critical", "unknown success_rate_low",
      ])
  }

  @Test func evidenceNamesRunsCryptosAndNumbers() throws {
    var world = World.healthy
    world.logs.append(
      .run(
        "r9", start: Self.noon - .hours(3), for: .hours(2), state: .failed,
        records: [.summary(passed: 0, of: 9)]))
    try world.store(connection)
    let evidence = try connection.column(
      "SELECT evidence FROM diagnostics.global_state_conditions_at($1::timestamptz)", [Self.noon.sqlText])
    let expected: [String] = [
      "oom_kills 0, pods_down 0, pvc_pct 50, cpu_pct 50; last seen 2026-03-28T11:30:00Z by prometheus",
      "92.31 %: 12 of 13 finished runs succeeded",
      "launch__backtesting: 6 of 6 in r3, 6 of 6 in r2, 6 of 6 in r1; "
        + "launch__discovery: 0 of 9 in r9, 6 of 6 in r3, 6 of 6 in r2; "
        + "launch__walkforward: 6 of 6 in r3, 6 of 6 in r2, 6 of 6 in r1; "
        + "all test DAGs: 0 of 9 in launch__discovery r9, 6 of 6 in launch__walkforward r3, 6 of 6 in launch__discovery r3",
      "BTCUSDC 0.21 d: last useful strategy 2026-03-28T07:00:00Z; ETHUSDC 0.21 d: last useful strategy 2026-03-28T07:00:00Z",
      "last useful strategy 2026-03-28T07:00:00Z",
      "92.31 %: 12 of 13 finished runs succeeded",
      World.cryptos.sorted().map { "\($0): 1 in r3, 1 in r3, 1 in r3" }.joined(separator: "; "),
      ["SOLUSDC", "ADAUSDC", "BONKUSDC", "XRPUSDC"].map {
        "\($0) 0.21 d: last useful strategy 2026-03-28T07:00:00Z"
      }.joined(separator: "; "),
    ]
    #expect(evidence == expected)
  }

  @Test func historyHasARowForEachChange() throws {
    let supervision = Supervision(connection)
    #expect(try supervision.noteState())
    #expect(try !supervision.noteState())
    let first = try connection.value("SELECT max(noted_at)::text FROM corrparse.global_state_history")
    let since: SQLText = "SELECT since::text FROM diagnostics.global_state_v1"
    #expect(try connection.value(since) == first)
    let now = try supervision.report().at
    try supervision.store(InfraObservation(observedAt: now, origin: "x", podsDown: 1))
    // Until it is noted, the new state is as old as the question.
    #expect(
      try connection.value("SELECT state || (since = now())::text FROM diagnostics.global_state_v1")
        == "REDtrue")
    #expect(try supervision.noteState())
    #expect(try supervision.report().since > now)
    #expect(
      try connection.column(
        "SELECT state || triggered::text || cardinality(unknown) FROM corrparse.global_state_history ORDER BY noted_at"
      )
        == ["UNKNOWN{}8", "RED{infra_critical}7"])
    // The past is as it was noted then.
    #expect(
      try connection.value(
        "SELECT state || (since = $1::timestamptz)::text FROM diagnostics.global_state_at($2::timestamptz)",
        [first, (now - .instant).sqlText]) == "UNKNOWNtrue")
  }

  @Test func sinceIsTheFirstOfTheRowsWithTheState() throws {
    try connection.run(
      """
      INSERT INTO corrparse.global_state_history (noted_at, state, triggered, unknown, reasons)
      SELECT t::timestamptz, s, '{}', ARRAY[t], '{}'
      FROM (VALUES ('2026-03-01Z', 'UNKNOWN'), ('2026-03-02Z', 'GREEN'), ('2026-03-03Z', 'UNKNOWN'), ('2026-03-04Z', 'UNKNOWN'))
        AS h (t, s)
      """)
    let since: SQLText = """
      SELECT to_char(since AT TIME ZONE 'UTC', 'MM-DD HH24') FROM diagnostics.global_state_at($1::timestamptz)
      """
    #expect(try connection.value(since, ["2026-03-05Z"]) == "03-03 00")
    #expect(try connection.value(since, ["2026-03-03Z"]) == "03-03 00")
    #expect(try connection.value(since, ["2026-03-02T12:00Z"]) == "03-02 12", "GREEN was noted, not this")
    #expect(try connection.value(since, ["2026-03-01T12:00Z"]) == "03-01 00")
    #expect(try connection.value(since, ["2026-02-01Z"]) == "02-01 00")
  }

  /// A page must not show a run that the state above it does not know of yet.
  @Test func whatIsReadWithTheStateIsOfItsSnapshot() throws {
    let (other, reader) = (try database.connect(), ReportReader(connection))
    let end = World.noon + .days(1)
    let (report, runs, verdicts) = try Supervision(connection).report(at: end) {
      (report) throws(DatabaseError) in
      do { try RunLog(records: [.strategy(gain: 20)]).store(other) } catch { Issue.record(error) }
      return try (
        report, reader.runs(until: end, limit: 9), reader.verdicts(from: World.noon - .days(1), to: end)
      )
    }
    #expect(report.signals.first { $0.signal == "model_freshness" && $0.scope == "SOLUSDC" }?.value == nil)
    #expect(runs == [])
    #expect(verdicts == [])
    #expect(try reader.runs(until: end, limit: 9).count == 1)
    #expect(try reader.verdicts(from: World.noon - .days(1), to: end).count == 1)
  }

  @Test func concurrentRunsNoteAChangeOnce() throws {
    let database = database
    let outcomes = Outcomes<Bool>()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      outcomes.add { try Supervision(database.connect()).noteState() }
    }
    #expect(try outcomes.values().count { $0 } == 1)
    #expect(try connection.value("SELECT count(*) FROM corrparse.global_state_history") == "1")
  }

  @Test func observationIsStoredOnce() throws {
    let supervision = Supervision(connection)
    var observation = InfraObservation.calm(at: Self.noon)
    #expect(try supervision.store(observation))
    observation.oomKills = 7
    #expect(try !supervision.store(observation))
    observation.origin = "other"
    #expect(try supervision.store(observation))
    #expect(
      try connection.column("SELECT oom_kills FROM corrparse.infra_observation ORDER BY 1") == ["0", "7"])
    for refused in [
      InfraObservation(observedAt: Self.noon, origin: "x"),
      InfraObservation(observedAt: Self.noon, origin: "", oomKills: 1),
      InfraObservation(observedAt: Self.noon, origin: "x", oomKills: -1),
      InfraObservation(observedAt: Self.noon, origin: "x", cpuPercent: 101),
    ] {
      let error = #expect(throws: DatabaseError.self) { try supervision.store(refused) }
      #expect(error?.category == .data)
    }
  }
}
