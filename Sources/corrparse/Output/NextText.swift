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
      output.line("\(head)  \(StyledText(code, code: color)), \(step.inARow)")
    } else {
      output.line("\(head)  no diagnosis")
    }
    for (title, text) in step.lines { paragraph(title, text, to: &output) }
    if let configuration = row.text("configuration") {
      // To be copied: neither folded nor cut.
      output.line("  next run  \(configuration)")
      output.line("  trigger   airflow dags trigger launch__discovery --conf \(Self.quoted(configuration))")
    }
    output.line("")
  }

  private func paragraph(_ title: StepTitle, _ text: String, to output: inout StandardOutput) {
    var head = "  " + DisplayWidth.padded(title.rawValue, to: 8) + "  "
    let room = width.map { max(20, $0 - head.count) }
    for line in DisplayWidth.lines(PrintableText.escaped(text), in: room, indent: 0) {
      output.line(StyledText(head + line))
      head = String(repeating: " ", count: head.count)
    }
  }

  /// The text for a shell: in single quotes, of which one within is written outside of them.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
