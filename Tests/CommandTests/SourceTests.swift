import TestSupport
import Testing

/// `ingest` end to end: what is stored, and that doing it again changes nothing (4-database, Exactly once).
@Suite struct SourceTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  private var sources: [String] {
    get throws { try database.column("SELECT name FROM corrparse.source ORDER BY name COLLATE \"C\"") }
  }

  private func records(_ columns: String) throws -> [String] {
    try database.column(
      "SELECT concat_ws(' ', \(columns)) FROM diagnostics.verdict_v1 ORDER BY source COLLATE \"C\", block")
  }

  @Test func fileFolderAndPipe() throws {
    try files.write(TaskLog.finished(blocks: 2), to: TaskLog.path())
    try files.write(Gzip.member(TaskLog.finished(blocks: 1)), to: "logs/" + TaskLog.path(attempt: 2) + ".gz")
    try files.write(TaskLog.finished(blocks: 1), to: "logs/loose.log")
    let first = try database.run("ingest", TaskLog.path(), "logs", in: files.path)
    #expect(first.status == 0)
    #expect(first.text == "")
    #expect(
      first.summary.hasPrefix(
        "corrparse: 3 logs read, 0 unchanged, 0 failed; 4 blocks = 4 stored + 0 unchanged + 0 replayed + 0 rejected; "
          + "ML_MARGINAL 4; "))
    let piped = try database.run(
      "ingest", "--stdin", "--dag-id", "launch__discovery", "--run-id", "r 1/ä", "--task-id", "test_step",
      "--try-number", "3", "--map-index", "7", input: Gzip.member(TaskLog.finished(blocks: 1)))
    #expect(piped.status == 0)
    let named = try database.run(
      "ingest", "--stdin", "--source", "my pipe", input: Array(TaskLog.finished(blocks: 1).utf8))
    #expect(named.status == 0)
    let run = "dag_id=launch__discovery/run_id=manual__2026-03-28T02:00:00+00:00/task_id=test_step"
    #expect(
      try sources == [
        "dag_id=launch__discovery/run_id=manual__2026-03-28T02:00:00+00:00/task_id=test_step/attempt=1.log",
        "\(run)/attempt=2.log",
        "dag_id=launch__discovery/run_id=r 1%2Fä/task_id=test_step/map_index=7/attempt=3.log",
        "loose.log", "my pipe",
      ])
    #expect(
      try records("dag_id, run_id, task_id, map_index, try_number, block, primary_code, delta_points") == [
        "launch__discovery manual__2026-03-28T02:00:00+00:00 test_step 1 1 ML_MARGINAL 1",
        "launch__discovery manual__2026-03-28T02:00:00+00:00 test_step 1 2 ML_MARGINAL 1",
        "launch__discovery manual__2026-03-28T02:00:00+00:00 test_step 2 1 ML_MARGINAL 1",
        "launch__discovery r 1/ä test_step 7 3 1 ML_MARGINAL 1", "1 ML_MARGINAL 1", "1 ML_MARGINAL 1",
      ])
    #expect(
      try database.column(
        "SELECT concat_ws(' ', try_number, state, stated) FROM diagnostics.task_attempt_v1 ORDER BY 1")
        == ["1 success t", "2 success t", "3 success t"])
  }

  @Test func ingestingAgainChangesNothing() throws {
    try files.write(TaskLog.finished(blocks: 3), to: TaskLog.path())
    try files.write(Gzip.member(TaskLog.finished(blocks: 2)), to: TaskLog.path(attempt: 2) + ".gz")
    // Without an outcome it may still grow: it is read again each time.
    try files.write(TaskLog.block("crypto=SOLUSDC tp=None"), to: TaskLog.path(attempt: 3))
    try files.write(TaskLog.block("crypto=SOLUSDC note=x"), to: "loose.log")
    let pipe = ["ingest", "--stdin", "--source", "pipe"]
    func ingest(_ more: String...) throws -> Outcome {
      let outcome = try Program.finish(database.start(["ingest", files.path] + more))
      #expect(outcome.status == 0)
      #expect(
        try Program.finish(database.start(pipe), input: Array(TaskLog.block("crypto=ADAUSDC").utf8)).status
          == 0)
      return outcome
    }
    _ = try ingest()
    let state = try database.physicalState()
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["8"])
    #expect(
      try ingest().summary.hasPrefix(
        "corrparse: 1 log read, 3 unchanged, 0 failed; 1 block = 0 stored + 1 unchanged + 0 replayed + 0 rejected; "
      ))
    #expect(try database.physicalState() == state)
    #expect(
      try ingest("--force").summary.hasPrefix(
        "corrparse: 4 logs read, 0 unchanged, 0 failed; 7 blocks = 0 stored + 7 unchanged + 0 replayed + 0 rejected; "
      ))
    #expect(try database.physicalState() == state)
  }

  /// The identity is that of the file, however the path to it is written.
  @Test func pathsFromWithinTheLogsFolders() throws {
    let folders = ["a", "b"].map { "dag_id=d/run_id=r/task_id=\($0)" }
    try files.write(TaskLog.finished(blocks: 1, salt: 1), to: "\(folders[0])/attempt=1.log")
    try files.write(TaskLog.finished(blocks: 1, salt: 2), to: "\(folders[1])/attempt=1.log")
    for path in ["attempt=1.log", ".", "../../run_id=r/task_id=a/../task_id=b/attempt=1.log"] {
      for folder in folders {
        #expect(try database.run("ingest", "--force", path, in: files(folder)).status == 0)
      }
      #expect(try sources == folders.map { "\($0)/attempt=1.log" })
      #expect(try records("task_id, f1_buy") == ["a 0.511", "b 0.512"])
    }
    let parsed = try Program.run("attempt=1.log", in: files(folders[0]))
    #expect(parsed.text.contains(#""task":{"dag_id":"d","run_id":"r","task_id":"a","try_number":1}"#))
    #expect(try Program.run(".", in: files(folders[0])).text.contains(#""task_id":"a""#))
  }

  /// Without an identity the folder tells two logs of one name apart.
  @Test func looseFilesOfOneName() throws {
    for (folder, blocks) in [("a", 3), ("b", 1)] {
      try files.write(TaskLog.finished(blocks: blocks, salt: blocks), to: "\(folder)/x.log")
      #expect(try database.run("ingest", "x.log", in: files(folder)).status == 0)
    }
    #expect(try sources == [files("a/x.log"), files("b/x.log")])
    #expect(try records("f1_buy") == ["0.513", "0.513", "0.513", "0.511"])
  }

  @Test func grownLogReplacesItsRows() throws {
    let path = TaskLog.path()
    // The block at the end has no end marker yet.
    let start = TaskLog.line + TaskLog.block("crypto=SOLUSDC", second: 1)
    let open =
      "[2026-03-28T02:10:02.000+0000] {test_step.py:88} INFO - === CORRELATION DATA ===\ncrypto=ETHUSDC f1_buy=0.5\n"
    try files.write(start + open, to: path)
    #expect(try database.run("ingest", files.path).status == 0)
    #expect(try database.column("SELECT status FROM diagnostics.ingestion_v1") == ["growing"])
    #expect(
      try records("crypto, f1_buy, block_end, issue_count") == [
        "SOLUSDC explicit 0", "ETHUSDC 0.5 implicit:end_of_input 1",
      ])
    let unchanged = try database.column("SELECT concat(xmin, r) FROM corrparse.record AS r WHERE block = 1")
    try files.write(
      start + open + "baseline_f1_buy=0.4\n=== END CORRELATION DATA ===\n"
        + TaskLog.block("crypto=ADAUSDC", second: 9) + TaskLog.success, to: path)
    #expect(try database.run("ingest", files.path).status == 0)
    #expect(try database.column("SELECT status FROM diagnostics.ingestion_v1") == ["complete"])
    #expect(
      try records("crypto, f1_buy, block_end, issue_count, primary_code") == [
        "SOLUSDC explicit 0", "ETHUSDC 0.5 explicit 0 ML_EXPLOITABLE", "ADAUSDC explicit 0",
      ])
    #expect(
      try database.column("SELECT concat(xmin, r) FROM corrparse.record AS r WHERE block = 1") == unchanged)
    #expect(try database.column("SELECT state FROM diagnostics.task_attempt_v1") == ["success"])
  }

  @Test func blocksThatAreGoneAreRemoved() throws {
    let path = TaskLog.path()
    // As long as it takes to tell that it is the same log.
    let start = String(repeating: TaskLog.line, count: 60)
    try files.write(
      start + TaskLog.block("crypto=SOLUSDC", second: 1) + TaskLog.block("crypto=ETHUSDC", second: 2),
      to: path)
    #expect(try database.run("ingest", files.path).status == 0)
    // Longer, but with one block.
    try files.write(
      start + TaskLog.block("crypto=ADAUSDC", second: 1) + String(repeating: TaskLog.line, count: 9)
        + TaskLog.success,
      to: path)
    #expect(try database.run("ingest", files.path).status == 0)
    #expect(try records("block, crypto") == ["1 ADAUSDC"])
  }

  /// A shorter or damaged reading never removes what a complete one stored: it is an issue of the source.
  @Test func worseReadingRemovesNothing() throws {
    let path = TaskLog.path() + ".gz"
    let whole = TaskLog.finished(blocks: 3)
    try files.write(Gzip.member(whole), to: path)
    #expect(try database.run("ingest", files.path).status == 0)
    try files.write(Gzip.member(TaskLog.finished(blocks: 1)), to: path)
    #expect(try database.run("ingest", files.path).status == 0)
    #expect(try records("block") == ["1", "2", "3"])
    #expect(try database.column("SELECT kind FROM diagnostics.issue_v1") == ["shorter_reread"])
    try files.write(Array(Gzip.member(whole).dropLast(20)), to: path)
    #expect(try database.run("ingest", files.path).status == Status.damagedInput)
    #expect(try records("block") == ["1", "2", "3"])
    #expect(try database.column("SELECT kind FROM diagnostics.issue_v1") == ["damaged_reread"])
    try files.write(Gzip.member(whole + TaskLog.line), to: path)
    #expect(try database.run("ingest", files.path).status == 0)
    #expect(try database.column("SELECT kind FROM diagnostics.issue_v1") == [])
  }

  /// A volume and a bucket, plain and compressed: one source, one ledger row each, fed by the longest complete one.
  @Test(arguments: [false, true])
  func severalLocationsAreOneSource(compressedFirst: Bool) throws {
    let longer = TaskLog.finished(blocks: 3)
    // Fetched before its end, and old enough not to grow any more.
    let shorter = String(TaskLog.finished(blocks: 2).dropLast(TaskLog.success.count))
    #expect(longer.hasPrefix(shorter))
    try files.write(shorter, to: "volume/" + TaskLog.path(), modified: 1_773_100_800)
    try files.write(Gzip.member(longer), to: "bucket/" + TaskLog.path() + ".gz")
    try files.write(Array(Gzip.member(longer + longer).dropLast(9)), to: "cut/" + TaskLog.path() + ".gz")
    for folder in compressedFirst ? ["bucket", "volume", "cut"] : ["cut", "volume", "bucket"] {
      let outcome = try database.run("ingest", files(folder))
      #expect(outcome.status == (folder == "cut" ? Status.damagedInput : 0))
    }
    #expect(try sources == [TaskLog.path()])
    #expect(try records("block") == ["1", "2", "3"])
    #expect(
      try database.column(
        "SELECT concat_ws(' ', status, blocks) FROM diagnostics.ingestion_v1 ORDER BY location COLLATE \"C\"")
        == ["complete 3", "truncated 6", "complete 2"])
  }

  /// A reading that cannot be stored is that log's own failure; so is one that cannot be read. The rest is stored.
  @Test func badLogsEndWith65AndTheRestIsStored() throws {
    let log = TaskLog.finished(blocks: 2)
    try files.write(Array(Gzip.member(log + log).dropLast(60)), to: "logs/1cut.log.gz")
    try files.write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 0xff, 0xff, 0xff], to: "logs/2garbage.log.gz")
    try files.write(
      Gzip.member(TaskLog.block("crypto=SOLUSDC f1_buy=0.6 baseline_f1_buy=0.4"))
        + Gzip.member(
          Array(TaskLog.block("crypto=ETHUSDC f1_buy=0.6 baseline_f1_buy=0.4", second: 9).utf8), checksum: 1)
        + Gzip.member(TaskLog.block("crypto=ADAUSDC f1_buy=0.6 baseline_f1_buy=0.4", second: 8)),
      to: "logs/3crc.log.gz")
    try files.write(log, to: "logs/4good.log")
    try files.makePipe("logs/pipe")
    let outcome = try database.run("ingest", "missing.log", "logs", "logs/pipe", "missing", in: files.path)
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.summary.hasPrefix("corrparse: 5 logs read, 0 unchanged, 6 failed; "))
    for name in ["missing.log", "1cut.log.gz", "2garbage.log.gz", "3crc.log.gz", "pipe"] {
      #expect(outcome.errorText.contains("\(name): "))
    }
    #expect(
      try database.column(
        """
        SELECT concat_ws(' ', regexp_replace(location, '.*/', ''), status, blocks, error IS NOT NULL)
        FROM diagnostics.ingestion_v1 ORDER BY 1
        """) == [
          "1cut.log.gz truncated 2 t", "2garbage.log.gz corrupt 0 t", "3crc.log.gz corrupt 3 t",
          "4good.log complete 2 f", "pipe failed 0 t",
        ])
    #expect(
      try database.column(
        """
        SELECT concat_ws(' ', source, crypto, certainty, issue_count) FROM diagnostics.verdict_v1
        WHERE source LIKE '3%' ORDER BY block
        """) == [
          "3crc.log.gz SOLUSDC provisional 0", "3crc.log.gz ETHUSDC provisional 1",
          "3crc.log.gz ADAUSDC provisional 0",
        ])
    #expect(
      try database.column(
        "SELECT concat_ws(' ', kind, block) FROM diagnostics.issue_v1 WHERE kind = 'damaged_source'"
      )
      .sorted() == ["damaged_source 2", "damaged_source 2"])
  }
}
