import Dispatch
import Glibc
import LogModel
import Logging
import TestSupport
import Testing

@testable import DiagnosticWriter

/// Many logs in one transaction, and what becomes of it when the connection is lost (issue 4, batching).
@Suite struct BatchTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase()
    connection = try database.connect()
  }

  private static let logs = (1...30).map { number in
    var log = number.isMultiple(of: 7) ? SampleLog.full : SampleLog(blocks: number % 5)
    log.location = "\(number).log"
    log.identity?.tryNumber = number
    return log
  }

  private static func begin(_ log: SampleLog, _ writer: DiagnosticWriter) throws {
    writer.begin(LogDescription(location: log.location, identity: log.identity, name: log.name))
    for record in log.records {
      try writer.append(record, verdict: log.verdict, observedAt: log.observedAt, observedFrom: .log)
    }
  }

  @discardableResult private static func storeAll(_ writer: DiagnosticWriter) throws -> WriteSummary {
    for log in logs {
      try begin(log, writer)
      #expect(try writer.finish(log.reading) == nil)
    }
    return try writer.commit()
  }

  private func expectRowsOfSingleLogs() throws {
    let alone = try TestDatabase()
    for log in Self.logs { try log.store(alone.connect()) }
    #expect(try connection.logicalState() == alone.connect().logicalState())
  }

  @Test func batchGivesTheRowsOfSingleLogs() throws {
    let summary = try Self.storeAll(DiagnosticWriter(connection))
    #expect(summary.inserted == Self.logs.map(\.records.count).reduce(0, +))
    #expect(summary.logs.count == 30)
    #expect(try connection.value("SELECT count(DISTINCT xmin::text) FROM corrparse.record") == "1")
    try expectRowsOfSingleLogs()
    let before = try connection.physicalState()
    #expect(try Self.storeAll(DiagnosticWriter(connection)).unchanged == summary.inserted)
    #expect(try connection.physicalState() == before)
  }

  /// A long log goes alone and at once; those that wait are neither lost nor mixed with it.
  @Test func longLogBetweenShortOnes() throws {
    let writer = DiagnosticWriter(connection, flushSize: 4000)
    var long = SampleLog(blocks: 60)
    long.location = "long.log"
    long.identity?.tryNumber = 99
    let short = Self.logs[0]
    try Self.begin(short, writer)
    #expect(try writer.finish(short.reading) == nil)
    try Self.begin(long, writer)
    #expect(connection.isInTransaction)
    #expect(try writer.finish(long.reading)?.inserted == 60)
    #expect(try connection.column("SELECT location FROM corrparse.log") == ["long.log"])
    #expect(writer.waitingLogs == 1)
    #expect(try writer.commit().inserted == short.records.count)
    #expect(
      try connection.value("SELECT count(*) FROM corrparse.record") == String(60 + short.records.count))
  }

  @Test func discardedLogLeavesTheOthersWaiting() throws {
    for flushSize in [1, 1 << 20] {
      let writer = DiagnosticWriter(connection, flushSize: 1 << 20)
      try Self.begin(Self.logs[3], writer)
      _ = try writer.finish(Self.logs[3].reading)
      let other = DiagnosticWriter(connection, flushSize: flushSize)
      try Self.begin(Self.logs[4], other)
      other.discard()
      try Self.begin(Self.logs[2], writer)
      writer.discard()
      #expect(try writer.commit().logs.count == 1)
      #expect(try connection.column("SELECT location FROM corrparse.log") == ["4.log"])
    }
  }

  @Test func sourceAndLocationWait() throws {
    let writer = DiagnosticWriter(connection)
    let log = Self.logs[3]
    let described = LogDescription(location: log.location, identity: log.identity, name: log.name)
    #expect(!writer.holds(described))
    try Self.begin(log, writer)
    _ = try writer.finish(log.reading)
    #expect(writer.holds(described))
    #expect(writer.holds(LogDescription(location: "elsewhere", identity: log.identity, name: "")))
    #expect(writer.holds(LogDescription(location: log.location, identity: nil, name: "x")))
    #expect(
      !writer.holds(
        LogDescription(location: "elsewhere", identity: nil, name: log.identity?.sourceName ?? "")))
  }

  private static let quiet = Logger(label: "corrparse.test") { _ in SwiftLogNoOpLogHandler() }

  private static func session(_ database: TestDatabase, _ patience: RetryPatience) -> DatabaseSession {
    DatabaseSession(patience: patience, logger: Self.quiet) { () throws(DatabaseError) in
      try Connection(database.connectionString("application_name=victim"), logger: Self.quiet)
    }
  }

  /// The server process dies while the batch waits for a lock; the batch is sent again.
  @Test func lostBatchIsSentAgain() throws {
    try expectStoredAlthoughTerminated(at: "LOCK TABLE corrparse.issue IN ACCESS EXCLUSIVE MODE")
  }

  /// Patience ends: what stopped it is said, and nothing is half there.
  @Test func patienceEnds() throws {
    let blocker = try database.connect()
    try blocker.run("BEGIN; LOCK TABLE corrparse.issue IN ACCESS EXCLUSIVE MODE")
    let outcomes = Outcomes<WriteSummary>()
    let group = DispatchGroup()
    DispatchQueue(label: "victim").async(group: group) { [database] in
      outcomes.add {
        try Self.storeAll(
          DiagnosticWriter(Self.session(database, RetryPatience(attempts: 2, firstPause: .milliseconds(5)))))
      }
    }
    try terminateWaitingVictim()
    try terminateWaitingVictim()
    group.wait()
    try blocker.run("ROLLBACK")
    #expect((outcomes.failures.first as? DatabaseError)?.category == .unavailable)
    #expect(try connection.physicalState() == [])
  }

  /// A COMMIT without an answer is looked up, so that what was stored counts as stored.
  @Test(arguments: [true, false]) func serverTellsWhatBecameOfATransaction(isCommitted: Bool) throws {
    let session = Self.session(database, RetryPatience(firstPause: .milliseconds(5)))
    let first = try session.connection()
    try first.run("BEGIN")
    let transaction = try #require(try first.query("SELECT pg_current_xact_id()").text(0, 0))
    try first.run(isCommitted ? "COMMIT" : "ROLLBACK")
    #expect(try session.hasCommitted(transaction) == isCommitted)
    #expect(try session.hasCommitted("99999999999") == nil)
  }

  /// The server process dies in COMMIT itself: it did not happen, and the batch goes again.
  @Test func commitThatDidNotHappen() throws {
    try connection.run(
      """
      CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER wait AFTER INSERT OR UPDATE ON corrparse.log DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION public.wait()
      """)
    try expectStoredAlthoughTerminated(at: "SELECT pg_advisory_xact_lock(42)")
  }

  /// The batch comes to wait for a lock and loses its server process there; what was to be stored is stored in the end.
  private func expectStoredAlthoughTerminated(at lock: SQLText) throws {
    let blocker = try database.connect()
    try blocker.run("BEGIN; " + lock)
    let outcomes = Outcomes<WriteSummary>()
    let group = DispatchGroup()
    DispatchQueue(label: "victim").async(group: group) { [database] in
      outcomes.add {
        try Self.storeAll(
          DiagnosticWriter(Self.session(database, RetryPatience(firstPause: .milliseconds(5)))))
      }
    }
    try terminateWaitingVictim()
    try blocker.run("ROLLBACK")
    group.wait()
    #expect(outcomes.failures.isEmpty)
    #expect(try outcomes.values().first?.inserted == Self.logs.map(\.records.count).reduce(0, +))
    try expectRowsOfSingleLogs()
  }

  private func terminateWaitingVictim() throws {
    for _ in 0..<6000 {
      let killed = try connection.column(
        """
        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = $1 AND application_name = 'victim' AND wait_event_type = 'Lock'
        """, [database.name])
      if !killed.isEmpty { return }
      usleep(10_000)
    }
    Issue.record("the writer never came to wait")
  }
}
