import Glibc
import TestSupport
import Testing

/// `migrate`, `ingest` and `backfill` on a real PostgreSQL (4-database, Exactly once; 5-command-line,
/// Commands).
@Suite struct IngestTests {
  let files: Workspace

  init() throws { files = try Workspace() }

  @Test func migrations() throws {
    let database = try CommandDatabase(isMigrated: false)
    try files.write(TaskLog.finished(blocks: 1), to: "x.log")
    let behind = try database.run("ingest", files("x.log"))
    #expect(behind.status == Status.configuration)
    #expect(behind.errorText.contains("corrparse migrate up"))
    #expect(try database.run("migrate", "status").status == Status.configuration)
    let plan = try database.run("migrate", "up", "--dry-run")
    #expect(plan.status == 0)
    #expect(plan.text.contains("CREATE TABLE corrparse.record"))
    #expect(try database.column("SELECT count(*) FROM pg_namespace WHERE nspname = 'corrparse'") == ["0"])
    let first = try database.run("migrate", "up")
    #expect(first.status == 0)
    #expect(first.text.contains("applied v0001_tables"))
    #expect(try database.run("migrate", "up").text == "the schema is up to date\n")
    let status = try database.run("migrate", "status")
    #expect(status.status == 0)
    #expect(status.lines.count == first.lines.count)
    let codes = "SELECT count(*) FROM diagnostics.taxonomy_v1 WHERE taxonomy_version = 1"
    #expect(try database.column(codes) == ["13"])
  }

  @Test func migratingOnTheWay() throws {
    let database = try CommandDatabase(isMigrated: false)
    try files.write(TaskLog.finished(blocks: 2), to: TaskLog.path())
    let outcome = try database.run("ingest", "--migrate", files.path)
    #expect(outcome.status == 0)
    #expect(outcome.summary.contains("1 log read, 0 unchanged, 0 failed; 2 blocks = 2 stored"))
  }

  /// Twice changes nothing: every row keeps its version and place.
  @Test func ingestingTwiceChangesNothing() throws {
    let database = try CommandDatabase()
    for attempt in 1...3 {
      try files.write(TaskLog.finished(blocks: 4, salt: attempt), to: TaskLog.path(attempt: attempt))
    }
    try files.write(
      Gzip.member(TaskLog.finished(blocks: 2)), to: TaskLog.path(task: "group.test_step") + ".gz")
    #expect(try database.run("ingest", files.path).summary.contains("14 blocks = 14 stored"))
    let before = try database.physicalState()
    #expect(before.count > 40)
    let second = try database.run("ingest", files.path)
    #expect(second.status == 0)
    #expect(second.summary.contains("0 logs read, 4 unchanged"))
    #expect(try database.physicalState() == before)
    // Read again on purpose, the records stay as they are; only the ledger knows.
    let forced = try database.run("ingest", "--force", files.path)
    #expect(forced.summary.contains("14 blocks = 0 stored + 14 unchanged"))
    let kept = try database.physicalState().filter { !$0.hasPrefix("log ") }
    #expect(kept == before.filter { !$0.hasPrefix("log ") })
  }

