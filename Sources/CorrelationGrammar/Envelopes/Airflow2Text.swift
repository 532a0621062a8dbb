public import LogModel

extension LogEnvelope {
  /// Airflow 2's task logs.
  public static let airflow2Text = LogEnvelope(rawValue: "airflow2-text")
}

/// Airflow 2's default log format: `[2026-03-28T02:14:07.123+0000] {file.py:412} LEVEL - message` (2-log-envelopes, Envelopes:
/// airflow2-text). The message goes on with the lines behind it that have no prefix.
enum Airflow2Text {
  static let definition = EnvelopeDefinition(
    name: .airflow2Text,
    examples: ["[2026-03-28T02:14:07.123+0000] {file.py:412} INFO - …"],
    opening: Opening([
      .one(of: "["), .of(.time, atLeast: 19), .one(of: "]"), .one(of: " "), .one(of: "{"),
    ]),
    recogniser: .prefix(recognise), shape: .untilNextPrefix,
    describe: { line, origin, context in context.describeFile(line, origin) })

  private static let longestFile = 1024
  private static let longestLevel = 40

  /// Recognises the prefix at the beginning of a line.
  static func recognise(_ line: Span<UInt8>) -> RecordHead? {
    guard line.count > 24, line[0] == UInt8(ascii: "["), looksLikeTime(line),
      let timeEnd = endOfFractionAndZone(line, from: 20), var head = head(of: line, behindTime: timeEnd)
    else { return nil }
    head.time = 1..<timeEnd
    return head
  }

  /// Recognises what stands behind the time: `] {file.py:412} LEVEL - message`.
  static func head(of line: Span<UInt8>, behindTime timeEnd: Int) -> RecordHead? {
    guard line.has("] {", at: timeEnd),
      let fileEnd = line.index(of: UInt8(ascii: "}"), from: timeEnd + 3),
      fileEnd - timeEnd < longestFile,
      let colon = line.lastIndex(of: UInt8(ascii: ":"), before: fileEnd), colon >= timeEnd + 3,
      areDigits(line, colon + 1..<fileEnd), line.has("} ", at: fileEnd),
      let message = endOfLevel(line, from: fileEnd + 2)
    else { return nil }
    var head = RecordHead()
    head.origin.file = timeEnd + 3..<colon
    head.origin.level = fileEnd + 2..<message.levelEnd
    head.source = head.origin.file
    head.message = message.start..<line.count
    return head
  }

  /// `2026-03-28T02:14:07` after the bracket, digits in the digits' places; a blank may stand for the `T`.
  private static func looksLikeTime(_ line: Span<UInt8>) -> Bool {
    line[5] == UInt8(ascii: "-") && line[8] == UInt8(ascii: "-")
      && (line[11] == UInt8(ascii: "T") || line[11] == UInt8(ascii: " "))
      && line[14] == UInt8(ascii: ":") && line[17] == UInt8(ascii: ":")
      && areDigits(line, 1..<5) && areDigits(line, 6..<8) && areDigits(line, 9..<11)
      && areDigits(line, 12..<14) && areDigits(line, 15..<17) && areDigits(line, 18..<20)
  }

  /// The end of `.123+0000`, both parts optional.
  private static func endOfFractionAndZone(_ line: Span<UInt8>, from start: Int) -> Int? {
    var position = start
    if line[position] == UInt8(ascii: ".") || line[position] == UInt8(ascii: ",") {
      position += 1
      while position < line.count, line[position].isASCIIDigit { position += 1 }
      guard position > start + 1 else { return nil }
    }
    guard position < line.count else { return nil }
    switch line[position] {
    case UInt8(ascii: "Z"): return position + 1
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard position + 6 < line.count else { return nil }
      let minutes = line[position + 3] == UInt8(ascii: ":") ? position + 4 : position + 3
      guard areDigits(line, position + 1..<position + 3), areDigits(line, minutes..<minutes + 2) else {
        return nil
      }
      return minutes + 2
    default: return position
    }
  }

  private static func areDigits(_ line: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return false }
    for index in range where !line[index].isASCIIDigit { return false }
    return true
  }

  /// A level begins with no blank and ends before ` - `; a line may end with the dash of an empty message.
  private static func endOfLevel(_ line: Span<UInt8>, from start: Int) -> (levelEnd: Int, start: Int)? {
    guard start < line.count, !line[start].isBlank else { return nil }
    var index = start + 1
    let end = min(line.count, start + longestLevel)
    while index + 1 < end {
      if line[index] == 0x20, line[index + 1] == UInt8(ascii: "-") {
        if index + 2 == line.count { return (index, index + 2) }
        if line[index + 2] == 0x20 { return (index, index + 3) }
      }
      index += 1
    }
    return nil
  }
}
