import Diagnosis
import DiagnosticWriter
import LogModel
import RecordFormats

/// Writes the next step of a crypto for a person.
struct NextText {
  let isColored: Bool
  let width: Int?

  /// Writes one crypto's paragraph.
  func write(_ step: CryptoStep, to output: inout StandardOutput) {
    let row = step.row
    let head = StyledText(step.crypto, code: isColored ? "1" : nil)
    if let code = step.code {
      let severity = DiagnosisCode(rawValue: code).flatMap { Taxonomy.current[$0]?.severity.worst.rawValue }
      let color = isColored ? VerdictColumns.color(of: severity) : nil
      output.line("\(head)  \(StyledText(code, code: color)), \(Self.inARow(step.runsInARow))")
    } else {
      output.line("\(head)  no diagnosis")
    }
    if let run = row.text("run_id") {
      paragraph("last run", "\(row.text("dag_id") ?? "") \(run)", to: &output)
    }
    for (title, signals) in [("critical", step.critical), ("warning", step.warning)] where !signals.isEmpty {
      paragraph(title, signals.map(\.shown).joined(separator: ", "), to: &output)
    }
    if !step.critical.isEmpty {
      paragraph(
        "see", step.critical.map { "docs/operations.md#\($0.signal)" }.joined(separator: ", "), to: &output)
    }
    if let who = row.text("escalate_to") {
      paragraph(
        "escalate", "escalate to the \(who): \(Self.inARow(step.runsInARow)) without the exit criterion",
        to: &output)
    }
    if let exit = step.exit { paragraph("exit", exit, to: &output) }
    paragraph(step.isOver ? "may do" : "do", step.text, to: &output)
    if let code = step.code {
      let section = row.text("playbook").map { "manual, section \($0); " } ?? ""
      paragraph("playbook", "\(section)docs/operations.md#\(code)", to: &output)
    }
    if let configuration = row.text("configuration") {
      // To be copied: neither folded nor cut.
      output.line("  next run  \(configuration)")
      output.line("  airflow dags trigger launch__discovery --conf \(Self.quoted(configuration))")
    }
    output.line("")
  }

  private func paragraph(_ title: String, _ text: String, to output: inout StandardOutput) {
    var head = "  " + DisplayWidth.padded(title, to: 8) + "  "
    let room = width.map { max(20, $0 - head.count) }
    for line in DisplayWidth.lines(PrintableText.escaped(text), in: room, indent: 0) {
      output.line(StyledText(head + line))
      head = String(repeating: " ", count: head.count)
    }
  }

  private static func inARow(_ runs: Int) -> String {
    runs == 1 ? "in the last run" : "in \(runs) runs in a row"
  }

  /// The text for a shell: in single quotes, of which one within is written outside of them.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
