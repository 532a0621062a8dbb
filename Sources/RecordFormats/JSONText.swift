package import LogModel

/// Writes JSON text (RFC 8259) into a buffer.
package enum JSONText {
  /// Appends a string in quotes. Control characters are escaped, DEL and U+0080 … U+009F too, because a terminal
  /// would obey them; everything else stays as it is.
  package static func append(_ text: String, to buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "\""))
    if appendPlain(text, to: &buffer) {
      buffer.append(UInt8(ascii: "\""))
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": buffer += #"\""#.utf8
      case "\\": buffer += #"\\"#.utf8
      case "\n": buffer += #"\n"#.utf8
      case "\r": buffer += #"\r"#.utf8
      case "\t": buffer += #"\t"#.utf8
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
        let digits = String(scalar.value, radix: 16)
        buffer += #"\u"#.utf8
        buffer += String(repeating: "0", count: 4 - digits.utf8.count).utf8
        buffer += digits.utf8
      default: buffer += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      }
    }
    buffer.append(UInt8(ascii: "\""))
  }
}

extension JSONText {
  /// Appends a text of printable ASCII without quote and backslash as it is, which most texts are; false where it is none.
  private static func appendPlain(_ text: String, to buffer: inout [UInt8]) -> Bool {
    let bytes = text.utf8.span
    // Every byte is looked at, so that the machine can look at many at once.
    var special = false
    for index in bytes.indices {
      let byte = bytes[index]
      let isPlain = byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
      special = special || !isPlain
    }
    if special { return false }
    buffer.append(contentsOf: text.utf8)
    return true
  }
}

/// Writes the members of one JSON object in order, with commas between them.
package struct JSONObjectWriter {
  private var isFirst = true

  /// Opens the object.
  package init(_ buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "{"))
  }

  /// Appends a key; the value must follow.
  package mutating func key(_ key: String, _ buffer: inout [UInt8]) {
    if !isFirst { buffer.append(UInt8(ascii: ",")) }
    isFirst = false
    JSONText.append(key, to: &buffer)
    buffer.append(UInt8(ascii: ":"))
  }

  /// Appends a member whose value is text.
  package mutating func member(_ key: String, text: String?, _ buffer: inout [UInt8]) {
    guard let text else { return }
    self.key(key, &buffer)
    JSONText.append(text, to: &buffer)
  }

  /// Appends a member whose value is a number, or anything whose description is JSON.
  package mutating func member(
    _ key: String, number: (some CustomStringConvertible)?, _ buffer: inout [UInt8]
  ) {
    guard let number else { return }
    self.key(key, &buffer)
    buffer += number.description.utf8
  }

  /// Appends a member whose value is a decimal, in its shortest exact form.
  package mutating func member(_ key: String, decimal number: ExactDecimal?, _ buffer: inout [UInt8]) {
    guard let number else { return }
    self.key(key, &buffer)
    number.append(to: &buffer)
  }

  /// Appends a member whose value is an array.
  package mutating func member<Element>(
    _ key: String, array: some Collection<Element>, _ buffer: inout [UInt8],
    _ element: (Element, inout [UInt8]) -> Void
  ) {
    self.key(key, &buffer)
    buffer.append(UInt8(ascii: "["))
    for (index, item) in array.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: ",")) }
      element(item, &buffer)
    }
    buffer.append(UInt8(ascii: "]"))
  }

  /// Closes the object.
  package func end(_ buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "}"))
  }
}
