/// The pieces of JSON text, written where there is room for them. ``JSONWriter`` makes the room and sets the commas. A caller that writes
/// many members at once makes the room for all of them (``JSONWriter/pieces(_:_:)``) and writes the commas with the keys.
extension OutputSpan<UInt8> {
  /// Appends JSON as it is, such as a comma, a key and its colon.
  @inlinable package mutating func write(json: StaticString) {
    json.withUTF8Buffer { append(copying: unsafe $0.span) }
  }

  /// Appends a text in quotes. It takes at most ``JSONWriter/room(for:)``.
  ///
  /// A text is written as it is if it is printable ASCII without quote and backslash, as most texts are.
  package mutating func write(_ text: String, _ rule: JSONWriter.NULRule = .escaped) {
    let span = text.utf8.span
    append(UInt8(ascii: "\""))
    if span.isPlain { append(copying: span) } else { writeEscaped(text, rule) }
    append(UInt8(ascii: "\""))
  }

  /// Appends a whole number, at most 20 bytes.
  package mutating func write(_ number: Int64) {
    ExactDecimal.write(number.magnitude, isNegative: number < 0, scale: 0, to: &self)
  }

  /// Appends a decimal in its shortest exact form. It takes at most ``ExactDecimal/mostBytes``.
  package mutating func write(_ number: ExactDecimal) { number.write(to: &self) }

  /// Appends an instant as a text. It takes at most ``LogTime/mostBytes`` and two quotes.
  package mutating func write(_ time: LogTime) {
    append(UInt8(ascii: "\""))
    time.write(to: &self)
    append(UInt8(ascii: "\""))
  }

  /// Appends true or false.
  package mutating func write(_ flag: Bool) { write(json: flag ? "true" : "false") }

  private mutating func writeEscaped(_ text: String, _ rule: JSONWriter.NULRule) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": write(json: #"\""#)
      case "\\": write(json: #"\\"#)
      case "\u{8}": write(json: #"\b"#)
      case "\u{C}": write(json: #"\f"#)
      case "\n": write(json: #"\n"#)
      case "\r": write(json: #"\r"#)
      case "\t": write(json: #"\t"#)
      case "\u{0}" where rule == .dropped: break
      case "\u{0}"..."\u{1F}": writeNumber(of: scalar)
      case "\u{7F}"..."\u{9F}" where rule == .escaped: writeNumber(of: scalar)
      default: for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
      }
    }
  }

  private mutating func writeNumber(of scalar: Unicode.Scalar) {
    write(json: #"\u00"#)
    append(ASCII.hexDigit(UInt8(truncatingIfNeeded: scalar.value) >> 4))
    append(ASCII.hexDigit(UInt8(truncatingIfNeeded: scalar.value) & 15))
  }
}
