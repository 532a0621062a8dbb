import Testing

@testable import CorrelationGrammar

/// The task attempt that lines name, beside the one of the path (page 2, *Identity*).
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
