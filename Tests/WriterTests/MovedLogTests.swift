import LogInput
import LogModel
import Testing

@testable import DiagnosticWriter

/// One ledger row a location (4-database, Sources and locations): what becomes of a log whose source is
/// another one than before.
@Suite struct MovedLogTests {
  let connection: Connection
  let database: TestDatabase

  init() throws {
    database = try TestDatabase()
    connection = try database.connect()
  }

  private func names() throws -> [String?] {
    try connection.column(
      """
      SELECT concat_ws(' ', s.name, (SELECT count(*) FROM corrparse.record AS r WHERE r.source_id = s.source_id))
      FROM corrparse.source AS s ORDER BY 1
      """)
  }

  private static func nameless(_ name: String, blocks: Int = 3, location: String = "/logs/x.log") -> SampleLog
  {
    var log = SampleLog(blocks: blocks)
    log.identity = nil
    log.name = name
    log.location = location
    return log
  }

  /// By its folder it is `x.log`, by itself `/logs/x.log`: one source all the same.
  @Test func otherNameOfTheSameLocation() throws {
    try Self.nameless("x.log").store(connection)
    let before = try connection.physicalState()
    #expect(try Self.nameless("/logs/x.log").store(connection) == .stored(unchanged: 3))
    #expect(try connection.physicalState() == before)
    #expect(try names() == ["x.log 3"])
  }

  /// Its lines have come to tell the task: the rows move, and nothing stands twice.
  @Test func attemptBecomesKnown() throws {
    try Self.nameless("x.log", blocks: 2).store(connection)
    var known = SampleLog(blocks: 3)
    known.location = "/logs/x.log"
    known.reading.decompressedBytes += 100
    #expect(try known.store(connection) == .stored(3))
    #expect(try names() == ["\(SampleLog.identity.sourceName) 3"])
    let alone = try TestDatabase()
    try known.store(alone.connect())
    #expect(try connection.logicalState() == alone.connect().logicalState())
  }

  /// … but not for a reading that is worse than what is stored.
  @Test(arguments: [LogStatus.truncated, .corrupt, .failed]) func damagedReadingMovesNothing(
    status: LogStatus
  ) throws {
    try Self.nameless("x.log").store(connection)
    var known = SampleLog(blocks: status == .failed ? 0 : 3, status: status)
    known.location = "/logs/x.log"
    #expect(try known.store(connection) == .kept(3, .damagedReread))
    #expect(try names() == ["x.log 3"])
  }

  /// The source that lost its feed has another log: that is read again.
  @Test func otherLogsOfTheOldSourceAreReadAgain() throws {
    try Self.nameless("x.log", blocks: 5).store(connection)
    try Self.nameless("x.log", blocks: 3, location: "/other/x.log").store(connection)
    #expect(try names() == ["x.log 5"])
    var known = SampleLog(blocks: 5)
    known.location = "/logs/x.log"
    try known.store(connection)
    #expect(try names() == ["\(SampleLog.identity.sourceName) 5", "x.log 0"])
    #expect(try connection.ledger(of: ["/other/x.log"])["/other/x.log"]?.size == nil)
    #expect(try Self.nameless("x.log", blocks: 3, location: "/other/x.log").store(connection) == .stored(3))
  }

  /// Lines that name no task any more, of a log that did: it stays what it was, records included.
  @Test func knownAttemptStays() throws {
    var known = SampleLog(blocks: 2, status: .growing)
    known.location = "/logs/x.log"
    try known.store(connection)
    #expect(try Self.nameless("x.log", blocks: 3).store(connection).inserted == 1)
    #expect(try names() == ["\(SampleLog.identity.sourceName) 3"])
    #expect(
      try connection.column("SELECT DISTINCT dag_id FROM corrparse.record") == [SampleLog.identity.dagID])
  }
}
