public import LogModel

extension LogEnvelope {
  /// Airflow 3's task logs.
  public static let airflow3JSON = LogEnvelope(rawValue: "airflow3-json")
}

/// Airflow 3's task logs, one object of JSON a line: `{"timestamp":"…","level":"info","event":"…","logger":"root"}`
/// (2-log-envelopes, Envelopes: airflow3-json). The event may have several lines.
enum Airflow3JSON {
  static let definition = EnvelopeDefinition(
    name: .airflow3JSON,
    examples: [
      #"{"timestamp":"2026-03-28T02:14:07.1Z","level":"info","event":"…","logger":"root","filename":"file.py","lineno":412}"#
    ],
    opening: .object, recogniser: .object(recognise), shape: .line, mayLackTime: true,
    describe: describe, structuredBody: structuredBody)

  private static func recognise(_ line: Span<UInt8>, _ members: inout JSONMembers) -> RecordHead? {
    guard let event = members.text("event", of: line),
      let timestamp = members.text("timestamp", of: line, orNull: true)
    else { return nil }
    var head = RecordHead()
    head.message = event
    head.time = timestamp
    head.origin = members.origin(of: line)
    return head
  }

  /// A stream is what the logger, its channel and the file name together.
  static func describe(_ line: Span<UInt8>, _ origin: LineOrigin, _ context: inout LogRecordContext) {
    context.streamKey.append(line.extracting(origin.logger), as: .source)
    context.streamKey.append(line.extracting(origin.channel), as: .channel)
    context.streamKey.append(line.extracting(origin.file), as: .file)
    origin.nameInstance(line, in: &context.streamKey)
    context.describeLogger(line, origin)
  }

  /// A header event with members of its own that a block knows, or with objects, which group such members. A logger that binds
  /// `request_id` to every event makes no structured header of a plain one.
  static func structuredBody(_ line: Span<UInt8>, most: Int) -> JSONBody? {
    var hasOwn = false
    LineOrigin.ownMembers(line) { member in
      guard member.kind != .array else { return }
      hasOwn = hasOwn || member.kind == .object || KeyName(line, in: member.key).isKnown
    }
    return hasOwn ? JSONBody(structuredHeader: line, most: most) : nil
  }
}
