import LogModel

/// A value of a row by name, for formats that programs read.
public struct RowValue: Sendable {
  /// What a value is.
  public enum Kind: Sendable {
    /// Text, which can hold anything.
    case text
    /// A JSON number, true or false.
    case number
    /// JSON.
    case json
    /// Words with blanks between them; an array in JSON.
    case words
  }

  let name: String
  let kind: Kind

  /// A value by its name.
  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// Prints rows of a list in a format.
public struct RowPrinter: Sendable {
  private let format: RecordFormat
  private let style: RecordStyle
  private let values: [RowValue]
  private let table: TableLayout
  private let markdown: MarkdownTable

  /// A printer of rows that have these values and, for people, these columns.
  public init(_ format: RecordFormat, _ style: RecordStyle, values: [RowValue], columns: [TableColumn]) {
    self.format = format
    self.style = style
    self.values = values
    table = TableLayout(columns, width: style.width)
    markdown = MarkdownTable(columns)
  }

  /// The titles of the columns of a table for which the terminal has no room.
  public var leftOut: [String] { format == .table ? table.leftOut : [] }

  /// Appends what stands before the first row.
  public func appendHead(to buffer: inout [UInt8]) {
    switch format {
    case .table: table.appendHead(to: &buffer)
    case .ndjson: break
    case .csv: CSVFormat.appendRow(values.map(\.name), to: &buffer)
    case .markdown: markdown.appendHead(to: &buffer)
    }
  }

  /// Appends a row.
  public func append(_ row: any ListedRow, to buffer: inout [UInt8]) {
    switch format {
    case .table:
      let color = style.isColored ? VerdictColumns.color(of: row.text("severity")) : nil
      table.append(row, color: color, to: &buffer)
    case .ndjson: appendJSON(row, to: &buffer)
    case .csv:
      CSVFormat.appendRow(
        values.map { value in
          let text = row.text(value.name) ?? ""
          return style.isSpreadsheetSafe && value.kind == .text ? CSVFormat.safe(text) : text
        }, to: &buffer)
    case .markdown: markdown.append(row, to: &buffer)
    }
  }

  private func appendJSON(_ row: any ListedRow, to buffer: inout [UInt8]) {
    JSONWriter.append(to: &buffer) { json in
      json.beginObject()
      for value in values {
        guard let text = row.text(value.name) else { continue }
        json.key(given: value.name)
        switch value.kind {
        case .text: json.value(text)
        case .number, .json: json.value(json: text)
        case .words: json.array(text.split(separator: " ").map(String.init))
        }
      }
      json.endObject()
      json.endLine()
    }
  }
}

/// What ends a list for people: totals, and what the marks in it mean.
public enum ListEnd {
  /// What is said of columns for which there is no room.
  public static func leftOut(_ titles: [String]) -> [String] {
    titles.isEmpty
      ? [] : ["not shown, for want of width: \(titles.joined(separator: ", ")); ndjson and csv have all"]
  }

  /// Appends lines below a table or a Markdown table, folded at the width of the terminal.
  public static func append(
    _ lines: [String], format: RecordFormat, width: Int?, to buffer: inout [UInt8]
  ) {
    guard format.hasTotals else { return }
    if format == .markdown { buffer.append(0x0A) }
    for line in lines {
      let line = PrintableText.escaped(line)
      for part in format == .markdown ? [MarkdownTable.escaped(line)] : DisplayWidth.lines(line, in: width) {
        buffer += (part + "\n").utf8
      }
    }
  }
}
