import CByteScan
import LogModel

/// Passes over lines that say nothing, whole buffers at a time, and remembers the little that they change.
///
/// It is never asked to understand a line. It knows what ordinary lines of this log look like, because the scanner read some of
/// them: of text records the form of the time, of JSON lines the beginning and the end. A line that is like one of these, and has
/// no escape sequence, no header's words and no outcome in it, changes only what the last such line changes: the record that is
/// being read, the last time, and counts. Every other line is left to the scanner. What comes out does therefore not depend on
/// whether lines are passed over; `SkippedLinesTests` compares both.
struct LineSkipper {
  /// What the scanner knows of JSON lines with one end.
  struct JSONShape {
    /// The source stream's number among those whose times are noted (``StreamTimes``).
    var timeStream: Int
    var streamKey: [UInt8]
    /// The task instance that such lines name; empty where they name none.
    var instanceKey: [UInt8]
    /// Whether such a line may tell an outcome.
    var isAirflow: Bool
  }

  /// A shape's last line among those passed over.
  struct LastLine {
    var line: Int
    var time: Range<Int>
    /// The time of the last such line whose time is one; nil where none has one.
    var streamTime: Range<Int>?
    var shape: JSONShape
  }

  private static let mostHeads = 4
  private static let mostShapes = 16
  /// Longer ends are seldom the same twice.
  private static let longestTail = 4096
  /// No JSON line that is passed over is longer, a number of any length at its end not counted.
  static let longestJSONLine = Int(LINE_HEAD_LIMIT) + Int(LINE_EVENT_LIMIT) + longestTail

  private var text = text_lines()
  /// Whether no line of a stream that is attended to can be passed over as text.
  private var canPassText = false
  private var heads: [line_head] = []
  /// Where the time stands in each head.
  private var headTimes: [Range<Int>] = []
  private var tails: [json_tail] = []
  private var tailBytes: [UInt8] = []
  private var shapes: [JSONShape] = []
  /// The state of the streams that the text's names and the tails' marks were made for.
  private var attention = -1

  // MARK: What ordinary lines look like

  /// Takes note of a text record's prefix; `count` bytes of it stand before the name of its file.
  mutating func learnText(_ line: Span<UInt8>, headBytes count: Int) {
    guard count <= LINE_HEAD_LIMIT, text.head.count != count || !ByteScan.matches(text.head, line) else {
      return
    }
    text.head = ByteScan.head(of: line, count: count)
  }

  /// Takes note of a JSON line that the scanner read: of Airflow's own spelling, its time a valid one.
  mutating func learnJSON(_ line: Span<UInt8>, _ parts: QuietJSONLine, _ shape: JSONShape) {
    let count = parts.event.lowerBound
    guard count <= LINE_HEAD_LIMIT, parts.tail.count <= Self.longestTail else { return }
    if !heads.contains(where: { $0.count == count && ByteScan.matches($0, line) }) {
      if heads.count == Self.mostHeads { (heads, headTimes) = ([], []) }
      heads.append(ByteScan.head(of: line, count: count))
      headTimes.append(parts.timestamp)
    }
    if shapes.count == Self.mostShapes { forgetJSON() }
    tails.append(
      json_tail(
        start: UInt32(tailBytes.count), count: UInt32(parts.tail.count),
        has_number: parts.tail.upperBound < line.count, is_airflow: shape.isAirflow, is_attentive: false,
        last: .max, last_head: 0))
    tailBytes.append(line, in: parts.tail)
    shapes.append(shape)
    attention = -1
  }

  /// Whether lines with this beginning and this end are known.
  func knows(_ line: Span<UInt8>, _ parts: QuietJSONLine) -> Bool {
    heads.contains { $0.count == parts.event.lowerBound && ByteScan.matches($0, line) }
      && tails.indices.contains { isTail($0, of: line, parts) }
  }

  /// Forgets the ends of JSON lines, because the streams were numbered anew.
  mutating func forgetJSON() {
    tails = []
    tailBytes = []
    shapes = []
  }

  // MARK: Passing over

