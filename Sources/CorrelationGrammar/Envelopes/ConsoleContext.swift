import LogModel

/// What structlog's console renderer appends to the last line of a message: ` [logger] key=value …`.
struct ConsoleContext {
  /// Where the message ends, blanks before the context included.
  var messageEnd: Int
  var logger: Range<Int>
  /// The keys and values.
  private var members: Range<Int>

  /// One key with its value.
  struct Member {
    var key: Range<Int>
    /// Without quotes.
    var value: Range<Int>
    /// In Python's quotes.
    var isQuoted: Bool
    /// A list, a dictionary or another object's representation.
    var isCompound: Bool
  }

  /// Finds the context of a line: the leftmost ` [logger]` behind which nothing but `key=value` follows. With `needsKey` at least one
  /// key has to follow. Later lines of a message need one, because `[word]` at the end of such a line is text.
  init?(_ line: Span<UInt8>, from start: Int, needsKey: Bool) {
    let end = line.trimmingBlanks(start..<line.count).upperBound
    var search = start
    var loose: (bracket: Int, close: Int)?
    while let bracket = line.index(of: UInt8(ascii: "["), from: search), bracket < end {
      search = bracket + 1
      guard bracket > start, line[bracket - 1].isBlank,
        let close = Self.endOfLogger(line, from: bracket + 1, limit: end)
      else { continue }
      if close + 1 == end, needsKey { continue }
      guard Self.walk(line, close + 1..<end, { _ in }) else {
        if Self.beginsMember(line, close + 1..<end) { loose = (bracket, close) }
        continue
      }
      logger = bracket + 1..<close
      messageEnd = bracket
      members = close + 1..<end
      return
    }
    // The values cannot be told apart, because one of them has blanks outside brackets. The logger is known all the same.
    guard let loose else { return nil }
    logger = loose.bracket + 1..<loose.close
    messageEnd = loose.bracket
    members = loose.close + 1..<end
  }

  private static func beginsMember(_ line: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let start = PairLexer.skipBlanks(line, from: range.lowerBound, limit: range.upperBound)
    guard start > range.lowerBound,
      let end = PairLexer.endOfKey(line, from: start, limit: range.upperBound)
    else { return false }
    return end < range.upperBound && line[end] == UInt8(ascii: "=")
  }

  /// Visits the keys and values.
  func forEachMember(_ line: Span<UInt8>, _ visit: (Member) -> Void) {
    _ = Self.walk(line, members, visit)
  }

  private static func endOfLogger(_ line: Span<UInt8>, from start: Int, limit: Int) -> Int? {
    var index = start
    while index < limit {
      let byte = line[index]
      if byte == UInt8(ascii: "]") { return index > start ? index : nil }
      let isOfName =
        byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80 || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
      guard isOfName else { return nil }
      index += 1
    }
    return nil
  }

  /// Whether the range is `key=value`s wholly.
  private static func walk(_ line: Span<UInt8>, _ range: Range<Int>, _ visit: (Member) -> Void) -> Bool {
    var position = range.lowerBound
    while position < range.upperBound {
      guard line[position].isBlank else { return false }
      position = PairLexer.skipBlanks(line, from: position, limit: range.upperBound)
      guard let keyEnd = PairLexer.endOfKey(line, from: position, limit: range.upperBound),
        keyEnd < range.upperBound, line[keyEnd] == UInt8(ascii: "=")
      else { return false }
      let key = position..<keyEnd
      let start = keyEnd + 1
      let (end, isQuoted, isCompound) = endOfValue(line, from: start, limit: range.upperBound)
      visit(
        Member(
          key: key, value: isQuoted ? start + 1..<end - 1 : start..<end, isQuoted: isQuoted,
          isCompound: isCompound))
      position = end
    }
    return true
  }

  /// The end of a value. Python prints strings with blanks in quotes; other values may have blanks within brackets.
  private static func endOfValue(
    _ line: Span<UInt8>, from start: Int, limit: Int
  ) -> (end: Int, isQuoted: Bool, isCompound: Bool) {
    guard start < limit else { return (start, false, false) }
    let first = line[start]
    if first == UInt8(ascii: "'") || first == UInt8(ascii: "\""),
      let end = endOfQuoted(line, from: start, limit: limit), end == limit || line[end].isBlank
    {
      return (end, true, false)
    }
    if let end = endOfNested(line, from: start, limit: limit) {
      let isCompound = "[{(<".utf8.contains(first)
      return (end, false, isCompound)
    }
    var end = start
    while end < limit, !line[end].isBlank { end += 1 }
    return (end, false, false)
  }

  private static func endOfQuoted(_ line: Span<UInt8>, from start: Int, limit: Int) -> Int? {
    var index = start + 1
    while index < limit {
      if line[index] == UInt8(ascii: "\\") {
        index += 2
        continue
      }
      if line[index] == line[start] { return index + 1 }
      index += 1
    }
    return nil
  }

  /// The end of a value at the first blank outside brackets; nil where brackets do not close.
  private static func endOfNested(_ line: Span<UInt8>, from start: Int, limit: Int) -> Int? {
    var index = start
    var depth = 0
    while index < limit {
      let byte = line[index]
      if depth == 0, byte.isBlank { return index }
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "<"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: ">"):
        depth = max(0, depth - 1)
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        guard depth > 0 else { break }
        guard let end = endOfQuoted(line, from: index, limit: limit) else { return nil }
        index = end
        continue
      default: break
      }
      index += 1
    }
    return depth == 0 ? limit : nil
  }
}
