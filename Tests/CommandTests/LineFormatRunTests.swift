import TestSupport
import Testing

/// Runs over logs of a format of their own that are not given the format, and then are (5-command-line, Commands).
@Suite struct LineFormatRunTests {
  private static let format = "%(asctime)s %(levelname)-8s [%(name)s] %(message)s"
  private static let log = """
    2026-03-28 02:14:07,123 INFO     [airflow.task] === CORRELATION DATA ===
    crypto=SOLUSDC horizon=H4 f1_buy=0.55 baseline_f1_buy=0.50 sortino=0.3
    === END CORRELATION DATA ===
    """

  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
    for run in ["r1", "r2"] {
      try files.write(Array(Self.log.utf8), to: TaskLog.path(run: run), modified: 1_773_100_800)
    }
  }

  private func backfill(_ arguments: String...) throws -> Outcome {
    try Program.finish(
      database.start(["backfill", "--since", "2026-01-01", "--log-root", files.path] + arguments))
  }

  private var records: String {
    get throws { try database.column("SELECT count(*) FROM corrparse.record")[0] }
  }

  /// `backfill` without the format found nothing; with it, as the warning said, it read nothing: "33 unchanged".
  @Test func aFormatThatWasForgottenOnceIsEnoughLater() throws {
    let first = try backfill()
    #expect(first.status == 0)
    #expect(first.summary.hasPrefix("corrparse: 2 logs read, 0 unchanged, 0 failed; 0 blocks = "))
    // The next run without it reads nothing, and still says what is missing and what to do.
    let second = try backfill()
    #expect(second.summary.hasPrefix("corrparse: 0 logs read, 2 unchanged, 0 failed; "))
    #expect(second.summary.contains("2 logs with unread headers"))
    for text in [
      "2 logs have headers that were not read (\(files(TaskLog.path(run: "r1"))), ", "--line-format",
      "CORRPARSE_LINE_FORMAT", "corrparse issues --kind unread_header",
    ] { #expect(second.errorText.contains(text)) }

    let plan = try backfill("--dry-run", "--line-format", Self.format)
    #expect(plan.lines == ["r1", "r2"].map { "format\t" + files(TaskLog.path(run: $0)) })
    let third = try backfill("--line-format", Self.format)
    #expect(third.summary.hasPrefix("corrparse: 2 logs read, 0 unchanged, 0 failed; 2 blocks = 2 stored + "))
    #expect(try records == "2")
    #expect(!third.errorText.contains("headers that were not read"))

    // What was read stays read, with the format and without.
    let state = try database.physicalState()
    for arguments in [["--line-format", Self.format], []] {
      let again = try Program.finish(
        database.start(["backfill", "--since", "2026-01-01", "--log-root", files.path] + arguments))
      #expect(again.summary.hasPrefix("corrparse: 0 logs read, 2 unchanged, 0 failed; "))
    }
    #expect(try database.physicalState() == state)
  }

  /// Blocks that are printed as they are were found, and those of the logger were not: the log has no unread_header then.
  @Test func aLogThatWasReadInPartIsReadAgainToo() throws {
    let files = try Workspace()
    try files.write(
      Array((TaskLog.block("crypto=BTCUSDC") + Self.log + "\n").utf8), to: TaskLog.path(),
      modified: 1_773_100_800)
    let arguments = ["backfill", "--since", "2026-01-01", "--log-root", files.path]
    #expect(try Program.finish(database.start(arguments)).summary.contains("; 1 block = 1 stored + "))
    #expect(
      try database.column("SELECT kind FROM diagnostics.issue_v1 WHERE block IS NULL") == ["orphan_end"])
    #expect(try Program.finish(database.start(arguments)).summary.contains("0 logs read, 1 unchanged, "))
    let formatted = try Program.finish(database.start(arguments + ["--line-format", Self.format]))
    #expect(formatted.summary.contains("1 log read, 0 unchanged, "))
    #expect(try records == "2")
  }

  /// A format that is none of the logs' own: they are read with each other one once.
  @Test func aWrongFormatIsTriedOnce() throws {
    let wrong = "%(levelname)s|%(asctime)s|%(message)s"
    #expect(try backfill("--line-format", wrong).summary.contains("2 logs read, "))
    #expect(try backfill("--line-format", wrong).summary.contains("0 logs read, 2 unchanged, "))
    #expect(try backfill().summary.contains("2 logs read, 0 unchanged, "))
    #expect(try backfill().summary.contains("0 logs read, 2 unchanged, "))
    #expect(try backfill("--line-format", Self.format).summary.contains("2 blocks = 2 stored + "))
    #expect(try records == "2")
  }

  /// The same of a layout of paths: a log without a task gets its task when the template is given.
  @Test func aTemplateThatWasForgottenOnceIsEnoughLater() throws {
    let files = try Workspace()
    try files.write(
      Array(TaskLog.block("crypto=SOLUSDC").utf8), to: "launch__discovery/test_step/r1/1.log",
      modified: 1_773_100_800)
    let arguments = ["backfill", "--since", "2026-01-01", "--log-root", files.path]
    let first = try Program.finish(database.start(arguments))
    #expect(first.summary.contains("1 log without task"))
    #expect(try Program.finish(database.start(arguments)).summary.contains("0 logs read, 1 unchanged, "))
    let template = "{{ ti.dag_id }}/{{ ti.task_id }}/{{ ti.run_id }}/{{ try_number }}.log"
    let third = try Program.finish(database.start(arguments + ["--path-template", template]))
    #expect(third.summary.contains("1 log read, 0 unchanged, "))
    #expect(try database.column("SELECT DISTINCT run_id FROM corrparse.source") == ["r1"])
    #expect(try database.column("SELECT run_id FROM diagnostics.verdict_v1") == ["r1"])
  }
}
