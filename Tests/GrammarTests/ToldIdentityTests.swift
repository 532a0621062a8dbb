import CorrelationGrammar
import LogModel
import TestSupport
import Testing

/// Whose log it is, as its lines tell (2-log-envelopes, Identity).
@Suite struct ToldIdentityTests {
  private static let prefix = "[2026-03-28T02:14:07.123+0000] {taskinstance.py:1} INFO - "

  private func told(_ lines: [String], expecting: TaskIdentity? = nil) -> (LogScanner, [LogEvent]) {
    var scanner = LogScanner(expecting: expecting)
    var events: [LogEvent] = []
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    scanner.consume(bytes.span) { events.append($0) }
    scanner.finish(isWhole: true) { events.append($0) }
    return (scanner, events)
  }

  private static let exporting =
    "Exporting env vars: AIRFLOW_CTX_DAG_OWNER='airflow' AIRFLOW_CTX_DAG_ID='d' AIRFLOW_CTX_TASK_ID='g.t' "
    + "AIRFLOW_CTX_EXECUTION_DATE='x' AIRFLOW_CTX_TRY_NUMBER='2' AIRFLOW_CTX_DAG_RUN_ID='manual__1'"

  @Test(arguments: [
    [prefix + exporting],
    [
      prefix + "Starting attempt 2 of 3",
      "[2026-03-28T02:14:07.123+0000] {standard_task_runner.py:1} INFO - Running: ['airflow', 'tasks', 'run', 'd', 'g.t',"
        + " 'manual__1', '--job-id', '24', '--raw']",
    ],
    [
      prefix + "Starting attempt 2 of 3",
      prefix
        + "Marking task as SUCCESS. dag_id=d, task_id=g.t, run_id=manual__1, execution_date=20260328T020000",
    ],
    [
      #"{"timestamp":"2026-03-28T02:14:07Z","event":"x","dag_id":"d","task_id":"g.t","run_id":"manual__1","#
        + #""try_number":2,"map_index":-1,"ti_id":"u"}"#
    ],
    [
      "2026-03-28T02:14:07Z [info     ] x   [root] dag_id=d map_index=-1 run_id=manual__1 task_id=g.t ti_id=u try_number=2"
    ],
    [
      #"{"asctime":"2026-03-28T02:14:07.1+0000","message":"x","dag_id":"d","task_id":"g.t","try_number":"2","#
        + #""log_id":"d-g.t-manual__1--1-2"}"#
    ],
  ])
  func `lines tell the attempt`(lines: [String]) {
    let (scanner, _) = told(lines)
    #expect(
      scanner.toldOutcomes.map(\.identity)
        == [TaskIdentity(dagID: "d", runID: "manual__1", taskID: "g.t", tryNumber: 2)])
  }

  @Test func `a map index is told by the commands of a mapped task`() {
    let (scanner, _) = told([
      Self.prefix + "Starting attempt 1 of 1",
      "[2026-03-28T02:14:07.123+0000] {standard_task_runner.py:1} INFO - Running: ['airflow', 'tasks', 'run', 'd', 't',"
        + " 'r', '--job-id', '24', '--map-index', '5']",
    ])
    #expect(scanner.toldOutcomes.first?.identity.mapIndex == 5)
  }

  @Test func `a path that the lines contradict wins, and the contradiction is said once`() {
    let path = TaskIdentity(dagID: "other", runID: "manual__1", taskID: "g.t", tryNumber: 2)
    let (_, events) = told([Self.prefix + Self.exporting, Self.prefix + Self.exporting], expecting: path)
    let issues = events.compactMap { if case .sourceIssue(let issue) = $0 { issue } else { nil } }
    #expect(issues.map(\.kind) == [.identityConflict])
    #expect(issues.first?.key == "dag_id")
    #expect(issues.first?.raw == "d")
  }

  @Test func `what a task prints tells nothing`() {
    let (scanner, _) = told(["[2026-03-28T02:14:07.123+0000] {logging_mixin.py:1} INFO - " + Self.exporting])
    #expect(scanner.toldOutcomes.isEmpty)
  }

  @Test func `outcomes are kept for each attempt of a file`() {
    func line(_ second: Int, _ task: String, _ rest: String) -> String {
      "2026-03-28T02:14:0\(second)Z [info     ] \(rest) dag_id=d loc=task_runner.py:1 map_index=-1 run_id=r task_id=\(task)"
        + " ti_id=id-\(task) try_number=1"
    }
    let (scanner, _) = told([
      line(1, "a", "x     [task]"), line(2, "b", "x     [task]"),
      line(3, "a", "Task failed with exception [task]"),
      "2026-03-28T02:14:08Z [info     ] Workload finished   [supervisor] final_state=up_for_retry workload_id=id-a",
      "2026-03-28T02:14:09Z [info     ] Workload finished   [supervisor] final_state=success workload_id=id-b",
    ])
    let outcomes = scanner.toldOutcomes
    #expect(outcomes.map(\.identity.taskID) == ["a", "b"])
    #expect(outcomes.map(\.outcome.state) == [.upForRetry, .success])
    #expect(
      outcomes.map { $0.outcome.start?.description } == ["2026-03-28T02:14:01Z", "2026-03-28T02:14:02Z"])
    #expect(outcomes.map { $0.outcome.end?.description } == ["2026-03-28T02:14:08Z", "2026-03-28T02:14:09Z"])
    #expect(scanner.firstInstance?.id == "id-a")
  }
}
