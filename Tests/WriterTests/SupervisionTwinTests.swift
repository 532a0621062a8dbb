import Diagnosis
import LogModel
import Testing

@testable import DiagnosticWriter

/// The database's functions against their twin on random worlds, at several instants of each.
@Suite struct SupervisionTwinTests {
  private static let universe = ["BTCUSDC": "btc-core", "ETHUSDC": "btc-core", "SOLUSDC": "defi"]

  /// The rate's counts stand in its reason.
  private static let signals: SQLText = """
    SELECT concat_ws(' ', signal, scope,
      CASE WHEN signal = 'pipeline_success_rate' THEN regexp_replace(substring(reason FROM '^\\d+ of \\d+'), ' of ', '/')
        WHEN signal IN ('pipeline_latency', 'model_freshness') THEN NULL ELSE value::text END,
      status)
    FROM diagnostics.golden_signals_at($1::timestamptz)
    """

  private static let conditions: SQLText = """
    SELECT condition || ' ' || status FROM diagnostics.global_state_conditions_at($1::timestamptz)
    UNION ALL SELECT state FROM diagnostics.global_state_at($1::timestamptz)
    """

  private static func instants(_ random: inout SplitMix) -> [LogTime] {
    [World.noon, World.noon - .hours(1)]
      + (0..<8).map { _ in World.noon - .minutes(Int64.random(in: -20_000...30_000, using: &random)) }
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func functionsAreTheTwin(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let world = Self.world(&random)
    let database = try TestDatabase.withWholeTaxonomy()
    let connection = try database.connect()
    try connection.run("DELETE FROM corrparse.universe WHERE crypto NOT IN ('BTCUSDC', 'ETHUSDC', 'SOLUSDC')")
    try World(logs: world.logs.shuffled(using: &random), observations: world.observations).store(connection)
    let instants = Self.instants(&random)
    // While every run is computed, and once all of them are stored.
    for isStored in [false, true] {
      if isStored { try RunDiagnoses(connection).refresh() }
      for at in instants {
        let twin = SupervisionTwin(world, universe: Self.universe, at: at)
        #expect(
          try connection.column(Self.signals, [at.sqlText]).compactMap(\.self).sorted() == twin.signals(),
          "at \(at), stored: \(isStored)")
        #expect(
          try connection.column(Self.conditions, [at.sqlText]).compactMap(\.self) == twin.conditions(),
          "at \(at), stored: \(isStored)")
      }
    }
  }

  /// The random worlds reach every state, every status of every signal and of every condition, or comparing would prove
  /// little.
  @Test func randomWorldsReachEverything() {
    var reached: Set<String> = []
    for seed in 1...10 as ClosedRange<UInt64> {
      var random = SplitMix(state: seed)
      let world = Self.world(&random)
      _ = world.logs.shuffled(using: &random)
      for at in Self.instants(&random) {
        let twin = SupervisionTwin(world, universe: Self.universe, at: at)
        for line in twin.signals() {
          let words = line.split(separator: " ")
          reached.insert("\(words[0]) \(words[words.count - 1])")
        }
        reached.formUnion(twin.conditions())
      }
    }
    let taxonomy = Taxonomy.current
    var expected = Set(
      taxonomy.signals.flatMap { signal in
        ["ok", "warning", "critical", "unknown"].map { "\(signal.name) \($0)" }
      })
    expected.formUnion(
      taxonomy.conditions.flatMap { condition in
        ["triggered", "clear", "unknown"].map { "\(condition.name) \($0)" }
      })
    expected.formUnion(["RED", "ORANGE", "YELLOW", "GREEN", "UNKNOWN"])
    // Nothing observes challengers.
    expected.subtract(["challenger_count ok", "challenger_count warning", "challenger_count critical"])
    #expect(expected.subtracting(reached).sorted() == [])
  }

  private static func world(_ random: inout SplitMix) -> World {
    var world = World()
    // Some worlds are calm, or nothing would ever be green.
    let isCalm = Bool.random(using: &random)
    for dag in World.testDAGs + ["launch__retrain"] {
      for index in 0..<Int.random(in: isCalm ? 3...9 : 0...9, using: &random) {
        let age: Int64 = random.pick(40, 90, 300, 1500, 1500, 3000, 9000, 9990, 10_080, 25_000)
        let start = World.noon - .minutes(age + random.pick(0, 1, 60))
        world.logs += run("run\(index)", dag, start, isCalm, &random)
      }
    }
    for age in [0, 20, 60, 61, 4000, 9000] as [Int64] where isCalm || Bool.random(using: &random) {
      world.observations.append(
        InfraObservation(
          observedAt: World.noon - .minutes(age), origin: "o",
          oomKills: random.pick(nil, 0, 0, isCalm ? 0 : 3, 1),
          podsDown: isCalm ? 0 : random.pick(nil, 0, 1), pvcPercent: random.pick(10, 85, isCalm ? 85 : 86),
          cpuPercent: random.pick(70, 71, 10)))
    }
    return world
  }

  private static func run(
    _ name: String, _ dag: String, _ start: LogTime, _ isCalm: Bool, _ random: inout SplitMix
  ) -> [RunLog] {
    let state: TaskOutcome.State =
      isCalm
      ? random.pick(.success, .success, .success, .success, .success, .success, .failed)
      : random.pick(
        .success, .success, .failed, .unknown, .upForRetry)
    return (0..<random.pick(1, 1, 2)).flatMap { map in
      (1...random.pick(1, 1, 2)).map { attempt in
        let begin = start + .minutes(Int64(attempt - 1) * 35)
        return RunLog(
          dag: dag, run: name, map: map, attempt: attempt, state: attempt == 1 ? state : .success,
          start: begin,
          end: begin + .minutes(random.pick(5, 9, 10, 10, 10, 13, 15, 25, 200)),
          records: (0..<Int.random(in: isCalm ? 2...5 : 0...3, using: &random)).map { _ in
            record(isCalm, &random)
          } + (isCalm || random.pick(true, false) ? [] : [.summary(passed: 0, of: 5)]),
          // The time of a run's name may be before the run.
          observed: random.pick(begin, begin, begin + .minutes(3), begin - .minutes(100)))
      }
    }
  }

  private static func record(_ isCalm: Bool, _ random: inout SplitMix) -> CorrelationRecord {
    switch Int.random(in: 0..<20, using: &random) {
    case 0, 1:
      return .summary(
        random.pick(nil, nil, "SOLUSDC"), passed: isCalm ? 2 : random.pick(nil, 0, 0, 0, 1),
        of: random.pick(nil, 5))
    case 2 where !isCalm:
      return .fields([.pvcPct: .decimal(random.pick(85, 99)), .oomKills: .integer(random.pick(2, 3))])
    default:
      let crypto = random.pick(nil, "BTCUSDC", "BTCUSDC", "ETHUSDC", "SOLUSDC", "DOGEUSDC")
      let screening: Int128 = random.pick(0, 15, 16, 30, 31)
      let deviation: Int128 = random.pick(0, 4, 5, 10, 11)
      var also: [FieldKey: FieldValue] = [
        .screeningF1Buy: .decimal(ExactDecimal(coefficient: screening, scale: 2)),
        .stdF1Buy: .decimal(ExactDecimal(coefficient: deviation, scale: 2)),
        .slPct: .decimal(random.pick(34, 35, 50, 51)), .timeoutPct: .decimal(random.pick(29, 30, 40, 41)),
      ]
      if random.pick(0, 1, 2, 3) == 0 { also[.nTrades] = .integer(random.pick(0, 7)) }
      let half = ExactDecimal(coefficient: 51, scale: 2)
      return .strategy(
        crypto, gain: random.pick(0, 5, 7, 14, 15, 20),
        sortino: isCalm ? half : random.pick(nil, -1, -2, -1, 0, half),
        gates: isCalm ? [true] : random.pick(nil, [true], [false], [true, false]), also: also)
    }
  }
}
