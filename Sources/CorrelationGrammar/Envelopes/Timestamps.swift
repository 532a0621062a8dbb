public import LogModel

extension LogEnvelope {
  /// Lines with a time before them, as `kubectl logs --timestamps` writes them.
  public static let timestamps = LogEnvelope(rawValue: "timestamps")
}

/// A time that another program put before each line: `2026-03-28T02:14:07.1Z `, as `kubectl logs --timestamps`, `docker logs -t`
/// and CloudWatch's export do (2-log-envelopes, Envelopes: timestamps). It tells no source.
enum Timestamps {
  static let definition = EnvelopeDefinition(
    name: .timestamps, examples: ["2026-03-28T02:14:07.1Z …"], remark: "with a line of any other inside",
    opening: .date, recogniser: .prefix(recognise), shape: .wrapsLine(shownBy: .lineInside))

  private static func recognise(_ line: Span<UInt8>) -> RecordHead? {
    guard let end = RFC3339.end(in: line, from: 0), end < line.count, line[end] == 0x20 else { return nil }
    var head = RecordHead()
    head.time = 0..<end
    head.message = end + 1..<line.count
    return head
  }
}

/// Times as RFC 3339 has them: `2026-03-28T02:14:07.1Z`, or with an offset such as `+02:00`.
enum RFC3339 {
  /// The end of the time that begins at `start`; nil where none does.
  static func end(in line: Span<UInt8>, from start: Int) -> Int? {
    guard start + 20 <= line.count, line[start].isASCIIDigit, line[start + 10] == UInt8(ascii: "T"),
      let (_, end) = LogTime.prefix(of: line, from: start), end >= start + 20
    else { return nil }
    let hasZone =
      line[end - 1] == UInt8(ascii: "Z")
      || (end >= start + 25 && line[end - 3] == UInt8(ascii: ":")
        && (line[end - 6] == UInt8(ascii: "+") || line[end - 6] == UInt8(ascii: "-")))
    return hasZone ? end : nil
  }

  /// Whether a range is such a time and nothing more.
  static func isTime(_ line: Span<UInt8>, in range: Range<Int>) -> Bool {
    end(in: line.extracting(range), from: 0) == range.count
  }
}
