import Diagnosis
import DiagnosticWriter
import LogModel

/// Why a list has nothing to show (5-command-line, Questions): what there would be, how old the newest of it is, and which names nothing has.
struct EmptyAnswer {
  let list: StoredList
  let question: StoredQuestion

  /// What the window of a list is of.
  private var timeOfWindow: String {
    switch list.noun {
    case StoredList.runs.noun: "the start of the run"
    case StoredList.logs.noun: "the time at which a log was read"
    case StoredList.issues.noun: "the time of the record, or of a log's own issue the log's modification time"
    default: "the time of the record, not of the file"
    }
  }

  /// The messages about a list of so many rows: of an empty one why it is, of any the names that are known nowhere.
  func messages(rows: Int, _ reader: ListReader) throws(DatabaseError) -> [String] {
    var messages: [String] = []
    if rows == 0 { messages.append(try reason(reader)) }
    for dag in question.verdict.dagIDs {
      guard let others = try reader.dagsInsteadOf(dag) else { continue }
      messages.append("there is no DAG \(dag)" + MeantName.hint(dag, among: others, "DAGs"))
    }
    for run in question.verdict.runIDs {
      guard let others = try reader.runsInsteadOf(run) else { continue }
      messages.append("there is no run \(run)" + MeantName.hint(run, among: others, "runs"))
    }
    if rows == 0, list.noun == StoredList.verdicts.noun, let text = try ofRuns(reader) {
      messages.append(text)
    }
    return messages
  }

  private func reason(_ reader: ListReader) throws(DatabaseError) -> String {
    let extent = try reader.extent(of: list, as: question)
    guard extent.rows > 0 else {
      return "the database holds no \(list.noun) at all"
        + (list.noun == StoredList.issues.noun ? "" : "; corrparse backfill and ingest fill it")
    }
    let number = (extent.isMore ? "more than " : "") + Amount.of(extent.rows, list.noun)
    var text = "0 of \(number)"
    if question.verdict.since != nil || question.verdict.until != nil {
      let option = question.verdict.since == nil ? "--until" : "--since"
      text += extent.newest.map { "; the newest is of \($0)" } ?? "; none has a time"
      text += "; \(option) is of \(timeOfWindow)"
    }
    return text
  }

  /// Diagnoses of runs (NO_CANDIDATES, PIPELINE_DEGRADED) are asked of verdicts too, which seldom have them.
  private func ofRuns(_ reader: ListReader) throws(DatabaseError) -> String? {
    let asked = question.verdict
    guard !asked.codes.isEmpty || !asked.severities.isEmpty else { return nil }
    var rows = 0
    try reader.read(.runs, question, isCountOnly: true, group: { rows += $1 }, row: { _ in })
    guard rows > 0 else { return nil }
    let options =
      (asked.codes.isEmpty ? "" : " --code " + asked.codes.joined(separator: ","))
      + (asked.severities.isEmpty
        ? "" : " --severity " + asked.severities.map(\.rawValue).joined(separator: ","))
    return "\(Amount.of(rows, "run")) \(rows == 1 ? "has" : "have") that: corrparse runs\(options)"
  }
}
