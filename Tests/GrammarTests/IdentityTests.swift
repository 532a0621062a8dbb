import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// The task attempt that lines name, beside the one of the path (2-log-envelopes, Identity).
@Suite struct IdentityTests {
  private static let path = TaskIdentity(dagID: "d", runID: "r", taskID: "g.t", mapIndex: nil, tryNumber: 2)

  private func scan(_ keys: String, expecting: TaskIdentity? = path) -> (CorrelationRecord?, [GrammarIssue]) {
    var scanner = LogScanner(expecting: expecting)
    var record: CorrelationRecord?
    var issues: [GrammarIssue] = []
    let sink: (LogEvent) -> Void = { event in
      if case .record(let found) = event { record = found }
      if case .sourceIssue(let issue) = event { issues.append(issue) }
    }
    let line =
      #"{"timestamp":"2026-03-28T02:14:07Z","level":"info","event":"=== CORRELATION DATA ===\ncrypto=X","#
      + #""logger":"root"\#(keys)}"# + "\n"
    let bytes = Array((line + line.replacing("07Z", with: "08Z")).utf8)
    scanner.consume(bytes.span, sink)
    scanner.finish(isWhole: true, sink)
    return (record, issues)
  }

  static let same = #","dag_id":"d","run_id":"r","task_id":"g.t","map_index":-1,"try_number":2"#

  /// Ordinary lines are passed over by their beginnings; whom they name is looked at all the same.
  @Test(arguments: [
    (#""dag_id":"d""#, #""dag_id":"e""#, "dag_id", "e"), (#""run_id":"r""#, #""run_id":"s""#, "run_id", "s"),
    (#""task_id":"g.t""#, #""task_id":"t""#, "task_id", "t"),
    (#""map_index":-1"#, #""map_index":0"#, "map_index", "0"),
    (#""try_number":2"#, #""try_number":3"#, "try_number", "3"),
  ])
  func `an ordinary line that contradicts the path is an issue, once`(
    own: String, other: String, key: String, raw: String
  ) {
    func line(_ number: Int, _ keys: String) -> String {
      #"{"timestamp":"2026-03-28T02:14:07Z","level":"info","event":"epoch \#(number)","logger":"root""#
        + #"\#(keys),"filename":"a.py","lineno":\#(number)}"# + "\n"
    }
    let agreeing = (1...9).map { line($0, Self.same) }
    let contradicting = (10...19).map { line($0, Self.same.replacing(own, with: other)) }
    var scanner = LogScanner(expecting: Self.path)
    var events: [LogEvent] = []
    let bytes = Array((agreeing + contradicting).joined().utf8)
    scanner.consume(bytes.span) { events.append($0) }
    scanner.finish(isWhole: true) { events.append($0) }
    let issue = GrammarIssue(
      kind: .identityConflict, key: key, line: 10, offset: agreeing.joined().utf8.count, raw: raw)
    #expect(events == [.sourceIssue(issue)])
    #expect(scanner.envelopes.map(\.count) == [19])
  }

  /// Numbers that a logger binds make every line another; whom it names is still looked at.
  @Test(arguments: [
    (#","step":1,"try_number":2,"map_index":-1"#, #","step":22,"try_number":3,"map_index":-1"#),
    (#","try_number":2,"step":1,"map_index":-1"#, #","try_number":3,"step":22,"map_index":-1"#),
    (
      #","step":1,"loss":0.5,"map_index":-1,"try_number":2"#,
      #","step":2,"loss":0.25,"map_index":-1,"try_number":3"#
    ),
    (#","note":"x","try_number":2"#, #","note":"\"try_number\":2","try_number":3"#),
    (#","step_id":1"#, #","try_number":3"#),
  ])
  func `a line that differs in more than whom it names`(first: String, other: String) {
    func line(_ keys: String) -> String {
      #"{"timestamp":"2026-03-28T02:14:07Z","level":"info","event":"x","logger":"root","dag_id":"d""#
        + #","run_id":"r","task_id":"g.t"\#(keys),"filename":"a.py","lineno":7}"# + "\n"
    }
    for second in [first.replacing(":1", with: ":123"), other] {
      var scanner = LogScanner(expecting: Self.path)
      var issues: [GrammarIssue] = []
      let bytes = Array((line(first) + line(second)).utf8)
      scanner.consume(bytes.span) { if case .sourceIssue(let issue) = $0 { issues.append(issue) } }
      #expect(issues.map(\.line) == (second == other ? [2] : []))
      #expect(issues.map(\.key) == (second == other ? ["try_number"] : []))
    }
  }

  @Test func linesThatAgree() {
    let (record, issues) = scan(Self.same)
    #expect(record?.identity == Self.path)
    #expect(issues.isEmpty)
    #expect(scan("").1.isEmpty)
    #expect(scan(Self.same.replacing("2", with: "3"), expecting: nil).1.isEmpty)
  }

  /// Once a log, with the first part that differs.
  @Test(arguments: [
    (same.replacing(#""d""#, with: #""other""#), "dag_id", "other"),
    (same.replacing(#""r""#, with: #""r2""#), "run_id", "r2"),
    (same.replacing("g.t", with: "t"), "task_id", "t"),
    (same.replacing("-1", with: "0"), "map_index", "0"),
    (same.replacing(":2", with: ":1"), "try_number", "1"),
    (#","dag_id":"other""#, "dag_id", "other"),
  ])
  func linesThatContradict(keys: String, key: String, raw: String) {
    let (_, issues) = scan(keys)
    #expect(issues.map(\.kind) == [.identityConflict])
    #expect(issues.first?.key == key)
    #expect(issues.first?.raw == raw)
    #expect(issues.first?.line == 1)
  }
}
