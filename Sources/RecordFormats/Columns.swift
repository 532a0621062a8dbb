import Diagnosis
import LogModel

/// The columns that a person reads first, shared by the table and Markdown.
enum Columns {
  /// One column.
  struct Column: Sendable {
    var title: String
    /// The least width in a terminal.
    var width: Int
    var isNumeric: Bool
    var value: @Sendable (ClassifiedRecord) -> String
  }

  static let all: [Column] = [
    Column(title: "CRYPTO", width: 9, isNumeric: false) { text($0, .crypto) },
    Column(title: "HZN", width: 3, isNumeric: false) { text($0, .horizon) },
    Column(title: "SL", width: 4, isNumeric: true) { text($0, .sl) },
    Column(title: "TP", width: 4, isNumeric: true) { text($0, .tp) },
    Column(title: "FOLD", width: 4, isNumeric: true) { text($0, .fold) },
    Column(title: "F1", width: 6, isNumeric: true) { text($0, .f1Buy) },
    Column(title: "BASE", width: 6, isNumeric: true) { text($0, .baselineF1Buy) },
    Column(title: "DELTA", width: 6, isNumeric: true) { $0.verdict.deltaPoints?.description ?? "-" },
    Column(title: "SORTINO", width: 7, isNumeric: true) { text($0, .sortino) },
    Column(title: "TP%", width: 5, isNumeric: true) { text($0, .tpPct) },
    Column(title: "SL%", width: 5, isNumeric: true) { text($0, .slPct) },
    Column(title: "TO%", width: 5, isNumeric: true) { text($0, .timeoutPct) },
    Column(title: "GATES", width: 5, isNumeric: true) { gates($0.record.gates) },
    Column(title: "SEV", width: 4, isNumeric: false) { $0.verdict.severity.rawValue },
    Column(title: "VERDICT", width: 18, isNumeric: false) { verdict($0.verdict) },
    Column(title: "ISSUES", width: 6, isNumeric: true) { String($0.record.issues.count) },
    Column(title: "AT", width: 0, isNumeric: false) { "\($0.source):\($0.record.line)" },
  ]

  private static func text(_ item: ClassifiedRecord, _ key: FieldKey) -> String {
    switch item.record[key] {
    case .text(let text): text
    case .integer(let number): String(number)
    case .decimal(let number): number.description
    case .boolean(let flag): String(flag)
    case nil: "-"
    }
  }

  private static func gates(_ gates: [Gate]?) -> String {
    guard let gates else { return "-" }
    return "\(gates.count { $0.passed })/\(gates.count)"
  }

  private static func verdict(_ verdict: Verdict) -> String {
    switch (verdict.primary, verdict.certainty) {
    case (let code?, .certain): code.rawValue
    case (let code?, _): code.rawValue + "?"
    case (nil, .unclassified): "unclassified"
    case (nil, _): "all clear"
    }
  }
}

/// Columns for a terminal. Widths are fixed, because a record is printed as soon as it is known.
enum TableFormat {
  static func appendHead(to buffer: inout [UInt8]) {
    appendRow(Columns.all.map(\.title), to: &buffer)
  }

  static func append(_ item: ClassifiedRecord, to buffer: inout [UInt8]) {
    appendRow(Columns.all.map { PrintableText.escaped($0.value(item)) }, to: &buffer)
  }

  /// The select-graphic-rendition code of a severity; nil for what needs no attention.
  static func color(of verdict: Verdict) -> String? {
    switch verdict.severity {
    case .p0: "1;31"
    case .p1: "31"
    case .p2: "33"
    default: nil
    }
  }

  private static func appendRow(_ cells: [String], to buffer: inout [UInt8]) {
    for (index, (column, cell)) in zip(Columns.all, cells).enumerated() {
      if index > 0 { buffer += "  ".utf8 }
      let padding = String(repeating: " ", count: max(0, column.width - cell.count))
      buffer += (column.isNumeric ? padding + cell : cell + padding).utf8
    }
    buffer.append(0x0A)
  }
}

/// A Markdown table.
enum MarkdownFormat {
  static func appendHead(to buffer: inout [UInt8]) {
    appendRow(Columns.all.map(\.title), to: &buffer)
    appendRow(Columns.all.map { $0.isNumeric ? "---:" : "---" }, to: &buffer)
  }

  static func append(_ item: ClassifiedRecord, to buffer: inout [UInt8]) {
    appendRow(Columns.all.map { escaped(PrintableText.escaped($0.value(item))) }, to: &buffer)
  }

  private static func appendRow(_ cells: [String], to buffer: inout [UInt8]) {
    buffer += ("| " + cells.joined(separator: " | ") + " |\n").utf8
  }

  /// Characters that Markdown would read as markup, as HTML or as the end of a cell.
  private static func escaped(_ text: String) -> String {
    var result = ""
    // By scalar: a mark that combines with a bar must not hide it.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "|", "\\", "*", "_", "`", "[", "]", "~": result += "\\\(scalar)"
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
