/// How `parse` prints records.
public enum RecordFormat: String, CaseIterable, Sendable {
  /// Columns for a person at a terminal.
  case table
  /// One JSON object a line; the stable contract of 5-command-line, NDJSON.
  case ndjson
  /// RFC 4180 with a header line.
  case csv
  /// A table for tickets and merge requests.
  case markdown

  /// Appends what stands before the first record.
  public func appendHead(to buffer: inout [UInt8]) {
    switch self {
    case .table: TableFormat.appendHead(to: &buffer)
    case .ndjson: break
    case .csv: CSVFormat.appendHead(to: &buffer)
    case .markdown: MarkdownFormat.appendHead(to: &buffer)
    }
  }

  /// Appends one record.
  public func append(_ item: ClassifiedRecord, _ style: RecordStyle = RecordStyle(), to buffer: inout [UInt8])
  {
    switch self {
    case .table:
      let color = style.isColored ? TableFormat.color(of: item.verdict) : nil
      if let color { buffer += "\u{1B}[\(color)m".utf8 }
      TableFormat.append(item, to: &buffer)
      guard color != nil else { break }
      buffer.removeLast()
      buffer += "\u{1B}[0m\n".utf8
    case .ndjson: NDJSONFormat.append(item, to: &buffer)
    case .csv: CSVFormat.append(item, isSpreadsheetSafe: style.isSpreadsheetSafe, to: &buffer)
    case .markdown: MarkdownFormat.append(item, to: &buffer)
    }
  }
}

/// The form of the records that their reader asked for.
public struct RecordStyle: Sendable {
  /// Whether a table has each record in the colour of its severity.
  public var isColored: Bool
  /// Whether CSV keeps a spreadsheet from taking what a log says for a formula.
  public var isSpreadsheetSafe: Bool

  /// A form with these choices.
  public init(isColored: Bool = false, isSpreadsheetSafe: Bool = false) {
    self.isColored = isColored
    self.isSpreadsheetSafe = isSpreadsheetSafe
  }
}
