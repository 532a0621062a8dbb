import Glibc
import Ingest
import LogInput
import SystemPackage
import TestSupport
import Testing

@testable import corrparse

/// An error of the operating system while logs are listed, opened or read is of the run, not of a log: nothing of that
/// log is stored or removed, the rest is done, and the next run reads it again (5-command-line, Exit codes).
@Suite struct ReadFailureTests {
  private static let good = [TaskLog.path(run: "a"), TaskLog.path(run: "c")]
  private static let log = TaskLog.path(run: "b")
  /// The end of that path from which on the system is asked for it.
  private static let logEnd = "run_id=b/task_id=test_step/attempt=1.log"

  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
    for (number, path) in Self.good.enumerated() {
      try files.write(TaskLog.finished(blocks: 2, salt: number), to: path)
    }
    try files.write(TaskLog.finished(blocks: 3, salt: 7), to: Self.log)
  }

  private func ingest(_ fault: FailingCall, _ more: String...) throws -> Outcome {
    try Program.finish(database.start(["ingest", files.path] + more, environment: fault.environment))
  }

  private var locations: [String] {
    get throws {
      try database.column(
        "SELECT concat(location, ' ', status) FROM diagnostics.ingestion_v1 ORDER BY location COLLATE \"C\"")
    }
  }

  private var blocksOfLog: [String] {
    get throws {
      try database.column("SELECT block FROM diagnostics.verdict_v1 WHERE run_id = 'b' ORDER BY block")
    }
  }

  /// The next run, without a fault, reads what the one before left out, and only that.
  private func expectTheRestToFollow() throws {
    let next = try database.run("ingest", files.path)
    #expect(next.status == 0)
    #expect(next.summary.contains("1 log read, 2 unchanged, 0 failed; 3 blocks = 3 stored"))
    #expect(try blocksOfLog == ["1", "2", "3"])
  }

  /// A short log takes two reads: its content, and its end.
  @Test(arguments: [EIO, ESTALE, ENOMEM], [1, 2])
  func `a read that fails stores nothing of its log and ends with 74, and the next run reads it`(
    error: Int32, at: Int
  ) throws {
    let outcome = try ingest(FailingCall(name: .read, path: Self.logEnd, at: at, error: error))
    #expect(outcome.status == Status.inputOutput)
    #expect(outcome.errorText.contains(files(Self.log) + (at == 1 ? ": byte 0: cannot be read" : ": byte ")))
    #expect(outcome.summary.contains("2 logs read, 0 unchanged, 1 failed; 4 blocks = 4 stored"))
    #expect(try locations == Self.good.map { files($0) + " complete" })
    #expect(try blocksOfLog == [])
    #expect(try database.column("SELECT count(*) FROM corrparse.source") == ["2"])
    #expect(try database.column("SELECT count(*) FROM diagnostics.issue_v1") == ["0"])
    try expectTheRestToFollow()
  }

  @Test func `there is no third read of a short log that could fail`() throws {
    let outcome = try ingest(FailingCall(name: .read, path: Self.logEnd, at: 3, error: EIO))
    #expect(outcome.status == 0)
  }

  @Test(arguments: [1, 2])
  func `a read that fails leaves what was stored of its log as it is`(at: Int) throws {
    #expect(try database.run("ingest", files.path).status == 0)
    let before = try database.physicalState()
    try files.write(TaskLog.finished(blocks: 5, salt: 7), to: Self.log)
    let outcome = try ingest(FailingCall(name: .read, path: Self.logEnd, at: at, error: EIO))
    #expect(outcome.status == Status.inputOutput)
    #expect(try database.physicalState() == before)
    #expect(try database.run("ingest", files.path).summary.contains("5 blocks = 2 stored + 3 unchanged"))
  }

  /// What is sent to the server before the failure goes with its transaction.
  @Test func `a read that fails late in a long log stores nothing of it`() throws {
    try files.write(TaskLog.finished(blocks: 2900, salt: 7), to: Self.log)
    let outcome = try ingest(FailingCall(name: .read, path: Self.logEnd, at: 3, error: EIO))
    #expect(outcome.status == Status.inputOutput)
    #expect(try locations == Self.good.map { files($0) + " complete" })
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["4"])
    let next = try database.run("ingest", files.path)
    #expect(next.status == 0)
    #expect(next.summary.contains("2900 blocks = 2900 stored"))
  }

  @Test func `an identity that could not be read is not taken for none`() throws {
    let attempt = NamedAttempt(run: "r1")
    try files.write(attempt.log(.json, blocks: 1), to: "loose/1.log")
    let outcome = try ingest(FailingCall(name: .read, path: "loose/1.log", at: 1, error: EIO))
    #expect(outcome.status == Status.inputOutput)
    #expect(try database.column("SELECT count(*) FROM corrparse.source WHERE name LIKE '%loose%'") == ["0"])
    #expect(try database.run("ingest", files.path).status == 0)
    #expect(try database.column("SELECT count(*) FROM diagnostics.verdict_v1 WHERE run_id = 'r1'") == ["1"])
  }

  @Test func `a piped log that cannot be read to its end is not stored`() throws {
    try files.write(TaskLog.finished(blocks: 1), to: "piped.log")
    let fault = FailingCall(name: .read, path: "piped.log", at: 2, error: EIO)
    let process = try Program.start(
      ["ingest", "--stdin", "--source", "p"],
      environment: try fault.environment.merging(["DATABASE_URL": database.connection()]) { $1 },
      input: .file(files("piped.log")))
    #expect(try Program.finish(process).status == Status.inputOutput)
    #expect(try locations == [])
  }

  @Test(
    arguments: [
      (FailingCall(name: .open, path: Self.logEnd, error: EMFILE), 74),
      (FailingCall(name: .open, path: Self.logEnd, error: ENFILE), 74),
      (FailingCall(name: .open, path: Self.logEnd, error: ENOMEM), 74),
      (FailingCall(name: .open, path: Self.logEnd, error: EIO), 74),
      (FailingCall(name: .folder, path: "run_id=b", error: ESTALE), 74),
      (FailingCall(name: .folder, path: "run_id=b", error: EMFILE), 74),
      (FailingCall(name: .list, path: "run_id=b", error: EIO), 74),
      (FailingCall(name: .open, path: Self.logEnd, error: EACCES), 77),
      (FailingCall(name: .folder, path: "run_id=b", error: EACCES), 77),
      (FailingCall(name: .folder, path: "run_id=b", error: EPERM), 77),
    ] as [(FailingCall, Int32)])
  func `what cannot be opened or listed is left out, the rest is stored`(fault: FailingCall, status: Int32)
    throws
  {
    let outcome = try ingest(fault)
    #expect(outcome.status == status)
    #expect(outcome.summary.contains("2 logs read, 0 unchanged, 1 failed; 4 blocks = 4 stored"))
    #expect(outcome.errorText.contains("run_id=b"))
    #expect(try locations == Self.good.map { files($0) + " complete" })
    try expectTheRestToFollow()
    let parsed = try Program.run("parse", files.path, environment: fault.environment)
    #expect(parsed.status == status)
    #expect(parsed.lines.filter { $0.contains(#""verdict":"#) }.count == 4)
  }

  /// One folder with three logs: the second one's state cannot be told.
  @Test(arguments: [(EIO, 74), (EACCES, 77), (ENOENT, 0)] as [(Int32, Int32)])
  func `a log that cannot be looked at while its folder is listed`(error: Int32, status: Int32) throws {
    for attempt in 1...3 {
      try files.write(TaskLog.finished(blocks: 1, salt: attempt), to: "one/" + TaskLog.path(attempt: attempt))
    }
    let fault = FailingCall(name: .stat, path: "attempt=2.log", error: error)
    let outcome = try Program.finish(
      database.start(["ingest", files("one")], environment: fault.environment))
    #expect(outcome.status == status)
    #expect(outcome.summary.contains("2 logs read, 0 unchanged, \(status == 0 ? 0 : 1) failed"))
    #expect(try locations.count == 2)
  }

  @Test(arguments: [
    FailingCall(name: .open, path: Self.logEnd, error: ENOENT),
    FailingCall(name: .open, path: Self.logEnd, error: ENOTDIR),
    FailingCall(name: .folder, path: "run_id=b", error: ENOENT),
    FailingCall(name: .list, path: "run_id=b", error: ENOENT),
  ])
  func `what is gone between listing and opening is no error`(fault: FailingCall) throws {
    let outcome = try ingest(fault)
    #expect(outcome.status == 0)
    #expect(outcome.summary.contains("2 logs read, 0 unchanged, 0 failed; 4 blocks = 4 stored"))
    #expect(try locations == Self.good.map { files($0) + " complete" })
    let parsed = try Program.run("parse", files.path, environment: fault.environment)
    #expect(parsed.status == 0)
    #expect(parsed.errorText == "")
    #expect(parsed.lines.count == 4)
  }

  @Test func `a log root that is not there ends with 74, a path that is not there with 65`() throws {
    let missing = files("missing")
    let root = try database.run("backfill", "--since", "2026-01-01", "--log-root", missing)
    #expect(root.status == Status.inputOutput)
    #expect(root.errorText.contains("\(missing): the log root is not there"))
    #expect(try locations == [])
    let plan = try database.run("backfill", "--since", "2026-01-01", "--log-root", missing, "--dry-run")
    #expect(plan.status == Status.inputOutput)
    #expect(try database.run("ingest", missing).status == Status.damagedInput)
    #expect(try Program.run("parse", missing).status == Status.damagedInput)
  }

  /// The folder of an unmounted volume is there and empty: that its logs are gone is not to be taken for their end.
  @Test func `a log that is gone together with its root is trouble with the root`() throws {
    var walk = try LogWalk(FilePath(files.path))
    guard case .log(let found) = walk.next() else {
      Issue.record("no log was found")
      return
    }
    var pipeline = LogPipeline(fingerprints: false)
    func error() -> InputError? {
      pipeline.read(
        .found(found), handle: { (_) throws(Never) in }, chunkEnd: { () throws(Never) in }
      ).reading.error
    }
    #expect(error() == nil)
    #expect(rename(files(Self.good[0]), files("elsewhere")) == 0)
    #expect(error()?.concern == .absence)
    #expect(rename(files.path, files.path + ".moved") == 0)
    #expect(mkdir(files.path, 0o755) == 0)
    #expect(error() == InputError(.root, path: found.readRoot.path, errno: .noSuchFileOrDirectory))
    #expect(rmdir(files.path) == 0)
    #expect(rename(files.path + ".moved", files.path) == 0)
  }

  @Test func `the log root cannot be looked at`() throws {
    for (error, status) in [(EIO, Status.inputOutput), (EACCES, Status.missingRights)] {
      for name in [FailingCall.Name.folder, .stat] {
        let fault = FailingCall(name: name, path: files.path, at: 0, error: error)
        let outcome = try ingest(fault)
        #expect(outcome.status == status)
        #expect(outcome.errorText.contains(files.path + ": cannot be opened"))
        #expect(try locations == [])
      }
    }
  }

  /// Records that were there before the failure are printed; the last line says that the log is not whole.
  @Test func `parse and lint end with 74 when a read fails`() throws {
    let fault = FailingCall(name: .read, path: Self.logEnd, at: 2, error: EIO)
    let parsed = try Program.run("parse", files.path, environment: fault.environment)
    #expect(parsed.status == Status.inputOutput)
    #expect(parsed.lines.filter { $0.contains(#""verdict":"#) }.count == 7)
    #expect(parsed.lines.filter { $0.contains(#""status":"truncated""#) }.count == 1)
    let lint = try Program.run("lint", files(Self.log), environment: fault.environment)
    #expect(lint.status == Status.inputOutput)
    try files.write("", to: "run_id=b/task_id=test_step/attempt=1.expected.ndjson")
    try files.write(TaskLog.finished(blocks: 1), to: "run_id=b/task_id=test_step/attempt=1.log")
    let corpus = try Program.run("corpus", "verify", files("run_id=b"), environment: fault.environment)
    #expect(corpus.status == Status.inputOutput)
  }

  @Test func `a failed read outweighs a damaged log`() throws {
    try files.write(
      Array(Gzip.member(TaskLog.finished(blocks: 1)).dropLast(9)), to: TaskLog.path(run: "z") + ".gz")
    let fault = FailingCall(name: .read, path: Self.logEnd, error: EIO)
    #expect(try ingest(fault).status == Status.inputOutput)
    #expect(try Program.run("parse", files.path, environment: fault.environment).status == Status.inputOutput)
    let next = try database.run("ingest", files.path)
    #expect(next.status == Status.damagedInput)
    #expect(next.summary.contains("1 log read, 3 unchanged, 1 failed"))
  }

  @Test func `of several statuses the first in the order of the specification counts`() {
    let order: [corrparse.ExitStatus] = [
      .software, .missingRights, .configuration, .unavailable, .inputOutput, .temporary, .damagedInput,
    ]
    for (index, status) in order.enumerated() {
      #expect(corrparse.ExitStatus.first(of: order[index...].reversed()) == status)
    }
    #expect(corrparse.ExitStatus.first(of: []) == nil)
    let rising: [InputError.Concern] = [
      .store(.archived), .store(.busy), .system, .store(.unreachable), .store(.configuration),
      .store(.forbidden),
    ]
    for (index, concern) in rising.enumerated() {
      let status = corrparse.ExitStatus(concern)
      #expect(corrparse.ExitStatus.first(of: rising[...index].map(corrparse.ExitStatus.init)) == status)
    }
  }

  /// Earlier versions took a failed read for damage of the log, and said so in the ledger.
  @Test func `a log that an earlier version took for damaged because a read failed is read again`() throws {
    try files.write(
      Array(Gzip.member(TaskLog.finished(blocks: 1)).dropLast(9)), to: TaskLog.path(run: "z") + ".gz")
    #expect(try database.run("ingest", files.path).status == Status.damagedInput)
    let right = try database.logicalState()
    try database.execute(
      """
      UPDATE corrparse.log SET status = 'truncated', complete_bytes = NULL,
        error = location || ': byte 262144: cannot be read: Input/output error; check the volume, then run again'
      WHERE location LIKE '%run_id=b/%';
      UPDATE corrparse.source SET feed_status = 'truncated', complete_bytes = NULL WHERE run_id = 'b';
      DELETE FROM corrparse.record AS r USING corrparse.source AS s
      WHERE r.source_id = s.source_id AND s.run_id = 'b' AND r.block = 3
      """)
    let plan = try database.run("backfill", "--since", "2026-01-01", "--log-root", files.path, "--dry-run")
    #expect(
      plan.lines.filter { !$0.hasPrefix("unchanged\t") } == [
        "damaged\t" + files(Self.log), "unmended\t" + files(TaskLog.path(run: "z") + ".gz"),
      ])
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.summary.contains("1 log read, 3 unchanged, 1 failed; 3 blocks = 1 stored + 2 unchanged"))
    #expect(try database.logicalState() == right)
  }
}
