import Diagnosis
import LogModel

/// A second, slow reading of 3-classification, Runs, over logs in memory: what the view's SQL must come to.
struct RunDiagnosisTwin {
  let logs: [RunLog]
  private let classifier = Classifier()

  private struct Item {
    let task: String
    let record: CorrelationRecord
    let verdict: Verdict
  }

  private static let testedKeys: [FieldKey] = [
    .f1Buy, .baselineF1Buy, .precisionBuy, .recallBuy, .buyRate, .actionRate, .stdF1Buy, .sortino, .tpPct,
    .slPct,
    .timeoutPct, .nTrades, .screeningF1Buy, .lastFoldF1Buy,
  ]

  /// The view's rows of all runs, as ``query`` prints them.
  func rows() -> [String] {
    Set(logs.map(\.run)).sorted().flatMap { rows(of: $0) }
  }

  private func rows(of run: String) -> [String] {
    var latest: [String: RunLog] = [:]
    for log in logs where log.run == run {
      let task = "\(log.task)/\(log.map ?? -1)"
      if let known = latest[task], known.attempt > log.attempt { continue }
      latest[task] = log
    }
    let items = latest.flatMap { task, log in
      log.records.map { Item(task: task, record: $0, verdict: classifier.verdict(on: $0)) }
    }
    let state = Self.state(latest.values.map(\.state))
    let cryptos = Set(items.compactMap { Self.crypto($0) }).sorted()
    return ([nil] + cryptos.map(Optional.some)).map { crypto in
      "\(run) \(crypto ?? "*") \(state) "
        + diagnosis(items.filter { crypto == nil || Self.crypto($0) == crypto }, crypto: crypto, state)
    }
  }

  private static func state(_ states: [TaskOutcome.State]) -> String {
    if states.contains(.failed) { return "failed" }
    if states.contains(.unknown) { return "unknown" }
    return states.allSatisfy { $0 == .success || $0 == .skipped } ? "success" : "running"
  }

  private static func crypto(_ item: Item) -> String? {
    guard case .text(let name) = item.record[.crypto] else { return nil }
    return name
  }

  private func diagnosis(_ items: [Item], crypto: String?, _ state: String) -> String {
    let strategies = items.filter { item in Self.testedKeys.contains { item.record[$0] != nil } }
    let summaries = summaries(items, crypto)
    let passed = strategies.count { $0.record.passedAllGates == true }
    var primary: String?
    if crypto == nil, items.contains(where: { $0.verdict.findings.contains(.infraSaturated) }) {
      primary = "INFRA_SATURATED"
    } else if crypto == nil, items.contains(where: { $0.verdict.findings.contains(.pipelineDegraded) }) {
      primary = "PIPELINE_DEGRADED"
    } else if summaries.isEmpty ? gatesSayNone(items, strategies, state) : summariesSayNone(summaries) {
      primary = "NO_CANDIDATES"
    } else {
      primary = mostFrequent(strategies.compactMap { code($0, crypto) })
    }
    let counts = Dictionary(items.compactMap { code($0, crypto) }.map { ($0, 1) }, uniquingKeysWith: +)
    var parts = [
      String(items.count), total(summaries, .nCandidates) ?? "?", total(summaries, .nPassed) ?? "?",
      primary ?? "-", severity(items, crypto, primary).rawValue,
      counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","),
    ]
    if summaries.isEmpty { parts.replaceSubrange(1...2, with: [String(strategies.count), String(passed)]) }
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// A task's last summary of each crypto; those of no crypto where there are any and the whole run is asked for.
  private func summaries(_ items: [Item], _ crypto: String?) -> [Item] {
    var last: [String: Item] = [:]
    for item in items {
      let has = { (key: FieldKey) in item.record[key] != nil }
      guard has(.nCandidates) || has(.nPassed), !Self.testedKeys.contains(where: has), !isLost(item) else {
        continue
      }
      last[item.task + "|" + (Self.crypto(item) ?? "")] = item
    }
    let whole = last.values.filter { Self.crypto($0) == nil }
    return crypto == nil && !whole.isEmpty ? whole : Array(last.values)
  }

  private func isLost(_ item: Item) -> Bool {
    Self.testedKeys.allSatisfy { item.record[$0] == nil }
      && Self.testedKeys.contains { item.record.reasonForAbsence(of: $0) != nil }
  }

  private func summariesSayNone(_ summaries: [Item]) -> Bool {
    summaries.contains { $0.verdict.findings.contains(.noCandidates) }
      && summaries.allSatisfy { item in
        item.record[.nPassed] == .integer(0) && item.record[.complete] != .boolean(false)
          && !item.verdict.notEvaluated.contains { $0.rule == "NO_CANDIDATES" }
      }
  }

  private func gatesSayNone(_ items: [Item], _ strategies: [Item], _ state: String) -> Bool {
    state == "success" && !strategies.isEmpty && !items.contains(where: isLost)
      && strategies.allSatisfy { $0.record.passedAllGates == false }
  }

  private func code(_ item: Item, _ crypto: String?) -> String? {
    (crypto == nil
      ? item.verdict.primary
      : item.verdict.findings.first { $0 != .infraSaturated && $0 != .pipelineDegraded })?
      .rawValue
  }

  private func mostFrequent(_ codes: [String]) -> String? {
    DiagnosisCode.allCases.map(\.rawValue).filter(codes.contains)
      .reduce(nil as (String, Int)?) { best, code in
        let count = codes.count { $0 == code }
        return count > best?.1 ?? 0 ? (code, count) : best
      }?.0
  }

  private func total(_ summaries: [Item], _ key: FieldKey) -> String? {
    var sum: Int64 = 0
    for summary in summaries {
      guard case .integer(let number) = summary.record[key] else { return nil }
      sum += number
    }
    return String(sum)
  }

  private func severity(_ items: [Item], _ crypto: String?, _ primary: String?) -> Severity {
    let severities = items.filter { code($0, crypto) == primary }.map { item -> Severity in
      guard crypto != nil else { return item.verdict.severity }
      let rest = item.verdict.findings.filter { $0 != .infraSaturated && $0 != .pipelineDegraded }
      let isLosing = item.record.countedSortino.map { $0 < .zero } ?? false
      return (rest.compactMap { classifier.taxonomy[$0]?.severity.worst } + [isLosing ? .p2 : .none]).max()
        ?? .none
    }
    return severities.max() ?? (primary == "NO_CANDIDATES" ? .p1 : .none)
  }
}
