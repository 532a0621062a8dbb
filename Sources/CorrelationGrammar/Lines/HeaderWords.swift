import LogModel

/// Finds the words of a header: whole, or cut in two by a line's end, the beginning of them in the one line, or the rest in the next
/// (1-correlation-data, Unread headers).
///
/// Of the two parts one has at least eight letters, so it tells by itself what it is. Each line is therefore judged alone, whatever
/// its envelope is and whichever line comes next.
struct HeaderWords {
  /// What stands at a place.
  enum Found {
    /// The words.
    case whole
    /// A part of the words, at the line's end that cut them or behind it.
    case part
  }

  /// A line with none of these has neither the words nor a part of them.
  static let parts = RareTexts([beginning, "TION DAT"], byte: letter, at: letterPlace)

  private static let words: StaticString = "CORRELATION DATA"
  /// The least beginning of the words, and the least rest of them. A header has one of both wherever it is cut.
  private static let beginning: StaticString = "CORRELAT"
  private static let rest: StaticString = "TION DATA"
  /// Both have this letter at this place. Logs seldom have it as a capital.
  private static let letter = UInt8(ascii: "A")
  private static let letterPlace = 6
  /// So far around a part the bytes are looked at, at the most.
  private static let reach = 64
  private static let kept = 2 * reach

  /// The last bytes of the line that has not ended, and whether they are all of it.
  private var tail: [UInt8] = []
  private var isTailWhole = true

  /// What lies in the line that has not ended and may go on in the next bytes of the log.
  func lookAtTail(and chunk: Span<UInt8>, _ found: (Found) -> Void) {
    guard !tail.isEmpty else { return }
    let end = chunk.extracting(0..<min(Self.kept, chunk.count))
    var joined = tail
    joined.append(end, in: 0..<(end.index(of: 0x0A).map { $0 + 1 } ?? end.count))
    Self.forEachPlace(joined.span, in: 0..<joined.count, isLineBegin: isTailWhole) { what, _ in found(what) }
  }

  /// Looks through a part of the next bytes of the log. `found` is called with the places in these bytes, in order.
  func look(through chunk: Span<UInt8>, _ range: Range<Int>, _ found: (Found, Int) -> Void) {
    Self.forEachPlace(chunk, in: range, isLineBegin: tail.isEmpty && isTailWhole, found)
  }

  /// These bytes have been looked through.
  mutating func keepTail(of chunk: Span<UInt8>) {
    let begin = ByteScan.lastLineEnd(chunk, from: 0)
    if begin > 0 {
      tail.removeAll(keepingCapacity: true)
      isTailWhole = true
    }
    let start = max(begin, chunk.count - Self.kept)
    if start > begin {
      tail.removeAll(keepingCapacity: true)
      isTailWhole = false
    }
    tail.append(chunk, in: start..<chunk.count)
    if tail.count > Self.kept {
      tail.removeFirst(tail.count - Self.kept)
      isTailWhole = false
    }
  }

  /// Calls the body with each place in a range of the bytes.
  private static func forEachPlace(
    _ bytes: Span<UInt8>, in range: Range<Int>, isLineBegin: Bool, _ body: (Found, Int) -> Void
  ) {
    let looked = bytes.extracting(0..<range.upperBound)
    var position = range.lowerBound
    while let found = looked.index(of: letter, from: position) {
      position = found + 1
      let place = found - letterPlace
      if bytes.has(words, at: place) {
        body(.whole, place)
      } else if isEndOfText(bytes, place) || isBeginOfText(bytes, place, isLineBegin: isLineBegin) {
        body(.part, place)
      }
    }
  }

  // MARK: Parts

