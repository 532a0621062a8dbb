import Ingest
import LogModel
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import DiagnosticWriter
@testable import corrparse

/// What a run tells whoever watches it.
@Suite struct ProgressTests {
  /// In the first second a rate says only how the run began, and without anything done nobody knows how long it takes.
  @Test(arguments: [
    (0, 0, 0.5, "[--------------------] 0 of 10 logs"), (5, 500, 0.5, "[##########----------] 5 of 10 logs"),
    (5, 500, 2, "[##########----------] 5 of 10 logs, 2 logs/s, 250 B/s, 0:02 left"),
    (0, 0, 2, "[--------------------] 0 of 10 logs, 0 logs/s, 0 B/s"),
    (10, 1000, 4, "[####################] 10 of 10 logs, 2 logs/s, 250 B/s, 0:00 left"),
    (11, 2000, 4, "[####################] 11 of 10 logs, 2 logs/s, 500 B/s, 0:00 left"),
  ])
  func figuresMeanSomething(logs: Int, bytes: Int, seconds: Double, text: String) {
    #expect(
      ProgressDisplay.text(
        logs: logs, bytes: Int64(bytes), of: ProgressDisplay.Total(logs: 10, bytes: 1000), after: seconds)
        == text)
  }

  @Test func withoutTotalNothingIsSaidOfTheEnd() {
    #expect(ProgressDisplay.text(logs: 3, bytes: 2048, of: nil, after: 0.9) == "3 logs, 2.0 KiB")
    #expect(
      ProgressDisplay.text(logs: 3, bytes: 2048, of: nil, after: 2) == "3 logs, 2.0 KiB, 1 logs/s, 1.0 KiB/s")
  }

  /// The log of a job is not for lines that somebody would watch. Where they are asked for, they come every ten seconds.
  @Test(arguments: [[], ["--progress", "off"], ["--progress", "auto"], ["--progress", "plain"]])
  func withoutTerminalThereIsOnlyTheSummary(arguments: [String]) throws {
    let database = try CommandDatabase()
    let files = try Workspace()
    try files.write(TaskLog.finished(blocks: 2), to: TaskLog.path())
    let outcome = try Program.finish(database.start(["ingest", files.path] + arguments))
    #expect(outcome.status == 0)
    #expect(outcome.errorText.split(separator: "\n").count == 1)
    #expect(outcome.errorText.hasPrefix("corrparse: 1 log read"))
  }

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
