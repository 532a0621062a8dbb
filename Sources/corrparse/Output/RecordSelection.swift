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
    var legends = VerdictLegends()
    var kept: [Kept] = []
    var cryptos, dags, runs: SeenNames
    /// The time of the newest record.
    var newest: LogTime?
  }

  /// The names that records have. One that was mistyped in the question is answered with the nearest of them.
  private struct SeenNames: Sendable {
    /// So many are remembered for a message.
    private static let most = 1000

    let noun: String
    let asked: [String]
    private var found: Set<String> = []
    private var others: Set<String> = []

    init(_ noun: String, _ asked: [String]) {
      self.noun = noun
      self.asked = asked
    }

    /// A record has this name.
    mutating func note(_ name: @autoclosure () -> String?) {
      guard !asked.isEmpty, let name = name() else { return }
      if asked.contains(name) {
        found.insert(name)
      } else if others.count < Self.most {
        others.insert(name)
      }
    }

    /// A message for each name that was asked for and no record has.
    var messages: [String] {
      asked.filter { !found.contains($0) }.map { name in
        "there is no record of \(noun) \(name)"
          + MeantName.hint(name, among: found.union(others).sorted(), noun + "s")
      }
    }
  }

  private let question: VerdictQuestion
  private let order: SortOrder?
  private let top: Int?
  private let isSummary: Bool
  /// Whether every record is printed and none is counted, so that threads need not wait for each other.
  private let takesAll: Bool
  private let state: Mutex<State>

  init(
    _ question: VerdictQuestion, order: SortOrder?, top: Int?, isSummary: Bool, isCounted: Bool
  ) {
    self.question = question
    self.order = order
    self.top = top
    self.isSummary = isSummary
    state = Mutex(
      State(
        cryptos: SeenNames("crypto", question.cryptos), dags: SeenNames("DAG", question.dagIDs),
        runs: SeenNames("run", question.runIDs)))
    takesAll = question == VerdictQuestion() && order == nil && top == nil && !isSummary && !isCounted
  }

  /// Whether a record is to be printed at once. `number` is the log's.
  func printsNow(_ item: ClassifiedRecord, number: Int) -> Bool {
    if takesAll { return true }
    let matches = question.matches(item.record, item.verdict, of: item.identity, at: item.observedAt)
    return state.withLock { state in
      state.seen += 1
      state.cryptos.note(item.text("crypto"))
      state.dags.note(item.identity?.dagID)
      state.runs.note(item.identity?.runID)
      if let time = item.observedAt, time > state.newest ?? time { state.newest = time }
      state.newest = state.newest ?? item.observedAt
      guard matches else { return false }
      state.tally.add(verdict: item)
      if isSummary { for issue in item.record.issues { state.tally.note("issue", issue.kind.rawValue) } }
      if isSummary { return false }
      guard order != nil || top != nil else {
        state.legends.note(item)
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
        "record", shown: shown, of: state.seen, by: RowTally.totalKinds)
      var legends = state.legends
      for item in sorted(state.kept).prefix(top ?? state.kept.count) { legends.note(item.record) }
      return [totals] + legends.lines
    }
  }

  /// What to say where no record is left, and of names that no record has.
  var warnings: [String] {
    state.withLock { state in
      guard !takesAll, state.seen > 0 else { return [] }
      let names = state.cryptos.messages + state.dags.messages + state.runs.messages
      guard state.tally.total == 0 else { return names }
      var text = "none of \(Amount.of(state.seen, "record")) is asked for"
      if question.since != nil || question.until != nil {
        let option = question.since == nil ? "--until" : "--since"
        text += state.newest.map { "; the newest is of \($0)" } ?? "; none has a time"
        text += "; \(option) is of the time of the record, not of the file"
      }
      return [text] + names
    }
  }

  private func sorted(_ kept: [Kept]) -> [Kept] {
    kept.sorted { left, right in
      order?.isBefore(left.record, right.record) ?? ((left.number, left.place) < (right.number, right.place))
    }
  }
}
