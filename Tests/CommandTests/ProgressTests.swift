import Ingest
import LogModel
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import DiagnosticWriter

/// What a run tells whoever watches it.
@Suite struct ProgressTests {
  /// The server refuses one log only at COMMIT, without saying which: all of the batch are then tried one by one.
  @Test func logsOfRefusedBatchAreCountedOnce() throws {
    let database = try CommandDatabase()
    try database.execute(
      """
      CREATE FUNCTION refuse_second() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.try_number = 2 THEN RAISE check_violation USING MESSAGE = 'no second attempt'; END IF;
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER refusal AFTER INSERT ON corrparse.record
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_second();
      """)
    let files = try Workspace()
    for number in 1...3 {
      try files.write(TaskLog.finished(blocks: 2, salt: number), to: TaskLog.path(attempt: number))
    }
    let logs = Mutex<[IngestProgress]>([])
    let connection = database.connection()
    let silent = Logger(label: "corrparse.test") { _ in SwiftLogNoOpLogHandler() }
    let run = IngestRun(
      settings: IngestSettings(programVersion: "1.2.3"), now: LogTime(microseconds: 1_800_000_000_000_000),
      stop: StopFlag(), logger: silent, observer: { step in logs.withLock { $0.append(step) } },
      connect: { () throws(DatabaseError) in try Connection(connection, logger: silent) })
    let outcome = run.ingest([.path(FilePath(files.path))])
    #expect(outcome.failure == nil)
    #expect(outcome.summary.filesFailed == 1)
    #expect(outcome.summary.stored == 4)
    #expect(logs.withLock { $0 }.map(\.logs) == [1, 1, 1])
    #expect(
      try database.column("SELECT try_number FROM corrparse.record GROUP BY 1 ORDER BY 1") == ["1", "3"])
  }
}
