import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// What a log tells of its task attempt (2-log-envelopes, Outcome).
@Suite struct OutcomeTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let lines: [String]
    let state: TaskOutcome.State
    let isStated: Bool

    init(_ name: String, _ lines: [String], _ state: TaskOutcome.State, stated: Bool) {
      (testDescription, self.lines, self.state, isStated) = (name, lines, state, stated)
    }
  }

  static func two(_ file: String, _ message: String, level: String = "INFO") -> String {
    "[2026-03-28T02:14:07.123+0000] {\(file):1} \(level) - \(message)"
  }

  static func three(_ event: String, logger: String = "task", more: String = "") -> String {
    #"{"timestamp":"2026-03-28T02:14:07.123Z","level":"info","event":"\#(event)","logger":"\#(logger)"\#(more)}"#
  }

  static let runner = "local_task_job_runner.py"
  static let operators =
    "airflow.task.operators.airflow.providers.standard.operators.python._PythonDecoratedOperator"

  @Test(arguments: [
    Row(
      "2.x success",
      [
        two("taskinstance.py", "Marking task as SUCCESS. dag_id=d"),
        two(runner, "Task exited with return code 0"),
      ], .success, stated: true),
    Row(
      "2.x retry",
      [
        two("taskinstance.py", "Task failed with exception", level: "ERROR"),
        two("taskinstance.py", "Marking task as UP_FOR_RETRY. dag_id=d"),
        two(runner, "Task exited with return code 1"),
      ], .upForRetry, stated: true),
    Row(
      "2.x failed at once",
      [two("taskinstance.py", "Immediate failure requested. Marking task as FAILED. dag_id=d")], .failed,
      stated: true),
    Row(
      "2.x skipped",
      [
        two("taskinstance.py", "Marking task as SKIPPED. dag_id=d"),
        two(runner, "Task exited with return code 0"),
      ], .skipped, stated: true),
    Row(
      "2.x killed", [two(runner, "Task exited with return code -9. For more information, see https://x")],
      .failed, stated: true),
    Row(
      "2.x deferred",
      [
        two("taskinstance.py", "Pausing task as DEFERRED. dag_id=d"),
        two(runner, "Task exited with return code 100 (task deferral)"),
      ], .deferred, stated: true),
    Row(
      "2.x resumed and done",
      [
        two("taskinstance.py", "Pausing task as DEFERRED. dag_id=d"),
        two(runner, "Task exited with return code 100 (task deferral)"),
        two("taskinstance.py", "Resuming after deferral"),
        two("taskinstance.py", "Marking task as SUCCESS. dag_id=d"),
      ], .success, stated: true),
    Row(
      "2.x resumed and just stops",
      [
        two(runner, "Task exited with return code 100 (task deferral)"),
        two("taskinstance.py", "Resuming after deferral"),
      ], .unknown, stated: false),
    Row(
      "2.x timed out, nothing more", [two("timeout.py", "Process timed out, PID: 13248", level: "ERROR")],
      .failed, stated: false),
    Row("2.x just stops", [two("test_step.py", "loading")], .unknown, stated: false),
    Row(
      "2.x user text",
      [
        two("test_step.py", "Marking task as FAILED. dag_id=d"),
        two("logging_mixin.py", "Task exited with return code 1"),
        two("test_step.py", "Task failed with exception"),
      ], .unknown, stated: false),
    Row(
      "2.x more than the whole message",
      [
        two("taskinstance.py", "Task failed with exceptional grace"),
        two("timeout.py", "Process timed out waiting for exchange"),
      ], .unknown, stated: false),
    Row(
      "3.x returned value", [three("Done. Returned value was: None", logger: operators)], .success,
      stated: false),
    Row("3.x pushing xcom", [three("Pushing xcom")], .success, stated: false),
    Row(
      "3.x post execute",
      [three("::group::Pre Execute"), three("::group::Post Execute"), three("::endgroup::")], .success,
      stated: false),
    Row(
      "3.x failure beats regular end", [three("::group::Post Execute"), three("Task failed with exception")],
      .failed, stated: false),
    Row(
      "3.x regular end after failure", [three("Task failed with exception"), three("::group::Post Execute")],
      .failed, stated: false),
    Row("3.x skipped", [three("Skipping task."), three("::group::Post Execute")], .skipped, stated: false),
    Row("3.x exited", [three("Task exited", more: #","exit_code":3"#)], .failed, stated: false),
    Row(
      "3.x signal", [three("Process terminated by signal. Likely out of memory error (OOM).")], .failed,
      stated: false),
    Row(
      "3.x deferred", [three("Pausing task as DEFERRED. "), three("::group::Post Execute")], .deferred,
      stated: false),
    Row(
      "3.x deferred and resumed",
      [
        three("Pausing task as DEFERRED. "), three("::group::Pre Execute"),
        three("Done. Returned value was: 1", logger: operators),
      ], .success, stated: false),
    Row(
      "3.x supervisor states it",
      [
        three("Task failed with exception"),
        three("Workload finished", logger: "supervisor", more: #","final_state":"up_for_retry""#),
      ], .upForRetry, stated: true),
    Row(
      "3.x older supervisor",
      [three("Task finished", logger: "supervisor", more: #","final_state":"success""#)], .success,
      stated: true),
    Row(
      "3.x user text",
      [
        three("Task failed with exception", logger: "root"), three("Skipping task.", logger: "task.stdout"),
        three("Pushing xcom", logger: "airflow.task", more: #","filename":"mine.py""#),
      ], .unknown, stated: false),
  ])
  func states(row: Row) {
    let (scanner, _) = scan(row.lines)
    #expect(scanner.outcome.state == row.state)
    #expect(scanner.outcome.isStated == row.isStated)
  }

  /// Start is the first time of the log; end the outcome line's, else the last time.
  @Test func times() {
    let lines = [
      "[2026-03-28T02:00:00.500+0000] {a.py:1} INFO - one",
      "[2026-03-28T02:10:00.000+0000] {taskinstance.py:1} INFO - Marking task as SUCCESS. dag_id=d",
      "[2026-03-28T02:11:00.000+0000] {a.py:1} INFO - callback",
    ]
    let (told, _) = scan(lines)
    #expect(told.outcome.start?.description == "2026-03-28T02:00:00.5Z")
    #expect(told.outcome.end?.description == "2026-03-28T02:10:00Z")
    let (untold, _) = scan([lines[0], lines[2]])
    #expect(untold.outcome.end?.description == "2026-03-28T02:11:00Z")
    let (bare, _) = scan(["no time"])
    #expect(bare.outcome == TaskOutcome())
  }

  /// A failure line ends the open blocks of its task instance, but not what Airflow 3 prints late.
  @Test func failureLinesEndBlocks() {
    let header = "=== CORRELATION DATA ==="
    let (_, two) = scan([
      Self.two("mine.py", header), Self.two("mine.py", "crypto=SOLUSDC"),
      Self.two("taskinstance.py", "Task failed with exception", level: "ERROR"),
      Self.two("mine.py", "horizon=H4"),
    ])
    #expect(two.map(\.end) == [.failure])
    #expect(two.first?.issues.map(\.kind) == [.incompleteBlock])
    #expect(two.first?[.horizon] == nil)
    let (_, late) = scan([
      Self.three(header, logger: "task.stdout"), Self.three("crypto=SOLUSDC", logger: "task.stdout"),
      Self.three("Task failed with exception"), Self.three("horizon=H4", logger: "task.stdout"),
    ])
    #expect(late.map(\.end) == [.endOfInput])
    #expect(late.first?[.horizon] == .text("H4"))
    #expect(late.first?.issues.map(\.kind) == [.incompleteBlock])
    let another = #","ti_id":"b""#
    let (_, others) = scan([
      Self.three(header, logger: "root", more: #","ti_id":"a""#),
      Self.three("crypto=SOLUSDC", logger: "root", more: #","ti_id":"a""#),
      Self.three("Task failed with exception", more: another),
      Self.three("horizon=H4", logger: "root", more: #","ti_id":"a""#),
    ])
    #expect(others.map(\.end) == [.endOfInput])
    #expect(others.first?[.horizon] == .text("H4"))
  }

  private func scan(_ lines: [String]) -> (LogScanner, [CorrelationRecord]) {
    var scanner = LogScanner()
    var records: [CorrelationRecord] = []
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    let sink: (LogEvent) -> Void = { if case .record(let record) = $0 { records.append(record) } }
    scanner.consume(bytes.span, sink)
    scanner.finish(isWhole: true, sink)
    return (scanner, records)
  }
}
