import CorrelationGrammar
import LogModel

/// What the whole of a log gives, to hold against what a part of it gives (docs/reliability.md, *Cut logs*).
struct WholeLog {
  private let events: [LogEvent]
  private let records: [Int: CorrelationRecord]
  private let replays: Set<Int>
  private let sourceIssues: Set<GrammarIssue>

  init(_ events: [LogEvent]) {
    self.events = events
    records = Dictionary(
      events.compactMap(\.record).map { ($0.block, $0) }, uniquingKeysWith: { first, _ in first })
    replays = Set(events.compactMap { if case .replay(let block) = $0 { block } else { nil } })
    sourceIssues = Set(events.compactMap { if case .sourceIssue(let issue) = $0 { issue } else { nil } })
  }

  /// What the log cut there says and the whole one does not. What was certain before is compared from the number
  /// given on, since the rest was when the log was cut before.
  func inventions(in cut: CutLog.Cut, certainFrom checked: Int) -> [String] {
    var found: [String] = []
    if !cut.certain.dropFirst(checked).elementsEqual(events.prefix(cut.certain.count).dropFirst(checked)) {
      found.append("what came before the cut is not what the whole log begins with")
    }
    for event in cut.atCut {
      switch event {
      case .record(let record):
        if let invention = invention(in: record, isSeen: !cut.isComplete) {
          found.append("block \(record.block): \(invention)")
        }
      case .replay(let block):
        if !replays.contains(block) { found.append("block \(block) is no replay") }
      case .sourceIssue(let issue):
        // The words of a header whose block was cut off are all that such a log has of it.
        if issue.kind == .unreadHeader { continue }
        if !sourceIssues.contains(issue) { found.append("\(issue.kind) at line \(issue.line)") }
      }
    }
    return found
  }

  /// What a record says that the whole log does not; `isSeen`: the log is known to be cut.
  private func invention(in record: CorrelationRecord, isSeen: Bool) -> String? {
    guard let whole = records[record.block], (whole.line, whole.offset) == (record.line, record.offset) else {
      return "no block of the log"
    }
    if whole.headerTime != record.headerTime { return "another header time" }
    if record.identity != nil, record.identity != whole.identity { return "another task" }
    for (key, value) in record.fields where whole[key] != value {
      if whole[key] != nil || whole.reasonForAbsence(of: key) == nil { return "\(key.name) is another" }
    }
    if !whole.issues.contains(where: { $0.kind.makesBlockAbsent }) {
      let keys = Set(whole.issues.filter { $0.kind.makesFieldAbsent }.compactMap(\.key))
      if let gates = record.gates, gates != whole.gates, !keys.contains("gates") { return "other gates" }
      for extra in record.extras where !whole.extras.contains(extra) && !keys.contains(extra.key) {
        return "another \(extra.key)"
      }
    }
    var same = whole.withoutDamage
    if record.identity == nil { same.identity = nil }
    let saysSo = record.issues.contains {
      ($0.kind == .incompleteBlock && $0.key == nil) || $0.kind.makesBlockAbsent
    }
    return record.withoutDamage == same || saysSo || !isSeen ? nil : "other than the whole one and not marked"
  }
}

extension LogEvent {
  /// The record that it is.
  var record: CorrelationRecord? {
    if case .record(let record) = self { record } else { nil }
  }
}

extension CorrelationRecord {
  /// That its member is damaged shows when the member ends, which a cut one does not.
  var withoutDamage: CorrelationRecord {
    var copy = self
    copy.issues.removeAll { $0.kind == .damagedSource }
    return copy
  }
}
