import Diagnosis
import LogModel

@testable import DiagnosticWriter

/// A second, slow reading of 3-classification, Runs, Golden signals and Global state, over logs in memory, with the
/// manual's numbers written once more: what the database's functions must come to at an instant.
struct SupervisionTwin {
  let world: World
  /// Cryptos with their groups.
  let universe: [String: String]
  let at: LogTime
  let runs: [Run]

  struct Run {
    let dag: String
    let name: String
    /// The logs of the attempts that had started.
    let attempts: [RunLog]
    let state: String
    /// Of the latest attempts.
    let items: [Item]
    /// Whether the log of one of these had more than was read.
    let isCutOff: Bool
    /// Of all attempts.
    let everything: [Item]

    var isFinished: Bool { state == "success" || state == "failed" }
    /// Whether it is a run in the data.
    var hasBegun: Bool { !attempts.isEmpty }
    var start: LogTime? { attempts.compactMap(\.start).min() }
    /// Later by start, then by name.
    var order: (Int64, String, String) { (start?.microseconds ?? .min, name, dag) }
  }

  init(_ world: World, universe: [String: String], at: LogTime) {
    self.world = world
    self.universe = universe
    self.at = at
    runs = Dictionary(grouping: world.logs) { $0.dag + "\n" + $0.run }.values.map { Self.run($0, at) }
  }

  private static func run(_ logs: [RunLog], _ at: LogTime) -> Run {
    let begun = logs.filter { ($0.start ?? $0.end).map { $0 <= at } ?? true }
    let latest = Dictionary(grouping: begun) { "\($0.task) \($0.map ?? -1)" }
      .mapValues { attempts in attempts.map(\.attempt).max() ?? 0 }
    let isLatest = { (log: RunLog) in log.attempt >= latest["\(log.task) \(log.map ?? -1)"] ?? 0 }
    return Run(
      dag: logs[0].dag, name: logs[0].run, attempts: begun, state: state(begun.filter(isLatest), at),
      items: logs.filter(isLatest).flatMap { items($0, at) },
      isCutOff: begun.filter(isLatest).contains(where: \.isCutOff), everything: logs.flatMap { items($0, at) }
    )
  }

  /// The state of a run whose latest attempts these are.
  private static func state(_ latest: [RunLog], _ at: LogTime) -> String {
    let states = latest.map { state($0, at) }
    let hasJustEnded = latest.contains { log in
      log.end.map { $0 <= at && $0 > at - .minutes(30) } ?? false
    }
    if states.contains("running") || hasJustEnded { return "running" }
    if states.contains("failed") { return "failed" }
    if states.contains("unknown") { return "unknown" }
    return "success"
  }

  /// The state of an attempt.
  private static func state(_ log: RunLog, _ at: LogTime) -> String {
    if let end = log.end, end > at { return "running" }
    let last = log.end ?? log.start
    let silent = last.map { Span(microseconds: at.microseconds - $0.microseconds) }
    switch log.state {
    case .success, .skipped: return "success"
    case .failed: return "failed"
    case .unknown: return silent.map { $0 < .minutes(60) } ?? false ? "running" : "unknown"
    case .upForRetry, .deferred: return silent.map { $0 < .hours(24) } ?? false ? "running" : "unknown"
    }
  }

  private static func items(_ log: RunLog, _ at: LogTime) -> [Item] {
    log.records.enumerated().map { index, record in
      Item(
        log: log, block: index + 1, time: log.observed + Span(microseconds: Int64(index)), record: record)
    }.filter { $0.time <= at }
  }
}

extension SupervisionTwin.Run {
  /// The last end by an instant.
  func end(by at: LogTime) -> LogTime? { attempts.compactMap(\.end).filter { $0 <= at }.max() }

