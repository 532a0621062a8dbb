import Glibc
import TestSupport
import Testing

/// A growing log that no longer begins as it did: it was rotated away or truncated (4-database, Reading a log again). Nothing
/// that is stored goes, and what is new is a further part.
@Suite struct RotationTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  /// So many blocks from a number on, each with its number and a time of its own.
  private static func blocks(_ numbers: Range<Int>) -> String {
    numbers.map {
      TaskLog.block("crypto=SOLUSDC n_trades=\($0)", second: $0)
        + "[2026-03-28T02:10:00.000+0000] {a.py:1} INFO - on\n"
    }.joined()
  }

  private func ingest(_ text: String) throws -> Outcome {
    try files.write(text, to: TaskLog.path())
    return try ingest()
  }

  private func ingest() throws -> Outcome {
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    return outcome
  }

  /// The numbers of the stored blocks, part after part.
  private func stored() throws -> [String] {
    try database.column(
      """
      SELECT concat(coalesce(nullif(s.part, ''), 'first'), ': ', string_agg(r.n_trades::text, ' ' ORDER BY r.block))
      FROM corrparse.source AS s LEFT JOIN corrparse.record AS r USING (source_id)
      GROUP BY s.source_id, s.part ORDER BY s.part
      """)
  }

  private func issues() throws -> [String] {
    try database.column(
      "SELECT concat_ws(' ', kind, right(source, 13)) FROM diagnostics.issue_v1 ORDER BY source")
  }

  @Test func `a log that was truncated and written anew keeps what is stored and adds a part`() throws {
    #expect(try ingest(Self.blocks(0..<6)).summary.contains("6 blocks = 6 stored + 0"))
    let truncated = try ingest(Self.blocks(6..<8))
    #expect(truncated.summary.contains("2 blocks = 2 stored + 0 unchanged + 0 replayed + 0 rejected"))
    #expect(truncated.errorText.contains("\(files(TaskLog.path())): does not begin as it did"))
    #expect(try stored() == ["first: 0 1 2 3 4 5", "rotated.1: 6 7"])
    #expect(try issues() == ["rotated_log rotated.1.log"])
    // It goes on growing, and is a log like any other.
    let grown = try ingest(Self.blocks(6..<9) + TaskLog.success)
    #expect(grown.summary.contains("3 blocks = 1 stored + 2 unchanged + 0 replayed"))
    #expect(!grown.errorText.contains("does not begin"))
    #expect(try stored() == ["first: 0 1 2 3 4 5", "rotated.1: 6 7 8"])
    #expect(try issues() == ["rotated_log rotated.1.log"])
    let attempt =
      "SELECT concat_ws(' ', state, started_at AT TIME ZONE 'UTC', ended_at AT TIME ZONE 'UTC') "
      + "FROM diagnostics.task_attempt_v1"
    #expect(
      try database.column(attempt) == ["success 2026-03-28 02:10:00.123 2026-03-28 02:15:00"])
    let before = try database.physicalState()
    #expect(try ingest().summary.contains("0 logs read, 1 unchanged, 0 failed"))
    #expect(try database.run("ingest", "--force", files.path).status == 0)
    #expect(try database.physicalState() == before)
  }

  @Test func `6,750 blocks stay when the log is truncated to 250`() throws {
    let lines = (0..<7000).map {
      // One block a line of text, with a time of its own.
      "[2026-03-28T0\($0 / 3600):\(10 + $0 / 60 % 50):\(10 + $0 % 60 % 50).\(100 + $0 / 50 % 900)+0000] {a.py:1} INFO - "
        + "=== CORRELATION DATA ===\ncrypto=SOLUSDC n_trades=\($0)\n=== END CORRELATION DATA ===\n"
    }
    #expect(try ingest(lines[..<6750].joined()).summary.contains("6750 blocks = 6750 stored"))
    #expect(try ingest(lines[6750...].joined()).summary.contains("250 blocks = 250 stored"))
    #expect(
      try database.column(
        "SELECT concat(count(*), ' ', count(DISTINCT n_trades)) FROM diagnostics.verdict_v1")
        == ["7000 7000"])
  }

  @Test func `a log that is empty for a while loses nothing`() throws {
    _ = try ingest(Self.blocks(0..<4))
    let empty = try ingest("")
    #expect(empty.summary.contains("1 log read, 0 unchanged, 0 failed; 0 blocks = 0 stored"))
    #expect(try stored() == ["first: 0 1 2 3"])
    #expect(try ingest(Self.blocks(4..<5)).summary.contains("1 block = 1 stored"))
    #expect(try stored() == ["first: 0 1 2 3", "rotated.1: 4"])
  }

  @Test func `a log that was truncated twice has three parts`() throws {
    for numbers in [0..<6, 6..<10, 10..<13] { _ = try ingest(Self.blocks(numbers)) }
    _ = try ingest(Self.blocks(10..<15) + TaskLog.success)
    #expect(try stored() == ["first: 0 1 2 3 4 5", "rotated.1: 6 7 8 9", "rotated.2: 10 11 12 13 14"])
    #expect(try issues() == ["rotated_log rotated.1.log", "rotated_log rotated.2.log"])
    #expect(try database.column("SELECT state FROM diagnostics.task_attempt_v1") == ["success"])
  }

  @Test func `old content that comes again is replayed, and only what is new in it is stored`() throws {
    _ = try ingest(Self.blocks(0..<6))
    _ = try ingest(Self.blocks(6..<8))
    let old = try ingest(Self.blocks(0..<6))
    #expect(old.summary.contains("6 blocks = 0 stored + 0 unchanged + 6 replayed + 0 rejected; no verdicts;"))
    #expect(try stored() == ["first: 0 1 2 3 4 5", "rotated.1: 6 7"])
    let mixed = try ingest(Self.blocks(4..<10))
    #expect(
      mixed.summary.contains("6 blocks = 2 stored + 0 unchanged + 4 replayed + 0 rejected; unclassified 2;"))
    #expect(try stored() == ["first: 0 1 2 3 4 5", "rotated.1: 6 7", "rotated.2: 8 9"])
    let again = try database.run("ingest", "--force", files.path)
    #expect(again.summary.contains("6 blocks = 0 stored + 2 unchanged + 4 replayed + 0 rejected"))
  }

  @Test func `a log that was renamed away and begun anew is a further part`() throws {
    _ = try ingest(Self.blocks(0..<3))
    #expect(rename(files(TaskLog.path()), files(TaskLog.path() + "-20260328")) == 0)
    let outcome = try ingest(Self.blocks(3..<5))
    #expect(outcome.summary.contains("2 blocks = 2 stored"))
    #expect(outcome.summary.contains("1 file ignored"))
    #expect(try stored() == ["first: 0 1 2", "rotated.1: 3 4"])
  }

  @Test func `the earlier part of a rotated log may be deleted`() throws {
    try files.write(Self.blocks(0..<3), to: TaskLog.path() + ".1")
    #expect(try ingest(Self.blocks(3..<5)).summary.contains("5 blocks = 5 stored"))
    // backupCount=1: the earliest part goes, the log becomes the earlier one.
    #expect(rename(files(TaskLog.path()), files(TaskLog.path() + ".1")) == 0)
    let outcome = try ingest(Self.blocks(5..<7))
    #expect(outcome.summary.contains("4 blocks = 2 stored + 0 unchanged + 2 replayed + 0 rejected"))
    #expect(try stored() == ["first: 0 1 2 3 4", "rotated.1: 5 6"])
  }

  @Test func `what a better reading does not hold is not called unchanged`() throws {
    _ = try ingest(Self.blocks(0..<4) + TaskLog.success)
    let outcome = try ingest(Self.blocks(4..<5) + TaskLog.success)
    #expect(outcome.summary.contains("1 block = 0 stored + 0 unchanged + 0 replayed + 1 rejected"))
    #expect(outcome.errorText.contains("1 block is not stored"))
    #expect(try stored() == ["first: 0 1 2 3"])
  }

  @Test func `a copy of a further part is no conflict`() throws {
    _ = try ingest(Self.blocks(0..<4))
    _ = try ingest(Self.blocks(4..<6))
    let bucket = try Workspace()
    try bucket.write(Gzip.member(Self.blocks(4..<7) + TaskLog.success), to: TaskLog.path() + ".gz")
    let outcome = try database.run("ingest", bucket.path)
    #expect(outcome.status == 0)
    #expect(outcome.summary.contains("3 blocks = 1 stored + 2 unchanged + 0 replayed"))
    #expect(try stored() == ["first: 0 1 2 3", "rotated.1: 4 5 6"])
    #expect(
      try ingest(Self.blocks(4..<7) + TaskLog.success).summary.contains("3 blocks = 0 stored + 3 unchanged"))
  }

  @Test func `a deferred attempt ends as its last part says`() throws {
    _ = try ingest(
      Self.blocks(0..<2)
        + "[2026-03-28T02:11:00.000+0000] {taskinstance.py:1} INFO - Pausing task as DEFERRED. "
        + "dag_id=launch__discovery, task_id=test_step, execution_date=20260328T020000, "
        + "start_date=20260328T021400\n")
    #expect(try database.column("SELECT state FROM diagnostics.task_attempt_v1") == ["deferred"])
    _ = try ingest(Self.blocks(2..<3))
    #expect(try database.column("SELECT state FROM diagnostics.task_attempt_v1") == ["unknown"])
    _ = try ingest(Self.blocks(2..<4) + TaskLog.success)
    #expect(try database.column("SELECT state FROM diagnostics.task_attempt_v1") == ["success"])
    #expect(try stored() == ["first: 0 1", "rotated.1: 2 3"])
  }
}
