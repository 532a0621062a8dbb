import Diagnosis
import Ingest
import LogInput
import LogModel
import RecordFormats
import Synchronization

/// The records of a `parse` that are asked for: which are printed at once, which wait for their order, and the counts of all.
final class RecordSelection: Sendable {
  private struct Kept: Sendable {
    var number: Int
    var place: Int
    var record: ClassifiedRecord
  }

  private struct State: Sendable {
    var tally = RowTally(by: RowTally.verdictKinds + ["issue", "log"])
    var seen = 0
    var hasProvisional = false
    var kept: [Kept] = []
    /// The cryptos of records that are not asked for. A crypto that was mistyped is answered with the nearest of them.
    var otherCryptos: Set<String> = []
    /// The cryptos that are asked for and that a record has.
    var foundCryptos: Set<String> = []
  }

  /// So many cryptos are remembered for a message.
  private static let mostCryptos = 1000

  private let question: VerdictQuestion
  private let order: SortOrder?
  private let top: Int?
  private let isSummary: Bool
  /// Whether every record is printed and none is counted, so that threads need not wait for each other.
  private let takesAll: Bool
  private let state = Mutex(State())

  init(
    _ question: VerdictQuestion, order: SortOrder?, top: Int?, isSummary: Bool, isCounted: Bool
  ) {
    self.question = question
    self.order = order
    self.top = top
    self.isSummary = isSummary
    takesAll = question == VerdictQuestion() && order == nil && top == nil && !isSummary && !isCounted
  }

  /// Whether a record is to be printed at once. `number` is the log's.
  func printsNow(_ item: ClassifiedRecord, number: Int) -> Bool {
    if takesAll { return true }
    let matches = question.matches(item.record, item.verdict, of: item.identity, at: item.observedAt)
    return state.withLock { state in
      state.seen += 1
      if !question.cryptos.isEmpty, let crypto = item.text("crypto") {
        if question.cryptos.contains(crypto) {
          state.foundCryptos.insert(crypto)
        } else if state.otherCryptos.count < Self.mostCryptos {
          state.otherCryptos.insert(crypto)
        }
      }
      guard matches else { return false }
      state.tally.add(verdict: item)
      if isSummary { for issue in item.record.issues { state.tally.note("issue", issue.kind.rawValue) } }
      if isSummary { return false }
      guard order != nil || top != nil else {
        if VerdictColumns.isProvisional(item) { state.hasProvisional = true }
        return true
      }
      state.kept.append(Kept(number: number, place: state.seen, record: item))
      if let top, state.kept.count > 2 * top + 1000 { state.kept = Array(sorted(state.kept).prefix(top)) }
      return false
    }
  }

  /// Counts what a summary says of a log: its own issues, and how it was read.
  func count(_ scan: LogScan) {
    state.withLock { state in
      for issue in scan.issues { state.tally.note("issue", issue.kind.rawValue, count: issue.count) }
      if scan.status != .complete { state.tally.note("log", scan.status.rawValue) }
    }
  }

  /// The records that waited, in their order.
  var rest: [ClassifiedRecord] {
    state.withLock { state in
      let all = sorted(state.kept).map(\.record)
      return top.map { Array(all.prefix($0)) } ?? all
    }
  }

  /// The counts of the records asked for.
  var tally: RowTally { state.withLock { $0.tally } }

  /// The lines that end a table.
  var ending: [String] {
    state.withLock { state in
      let shown = top.map { min($0, state.tally.total) }
      let totals = state.tally.totals(
        "record", shown: shown, of: state.seen, by: ["severity", "code", "useful"])
      let waited = sorted(state.kept).prefix(top ?? state.kept.count)
      let hasMark = state.hasProvisional || waited.contains { VerdictColumns.isProvisional($0.record) }
      return [totals] + (hasMark ? [VerdictColumns.legend] : [])
    }
  }

  /// What to say where no record is left, and of cryptos that no record has.
  var warnings: [String] {
    state.withLock { state in
      guard !takesAll, state.seen > 0 else { return [] }
      let missing = question.cryptos.filter { !state.foundCryptos.contains($0) }
      let others = state.otherCryptos.union(state.foundCryptos).sorted()
      if state.tally.total == 0 {
        let hint = missing.first.map { Self.hint($0, among: others) } ?? ""
        return ["none of \(Amount.of(state.seen, "record")) is asked for" + hint]
      }
      return missing.map { "there is no record of crypto \($0)" + Self.hint($0, among: others) }
    }
  }

  private static func hint(_ crypto: String, among others: [String]) -> String {
    guard !others.isEmpty else { return "" }
    let near = NearestNames.of(crypto, among: others)
    return near.isEmpty
      ? "; cryptos there are \(others.prefix(5).joined(separator: ", "))\(others.count > 5 ? ", …" : "")"
      : "; did you mean \(near.joined(separator: " or "))?"
  }

  private func sorted(_ kept: [Kept]) -> [Kept] {
    kept.sorted { left, right in
      order?.isBefore(left.record, right.record) ?? ((left.number, left.place) < (right.number, right.place))
    }
  }
}
