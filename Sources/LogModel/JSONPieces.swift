/// The pieces of JSON text, written where there is room for them. ``JSONWriter`` makes the room and sets the commas. A caller that writes
/// many members at once makes the room for all of them and writes the commas with the keys.
extension OutputSpan<UInt8> {
  /// Appends JSON as it is, such as a comma, a key and its colon.
  @inlinable @inline(__always) package mutating func write(json: StaticString) {
    json.withUTF8Buffer { append(copying: unsafe $0.span) }
  }

  /// Appends a text in quotes. It needs room for ``JSONWriter/room(for:)``.
  ///
  /// A text is written as it is if it is printable ASCII without quote and backslash, as most texts are.
  package mutating func write(_ text: String, _ rule: JSONWriter.NULRule = .escaped) {
    let bytes = text.utf8.span
    writing(JSONWriter.room(forBytes: bytes.count)) { cursor in
      cursor.put(UInt8(ascii: "\""))
      if !cursor.putPlain(bytes) { cursor.putEscaped(text, rule) }
      cursor.put(UInt8(ascii: "\""))
    }
  }

  /// Appends a whole number. It needs room for ``JSONWriter/numberRoom``.
  package mutating func write(_ number: Int64) {
    writing(JSONWriter.numberRoom) { $0.put(number.magnitude, isNegative: number < 0, scale: 0) }
  }

  /// Appends a decimal in its shortest exact form. It needs room for ``ExactDecimal/mostBytes``.
  package mutating func write(_ number: ExactDecimal) { number.write(to: &self) }

  /// Appends an instant as a text. It needs room for ``LogTime/mostBytes`` and two quotes.
  package mutating func write(_ time: LogTime) {
    writing(LogTime.mostBytes + 2) { cursor in
      cursor.put(UInt8(ascii: "\""))
      time.write(to: &cursor)
      cursor.put(UInt8(ascii: "\""))
    }
  }

  /// Appends true or false.
  package mutating func write(_ flag: Bool) { write(json: flag ? "true" : "false") }
}

extension JSONWriter {
  /// The room that a text needs: each of its bytes may become six, and two quotes stand around it. At least eight bytes are written at once.
  package static func room(for text: String) -> Int { room(forBytes: text.utf8.count) }

  @inline(__always) static func room(forBytes count: Int) -> Int { 6 &* count &+ 10 }

  /// The room that a whole number needs.
  package static var numberRoom: Int { ByteCursor.mostNumberBytes }
}

extension ByteCursor {
  fileprivate mutating func putEscaped(_ text: String, _ rule: JSONWriter.NULRule) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": put(#"\""#)
      case "\\": put(#"\\"#)
      case "\u{8}": put(#"\b"#)
      case "\u{C}": put(#"\f"#)
      case "\n": put(#"\n"#)
      case "\r": put(#"\r"#)
      case "\t": put(#"\t"#)
      case "\u{0}" where rule == .dropped: break
      case "\u{0}"..."\u{1F}": putNumber(of: scalar)
      case "\u{7F}"..."\u{9F}" where rule == .escaped: putNumber(of: scalar)
      default: for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { put(byte) }
      }
    }
  }

  private mutating func putNumber(of scalar: Unicode.Scalar) {
    put(#"\u00"#)
    put(ASCII.hexDigit(UInt8(truncatingIfNeeded: scalar.value) >> 4))
    put(ASCII.hexDigit(UInt8(truncatingIfNeeded: scalar.value) & 15))
  }
}
