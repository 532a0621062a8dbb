import LogModel

/// What one message line is to a block (1-correlation-data, Grammar). The text has no escape sequences and no
/// blanks at its ends.
enum MessageLine: Equatable {
  case blank
  /// A block's header; `pairs` is where pairs begin on it, if there are any.
  case header(version: Int, pairs: Int?)
  /// Looks like a header and is none.
  case nearMiss
  /// `=== END CORRELATION DATA ===`.
  case endMarker
  /// A line of `=`. Before the first body-line it is a banner; after it, from three on, an end marker.
  case rule(count: Int)
  /// A body-line that groups others and holds no pair.
  case section
  /// A body-line of pairs. They stand in the buffer that the initialiser filled.
  case pairs
  /// The beginning of a JSON object, whole or not.
  case json
  /// Anything else.
  case other

  /// The first byte of every header, end marker and rule.
  static let mark = UInt8(ascii: "=")
  /// What every header begins with.
  static let headerStart: StaticString = "=== CORRELATION DATA"
  /// The end marker with its text.
  static let endText: StaticString = "=== END CORRELATION DATA ==="
  /// The words of a header, in any case: a line with them behind its mark is a header or nearly one.
  static let headerWords: StaticString = "correlation data"
  /// The letters of a near-miss header: those of the header's words, and what may stand beside them.
  static let headerLetters = ByteScan.letters(["correlationdata", "begin", "start", "end", "v", "info"])
  private static let firstHeaderLetters = ByteSet("cbseviCBSEVI")

  /// Whether a line is a header.
  static func isHeader(_ text: Span<UInt8>) -> Bool {
    guard !text.isEmpty, text[0] == mark, text.has(headerStart) else { return false }
    var pairs: [LoggedPair] = []
    if case .header = MessageLine(text, pairs: &pairs) { return true }
    return false
  }

  /// Recognises a line and puts its pairs into `pairs`, in place of what stood there.
  init(_ text: Span<UInt8>, pairs: inout [LoggedPair]) {
    pairs.removeAll(keepingCapacity: true)
    guard let first = text.isEmpty ? nil : text[0] else {
      self = .blank
      return
    }
    if let pair = PairLexer.knownPair(text) {
      pairs.append(pair)
      self = .pairs
    } else if first == Self.mark {
      self = Self.equalsLine(text, pairs: &pairs)
    } else if Self.hasHeaderLetters(text) {
      self = .nearMiss
    } else if Self.mayBeginObject(text) {
      self = .json
    } else if let inner = Self.grouped(text) {
      self = Self.groupedLine(text, inner, pairs: &pairs)
    } else {
      self = Self.isBody(text, from: Self.afterBullet(text), pairs: &pairs) ? .pairs : .other
    }
  }

  /// Whether a line can be a header, nearly one, or an end marker.
  static func mayBeHeader(_ text: Span<UInt8>) -> Bool {
    !text.isEmpty && (text[0] == mark || hasHeaderLetters(text))
  }

  /// Whether the letters of a whole line are those of a header, digits left out (1-correlation-data, Near-miss headers).
  static func hasHeaderLetters(_ text: Span<UInt8>) -> Bool {
    var first = 0
    while first < text.count, !text[first].isASCIILetter { first += 1 }
    guard first < text.count, firstHeaderLetters.contains(text[first]), ByteScan.hasOnly(headerLetters, text)
    else { return false }
    return !hasOtherLetters(text)
  }

