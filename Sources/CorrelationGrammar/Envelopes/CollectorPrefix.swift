import LogModel

/// The prefix that a container runtime writes before each line: `2026-03-28T02:14:07.1Z stdout F `
/// (2-log-envelopes, Envelopes: cri).
struct CollectorPrefix {
  var time: Range<Int>
  /// `stdout` or `stderr`.
  var stream: Range<Int>
  /// A `P` piece: the line goes on in the next one of its stream.
  var isPartial: Bool
  /// Where the container's own line begins.
  var message: Int

  init?(_ line: Span<UInt8>) {
    guard line.count > 28, line[0].isASCIIDigit, line[10] == UInt8(ascii: "T"),
      let (_, timeEnd) = LogTime.prefix(of: line, from: 0),
      line.has(" stdout ", at: timeEnd) || line.has(" stderr ", at: timeEnd), timeEnd + 8 < line.count
    else { return nil }
    let flag = timeEnd + 8
    guard line[flag] == UInt8(ascii: "F") || line[flag] == UInt8(ascii: "P"),
      flag + 1 == line.count || line[flag + 1] == 0x20
    else { return nil }
    time = 0..<timeEnd
    stream = timeEnd + 1..<timeEnd + 7
    isPartial = line[flag] == UInt8(ascii: "P")
    message = min(flag + 2, line.count)
  }
}
