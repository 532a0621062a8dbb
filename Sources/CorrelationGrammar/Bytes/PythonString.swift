/// Resolves the escapes of Python's representation of a string, `repr()`, in which the console form of a
/// structured header shows values that have blanks, quotes or control characters (2-log-envelopes, Structured
/// headers).
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
        if let scalar = Unicode.Scalar(number) {
          decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        } else {
          decoded.append(0xFF)
        }
      }
    }
    decoded.append(text, in: position..<range.upperBound)
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
