import CByteScan

/// The searches over whole chunks (`CByteScan`), which take pointers, for callers that have spans.
enum ByteScan {
  /// The first bytes of a line as a head; digits in `digits` may be any others.
  static func head(of line: Span<UInt8>, count: Int, digits: Range<Int>) -> line_head {
    unsafe line.extracting(0..<count).withUnsafeBufferPointer {
      unsafe line_head_of($0.baseAddress, $0.count, digits.lowerBound, digits.upperBound)
    }
  }

  static func matches(_ head: line_head, _ line: Span<UInt8>) -> Bool {
    unsafe line.withUnsafeBufferPointer { bytes in
      unsafe withUnsafePointer(to: head) { unsafe line_head_matches($0, bytes.baseAddress, bytes.count) }
    }
  }

  /// The number of the first of several heads that a line begins with; nil if it begins with none.
  static func first(of heads: [line_head], _ line: Span<UInt8>) -> Int? {
    let found = unsafe line.withUnsafeBufferPointer { bytes in
      unsafe heads.withUnsafeBufferPointer {
        unsafe line_head_first($0.baseAddress, $0.count, bytes.baseAddress, bytes.count)
      }
    }
    return found < heads.count ? found : nil
  }

  /// Whether a line begins in the way with a number.
  static func begins(_ line: Span<UInt8>, _ way: Int, of ways: [line_opening]) -> line_beginning {
    precondition(ways.indices.contains(way))
    return unsafe line.withUnsafeBufferPointer { line in
      unsafe ways.withUnsafeBufferPointer { ways in
        guard let base = ways.baseAddress else { return line_begins_otherwise }
        return unsafe line_begins(base + way, line.baseAddress, line.count)
      }
    }
  }

  /// Words of which a text's letters may consist. The first one must be there.
  static func letters(_ words: [StaticString]) -> line_letters {
    var letters = line_letters()
    for word in words {
      let isAdded = word.withUTF8Buffer { unsafe line_letters_add(&letters, $0.baseAddress, $0.count) }
      precondition(isAdded)
    }
    return letters
  }

  /// Whether the letters of a text are these words and nothing else.
  static func hasOnly(_ letters: line_letters, _ text: Span<UInt8>) -> Bool {
    unsafe text.withUnsafeBufferPointer { text in
      unsafe withUnsafePointer(to: letters) { unsafe line_has_only($0, text.baseAddress, text.count) }
    }
  }

  /// Whether one of the texts stands in a range of the bytes.
  static func has(_ texts: RareTexts, in bytes: Span<UInt8>, range: Range<Int>) -> Bool {
    precondition(0 <= range.lowerBound && range.upperBound <= bytes.count)
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe withUnsafePointer(to: texts.forScan) {
        unsafe rare_texts_stand(bytes.baseAddress, range.lowerBound, range.upperBound, $0)
      }
    }
  }

  /// Forgets all names but the first ones.
  static func forgetNames(of lines: inout text_lines, behind first: Int) {
    unsafe text_lines_forget_names(&lines, first)
  }

  static func addName(_ name: StaticString, to lines: inout text_lines) -> Bool {
    name.withUTF8Buffer { unsafe text_lines_add_name(&lines, $0.baseAddress, $0.count) }
  }

  static func addName(_ name: Span<UInt8>, to lines: inout text_lines) -> Bool {
    unsafe name.withUnsafeBufferPointer { unsafe text_lines_add_name(&lines, $0.baseAddress, $0.count) }
  }

  /// Passes over text lines from `start`, the beginning of a line, to `end`, which stands behind a LF.
  static func text(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ lines: inout text_lines, _ openings: OpeningTable
  ) -> lines_passed {
    precondition(0 <= start && start <= end && end <= bytes.count)
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe openings.first.withUnsafeBufferPointer { first in
        unsafe openings.ways.withUnsafeBufferPointer { ways in
          unsafe line_scan_text(
            bytes.baseAddress, start, end, &lines,
            line_openings(first: first.baseAddress, ways: ways.baseAddress))
        }
      }
    }
  }

  /// Passes over JSON lines likewise. There is at least one head and one line that is known.
  static func json(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, limit: Int, _ known: inout KnownJSONLines
  ) -> lines_passed {
    precondition(0 <= start && start <= end && end <= bytes.count)
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe known.withPointers { unsafe line_scan_json(bytes.baseAddress, start, end, $0, limit) }
    }
  }

  /// Finds lines that begin with the head with a number and are one pair behind it, `most` of them, which come to stand in `found`.
  /// - Returns: How many were found.
  static func textPairs(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, heads: [line_head], _ number: Int, _ form: PairForm,
    limit: Int, most: Int, into found: inout [pair_line]
  ) -> Int {
    precondition(0 <= start && start <= end && end <= bytes.count && heads.indices.contains(number))
    precondition(most <= found.count)
    return unsafe found.withUnsafeMutableBufferPointer { found in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        unsafe heads.withUnsafeBufferPointer { heads in
          unsafe withUnsafePointer(to: form.forScan) {
            unsafe line_scan_text_pairs(
              bytes.baseAddress, start, end, heads.baseAddress, number, $0, limit, found.baseAddress, most)
          }
        }
      }
    }
  }

  /// Finds the same among JSON lines that are like the known line with a number.
  static func jsonPairs(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ known: inout KnownJSONLines, _ number: Int,
    _ form: PairForm, limit: Int, most: Int, into found: inout [pair_line]
  ) -> Int {
    precondition(
      0 <= start && start <= end && end <= bytes.count && known.lines.indices.contains(number))
    precondition(most <= found.count)
    return unsafe found.withUnsafeMutableBufferPointer { found in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        unsafe withUnsafePointer(to: form.forScan) { form in
          unsafe known.withPointers {
            unsafe line_scan_json_pairs(
              bytes.baseAddress, start, end, $0, number, form, limit, found.baseAddress, most)
          }
        }
      }
    }
  }

  /// Compares one line with the known lines, first with the one with the number `guess`.
  static func match(
    _ line: Span<UInt8>, group: UInt32, guess: Int = .max, _ known: inout KnownJSONLines
  ) -> json_match {
    unsafe line.withUnsafeBufferPointer { line in
      unsafe known.withPointers { unsafe line_match_json(line.baseAddress, line.count, $0, group, guess) }
    }
  }

  /// Whether a line equals a known line in everything but its text.
  static func isKnown(
    _ line: Span<UInt8>, text: Range<Int>, group: UInt32, _ known: inout KnownJSONLines
  ) -> Bool {
    unsafe line.withUnsafeBufferPointer { line in
      unsafe known.withPointers {
        unsafe line_is_known_json(line.baseAddress, line.count, text.lowerBound, text.upperBound, $0, group)
      }
    }
  }

  /// The place behind the last LF of the bytes from `start` on. `start` if they have no LF.
  static func lastLineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    unsafe bytes.withUnsafeBufferPointer { unsafe line_scan_last_line_end($0.baseAddress, start, $0.count) }
  }
}

