import Diagnosis

/// How records and other rows are printed.
public enum RecordFormat: String, CaseIterable, Sendable {
  /// Columns for a person at a terminal.
  case table
  /// One JSON object a line; for records the stable contract of 5-command-line, NDJSON.
  case ndjson
  /// RFC 4180 with a header line.
  case csv
  /// A table for tickets and merge requests.
  case markdown

  /// Whether the rows are for people, so that a line of totals ends them.
  public var hasTotals: Bool {
    switch self {
    case .table, .markdown: true
    case .ndjson, .csv: false
    }
  }
}

/// The form of rows that their reader asked for.
public struct RecordStyle: Sendable {
  /// Whether a table has each row in the colour of its severity.
  public var isColored: Bool
  /// Whether CSV keeps a spreadsheet from taking what a log says for a formula.
  public var isSpreadsheetSafe: Bool
  /// The columns of the terminal; nil: nothing has to fit.
  public var width: Int?

  /// A form with these choices.
  public init(isColored: Bool = false, isSpreadsheetSafe: Bool = false, width: Int? = nil) {
    self.isColored = isColored
    self.isSpreadsheetSafe = isSpreadsheetSafe
    self.width = width
  }
}

/// Prints records in a format.
public struct RecordPrinter: Sendable {
  /// The format.
  public let format: RecordFormat
  /// The form.
  public let style: RecordStyle
  private let table: TableLayout
  private let markdown = MarkdownTable(VerdictColumns.all)

  /// A printer of a format and form.
  public init(_ format: RecordFormat, _ style: RecordStyle = RecordStyle()) {
    self.format = format
    self.style = style
    table = TableLayout(VerdictColumns.all, width: style.width)
  }

  /// The titles of the columns of a table for which the terminal has no room.
  public var leftOut: [String] { format == .table ? table.leftOut : [] }

  /// Appends what stands before the first record.
  public func appendHead(to buffer: inout [UInt8]) {
    switch format {
    case .table: table.appendHead(to: &buffer)
    case .ndjson: break
    case .csv: CSVFormat.appendHead(to: &buffer)
    case .markdown: markdown.appendHead(to: &buffer)
    }
  }

  /// Appends one record.
  public func append(_ item: ClassifiedRecord, to buffer: inout [UInt8]) {
    switch format {
    case .table:
      let color = style.isColored ? VerdictColumns.color(of: item.verdict.severity.rawValue) : nil
      table.append(item, color: color, to: &buffer)
    case .ndjson: NDJSONFormat.append(item, to: &buffer)
    case .csv: CSVFormat.append(item, isSpreadsheetSafe: style.isSpreadsheetSafe, to: &buffer)
    case .markdown: markdown.append(item, to: &buffer)
    }
  }
}
