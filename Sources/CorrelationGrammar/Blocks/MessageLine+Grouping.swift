import LogModel

/// Bullets, and lines in brackets or between dashes (1-correlation-data, Grammar and Sections and brackets).
extension MessageLine {
  /// The position after a bullet and its blanks; 0 where the line has no bullet.
  ///
  /// Behind a sign the blanks may be missing before a known key.
  static func afterBullet(_ text: Span<UInt8>) -> Int {
    if let end = endOfSign(text) {
      let start = PairLexer.skipBlanks(text, from: end, limit: text.count)
      if start == text.count { return 0 }
      return start > end || beginsWithKnownKey(text, from: start) ? start : 0
    }
    guard let end = endOfNumber(text) ?? endOfLevel(text), end < text.count, text[end].isBlank else {
      return 0
    }
    return PairLexer.skipBlanks(text, from: end, limit: text.count)
  }

  /// The position after a sign that begins a line.
  private static func endOfSign(_ text: Span<UInt8>) -> Int? {
    guard let first = text.isEmpty ? nil : text[0] else { return nil }
    switch first {
    case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: ">"): return 1
    case 0x00..<0x80: return nil
    default:
      if text.has("\u{00B7}") { return 2 }
      return text.has("\u{2022}") || text.has("\u{2013}") || text.has("\u{2192}") ? 3 : nil
    }
  }

  /// The position after the number of a line in a list: `12.` or `12)`.
  private static func endOfNumber(_ text: Span<UInt8>) -> Int? {
    var end = 0
    while end < text.count, text[end].isASCIIDigit { end += 1 }
    guard end > 0, end < text.count, text[end] == UInt8(ascii: ".") || text[end] == UInt8(ascii: ")") else {
      return nil
    }
    return end + 1
  }

  /// The position after a level in brackets: `[INFO]`.
  private static func endOfLevel(_ text: Span<UInt8>) -> Int? {
    guard text.has("["), let close = text.index(of: UInt8(ascii: "]")) else { return nil }
    return isLevel(text, 1..<close) ? close + 1 : nil
  }

  private static func isLevel(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    text.isCaseless("info", in: range) || text.isCaseless("debug", in: range)
      || text.isCaseless("warning", in: range) || text.isCaseless("warn", in: range)
      || text.isCaseless("error", in: range) || text.isCaseless("critical", in: range)
  }

  /// Whether a known key stands at `start`, with its sign behind it.
  private static func beginsWithKnownKey(_ text: Span<UInt8>, from start: Int) -> Bool {
    guard let end = PairLexer.endOfKey(text, from: start, limit: text.count),
      KeyName(text, in: start..<end).isKnown
    else { return false }
    return PairLexer.afterSign(UInt8(ascii: "="), text, from: end, limit: text.count) != nil
      || PairLexer.afterSign(UInt8(ascii: ":"), text, from: end, limit: text.count) != nil
  }

  // MARK: Sections

  /// What stands in the brackets or between the dashes of a line, which may be nothing; nil where the line has neither.
  static func grouped(_ text: Span<UInt8>) -> Range<Int>? {
    if text[0] == UInt8(ascii: "[") {
      return text[text.count - 1] == UInt8(ascii: "]") ? 1..<text.count - 1 : nil
    }
    guard text.has("--") else { return nil }
    var start = 2
    while start < text.count, text[start] == UInt8(ascii: "-") { start += 1 }
    if start == text.count { return start..<start }
    guard text.has("--", at: text.count - 2) else { return nil }
    var end = text.count - 2
    while end > start, text[end - 1] == UInt8(ascii: "-") { end -= 1 }
    return start..<end
  }

  /// What a line in brackets or between dashes is: a section, or pairs that are read without these.
  static func groupedLine(
    _ text: Span<UInt8>, _ inner: Range<Int>, pairs: inout [LoggedPair]
  ) -> MessageLine {
    if isSection(text, inner) { return .section }
    if isBody(text, from: afterBullet(text), pairs: &pairs) { return .pairs }
    pairs.removeAll(keepingCapacity: true)
    let bare = text.extracting(0..<text.trimmingBlanks(inner).upperBound)
    let start = text.trimmingBlanks(inner).lowerBound
    guard start < bare.count else { return .other }
    let bullet = afterBullet(bare.extracting(start..<bare.count))
    return isBody(bare, from: start + bullet, pairs: &pairs) && !pairs.isEmpty ? .pairs : .other
  }

  /// Whether the line only groups others.
  private static func isSection(_ text: Span<UInt8>, _ inner: Range<Int>) -> Bool {
    if inner.isEmpty { return text[0] != UInt8(ascii: "[") }
    for index in inner {
      switch text[index] {
      case UInt8(ascii: "="), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "'"),
        UInt8(ascii: "`"):
        return false
      case 0xC2, 0xE2:
        if text.isQuote(at: index) { return false }
      default: break
      }
    }
    let name = text.trimmingBlanks(inner)
    guard let end = PairLexer.endOfKey(text, from: name.lowerBound, limit: name.upperBound),
      KeyName(text, in: name.lowerBound..<end).isKnown
    else { return true }
    return PairLexer.afterSign(UInt8(ascii: ":"), text, from: end, limit: name.upperBound) == nil
  }
}

extension Span<UInt8> {
  /// Whether a quote that is no ASCII begins at `start`: one of `‘ ’ “ ” « »`.
  func isQuote(at start: Int) -> Bool {
    has("\u{2018}", at: start) || has("\u{2019}", at: start) || has("\u{201C}", at: start)
      || has("\u{201D}", at: start) || has("\u{00AB}", at: start) || has("\u{00BB}", at: start)
  }
}