/// Texts of eight bytes that are looked for together. They have the same byte in the same place, and the seldomer it is in logs, the
/// faster the search.
struct RareTexts: Sendable {
  let forScan: rare_texts

  init(_ texts: [StaticString], byte: UInt8, at place: Int) {
    var all = rare_texts()
    (all.byte, all.place) = (byte, place)
    for text in texts {
      precondition(text.utf8CodeUnitCount == RARE_TEXT_LENGTH)
      let isAdded = text.withUTF8Buffer { unsafe rare_texts_add(&all, $0.baseAddress) }
      precondition(isAdded)
    }
    forScan = all
  }
}

/// How a text is written that is one pair.
struct PairForm: Sendable {
  let forScan: pair_form

  /// A name, the sign and a value of these bytes, which does not end with `last`.
  init(sign: UInt8, value: ByteSet, notLast last: UInt8) {
    var form = pair_form()
    let isForm = unsafe pair_form_of(sign, value.forScan, last, &form)
    precondition(isForm)
    forScan = form
  }
}

/// JSON lines that are known, as the search takes them.
struct KnownJSONLines {
  var heads: [line_head] = []
  var lines: [json_line] = []
  /// The bytes of all pieces.
  var store: [UInt8] = []
  /// The first byte of a message line that has to be looked at.
  let mark: UInt8
  /// The first byte of a marker that may stand before it.
  let groupMark: UInt8
  /// First bytes of messages that may tell an outcome.
  let telling: byte_set
  /// A message line with these letters has to be looked at. The letters stand in an array so that a search need not copy them.
  private var letters: [line_letters]
  /// A line with one of these texts in its message or in a value has to be looked at. No head and no piece has one. They stand in an array
  /// for the same reason.
  private var rare: [rare_texts]

  init(mark: UInt8, groupMark: UInt8, telling: ByteSet, letters: line_letters, rare: RareTexts) {
    self.mark = mark
    self.groupMark = groupMark
    self.telling = telling.forScan
    self.letters = [letters]
    self.rare = [rare.forScan]
  }

  /// Forgets all lines.
  mutating func removeAll() {
    heads.reset()
    lines.reset()
    store.reset()
  }

  fileprivate mutating func withPointers<Result>(_ body: (UnsafePointer<json_lines>) -> Result) -> Result {
    // Of arrays that lie in variables of the function no references are counted, which would be done for each line of a block.
    var (heads, store): ([line_head], [UInt8]) = ([], [])
    var (letters, rare): ([line_letters], [rare_texts]) = ([], [])
    swap(&self.heads, &heads)
    swap(&self.store, &store)
    swap(&self.letters, &letters)
    swap(&self.rare, &rare)
    let (mark, groupMark, telling) = (mark, groupMark, telling)
    let result = unsafe heads.withUnsafeMutableBufferPointer { heads in
      unsafe store.withUnsafeMutableBufferPointer { store in
        unsafe letters.withUnsafeMutableBufferPointer { letters in
          unsafe rare.withUnsafeMutableBufferPointer { rare in
            unsafe lines.withUnsafeMutableBufferPointer { lines in
              var known = unsafe json_lines(
                heads: heads.baseAddress, head_count: heads.count, lines: lines.baseAddress,
                line_count: lines.count, store: store.baseAddress, mark: mark, group_mark: groupMark,
                telling: telling, letters: letters.baseAddress, rare: rare.baseAddress)
              return unsafe withUnsafePointer(to: &known) { unsafe body($0) }
            }
          }
        }
      }
    }
    swap(&self.heads, &heads)
    swap(&self.store, &store)
    swap(&self.letters, &letters)
    swap(&self.rare, &rare)
    return result
  }
}
