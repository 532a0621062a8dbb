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

/// What a log's lines may not say of the task that the log belongs to.
@Suite struct ExpectedTaskTests {
  private static let path = TaskIdentity(dagID: "d", runID: "r", taskID: "t", tryNumber: 1)

  private func conflicts(_ lines: String, expecting: TaskIdentity, runIsLogicalDate: Bool = false)
    -> [String]
  {
    var scanner = LogScanner(expecting: expecting, runIsLogicalDate: runIsLogicalDate)
    var found: [String] = []
    let sink: (LogEvent) -> Void = { event in
      guard case .sourceIssue(let issue) = event, issue.kind == .identityConflict else { return }
      found.append("\(issue.line) \(issue.key ?? "") \(issue.raw ?? "")")
    }
    scanner.consume(Array(lines.utf8).span, sink)
    scanner.finish(isWhole: true, sink)
    return found
  }

  private func line(_ keys: String) -> String {
    #"{"timestamp":"2026-03-28T02:14:07Z","level":"info","event":"x","logger":"root""# + keys + "}\n"
  }

  @Test(arguments: ["0199-a", "0199-b"])
  func `a line that names a run is read though an earlier line of its task instance named none`(id: String) {
    let log =
      line(#","ti_id":"0199-a""#) + line(#","ti_id":"0199-a","run_id":"r""#)
      + line(#","ti_id":"\#(id)","run_id":"s""#)
    #expect(conflicts(log, expecting: Self.path) == ["3 run_id s"])
  }

  /// Airflow's older paths have the logical date in the place of the run id.
  @Test(arguments: [
    ("manual__2026-03-28T02:00:00+00:00", true), ("scheduled__2026-03-28T03:00:00+01:00", true),
    ("2026-03-28T02:00:00+00:00", true), ("nightly-20260101T000000", true), ("r1", true),
    ("manual__by hand", true), ("manual__2026-03-28T02:00:01+00:00", false),
    ("scheduled__2026-03-27T02:00:00+00:00", false),
  ])
  func `a run id of another date than the path's is another run's`(run: String, agrees: Bool) {
    var dated = Self.path
    dated.runID = "2026-03-28T02:00:00+00:00"
    let log = line(#","dag_id":"d","task_id":"t","run_id":"\#(run)","try_number":1"#)
    #expect(
      conflicts(log, expecting: dated, runIsLogicalDate: true) == (agrees ? [] : ["1 run_id \(run)"]))
    let text =
      "[2026-03-28T02:14:01.000+0000] {standard_task_runner.py:63} INFO - "
      + "Running: ['airflow', 'tasks', 'run', 'd', 't', '\(run)', '--job-id', '7']\n"
    #expect(
      conflicts(text, expecting: dated, runIsLogicalDate: true) == (agrees ? [] : ["1 run_id \(run)"]))
  }

  @Test func `an older path's dag, task and attempt are compared as any other's`() {
    var dated = Self.path
    dated.runID = "2026-03-28T02:00:00+00:00"
    for (keys, key) in [
      (#","dag_id":"e""#, "dag_id e"), (#","dag_id":"d","task_id":"u""#, "task_id u"),
      (#","dag_id":"d","try_number":2"#, "try_number 2"),
    ] {
      #expect(conflicts(line(keys), expecting: dated, runIsLogicalDate: true) == ["1 " + key])
    }
  }
}