  /// Whether there are letters beyond ASCII.
  private static func hasOtherLetters(_ text: Span<UInt8>) -> Bool {
    text.text(in: 0..<text.count).text.unicodeScalars.contains { scalar in
      guard !scalar.isASCII else { return false }
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
      default: return false
      }
    }
  }

  /// Whether an object, or an array of objects, may begin with the line.
  private static func mayBeginObject(_ text: Span<UInt8>) -> Bool {
    if text[0] == UInt8(ascii: "{") { return true }
    guard text[0] == UInt8(ascii: "[") else { return false }
    let next = PairLexer.skipBlanks(text, from: 1, limit: text.count)
    return next == text.count || text[next] == UInt8(ascii: "{")
  }

  /// The key with which a line begins whose values are not read. Nil where the line begins with no key and its sign.
  static func keyOfCutLine(_ text: Span<UInt8>) -> Range<Int>? {
    let start = afterBullet(text)
    guard let end = PairLexer.endOfKey(text, from: start, limit: text.count) else { return nil }
    let hasSign =
      PairLexer.afterSign(UInt8(ascii: "="), text, from: end, limit: text.count) != nil
      || PairLexer.afterSign(UInt8(ascii: ":"), text, from: end, limit: text.count) != nil
    // Without its sign the key itself may be cut: `sl` of `sl_pct`.
    return hasSign ? start..<end : nil
  }

  /// The value of that key, as far as the line has it.
  static func valueOfCutLine(_ text: Span<UInt8>, after key: Range<Int>) -> Range<Int> {
    if let colon = PairLexer.afterSign(UInt8(ascii: ":"), text, from: key.upperBound, limit: text.count) {
      return PairLexer.colonValue(text, from: colon, limit: text.count).raw
    }
    var pairs: [LoggedPair] = []
    _ = PairLexer.pairs(
      text, from: key.lowerBound, firstEnd: key.upperBound, limit: text.count, into: &pairs)
    return pairs.first?.raw ?? text.count..<text.count
  }

  private static func equalsLine(_ text: Span<UInt8>, pairs: inout [LoggedPair]) -> MessageLine {
    if text.isEndMarker { return .endMarker }
    var end = 0
    while end < text.count, text[end] == UInt8(ascii: "=") { end += 1 }
    if end == text.count { return .rule(count: end) }
    if let header = header(text, pairs: &pairs) { return header }
    let name = PairLexer.skipBlanks(text, from: end, limit: text.count)
    let nameEnd = name + headerWords.utf8CodeUnitCount
    let hasWords = nameEnd <= text.count && text.isCaseless(headerWords, in: name..<nameEnd)
    return hasWords || hasHeaderLetters(text) ? .nearMiss : .other
  }

  private static func header(_ text: Span<UInt8>, pairs: inout [LoggedPair]) -> MessageLine? {
    guard text.has(headerStart) else { return nil }
    var position = headerStart.utf8CodeUnitCount
    var version = 1
    if text.has(" v", at: position), position + 2 < text.count, text[position + 2].isASCIIDigit {
      position += 2
      version = 0
      while position < text.count, text[position].isASCIIDigit {
        version = min(version * 10 + Int(text[position] - UInt8(ascii: "0")), 1_000_000_000)
        position += 1
      }
    }
    guard text.has(" ===", at: position) else { return nil }
    position += 4
    if position == text.count { return .header(version: version, pairs: nil) }
    guard text[position] == 0x20 else { return nil }
    let start = PairLexer.skipBlanks(text, from: position, limit: text.count)
    let keyEnd = PairLexer.endOfKey(text, from: start, limit: text.count)
    // Behind the text of another header its pairs would be taken for this one's.
    guard !GluedMark.isHeld(by: text.extracting(start..<text.count)),
      isPairs(text, from: start, firstEnd: keyEnd, pairs: &pairs)
    else { return nil }
    return .header(version: version, pairs: start)
  }

  static func isBody(_ text: Span<UInt8>, from start: Int, pairs: inout [LoggedPair]) -> Bool {
    guard let keyEnd = PairLexer.endOfKey(text, from: start, limit: text.count) else { return false }
    if PairLexer.afterSign(UInt8(ascii: "="), text, from: keyEnd, limit: text.count) != nil {
      return isPairs(text, from: start, firstEnd: keyEnd, pairs: &pairs)
    }
    guard let colonEnd = PairLexer.afterSign(UInt8(ascii: ":"), text, from: keyEnd, limit: text.count) else {
      return false
    }
    let key = start..<keyEnd
    let name = KeyName(text, in: key)
    let value = PairLexer.colonValue(text, from: colonEnd, limit: text.count)
    if !name.isKnown {
      guard colonEnd < text.count, text[colonEnd].isBlank, !value.raw.isEmpty else { return false }
      for index in value.raw where text[index].isBlank { return false }
      if !value.isQuoted, text[value.raw.lowerBound] == UInt8(ascii: "\"") { return false }
    }
    pairs.append(
      LoggedPair(
        key: key, name: name, value: value.text, raw: value.raw, form: value.isQuoted ? .quoted : .bare))
    return true
  }

  /// Whether a block may take the text from `start` as pairs. It may if the first key is known. It may also if the
  /// text is pairs wholly, and no ordinary logfmt line. `event=correlation_data` counts for nothing.
  private static func isPairs(
    _ text: Span<UInt8>, from start: Int, firstEnd: Int?, pairs: inout [LoggedPair]
  ) -> Bool {
    let isWhole = PairLexer.pairs(
      text, from: start, firstEnd: firstEnd, limit: text.count, into: &pairs)
    guard !pairs.isEmpty else { return false }
    if pairs.contains(where: { $0.namesRecord(text) }) { pairs.removeAll { $0.namesRecord(text) } }
    guard let first = pairs.first, !first.name.isKnown else { return true }
    return isWhole && !beginsOrdinaryLine(text, first)
  }

  /// Whether the first pair shows an ordinary log line in logfmt: `event=NAME`, `level=`, `msg=`, `ts=` or `time=`.
  private static func beginsOrdinaryLine(_ text: Span<UInt8>, _ first: LoggedPair) -> Bool {
    first.name == .event || text.isCaseless("level", in: first.key) || text.isCaseless("msg", in: first.key)
      || text.isCaseless("ts", in: first.key) || text.isCaseless("time", in: first.key)
  }
}
