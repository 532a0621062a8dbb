import Diagnosis
import LogModel

@testable import DiagnosticWriter

/// A second, slow reading of 3-classification, Golden signals and Global state, over logs in memory, with the
/// manual's numbers written once more: what the database's functions must come to at an instant.
struct SupervisionTwin {
  let world: World
  /// Cryptos with their groups.
  let universe: [String: String]
  let at: LogTime
  private let runs: [Run]
  private let classifier = Classifier()

  struct Run {
    let dag: String
    let name: String
    var start: LogTime?
    var end: LogTime?
    var state = "running"
    /// Of the latest attempts.
    var items: [Item] = []
    /// Of all attempts.
    var everything: [Item] = []

    var isFinished: Bool { state == "success" || state == "failed" }
    /// Later by start, then by name.
    var order: (Int64, String) { (start?.microseconds ?? .min, name) }
  }

  struct Item {
    let log: RunLog
    let block: Int
    let time: LogTime
    let record: CorrelationRecord

    var crypto: String? {
      guard case .text(let name) = record[.crypto] else { return nil }
      return name
    }

    func decimal(_ key: FieldKey) -> ExactDecimal? {
      if [.sortino, .slPct, .timeoutPct].contains(key), record[.nTrades] == .integer(0) { return nil }
      guard case .decimal(let value) = record[key] else { return nil }
      return value
    }

    func integer(_ key: FieldKey) -> Int64? {
      guard case .integer(let value) = record[key] else { return nil }
      return value
    }

    func difference(_ left: FieldKey, _ right: FieldKey) -> ExactDecimal? {
      guard let left = decimal(left), let right = decimal(right) else { return nil }
      return left - right
    }

    var isStrategy: Bool { RunCountTwin.testedKeys.contains { record[$0] != nil } }
  }

  init(_ world: World, universe: [String: String], at: LogTime) {
    self.world = world
    self.universe = universe
    self.at = at
    runs = Dictionary(grouping: world.logs) { $0.dag + "\n" + $0.run }.values.map { Self.run($0, at) }
  }

  private static func run(_ logs: [RunLog], _ at: LogTime) -> Run {
    var run = Run(dag: logs[0].dag, name: logs[0].run)
    var latest: [String: RunLog] = [:]
    for log in logs {
      run.everything += items(log, at)
      if let begin = log.start ?? log.end, begin > at { continue }
      run.start = [run.start, log.start].compactMap(\.self).min()
      if let end = log.end, end <= at { run.end = max(run.end ?? end, end) }
      let task = "\(log.task) \(log.map ?? -1)"
      if let other = latest[task], other.attempt > log.attempt { continue }
      latest[task] = log
    }
    let ended = latest.values.compactMap(\.end).filter { $0 <= at }.max()
    let states = latest.values.map { log in log.end.map { $0 > at } == true ? .deferred : log.state }
    if states.contains(.unknown), !states.contains(.failed) {
      run.state = "unknown"
    } else if let ended, ended > at - .minutes(30) {
      run.state = "running"
    } else if states.contains(.failed) {
      run.state = "failed"
    } else if !states.isEmpty, states.allSatisfy({ $0 == .success || $0 == .skipped }) {
      run.state = "success"
    }
    for log in logs {
      let known = latest["\(log.task) \(log.map ?? -1)"]
      if known == nil || log.attempt >= known?.attempt ?? 0 { run.items += items(log, at) }
    }
    return run
  }

  private static func items(_ log: RunLog, _ at: LogTime) -> [Item] {
    log.records.enumerated().map { index, record in
      Item(
        log: log, block: index + 1, time: log.observed + Span(microseconds: Int64(index)), record: record)
    }.filter { $0.time <= at }
  }

  private func isUseful(_ item: Item) -> Bool {
    item.record.isUseful(under: classifier.verdict(on: item.record))
  }

  /// The last test runs with a record of a crypto, the last one first, with its best strategy.
  private func lastRuns(_ crypto: String) -> [(run: Run, best: Item?)] {
    let own = runs.filter { run in
      run.start != nil && World.testDAGs.contains(run.dag) && run.everything.contains { $0.crypto == crypto }
    }
    return own.sorted { ($0.order.0, $0.order.1, $0.dag) > ($1.order.0, $1.order.1, $1.dag) }.prefix(3).map {
      run in
      (run, run.items.filter { $0.crypto == crypto && $0.isStrategy }.min(by: Self.isBetter))
    }
  }

  private static func isBetter(_ left: Item, _ right: Item) -> Bool {
    for value in [{ $0.decimal(.sortino) }, { $0.difference(.f1Buy, .baselineF1Buy) }]
      as [(Item) -> ExactDecimal?]
    {
      switch (value(left), value(right)) {
      case (let a?, let b?) where a != b: return a > b
      case (_?, nil): return true
      case (nil, _?): return false
      default: continue
      }
    }
    return (left.time, left.log.task, left.log.map ?? -1, left.block)
      < (right.time, right.log.task, right.log.map ?? -1, right.block)
  }
}

