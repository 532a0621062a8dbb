import TestSupport
import Testing

/// The tables of `runs` and `logs` at 80 columns: what tells rows apart is there (5-command-line, Tables).
@Suite struct ListTableTests {
  private let database: CommandDatabase
  private let files: Workspace
  private static let narrow = ["COLUMNS": "80"]

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  /// DAG and STARTED went, a CRYPTO of nothing but `-` stayed, and the beginning of RUN was cut.
  @Test func `runs can be told apart`() throws {
    for run in ["manual__2026-03-28T02:00:00+00:00", "scheduled__2026-03-28T02:00:00+00:00"] {
      try files.write(
        TaskLog.line + TaskLog.block("crypto=SOLUSDC f1_buy=0.5") + TaskLog.success,
        to: TaskLog.path(run: run))
    }
    #expect(try database.run("ingest", ".", in: files.path).status == 0)
    let table = try database.run("runs", "--format", "table", environment: Self.narrow)
    #expect(table.lines[0].contains("STARTED") && !table.lines[0].contains("CRYPTO"))
    #expect(table.lines.contains { $0.contains("2026-03-28 02:14  manual__2") && $0.contains("0+00:00") })
    #expect(table.lines.contains { $0.contains("2026-03-28 02:14  scheduled") })
    #expect(table.lines.allSatisfy { $0.count <= 80 })
    let each = try database.run("runs", "--by-crypto", "--format", "table", environment: Self.narrow)
    #expect(each.lines[1].contains("SOLUSDC"))
  }

  /// ERROR began with the log's path, so that nothing but the path was left of it, and TASK was not there.
  @Test func `a log tells its task and its error`() throws {
    let log = Gzip.member(TaskLog.line + TaskLog.block("crypto=SOLUSDC f1_buy=0.5") + TaskLog.success)
    try files.write(log.dropLast(9), to: TaskLog.path(task: "cut.test_step") + ".gz")
    let ingested = try database.run("ingest", ".", in: files.path)
    #expect(ingested.status == Status.damagedInput)
    // `1 failed` and then no log of the status failed.
    #expect(ingested.summary.contains("; 1 log truncated; "), "\(ingested.summary)")
    let table = try database.run("logs", "--format", "table", environment: Self.narrow)
    #expect(table.lines[1].contains("cut.test_step"), "\(table.text)")
    #expect(table.lines[1].contains("the compressed") || table.lines[1].contains("byte "), "\(table.text)")
    #expect(table.lines.allSatisfy { $0.count <= 80 })
  }
}
