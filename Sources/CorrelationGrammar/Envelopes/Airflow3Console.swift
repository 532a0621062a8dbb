public import LogModel

extension LogEnvelope {
  /// Airflow 3's console form: pods and `tasks test`.
  public static let airflow3Console = LogEnvelope(rawValue: "airflow3-console")
}

/// Airflow 3's console form: `2026-03-28 02:14:07.1+00:00 [info     ] message…   [logger] key=value …` (2-log-envelopes,
/// Envelopes: airflow3-console). The level is in lower case. The logger and the keys end the last line of a message (``ConsoleContext``).
enum Airflow3Console {
  static let definition = EnvelopeDefinition(
    name: .airflow3Console,
    examples: ["2026-03-28 02:14:07.1+00:00 [info     ] …   [logger] loc=file.py:412"],
    opening: .date, recogniser: .prefix(recognise), shape: .untilContext(context),
    describe: { line, origin, context in
      context.streamKey.append(line.extracting(origin.logger), as: .source)
      origin.nameInstance(line, in: &context.streamKey)
      context.describeLogger(line, origin)
    },
    structuredBody: structuredBody)

  /// The names of structlog's levels.
  private static let levels: [StaticString] = [
    "info", "debug", "warning", "error", "critical", "exception", "warn", "notset",
  ]
  /// How many characters structlog's renderer gives to a level.
  private static let levelWidth = 9

  /// Recognises the prefix. The blanks at the message's beginning are trimmed later.
  private static func recognise(_ line: Span<UInt8>) -> RecordHead? {
    guard line.count > 24, line[0].isASCIIDigit, line[4] == UInt8(ascii: "-"),
      let (_, timeEnd) = LogTime.prefix(of: line, from: 0), line.has(" [", at: timeEnd),
      let bracket = line.index(of: UInt8(ascii: "]"), from: timeEnd + 2), bracket - timeEnd < 32
    else { return nil }
    let level = line.trimmingBlanks(timeEnd + 2..<bracket)
    // Behind a time with `T` another program's time may stand before a section, or before a level that is a bullet
    // (1-correlation-data, Grammar). Only the renderer pads a level.
    guard levels.contains(where: { line.is($0, in: level) }),
      line[10] != UInt8(ascii: "T") || bracket - (timeEnd + 2) >= levelWidth
    else { return nil }
    guard bracket + 1 == line.count || line[bracket + 1].isBlank else { return nil }
    var head = RecordHead()
    head.time = 0..<timeEnd
    head.origin.level = level
    head.message = bracket + 1..<line.count
    return head
  }

  /// Finds the logger and the keys at a line's end.
  private static func context(_ line: Span<UInt8>, _ place: LineInRecord) -> RecordContext? {
    guard let context = ConsoleContext(line, from: place.start, needsKey: !place.isFirst) else { return nil }
    var origin = LineOrigin()
    origin.logger = context.logger
    let end = line.trimmingBlanks(0..<line.count).upperBound
    context.forEachMember(line) { member in
      // Of a line that may be cut the last value may be a part of one.
      if place.isCut, member.value.upperBound + (member.isQuoted ? 1 : 0) == end { return }
      if line.is("loc", in: member.key) {
        let end = line.lastIndex(of: UInt8(ascii: ":"), before: member.value.upperBound)
        origin.file = member.value.lowerBound..<max(member.value.lowerBound, end ?? member.value.upperBound)
      } else {
        origin.takeName(member.key, member.value, of: line)
      }
    }
    return RecordContext(messageEnd: context.messageEnd, origin: origin)
  }

  /// A header in one line whose context has keys that a block knows.
  private static func structuredBody(_ line: Span<UInt8>, most: Int) -> JSONBody? {
    guard let head = recognise(line),
      let context = ConsoleContext(line, from: head.message.lowerBound, needsKey: false)
    else { return nil }
    var hasOwn = false
    context.forEachMember(line) { member in
      if !LineOrigin.isContext(line, member.key), KeyName(line, in: member.key).isKnown { hasOwn = true }
    }
    return hasOwn ? JSONBody(consoleHeader: line, context) : nil
  }
}
