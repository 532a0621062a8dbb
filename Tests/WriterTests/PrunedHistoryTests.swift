import Diagnosis
import LogModel
import Testing

@testable import DiagnosticWriter

/// `prune` removes nothing that the present is judged by (`docs/specification/3-classification.md`, last lines).
@Suite struct PrunedHistoryTests {
  let database: TestDatabase
  let connection: Connection
  /// The server's present; samples are about times before it.
  let now: LogTime

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
    let microseconds = try connection.value("SELECT (extract(epoch FROM now()) * 1000000)::bigint")
    now = LogTime(microseconds: try #require(microseconds.flatMap { Int64($0) }))
  }

  /// All that signals and state say at the present, a line for each.
  private func present() throws -> [String?] {
    try connection.column(
      """
      SELECT concat_ws(' ', s) FROM diagnostics.golden_signals_at($1::timestamptz) AS s
      UNION ALL SELECT concat_ws(' ', c) FROM diagnostics.global_state_conditions_at($1::timestamptz) AS c
      UNION ALL SELECT concat_ws(' ', s.state, s.reasons) FROM diagnostics.global_state_at($1::timestamptz) AS s
      ORDER BY 1
      """, [now.sqlText])
  }

  private func runs() throws -> [String?] {
    try connection.column("SELECT DISTINCT run_id FROM corrparse.source ORDER BY 1")
  }

  private func run(
    _ name: String, of dag: String = "launch__discovery", days: Int64, state: TaskOutcome.State = .success,
    _ records: [CorrelationRecord]
  ) -> RunLog {
    .run(name, of: dag, start: now - .days(days), for: .hours(1), state: state, records: records)
  }

  /// A crypto whose only useful strategy is 40 days old, and whose last run was not useful, has been stale for 40 days: not only since
  /// that last run.
  @Test func staleCryptoStaysAsStaleAsItWas() throws {
    try run("b1", days: 400, [.strategy("BTCUSDC", gain: 1, gates: [false])]).store(connection)
    try run("useful", days: 100, [.strategy("BTCUSDC", gain: 20, gates: [true])]).store(connection)
    for days in [90, 80, 70, 60, 12] as [Int64] {
      try run("r\(days)", days: days, [.strategy("BTCUSDC", gain: 1, gates: [false])]).store(connection)
    }
    #expect(try connection.condition("core_crypto_stale", at: now) == "triggered")
    #expect(try connection.signal("model_freshness", "BTCUSDC", at: now) == "100 critical")
    let before = try present()
    #expect(try Pruner(connection).run(before: now - .days(50)).sources == 2)
    #expect(try runs() == ["b1", "r12", "r60", "r70", "useful"])
    #expect(try present() == before)
  }

  /// Three old runs in which nothing passed, or whose Sortino was negative, keep their conditions triggered.
  @Test func lastRunsKeepTheirConditionsTriggered() throws {
    for days in [80, 70, 60, 50] as [Int64] {
      try run("r\(days)", days: days, [.strategy("BTCUSDC", gain: 1, sortino: -1, gates: [false])])
        .store(connection)
    }
    #expect(try connection.condition("no_passing_candidates", at: now) == "triggered")
    #expect(try connection.condition("sortino_negative", at: now) == "triggered")
    let before = try present()
    let plan = try Pruner(connection).plan(before: now - .days(40))
    #expect(plan.isEmpty)
    #expect(try Pruner(connection).run(before: now - .days(40)) == plan)
    #expect(try present() == before)
  }

  /// An unfinished run is one of the last three, but not one of the last three that are finished.
  @Test func unfinishedRunsDoNotPushFinishedOnesOut() throws {
    for days in [90, 80, 70, 60] as [Int64] {
      try run("f\(days)", days: days, [.summary(passed: 0, of: 5)]).store(connection)
    }
    for days in [55, 54, 53, 52] as [Int64] {
      try run("u\(days)", days: days, state: .unknown, []).store(connection)
    }
    let before = try present()
    #expect(try Pruner(connection).run(before: now - .days(40)).sources == 2)
    #expect(try runs() == ["f60", "f70", "f80", "u52", "u53", "u54"])
    #expect(try present() == before)
  }

  /// A DAG that tests nothing is listed among the signals as long as one of its runs is there.
  @Test func otherDAGsKeepTheirLastRun() throws {
    for days in [90, 80, 70] as [Int64] {
      try run("t\(days)", of: "launch__retrain", days: days, []).store(connection)
    }
    let before = try present()
    #expect(try Pruner(connection).run(before: now - .days(40)).sources == 2)
    #expect(try runs() == ["t70"])
    #expect(try present() == before)
  }

  /// The hour that infra_health looks at, whatever is asked.
  @Test func observationsOfTheLastHourStay() throws {
    for minutes in [1, 50, 70] as [Int64] {
      try Supervision(connection).store(.calm(at: now - .minutes(minutes)))
    }
    #expect(try Pruner(connection).run(before: now).observations == 1)
    #expect(try connection.value("SELECT count(*) FROM corrparse.infra_observation") == "2")
  }

