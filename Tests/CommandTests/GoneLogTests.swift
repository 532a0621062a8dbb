import Glibc
import TestSupport
import Testing

/// Logs that are gone and conflicts that have ended leave nothing behind in the ledger (4-database, Ledger; Sources and locations).
@Suite struct GoneLogTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  private static let old = 1_773_100_800
  /// What zstd compresses begins so.
  private static let zstd: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x99, 0x00, 0x00]

  private func backfill(_ more: String...) throws -> Outcome {
    try Program.finish(
      database.start(["backfill", "--since", "2000-01-01", "--log-root", files("logs")] + more))
  }

  private func write(_ environment: String, _ crypto: String, blocks: Int) throws {
    let log =
      (0..<blocks).map { TaskLog.block("crypto=\(crypto) n_trades=\($0)", second: $0) }.joined()
      + TaskLog.success
    try files.write(log, to: path(environment), modified: Self.old)
  }

  private func path(_ environment: String) -> String { "logs/" + environment + "/" + TaskLog.path() }

  private func ledger() throws -> [String] {
    try database.column(
      "SELECT concat(split_part(split_part(location, '/logs/', 2), '/', 1), ' ', status) FROM diagnostics.ingestion_v1 ORDER BY 1"
    )
  }

  private func cryptos() throws -> [String] {
    try database.column(
      "SELECT concat(crypto, ' ', count(*)) FROM diagnostics.verdict_v1 GROUP BY crypto ORDER BY 1")
  }

  @Test func `a name that is not there is an error with the nearest names, and no row`() throws {
    try files.write(TaskLog.finished(blocks: 1), to: TaskLog.path())
    let missing = files(TaskLog.path().replacing("attempt=1", with: "attempt=2"))
    let outcome = try database.run("ingest", missing, files(TaskLog.path()))
    #expect(outcome.status == Status.damagedInput)
    #expect(
      outcome.errorText.contains(
        "\(missing): cannot be opened: No such file or directory; check the path; nearest there: \(files(TaskLog.path()))"
      ))
    #expect(outcome.summary.contains("1 log read, 0 unchanged, 1 failed; 1 block = 1 stored"))
    #expect(try database.column("SELECT location FROM diagnostics.ingestion_v1") == [files(TaskLog.path())])
    // Within a folder that is not there either, the nearest folder is named.
    let folder = try database.run("ingest", files("dag_id=launch_discovery/run_id=r/task_id=t/attempt=1.log"))
    #expect(folder.errorText.contains("nearest there: \(files("dag_id=launch__discovery"))\n"))
  }

  @Test func `retrying failed logs clears those that are gone`() throws {
    try files.write(Self.zstd, to: "logs/gone.log", modified: Self.old)
    try files.write(Self.zstd, to: "logs/there.log", modified: Self.old)
    try files.write(Self.zstd, to: "elsewhere/gone.log", modified: Self.old)
    #expect(try backfill().status == Status.damagedInput)
    #expect(try database.run("ingest", files("elsewhere")).status == Status.damagedInput)
    unlink(files("logs/gone.log"))
    unlink(files("elsewhere/gone.log"))
    #expect(try backfill().status == Status.damagedInput)
    #expect(try database.column("SELECT count(*) FROM diagnostics.ingestion_v1") == ["3"])
    let retried = try backfill("--retry-failed")
    #expect(retried.status == Status.damagedInput)
    #expect(retried.summary.contains("1 gone log cleared"))
    #expect(
      try database.column("SELECT location FROM diagnostics.ingestion_v1 ORDER BY 1")
        == [files("elsewhere/gone.log"), files("logs/there.log")])
    unlink(files("logs/there.log"))
    #expect(try backfill("--retry-failed").status == 0)
    #expect(try database.column("SELECT name FROM corrparse.source") == ["gone.log"])
  }

  @Test func `what is stored of a log stays when the log fails and goes`() throws {
    try files.write(TaskLog.finished(blocks: 2), to: "logs/" + TaskLog.path(), modified: Self.old)
    #expect(try backfill().status == 0)
    try files.write(Self.zstd, to: "logs/" + TaskLog.path(), modified: Self.old + 1)
    #expect(try backfill().status == Status.damagedInput)
    unlink(files("logs/" + TaskLog.path()))
    #expect(try backfill("--retry-failed").status == 0)
    #expect(try database.column("SELECT status FROM diagnostics.ingestion_v1") == ["complete"])
    #expect(try cryptos() == ["SOLUSDC 2"])
  }

  @Test(arguments: [[], ["--retry-failed"]])
  func `a conflict ends when the log goes that is not stored`(more: [String]) throws {
    try write("prod", "SOLUSDC", blocks: 2)
    try write("staging", "BTCUSDC", blocks: 3)
    #expect(try backfill().status == Status.damagedInput)
    let still = try backfill()
    #expect(still.status == Status.damagedInput)
    #expect(try ledger() == ["prod complete", "staging failed"])
    unlink(files(path("staging")))
    let outcome = try Program.finish(
      database.start(["backfill", "--since", "2000-01-01", "--log-root", files("logs")] + more))
    #expect(outcome.status == 0)
    #expect(outcome.summary.contains("1 gone log cleared"))
    #expect(try ledger() == ["prod complete"])
    #expect(try cryptos() == ["SOLUSDC 2"])
  }

  @Test(arguments: [[], ["--retry-failed"]])
  func `a conflict ends when the log goes that is stored`(more: [String]) throws {
    try write("prod", "SOLUSDC", blocks: 2)
    try write("staging", "BTCUSDC", blocks: 3)
    #expect(try backfill().status == Status.damagedInput)
    unlink(files(path("prod")))
    let outcome = try Program.finish(
      database.start(["backfill", "--since", "2000-01-01", "--log-root", files("logs")] + more))
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(
      outcome.errorText.contains("\(files(path("staging"))): takes the place of \(files(path("prod")))"))
    #expect(outcome.summary.contains("3 blocks = 3 stored"))
    #expect(try ledger() == ["staging complete"])
    #expect(try cryptos() == ["BTCUSDC 3"])
    #expect(try backfill().summary.contains("0 logs read, 1 unchanged, 0 failed"))
  }

  @Test func `a conflict ends when the environments are read apart`() throws {
    try write("prod", "SOLUSDC", blocks: 2)
    try write("staging", "BTCUSDC", blocks: 3)
    #expect(try backfill().status == Status.damagedInput)
    // The one that is not stored does not take the other's place.
    let staging = try database.run(
      "backfill", "--since", "2000-01-01", "--log-root", files("logs/staging"))
    #expect(staging.status == Status.damagedInput)
    #expect(try ledger() == ["prod complete", "staging failed"])
    let prod = try database.run("backfill", "--since", "2000-01-01", "--log-root", files("logs/prod"))
    #expect(prod.status == 0)
    #expect(try ledger() == ["prod complete"])
    #expect(try cryptos() == ["SOLUSDC 2"])
  }

  @Test func `a conflict ends when both locations hold one log`() throws {
    try write("prod", "SOLUSDC", blocks: 2)
    try write("staging", "BTCUSDC", blocks: 2)
    #expect(try backfill().status == Status.damagedInput)
    // What is stored becomes a longer copy of the other one, which has not changed.
    try files.write(
      files.read(path("staging")) + Array(TaskLog.line.utf8), to: path("prod"), modified: Self.old + 1)
    _ = try backfill()
    let outcome = try backfill()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try ledger() == ["prod complete", "staging complete"])
    #expect(try cryptos() == ["BTCUSDC 2"])
  }

  @Test func `a conflict that goes on is counted by each run`() throws {
    try write("prod", "SOLUSDC", blocks: 2)
    try write("staging", "BTCUSDC", blocks: 3)
    for _ in 0..<2 {
      _ = try backfill("--metrics-file", files("m.prom"))
      #expect(
        String(decoding: try files.read("m.prom"), as: UTF8.self).contains(
          #"corrparse_last_run_content_conflicts{command="backfill"} 1"#))
    }
  }
}
