/// Reads strings as Python writes them, `repr()`: in objects, and in the console form of a structured header, which shows
/// values so that have blanks, quotes or control characters (2-log-envelopes, Structured headers).
enum PythonString {
  /// Appends the string's text to `decoded`. What Python would not write stays as it is; a lone surrogate becomes the byte FF,
  /// which is no UTF-8, so that the value that holds it is reported as `invalid_utf8`.
  static func decode(_ text: Span<UInt8>, in range: Range<Int>, into decoded: inout [UInt8]) {
    var position = range.lowerBound
    while let escape = text.index(of: UInt8(ascii: "\\"), from: position), escape + 1 < range.upperBound {
      decoded.append(text, in: position..<escape)
      position = escape + 2
      switch text[escape + 1] {
      case UInt8(ascii: "n"): decoded.append(0x0A)
      case UInt8(ascii: "t"): decoded.append(0x09)
      case UInt8(ascii: "r"): decoded.append(0x0D)
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): decoded.append(text[escape + 1])
      case let letter:
        guard let digits = digits(of: letter), position + digits <= range.upperBound,
          let number = JSONString.hexadecimal(text, at: position, digits: digits), number <= 0x10FFFF
        else {
          decoded.append(text, in: escape..<position)
          continue
        }
        position += digits
        append(number, to: &decoded)
      }
    }
    decoded.append(text, in: position..<range.upperBound)
  }

  /// Reads the string that begins with the quote at `start`, single or double, with the escapes of JSON or of Python, and appends its
  /// text to `decoded`. A lone surrogate becomes the byte FF.
  ///
  /// - Returns: The position after the closing quote; nil where the string does not close, or holds a control character or another
  ///   escape.
  static func read(_ text: Span<UInt8>, from start: Int, into decoded: inout [UInt8]) -> Int? {
    let quote = text[start]
    var position = start + 1
    while position < text.count {
      let byte = text[position]
      position += 1
      if byte == quote { return position }
      guard byte >= 0x20 else { return nil }
      guard byte == UInt8(ascii: "\\") else {
        decoded.append(byte)
        continue
      }
      guard position < text.count else { return nil }
      let letter = text[position]
      position += 1
      if let plain = plainEscape(letter) {
        decoded.append(plain)
      } else if letter == UInt8(ascii: "u") {
        guard JSONString.hexadecimal(text, at: position) != nil else { return nil }
        position = JSONString.appendCodePoint(text, at: position - 2, limit: text.count, to: &decoded)
      } else {
        guard let digits = digits(of: letter),
          let number = JSONString.hexadecimal(text, at: position, digits: digits), number <= 0x10FFFF
        else { return nil }
        position += digits
        append(number, to: &decoded)
      }
    }
    return nil
  }

  /// The byte for which a letter behind a backslash stands.
  private static func plainEscape(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "/"): letter
    default: nil
    }
  }

  private static func append(_ number: UInt32, to decoded: inout [UInt8]) {
    if let scalar = Unicode.Scalar(number) {
      decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    } else {
      decoded.append(0xFF)
    }
  }

  /// How many hexadecimal digits follow `\x`, `\u` and `\U`.
  private static func digits(of letter: UInt8) -> Int? {
    switch letter {
    case UInt8(ascii: "x"): 2
    case UInt8(ascii: "u"): 4
    case UInt8(ascii: "U"): 8
    default: nil
    }
  }
}
