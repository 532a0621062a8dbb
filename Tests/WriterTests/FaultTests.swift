import Dispatch
import Foundation
import LogInput
import LogModel
import Testing

@testable import DiagnosticWriter

/// A writer that dies in the middle leaves the old state or the new, and a rerun converges (4-database,
/// Transactions).
@Suite struct FaultTests {
  /// Where the writer is stopped: waiting for a lock on something that the merge comes to in this order.
  enum Step: String, CaseIterable {
    case sourceLock = "advisory"
    case source = "corrparse.source"
    case log = "corrparse.log"
    case record = "corrparse.record"
    case verdict = "corrparse.verdict"
    case issue = "corrparse.issue"
    case outcome = "corrparse.task_outcome"
    /// In COMMIT itself: a deferred trigger runs when everything else is done.
    case commit

    var blockade: SQLText {
      switch self {
      case .sourceLock:
        SQLText(
          stringLiteral:
            "SELECT pg_advisory_xact_lock(hashtextextended('\(SampleLog.identity.sourceName)', 1))")
      case .commit: "SELECT pg_advisory_xact_lock(42)"
      default: SQLText(stringLiteral: "LOCK TABLE \(rawValue) IN ACCESS EXCLUSIVE MODE")
      }
    }
  }

  /// The old state and the log that is to replace it.
  private static let old = sample(blocks: 3, sortino: 1)
  private static let new = sample(blocks: 5, sortino: -1)

  private static func sample(blocks: Int, sortino: ExactDecimal) -> SampleLog {
    var log = SampleLog(blocks: blocks, sortino: sortino)
    log.records[0].issues = [
      GrammarIssue(kind: .missingValue, key: "tp", line: 1, offset: 0, raw: "\(sortino)")
    ]
    log.reading.outcomes = [
      AttemptOutcome(
        identity: SampleLog.identity,
        outcome: TaskOutcome(state: sortino > 0 ? .unknown : .success, isStated: true))
    ]
    return log
  }

  private static let expected: Result<[String?], any Error> = Result {
    let database = try TestDatabase()
    try old.store(database.connect())
    try new.store(database.connect())
    return try database.connect().logicalState()
  }

  @Test(arguments: Step.allCases, [true, false])
  func serverProcessKilledAtEachStep(step: Step, hasOldState: Bool) throws {
    let database = try TestDatabase()
    let observer = try database.connect()
    try observer.run(
      """
      CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER wait AFTER INSERT OR UPDATE ON corrparse.log DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION public.wait()
      """)
    if hasOldState { try Self.old.store(observer) }
    let before = try observer.physicalState()

    let blocker = try database.connect()
    try blocker.run("BEGIN; " + step.blockade)
    let outcomes = Outcomes<StoreResult>()
    let group = DispatchGroup()
    DispatchQueue(label: "victim").async(group: group) {
      outcomes.add { try Self.new.store(database.connect("application_name=victim"), flushSize: 500) }
    }
    try terminateVictim(observer, database, onceItWaits: true)
    group.wait()
    try blocker.run("ROLLBACK")

    let error = try #require(outcomes.failures.first as? DatabaseError)
    #expect(error.category == .unavailable && error.isRetryable)
    #expect(try observer.physicalState() == before)
    let summary = try Self.new.store(observer)
    #expect(summary.inserted == (hasOldState ? 2 : 5) && summary.updated == (hasOldState ? 3 : 0))
    #expect(try observer.logicalState() == Self.expected.get())
  }

  /// Kills the connection named victim, if need be when it has come to wait for a lock.
  private func terminateVictim(
    _ observer: Connection, _ database: TestDatabase, onceItWaits: Bool
  ) throws {
    for _ in 0..<6000 {
      let killed = try observer.column(
        """
        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = $1 AND application_name = 'victim' AND ($2 = 'f' OR wait_event_type = 'Lock')
        """, [database.name, onceItWaits ? "t" : "f"])
      if !killed.isEmpty { return }
      usleep(10_000)
    }
    Issue.record("the writer never came to wait")
  }

  @Test(arguments: [true, false])
  func serverProcessKilledBetweenAppends(isFlushed: Bool) throws {
    let database = try TestDatabase()
    let observer = try database.connect()
    try Self.old.store(observer)
    let before = try observer.physicalState()
    let connection = try database.connect("application_name=victim")
    let writer = DiagnosticWriter(connection, flushSize: isFlushed ? 1 : 1 << 20)
    let log = Self.new
    writer.begin(LogDescription(location: log.location, identity: log.identity, name: log.name))
    func append(_ record: CorrelationRecord) throws {
      try writer.append(record, verdict: log.verdict, observedAt: log.observedAt, observedFrom: .log)
    }
    try append(log.records[0])
    #expect(connection.isInTransaction == isFlushed)
    try terminateVictim(observer, database, onceItWaits: false)
    let error = #expect(throws: DatabaseError.self) {
      try append(log.records[1])
      _ = try writer.commit(log.reading)
    }
    #expect(error?.category == .unavailable)
    #expect(connection.isBroken)
    #expect(try observer.physicalState() == before)
    try log.store(database.connect())
    #expect(try observer.logicalState() == Self.expected.get())
  }

  @Test func clientThatVanishesLeavesTheOldState() throws {
    let database = try TestDatabase()
    let observer = try database.connect()
    try Self.old.store(observer)
    let before = try observer.physicalState()
    do {
      let log = Self.new
      let writer = DiagnosticWriter(try database.connect("application_name=victim"), flushSize: 1)
      writer.begin(LogDescription(location: log.location, identity: log.identity, name: log.name))
      for record in log.records {
        try writer.append(record, verdict: log.verdict, observedAt: log.observedAt, observedFrom: .log)
      }
      #expect(
        try observer.value(
          "SELECT state FROM pg_stat_activity WHERE application_name = 'victim' AND datname = $1",
          [database.name])
          == "idle in transaction")
    }
    #expect(try observer.physicalState() == before)
    try Self.new.store(observer)
    #expect(try observer.logicalState() == Self.expected.get())
  }

  @Test func writerCanBeUsedAgainAfterAFailure() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    let writer = DiagnosticWriter(connection)
    let log = Self.new
    func write() throws -> WriteSummary {
      writer.begin(LogDescription(location: log.location, identity: log.identity, name: log.name))
      for record in log.records {
        try writer.append(record, verdict: log.verdict, observedAt: log.observedAt, observedFrom: .log)
      }
      return try writer.commit(log.reading)
    }
    try connection.run("ALTER TABLE corrparse.task_outcome RENAME TO elsewhere")
    let error = #expect(throws: DatabaseError.self) { try write() }
    #expect(error?.category == .configuration)
    #expect(!connection.isInTransaction)
    try connection.run("ALTER TABLE corrparse.elsewhere RENAME TO task_outcome")
    #expect(try connection.physicalState() == [])
    #expect(try write().inserted == 5)
  }
}
