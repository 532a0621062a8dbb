import Diagnosis
import LogModel
import Testing

@testable import DiagnosticWriter

/// Every condition of the global state just under, at and over its threshold, alone and together, and at
/// instants in the past (3-classification, Global state).
@Suite struct GlobalStateTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  private static let noon = World.noon

  @Test func nothingKnownIsUnknown() throws {
    #expect(
      try connection.globalState() == """
        UNKNOWN infra_critical? success_rate_critical? no_passing_candidates? core_crypto_stale? no_useful_strategy? \
        success_rate_low? sortino_negative? crypto_stale?
        """)
    let statuses = try connection.column(
      "SELECT DISTINCT status FROM diagnostics.golden_signals_at(now())")
    #expect(statuses == ["unknown"])
    #expect(try connection.value("SELECT count(*) FROM diagnostics.golden_signal_v1") == "56")
  }

  @Test func nothingWrongIsGreen() throws {
    try World.healthy.store(connection)
    #expect(try connection.globalState() == "GREEN")
    #expect(
      try connection.value(
        "SELECT cardinality(reasons) FROM diagnostics.global_state_at($1::timestamptz)", [Self.noon.sqlText])
        == "0")
    // The same instant before any of it: nothing had happened yet.
    #expect(try connection.globalState(at: Self.noon - .days(5)).hasPrefix("UNKNOWN infra_critical? success"))
  }

  @Test(arguments: [
    (InfraObservation(observedAt: noon, origin: "x", oomKills: 2, podsDown: 0, pvcPercent: 85), "clear"),
    (InfraObservation(observedAt: noon, origin: "x", oomKills: 3, podsDown: 0, pvcPercent: 85), "triggered"),
    (
      InfraObservation(
        observedAt: noon, origin: "x", oomKills: 0, podsDown: 0,
        pvcPercent: ExactDecimal(coefficient: 85_000_001, scale: 6)), "triggered"
    ),
    (InfraObservation(observedAt: noon, origin: "x", oomKills: 0, podsDown: 1, pvcPercent: 0), "triggered"),
    (
      InfraObservation(
        observedAt: noon, origin: "x", oomKills: 0, podsDown: 0, pvcPercent: 0, cpuPercent: 100), "clear"
    ),
    // What is not observed could be critical; what is critical is so without it.
    (InfraObservation(observedAt: noon, origin: "x", oomKills: 0, podsDown: 0), "unknown"),
    (InfraObservation(observedAt: noon, origin: "x", cpuPercent: 10), "unknown"),
    (InfraObservation(observedAt: noon, origin: "x", oomKills: 3), "triggered"),
  ])
  func infra(observation: InfraObservation, expected: String) throws {
    try Supervision(connection).store(observation)
    #expect(try connection.condition("infra_critical") == expected)
    #expect(try connection.condition("infra_critical", at: Self.noon + .hours(1)) == expected)
    #expect(try connection.condition("infra_critical", at: Self.noon + .hours(1) + .instant) == "unknown")
    #expect(try connection.condition("infra_critical", at: Self.noon - .instant) == "unknown")
  }

  @Test func blocksAreObservationsToo() throws {
    var world = World()
    world.observations = [.calm(at: Self.noon - .minutes(30))]
    world.logs = [
      .run(
        "r", of: "x", start: Self.noon, for: .hours(1),
        records: [.fields([.pvcPct: .decimal(99)]), .fields([.cpuPct: .decimal(10)])])
    ]
    try world.store(connection)
    #expect(try connection.condition("infra_critical", at: Self.noon - .instant) == "clear")
    // A block with the CPU alone does not hide what the one before it saw.
    #expect(try connection.condition("infra_critical", at: Self.noon + .minutes(30)) == "triggered")
    #expect(
      try connection.value(
        "SELECT reason FROM diagnostics.golden_signals_at($1::timestamptz) WHERE signal = 'infra_health'",
        [(Self.noon + .minutes(30)).sqlText]) == """
          oom_kills 0 by prometheus, pods_down 0 by prometheus, pvc_pct 99 by blocks of x, cpu_pct 50 by prometheus; \
          last seen 2026-03-28T12:00:00Z
          """)
  }

  @Test(arguments: [
    (7, 3, 0, "YELLOW success_rate_low"), (9, 1, 0, "YELLOW success_rate_low"), (10, 1, 0, "GREEN"),
    (69, 30, 0, "ORANGE success_rate_critical"), (1, 9, 1, "ORANGE success_rate_critical"),
    (0, 0, 2, "UNKNOWN success_rate_critical? success_rate_low?"),
    // Runs of unknown outcome may all have failed or all have succeeded.
    (2, 1, 9, "UNKNOWN success_rate_critical? success_rate_low?"),
    (1, 0, 9, "UNKNOWN success_rate_critical? success_rate_low?"), (9, 1, 1, "UNKNOWN success_rate_low?"),
    (8, 2, 1, "YELLOW success_rate_low"), (20, 0, 1, "GREEN"),
  ])
  func successRate(successful: Int, failed: Int, unknown: Int, expected: String) throws {
    var world = World.healthy
    // Those of the test DAGs are moved out of the seven days, where strategies have not become stale.
    for index in world.logs.indices { world.logs[index].end = Self.noon - .days(7) - .instant }
    for index in 0..<(successful + failed + unknown) {
      world.logs.append(
        .run(
          "o\(index)", of: "other", start: Self.noon - .days(7) - .hours(1), for: .hours(1),
          state: index < successful ? .success : index < successful + failed ? .failed : .unknown))
    }
    try world.store(connection)
    #expect(try connection.globalState() == expected)
    #expect(
      try connection.condition("success_rate_critical", at: Self.noon + .instant) == "unknown",
      "a window too late")
  }

  @Test(
    arguments: [
      ([0, 0, 0], "triggered"), ([0, 0], "unknown"), ([], "unknown"), ([0, 0, 0, 5], "triggered"),
      ([0, 0, 5], "clear"), ([1, 0, 0], "clear"), ([3], "clear"), ([nil, 0, 0, 0], "unknown"),
      ([0, nil, 4], "clear"),
    ] as [([Int64?], String)])
  func candidatesOfTheLastFinishedRuns(passed: [Int64?], expected: String) throws {
    for dag in World.testDAGs.dropFirst() {
      try RunLog.run(
        "r", of: dag, start: Self.noon - .days(1), for: .hours(1), records: [.summary(passed: 1, of: 2)]
      ).store(connection)
    }
    for (age, count) in passed.enumerated() {
      try RunLog.run(
        "r\(9 - age)", start: Self.noon - .hours(Int64(age) * 10 + 2), for: .hours(1),
        records: [.summary(passed: count, of: 20)]
      ).store(connection)
    }
    // Neither of these has finished: one is to be retried, one has just ended, one ends later.
    let ends: [LogTime] = [Self.noon - .hours(1), Self.noon - .minutes(24), Self.noon + .hours(1)]
    for (index, end) in ends.enumerated() {
      var log = RunLog.run(
        "s\(index)", start: Self.noon - .minutes(90), for: .hours(1), records: [.summary(passed: 7, of: 20)])
      log.end = end
      if index == 0 { log.state = .upForRetry }
      try log.store(connection)
    }
    #expect(try connection.condition("no_passing_candidates") == expected)
  }

  @Test func candidatesWithoutASummaryAreStrategiesThatPassedTheirGates() throws {
    var world = World()
    for (index, dag) in (World.testDAGs + Array(repeating: World.testDAGs[0], count: 2)).enumerated() {
      world.logs.append(
        .run(
          "r\(index)", of: dag, start: Self.noon - .days(1) + .hours(Int64(index)), for: .minutes(30),
          records: [.strategy(gain: 20, gates: dag == World.testDAGs[0] ? [false, true] : [true])]))
    }
    try world.store(connection)
    #expect(try connection.condition("no_passing_candidates") == "triggered")
    // A later attempt of one of the tasks passes.
    var again = world.logs[0]
    again.attempt = 2
    again.start = Self.noon
    again.end = Self.noon
    again.observed = Self.noon
    again.records = [.strategy(gain: 20, gates: [true])]
    try again.store(connection)
    #expect(try connection.condition("no_passing_candidates", at: Self.noon - .instant) == "triggered")
    #expect(try connection.condition("no_passing_candidates", at: Self.noon + .hours(1)) == "clear")
  }

  @Test(arguments: [
    (Span.days(3), "clear clear clear"), (.days(3), "clear clear clear"),
    (Span(microseconds: Span.days(3).microseconds + 1), "triggered clear clear"),
    (.days(7), "triggered clear clear"),
    (Span(microseconds: Span.days(7).microseconds + 1), "triggered triggered clear"),
    (.days(14), "triggered triggered clear"),
    (Span(microseconds: Span.days(14).microseconds + 1), "triggered triggered triggered"),
  ])
  func staleness(age: Span, expected: String) throws {
    // Across the night in which clocks change in Europe, which is no shorter for it.
    try connection.run("SET TimeZone = 'Europe/Paris'")
    try RunLog.run(
      "r", start: Self.noon, for: .hours(1),
      records: World.cryptos.map { .strategy($0, gain: 7, gates: [true]) }
    ).store(connection)
    // The last of the cryptos was observed some microseconds later, the first at noon; all within the one of BTCUSDC.
    let at = Self.noon + age
    let found = try ["no_useful_strategy", "crypto_stale", "core_crypto_stale"].map { name in
      // The universe is as old as its freshest crypto, a group as its stalest.
      let last: Int64 = name == "no_useful_strategy" ? 5 : name == "crypto_stale" ? 2 : 0
      return try connection.condition(name, at: at + Span(microseconds: last)) ?? "-"
    }
    #expect(found.joined(separator: " ") == expected)
  }

  @Test(arguments: [
    // Useless, and rejected: never useful, so as old as the first record.
    (CorrelationRecord.strategy("BTCUSDC", gain: 0, gates: [true]), false),
    (.strategy("BTCUSDC", gain: 20, gates: [true, false]), false), (.strategy("BTCUSDC", gain: 5), false),
    (.strategy("BTCUSDC", gain: 20, sortino: -1), false),
    (.strategy("BTCUSDC", gain: 20, sortino: nil), false),
    (.strategy("BTCUSDC", gain: 20, also: [.nTrades: .integer(0)]), false),
    (.strategy("BTCUSDC", gain: 20, also: [.stdF1Buy: .decimal(1)]), false),
    (.strategy("BTCUSDC", gain: 20, also: [.screeningF1Buy: .decimal(1)]), false),
    (.strategy("BTCUSDC", gain: 6), true), (.strategy("BTCUSDC", gain: 20, sortino: 0), true),
    (.strategy("BTCUSDC", gain: 20, sortino: -1, gates: [true]), true),
  ])
  func whatIsUseful(record: CorrelationRecord, isUseful: Bool) throws {
    try RunLog.run("r1", start: Self.noon, for: .hours(1), records: [.strategy("BTCUSDC", gain: 0)]).store(
      connection)
    try RunLog.run("r2", start: Self.noon + .days(10), for: .hours(1), records: [record]).store(connection)
    #expect(
      try connection.signal("model_freshness", "BTCUSDC", at: Self.noon + .days(15))
        == (isUseful ? "5 ok" : "15 critical"))
    // Until there was anything, nothing is known; a later attempt takes the place of this one.
    #expect(try connection.signal("model_freshness", "BTCUSDC", at: Self.noon - .instant) == "unknown")
    var again = RunLog.run("r2", start: Self.noon + .days(14), for: .hours(1))
    again.attempt = 2
    try again.store(connection)
    #expect(try connection.signal("model_freshness", "BTCUSDC", at: Self.noon + .days(15)) == "15 critical")
    #expect(
      try connection.signal("model_freshness", "BTCUSDC", at: Self.noon + .days(14) - .instant)?.hasSuffix(
        "ok")
        == isUseful)
  }
}
