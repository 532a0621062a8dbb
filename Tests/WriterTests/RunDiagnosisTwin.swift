import Diagnosis
import LogModel

/// A second, slow reading of 3-classification, Runs, over logs in memory: what the view's SQL must come to.
struct RunDiagnosisTwin {
  let logs: [RunLog]
  private let classifier = Classifier()

  private struct Item {
    let counted: RunCountTwin.Item
    let verdict: Verdict

    var record: CorrelationRecord { counted.record }
    var crypto: String? { counted.crypto }
  }

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
    let items = latest.values.flatMap { log in
      log.records.enumerated().map { index, record in
        Item(
          counted: RunCountTwin.Item(
            record: record, time: log.observed + Span(microseconds: Int64(index)), task: log.task,
            map: log.map ?? -1,
            block: index + 1),
          verdict: classifier.verdict(on: record))
      }
    }
    let counts = RunCountTwin(items.map(\.counted), isCutOff: latest.values.contains(where: \.isCutOff))
    let state = Self.state(latest.values.map(\.state))
    let cryptos = Set(items.compactMap(\.crypto)).sorted()
    return ([nil] + cryptos.map(Optional.some)).map { crypto in
      let own = items.filter { crypto == nil || $0.crypto == crypto }
      let count = crypto.map(counts.count(of:)) ?? counts.whole
      return "\(run) \(crypto ?? "*") \(state) " + diagnosis(own, crypto: crypto, count)
    }
  }

  private static func state(_ states: [TaskOutcome.State]) -> String {
    if states.contains(.failed) { return "failed" }
    // Long after the last end nothing is running.
    return states.allSatisfy { $0 == .success || $0 == .skipped } ? "success" : "unknown"
  }

  private func diagnosis(
    _ items: [Item], crypto: String?, _ count: RunCountTwin.Count
  ) -> String {
    var primary: String?
    if crypto == nil, items.contains(where: { $0.verdict.findings.contains(.infraSaturated) }) {
      primary = "INFRA_SATURATED"
    } else if crypto == nil, items.contains(where: { $0.verdict.findings.contains(.pipelineDegraded) }) {
      primary = "PIPELINE_DEGRADED"
    } else if count.saysNoCandidates {
      primary = "NO_CANDIDATES"
    } else {
      primary = mostFrequent(items.filter(\.counted.isStrategy).compactMap { code($0, crypto) })
    }
    let counts = Dictionary(items.compactMap { code($0, crypto) }.map { ($0, 1) }, uniquingKeysWith: +)
    let number = { (value: Int64?) in value.map { String($0) } ?? "?" }
    let parts = [
      String(items.count), number(count.candidates), number(count.passed),
      primary ?? "-", severity(items, crypto, primary).rawValue,
      counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
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