  /// Decimals arrive to the last digit, thresholds are met exactly, and text is only text.
  @Test func valuesSurvive() throws {
    let database = try CommandDatabase()
    let log =
      TaskLog.block("crypto=SOLUSDC f1_buy=0.55 baseline_f1_buy=0.50 sortino=0.30000000000000004", second: 1)
      + TaskLog.block("crypto=ETHUSDC sortino=-12345.678901234567 theta=0.12345678901234567", second: 2)
      + TaskLog.block(
        "crypto=--DROP", "strategy_id=\\N", "note=\"x'); DROP TABLE corrparse.record; --\"", second: 3)
      + TaskLog.success
    try files.write(log, to: TaskLog.path())
    #expect(try database.run("ingest", files.path).status == 0)
    func values(_ columns: String, _ block: Int) throws -> [String] {
      try database.column(
        "SELECT concat_ws('|', \(columns)) FROM diagnostics.verdict_v1 WHERE block = \(block)")
    }
    #expect(
      try values("f1_buy, delta_points, primary_code, sortino", 1) == [
        "0.55|5|ML_MARGINAL|0.30000000000000004"
      ])
    #expect(try values("sortino, theta", 2) == ["-12345.678901234567|0.12345678901234567"])
    #expect(
      try values("crypto, strategy_id, extras ->> 'note'", 3) == [
        "--DROP|\\N|x'); DROP TABLE corrparse.record; --"
      ])
  }

  @Test func pipedLogs() throws {
    let database = try CommandDatabase()
    let log = Array(TaskLog.finished(blocks: 2).utf8)
    let task = try database.run(
      "ingest", "--stdin", "--dag-id", "d", "--run-id", "r", "--task-id", "t", "--try-number", "2",
      "--map-index", "7",
      input: Gzip.member(log))
    #expect(task.status == 0)
    let named = try database.run("ingest", "--stdin", "--source", "by hand", input: log)
    #expect(named.status == 0)
    #expect(
      try database.column(
        "SELECT concat_ws(' ', source, dag_id, map_index, try_number, count(*)) FROM diagnostics.verdict_v1 "
          + "GROUP BY source, dag_id, map_index, try_number ORDER BY 1") == [
          "by hand 2", "dag_id=d/run_id=r/task_id=t/map_index=7/attempt=2.log d 7 2 2",
        ])
    #expect(try database.run("ingest", "--stdin", input: log).status == Status.usage)
    #expect(try database.run("ingest").status == Status.usage)
  }

  @Test func windowOfABackfill() throws {
    let database = try CommandDatabase()
    for (dag, day) in [("a", "10"), ("a", "20"), ("b", "20"), ("a", "30")] {
      let path = TaskLog.path(dag: dag, run: "scheduled__2026-03-\(day)T00:00:00+00:00")
      try files.write(TaskLog.finished(blocks: 1, salt: Int(day) ?? 0), to: path)
      files.setModified(path, to: 1_767_225_600)  // 2026-01-01: the time in the run id is the later one
    }
    func runs() throws -> [String] {
      try database.column(
        "SELECT dag_id || ' ' || substr(run_id, 12, 10) FROM diagnostics.verdict_v1 ORDER BY 1")
    }
    let root = ["--log-root", files.path]
    let none = try database.run("backfill", "--since", "2026-04-01", root[0], root[1])
    #expect(none.status == 0)
    #expect(try runs() == [])
    try database.run(
      "backfill", "--since", "2026-03-15", "--until", "2026-03-30", "--dag", "a", root[0], root[1])
    #expect(try runs() == ["a 2026-03-20"])
    // A late look at an older time finds what is old: there is no watermark.
    try database.run(
      "backfill", "--since", "2026-03-01T00:00:00Z", environment: ["CORRPARSE_LOG_ROOT": files.path])
    #expect(try runs() == ["a 2026-03-10", "a 2026-03-20", "a 2026-03-30", "b 2026-03-20"])
    #expect(try database.run("backfill", "--since", "yesterday", root[0], root[1]).status == Status.usage)
  }

  /// Damage ends the run with 65 after everything else is stored; unchanged, it is read again only when asked for.
  @Test func damagedLogsAmongGoodOnes() throws {
    let database = try CommandDatabase()
    let whole = Gzip.member(TaskLog.finished(blocks: 3))
    try files.write(whole, to: TaskLog.path(task: "a.test_step") + ".gz")
    try files.write(Array(whole.dropLast(9)), to: TaskLog.path(task: "b.test_step") + ".gz")
    try files.write(whole, to: TaskLog.path(task: "c.test_step") + ".gz")
    let arguments = ["backfill", "--since", "2026-01-01", "--log-root", files.path]
    let first = try Program.finish(database.start(arguments))
    #expect(first.status == Status.damagedInput)
    #expect(first.summary.contains("3 logs read, 0 unchanged, 1 failed"))
    #expect(first.errorText.contains("b.test_step"))
    #expect(
      try database.column("SELECT status || ' ' || blocks FROM diagnostics.ingestion_v1 ORDER BY location")
        == [
          "complete 3", "truncated 3", "complete 3",
        ])
    #expect(try Program.finish(database.start(arguments)).summary.contains("0 logs read, 3 unchanged"))
    let again = try Program.finish(database.start(arguments + ["--retry-failed"]))
    #expect(again.summary.contains("1 log read, 2 unchanged, 1 failed"))
    #expect(again.status == Status.damagedInput)
  }

  @Test func grownLogReplacesItsRows() throws {
    let database = try CommandDatabase()
    let whole = TaskLog.finished(blocks: 4)
    let half = String(whole.prefix(whole.count / 2))
    try files.write(half, to: TaskLog.path())
    #expect(try database.run("ingest", files.path).status == 0)
    #expect(try database.column("SELECT status FROM diagnostics.ingestion_v1") == ["growing"])
    try files.write(whole, to: TaskLog.path())
    #expect(try database.run("ingest", files.path).status == 0)
    #expect(
      try database.column("SELECT status || ' ' || blocks FROM diagnostics.ingestion_v1") == ["complete 4"])
    #expect(
      try database.column("SELECT block FROM diagnostics.verdict_v1 ORDER BY 1") == ["1", "2", "3", "4"])
    // The same attempt compressed is another place of one source.
    try files.write(Gzip.member(whole), to: TaskLog.path() + ".gz")
    let packed = try database.run("ingest", files(TaskLog.path() + ".gz"))
    #expect(packed.summary.contains("4 blocks = 0 stored + 4 unchanged"))
    #expect(try database.column("SELECT count(*) FROM diagnostics.verdict_v1") == ["4"])
    #expect(try database.column("SELECT count(*) FROM diagnostics.ingestion_v1") == ["2"])
  }

  /// Where the server or the role is the trouble, the status says so, and no password shows.
  @Test func databaseTrouble() throws {
    let database = try CommandDatabase()
    try files.write(TaskLog.finished(blocks: 1), to: "x.log")
    let secret = "canary-7Qz"
    let trouble: [(String, Int32)] = [
      (database.url(password: secret, host: files.path), Status.unavailable),
      (database.url(user: "nobody_here", password: secret), Status.missingRights),
      (database.url(password: secret, database: "no_such_database"), Status.configuration),
      ("postgresql://u:\(secret)@h/db?no_such_option=1", Status.configuration),
    ]
    for (url, status) in trouble {
      for arguments in [["ingest", files("x.log")], ["migrate", "up"], ["migrate", "status"]] {
        let outcome = try Program.finish(Program.start(arguments, environment: ["DATABASE_URL": url]))
        #expect(outcome.status == status, "\(arguments[0]): \(outcome.errorText)")
        #expect(outcome.errorText.hasPrefix("corrparse: "))
        #expect(!outcome.errorText.contains(secret) && !outcome.text.contains(secret))
      }
    }
  }
}
