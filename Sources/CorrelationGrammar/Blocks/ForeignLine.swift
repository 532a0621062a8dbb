import LogModel

/// What a line that no body can have may be to the lines around it (1-correlation-data, Cut values and Claimed blocks).
enum ForeignLine {
  /// The end of the bare token with which a line begins: the line's end, or a separator. Nil where it begins with none.
  static func endOfToken(_ text: Span<UInt8>) -> Int? {
    var end = 0
    while end < text.count, isTokenByte(text[end]) { end += 1 }
    guard end > 0, end == text.count || isSeparator(text[end]) else { return nil }
    return end
  }

  /// The position behind a separator and the blanks around it.
  static func afterSeparator(_ text: Span<UInt8>, from start: Int) -> Int {
    var end = PairLexer.skipBlanks(text, from: start, limit: text.count)
    if end < text.count, isMark(text[end]) {
      end = PairLexer.skipBlanks(text, from: end + 1, limit: text.count)
    }
    return end
  }

  /// Whether a line begins with a separator, as the rest of gates may.
  static func beginsWithSeparator(_ text: Span<UInt8>) -> Bool { text.count > 0 && isMark(text[0]) }

  /// Whether a line is a key with `:` and nothing more.
  static func isTitle(_ text: Span<UInt8>) -> Bool {
    guard text.count > 1, text[text.count - 1] == UInt8(ascii: ":") else { return false }
    let start = MessageLine.afterBullet(text)
    guard let end = PairLexer.endOfKey(text, from: start, limit: text.count) else { return false }
    return PairLexer.skipBlanks(text, from: end, limit: text.count) == text.count - 1
  }

  /// Whether a line begins with a name and `:`, as one of a list of gates does. What begins like an object is none.
  static func beginsLikeGate(_ text: Span<UInt8>) -> Bool {
    if text.has("{") || text.has("[") { return false }
    var end = 0
    while end < text.count, !isSeparator(text[end]), text[end] != UInt8(ascii: ":"),
      text[end] != UInt8(ascii: "=")
    {
      end += 1
    }
    return end > 0 && end < text.count && text[end] == UInt8(ascii: ":")
  }

  /// The bare token that is all of a line, behind a bullet or not.
  static func wholeToken(_ text: Span<UInt8>) -> Range<Int>? {
    let start = MessageLine.afterBullet(text)
    var end = start
    while end < text.count, isTokenByte(text[end]) { end += 1 }
    return end > start && end == text.count ? start..<end : nil
  }

  /// The bare token at the end of a line that may be the beginning of a key: it ends in a byte that joins parts of a key,
  /// and is all of the line or stands behind a pair and a separator.
  static func beginningOfKey(_ text: Span<UInt8>) -> Range<Int>? {
    guard text.count > 0, joinsParts(text[text.count - 1]) else { return nil }
    if let token = wholeToken(text) { return holdsLetter(text, token) ? token : nil }
    var start = text.count
    while start > 0, isTokenByte(text[start - 1]) { start -= 1 }
    guard start > 0, isSeparator(text[start - 1]), holdsLetter(text, start..<text.count),
      beginsWithPair(text, from: MessageLine.afterBullet(text))
    else { return nil }
    return start..<text.count
  }

  /// Whether a key may begin with a token.
  static func holdsLetter(_ text: Span<UInt8>, _ token: Range<Int>) -> Bool {
    for index in token where text[index].isASCIILetter { return true }
    return false
  }

  /// Whether a byte joins the parts of a key, so that a cut behind it leaves a key.
  static func joinsParts(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  /// Whether a byte separates pairs, blanks apart.
  static func isMark(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "|")
  }

  /// The key with which a line begins, with its sign. A bullet is no part of it.
  static func firstKey(_ text: Span<UInt8>) -> Range<Int>? {
    guard !text.isEmpty, text[0].isASCIILetter else { return nil }
    return restOfKey(text)
  }

  /// What a line adds to a key that may have begun in the line before: the bytes of a key before its sign. A key that was cut
  /// directly before the sign leaves none.
  static func restOfKey(_ text: Span<UInt8>) -> Range<Int>? {
    let end = PairLexer.endOfKeyBytes(text, from: 0, limit: text.count)
    guard
      PairLexer.afterSign(UInt8(ascii: "="), text, from: end, limit: text.count) != nil
        || PairLexer.afterSign(UInt8(ascii: ":"), text, from: end, limit: text.count) != nil
    else { return nil }
    return 0..<end
  }

  /// A short text that says of the value before it what a long line says that feeds nothing: the bare token with which the line
  /// begins, a separator, or the beginning of one more gate. Nil where the line says nothing of it.
  static func abridged(_ text: Span<UInt8>, to count: Int) -> [UInt8]? {
    if beginsWithSeparator(text) { return [text[0]] }
    if let end = endOfToken(text) {
      // Behind another word it is prose.
      let rest = afterSeparator(text, from: end)
      guard rest == text.count || beginsWithPair(text, from: rest) else { return nil }
      var token: [UInt8] = []
      token.append(text, in: 0..<min(end, count))
      return token
    }
    return beginsLikeGate(text) ? [UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "?")] : nil
  }

  /// Whether a key and `=` stand at a position.
  static func beginsWithPair(_ text: Span<UInt8>, from start: Int) -> Bool {
    guard let end = PairLexer.endOfKey(text, from: start, limit: text.count) else { return false }
    return PairLexer.afterSign(UInt8(ascii: "="), text, from: end, limit: text.count) != nil
  }

  private static func isSeparator(_ byte: UInt8) -> Bool { byte.isBlank || isMark(byte) }

  /// A bare token holds no blank, separator, `=`, `:`, quote, bracket or brace.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"),
      UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
      UInt8(ascii: "}"):
      false
    default: !isSeparator(byte)
    }
  }
}
