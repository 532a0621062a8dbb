public import LogModel

extension LogEnvelope {
  /// Answers of Airflow's REST API.
  public static let apiJSON = LogEnvelope(rawValue: "api-json")
}

/// An answer of Airflow's REST API, `{"content":[{…},{…}],"continuation_token":…}` on one line, whose elements are records of
/// Airflow 3 (2-log-envelopes, Envelopes: api-json). An element may have no time.
enum APIJSON {
  static let definition = EnvelopeDefinition(
    name: .apiJSON,
    examples: [
      #"{"content":[{"timestamp":"2026-03-28T02:14:07.1Z","event":"…"}],"continuation_token":null}"#
    ],
    opening: .object, recogniser: .object(recognise),
    shape: .list(["{", "\"content\"", ":", "[", "{"]),
    streams: .airflow3JSON, mayLackTime: true,
    describe: Airflow3JSON.describe, structuredBody: Airflow3JSON.structuredBody)

  /// Recognises an element.
  private static func recognise(_ line: Span<UInt8>, _ members: inout JSONMembers) -> RecordHead? {
    guard let event = members.text("event", of: line) else { return nil }
    var head = RecordHead()
    head.message = event
    head.time = members.text("timestamp", of: line, orNull: true) ?? 0..<0
    head.origin = members.origin(of: line)
    return head
  }
}
