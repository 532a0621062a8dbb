import LogModel
import SystemPackage
import Testing

@testable import LogInput

/// The path templates of log-formats, Paths.
@Suite struct LogPathTests {
  static let run = "manual__2026-03-28T02:00:00+00:00"

  static func task(
    _ taskID: String, run: String = run, map: Int? = nil, attempt: Int = 1, part: String = ""
  ) -> TaskIdentity {
    TaskIdentity(
      dagID: "launch__discovery", runID: run, taskID: taskID, mapIndex: map, tryNumber: attempt, part: part)
  }

  @Test(
    arguments: [
      ("task_id=test_step/attempt=1.log", task("test_step")),
      ("task_id=test_step/attempt=1.log.gz", task("test_step")),
      ("task_id=outer.inner.test_step/attempt=12.log", task("outer.inner.test_step", attempt: 12)),
      ("task_id=mapped.test_step/map_index=5/attempt=2.log", task("mapped.test_step", map: 5, attempt: 2)),
      ("task_id=mapped.test_step/map_index=0/attempt=1.log.gz", task("mapped.test_step", map: 0)),
      ("task_id=test_step/map_index=-1/attempt=1.log", task("test_step")),
      (
        "task_id=deferred.test_step/attempt=1.log.trigger.2.log",
        task("deferred.test_step", part: "trigger.2")
      ),
      (
        "task_id=deferred.test_step/attempt=1.log.trigger.2.log.gz",
        task("deferred.test_step", part: "trigger.2")
      ),
      ("task_id=a=b/attempt=1.log", task("a=b")),
    ])
  func `today's paths`(end: String, expected: TaskIdentity) throws {
    let path = "dag_id=launch__discovery/run_id=\(Self.run)/\(end)"
    for prefix in ["", "/", "logs/", "/opt/airflow/logs/", "dag_id=other/run_id=r/"] {
      let found = try #require(LogPath(FilePath(prefix + path)))
      #expect(found.identity == expected)
      #expect(!found.isRunLogicalDate)
    }
  }

  @Test(
    arguments: [
      ("test_step/2026-03-28T02:00:00+00:00/1.log", task("test_step", run: "2026-03-28T02:00:00+00:00")),
      (
        "mapped.test_step/2026-03-28T02:00:00+00:00/5_2.log",
        task("mapped.test_step", run: "2026-03-28T02:00:00+00:00", map: 5, attempt: 2)
      ),
      (
        "mapped.test_step/2026-03-28T02:00:00+00:00/map_5/2.log.gz",
        task("mapped.test_step", run: "2026-03-28T02:00:00+00:00", map: 5, attempt: 2)
      ),
      (
        "deferred.test_step/2026-03-28T02:00:00+00:00/1.log.trigger.1.log",
        task("deferred.test_step", run: "2026-03-28T02:00:00+00:00", part: "trigger.1")
      ),
      (
        "test_step/2021-04-19T13:23:05.265458+00:00/3.log",
        task("test_step", run: "2021-04-19T13:23:05.265458+00:00", attempt: 3)
      ),
    ])
  func `older paths`(end: String, expected: TaskIdentity) throws {
    let found = try #require(LogPath(FilePath("/opt/airflow/logs/launch__discovery/" + end)))
    #expect(found.identity == expected)
    #expect(found.isRunLogicalDate)
  }

  @Test(
    arguments: [
      "", "/", "attempt=1.log", "x.log", "1.log", "task_id=t/attempt=1.log",
      "run_id=r/task_id=t/attempt=1.log", "dag_id=/run_id=r/task_id=t/attempt=1.log",
      "dag_id=d/run_id=/task_id=t/attempt=1.log", "dag_id=d/run_id=r/task_id=/attempt=1.log",
      "dag_id=d/task_id=t/run_id=r/attempt=1.log", "dag_id=d/run_id=r/x/task_id=t/attempt=1.log",
      "dag_id=d/run_id=r/task_id=t/attempt=.log", "dag_id=d/run_id=r/task_id=t/attempt=x.log",
      "dag_id=d/run_id=r/task_id=t/attempt=01.log", "dag_id=d/run_id=r/task_id=t/attempt=+1.log",
      "dag_id=d/run_id=r/task_id=t/attempt=-1.log", "dag_id=d/run_id=r/task_id=t/attempt=1.txt",
      "dag_id=d/run_id=r/task_id=t/attempt=1.log.gz.gz", "dag_id=d/run_id=r/task_id=t/attempt=1.gz",
      "dag_id=d/run_id=r/task_id=t/attempt=99999999999999999999.log",
      "dag_id=d/run_id=r/task_id=t/attempt=1.log.trigger.log",
      "dag_id=d/run_id=r/task_id=t/attempt=1.log.trigger.x.log",
      "dag_id=d/run_id=r/task_id=t/map_index=/attempt=1.log",
      "dag_id=d/run_id=r/task_id=t/map_index=x/attempt=1.log",
      "dag_id=d/run_id=r/task_id=t/map_index=1/5_2.log", "dag_id=d/run_id=r/task_id=t/5_2.log",
      "launch__discovery/test_step/.log", "launch__discovery/mapped.test_step/5_.log",
      "launch__discovery/test_step/yesterday/1.log", "launch__discovery/test_step/2026-03-28/1.log",
      "test_step/2026-03-28T02:00:00+00:00/1.log",
      "dag_processor_manager/dag_processor_manager.log", "scheduler/2026-11-23/launch_discovery.py.log",
    ])
  func `no identity`(path: String) {
    #expect(LogPath(FilePath(path)) == nil)
  }

  @Test func `a name that is no UTF-8 is no identity`() {
    let path = Array("dag_id=d/run_id=r/task_id=".utf8) + [0xff] + Array("/attempt=1.log".utf8)
    #expect(LogPath(FilePath(bytes: path)) == nil)
    #expect(LogPath(FilePath("dag_id=é/run_id=\n/task_id=任务/attempt=1.log"))?.identity.taskID == "任务")
  }

  /// 2026-03-28T02:00:00Z: 20,540 days after the epoch and two hours.
  static let instant: Int64 = (20_540 * 86_400 + 7200) * 1_000_000

  @Test(
    arguments: [
      ("manual__2026-03-28T02:00:00+00:00", instant),
      ("scheduled__2026-03-28T02:00:00+00:00", instant),
      ("dataset_triggered__2026-03-28T02:00:00.236115+00:00", instant + 236_115),
      ("backfill__2026-03-28T03:00:00+01:00", instant),
      ("manual__2026-03-28T02:00:00+00:00_abc12", instant),
      ("nightly-20260328T020000-retry", instant),
      ("2026-03-28T02:00:00+00:00", instant),
      ("v2__2026-03-28T02:00:00Z", instant),
    ])
  func `the time inside a run id`(runID: String, microseconds: Int64) {
    #expect(LogPath.time(inRunID: runID) == LogTime(microseconds: microseconds))
  }

  @Test(arguments: [
    "", "mine", "manual__", "2026-03-28", "run_20260328", "12026-03-28T02:00:00", "20260328T0200001",
  ])
  func `no time inside a run id`(runID: String) {
    #expect(LogPath.time(inRunID: runID) == nil)
  }
}
