import Diagnosis
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
    var tally = RowTally(by: RowTally.verdictKinds)
    var seen = 0
    var hasProvisional = false
    var kept: [Kept] = []
    /// Cryptos of records that were left out, to name them where none is left.
    var otherCryptos: Set<String> = []
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
      guard matches else {
        if !question.cryptos.isEmpty, let crypto = item.text("crypto"),
          state.otherCryptos.count < Self.mostCryptos
        {
          state.otherCryptos.insert(crypto)
        }
        return false
      }
      state.tally.add(verdict: item)
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

  /// What to say where no record is left; nil otherwise.
  var warning: String? {
    state.withLock { state in
      guard !takesAll, state.seen > 0, state.tally.total == 0 else { return nil }
      let text = "none of \(Amount.of(state.seen, "record")) is asked for"
      let others = state.otherCryptos.sorted()
      guard let asked = question.cryptos.first, !others.isEmpty else { return text }
      let near = NearestNames.of(asked, among: others)
      return text
        + (near.isEmpty
          ? "; cryptos there are \(others.prefix(5).joined(separator: ", "))\(others.count > 5 ? ", …" : "")"
          : "; did you mean \(near.joined(separator: " or "))?")
    }
  }

  private func sorted(_ kept: [Kept]) -> [Kept] {
    kept.sorted { left, right in
      order?.isBefore(left.record, right.record) ?? ((left.number, left.place) < (right.number, right.place))
    }
  }
}
