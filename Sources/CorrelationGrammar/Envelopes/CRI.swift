public import LogModel

extension LogEnvelope {
  /// Container logs as Kubernetes' runtimes write them.
  public static let cri = LogEnvelope(rawValue: "cri")
}

/// The prefix that a container runtime writes before each line: `2026-03-28T02:14:07.1Z stdout F ` (2-log-envelopes, Envelopes:
/// cri). `P` in place of `F` marks a piece of a line that goes on in the next one of its stream.
enum CRI {
  static let definition = EnvelopeDefinition(
    name: .cri,
    examples: ["2026-03-28T02:14:07.1Z stdout F …"], remark: "with a line of any other inside",
    opening: .date, recogniser: .prefix(recognise), shape: .wrapsLine(shownBy: .prefix))

  static func recognise(_ line: Span<UInt8>) -> RecordHead? {
    guard line.count > 28, line[0].isASCIIDigit, line[10] == UInt8(ascii: "T"),
      let (_, timeEnd) = LogTime.prefix(of: line, from: 0),
      line.has(" stdout ", at: timeEnd) || line.has(" stderr ", at: timeEnd), timeEnd + 8 < line.count
    else { return nil }
    let flag = timeEnd + 8
    guard line[flag] == UInt8(ascii: "F") || line[flag] == UInt8(ascii: "P"),
      flag + 1 == line.count || line[flag + 1] == 0x20
    else { return nil }
    var head = RecordHead()
    head.time = 0..<timeEnd
    head.program = timeEnd + 1..<timeEnd + 7
    head.piece = line[flag] == UInt8(ascii: "P") ? .part : .line
    head.message = min(flag + 2, line.count)..<line.count
    return head
  }
}
