import LogModel
import TestSupport
import Testing

/// The real logs of Airflow 2.6, 2.11 and 3.3, in all their envelopes, give exactly what their tasks emitted,
/// but for the differences that Airflow itself makes (docs/specification/log-formats.md), each of which is
/// named here.
@Suite struct SampleTruthTests {
  private static let ownFolder = String(Corpus.folder.dropLast(6)) + "Samples"

  @Test(arguments: SampleTask.all(in: ownFolder))
  func `the samples of the project hold`(task: SampleTask) throws {
    try check(task)
  }

  @Test func `the samples of the project are there`() {
    #expect(SampleTask.all(in: Self.ownFolder).count == 3)
  }

  /// CI has the shared samples beside its checkout. Elsewhere the report shows this test as skipped, with the reason.
  @Test(
    .enabled(if: SampleLogs.folder != nil, "the shared samples are not beside this checkout"),
    arguments: SampleTask.all(in: SampleLogs.folder ?? ""))
  func `the shared samples hold`(task: SampleTask) throws {
    try check(task)
  }

  @Test(.enabled(if: SampleLogs.folder != nil, "the shared samples are not beside this checkout"))
  func `the shared samples are all there`() throws {
    let tasks = SampleTask.all(in: try #require(SampleLogs.folder))
    // Three times 40 logs of tasks and one of a triggerer, 33 for Elasticsearch, 31 in the older layout, 32 of pods;
    // 138 + 138 + 142 + 130 + 130 + 134 blocks were emitted.
    #expect(tasks.count == 3 * 41 + 33 + 31 + 32)
    let blocks: Int = tasks.map { $0.truth().count }.reduce(0, +)
    #expect(blocks == 812)
  }

  private func check(_ task: SampleTask) throws {
    let (records, scan) = try task.parse()
    let truth = task.truth()
    #expect(scan?.status == .complete)
    try checkOutcome(task, try #require(scan).outcome)

    var left = records.map(\.record)
    for block in truth where KnownDifferences.reachesTheLog(block, of: task) {
      let expected = KnownDifferences.expectation(of: block, of: task)
      guard let index = left.firstIndex(where: { expected.isMet(by: $0) }) else {
        Issue.record("block \(block.number) of the truth has no record: \(expected)")
        continue
      }
      left.remove(at: index)
    }
    #expect(left.isEmpty, "records that the task did not emit")
    #expect(scan?.issues.map(\.kind) == KnownDifferences.sourceIssues(of: task))
    #expect(scan?.replays == 0)
    for record in records {
      #expect(record.identity?.taskID == task.component("task_id"))
      #expect(record.observedAt == record.record.headerTime)
    }
  }

  /// The state in Airflow's database; an earlier attempt is failed there, and up for retry where its log says so.
  private func checkOutcome(_ task: SampleTask, _ outcome: TaskOutcome) throws {
    guard !task.path.contains(".trigger.") else {
      #expect(outcome.state == .unknown)
      return
    }
    if task.variant == "af33_pod" {
      try checkPodOutcome(task, outcome)
      return
    }
    let isRetried =
      task.path.hasSuffix("attempt=1.log") && ["retry", "failed"].contains(task.task)
      || task.path.hasSuffix("map_index=5/attempt=1.log")
      || (task.task == "test_step" && task.path.hasSuffix("map_index=2/attempt=1.log"))
    let expected =
      isRetried
      ? (task.isAirflow3 ? "failed" : "up_for_retry") : task.stateInDatabase() ?? unlistedState(task)
    #expect(outcome.state.rawValue == expected)
    #expect(outcome.isStated == !task.isAirflow3)
    #expect(outcome.start != nil)
    #expect(outcome.end != nil)
  }

  /// A pod's output ends with the supervisor's word, which is stated.
  private func checkPodOutcome(_ task: SampleTask, _ outcome: TaskOutcome) throws {
    let finished = String(decoding: task.bytes, as: UTF8.self).split(separator: "\n")
      .last { $0.contains("Workload finished") }
    let line = try #require(finished)
    let state = try #require(line.split(separator: " ").first { $0.hasPrefix("final_state=") }).dropFirst(12)
    #expect(outcome.state.rawValue == state)
    #expect(outcome.isStated)
  }

  /// The export of 3.3 has no rows of the scheduled run of 2026-03-27, whose last attempts all ended well.
  private func unlistedState(_ task: SampleTask) -> String? {
    let isUnlisted = task.isAirflow3 && task.component("run_id") == "scheduled__2026-03-27T00:00:00+00:00"
    return isUnlisted ? "success" : nil
  }

  @Test(.enabled(if: SampleLogs.folder != nil, "the shared samples are not beside this checkout"))
  func `a returned block is no second block`() throws {
    for task in SampleTask.all(in: try #require(SampleLogs.folder)) where task.task == "multiline" {
      let log = String(decoding: task.bytes, as: UTF8.self)
      #expect(log.contains("Returned value was: === CORRELATION DATA ==="))
      #expect(try task.parse().records.count == task.truth().count)
    }
  }
}