extension SupervisionTwin {
  /// `signal scope status`, with the value where it is a strategy's.
  func signals() -> [String] {
    let seen = Set(world.logs.filter { $0.start.map { $0 <= at } ?? false }.map(\.dag)).union(World.testDAGs)
    return
      (["infra_health platform \(infra().text)", "pipeline_success_rate all \(rate(nil))"]
      + seen.flatMap { ["pipeline_success_rate \($0) \(rate($0))", "pipeline_latency \($0) \(latency($0))"] }
      + cryptos.flatMap(signals)).sorted()
  }

  private var cryptos: [String] {
    Array(Set(runs.flatMap { $0.everything.compactMap(\.crypto) }).union(universe.keys))
  }

  private func signals(_ crypto: String) -> [String] {
    let best = lastRuns(crypto).first?.best
    let delta = best?.difference(.f1Buy, .baselineF1Buy)
    let gap = best?.difference(.screeningF1Buy, .lastFoldF1Buy)
    let (std, sortino) = (best?.decimal(.stdF1Buy), best?.decimal(.sortino))
    let (stops, timeouts) = (best?.decimal(.slPct), best?.decimal(.timeoutPct))
    return [
      Self.line("f1_buy_delta_vs_baseline", crypto, delta, { $0 <= 0 }, { $0 < Self.hundredths(15) }),
      Self.line(
        "screening_testing_gap", crypto, gap, { $0 > Self.hundredths(30) }, { $0 > Self.hundredths(15) }),
      Self.line("std_f1_buy", crypto, std, { $0 > Self.hundredths(10) }, { $0 >= Self.hundredths(5) }),
      Self.line("sortino", crypto, sortino, { $0 < 0 }, { $0 <= Self.hundredths(50) }),
      Self.line("sl_pct", crypto, stops, { $0 > 50 }, { $0 >= 35 }),
      Self.line("timeout_pct", crypto, timeouts, { $0 > 40 }, { $0 >= 30 }),
      "model_freshness \(crypto) \(status(age(crypto).map { ($0 > .days(14), $0 > .days(7)) }))",
      "challenger_count \(crypto) unknown",
    ]
  }

  private static func line(
    _ signal: String, _ crypto: String, _ value: ExactDecimal?, _ isCritical: (ExactDecimal) -> Bool,
    _ isWarning: (ExactDecimal) -> Bool
  ) -> String {
    guard let value else { return "\(signal) \(crypto) unknown" }
    return
      "\(signal) \(crypto) \(value) \(isCritical(value) ? "critical" : isWarning(value) ? "warning" : "ok")"
  }

  private static func hundredths(_ count: Int) -> ExactDecimal {
    ExactDecimal(coefficient: Int128(count), scale: 2)
  }

  private func status(_ bounds: (critical: Bool, warning: Bool)?) -> String {
    guard let bounds else { return "unknown" }
    return bounds.critical ? "critical" : bounds.warning ? "warning" : "ok"
  }

  /// Since the last useful strategy, else since the first record; nil without any.
  private func age(_ crypto: String) -> Span? {
    let own = runs.flatMap(\.everything).filter { $0.crypto == crypto }
    let useful = runs.flatMap(\.items).filter { $0.crypto == crypto && isUseful($0) }
    guard let since = useful.map(\.time).max() ?? own.map(\.time).min() else { return nil }
    return Span(microseconds: at.microseconds - since.microseconds)
  }

  /// Three-valued: whether infra is critical, and the signal.
  private func infra() -> (isCritical: Bool?, text: String) {
    var observations = world.observations
    for item in runs.flatMap(\.everything) {
      observations.append(
        InfraObservation(
          observedAt: item.time, origin: "block", oomKills: item.integer(.oomKills),
          podsDown: item.integer(.podsDown),
          pvcPercent: item.decimal(.pvcPct), cpuPercent: item.decimal(.cpuPct)))
    }
    let recent = observations.filter { $0.observedAt <= at && $0.observedAt >= at - .hours(1) }
      .sorted { $0.observedAt > $1.observedAt }
    let kills = recent.lazy.compactMap(\.oomKills).first
    let down = recent.lazy.compactMap(\.podsDown).first
    let volume = recent.lazy.compactMap(\.pvcPercent).first
    let load = recent.lazy.compactMap(\.cpuPercent).first
    let critical = Self.any([kills.map { $0 > 2 }, down.map { $0 > 0 }, volume.map { $0 > 85 }])
    let warning = Self.any([kills.map { $0 >= 1 }, load.map { $0 > 70 }])
    if critical == true { return (critical, "critical") }
    if warning == true { return (critical, "warning") }
    return (critical, critical == nil || warning == nil ? "unknown" : "ok")
  }

