import ArgumentParser
import Diagnosis
import DiagnosticWriter
import LogModel
import RecordFormats

/// How `next` prints.
enum NextFormat: String, CaseIterable, ExpressibleByArgument {
  case text, ndjson
}

struct NextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next",
    abstract: "Say what to do now for each crypto, from the diagnosis of its last runs.",
    discussion: """
      The diagnosis of the crypto's last test run, since how many runs in a row, the playbook's step (manual, section 9), \
      whether its exit criterion is reached, and where the manual names one the configuration of the next discovery. \
      After three runs in a row without the exit criterion it says to whom to escalate; a criterion of which it is not \
      known is not reached. Nothing is triggered. The values are those of diagnostics.next_step_v1; a role that may only \
      read the views suffices.

      Examples:
        corrparse next
        corrparse next --crypto SOLUSDC
        corrparse next --format ndjson | jq -c 'select(.configuration) | .configuration'

      Exit status: 0 done, whatever is to be done; 64, 69, 74, 75, 77, 78 as of ingest.
      """)

  @Option(help: "Only of this crypto pair; several with commas between.")
  var crypto: [String] = []
  @Option(help: "How to print: text for people, or ndjson, one object a line for each crypto.")
  var format = NextFormat.text

  @OptionGroup var color: ColorOption
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func run() throws {
    var question = StoredQuestion()
    question.verdict.cryptos = Choice.words(crypto)
    let connection = try database.connectForList(asking: question.verdict.cryptos, logging)
    var output = StandardOutput()
    let list = StoredList.nextSteps
    let printer = RowPrinter(.ndjson, RecordStyle(), values: list.rowValues, columns: [])
    let text = NextText(isColored: color.isWanted, width: StandardOutput.width)
    var (count, escalated, configured) = (0, 0, 0)
    try reportingDatabaseErrors { () throws(DatabaseError) in
      try ListReader(connection).read(list, question, group: { _, _ in }) { (row) throws(DatabaseError) in
        count += 1
        if row.text("escalate_to") != nil { escalated += 1 }
        if row.text("configuration") != nil { configured += 1 }
        switch format {
        case .text: text.write(row, to: &output)
        case .ndjson:
          var bytes: [UInt8] = []
          printer.append(row, to: &bytes)
          output.document(bytes)
        }
      }
    }
    if format == .text {
      output.line(
        "\(count) crypto\(count == 1 ? "" : "s"), \(configured) with a configuration, \(escalated) to escalate"
      )
    }
    try output.closeOrExit()
  }
}

/// Writes the next step of a crypto for a person.
struct NextText {
  let isColored: Bool
  let width: Int?

  /// Writes one crypto's paragraph.
  func write(_ row: StoredRow, to output: inout StandardOutput) {
    let crypto = row.text("crypto") ?? "?"
    let code = row.text("primary_code")
    let runs = row.text("runs_in_a_row").flatMap { Int($0) } ?? 0
    let head = StyledText(crypto, code: isColored ? "1" : nil)
    if let code {
      let severity = DiagnosisCode(rawValue: code).flatMap { Taxonomy.current[$0]?.severity.worst.rawValue }
      let color = isColored ? VerdictColumns.color(of: severity) : nil
      output.line("\(head)  \(StyledText(code, code: color)), \(Self.inARow(runs))")
    } else {
      output.line("\(head)  no diagnosis")
    }
    if let run = row.text("run_id") {
      paragraph("last run", "\(row.text("dag_id") ?? "") \(run)", to: &output)
    }
    if let who = row.text("escalate_to") {
      paragraph(
        "escalate", "escalate to the \(who): \(Self.inARow(runs)) without the exit criterion", to: &output)
    }
    if let criterion = row.text("exit_criterion") {
      let state =
        switch row.text("met") {
        case "true": "reached"
        case "false": "not reached"
        default: "unknown"
        }
      paragraph("exit", "\(criterion): \(state)", to: &output)
    }
    paragraph("do", row.text("next_step") ?? "", to: &output)
    if let section = row.text("playbook"), let code {
      paragraph("playbook", "manual, section \(section); docs/operations.md#\(code)", to: &output)
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
