import Glibc
import TestSupport
import Testing

/// `backfill`: which logs it takes, and which it reads again (4-database, Exactly once; 5-command-line,
/// Commands).
@Suite struct BackfillTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  private static let march10 = 1_773_100_800
  private static let march20 = march10 + 10 * 86_400

  private func backfill(_ arguments: String...) throws -> Outcome {
    try Program.finish(database.start(["backfill", "--log-root", files.path] + arguments))
  }

  /// The logs of the windows below, by a letter each: time in run_id and modification, or modification alone.
  private func writeFiveLogs() throws {
    let log = TaskLog.finished(blocks: 1)
    func path(_ letter: String, _ day: Int) -> String {
      TaskLog.path(dag: "dag_\(letter)", run: "scheduled__2026-03-\(day)T00:00:00+00:00")
    }
    try files.write(log, to: path("a", 10), modified: Self.march10)
    try files.write(log, to: path("b", 10), modified: Self.march20)
    try files.write(log, to: path("c", 20), modified: Self.march10)
    try files.write(log, to: "d.log", modified: Self.march10)
    try files.write(log, to: "e.log", modified: Self.march20)
  }

  private func letters() throws -> String {
    try database.column(
      "SELECT coalesce(substr(dag_id, 5), substr(name, 1, 1)) FROM corrparse.source ORDER BY 1"
    ).joined()
  }

  /// The later of modification and run time is at or after `--since`; the run time, else the modification, is
  /// before `--until`.
  @Test(arguments: [
    (["--since", "2026-03-01"], "abcde"), (["--since", "2026-03-15"], "bce"),
    (["--since", "2026-03-20"], "bce"), (["--since", "2026-03-20T00:00:00Z"], "bce"),
    (["--since", "2026-03-20T02:00:00+02:00"], "bce"), (["--since", "2026-03-20T00:00:00.000001Z"], ""),
    (["--since", "2026-03-01", "--until", "2026-03-15"], "abd"),
    (["--since", "2026-03-01", "--until", "2026-03-20"], "abd"),
    (["--since", "2026-03-01", "--until", "2026-03-20T00:00:00.000001Z"], "abcde"),
    (["--since", "2026-03-01", "--until", "2026-03-10"], ""),
    (["--since", "2026-03-15", "--until", "2026-03-15"], "b"),
    (["--since", "2026-03-01", "--dag", "dag_b"], "b"), (["--since", "2026-03-15", "--dag", "dag_a"], ""),
    (["--since", "2026-03-01", "--dag", "dag_"], ""), (["--since", "1000000h"], "abcde"),
    (["--since", "2026-03-01", "--dag", "dag_a", "--dag", "dag_c", "--dag", "dag_a"], "ac"),
    (["--since", "1m"], ""),
  ])
  func windows(arguments: [String], expected: String) throws {
    try writeFiveLogs()
    let outcome = try Program.finish(
      database.start(["backfill"] + arguments, environment: ["CORRPARSE_LOG_ROOT": files.path]))
    #expect(outcome.status == 0)
    let logs = expected.count == 1 ? "1 log" : "\(expected.count) logs"
    #expect(outcome.summary.hasPrefix("corrparse: \(logs) read, 0 unchanged, 0 failed; "))
    #expect(try letters() == expected)
  }

  @Test(arguments: [("7d", "n"), ("12h", "n"), ("2w", "no"), ("241h", "no"), ("239h", "n"), ("14400m", "n")])
  func agesCountFromNow(since: String, expected: String) throws {
    let now = time(nil)
    try files.write(TaskLog.finished(blocks: 1), to: "n.log", modified: now - 3600)
    try files.write(TaskLog.finished(blocks: 1), to: "o.log", modified: now - 240 * 3600 - 1800)
    #expect(try backfill("--since", since).status == 0)
    #expect(try letters() == expected)
  }

  /// There is no watermark: a log that turns up late, with an old time, is taken when its window is asked for.
  @Test func lateLogsAreTakenAndTheRestIsNotOpened() throws {
    try writeFiveLogs()
    #expect(try backfill("--since", "2026-03-01").status == 0)
    let state = try database.physicalState()
    // Whoever opened them would find no block any more; size and time are as before.
    for name in ["d.log", "e.log"] {
      let size = TaskLog.finished(blocks: 1).utf8.count
      try files.write(
        [UInt8](repeating: 0x1f, count: size), to: name,
        modified: name == "d.log" ? Self.march10 : Self.march20)
    }
    let second = try backfill("--since", "2026-03-01")
    #expect(second.status == 0)
    #expect(second.summary.hasPrefix("corrparse: 0 logs read, 5 unchanged, 0 failed; 0 blocks = 0 stored + "))
    #expect(try database.physicalState() == state)
    try files.write(TaskLog.finished(blocks: 2), to: "late.log", modified: Self.march10)
    let third = try backfill("--since", "2026-03-01")
    #expect(third.summary.hasPrefix("corrparse: 1 log read, 5 unchanged, 0 failed; 2 blocks = 2 stored + "))
  }

  @Test func forceReadsEverythingAndChangesNothing() throws {
    try writeFiveLogs()
    #expect(try backfill("--since", "2026-03-01").status == 0)
    let state = try database.physicalState()
    let forced = try backfill("--since", "2026-03-01", "--force")
    #expect(forced.status == 0)
    #expect(
      forced.summary.hasPrefix(
        "corrparse: 5 logs read, 0 unchanged, 0 failed; 5 blocks = 0 stored + 5 unchanged + 0 replayed + 0 rejected; "
      ))
    #expect(try database.physicalState() == state)
  }

  /// 4-database, Ledger: damaged logs end the run with 65, also where they are unchanged and only the ledger
  /// says so; they are read again when they changed or with `--retry-failed`.
  @Test func damagedLogsEndEveryRunWith65() throws {
    let whole = Gzip.member(TaskLog.finished(blocks: 2))
    try files.write(TaskLog.finished(blocks: 1), to: "good.log", modified: Self.march10)
    try files.write(Array(whole.dropLast(8)), to: "cut.log.gz", modified: Self.march10)
    try files.write(
      Array(whole.dropLast(8)) + [1, 2, 3, 4, 5, 6, 7, 8], to: "crc.log.gz", modified: Self.march10)
    try files.write([0x1f, 0x8b, 8], to: "empty.log.gz", modified: Self.march10)
    let since = ["--since", "2026-03-01"]
    let first = try Program.finish(database.start(["backfill", "--log-root", files.path] + since))
    #expect(first.status == Status.damagedInput)
    #expect(first.summary.hasPrefix("corrparse: 4 logs read, 0 unchanged, 3 failed; 5 blocks = 5 stored + "))
    let state = try database.physicalState()

    let second = try Program.finish(database.start(["backfill", "--log-root", files.path] + since))
    #expect(second.status == Status.damagedInput)
    #expect(second.summary.hasPrefix("corrparse: 0 logs read, 4 unchanged, 3 failed; 0 blocks = "))
    for name in ["cut.log.gz", "crc.log.gz", "empty.log.gz"] { #expect(second.errorText.contains(name)) }
    #expect(!second.errorText.contains("good.log"))
    #expect(try database.physicalState() == state)

    let third = try backfill("--since", "2026-03-01", "--retry-failed")
    #expect(third.status == Status.damagedInput)
    #expect(
      third.summary.hasPrefix(
        "corrparse: 3 logs read, 1 unchanged, 3 failed; 4 blocks = 0 stored + 4 unchanged"))
    #expect(try database.physicalState() == state)

    for name in ["cut.log.gz", "crc.log.gz", "empty.log.gz"] {
      try files.write(whole, to: name, modified: Self.march20)
    }
    let repaired = try backfill("--since", "2026-03-01")
    #expect(repaired.status == 0)
    #expect(repaired.summary.hasPrefix("corrparse: 3 logs read, 1 unchanged, 0 failed; 6 blocks = "))
    #expect(try database.column("SELECT DISTINCT status FROM diagnostics.ingestion_v1") == ["complete"])
  }

  /// A log was put back with its old time (`cp -p`): "unchanged", exit status 0, and the ledger had it as damaged for ever.
  @Test func aMendedLogOutsideOfTheWindowIsTold() throws {
    let whole = Gzip.member(TaskLog.finished(blocks: 2))
    try files.write(Array(whole.dropLast(8)), to: "cut.log.gz", modified: Self.march10)
    try files.write(Array(whole.dropLast(9)), to: "other.log.gz", modified: Self.march10)
    try files.write(TaskLog.finished(blocks: 1), to: "good.log", modified: Self.march20)
    #expect(try backfill("--since", "2026-03-01").status == Status.damagedInput)
    try files.write(whole, to: "cut.log.gz", modified: Self.march10)
    for arguments in [["--retry-failed"], [], ["--dry-run"]] {
      let outcome = try Program.finish(
        database.start(["backfill", "--log-root", files.path, "--since", "2026-03-15"] + arguments))
      #expect(outcome.status == 0)
      #expect(
        outcome.errorText.contains(
          "1 log that failed before has changed since and is outside of the window (\(files("cut.log.gz"))): "
        ))
      if arguments != ["--dry-run"] { #expect(outcome.summary.contains("2 failed logs outside the window")) }
    }
    #expect(
      try backfill("--since", "2026-03-01", "--retry-failed").summary.contains(
        "2 logs read, 1 unchanged, 1 failed"))
  }

  @Test func missingRootIsNamed() throws {
    let outcome = try Program.finish(
      database.start(["backfill", "--since", "1d", "--log-root", files("missing")]))
    #expect(outcome.status == Status.inputOutput)
    #expect(
      outcome.errorText.contains("\(files("missing")): the log root is not there: No such file or directory"))
  }

  /// What is no task log is passed over; links lead nowhere else.
  @Test func onlyTaskLogsOfTheRoot() throws {
    try files.write(TaskLog.finished(blocks: 1), to: "root/" + TaskLog.path())
    for name in ["scheduler/s.log", "dag_processor_manager/p.log", "a.log.part", "notes.txt"] {
      try files.write(TaskLog.finished(blocks: 1), to: "root/" + name)
    }
    try files.write(TaskLog.finished(blocks: 1), to: "outside.log")
    #expect(symlink(files("outside.log"), files("root/link.log")) == 0)
    #expect(symlink(".", files("root/loop")) == 0)
    let outcome = try Program.finish(
      database.start(["backfill", "--since", "2026-03-01", "--log-root", files("root")]))
    #expect(outcome.status == 0)
    #expect(outcome.summary.hasPrefix("corrparse: 1 log read, "))
    #expect(try database.column("SELECT name FROM corrparse.source") == [TaskLog.path()])
  }
}