  /// From the first start to the last end, without the gaps of more than six hours in which no attempt ran.
  func duration(by at: LogTime) -> Int64? {
    guard let start, let end = end(by: at) else { return nil }
    var length = end.microseconds - start.microseconds
    var reached = start
    for log in attempts.sorted(by: { ($0.start ?? start) < ($1.start ?? start) }) {
      guard let begin = log.start else { continue }
      let gap = begin.microseconds - reached.microseconds
      if gap > Span.hours(6).microseconds { length -= gap }
      reached = max(reached, log.end ?? begin)
    }
    return length
  }
}

extension SupervisionTwin {
  /// A record of a log.
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
    var isScreening: Bool { record[.phase] == .text("screening") }

    /// Gates that could not be read, and those of a block that was cut, are not passed.
    private var areGatesLost: Bool {
      record.issues.contains { issue in
        issue.key == "gates" || [.incompleteBlock, .blockTooLong].contains(issue.kind)
      }
    }

    /// All gates passed, then without gates, then the rejected.
    var gateRank: Int {
      if areGatesLost { return 3 }
      guard let gates = record.gates, !gates.isEmpty else { return 2 }
      return gates.allSatisfy(\.passed) ? 1 : 3
    }

    var isUseful: Bool {
      let findings = Classifier().verdict(on: record).findings
      guard findings.contains(.mlExploitable) || findings.contains(.mlSolid) else { return false }
      guard !findings.contains(.mlUnstable), !findings.contains(.screeningOverfit), !isScreening else {
        return false
      }
      guard !record.issues.contains(where: { $0.kind == .damagedSource }) else { return false }
      return gateRank == 1 || gateRank == 2 && decimal(.sortino).map { $0 >= 0 } ?? false
    }

    /// Whether it is a better strategy than another of the same crypto and run.
    func isBetter(than other: Item) -> Bool {
      if isScreening != other.isScreening { return !isScreening }
      if gateRank != other.gateRank { return gateRank < other.gateRank }
      for value in [{ $0.decimal(.sortino) }, { $0.difference(.f1Buy, .baselineF1Buy) }]
        as [(Item) -> ExactDecimal?]
      {
        switch (value(self), value(other)) {
        case (let own?, let another?) where own != another: return own > another
        case (_?, nil): return true
        case (nil, _?): return false
        default: continue
        }
      }
      return place < other.place
    }

    /// Time, task, map index, block.
    var place: (Int64, String, Int, Int) { (time.microseconds, log.task, log.map ?? -1, block) }
  }

  /// The last test runs in which a latest attempt has a record of a crypto, the last one first, with its best strategy.
  func lastRuns(_ crypto: String) -> [(run: Run, best: Item?)] {
    let own = runs.filter { run in
      run.start != nil && World.testDAGs.contains(run.dag) && run.items.contains { $0.crypto == crypto }
    }
    return own.sorted { $0.order > $1.order }.prefix(3).map { run in
      (run, run.items.filter { $0.crypto == crypto && $0.isStrategy }.min { $0.isBetter(than: $1) })
    }
  }

  func status(_ bounds: (critical: Bool, warning: Bool)?) -> String {
    guard let bounds else { return "unknown" }
    return bounds.critical ? "critical" : bounds.warning ? "warning" : "ok"
  }

  /// True if one part is, else unknown if one is.
  static func any(_ parts: [Bool?]) -> Bool? {
    parts.contains(true) ? true : parts.contains(nil) ? nil : false
  }

  func age(since time: LogTime) -> Span { Span(microseconds: at.microseconds - time.microseconds) }

  func lastUseful(_ isWanted: (String) -> Bool) -> LogTime? {
    runs.flatMap(\.items).filter { $0.crypto.map(isWanted) ?? false && $0.isUseful }.map(\.time).max()
  }

  func firstRecord(_ isWanted: (String) -> Bool) -> LogTime? {
    runs.flatMap(\.everything).filter { $0.crypto.map(isWanted) ?? false }.map(\.time).min()
  }
}

extension Span: Comparable {
  static func < (left: Span, right: Span) -> Bool { left.microseconds < right.microseconds }
}
