import CByteScan
import LogModel

/// Lines of the log that are one plain pair each, one behind the other, as places in the bytes at hand.
///
/// The buffer is reused for the lines behind them.
struct PairLines {
  /// So many are looked for at a time: few at first, because the block may not take them.
  private static let (few, most) = (8, 32)

  /// The buffer that a search fills.
  var buffer: [pair_line] = []
  /// How many lines the search is to find.
  private(set) var room = 0
  /// How many lines were found, which stand at the buffer's beginning.
  private(set) var count = 0
  /// Where the time stands in each line, from the line's beginning.
  private(set) var time = 0..<0

  /// Whether as many lines were found as were looked for, so that more may stand behind them.
  var isFull: Bool { count == room }

  /// Prepares for a search, the first one of a run or a further one.
  mutating func begin(isFirst: Bool) {
    room = isFirst ? Self.few : Self.most
    count = 0
    if buffer.isEmpty { buffer = Array(repeating: pair_line(), count: Self.most) }
  }

  /// Keeps the lines that a search has found, so many, up to one whose time is none or is that of the line before: a record may have been
  /// written twice.
  mutating func keep(_ count: Int, of chunk: Span<UInt8>, time: Range<Int>, _ times: inout SimilarTimes) {
    self.time = time
    self.count = Self.timed(buffer.span.extracting(0..<count), of: chunk, time, &times)
  }

  private static func timed(
    _ lines: Span<pair_line>, of chunk: Span<UInt8>, _ time: Range<Int>, _ times: inout SimilarTimes
  ) -> Int {
    for index in lines.indices {
      let own = chunk.extracting(time.shifted(by: lines[index].start))
      guard times.isTime(own),
        index == 0 || own.differs(from: chunk.extracting(time.shifted(by: lines[index - 1].start)))
      else { return index }
    }
    return lines.count
  }
}

/// Lines that an open block takes one behind the other, each of them a record of its own.
struct PairRun {
  /// How many lines were taken.
  private(set) var count = 0
  /// The message of the last of them, and its time, as places in the bytes at hand.
  private(set) var message = 0..<0
  private(set) var time = 0..<0
  /// Where the next line begins in the bytes at hand, and in the log.
  private(set) var end: Int
  private(set) var position: LogPosition
  /// The number of the last line's record.
  private(set) var record: Int

  init(from start: Int, at position: LogPosition, behind record: Int) {
    end = start
    self.position = position
    self.record = record
  }

  /// So many further lines were taken, of which this is the last.
  mutating func take(_ lines: Int, to last: pair_line, time: Range<Int>) {
    count += lines
    position.line += lines
    position.offset += last.next - end
    end = last.next
    record += lines
    message = last.text..<last.text_end
    self.time = time.shifted(by: last.start)
  }
}
