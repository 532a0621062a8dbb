public import LogModel

extension LogEnvelope {
  /// Logs as Airflow 3's web interface downloads them.
  public static let uiDownload = LogEnvelope(rawValue: "ui-download")
}

/// A log as Airflow 3's web interface downloads it: `[2026-03-28T02:14:07.1Z] INFO - message`, or without the time
/// (2-log-envelopes, Envelopes: ui-download). The last line of a message may end in its source (``DownloadSource``).
enum UIDownload {
  static let definition = EnvelopeDefinition(
    name: .uiDownload, examples: ["[2026-03-28T02:14:07.1Z] INFO - …", "INFO - …"],
    opening: Opening(
      [.one(of: "["), .of(.time, atLeast: 15), .one(of: "]"), .one(of: " ")] + level, level),
    recogniser: .prefix(recognise), shape: .untilContext(context), mayLackTime: true, describe: describe)

  private static let level: [Opening.Run] = [.of(.capitals, upTo: 16), .one(of: " "), .one(of: "-")]
  private static let levels: [StaticString] = ["INFO", "ERROR", "WARNING", "DEBUG", "CRITICAL"]

  private static func recognise(_ line: Span<UInt8>) -> RecordHead? {
    var head = RecordHead()
    var start = 0
    guard line.count > 6 else { return nil }
    if line[0] == UInt8(ascii: "[") {
      guard let (_, timeEnd) = LogTime.prefix(of: line, from: 1), line.has("] ", at: timeEnd) else {
        return nil
      }
      head.time = 1..<timeEnd
      start = timeEnd + 2
    }
    var end = start
    while end < line.count, UInt8(ascii: "A")...UInt8(ascii: "Z") ~= line[end] { end += 1 }
    let level = start..<end
    guard end > start, end - start <= 16, line.has(" -", at: end),
      end + 2 == line.count || line[end + 2] == 0x20,
      !head.time.isEmpty || levels.contains(where: { line.is($0, in: level) })
    else { return nil }
    head.origin.level = level
    head.message = min(end + 3, line.count)..<line.count
    return head
  }

  /// Finds the source at a line's end.
  private static func context(_ line: Span<UInt8>, _ place: LineInRecord) -> RecordContext? {
    guard let source = DownloadSource(line, from: place.start) else { return nil }
    var origin = LineOrigin()
    origin.logger = source.source
    origin.file = source.file
    return RecordContext(messageEnd: source.messageEnd, origin: origin)
  }

  /// A stream is what the file names. What a task prints names its source alone.
  private static func describe(
    _ line: Span<UInt8>, _ origin: LineOrigin, _ context: inout LogRecordContext
  ) {
    if origin.file.isEmpty {
      context.streamKey.append(line.extracting(origin.logger), as: .source)
    } else {
      context.streamKey.append(line.extracting(origin.file), as: .file)
    }
    context.describeLogger(line, origin)
  }
}

/// What a download that shows sources appends to the last line of a message: ` source=root  loc=file.py:137 `.
private struct DownloadSource {
  /// Where the message ends.
  var messageEnd: Int
  var source: Range<Int>
  /// The file of `loc`, without the line number; empty where none is shown, as for what a task prints.
  var file: Range<Int>

  init?(_ line: Span<UInt8>, from start: Int) {
    let end = line.trimmingBlanks(start..<line.count).upperBound
    guard var word = Self.lastWord(line, start..<end) else { return nil }
    file = 0..<0
    if line.has("loc=", at: word.lowerBound) {
      let place = word.lowerBound + 4..<word.upperBound
      guard let colon = line.lastIndex(of: UInt8(ascii: ":"), before: place.upperBound),
        colon > place.lowerBound, let before = Self.lastWord(line, start..<word.lowerBound)
      else { return nil }
      file = place.lowerBound..<colon
      word = before
    }
    guard line.has("source=", at: word.lowerBound), word.lowerBound > start else { return nil }
    source = word.lowerBound + 7..<word.upperBound
    // Only what a task prints has no place; a last pair `source=…` of a message is the message's.
    guard !file.isEmpty || line.is("task.stdout", in: source) || line.is("task.stderr", in: source) else {
      return nil
    }
    messageEnd = word.lowerBound
  }

  /// The last word of a range; nil where there is none.
  private static func lastWord(_ line: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
    let trimmed = line.trimmingBlanks(range)
    guard !trimmed.isEmpty else { return nil }
    var start = trimmed.upperBound
    while start > trimmed.lowerBound, !line[start - 1].isBlank { start -= 1 }
    return start..<trimmed.upperBound
  }
}
