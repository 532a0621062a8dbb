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

  /// Appends what `write` writes to a buffer, for which so much room is made.
  package static func append(
    to buffer: inout [UInt8], room: Int, _ write: (inout OutputSpan<UInt8>) -> Void
  ) {
    buffer.append(addingCapacity: room, initializingWith: write)
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
    append(key, 0) { _ in }
    needsComma = false
  }

  /// Appends what the closure writes, of at most so many bytes, with a comma before it where one is needed, and behind a key if there is one.
  @inline(__always) private mutating func append(
    _ key: StaticString?, _ most: Int, _ write: (inout OutputSpan<UInt8>) -> Void
  ) {
    let needsComma = needsComma
    bytes.append(addingCapacity: most + 4 + (key?.utf8CodeUnitCount ?? 0)) { out in
      if needsComma { out.append(UInt8(ascii: ",")) }
      if let key {
        out.append(UInt8(ascii: "\""))
        key.withUTF8Buffer { out.append(copying: unsafe $0.span) }
        out.append(UInt8(ascii: "\""))
        out.append(UInt8(ascii: ":"))
      }
      write(&out)
    }
    self.needsComma = true
  }

  /// Writes a key that a log or a user has given.
  package mutating func key(given key: String) {
    value(key)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes a text.
  package mutating func value(_ text: String) { write(text, behind: nil) }

  private mutating func write(_ text: String, behind key: StaticString?) {
    let rule = rule
    append(key, Self.room(for: text)) { $0.write(text, rule) }
  }

  /// Writes what the closure writes as one value, for which there is so much room; its own commas are among it.
  package mutating func value(_ room: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
    append(nil, room, write)
  }

  /// Writes an instant as a text.
  package mutating func value(_ time: LogTime) { append(nil, LogTime.mostBytes + 2) { $0.write(time) } }

  /// Writes a whole number.
  package mutating func value(_ number: Int64) { write(number, behind: nil) }

  private mutating func write(_ number: Int64, behind key: StaticString?) {
    append(key, Self.numberRoom) { $0.write(number) }
  }

  /// Writes a decimal in its shortest exact form.
  package mutating func value(_ number: ExactDecimal) { write(number, behind: nil) }

  private mutating func write(_ number: ExactDecimal, behind key: StaticString?) {
    append(key, number.mostBytes) { $0.write(number) }
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
}

/// Members: a key and its value. A member without a value is left out.
extension JSONWriter {
  /// Writes a text.
  package mutating func member(_ key: StaticString, _ text: String?) {
    if let text { write(text, behind: key) }
  }

  /// Writes an instant.
  package mutating func member(_ key: StaticString, _ time: LogTime?) {
    guard let time else { return }
    self.key(key)
    value(time)
  }

  /// Writes a whole number.
  package mutating func member(_ key: StaticString, _ number: Int?) {
    if let number { write(Int64(number), behind: key) }
  }

  /// Writes a whole number.
  package mutating func member(_ key: StaticString, _ number: Int64?) {
    if let number { write(number, behind: key) }
  }

  /// Writes a decimal in its shortest exact form.
  package mutating func member(_ key: StaticString, _ number: ExactDecimal?) {
    if let number { write(number, behind: key) }
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
