import Diagnosis
import LogModel

@testable import DiagnosticWriter

/// Logs and observations from which golden signals and global state are computed.
struct World: Sendable {
  var logs: [RunLog] = []
  var observations: [InfraObservation] = []
  /// In the order of time.
  var registries: [ModelObservation] = []

  /// The instant that samples are about: 2026-03-28T12:00:00Z, the day before clocks change in Europe.
  static let noon = LogTime(microseconds: 1_774_699_200_000_000)
  static let cryptos = ["BTCUSDC", "ETHUSDC", "SOLUSDC", "ADAUSDC", "BONKUSDC", "XRPUSDC"]
  static let testDAGs = ["launch__discovery", "launch__backtesting", "launch__walkforward"]

  func store(_ connection: Connection) throws {
    for log in logs { try log.store(connection) }
    for observation in observations { try Supervision(connection).store(observation) }
    for observation in registries {
      _ = try ModelRegistry(connection).store(origin: observation.origin, at: observation.observedAt) { _ in
        observation
      }
    }
  }

  /// A world in which nothing is wrong at noon: four runs of each test DAG, the last of which ended four hours before,
  /// every crypto with a useful strategy in each, and a calm platform half an hour before.
  static var healthy: World {
    var world = World()
    for dag in testDAGs {
      for day in 0..<4 as Range<Int64> {
        world.logs.append(
          .run(
            "r\(3 - day)", of: dag, start: noon - .hours(24 * day + 5), for: .hours(1),
            records: [.summary(passed: 6, of: 6)] + cryptos.map { .strategy($0, gain: 20, gates: [true]) }))
      }
    }
    world.observations = [.calm(at: noon - .minutes(30))]
    return world
  }
}

/// A span in microseconds.
struct Span: Sendable, Hashable {
  let microseconds: Int64

  static func minutes(_ minutes: Int64) -> Span { Span(microseconds: minutes * 60_000_000) }
  static func hours(_ hours: Int64) -> Span { Span(microseconds: hours * 3_600_000_000) }
  static func days(_ days: Int64) -> Span { .hours(24 * days) }
  static let instant = Span(microseconds: 1)
}

extension LogTime {
  static func + (left: LogTime, right: Span) -> LogTime {
    LogTime(microseconds: left.microseconds + right.microseconds)
  }

  static func - (left: LogTime, right: Span) -> LogTime {
    LogTime(microseconds: left.microseconds - right.microseconds)
  }
}

extension RunLog {
  /// A run of one task that logs its records when it begins.
  static func run(
    _ run: String, of dag: String = "launch__discovery", start: LogTime, for span: Span,
    state: TaskOutcome.State = .success, records: [CorrelationRecord] = []
  ) -> RunLog {
    RunLog(
      dag: dag, run: run, state: state, start: start, end: start + span, records: records, observed: start)
  }
}

extension InfraObservation {
  static func calm(at time: LogTime) -> InfraObservation {
    InfraObservation(
      observedAt: time, origin: "prometheus", oomKills: 0, podsDown: 0, pvcPercent: 50, cpuPercent: 50)
  }
}

extension Connection {
  /// The status of one condition.
  func condition(_ name: String, at time: LogTime = World.noon) throws -> String? {
    try value(
      "SELECT status FROM diagnostics.global_state_conditions_at($1::timestamptz) WHERE condition = $2",
      [time.sqlText, name])
  }

  /// The value, without trailing zeros, and the status of one signal.
  func signal(_ name: String, _ scope: String, at time: LogTime = World.noon) throws -> String? {
    try value(
      """
      SELECT concat_ws(' ', value, status) FROM diagnostics.golden_signals_at($1::timestamptz)
      WHERE signal = $2 AND scope = $3
      """, [time.sqlText, name, scope])
  }

  /// The state, and the names of what is triggered or unknown, with a question mark.
  func globalState(at time: LogTime = World.noon) throws -> String {
    try value(
      """
      SELECT s.state || coalesce((
        SELECT string_agg(' ' || c.condition || CASE c.status WHEN 'unknown' THEN '?' ELSE '' END, '' ORDER BY c.place)
        FROM diagnostics.global_state_conditions_at($1::timestamptz)
          WITH ORDINALITY AS c (condition, contributes, status, evidence, place)
        WHERE c.status <> 'clear'), '')
      FROM diagnostics.global_state_at($1::timestamptz) AS s
      """, [time.sqlText]) ?? ""
  }
}

/// Repeatable random numbers (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// One of several.
  mutating func pick<Value>(_ values: Value...) -> Value {
    values[Int.random(in: 0..<values.count, using: &self)]
  }
}
