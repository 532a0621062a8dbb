import LogModel

/// A line that is a JSON object with a log record in it (2-log-envelopes, Envelopes: airflow3-json,
/// airflow2-json, docker-json, and elements of api-json).
struct JSONLogLine {
  enum Envelope {
    case airflow3, elasticsearch, docker, api
  }

  private(set) var envelope = Envelope.airflow3
  /// The text: `event`, `message` or `log`.
  private(set) var message = 0..<0
  private(set) var time = 0..<0
  private(set) var origin = LineOrigin(isJSON: true)
  /// The container's stream.
  private(set) var containerStream = 0..<0
  /// Whether the object has keys of its own that carry a block's data: a structured header's.
  private(set) var hasOwnKeys = false

  /// The texts by which an envelope is known.
  private struct Texts {
    var event: Range<Int>?
    var timestamp: Range<Int>?
    var message: Range<Int>?
    var asctime: Range<Int>?
    var log: Range<Int>?
    var stream: Range<Int>?
    var time: Range<Int>?
  }
  private var texts = Texts()

  /// Recognises a whole line; nil when it is no valid JSON object or has not the keys of any envelope. An element of
  /// an answer of the API may have no time.
  init?(_ line: Span<UInt8>, isElement: Bool = false) {
    guard JSONScanner.object(line, { take($0, of: line) }) else { return nil }
    if let event = texts.event, let timestamp = texts.timestamp ?? (isElement ? 0..<0 : nil) {
      envelope = isElement ? .api : .airflow3
      (message, time) = (event, timestamp)
    } else if let text = texts.message, let asctime = texts.asctime {
      envelope = .elasticsearch
      (message, time) = (text, asctime)
    } else if let log = texts.log, let stream = texts.stream {
      envelope = .docker
      (message, time, containerStream) = (log, texts.time ?? 0..<0, stream)
    } else {
      return nil
    }
  }

  private mutating func take(_ member: JSONScanner.Member, of line: Span<UInt8>) {
    let key = member.key
    let value = member.value
    let isText = member.kind == .string
    switch key.count {
    case 3 where isText && line.is("log", in: key): texts.log = value
    case 4 where line.is("chan", in: key): origin.channel = value
    case 4 where isText && line.is("time", in: key): texts.time = value
    case 5 where isText && line.is("event", in: key): texts.event = value
    case 5 where line.is("level", in: key): origin.level = value
    case 6 where line.is("logger", in: key): origin.logger = value
    case 6 where isText && line.is("stream", in: key): texts.stream = value
    case 7 where isText && line.is("message", in: key): texts.message = value
    case 7 where isText && line.is("asctime", in: key): texts.asctime = value
    case 8 where line.is("filename", in: key): origin.file = value
    case 9 where line.is("timestamp", in: key):
      if isText || member.kind == .null { texts.timestamp = isText ? value : 0..<0 }
    case 9 where line.is("levelname", in: key): origin.level = value
    default: origin.take(key, value, of: line)
    }
    if carriesData(member, line) { hasOwnKeys = true }
  }

  /// A key that a block knows, or an object, which groups such keys. A logger that binds keys of its own
  /// (`request_id`) to every event makes no structured header of a plain one.
  private func carriesData(_ member: JSONScanner.Member, _ line: Span<UInt8>) -> Bool {
    guard member.kind != .array, !LineOrigin.isContext(line, member.key) else { return false }
    return member.kind == .object || KeyName(line, in: member.key).isKnown
  }

  /// Fills the context of the record.
  func describe(_ line: Span<UInt8>, in context: inout LogRecordContext) {
    context.timeText.append(line, in: time)
    context.isWarning = LogRecordContext.isWarning(line, in: origin.level)
    if envelope == .elasticsearch {
      context.describeFile(line, origin.file, level: origin.level, kind: UInt8(ascii: "e"))
      context.streamKey.append(0)
      origin.describeInstance(line, in: &context)
      return
    }
    context.streamKey.append(UInt8(ascii: "j"))
    for part in [origin.logger, origin.channel, origin.file] {
      context.streamKey.append(line, in: part)
      context.streamKey.append(0)
    }
    origin.describeInstance(line, in: &context)
    context.describeLogger(line, origin.logger, channel: origin.channel, file: origin.file)
  }

  /// Visits the members that carry the data of a structured header.
  static func ownMembers(_ line: Span<UInt8>, _ visit: (JSONScanner.Member) -> Void) {
    _ = JSONScanner.object(line) { member in
      if !LineOrigin.isContext(line, member.key) { visit(member) }
    }
  }
}
