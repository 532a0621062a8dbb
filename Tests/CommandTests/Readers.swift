import TestSupport

/// A strict reader of comma-separated values (RFC 4180), which also takes LF for the end of a line.
enum CSV {
  static func parse(_ text: String) throws -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var rest = Substring(text)
    while !rest.isEmpty {
      row.append(try field(&rest))
      switch rest.popFirst() {
      case ",": continue
      case "\n", "\r\n":
        rows.append(row)
        row = []
      default: throw ChildProcess.Failure("a field is followed by neither a comma nor the end of its line")
      }
    }
    guard row.isEmpty else { throw ChildProcess.Failure("the last line does not end") }
    return rows
  }

  private static func field(_ rest: inout Substring) throws -> String {
    guard rest.first == "\"" else {
      let field = rest.prefix { ![",", "\n", "\r\n"].contains($0) }
      guard !field.contains("\"") else {
        throw ChildProcess.Failure("a quote in a field without quotes: \(field)")
      }
      rest = rest[field.endIndex...]
      return String(field)
    }
    rest.removeFirst()
    var field = ""
    while let character = rest.popFirst() {
      if character != "\"" {
        field.append(character)
      } else if rest.first == "\"" {
        field.append("\"")
        rest.removeFirst()
      } else {
        return field
      }
    }
    throw ChildProcess.Failure("a quoted field does not end")
  }
}

/// What GitHub's Markdown makes of a table's row.
enum Markdown {
  /// The cells, which a bar ends unless an odd number of backslashes stands before it.
  static func cells(_ line: String) -> [String] {
    var cells: [String] = []
    var cell = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in line.unicodeScalars.dropFirst() {
      if scalar == "|", !isEscaped {
        cells.append(String(cell).trimming())
        cell = String.UnicodeScalarView()
      } else {
        cell.append(scalar)
      }
      isEscaped = scalar == "\\" && !isEscaped
    }
    return cells
  }

  /// A cell's text with backslash escapes and entities undone.
  static func plainText(_ cell: String) -> String {
    var text = String.UnicodeScalarView()
    var scalars = cell.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      if scalar == "\\", let next = scalars.first, next.isASCII,
        next.properties.isPatternSyntax || next == "_"
      {
        text.append(scalars.removeFirst())
      } else {
        text.append(scalar)
      }
    }
    return String(text).replacing("&lt;", with: "<").replacing("&amp;", with: "&")
  }
}

extension String {
  fileprivate func trimming() -> String {
    var part = unicodeScalars[...]
    while part.first == " " { part.removeFirst() }
    while part.last == " " { part.removeLast() }
    return String(part)
  }
}