  private static func any(_ parts: [Bool?]) -> Bool? {
    parts.contains(true) ? true : parts.contains(nil) ? nil : false
  }

  private func finished(_ dag: String?, days: Int64) -> [Run] {
    runs.filter { run in
      run.isFinished && (dag == nil || run.dag == dag) && run.end.map { $0 >= at - .days(days) } == true
    }
  }

  private func rate(_ dag: String?) -> String {
    let own = finished(dag, days: 7)
    let good = own.count { $0.state == "success" }
    guard !own.isEmpty else { return "unknown" }
    return "\(good)/\(own.count) \(status((good * 10 < own.count * 7, good * 10 <= own.count * 9)))"
  }

  private func latency(_ dag: String) -> String {
    let own = finished(dag, days: 30).filter { $0.start != nil }.sorted { $0.order > $1.order }
    let durations = own.map { Int64(($0.end?.microseconds ?? 0) - ($0.start?.microseconds ?? 0)) }
    let earlier = durations.dropFirst().sorted()
    guard earlier.count >= 5 else { return "unknown" }
    let rank = 95 * (earlier.count - 1)
    let low = earlier[rank / 100]
    let high = earlier[min(rank / 100 + 1, earlier.count - 1)]
    // A hundred times the percentile.
    let p95 = low * 100 + (high - low) * Int64(rank % 100)
    return status(
      (durations[0] * 100 > 2 * p95, durations[0] * 1000 > 13 * p95 || durations[0] > 10_800_000_000))
  }
}

extension SupervisionTwin {
  /// `condition status`, in the order of 3-classification, Global state, and the state.
  func conditions() -> [String] {
    let good = finished(nil, days: 7).count { $0.state == "success" }
    let all = finished(nil, days: 7).count
    let found: [(String, String, Bool?)] = [
      ("infra_critical", "RED", infra().isCritical),
      ("success_rate_critical", "ORANGE", all == 0 ? nil : good * 10 < all * 7),
      ("no_passing_candidates", "ORANGE", Self.any(World.testDAGs.map(hasNoPassing))),
      ("core_crypto_stale", "ORANGE", isStale { $0 == "btc-core" }),
      ("no_useful_strategy", "ORANGE", hasNoUseful()),
      ("success_rate_low", "YELLOW", all == 0 ? nil : good * 10 >= all * 7 && good * 10 <= all * 9),
      ("sortino_negative", "YELLOW", Self.any(universe.keys.map(isLosing))),
      ("crypto_stale", "YELLOW", isStale { $0 != "btc-core" }),
    ]
    let state =
      found.first { $0.2 == true }?.1 ?? (found.contains { $0.2 == nil } ? "UNKNOWN" : "GREEN")
    return found.map { "\($0.0) \($0.2 == nil ? "unknown" : $0.2 == true ? "triggered" : "clear")" } + [state]
  }

  private func isStale(_ belongs: (String) -> Bool) -> Bool? {
    let own = universe.filter { belongs($0.value) }
    return own.isEmpty
      ? nil
      : Self.any(own.map { crypto, group in age(crypto).map { $0 > .days(group == "btc-core" ? 14 : 7) } })
  }

  private func hasNoUseful() -> Bool? {
    let own = runs.flatMap(\.everything).filter { $0.crypto.map { universe[$0] != nil } ?? false }
    let useful = runs.flatMap(\.items).filter { item in
      item.crypto.map { universe[$0] != nil } ?? false && isUseful(item)
    }
    guard let since = useful.map(\.time).max() ?? own.map(\.time).min() else { return nil }
    return since < at - .days(3)
  }

  private func isLosing(_ crypto: String) -> Bool? {
    let sortinos = lastRuns(crypto).map { $0.best?.decimal(.sortino) }
    if sortinos.contains(where: { $0.map { $0 >= 0 } ?? false }) { return false }
    return sortinos.count == 3 && !sortinos.contains(nil) ? true : nil
  }

  private func hasNoPassing(_ dag: String) -> Bool? {
    let last = runs.filter { $0.dag == dag && $0.isFinished && $0.start != nil }.sorted {
      $0.order > $1.order
    }.prefix(3)
    let passed = last.map(passed)
    if passed.contains(where: { $0 ?? 0 > 0 }) { return false }
    return passed.count == 3 && !passed.contains(nil) ? true : nil
  }

  private func passed(_ run: Run) -> Int64? {
    RunCountTwin(
      run.items.map { item in
        RunCountTwin.Item(
          record: item.record, time: item.time, task: item.log.task, map: item.log.map ?? -1,
          block: item.block)
      }
    ).whole.passed
  }
}

extension Span: Comparable {
  static func < (left: Span, right: Span) -> Bool { left.microseconds < right.microseconds }
}
