import Diagnosis
import LogModel

@testable import DiagnosticWriter

/// A made-up world, its universe, and the instants at which it is looked at.
struct RandomScenario {
  let world: World
  let universe: [String: String]
  let instants: [LogTime]

  init(_ random: inout SplitMix) {
    var maker = Maker(isCalm: random.pick(true, false), random: random)
    var world = maker.world()
    world.registries = Self.registries(random)
    self.world = world
    universe = maker.universe()
    instants = maker.instants(of: world)
    random = maker.random
  }
}

extension RandomScenario {
  private struct Maker {
    /// Some worlds are calm, or nothing would ever be green.
    let isCalm: Bool
    var random: SplitMix

    mutating func universe() -> [String: String] {
      let whole = ["BTCUSDC": "btc-core", "ETHUSDC": "btc-core", "SOLUSDC": "defi"]
      return random.pick(
        whole, whole, whole, whole.merging(["XRPUSDC": "defi"]) { $1 }, ["BTCUSDC": "btc-core"],
        ["SOLUSDC": "defi"], isCalm ? whole : [:])
    }

    /// Noon, a few random ones, and those at which an attempt begins, ends or changes its state.
    mutating func instants(of world: World) -> [LogTime] {
      var instants = [World.noon, World.noon - .hours(1)]
      for _ in 0..<3 as Range<Int> {
        instants.append(World.noon - .minutes(Int64.random(in: -20_000...30_000, using: &random)))
      }
      for _ in 0..<5 as Range<Int> {
        guard let log = world.logs.randomElement(using: &random), let start = log.start, let end = log.end
        else { continue }
        let event = random.pick(
          start, end, end + .minutes(30), end + .hours(1), end + .hours(24), end + .days(7), end + .days(30))
        instants.append(random.pick(event, event, event - .instant, event + .instant))
      }
      return instants
    }

    mutating func world() -> World {
      var world = World()
      for dag in World.testDAGs.prefix(random.pick(1, 3, 3)) + ["launch__retrain"] {
        for index in 0..<Int.random(in: isCalm ? 3...8 : 0...7, using: &random) {
          let age: Int64 = random.pick(40, 90, 300, 1500, 1500, 3000, 9000, 9990, 10_080, 25_000)
          let start = World.noon - .minutes(age + random.pick(0, 1, 60))
          world.logs += run("run\(index)", dag, start)
        }
      }
      for age in [0, 20, 60, 61, 4000, 9000] as [Int64] where isCalm || random.pick(true, false) {
        for origin in ["o", "p"].prefix(random.pick(1, 1, 2)) {
          world.observations.append(
            InfraObservation(
              observedAt: World.noon - .minutes(age), origin: origin,
              oomKills: random.pick(nil, 0, 0, isCalm ? 0 : 3, 1),
              podsDown: isCalm ? 0 : random.pick(nil, 0, 1),
              pvcPercent: random.pick(10, 85, isCalm ? 85 : 86),
              cpuPercent: random.pick(70, 71, 10)))
        }
      }
      return world
    }

    private mutating func run(_ name: String, _ dag: String, _ start: LogTime) -> [RunLog] {
      let state: TaskOutcome.State =
        isCalm
        ? random.pick(.success, .success, .success, .success, .success, .success, .failed)
        : random.pick(.success, .success, .failed, .unknown, .upForRetry, .deferred, .skipped)
      var logs: [RunLog] = []
      for map in 0..<random.pick(1, 1, 2) {
        var begin = start
        for attempt in 1...random.pick(1, 1, 2) {
          let end = begin + .minutes(random.pick(5, 9, 10, 10, 10, 13, 15, 25, 200))
          logs.append(
            log(name, dag, map, attempt, attempt == 1 ? state : random.pick(.success, state), begin, end))
          begin =
            isCalm
            ? begin + .minutes(35)
            : end + random.pick(.minutes(1), .minutes(25), .hours(6), .hours(6) + .instant, .days(2))
        }
      }
      return logs
    }

    private mutating func log(
      _ run: String, _ dag: String, _ map: Int, _ attempt: Int, _ state: TaskOutcome.State, _ start: LogTime,
      _ end: LogTime
    ) -> RunLog {
      var records: [CorrelationRecord] = []
      for _ in 0..<Int.random(in: isCalm ? 2...5 : 0...3, using: &random) { records.append(record()) }
      if !isCalm, random.pick(true, false) { records.append(.summary(passed: 0, of: random.pick(5, 5, 0))) }
      let hasTimes = isCalm || random.pick(1, 2, 3, 4, 5, 6, 7, 8, 9) > 1
      return RunLog(
        dag: dag, run: run, map: map, attempt: attempt, state: state, start: hasTimes ? start : nil,
        end: hasTimes ? end : nil, records: records,
        reading: isCalm || Int.random(in: 0..<10, using: &random) > 0
          ? .complete : random.pick(.truncated, .corrupt),
        // The time of a run's name may be before the run.
        observed: random.pick(start, start, start + .minutes(3), start - .minutes(100)))
    }

    private mutating func record() -> CorrelationRecord {
      switch Int.random(in: 0..<20, using: &random) {
      case 0, 1:
        return .summary(
          random.pick(nil, nil, "SOLUSDC"), passed: isCalm ? 2 : random.pick(nil, 0, 0, 0, 1),
          of: random.pick(nil, 5))
      case 2 where !isCalm:
        return .fields([.pvcPct: .decimal(random.pick(85, 99)), .oomKills: .integer(random.pick(2, 3))])
      case 3 where isCalm:
        return .fields([.cpuPct: .decimal(60)])
      default:
        return strategy()
      }
    }

    private mutating func strategy() -> CorrelationRecord {
      let crypto = random.pick(nil, "BTCUSDC", "BTCUSDC", "ETHUSDC", "SOLUSDC", "DOGEUSDC")
      let screening: Int128 = random.pick(0, 15, 16, 30, 31)
      let deviation: Int128 = random.pick(0, 4, 5, 10, 11)
      var also: [FieldKey: FieldValue] = [
        .screeningF1Buy: .decimal(ExactDecimal(coefficient: screening, scale: 2)),
        .stdF1Buy: .decimal(ExactDecimal(coefficient: deviation, scale: 2)),
        .slPct: .decimal(random.pick(34, 35, 50, 51)), .timeoutPct: .decimal(random.pick(29, 30, 40, 41)),
      ]
      if random.pick(0, 1, 2, 3) == 0 { also[.nTrades] = .integer(random.pick(0, 7)) }
      if random.pick(0, 1, 2, 3, 4) == 0 {
        also[.phase] = .text(random.pick("screening", "screening", "testing"))
      }
      let half = ExactDecimal(coefficient: 51, scale: 2)
      var record = CorrelationRecord.strategy(
        crypto, gain: random.pick(0, 5, 7, 14, 15, 20),
        sortino: isCalm ? half : random.pick(nil, -1, -2, -1, 0, half),
        gates: isCalm ? [true] : random.pick(nil, [true], [false], [true, false]), also: also)
      if !isCalm, random.pick(0, 1, 2, 3, 4, 5) == 0 {
        let kind: IssueKind = random.pick(.missingValue, .incompleteBlock, .blockTooLong, .damagedSource)
        record.issues = [
          GrammarIssue(kind: kind, key: kind == .missingValue ? "gates" : nil, line: 1, offset: 0)
        ]
      }
      return record
    }
  }
}

extension Span {
  fileprivate static func + (left: Span, right: Span) -> Span {
    Span(microseconds: left.microseconds + right.microseconds)
  }
}
