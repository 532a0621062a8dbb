public import LogModel

extension LogEnvelope {
  /// Lines of a log in objects of a collector or of another logger.
  public static let jsonExport = LogEnvelope(rawValue: "json-export")
}

/// An object with a log's line as one of its texts, as collectors export them: `{"timestamp":"…","message":"…"}` (2-log-envelopes,
/// Envelopes: json-export). Members of the object tell streams, tasks and the time.
enum JSONExport {
  static let definition = EnvelopeDefinition(
    name: .jsonExport,
    examples: [
      #"{"timestamp":"2026-03-28T02:14:07.1Z","pod":"trainer-7c4","message":"…"}"#,
      #"{"_source":{"message":"…","@timestamp":"2026-03-28T02:14:07.1Z"}}"#,
    ],
    remark: "with a line of any other inside",
    opening: .object, recogniser: .object(recognise), shape: .wrapsLine(shownBy: .prefix), program: program)

  private static let textKeys: [StaticString] = [
    "message", "log", "msg", "textPayload", "line", "@message", "_raw",
  ]
  private static let timeKeys: [StaticString] = ["timestamp", "@timestamp", "time"]
  private static let nestingKeys: [StaticString] = ["_source", "jsonPayload", "fields"]
  private static let sourceKeys: [StaticString] = [
    "stream", "pod", "container", "logger", "name", "ti_id", "log_id", "dag_id", "run_id", "task_id",
    "map_index",
    "try_number", "kubernetes.pod_name", "kubernetes.container_name",
  ]
  /// Members of the member `kubernetes` that stand for the last two of these.
  private static let kubernetesKeys: [StaticString] = ["pod_name", "container_name"]

  private static func recognise(_ line: Span<UInt8>, _ members: inout JSONMembers) -> RecordHead? {
    for member in members.all where isOfBlock(line, member.key) { return nil }
    let places = places(of: line, members)
    var text: Range<Int>?
    for place in places {
      for member in place.all where member.kind == .string && isOne(of: textKeys, line, member.key) {
        guard text == nil else { return nil }
        text = member.value
      }
    }
    guard let text else { return nil }
    var head = RecordHead()
    head.message = text
    head.piece = .lines
    head.origin = LineOrigin(isJSON: true)
    // What stands at the top goes before what is nested.
    for place in places.reversed() {
      for member in place.all where member.kind == .string || member.kind == .number {
        head.origin.takeName(member.key, member.value, of: line)
      }
    }
    head.time = time(of: line, places) ?? 0..<0
    return head
  }

  /// A known key shows that the object is a block's body. `group` is one that collectors have too.
  private static func isOfBlock(_ line: Span<UInt8>, _ key: Range<Int>) -> Bool {
    switch KeyName(line, in: key) {
    case .field(.group), .event, .extra: false
    case .field, .gates, .deltaF1: true
    }
  }

  /// The members at the top, and those of the objects in which exporters nest a record.
  private static func places(of line: Span<UInt8>, _ members: JSONMembers) -> [JSONMembers] {
    [members]
      + members.all.filter { $0.kind == .object && isOne(of: nestingKeys, line, $0.key) }
      .map { JSONMembers(of: line, in: $0.value) }
  }

  private static func isOne(of keys: [StaticString], _ line: Span<UInt8>, _ key: Range<Int>) -> Bool {
    keys.contains { line.is($0, in: key) }
  }

  /// The first of the object's times, where it is one.
  private static func time(of line: Span<UInt8>, _ places: [JSONMembers]) -> Range<Int>? {
    for place in places {
      for key in timeKeys {
        guard let member = place.all.last(where: { line.is(key, in: $0.key) }) else { continue }
        return member.kind == .string && RFC3339.isTime(line, in: member.value) ? member.value : nil
      }
    }
    return nil
  }

  /// The members that tell a stream or task, each with its key; nothing where there are none.
  private static func program(_ line: Span<UInt8>, _ members: JSONMembers, _ bytes: inout [UInt8]) {
    let places = places(of: line, members)
    for key in sourceKeys { append(key, of: line, places, to: &bytes) }
    let kubernetes = places.flatMap { place in
      place.all.filter { $0.kind == .object && line.is("kubernetes", in: $0.key) }
    }
    guard !kubernetes.isEmpty else { return }
    let inside = kubernetes.map { JSONMembers(of: line, in: $0.value) }
    for key in kubernetesKeys { append(key, of: line, inside, to: &bytes) }
  }

  private static func append(
    _ key: StaticString, of line: Span<UInt8>, _ places: [JSONMembers], to bytes: inout [UInt8]
  ) {
    for place in places {
      guard let member = place.all.last(where: { $0.kind.isScalar && line.is(key, in: $0.key) }) else {
        continue
      }
      key.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
      bytes.append(0)
      bytes.append(line, in: member.value)
      bytes.append(0)
      return
    }
  }
}

extension JSONScanner.Kind {
  /// A value that tells a source: no null, object or array.
  fileprivate var isScalar: Bool {
    switch self {
    case .string, .number, .boolean: true
    case .null, .object, .array: false
    }
  }
}
