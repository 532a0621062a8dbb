import LogModel

/// One `key=value` or `key: value` of a body-line, as ranges of the text that holds it.
struct LoggedPair: Equatable {
  /// The key as logged.
  var key: Range<Int>
  /// What the key means.
  var name: KeyName
  /// The value's text. Of a quoted value it is the part between the quotes.
  var value: Range<Int>
  /// The value as logged, with its quotes.
  var raw: Range<Int>
  /// How the value is written.
  var form: Form

  /// Ways to write a value.
  enum Form {
    case bare
    /// In quotes; escapes are resolved when the value is kept.
    case quoted
    /// A scalar of an object, its escapes already resolved.
    case jsonScalar
    /// An object under `gates`: names and values in turn, a 0 behind each (``ObjectReader``).
    case jsonObject
    /// An array or object in a structured header. No pair can have such a value.
    case jsonOther
  }

  /// The pair in a text that has so many bytes more before it.
  func shifted(by distance: Int) -> LoggedPair {
    var pair = self
    pair.key = key.shifted(by: distance)
    pair.value = value.shifted(by: distance)
    pair.raw = raw.shifted(by: distance)
    return pair
  }

  /// Whether the pair is `event=correlation_data`, which names the record and is no part of it.
  func namesRecord(_ text: Span<UInt8>) -> Bool {
    name == .event && text.is("correlation_data", in: value)
  }
}

/// Cuts a line into pairs (1-correlation-data, Grammar: `pairs`, `pair`, `separator`, `colon-pair`).
enum PairLexer {
  /// The end of the key that begins at `start`: letter { letter | digit | "_" | "." | "-" } [ "%" ].
  static func endOfKey(_ text: Span<UInt8>, from start: Int, limit: Int) -> Int? {
    guard start < limit, text[start].isASCIILetter else { return nil }
    return endOfKeyBytes(text, from: start, limit: limit)
  }

  /// The end of the bytes that may stand in a key, of which there may be none.
  static func endOfKeyBytes(_ text: Span<UInt8>, from start: Int, limit: Int) -> Int {
    var end = start
    while end < limit, isKeyByte(text[end]) { end += 1 }
    if end < limit, text[end] == UInt8(ascii: "%") { end += 1 }
    return end
  }

  /// Whether a line is one plain pair from a key on: `=` stands directly behind the key, and the value, which is the rest of the line,
  /// consists of letters, digits and a few signs that separate nothing: a comma does only before a further key and `=`, or at the end.
  /// Nearly all body-lines are such lines.
  private static func isPlainPair(_ text: Span<UInt8>, keyEnd: Int, limit: Int) -> Bool {
    guard keyEnd + 1 < limit, text[keyEnd] == UInt8(ascii: "=") else { return false }
    return text[limit - 1] != UInt8(ascii: ",") && text.extracting(0..<limit).areValueBytes(from: keyEnd + 1)
  }

  /// The same of a line and a key of at most ``PAIR_NAME_LIMIT`` bytes, for searches.
  static let plainPair = PairForm(
    sign: UInt8(ascii: "="), value: ByteSet.letters.union(.digits).union(ByteSet("+,-./:_")),
    notLast: UInt8(ascii: ","))

  /// The pair of a line that is one plain pair of a key of ours, as nearly all body-lines are. No such line is anything else, because
  /// no key of ours begins with the letters of a header's words. A key with capitals is left to the other readers.
  static func knownPair(_ text: Span<UInt8>) -> LoggedPair? {
    guard let keyEnd = text.nearIndex(of: UInt8(ascii: "=")), keyEnd + 1 < text.count,
      text[text.count - 1] != UInt8(ascii: ","),
      let name = KeyName(spelledIn: text, to: keyEnd), name.isKnown, text.areValueBytes(from: keyEnd + 1)
    else { return nil }
    let value = keyEnd + 1..<text.count
    return LoggedPair(key: 0..<keyEnd, name: name, value: value, raw: value, form: .bare)
  }

  /// Appends the pairs of a line from `start` on. `firstEnd` is the end of the key that begins there; nil where none does.
  ///
  /// - Returns: Whether the line consists of pairs wholly: each value is quoted or has no blank. A line that begins with
  ///   an unknown key must be such a line.
  static func pairs(
    _ text: Span<UInt8>, from start: Int, firstEnd: Int?, limit: Int, into pairs: inout [LoggedPair]
  ) -> Bool {
    guard var keyEnd = firstEnd else { return true }
    if isPlainPair(text, keyEnd: keyEnd, limit: limit) {
      let (key, value) = (start..<keyEnd, keyEnd + 1..<limit)
      pairs.append(LoggedPair(key: key, name: KeyName(text, in: key), value: value, raw: value, form: .bare))
      return true
    }
    var isWhole = true
    var keyStart = start
    while let valueStart = afterSign(UInt8(ascii: "="), text, from: keyEnd, limit: limit) {
      let value = value(text, from: valueStart, limit: limit)
      if !value.isWhole { isWhole = false }
      let key = keyStart..<keyEnd
      pairs.append(
        LoggedPair(
          key: key, name: KeyName(text, in: key), value: value.text, raw: value.raw,
          form: value.isQuoted ? .quoted : .bare))
      keyStart = value.next
      guard let next = endOfKey(text, from: keyStart, limit: limit) else { break }
      keyEnd = next
    }
    return isWhole
  }

