/// Writes JSON text (RFC 8259) into bytes that it keeps, and sets the commas.
///
/// The calls come in the order of the text: ``beginObject()``, a key, its value, the next key, …, ``endObject()``. All JSON
/// that the program writes, for its users and for PostgreSQL, is written here.
package struct JSONWriter: Sendable {
  /// What is done with NUL in a text, the one character that PostgreSQL cannot store.
  package enum NULRule: Sendable {
    /// NUL is written as `\u0000`, and what a terminal would obey (DEL, U+0080 … U+009F) is escaped too.
    case escaped
    /// NUL is left out, as in every text that is stored. What JSON need not escape stays as it is.
    case dropped
  }

  /// The text so far.
  package var bytes: [UInt8] = []
  private let rule: NULRule
  /// Whether a value was the last thing written, so that the next key or value needs a comma before it.
  private var needsComma = false

  /// A writer without text.
  package init(_ rule: NULRule) {
    self.rule = rule
  }

  /// Appends what `write` writes to a buffer.
  package static func append(
    to buffer: inout [UInt8], _ rule: NULRule = .escaped, _ write: (inout JSONWriter) -> Void
  ) {
    var json = JSONWriter(rule)
    swap(&buffer, &json.bytes)
    write(&json)
    swap(&buffer, &json.bytes)
  }

  /// The JSON text that `write` writes.
  package static func text(_ rule: NULRule, _ write: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter(rule)
    write(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// Forgets the text. The memory stays for the next one.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  /// Ends a line of NDJSON. The next value begins a text of its own.
  package mutating func endLine() {
    bytes.append(0x0A)
    needsComma = false
  }

  /// Opens an object.
  package mutating func beginObject() { open(UInt8(ascii: "{")) }

  /// Closes the object.
  package mutating func endObject() { close(UInt8(ascii: "}")) }

  /// Opens an array.
  package mutating func beginArray() { open(UInt8(ascii: "[")) }

  /// Closes the array.
  package mutating func endArray() { close(UInt8(ascii: "]")) }

  /// Writes a key of the program's own, which holds nothing to escape.
  package mutating func key(_ key: StaticString) {
    let needsComma = needsComma
    key.withUTF8Buffer { name in
      bytes.append(addingCapacity: name.count + 4) { out in
        if needsComma { out.append(UInt8(ascii: ",")) }
        out.append(UInt8(ascii: "\""))
        out.append(copying: unsafe name.span)
        out.append(UInt8(ascii: "\""))
        out.append(UInt8(ascii: ":"))
      }
    }
    self.needsComma = false
  }

  /// Writes a key that a log or a user has given.
  package mutating func key(given key: String) {
    value(key)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes a text.
  package mutating func value(_ text: String) {
    if !appendPlain(text) {
      separate()
      bytes.append(UInt8(ascii: "\""))
      appendEscaped(text)
      bytes.append(UInt8(ascii: "\""))
    }
    needsComma = true
  }

  /// Writes an instant as a text.
  package mutating func value(_ time: LogTime) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    time.append(to: &bytes)
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }

  /// Writes a whole number.
  package mutating func value(_ number: Int64) {
    separate()
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    ExactDecimal.append(number.magnitude, scale: 0, to: &bytes)
    needsComma = true
  }

  /// Writes a decimal in its shortest exact form.
  package mutating func value(_ number: ExactDecimal) {
    separate()
    number.append(to: &bytes)
    needsComma = true
  }

  /// Writes `true` or `false`.
  package mutating func value(_ flag: Bool) {
    separate()
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    needsComma = true
  }

  /// Writes what is JSON already, as PostgreSQL's text of a number.
  package mutating func value(json text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  /// Appends a text in quotes as it is if it is printable ASCII without quote and backslash, as most texts are; else returns false.
  private mutating func appendPlain(_ text: String) -> Bool {
    let span = text.utf8.span
    guard span.isPlain else { return false }
    let needsComma = needsComma
    bytes.append(addingCapacity: span.count + 3) { out in
      if needsComma { out.append(UInt8(ascii: ",")) }
      out.append(UInt8(ascii: "\""))
      out.append(copying: span)
      out.append(UInt8(ascii: "\""))
    }
    return true
  }

  private mutating func appendEscaped(_ text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": bytes += #"\""#.utf8
      case "\\": bytes += #"\\"#.utf8
      case "\u{8}": bytes += #"\b"#.utf8
      case "\u{C}": bytes += #"\f"#.utf8
      case "\n": bytes += #"\n"#.utf8
      case "\r": bytes += #"\r"#.utf8
      case "\t": bytes += #"\t"#.utf8
      case "\u{0}" where rule == .dropped: break
      case "\u{0}"..."\u{1F}": appendNumber(of: scalar)
      case "\u{7F}"..."\u{9F}" where rule == .escaped: appendNumber(of: scalar)
      default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      }
    }
  }

  private mutating func appendNumber(of scalar: Unicode.Scalar) {
    bytes += #"\u00"#.utf8
    bytes.append(ASCII.hexDigit(UInt8(truncatingIfNeeded: scalar.value) >> 4))
    bytes.append(ASCII.hexDigit(UInt8(truncatingIfNeeded: scalar.value) & 15))
  }
}

/// Members: a key and its value. A member without a value is left out.
extension JSONWriter {
  /// Writes a text.
  package mutating func member(_ key: StaticString, _ text: String?) {
    guard let text else { return }
    self.key(key)
    value(text)
  }

  /// Writes an instant.
  package mutating func member(_ key: StaticString, _ time: LogTime?) {
    guard let time else { return }
    self.key(key)
    value(time)
  }

  /// Writes a whole number.
  package mutating func member(_ key: StaticString, _ number: Int?) {
    guard let number else { return }
    self.key(key)
    value(Int64(number))
  }

  /// Writes a whole number.
  package mutating func member(_ key: StaticString, _ number: Int64?) {
    guard let number else { return }
    self.key(key)
    value(number)
  }

  /// Writes a decimal in its shortest exact form.
  package mutating func member(_ key: StaticString, _ number: ExactDecimal?) {
    guard let number else { return }
    self.key(key)
    value(number)
  }

  /// Writes `true` or `false`.
  package mutating func member(_ key: StaticString, _ flag: Bool) {
    self.key(key)
    value(flag)
  }

  /// Writes what is JSON already.
  package mutating func member(_ key: StaticString, json text: String?) {
    guard let text else { return }
    self.key(key)
    value(json: text)
  }

  /// Writes an array of texts, an empty one too.
  package mutating func member(_ key: StaticString, _ texts: [String]) {
    self.key(key)
    array(texts)
  }

  /// Writes an array of texts.
  package mutating func array(_ texts: [String]) {
    beginArray()
    for text in texts { value(text) }
    endArray()
  }
}