  /// Makes sure that no line is passed over that belongs to a stream with an open block or to a watched one.
  mutating func attend(to streams: StreamTable) {
    guard attention != streams.attention else { return }
    attention = streams.attention
    let keys = streams.attentiveKeys
    for index in tails.indices { tails[index].is_attentive = keys?.contains(shapes[index].streamKey) ?? true }
    text.name_count = 0
    canPassText = keys != nil
    guard let keys else { return }
    for file in OutcomeLine.airflowFiles {
      canPassText =
        file.withUTF8Buffer { unsafe text_lines_add_name(&text, $0.baseAddress, $0.count) } && canPassText
    }
    for key in keys { canPassText = addName(of: key) && canPassText }
  }

  /// A text stream is known by its file; any line without prefix may be one of a stream that is known by none.
  private mutating func addName(of key: [UInt8]) -> Bool {
    switch key.first {
    case UInt8(ascii: "t"):
      var name = Array(key.dropFirst().prefix { $0 != UInt8(ascii: ":") && $0 != 0 })
      name.append(UInt8(ascii: ":"))
      return ByteScan.addName(name.span, to: &text)
    case UInt8(ascii: "b"), UInt8(ascii: "c"), nil: return false
    default: return true
    }
  }

  /// Passes over text lines from `start`, the beginning of a line, to `end`, which stands behind a LF.
  mutating func passText(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> lines_passed? {
    canPassText ? ByteScan.text(bytes, from: start, to: end, &text) : nil
  }

  /// Passes over JSON lines likewise; gives also the last line of each shape, in the log's order.
  mutating func passJSON(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) -> (passed: lines_passed, last: [LastLine])? {
    guard !heads.isEmpty, !tails.isEmpty else { return nil }
    let passed = ByteScan.json(bytes, from: start, to: end, heads, tailBytes, &tails)
    guard passed.lines > 0 else { return nil }
    var last: [LastLine] = []
    for index in tails.indices where tails[index].last != .max {
      let line = tails[index].last
      let inHead = headTimes[tails[index].last_head]
      let time = line + inHead.lowerBound..<line + inHead.upperBound
      last.append(
        LastLine(
          line: line, time: time, streamTime: lastTime(bytes, from: start, lastLine: line, time, tail: index),
          shape: shapes[index]))
      tails[index].last = .max
    }
    last.sort { $0.line < $1.line }
    return (passed, last)
  }

  /// The last time that is one, among lines with this end; nearly always that of the last line.
  private func lastTime(
    _ bytes: Span<UInt8>, from start: Int, lastLine: Int, _ time: Range<Int>, tail: Int
  ) -> Range<Int>? {
    if LogTime(bytes.extracting(time)) != nil { return time }
    var end = lastLine - 1
    while end > start {
      let line = (bytes.lastIndex(of: 0x0A, before: end) ?? -1) + 1
      if let found = self.time(ofLine: bytes.extracting(line..<end), tail: tail) {
        let time = line + found.lowerBound..<line + found.upperBound
        if LogTime(bytes.extracting(time)) != nil { return time }
      }
      end = line - 1
    }
    return nil
  }

  /// Where the time of a line that was passed over stands; nil where the line has another end.
  private func time(ofLine line: Span<UInt8>, tail index: Int) -> Range<Int>? {
    guard let head = heads.firstIndex(where: { ByteScan.matches($0, line) }) else { return nil }
    var position = heads[head].count - 1
    guard let event = JSONScanner.string(line, &position),
      let parts = QuietJSONLine(line, timestamp: headTimes[head], event: event),
      isTail(index, of: line, parts)
    else { return nil }
    return parts.timestamp
  }

  private func isTail(_ index: Int, of line: Span<UInt8>, _ parts: QuietJSONLine) -> Bool {
    let tail = tails[index]
    let start = Int(tail.start)
    return tail.has_number == (parts.tail.upperBound < line.count)
      && tailBytes.span.extracting(start..<start + Int(tail.count)).equals(line.extracting(parts.tail))
  }
}
