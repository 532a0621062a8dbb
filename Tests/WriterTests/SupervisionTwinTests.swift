import Diagnosis
import Glibc
import LogModel
import Testing

@testable import DiagnosticWriter

/// The database's functions against their twin on random worlds, at several instants of each.
@Suite struct SupervisionTwinTests {
  /// The rate's counts stand in its reason.
  private static let signals: SQLText = """
    SELECT concat_ws(' ', signal, scope,
      CASE WHEN signal = 'pipeline_success_rate' THEN regexp_replace(substring(reason FROM '^\\d+ of \\d+'), ' of ', '/')
        WHEN signal = 'model_freshness' THEN NULL ELSE value::text END,
      status)
    FROM diagnostics.golden_signals_at($1::timestamptz)
    """

  private static let conditions: SQLText = """
    SELECT condition || ' ' || status FROM diagnostics.global_state_conditions_at($1::timestamptz)
    UNION ALL SELECT state FROM diagnostics.global_state_at($1::timestamptz)
    """

  /// What the views tell of runs, attempts, best strategies and records, without the keys that arrival gives.
  private static let views: SQLText = """
    SELECT to_jsonb(t)::text FROM diagnostics.run_diagnosis_v1 AS t
    UNION ALL SELECT to_jsonb(t)::text FROM diagnostics.best_strategy_v1 AS t
    UNION ALL SELECT to_jsonb(t)::text FROM diagnostics.task_attempt_v1 AS t
    UNION ALL SELECT to_jsonb(t)::text FROM diagnostics.verdict_v1 AS t
    ORDER BY 1
    """

  /// 500 by `make long WHAT=twin`.
  private static let count =
    unsafe getenv("CORRPARSE_TWIN_SCENARIOS").flatMap { unsafe UInt64(String(cString: $0)) } ?? 25

  @Test(arguments: 1...count as ClosedRange<UInt64>)
  func functionsAreTheTwin(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let scenario = RandomScenario(&random)
    let connections = try (0..<2).map { _ in
      let database = try TestDatabase.withWholeTaxonomy()
      return (database, try Self.stored(scenario, database, &random))
    }
    let connection = connections[0].1
    // While every run is computed, and once all of them are stored.
    for isStored in [false, true] {
      if isStored { try RunDiagnoses(connection).refresh() }
      for at in scenario.instants {
        let twin = SupervisionTwin(scenario.world, universe: scenario.universe, at: at)
        #expect(
          try connection.column(Self.signals, [at.sqlText]).compactMap(\.self).sorted() == twin.signals(),
          "at \(at), stored: \(isStored)")
        #expect(
          try connection.column(Self.conditions, [at.sqlText]).compactMap(\.self) == twin.conditions(),
          "at \(at), stored: \(isStored)")
      }
    }
    // The other database got the logs in another order.
    #expect(try connection.column(Self.views) == connections[1].1.column(Self.views))
  }

  private static func stored(
    _ scenario: RandomScenario, _ database: TestDatabase, _ random: inout SplitMix
  ) throws -> Connection {
    let connection = try database.connect()
    try connection.run("DELETE FROM corrparse.universe")
    for (crypto, group) in scenario.universe {
      try connection.query("INSERT INTO corrparse.universe VALUES ($1, $2)", [crypto, group])
    }
    var world = scenario.world
    world.logs.shuffle(using: &random)
    try world.store(connection)
    return connection
  }

  /// The random worlds reach every state, every status of every signal and of every condition, or comparing would prove
  /// little.
  @Test func randomWorldsReachEverything() {
    var reached: Set<String> = []
    for seed in 1...25 as ClosedRange<UInt64> {
      var random = SplitMix(state: seed)
      let scenario = RandomScenario(&random)
      for at in scenario.instants {
        let twin = SupervisionTwin(scenario.world, universe: scenario.universe, at: at)
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
    #expect(expected.subtracting(reached).sorted() == [])
  }
}