  /// The last observation of a registry stays, and so does who was champion: a former one would be taken for a challenger.
  @Test func whoWasChampionIsRemembered() throws {
    let model = ObservedModel(name: "m", createdAt: now - .days(200), cryptos: ["BTCUSDC"])
    func observe(_ days: Int64, _ roles: [ModelRole]) throws {
      let time = now - .days(days)
      let versions = roles.enumerated().map { index, role in
        ObservedModelVersion(
          ModelVersionIdentity(model: "m", version: Int64(index) + 1, createdAt: now - .days(190)),
          crypto: "BTCUSDC", role: role, reason: role.rawValue)
      }
      _ = try ModelRegistry(connection).store(origin: "mlflow h", at: time) { _ in
        ModelObservation(
          origin: "mlflow h", beganAt: time, observedAt: time, models: [model], versions: versions)
      }
    }
    try observe(120, [.champion, .challenger])
    try observe(110, [.former, .champion])
    try observe(100, [.champion, .former])
    let shown: SQLText = "SELECT version || ' ' || role FROM diagnostics.model_version_v1 ORDER BY version"
    #expect(try Pruner(connection).plan(before: now - .days(40)).registries == 2)
    #expect(try Pruner(connection).run(before: now - .days(40)).registries == 2)
    #expect(try connection.column(shown) == ["1 champion", "2 former"])
    #expect(
      try connection.column(
        "SELECT version || ' ' || role FROM corrparse.model_version ORDER BY version, seen_at")
        == ["1 champion", "1 champion", "2 champion", "2 former"])
    let past = try #require(
      ModelRegistry(connection).store(origin: "mlflow h", at: now, isDryRun: true) { memory in
        #expect(Set(memory.champions.map(\.identity.version)) == [1, 2])
        #expect(memory.previousBeganAt == now - .days(100))
        return ModelObservation(origin: "mlflow h", beganAt: now, observedAt: now)
      })
    #expect(past.versions.isEmpty)
    #expect(try Pruner(connection).plan(before: now - .days(40)).isEmpty)
  }

  /// Random histories of up to 300 days: what is left gives the same signals, conditions and state, and pruning again removes nothing.
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func presentIsTheSameBeforeAndAfter(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    for log in history(&random).shuffled(using: &random) { try log.store(connection) }
    for days in [0, 20, 45] as [Int64] {
      try Supervision(connection).store(.calm(at: now - .days(days) - .minutes(10)))
    }
    try RunDiagnoses(connection).refresh()
    let before = try present()
    let limit = now - .days(random.pick(38, 40, 60, 100))
    let plan = try Pruner(connection).plan(before: limit)
    // Every history has something to remove, and something old that stays.
    #expect(plan.sources > 0)
    #expect(try Pruner(connection, batchSize: 7).run(before: limit) == plan)
    #expect(
      try connection.value(
        "SELECT count(*) > 0 FROM corrparse.record WHERE observed_at < $1::timestamptz", [limit.sqlText])
        == "t")
    #expect(try present() == before)
    #expect(try Pruner(connection).plan(before: limit).isEmpty)
  }

  /// Runs of all kinds; their tasks may have been cleared days later, and some cryptos come up once only.
  private func history(_ random: inout SplitMix) -> [RunLog] {
    (0..<40).flatMap { index -> [RunLog] in
      let age = Int64.random(in: 0...300, using: &random) + (Bool.random(using: &random) ? 40 : 0)
      let dag = random.pick(
        World.testDAGs[0], World.testDAGs[0], World.testDAGs[1], World.testDAGs[2], "launch__retrain")
      return (0..<random.pick(1, 1, 2)).flatMap { map in
        (1...random.pick(1, 1, 2)).map { attempt in
          let start = now - .days(age) - .hours(3) + .hours(Int64(attempt))
          return RunLog(
            dag: dag, run: "run\(index)", map: map, attempt: attempt,
            state: random.pick(.success, .success, .success, .failed, .unknown), start: start,
            end: start + .minutes(random.pick(5, 20, 90)),
            records: (0..<Int.random(in: 0...3, using: &random)).map { _ in Self.record(index, &random) },
            observed: random.pick(start, start, start - .minutes(100)))
        }
      }
    }
  }

  private static func record(_ run: Int, _ random: inout SplitMix) -> CorrelationRecord {
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      return .summary(random.pick(nil, "SOLUSDC"), passed: random.pick(nil, 0, 0, 1), of: random.pick(nil, 5))
    default:
      return .strategy(
        random.pick(nil, "BTCUSDC", "BTCUSDC", "ETHUSDC", "SOLUSDC", "DOGE\(run)"),
        gain: random.pick(0, 0, 3, 20),
        sortino: random.pick(nil, -1, -1, 1), gates: random.pick(nil, [true], [false], [false]))
    }
  }
}
