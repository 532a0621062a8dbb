import Diagnosis
import LogModel

/// Comma-separated values (RFC 4180) with a header line; lines end in LF.
enum CSVFormat {
  private enum Cell {
    /// A value that the program itself writes: a number, a time, a code, JSON.
    case own(String)
    /// Text from a log, or a path. It can begin with any character.
    case given(String)
  }

  private struct Column: Sendable {
    var name: String
    var value: @Sendable (ClassifiedRecord) -> Cell?

    /// A column of the program's own values.
    static func own(_ name: String, _ value: @escaping @Sendable (ClassifiedRecord) -> String?) -> Column {
      Column(name: name) { value($0).map(Cell.own) }
    }

    /// A column of values from logs and paths.
    static func given(_ name: String, _ value: @escaping @Sendable (ClassifiedRecord) -> String?) -> Column {
      Column(name: name) { value($0).map(Cell.given) }
    }
  }

  /// The first characters that make a spreadsheet take a cell for a formula, and the blanks that it drops before a formula (OWASP, CSV
  /// Injection).
  private static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n"]

  /// A column keeps its place, so new ones come at the end only (5-command-line, CSV): those of fields behind `complete`, the last one of the
  /// first release, too.
  private static let columns: [Column] = {
    let later = FieldKey.allCases.drop { $0 != .complete }.dropFirst()
    return place + FieldKey.allCases.dropLast(later.count).map(column) + verdict + later.map(column)
  }()

  private static let place: [Column] = [
    .given("source") { $0.source },
    .own("line") { String($0.record.line) },
    .own("offset") { String($0.record.offset) },
    .own("block") { String($0.record.block) },
    .own("observed_at") { $0.observedAt?.description },
    .given("dag_id") { $0.identity?.dagID },
    .given("run_id") { $0.identity?.runID },
    .given("task_id") { $0.identity?.taskID },
    .own("map_index") { $0.identity?.mapIndex.map(String.init) },
    .own("try_number") { $0.identity.map { String($0.tryNumber) } },
    .own("grammar") { String($0.record.grammarVersion) },
    .own("end") { $0.record.end.rawValue },
  ]

  private static let verdict: [Column] = [
    .own("gates") { $0.record.gateList?.jsonText },
    .own("extras") { $0.record.extras.isEmpty ? nil : $0.record.extras.jsonText },
    .own("issues") { $0.record.issues.map(\.kind.rawValue).joined(separator: " ") },
    .own("taxonomy") { String($0.verdict.taxonomyVersion) },
    .own("primary") { $0.verdict.primary?.rawValue },
    .own("certainty") { $0.verdict.certainty.rawValue },
    .own("severity") { $0.verdict.severity.rawValue },
    .own("findings") { $0.verdict.findings.map(\.rawValue).joined(separator: " ") },
    .own("ml") { $0.verdict.ml.text },
    .own("execution") { $0.verdict.execution.text },
    .own("infra") { $0.verdict.infra.text },
    .own("delta_points") { $0.verdict.deltaPoints?.description },
    .own("not_evaluated") { $0.verdict.notEvaluated.map(\.rule).joined(separator: " ") },
    .given("explanation") { $0.verdict.explanation },
    .own("useful") { String($0.record.isUseful(under: $0.verdict)) },
  ]

  /// The column of a field of the record.
  private static func column(_ key: FieldKey) -> Column {
    Column(name: key.name) { cell($0.record[key]) }
  }

  static func appendHead(to buffer: inout [UInt8]) {
    appendRow(columns.map(\.name), to: &buffer)
  }

  /// Appends one row. If it `isSpreadsheetSafe`, no text from a log or a path begins as a formula does.
  static func append(_ item: ClassifiedRecord, isSpreadsheetSafe: Bool, to buffer: inout [UInt8]) {
    appendRow(columns.map { text(of: $0.value(item), isSpreadsheetSafe) }, to: &buffer)
  }

  private static func text(of cell: Cell?, _ isSpreadsheetSafe: Bool) -> String {
    switch cell {
    case .own(let text): text
    case .given(let text): isSpreadsheetSafe ? safe(text) : text
    case nil: ""
    }
  }

  /// A text that no spreadsheet takes for a formula.
  static func safe(_ text: String) -> String {
    guard let first = text.unicodeScalars.first, formulaStarts.contains(first) else { return text }
    return "'" + text
  }

  /// Appends a row of cells as they are.
  static func appendRow(_ cells: [String], to buffer: inout [UInt8]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: ",")) }
      let cell = PrintableText.escaped(cell)
      if cell.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") }) {
        buffer.append(UInt8(ascii: "\""))
        for byte in cell.utf8 {
          if byte == UInt8(ascii: "\"") { buffer.append(byte) }
          buffer.append(byte)
        }
        buffer.append(UInt8(ascii: "\""))
      } else {
        buffer += cell.utf8
      }
    }
    buffer.append(0x0A)
  }

  private static func cell(_ value: FieldValue?) -> Cell? {
    switch value {
    case .text(let text): .given(text)
    case .integer(let number): .own(String(number))
    case .decimal(let number): .own(number.description)
    case .boolean(let flag): .own(String(flag))
    case nil: nil
    }
  }
}
