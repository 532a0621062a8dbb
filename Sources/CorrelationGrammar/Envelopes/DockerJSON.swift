public import LogModel

extension LogEnvelope {
  /// Container logs as Docker stores them.
  public static let dockerJSON = LogEnvelope(rawValue: "docker-json")
}

/// A line of a container in Docker's `json-file`: `{"log":"…\n","stream":"stdout","time":"…"}` (2-log-envelopes, Envelopes:
/// docker-json). A line that is too long stands in several of them, of which only the last ends in LF.
enum DockerJSON {
  static let definition = EnvelopeDefinition(
    name: .dockerJSON,
    examples: [#"{"log":"…\n","stream":"stdout","time":"2026-03-28T02:14:07.1Z"}"#],
    remark: "with a line of any other inside",
    opening: .object, recogniser: .object(recognise), shape: .wrapsLine(shownBy: .prefix))

  /// An object with other members is a collector's (``JSONExport``).
  private static let keys: [StaticString] = ["log", "stream", "time", "attrs"]

  private static func recognise(_ line: Span<UInt8>, _ members: inout JSONMembers) -> RecordHead? {
    guard let log = members.text("log", of: line), let stream = members.text("stream", of: line),
      members.all.allSatisfy({ member in keys.contains { line.is($0, in: member.key) } })
    else { return nil }
    var head = RecordHead()
    head.message = log
    head.time = members.text("time", of: line) ?? 0..<0
    head.program = stream
    head.piece = .linesWithFeed
    return head
  }
}
