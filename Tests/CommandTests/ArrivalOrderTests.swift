import TestSupport
import Testing

/// Arrival order never changes a row (4-database, Sources and locations: nowhere does earlier storing decide).
@Suite struct ArrivalOrderTests {
  private static let samples =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    + "/Samples/logs"

  /// Logs with every tie that was seen: two locations of one attempt, its triggerers' parts, and two
  /// environments; and the samples, of which several versions of Airflow have the same attempts.
  private static func logs() -> [(path: String, content: [UInt8])] {
    var logs: [(path: String, content: [UInt8])] = []
    for number in 1...4 {
      let path = TaskLog.path(task: "step_\(number)")
      let text = TaskLog.finished(blocks: number, salt: number)
      logs.append(("volume/" + path, Array(text.utf8)))
      logs.append(("archive/" + path + ".gz", Gzip.member(text)))
      logs.append(("staging/" + path, Array(TaskLog.finished(blocks: 2, salt: 40 + number).utf8)))
    }
    for trigger in 7...9 {
      let start = "[2026-03-28T02:0\(trigger):01.000+0000] {a.py:1} INFO - start\n"
      logs.append(
        (
          "volume/" + TaskLog.path(task: "deferred") + ".trigger.\(trigger).log",
          Array((start + TaskLog.success).utf8)
        ))
    }
    for path in Files.files(below: samples) where path.hasSuffix(".log") {
      logs.append(("samples/" + path, Files.bytes(samples + "/" + path) ?? []))
    }
    return logs
  }

  @Test func `ten random orders with two jobs give the same rows`() throws {
    let logs = Self.logs()
    let files = try Workspace()
    for log in logs { try files.write(log.content, to: log.path, modified: 1_773_100_800) }
    var random = SeededGenerator(seed: 20)
    var expected: (status: Int32?, rows: [String])?
    for round in 0..<10 {
      let database = try CommandDatabase()
      let order = logs.map { files($0.path) }.shuffled(using: &random)
      let outcome = try Program.finish(database.start(["ingest", "--jobs", "2"] + order))
      let rows = try database.logicalState() + Self.rows(database)
      guard let first = expected else {
        expected = (outcome.status, rows)
        continue
      }
      #expect(outcome.status == first.status, "round \(round): \(outcome.errorText)")
      let (more, fewer) = (Set(rows).subtracting(first.rows), Set(first.rows).subtracting(rows))
      #expect(
        rows == first.rows,
        "round \(round): \(order): only now \(more.sorted()), only in the first \(fewer.sorted())")
    }
    #expect((expected?.rows ?? []).count > logs.count)
  }

  /// What the views show, and which location feeds each source.
  private static func rows(_ database: CommandDatabase) throws -> [String] {
    try ["verdict_v1", "task_attempt_v1", "run_diagnosis_v1", "issue_v1"].flatMap { view in
      try database.column("SELECT to_jsonb(v)::text FROM diagnostics.\(view) AS v ORDER BY 1")
    }
      + database.column(
        "SELECT s.name || ' ' || l.location FROM corrparse.source AS s JOIN corrparse.log AS l ON l.log_id = s.feed_log_id ORDER BY 1"
      )
  }
}
