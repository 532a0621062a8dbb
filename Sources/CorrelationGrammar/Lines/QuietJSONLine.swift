import LogModel

/// A JSON line of Airflow 3 that says nothing while no block is open, recognised by its beginning alone.
///
/// Airflow writes `timestamp`, `level`, `event` first. Where that is so, the event has no escape in it, and its text
/// begins neither like a header nor like an outcome, the rest of the line need not be read; whose it is tells its
/// tail, where that was read before (``QuietLineTable``).
struct QuietJSONLine {
  /// Between the quotes.
  let timestamp: Range<Int>
  /// Between the quotes.
  let event: Range<Int>
  /// What stands behind the event, without the line number at its end: logger, file and task instance, the same on many lines.
  let tail: Range<Int>

  /// The parts of a line that the scanner has read, where it is of this form whatever its event says.
  init?(_ line: Span<UInt8>, timestamp: Range<Int>, event: Range<Int>) {
    // No quote within the level, and nothing else before the event.
    guard line.has("{\"timestamp\":\""), timestamp.lowerBound == 14,
      line.has("\",\"level\":\"", at: timestamp.upperBound),
      let levelEnd = line.index(of: UInt8(ascii: "\""), from: timestamp.upperBound + 11),
      line.has("\",\"event\":\"", at: levelEnd), event.lowerBound == levelEnd + 11
    else { return nil }
    self.timestamp = timestamp
    self.event = event
    tail = event.upperBound..<Self.endWithoutLineNumber(line)
  }

  init?(_ line: Span<UInt8>) {
    guard line.has("{\"timestamp\":\""),
      let timeEnd = line.index(of: UInt8(ascii: "\""), from: 14), timeEnd < 64,
      line.has("\",\"level\":\"", at: timeEnd),
      let levelEnd = line.index(of: UInt8(ascii: "\""), from: timeEnd + 11), levelEnd < timeEnd + 64,
      line.has("\",\"event\":\"", at: levelEnd),
      let eventEnd = line.index(of: UInt8(ascii: "\""), from: levelEnd + 11)
    else { return nil }
    let event = levelEnd + 11..<eventEnd
    // With an escape the event may be anything, with a control character the line is no JSON.
    for index in event where line[index] == UInt8(ascii: "\\") || line[index] < 0x20 { return nil }
    let message = line.trimmingBlanks(event)
    if let first = message.first.map({ line[$0] }) {
      if first == UInt8(ascii: "=") { return nil }
      // Only the beginning of an event can be an outcome; whose it is, the whole line tells.
      if Self.beginsOutcome(first),
        OutcomeLine(line.extracting(message)) != nil
          || line.has("Workload finished", at: message.lowerBound)
          || line.has("Task finished", at: message.lowerBound)
      {
        return nil
      }
    }
    timestamp = 14..<timeEnd
    self.event = event
    tail = eventEnd..<Self.endWithoutLineNumber(line)
  }

  /// Where the digits of the line number at a line's end begin; the line's end where it has none.
  static func endWithoutLineNumber(_ line: Span<UInt8>) -> Int {
    var end = line.count - 1
    guard line[end] == UInt8(ascii: "}") else { return line.count }
    while end > 0, line[end - 1].isASCIIDigit { end -= 1 }
    // JSON has no numbers that begin with a zero, but for the zero itself.
    let isNumber = end < line.count - 1 && (line[end] != UInt8(ascii: "0") || end == line.count - 2)
    return isNumber && line.has("\"lineno\":", at: end - 9) ? end : line.count
  }

  private static func beginsOutcome(_ first: UInt8) -> Bool {
    switch first {
    case UInt8(ascii: "M"), UInt8(ascii: "I"), UInt8(ascii: "T"), UInt8(ascii: "P"), UInt8(ascii: "S"),
      UInt8(ascii: "D"), UInt8(ascii: "R"), UInt8(ascii: "W"), UInt8(ascii: ":"):
      true
    default: false
    }
  }
}
