/// The JSON line before, where the next one may differ from it in nothing but its time, its event and the line number at
/// its end, as the lines of a block do when each of them is logged by itself.
///
/// Such a line need not be read as JSON again: what it says of its stream is said already.
struct RepeatedJSONLine {
  /// The record that the line was; no line of another may have come since.
  private var record = -1
  private var timeCount = 0
  /// From the quote behind the time to the one before the event: the level.
  private var middle: [UInt8] = []
  private var tail: [UInt8] = []
  private var hasLineNumber = false
  /// The stream's number among those whose times are noted.
  private(set) var timeStream = 0

  private static let timeStart = 14

  /// Takes note of a line that was read.
  mutating func note(_ line: Span<UInt8>, _ parts: QuietJSONLine, record: Int, timeStream: Int) {
    self.record = record
    self.timeStream = timeStream
    timeCount = parts.timestamp.count
    middle.removeAll(keepingCapacity: true)
    middle.append(line, in: parts.timestamp.upperBound..<parts.event.lowerBound)
    tail.removeAll(keepingCapacity: true)
    tail.append(line, in: parts.tail)
    hasLineNumber = parts.tail.upperBound < line.count
  }

  /// The time and the event of a line that repeats the one before; nil for any other line, and where one of them has an
  /// escape in it.
  func parts(of line: Span<UInt8>, after record: Int) -> (time: Range<Int>, event: Range<Int>)? {
    guard record == self.record, line.has("{\"timestamp\":\"") else { return nil }
    let time = Self.timeStart..<Self.timeStart + timeCount
    let eventStart = time.upperBound + middle.count
    guard eventStart < line.count, middle.span.equals(line.extracting(time.upperBound..<eventStart)) else {
      return nil
    }
    // What is no time still has to be a text without escapes.
    for index in time
    where line[index] == UInt8(ascii: "\"") || line[index] == UInt8(ascii: "\\") || line[index] < 0x20 {
      return nil
    }
    var eventEnd = eventStart
    while eventEnd < line.count, line[eventEnd] != UInt8(ascii: "\"") {
      if line[eventEnd] == UInt8(ascii: "\\") || line[eventEnd] < 0x20 { return nil }
      eventEnd += 1
    }
    let tailEnd = hasLineNumber ? QuietJSONLine.endWithoutLineNumber(line) : line.count
    guard eventEnd < tailEnd, !hasLineNumber || tailEnd < line.count,
      tail.span.equals(line.extracting(eventEnd..<tailEnd))
    else { return nil }
    return (time, eventStart..<eventEnd)
  }

  /// The record of such a line is the one that the next may follow.
  mutating func moveOn(to record: Int) {
    self.record = record
  }
}
