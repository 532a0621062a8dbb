import LogModel

/// A strict reader of RFC 8259 text that allocates nothing: it walks bytes in place and gives ranges.
///
/// Used for the log's JSON envelopes.
enum JSONScanner {
  /// What a value is.
  enum Kind {
    case string, number, boolean, null, object, array
  }

  /// One member of an object: ranges of the key and of the value, strings without their quotes.
  struct Member {
    var key: Range<Int>
    var value: Range<Int>
    var kind: Kind
  }

  /// How a text that ought to be one object turned out.
  enum Completeness {
    case whole, unfinished, invalid
  }

  static let maximumDepth = 128

  /// Walks the members of the object that begins at `position` (a `{`), and moves `position` behind it. False if the object is not
  /// valid: `position` is then undefined, and `visit` may have seen some of its members.
  static func members(
    of text: Span<UInt8>, from position: inout Int, depth: Int = 0, _ visit: (Member) -> Void
  ) -> Bool {
    guard depth < maximumDepth, position < text.count, text[position] == UInt8(ascii: "{") else {
      return false
    }
    position += 1
    skipSpace(text, &position)
    if byte(text, position) == UInt8(ascii: "}") {
      position += 1
      return true
    }
    while true {
      guard byte(text, position) == UInt8(ascii: "\""), let key = string(text, &position) else {
        return false
      }
      skipSpace(text, &position)
      guard byte(text, position) == UInt8(ascii: ":") else { return false }
      position += 1
      skipSpace(text, &position)
      guard let (value, kind) = value(text, &position, depth: depth + 1) else { return false }
      visit(Member(key: key, value: value, kind: kind))
      skipSpace(text, &position)
      let next = byte(text, position)
      position += 1
      if next == UInt8(ascii: "}") { return true }
      guard next == UInt8(ascii: ",") else { return false }
      skipSpace(text, &position)
    }
  }

  /// Walks the members of a text that is one object and nothing else but white space.
  static func object(_ text: Span<UInt8>, _ visit: (Member) -> Void) -> Bool {
    var position = 0
    skipSpace(text, &position)
    guard members(of: text, from: &position, visit) else { return false }
    skipSpace(text, &position)
    return position == text.count
  }

  /// Reads one value; strings come without their quotes.
  static func value(_ text: Span<UInt8>, _ position: inout Int, depth: Int) -> (Range<Int>, Kind)? {
    guard let first = byte(text, position) else { return nil }
    let start = position
    switch first {
    case UInt8(ascii: "\""):
      return string(text, &position).map { ($0, .string) }
    case UInt8(ascii: "{"):
      return members(of: text, from: &position, depth: depth) { _ in } ? (start..<position, .object) : nil
    case UInt8(ascii: "["):
      return array(text, &position, depth: depth) ? (start..<position, .array) : nil
    case UInt8(ascii: "t"):
      return literal("true", text, &position).map { ($0, .boolean) }
    case UInt8(ascii: "f"):
      return literal("false", text, &position).map { ($0, .boolean) }
    case UInt8(ascii: "n"):
      return literal("null", text, &position).map { ($0, .null) }
    default:
      return number(text, &position).map { ($0, .number) }
    }
  }

  private static func byte(_ text: Span<UInt8>, _ position: Int) -> UInt8? {
    position < text.count ? text[position] : nil
  }

  private static func skipSpace(_ text: Span<UInt8>, _ position: inout Int) {
    while position < text.count {
      switch text[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private static func literal(
    _ word: StaticString, _ text: Span<UInt8>, _ position: inout Int
  ) -> Range<Int>? {
    guard text.has(word, at: position) else { return nil }
    let start = position
    position += word.utf8CodeUnitCount
    return start..<position
  }

  /// Reads a string from its opening quote; the range is without quotes, escapes checked but not resolved.
  static func string(_ text: Span<UInt8>, _ position: inout Int) -> Range<Int>? {
    position += 1
    let start = position
    while position < text.count {
      let byte = text[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return start..<position - 1
      }
      guard byte >= 0x20 else { return nil }
      position += 1
      guard byte == UInt8(ascii: "\\") else { continue }
      guard position < text.count else { return nil }
      switch text[position] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
        UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
        position += 1
      case UInt8(ascii: "u"):
        guard JSONString.hexadecimal(text, at: position + 1) != nil else { return nil }
        position += 5
      default:
        return nil
      }
    }
    return nil
  }

  private static func array(_ text: Span<UInt8>, _ position: inout Int, depth: Int) -> Bool {
    guard depth < maximumDepth else { return false }
    position += 1
    skipSpace(text, &position)
    if byte(text, position) == UInt8(ascii: "]") {
      position += 1
      return true
    }
    while true {
      guard value(text, &position, depth: depth + 1) != nil else { return false }
      skipSpace(text, &position)
      let next = byte(text, position)
      position += 1
      if next == UInt8(ascii: "]") { return true }
      guard next == UInt8(ascii: ",") else { return false }
      skipSpace(text, &position)
    }
  }

  /// Reads a number. Where there is none, `position` is anywhere behind its beginning.
  static func number(_ text: Span<UInt8>, _ position: inout Int) -> Range<Int>? {
    let start = position
    if byte(text, position) == UInt8(ascii: "-") { position += 1 }
    guard let first = byte(text, position), first.isASCIIDigit else { return nil }
    position += 1
    if first != UInt8(ascii: "0") { skipDigits(text, &position) }
    if byte(text, position) == UInt8(ascii: ".") {
      position += 1
      guard skipDigits(text, &position) else { return nil }
    }
    if let exponent = byte(text, position), exponent | 0x20 == UInt8(ascii: "e") {
      position += 1
      if let sign = byte(text, position), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
        position += 1
      }
      guard skipDigits(text, &position) else { return nil }
    }
    return start..<position
  }

  @discardableResult
  private static func skipDigits(_ text: Span<UInt8>, _ position: inout Int) -> Bool {
    let start = position
    while position < text.count, text[position].isASCIIDigit { position += 1 }
    return position > start
  }
}
