import Glibc
import TestSupport
import Testing

@testable import DiagnosticWriter

/// `backfill --dry-run`, `--jobs`, `--shard`, and what the ledger says of logs it could not store (issue 4).
@Suite struct BackfillPlanTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  private func backfill(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try Program.finish(
      database.start(
        ["backfill", "--since", "2000-01-01", "--log-root", files.path] + arguments, environment: environment)
    )
  }

  /// Reason and path below the root of every line.
  private func plan(_ outcome: Outcome) -> [String] {
    outcome.lines.map { $0.replacing(files.path + "/", with: "").replacing("\t", with: " ") }.sorted()
  }

  private static let old = 1_773_100_800

  @Test func dryRunSaysWhatWouldBeReadAndWhy() throws {
    for name in ["a.log", "b.log", "c.log", "d.log.gz"] {
      let text = TaskLog.finished(blocks: 2)
      try files.write(
        name.hasSuffix(".gz") ? Gzip.member(text).dropLast(9) : Array(text.utf8), to: name, modified: Self.old
      )
    }
    // Its task has not said how it ended, and it was written just now.
    let growing = TaskLog.path()
    try files.write(TaskLog.block("crypto=SOLUSDC"), to: growing)
    let before = try database.physicalState()
    let first = try backfill("--dry-run")
    #expect(first.status == 0)
    #expect(plan(first) == ["a.log", "b.log", "c.log", "d.log.gz", growing].map { "new " + $0 })
    #expect(first.errorText.contains("5 logs of "))
    #expect(try database.physicalState() == before)

    #expect(try backfill().status == Status.damagedInput)
    try files.write(TaskLog.finished(blocks: 3), to: "b.log", modified: Self.old)
    files.setModified("c.log", to: Self.old + 1)
    let state = try database.physicalState()
    let rest = ["changed b.log", "changed c.log", "growing \(growing)"]
    // A damaged log was shown as unchanged, "0 failed", with 0, where the run after it ended with 65.
    let third = try backfill("--dry-run")
    #expect(third.status == Status.damagedInput)
    #expect(
      third.errorText.contains("1 unchanged, 1 failed (1 unchanged since: --retry-failed reads them again)"))
    #expect(plan(third) == (rest + ["unchanged a.log", "unmended d.log.gz"]).sorted())
    #expect(
      plan(try backfill("--dry-run", "--retry-failed"))
        == (rest + ["unchanged a.log", "damaged d.log.gz"]).sorted())
    #expect(
      plan(try backfill("--dry-run", "--force")) == (rest + ["forced a.log", "forced d.log.gz"]).sorted())
    #expect(try database.physicalState() == state)
    #expect(try backfill("--dry-run", "--migrate").status == Status.usage)
  }

  /// Shards are disjoint, together they are everything, and all logs of one attempt are in one.
  @Test(arguments: [1, 2, 3, 5]) func shards(count: Int) throws {
    var all: [String] = []
    for run in 0..<20 {
      all += [TaskLog.path(run: "r\(run)"), TaskLog.path(run: "r\(run)") + ".gz", "loose/\(run).log"]
    }
    for name in all {
      try files.write(name.hasSuffix(".gz") ? Gzip.member("x\n") : Array("x\n".utf8), to: name)
    }
    let shards = try (0..<count).map { index in
      plan(try backfill("--dry-run", "--shard", "\(index)/\(count)")).map { String($0.dropFirst(4)) }
    }
    #expect(shards.flatMap(\.self).sorted() == all.sorted())
    for shard in shards {
      #expect(!shard.isEmpty)
      for name in shard where name.hasSuffix(".gz") { #expect(shard.contains(String(name.dropLast(3)))) }
    }
  }

  /// Which shard a log is in is part of the contract: pods of two versions share one backfill. By hand from the
  /// definition in LogShard (Python: FNV-1a over the texts, each with a NUL, then MurmurHash3's last step).
  @Test func shardsDoNotChangeFromVersionToVersion() throws {
    for name in ["a.log", "b.log", "c.log", "d.log", "e.log", "f.log"] {
      try files.write("x\n", to: name)
    }
    try files.write("x\n", to: TaskLog.path(run: "r1"))
    let shards = try (0..<3).map { index in
      plan(try backfill("--dry-run", "--shard", "\(index)/3")).map { String($0.dropFirst(4)) }
    }
    #expect(shards == Self.shardsOfThree)
  }

  private static let shardsOfThree: [[String]] = [
    ["c.log", "e.log"], ["b.log", TaskLog.path(run: "r1")], ["a.log", "d.log", "f.log"],
  ]

  @Test(arguments: ["3/3", "-1/2", "0/0", "1", "a/b", "0/2/3", ""]) func noShard(text: String) throws {
    #expect(try backfill("--shard=" + text).status == Status.usage)
  }

  @Test(arguments: ["1", "2", "7"]) func jobsGiveTheRowsOfOne(jobs: String) throws {
    for number in 0..<30 {
      let text = TaskLog.finished(blocks: number % 4, salt: number)
      try files.write(text, to: TaskLog.path(run: "r\(number)"))
      // The same attempt from two places, one of them cut.
      if number.isMultiple(of: 3) {
        try files.write(Gzip.member(text), to: TaskLog.path(run: "r\(number)") + ".gz")
      }
      if number.isMultiple(of: 5) {
        try files.write(Gzip.member(text).dropLast(12), to: "copy/" + TaskLog.path(run: "r\(number)") + ".gz")
      }
    }
    let reference = try CommandDatabase()
    let arguments = ["backfill", "--since", "2000-01-01", "--log-root", files.path]
    #expect(try Program.finish(reference.start(arguments + ["--jobs", "1"])).status == Status.damagedInput)
    let outcome = try backfill(environment: ["CORRPARSE_JOBS": jobs])
    #expect(outcome.status == Status.damagedInput)
    #expect(try database.logicalState() == reference.logicalState())
    let again = try backfill("--force", "--jobs", jobs)
    #expect(again.summary.contains(" = 0 stored + "))
  }

  @Test(arguments: ["0", "65", "x"]) func noNumberOfJobs(text: String) throws {
    #expect(try backfill("--jobs", text).status == Status.usage)
    #expect(try backfill(environment: ["CORRPARSE_JOBS": text]).status == Status.configuration)
  }

  /// A block that the server refuses: named, counted, in the ledger, and not forgotten by the next run.
  @Test func rejectedBlocks() throws {
    try database.execute("ALTER TABLE corrparse.record ADD CONSTRAINT no_btc CHECK (crypto <> 'BTCUSDC')")
    try files.write(
      TaskLog.block("crypto=BTCUSDC", second: 1) + TaskLog.block("crypto=SOLUSDC", second: 2), to: "a.log")
    try files.write(TaskLog.block("crypto=SOLUSDC"), to: "b.log")
    let outcome = try backfill()
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.summary.contains("3 blocks = 2 stored + 0 unchanged + 0 replayed + 1 rejected; "))
    #expect(outcome.errorText.contains("a.log: block 1 cannot be stored: "))
    let second = try backfill()
    #expect(second.status == Status.damagedInput)
    #expect(second.summary.contains("0 logs read, 2 unchanged, 1 failed; "))
    try database.execute("ALTER TABLE corrparse.record DROP CONSTRAINT no_btc")
    let third = try backfill("--retry-failed")
    #expect(third.status == 0)
    #expect(
      third.summary.contains("1 log read, 1 unchanged, 0 failed; 2 blocks = 1 stored + 1 unchanged + "))
    #expect(
      try database.column("SELECT count(*) FROM corrparse.issue WHERE kind = 'rejected_record'") == ["0"])
  }

  /// On a terminal: how much of how much, how fast, how long yet; and nothing of it stays.
  @Test func progressOnATerminal() throws {
    for number in 0..<150 {
      try files.write(TaskLog.finished(blocks: 1), to: TaskLog.path(attempt: number + 1))
    }
    let blocker = try database.connect()
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('\(TaskLog.path(attempt: 1))', 1))"
    try blocker.run(SQLText(stringLiteral: "BEGIN; \(lock)"))
    let command = "\(Program.path) backfill --since 2000-01-01 --jobs 1 --log-root \(files.path)"
    let terminal = try ChildProcess(
      "/usr/bin/env", ["script", "-qec", command, "/dev/null"].map { Array($0.utf8) },
      environment: ["DATABASE_URL": database.connection()], folder: nil, limit: .seconds(60))
    terminal.closeInput()
    // While the first batch waits, the display's pause between two lines goes by.
    while try terminal.serve(for: .milliseconds(150)) {
      let waiting = try database.column(
        """
        SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
          AND application_name = 'corrparse' AND wait_event_type = 'Lock'
        """)
      if !waiting.isEmpty { break }
    }
    // Rates and the time left are shown after a second.
    #expect(try terminal.serve(for: .milliseconds(1200)))
    try blocker.run("ROLLBACK")
    while try terminal.serve(for: .milliseconds(5)) {}
    #expect(try terminal.finish() == .exited(0))
    let text = String(decoding: terminal.output, as: UTF8.self)
    #expect(text.contains(" of 150 logs, "))
    #expect(text.contains(" logs/s, "))
    #expect(text.contains(" left"))
    // The last thing drawn is cleared before the summary.
    let last = try #require(text.ranges(of: "\u{1B}[K").last)
    #expect(text[last.upperBound...].hasPrefix("corrparse: 150 logs read, "))
  }

  /// A standby, or a server that is set so: tried again, then told apart from a mistake of ours.
  @Test func readOnlyServer() throws {
    try files.write(TaskLog.finished(blocks: 1), to: "a.log")
    let outcome = try backfill(
      "--retries", "1", environment: ["PGOPTIONS": "-c default_transaction_read_only=on"])
    #expect(outcome.status == Status.unavailable)
    #expect(outcome.errorText.contains("is tried again"))
    #expect(outcome.errorText.contains("read-only"))
    #expect(try backfill(environment: ["CORRPARSE_RETRIES": "x"]).status == Status.configuration)
    #expect(try backfill("--retries", "101").status == Status.usage)
  }

  /// Serialization failures among jobs are tried again until each has its turn.
  @Test func serializableTransactions() throws {
    for number in 0..<40 {
      try files.write(TaskLog.finished(blocks: 2, salt: number), to: TaskLog.path(attempt: number + 1))
    }
    let environment = [
      "PGOPTIONS": "-c default_transaction_isolation=serializable", "DATABASE_URL": database.connection(),
    ]
    let processes = try (0..<3).map { _ in
      try Program.start(
        ["ingest", "--force", "--retries", "30", "--jobs", "2", files.path], environment: environment)
    }
    for process in processes { #expect(try Program.finish(process).status == 0) }
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["80"])
  }
}