  /// Whether a text ends in a header or an end marker that stops within the words, which begin at `place`.
  private static func isEndOfText(_ bytes: Span<UInt8>, _ place: Int) -> Bool {
    guard bytes.has(beginning, at: place),
      bytes.has("=== ", at: place - 4) || bytes.has("=== END ", at: place - 8)
    else { return false }
    let length = wordsLength(bytes, place)
    var end = place + length
    // `CORRELATION` is a word of its own, and the title of something else goes on behind it.
    let isWord = bytes.has("CORRELATION", at: place) && length <= 12
    while isWord, end < bytes.count, bytes[end].isBlank, end < place + reach { end += 1 }
    guard end < bytes.count else { return false }
    return isWord ? endsText(bytes, end) : length < 16 && !bytes[end].isWordByte
  }

  /// How many bytes at a place are those of the words.
  private static func wordsLength(_ bytes: Span<UInt8>, _ place: Int) -> Int {
    var length = 0
    words.withUTF8Buffer { words in
      while length < words.count, place + length < bytes.count,
        unsafe words[length] == bytes[place + length]
      {
        length += 1
      }
    }
    return length
  }

  /// Whether a text ends here: with its line or its quotes, or before what an envelope writes behind a message.
  private static func endsText(_ bytes: Span<UInt8>, _ place: Int) -> Bool {
    switch bytes[place] {
    case 0x0A, 0x0D, 0x1B, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "["): true
    default: bytes.has("source=", at: place)
    }
  }

  /// Whether a text begins with the rest of a header or end marker. `place` is where the least such rest stands.
  private static func isBeginOfText(_ bytes: Span<UInt8>, _ place: Int, isLineBegin: Bool) -> Bool {
    guard bytes.has(rest, at: place), isHeaderEnd(bytes, place + rest.utf8CodeUnitCount) else { return false }
    let end = place + rest.utf8CodeUnitCount
    // The longest rest that stands there. Its first letter is never there: then the words are whole.
    var length = rest.utf8CodeUnitCount
    words.withUTF8Buffer { words in
      while length < words.count, end - length > 0,
        unsafe words[words.count - length - 1] == bytes[end - length - 1]
      {
        length += 1
      }
    }
    return length < words.utf8CodeUnitCount
      && beginsText(bytes, end - length, isLineBegin: isLineBegin)
  }

  /// Whether ` ===`, with a version before it or not, stands here.
  private static func isHeaderEnd(_ bytes: Span<UInt8>, _ place: Int) -> Bool {
    var place = place
    if bytes.has(" v", at: place) {
      place += 2
      let digits = place
      while place < bytes.count, bytes[place].isASCIIDigit, place < digits + reach / 2 { place += 1 }
      guard place > digits else { return false }
    }
    return bytes.has(" ===", at: place)
  }

  /// Whether a text begins here: with its line, or behind a byte that belongs to no word, and not behind the `=` of a header.
  private static func beginsText(_ bytes: Span<UInt8>, _ place: Int, isLineBegin: Bool) -> Bool {
    var before = place - 1
    while before >= 0, bytes[before].isBlank, before > place - reach { before -= 1 }
    guard before >= 0 else { return isLineBegin }
    if bytes[before] == UInt8(ascii: "=") { return false }
    if before < place - 1 || !bytes[before].isWordByte { return true }
    return endsEscape(bytes, before, isLineBegin: isLineBegin)
  }

  /// Whether the byte is the last of JSON's `\n`, or of the sequence with which a terminal changes colours.
  private static func endsEscape(_ bytes: Span<UInt8>, _ place: Int, isLineBegin: Bool) -> Bool {
    if bytes[place] == UInt8(ascii: "n") { return bytes.has("\\", at: place - 1) }
    guard bytes[place] == UInt8(ascii: "m") else { return false }
    var begin = place - 1
    while begin >= 0, bytes[begin].isASCIIDigit || bytes[begin] == UInt8(ascii: ";"),
      begin > place - reach / 2
    {
      begin -= 1
    }
    return begin >= 0 && bytes[begin] == UInt8(ascii: "[")
  }
}

extension UInt8 {
  /// Letters, digits, `_` and the bytes of characters outside ASCII.
  fileprivate var isWordByte: Bool {
    isASCIILetter || isASCIIDigit || self == UInt8(ascii: "_") || self >= 0x80
  }
}
