public import LogModel

extension LogEnvelope {
  /// Airflow 2's task logs as the web interface shows them.
  public static let airflow2UI = LogEnvelope(rawValue: "airflow2-ui")
}

/// What Airflow 2's web interface shows, and people copy from there: `[2026-03-28, 02:14:07 UTC] {file.py:412} INFO - message`
/// (2-log-envelopes, Envelopes: airflow2-ui). Behind its time a line is one of ``Airflow2Text``.
enum Airflow2UI {
  static let definition = EnvelopeDefinition(
    name: .airflow2UI,
    examples: ["[2026-03-28, 02:14:07 UTC] {file.py:412} INFO - …"],
    opening: Opening([
      .one(of: "["), .of(.digits, 4), .one(of: "-"), .of(.digits, 2), .one(of: "-"), .of(.digits, 2),
      .one(of: ","),
    ]),
    recogniser: .prefix(recognise), shape: .untilNextPrefix, streams: .airflow2Text,
    describe: { line, origin, context in context.describeFile(line, origin) })

  /// Where the zone begins at the earliest: behind `[2026-03-28, 02:14:07 `.
  private static let zoneStart = 22
  private static let longestZone = 40

  private static func recognise(_ line: Span<UInt8>) -> RecordHead? {
    guard line.has(", ", at: 11), let close = line.index(of: UInt8(ascii: "]"), from: zoneStart),
      close - zoneStart <= longestZone, var head = Airflow2Text.head(of: line, behindTime: close)
    else { return nil }
    // A zone that says nothing of its distance from UTC leaves the line without a time.
    if LogTime(line.extracting(1..<close)) != nil {
      head.time = 1..<close
    } else if !isClock(line, before: close) {
      return nil
    }
    return head
  }

  /// Whether a clock and one word stand behind the date: `02:14:07 CEST`.
  private static func isClock(_ line: Span<UInt8>, before close: Int) -> Bool {
    guard let blank = line.lastIndex(of: 0x20, before: close), blank > 13, blank + 1 < close else {
      return false
    }
    var text: [UInt8] = []
    text.append(line, in: 1..<11)
    text.append(UInt8(ascii: "T"))
    text.append(line, in: 13..<blank)
    return LogTime(text.span) != nil
  }
}
