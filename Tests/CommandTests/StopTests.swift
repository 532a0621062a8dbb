import Glibc
import TestSupport
import Testing

@testable import DiagnosticWriter

/// SIGTERM and SIGINT (5-command-line, Exit codes): the log at hand is finished or rolled back, the run
/// reports, and never ends with 0.
@Suite struct StopTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  /// A run that has come to wait for a lock on a source.
  private func waitingRun() throws -> (process: ChildProcess, blocker: Connection) {
    for number in 1...3 {
      try files.write(TaskLog.finished(blocks: 2, salt: number), to: TaskLog.path(attempt: number))
    }
    let blocker = try database.connect()
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('\(TaskLog.path(attempt: 2))', 1))"
    try blocker.run(SQLText(stringLiteral: "BEGIN; \(lock)"))
    let process = try database.start([
      "backfill", "--since", "2026-01-01", "--jobs", "1", "--log-root", files.path,
    ])
    process.closeInput()
    while try process.serve(for: .milliseconds(5)) {
      let waiting = try database.column(
        """
        SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'corrparse' AND wait_event_type = 'Lock'
        """)
      if !waiting.isEmpty { break }
    }
    return (process, blocker)
  }

  @Test(arguments: [(SIGTERM, Int32(143)), (SIGINT, Int32(130))])
  func whatIsAtHandIsFinished(signal: Int32, status: Int32) throws {
    let (process, blocker) = try waitingRun()
    process.send(signal: signal)
    // The signal is heard while the run still waits.
    while !String(decoding: process.errors, as: UTF8.self).contains("finishing the log at hand") {
      #expect(try process.serve(for: .milliseconds(5)))
    }
    try blocker.run("ROLLBACK")
    let outcome = try Program.finish(process)
    #expect(outcome.ending == .exited(status))
    #expect(outcome.summary.contains("6 blocks = 6 stored + "))
    #expect(outcome.errorText.contains("stopped before the end"))
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["6"])
  }

  @Test func secondSignalEndsAtOnce() throws {
    let (process, blocker) = try waitingRun()
    process.send(signal: SIGTERM)
    while !String(decoding: process.errors, as: UTF8.self).contains("finishing the log at hand") {
      #expect(try process.serve(for: .milliseconds(5)))
    }
    process.send(signal: SIGTERM)
    let outcome = try Program.finish(process)
    #expect(outcome.ending == .exited(143))
    #expect(outcome.errorText.contains("rolled back"))
    try blocker.run("ROLLBACK")
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["0"])
  }

  /// The lock is held until the run has ended: nothing but the signal ends it.
  @Test func runThatCannotFinishIsRolledBackByItself() throws {
    let (process, blocker) = try waitingRun()
    process.send(signal: SIGTERM)
    while try process.serve(for: .milliseconds(100)) {}
    let outcome = try Program.finish(process)
    #expect(outcome.ending == .exited(143))
    #expect(outcome.errorText.contains("the log at hand is rolled back"))
    try blocker.run("ROLLBACK")
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["0"])
  }

  /// A piped log whose end nobody saw is not stored as if that were all of it.
  @Test(arguments: [(SIGTERM, Int32(143)), (SIGINT, Int32(130))])
  func pipedLogIsNotFinished(signal: Int32, status: Int32) throws {
    let process = try database.start(["ingest", "--stdin", "--source", "x"])
    try process.write(Array(TaskLog.finished(blocks: 3).utf8))
    while try process.serve(for: .milliseconds(20)) {
      let connected = try database.column(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'corrparse'"
      )
      if !connected.isEmpty { break }
    }
    process.send(signal: signal)
    #expect(try process.finish() == .exited(status))
    #expect(try database.column("SELECT count(*) FROM corrparse.log") == ["0"])
  }

  @Test(arguments: [(SIGTERM, Int32(143)), (SIGINT, Int32(130))])
  func parseEndsAtOnce(signal: Int32, status: Int32) throws {
    let process = try Program.start(["parse", "-"])
    try process.write(Array(TaskLog.finished(blocks: 1).utf8))
    try process.waitForOutput { !$0.isEmpty }
    process.send(signal: signal)
    // Its input stays open: the signal ends it, not the end of the log.
    while try process.serve(for: .milliseconds(5)) {}
    #expect(try process.finish() == .exited(status))
  }

  /// In a container the program is process 1, for which the system ignores signals that nobody handles.
  @Test(arguments: [(SIGTERM, Int32(143)), (SIGINT, Int32(130))])
  func processOneEndsToo(signal: Int32, status: Int32) throws {
    try files.write("#!/bin/sh\necho $$ >&2\nexec \(Program.path) parse -\n", to: "start.sh")
    let process = try ChildProcess(
      "/usr/bin/unshare", ["--pid", "--fork", "--kill-child", "sh", files("start.sh")].map { Array($0.utf8) })
    try process.write(Array(TaskLog.finished(blocks: 1).utf8))
    try process.waitForOutput { !$0.isEmpty }
    #expect(String(decoding: process.errors, as: UTF8.self).hasPrefix("1\n"))
    let children = try String(
      decoding: #require(Files.bytes("/proc/\(process.id)/task/\(process.id)/children")), as: UTF8.self)
    let one = try #require(children.split(separator: " ").first.flatMap { pid_t($0) })
    kill(one, signal)
    while try process.serve(for: .milliseconds(5)) {}
    #expect(try process.finish() == .exited(status))
  }
}
