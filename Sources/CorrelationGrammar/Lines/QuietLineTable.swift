import LogModel

/// The tails of JSON lines that were read whole, so that the next line with such a tail can be passed over and is known
/// all the same: it names the same task instance, which was compared with the path's, and has the same stream.
///
/// Tails that differ only in members that tell neither, such as numbers that a logger binds to its events, are alike.
struct QuietLineTable {
  private struct Shape {
    var tail: [UInt8] = []
    /// The lane of the line (``RecordLane/tag``).
    var tag: [UInt8] = []
    var stream = 0
  }

  private static let size = 64
  /// Bytes at a tail's end by which its place in the table is found.
  private static let endBytes = 24

  private var shapes = [Shape](repeating: Shape(), count: size)
  private var last = 0

  /// The stream of a line with a tail like one that was read before; nil where there is none.
  mutating func stream(of line: Span<UInt8>, _ tail: Range<Int>, tag: [UInt8]) -> Int? {
    let text = line.extracting(tail)
    if isSame(last, text, tag) { return shapes[last].stream }
    let slot = Self.slot(of: text)
    guard isSame(slot, text, tag) || isAlike(slot, text, tag) else { return nil }
    last = slot
    return shapes[slot].stream
  }

  /// Takes note of a line that was read.
  mutating func add(_ line: Span<UInt8>, _ tail: Range<Int>, tag: [UInt8], stream: Int) {
    let slot = Self.slot(of: line.extracting(tail))
    shapes[slot].tail.removeAll(keepingCapacity: true)
    shapes[slot].tail.append(line, in: tail)
    shapes[slot].tag = tag
    shapes[slot].stream = stream
  }

  /// Forgets all lines, because the streams were numbered anew.
  mutating func removeAll() {
    for slot in shapes.indices { shapes[slot] = Shape() }
  }

  private func isSame(_ slot: Int, _ text: Span<UInt8>, _ tag: [UInt8]) -> Bool {
    let known = shapes[slot].tail
    return known.span.equals(text) && shapes[slot].tag == tag
  }

  private func isAlike(_ slot: Int, _ text: Span<UInt8>, _ tag: [UInt8]) -> Bool {
    let known = shapes[slot].tail
    guard shapes[slot].tag == tag, !known.isEmpty else { return false }
    let shorter = min(known.count, text.count)
    var start = 0
    while start < shorter, known[start] == text[start] { start += 1 }
    var end = 0
    while end < shorter - start, known[known.count - 1 - end] == text[text.count - 1 - end] { end += 1 }
    return Self.isFree(known.span, start, known.count - end) && Self.isFree(text, start, text.count - end)
  }

  /// Whether the members between two places, those that reach into them included, tell neither source nor task.
  private static func isFree(_ tail: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    guard var index = keyStart(tail, before: start) else { return false }
    var stop = end
    while stop < tail.count, tail[stop] != UInt8(ascii: "\"") { stop += 1 }
    stop = min(stop + 1, tail.count)
    while index < stop {
      if tail[index] == UInt8(ascii: "\""), endsTellingKey(tail, at: index) { return false }
      index += 1
    }
    return true
  }

  /// Where the last key begins that ends before a place. A quote before a colon ends a key: in a string it has a
  /// backslash before it.
  private static func keyStart(_ tail: Span<UInt8>, before place: Int) -> Int? {
    var index = min(place, tail.count) - 1
    while index > 0 {
      if tail[index] == UInt8(ascii: ":"), tail[index - 1] == UInt8(ascii: "\"") {
        if index > 1, tail[index - 2] == UInt8(ascii: "\\") { return nil }
        return tail.lastIndex(of: UInt8(ascii: "\""), before: index - 1)
      }
      index -= 1
    }
    return nil
  }

  /// Whether a quote ends a key that ``LineOrigin`` or the recognition of an envelope asks for.
  private static func endsTellingKey(_ tail: Span<UInt8>, at quote: Int) -> Bool {
    tail.has("_id", at: quote - 3) || tail.has("map_index", at: quote - 9)
      || tail.has("try_number", at: quote - 10) || tail.has("logger", at: quote - 6)
      || tail.has("chan", at: quote - 4) || tail.has("filename", at: quote - 8)
      || tail.has("timestamp", at: quote - 9) || tail.has("event", at: quote - 5)
      || tail.has("level", at: quote - 5)
  }

  /// A tail's end without its numbers tells most tails of different loggers from each other.
  private static func slot(of tail: Span<UInt8>) -> Int {
    var hash: UInt = 0
    var index = max(0, tail.count - endBytes)
    while index < tail.count {
      if !tail[index].isASCIIDigit { hash = hash &* 31 &+ UInt(tail[index]) }
      index += 1
    }
    return Int(hash % UInt(size))
  }
}
