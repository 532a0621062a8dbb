public import LogModel

extension LogEnvelope {
  /// Airflow 2's task logs as stored in Elasticsearch.
  public static let airflow2JSON = LogEnvelope(rawValue: "airflow2-json")
}

/// Airflow 2's task logs in the JSON form that goes to Elasticsearch: `{"asctime": "…", "filename": "…", "message": "…"}`
/// (2-log-envelopes, Envelopes: airflow2-json). Keys beyond these are the handler's, so there are no structured headers.
enum Airflow2JSON {
  static let definition = EnvelopeDefinition(
    name: .airflow2JSON,
    examples: [
      #"{"asctime": "2026-03-28T02:14:07.123+0000", "filename": "file.py", "lineno": 412, "levelname": "INFO", "message": "…"}"#
    ],
    opening: .object, recogniser: .object(recognise), shape: .line, mayLackTime: true,
    describe: { line, origin, context in
      context.describeFile(line, origin)
      origin.nameInstance(line, in: &context.streamKey)
    })

  private static func recognise(_ line: Span<UInt8>, _ members: inout JSONMembers) -> RecordHead? {
    guard let message = members.text("message", of: line), let time = members.text("asctime", of: line)
    else { return nil }
    var head = RecordHead()
    head.message = message
    head.time = time
    head.origin = members.origin(of: line)
    return head
  }
}
