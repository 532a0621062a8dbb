import Diagnosis
import LogModel
import Testing

@testable import DiagnosticWriter

/// Every golden signal just under, at and over its thresholds (3-classification, Golden signals).
@Suite struct GoldenSignalTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  private static let noon = World.noon

  private static func milli(_ thousandths: Int) -> FieldValue {
    .decimal(ExactDecimal(coefficient: Int128(thousandths), scale: 3))
  }

  /// The first thing that a new installation says once was "unknown of unknown in ;".
  @Test func aNewInstallationHasNoFinishedRun() throws {
    let signals: SQLText = """
      SELECT concat_ws(' ', scope, coalesce(value::text, 'null'), status, reason) FROM diagnostics.golden_signal_v1
      WHERE signal = 'pipeline_success_rate' ORDER BY 1
      """
    #expect(
      try connection.column(signals)
        == ["all", "launch__backtesting", "launch__discovery", "launch__walkforward"].map {
          "\($0) null unknown no finished run in 168 h"
        })
    let conditions: SQLText = """
      SELECT DISTINCT evidence FROM diagnostics.global_state_condition_v1
      WHERE condition IN ('success_rate_critical', 'success_rate_low')
      """
    #expect(try connection.column(conditions) == ["no finished run in 168 h"])
  }

  /// Values in thousandths.
  @Test(arguments: [
    (
      "f1_buy_delta_vs_baseline", FieldKey.f1Buy,
      [0: "critical", 1: "warning", 149: "warning", 150: "ok", 300: "ok"]
    ),
    (
      "screening_testing_gap", .screeningF1Buy,
      [-9: "ok", 150: "ok", 151: "warning", 300: "warning", 301: "critical"]
    ),
    ("std_f1_buy", .stdF1Buy, [0: "ok", 49: "ok", 50: "warning", 100: "warning", 101: "critical"]),
    ("sortino", .sortino, [-1: "critical", 0: "warning", 500: "warning", 501: "ok"]),
    ("sl_pct", .slPct, [34_999: "ok", 35_000: "warning", 50_000: "warning", 50_001: "critical"]),
    ("timeout_pct", .timeoutPct, [29_999: "ok", 30_000: "warning", 40_000: "warning", 40_001: "critical"]),
  ])
  func ofTheBestStrategy(signal: String, key: FieldKey, expected: [Int: String]) throws {
    for (index, thousandths) in expected.keys.enumerated() {
      let record = CorrelationRecord.strategy(
        gain: 7, sortino: 9, also: [.baselineF1Buy: .decimal(0), key: Self.milli(thousandths)])
      try RunLog.run("r\(index)", start: Self.noon + .hours(Int64(index)), for: .hours(1), records: [record])
        .store(connection)
    }
    for (index, (thousandths, status)) in expected.enumerated() {
      // The gain over the baseline is in points.
      let value = ExactDecimal(coefficient: Int128(thousandths), scale: key == .f1Buy ? 1 : 3)
      // Each run is the last one until the next begins.
      let end = Self.noon + .hours(Int64(index) + 1) - .instant
      #expect(try connection.signal(signal, "SOLUSDC", at: end) == "\(value) \(status)")
    }
    // A value that is absent is unknown, and that of an earlier run does not take its place.
    let later = Self.noon + .hours(20)
    try RunLog.run(
      "z", start: later, for: .hours(1), records: [.fields([.crypto: .text("SOLUSDC"), .tpPct: .decimal(1)])]
    )
    .store(connection)
    #expect(try connection.signal(signal, "SOLUSDC", at: later) == "unknown")
    #expect(try connection.signal(signal, "BTCUSDC", at: later) == "unknown")
  }

  /// Highest Sortino, then delta, then the first observed; absent last, without trades absent.
  @Test func bestStrategyIsChosenAsPage3Says() throws {
    let none: [FieldKey: FieldValue] = [.nTrades: .integer(0), .stdF1Buy: Self.milli(1)]
    let ranked: [CorrelationRecord] = [
      .strategy(gain: 1, sortino: 9, also: [.stdF1Buy: Self.milli(7)]),
      .strategy(gain: 9, sortino: 2, also: [.stdF1Buy: Self.milli(6)]),
      .strategy(gain: 8, sortino: 2, also: [.stdF1Buy: Self.milli(5)]),
      .strategy(gain: 8, sortino: 2, also: [.stdF1Buy: Self.milli(4)]),
      .strategy(
        gain: 8, sortino: 2,
        also: [.stdF1Buy: Self.milli(3), .f1Buy: .decimal(0), .baselineF1Buy: .decimal(1)]),
      .strategy(gain: 30, sortino: nil, also: [.stdF1Buy: Self.milli(2)]),
      .strategy(gain: 20, sortino: 99, also: none),
    ]
    for first in ranked.indices {
      // Two records that are equal but for their place stay in order, everything else comes in the opposite one.
      var records = Array(ranked[first...].reversed())
      if first <= 2, let earlier = records.firstIndex(of: ranked[2]),
        let later = records.firstIndex(of: ranked[3])
      {
        records.swapAt(earlier, later)
      }
      let start = Self.noon + .days(Int64(first))
      try RunLog.run("r\(first)", start: start, for: .hours(1), records: records).store(connection)
      #expect(
        try connection.signal("std_f1_buy", "SOLUSDC", at: start + .hours(1)) == "0.00\(7 - first) ok")
    }
  }

  @Test(arguments: [
    (
      InfraObservation(
        observedAt: noon, origin: "x", oomKills: 0, podsDown: 0, pvcPercent: 85, cpuPercent: 70), "ok"
    ),
    (
      InfraObservation(observedAt: noon, origin: "x", oomKills: 1, podsDown: 0, pvcPercent: 0, cpuPercent: 0),
      "warning"
    ),
    (
      InfraObservation(observedAt: noon, origin: "x", oomKills: 2, podsDown: 0, pvcPercent: 0, cpuPercent: 0),
      "warning"
    ),
    (
      InfraObservation(observedAt: noon, origin: "x", oomKills: 3, podsDown: 0, pvcPercent: 0, cpuPercent: 0),
      "critical"
    ),
    (
      InfraObservation(
        observedAt: noon, origin: "x", oomKills: 0, podsDown: 0, pvcPercent: 0, cpuPercent: 71), "warning"
    ),
    (
      InfraObservation(
        observedAt: noon, origin: "x", oomKills: 0, podsDown: 0, pvcPercent: 86, cpuPercent: 71), "critical"
    ),
    (
      InfraObservation(observedAt: noon, origin: "x", oomKills: 0, podsDown: 1, pvcPercent: 0, cpuPercent: 0),
      "critical"
    ),
    (InfraObservation(observedAt: noon, origin: "x", oomKills: 0, podsDown: 0, pvcPercent: 0), "unknown"),
    (InfraObservation(observedAt: noon, origin: "x", oomKills: 0, podsDown: 0, cpuPercent: 0), "unknown"),
    (InfraObservation(observedAt: noon, origin: "x", cpuPercent: 71), "warning"),
  ])
  func infraHealth(observation: InfraObservation, expected: String) throws {
    try Supervision(connection).store(observation)
    #expect(try connection.signal("infra_health", "platform") == expected)
  }

  /// Durations in minutes of the successful runs before the last one, then the last one's.
  @Test(arguments: [
    ([10, 10, 10, 10], 10, "600 unknown"), ([10, 10, 10, 10, 10], 13, "780 ok"),
    ([10, 10, 10, 10, 10], 14, "840 warning"), ([10, 10, 10, 10, 10], 20, "1200 warning"),
    ([10, 10, 10, 10, 10], 21, "1260 critical"), ([160, 160, 160, 160, 160], 180, "10800 ok"),
    ([160, 160, 160, 160, 160], 181, "10860 warning"), ([10, 10, 10, 10], 300, "18000 warning"),
    // p95 of 0, 10, … 50 lies three quarters of the way from 40 to 50: 47.5 minutes; 1.3 of it are 61.75.
    ([50, 20, 0, 40, 10, 30], 61, "3660 ok"), ([50, 20, 0, 40, 10, 30], 62, "3720 warning"),
    ([50, 20, 0, 40, 10, 30], 95, "5700 warning"), ([50, 20, 0, 40, 10, 30], 96, "5760 critical"),
  ])
  func latency(before: [Int], last: Int, expected: String) throws {
    for (index, minutes) in (before + [last]).enumerated() {
      try RunLog.run(
        "r\(index)", of: "any", start: Self.noon - .days(2) + .hours(Int64(index)),
        for: .minutes(Int64(minutes)),
        state: index == before.count ? .failed : .success
      ).store(connection)
    }
    // A run that hung before it failed is no measure.
    try RunLog.run("f", of: "any", start: Self.noon - .days(3), for: .hours(9), state: .failed).store(
      connection)
    // These are not finished, or not within 30 days.
    try RunLog.run("s", of: "any", start: Self.noon - .days(1), for: .hours(9), state: .unknown).store(
      connection)
    try RunLog.run("t", of: "any", start: Self.noon - .days(1), for: .hours(48)).store(connection)
    for index in 0..<9 as Range<Int64> {
      try RunLog.run("u\(index)", of: "any", start: Self.noon - .days(32 + index), for: .hours(47)).store(
        connection)
    }
    #expect(try connection.signal("pipeline_latency", "any") == expected)
    #expect(try connection.signal("pipeline_latency", "launch__discovery") == "unknown")
  }

  @Test func successRateIsOfEachDAGAndOfAll() throws {
    let states: [(String, TaskOutcome.State)] = [
      ("a", .success), ("a", .failed), ("a", .unknown), ("b", .skipped), ("b", .success), ("b", .upForRetry),
    ]
    for (index, (dag, state)) in states.enumerated() {
      try RunLog.run("r\(index)", of: dag, start: Self.noon - .hours(5), for: .hours(1), state: state).store(
        connection)
    }
    #expect(try connection.signal("pipeline_success_rate", "a") == "50 critical")
    #expect(try connection.signal("pipeline_success_rate", "b") == "100 ok")
    // Between 3 and 4 of 5.
    #expect(try connection.signal("pipeline_success_rate", "all") == "75 unknown")
    #expect(try connection.signal("pipeline_success_rate", "launch__discovery") == "unknown")
    // None is final before half an hour has passed.
    #expect(
      try connection.signal("pipeline_success_rate", "all", at: Self.noon - .minutes(210)) == "75 warning")
    #expect(
      try connection.signal("pipeline_success_rate", "all", at: Self.noon - .minutes(210) - .instant)
        == "unknown")
    // A DAG that nobody had heard of by then is not listed.
    #expect(try connection.signal("pipeline_success_rate", "a", at: Self.noon - .hours(6)) == nil)
  }

  @Test(arguments: [(7, 0, "7 ok"), (7, 1, "warning"), (14, 0, "14 warning"), (14, 1, "critical")])
  func freshness(days: Int64, microseconds: Int64, expected: String) throws {
    try RunLog.run("r", start: Self.noon, for: .hours(1), records: [.strategy(gain: 20)]).store(connection)
    let found = try connection.signal(
      "model_freshness", "SOLUSDC", at: Self.noon + .days(days) + Span(microseconds: microseconds))
    #expect(found?.hasSuffix(expected) == true, "\(found ?? "nothing")")
  }

  @Test func cryptoInNoGroupIsReportedAsSuch() throws {
    try RunLog.run(
      "r", start: Self.noon - .hours(1), for: .minutes(1), records: [.strategy("DOGEUSDC", gain: 20)]
    )
    .store(connection)
    let reasons = try connection.column(
      """
      SELECT concat_ws(' ', signal, status, reason) FROM diagnostics.golden_signals_at($1::timestamptz)
      WHERE scope = 'DOGEUSDC' ORDER BY signal LIMIT 3
      """, [Self.noon.sqlText])
    #expect(
      reasons == [
        "challenger_count unknown no observation of a model registry; in no group of the universe",
        "f1_buy_delta_vs_baseline ok of its best strategy in its last run launch__discovery r; in no group of the universe",
        "model_freshness ok last useful strategy 2026-03-28T11:00:00Z; in no group of the universe",
      ])
  }

  /// A worker's clock was wrong by a century. What it logged is not judged, and nobody has to wonder why.
  @Test func evidenceNamesWhatIsOfTheFuture() throws {
    let garbled = Self.noon + .days(36_525)
    var world = World.healthy
    world.logs.append(.run("late", start: garbled, for: .hours(1), records: [.strategy("SOLUSDC", gain: 20)]))
    world.observations.append(.calm(at: garbled + .hours(2)))
    try world.store(connection)
    let rows = try connection.column(
      """
      SELECT concat_ws(' ', signal, scope, substring(reason FROM '; [a-z]+ of the future.*')) FROM diagnostics.golden_signals_at($1::timestamptz)
      WHERE reason LIKE '%future%' ORDER BY signal COLLATE "C", scope COLLATE "C"
      """, [Self.noon.sqlText])
    let records = "SOLUSDC ; records of the future are passed over, the last of 2126-03-29T12:00:00Z"
    let attempts = "; attempts of the future are passed over, the last of 2126-03-29T12:00:00Z"
    #expect(
      rows == [
        "f1_buy_delta_vs_baseline \(records)",
        "infra_health platform ; observations of the future are passed over, the last of 2126-03-29T14:00:00Z",
        "model_freshness \(records)", "pipeline_latency launch__discovery \(attempts)",
        "pipeline_success_rate all \(attempts)", "pipeline_success_rate launch__discovery \(attempts)",
        "screening_testing_gap \(records)", "sl_pct \(records)", "sortino \(records)",
        "std_f1_buy \(records)",
        "timeout_pct \(records)",
      ])
    #expect(
      try connection.column(
        """
        SELECT condition FROM diagnostics.global_state_conditions_at($1::timestamptz) WHERE evidence LIKE '%future%' ORDER BY 1
        """, [Self.noon.sqlText]) == [
          "crypto_stale", "infra_critical", "success_rate_critical", "success_rate_low",
        ])
    // Whoever asks for a later instant is told of what has happened by then.
    #expect(
      try connection.value(
        "SELECT count(*) FROM diagnostics.golden_signals_at($1::timestamptz) WHERE reason LIKE '%future%'",
        [(garbled + .days(1)).sqlText]) == "0")
  }

  @Test func whatCameAfterAnInstantOfThePastIsNotOfTheFuture() throws {
    try World.healthy.store(connection)
    #expect(
      try connection.value(
        "SELECT count(*) FROM diagnostics.golden_signals_at($1::timestamptz) WHERE reason LIKE '%future%'",
        [(Self.noon - .days(2)).sqlText]) == "0")
  }

  /// A function that reads the session's settings would say something else here.
  @Test func sessionSettingsDoNotMatter() throws {
    try World.healthy.store(connection)
    let dump: SQLText = """
      SELECT s::text FROM diagnostics.golden_signals_at('2026-03-28T12:00:00Z') AS s
      UNION ALL SELECT c::text FROM diagnostics.global_state_conditions_at('2026-03-28T12:00:00Z') AS c
      UNION ALL SELECT g.state || g.reasons::text FROM diagnostics.global_state_at('2026-03-28T12:00:00Z') AS g
      """
    try connection.run("SET TimeZone = 'UTC'")
    let plain = try connection.column(dump)
    #expect(plain.count == 56 + 8 + 1)
    try connection.run(
      """
      CREATE SCHEMA trap; CREATE FUNCTION trap.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS $$ SELECT 'trap' $$;
      CREATE TABLE trap.record (x int);
      SET search_path = trap, pg_catalog; SET DateStyle = 'SQL, DMY'; SET IntervalStyle = 'iso_8601'
      """)
    try connection.run("SET ROLE corrparse_reader")
    #expect(try connection.column(dump).map { $0?.contains("trap") } == plain.map { _ in false })
    try connection.run("RESET ROLE; SET TimeZone = 'America/New_York'; SET DateStyle = 'ISO'")
    let values: SQLText = """
      SELECT concat_ws('|', signal, scope, value, status, reason) FROM diagnostics.golden_signals_at('2026-03-28T12:00:00Z')
      """
    let elsewhere = try connection.column(values)
    try connection.run("SET TimeZone = 'UTC'")
    #expect(try connection.column(values) == elsewhere)
  }
}