  /// The value of a colon-pair: to the end of the line, quoted or not.
  static func colonValue(_ text: Span<UInt8>, from start: Int, limit: Int) -> (
    text: Range<Int>, raw: Range<Int>, isQuoted: Bool
  ) {
    let raw = text.trimmingBlanks(start..<limit)
    if !raw.isEmpty, text[raw.lowerBound] == UInt8(ascii: "\""),
      let close = endOfQuoted(text, from: raw.lowerBound, limit: raw.upperBound), close == raw.upperBound
    {
      return (raw.lowerBound + 1..<close - 1, raw, true)
    }
    return (raw, raw, false)
  }

  /// The position after a key's sign. Blanks may stand before the sign. Nil where another byte stands.
  static func afterSign(_ sign: UInt8, _ text: Span<UInt8>, from keyEnd: Int, limit: Int) -> Int? {
    let position = skipBlanks(text, from: keyEnd, limit: limit)
    return position < limit && text[position] == sign ? position + 1 : nil
  }

  static func skipBlanks(_ text: Span<UInt8>, from start: Int, limit: Int) -> Int {
    var position = start
    while position < limit, text[position].isBlank { position += 1 }
    return position
  }

  private struct Value {
    var text: Range<Int>
    var raw: Range<Int>
    var isQuoted = false
    /// Quoted, or bare without blanks.
    var isWhole: Bool
    /// Where the next key begins, or the end of the line.
    var next: Int
  }

  private static func value(_ text: Span<UInt8>, from start: Int, limit: Int) -> Value {
    // In `recall_buy= sortino=0.3` the first value is empty.
    if let next = endOfSeparator(text, at: start, limit: limit) {
      return Value(text: start..<start, raw: start..<start, isWhole: true, next: next)
    }
    let first = skipBlanks(text, from: start, limit: limit)
    var position = first
    if first < limit, text[first] == UInt8(ascii: "\"") {
      // A quote that does not close takes the rest of the line. Pairs in the rest are text of this value.
      guard let close = endOfQuoted(text, from: first, limit: limit) else {
        return Value(text: first..<limit, raw: first..<limit, isWhole: false, next: limit)
      }
      if let next = endOfSeparator(text, at: close, limit: limit) {
        return Value(
          text: first + 1..<close - 1, raw: first..<close, isQuoted: true, isWhole: true, next: next)
      }
      position = close
    }
    while position < limit {
      if let next = endOfSeparator(text, at: position, limit: limit) {
        return bare(text, first..<position, next: next)
      }
      // Where the first blank of a run does not separate, none of the run does.
      position = max(position + 1, skipBlanks(text, from: position, limit: limit))
    }
    return bare(text, first..<limit, next: limit)
  }

  private static func bare(_ text: Span<UInt8>, _ range: Range<Int>, next: Int) -> Value {
    // A value that begins with a quote is whole only where it is quoted.
    var isWhole = range.isEmpty || text[range.lowerBound] != UInt8(ascii: "\"")
    for index in range where text[index].isBlank { isWhole = false }
    return Value(text: range, raw: range, isWhole: isWhole, next: next)
  }

  /// The end of the separator at `position`. A separator separates if a `key=` or the end of the line follows it. The end
  /// of the line is a separator too. Nil where no separator stands, or one that does not separate.
  private static func endOfSeparator(_ text: Span<UInt8>, at position: Int, limit: Int) -> Int? {
    if position == limit { return limit }
    let byte = text[position]
    guard byte.isBlank || isMark(byte) else { return nil }
    var end = skipBlanks(text, from: position, limit: limit)
    if end < limit, isMark(text[end]) { end = skipBlanks(text, from: end + 1, limit: limit) }
    if end == limit { return limit }
    guard let keyEnd = endOfKey(text, from: end, limit: limit),
      afterSign(UInt8(ascii: "="), text, from: keyEnd, limit: limit) != nil
    else { return nil }
    return end
  }

  /// The position after the closing quote of the quoted text that begins at `start`.
  private static func endOfQuoted(_ text: Span<UInt8>, from start: Int, limit: Int) -> Int? {
    var position = start + 1
    while position < limit {
      if text[position] == UInt8(ascii: "\"") { return position + 1 }
      position += text[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  private static func isMark(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "|")
  }

  /// A letter, a digit, or one of `- . _`.
  private static func isKeyByte(_ byte: UInt8) -> Bool {
    let (signs, lettersAndLine): (UInt64, UInt64) = (0x03FF_6000_0000_0000, 0x07FF_FFFE_87FF_FFFE)
    return byte < 128 && (byte < 64 ? signs : lettersAndLine) >> UInt64(byte & 63) & 1 == 1
  }
}
