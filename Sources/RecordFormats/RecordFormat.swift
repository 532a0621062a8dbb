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

  /// Appends one record, in the colour of its severity where the format is for a terminal and colours are wanted.
  public func append(_ item: ClassifiedRecord, isColored: Bool, to buffer: inout [UInt8]) {
    guard self == .table, isColored, let color = TableFormat.color(of: item.verdict) else {
      append(item, to: &buffer)
      return
    }
    buffer += "\u{1B}[\(color)m".utf8
    append(item, to: &buffer)
    buffer.removeLast()
    buffer += "\u{1B}[0m\n".utf8
  }

  /// Appends one record.
  public func append(_ item: ClassifiedRecord, to buffer: inout [UInt8]) {
    switch self {
    case .table: TableFormat.append(item, to: &buffer)
    case .ndjson: NDJSONFormat.append(item, to: &buffer)
    case .csv: CSVFormat.append(item, to: &buffer)
    case .markdown: MarkdownFormat.append(item, to: &buffer)
    }
  }
}

/// Text for a terminal: what a terminal would obey is shown, not passed through.
public enum PrintableText {
  /// The text with control, format and line-separating characters written as `\u{9b}`.
  public static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isUnsafe(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    // Nearly all text is; the table of categories is slow.
    if scalar.value < 0x7F { return scalar.value < 0x20 }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
    default: return false
    }
  }
}
