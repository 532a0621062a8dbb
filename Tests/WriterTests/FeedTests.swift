import LogInput
import LogModel
import Testing

@testable import DiagnosticWriter

/// Which reading of which location a source's rows come from (4-database, Exactly once).
@Suite struct FeedTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase()
    connection = try database.connect()
  }

  static let rereads: [(LogStatus, Int, WriteSummary.Refusal)] = [
    (.complete, 4, .shorterReread), (.growing, 4, .shorterReread), (.truncated, 4, .damagedReread),
    (.truncated, 9, .damagedReread), (.corrupt, 9, .damagedReread), (.failed, 0, .damagedReread),
  ]

  @Test(arguments: rereads)
  func completeReadIsNotReplaced(status: LogStatus, blocks: Int, refusal: WriteSummary.Refusal) throws {
    try SampleLog.full.store(connection)
    let rows: SQLText = """
      SELECT concat(xmin, r) FROM corrparse.record AS r UNION ALL SELECT concat(xmin, v) FROM corrparse.verdict AS v
      UNION ALL SELECT concat(xmin, i) FROM corrparse.issue AS i
      UNION ALL SELECT concat(xmin, o) FROM corrparse.task_outcome AS o
      """
    let before = try connection.column(rows)
    let again = SampleLog(blocks: blocks, status: status, sortino: -1)
    #expect(try again.store(connection) == .kept(5, refusal))
    #expect(try connection.column(rows) == before)
    #expect(
      try connection.column(
        "SELECT concat_ws('|', kind, raw, task_id) FROM diagnostics.issue_v1 WHERE kind LIKE '%reread'") == [
          "\(refusal.rawValue)|root/attempt=1.log.gz: read again as \(status.rawValue), \(blocks * 1000) bytes; "
            + "what a complete reading of 5000 bytes stored is kept|outer.test_step"
        ])
    #expect(try connection.value("SELECT status FROM diagnostics.ingestion_v1") == status.rawValue)

    // Read the same way again it stays reported and writes nothing; read well again the report goes.
    let refused = try connection.physicalState()
    #expect(try again.store(connection) == .kept(5, refusal))
    #expect(try connection.physicalState() == refused)
    #expect(try SampleLog.full.store(connection) == .stored(unchanged: 5))
    #expect(
      try connection.value("SELECT count(*) FROM diagnostics.issue_v1 WHERE kind LIKE '%reread'") == "0")
    #expect(try connection.column(rows) == before)
  }

  @Test func growthAfterCompleteIsProtectedToo() throws {
    try SampleLog(blocks: 5).store(connection)
    #expect(try SampleLog(blocks: 7, status: .growing).store(connection) == .stored(2, unchanged: 5))
    // What a growing log held once stays, whether a complete reading saw it or not.
    #expect(try SampleLog(blocks: 6, status: .growing).store(connection) == .kept(7))
    #expect(try SampleLog(blocks: 4, status: .growing).store(connection) == .kept(7, .shorterReread))
    #expect(try SampleLog(blocks: 8, status: .truncated).store(connection) == .kept(7, .damagedReread))
  }

  @Test func nothingReadableReplacesNothing() throws {
    try SampleLog(blocks: 3, status: .growing).store(connection)
    #expect(try SampleLog(blocks: 0, status: .failed).store(connection) == .kept(3))
    #expect(try SampleLog(blocks: 4).store(connection) == .stored(1, unchanged: 3))
  }

  /// Readings of two locations, and which of them the rows must be of whichever comes first.
  static let locations: [(LogStatus, Int, LogStatus, Int, Int)] = [
    (.complete, 3, .complete, 5, 5), (.complete, 3, .growing, 5, 3), (.truncated, 5, .complete, 3, 3),
    (.growing, 3, .growing, 5, 5), (.corrupt, 3, .truncated, 5, 5), (.failed, 0, .truncated, 2, 2),
  ]

  @Test(arguments: locations, [true, false])
  func longestCompleteLocationFeeds(
    example: (LogStatus, Int, LogStatus, Int, Int), isFirstFirst: Bool
  ) throws {
    let (status, blocks, otherStatus, otherBlocks, expected) = example
    let logs = [
      SampleLog(blocks: blocks, status: status, location: "volume/1.log"),
      SampleLog(blocks: otherBlocks, status: otherStatus, location: "bucket/1.log.gz"),
    ]
    for log in isFirstFirst ? logs : logs.reversed() { try log.store(connection) }
    #expect(try connection.value("SELECT count(*) FROM corrparse.record") == "\(expected)")
    #expect(try connection.value("SELECT count(*) FROM corrparse.log") == "2")
    #expect(try connection.value("SELECT count(*) FROM corrparse.source") == "1")
    let before = try connection.physicalState()
    for log in isFirstFirst ? logs.reversed() : logs { try log.store(connection) }
    #expect(try connection.physicalState() == before)
  }

  @Test(arguments: [true, false])
  func equalLengthDoesNotDependOnTheOrderOfArrival(isFirstFirst: Bool) throws {
    var logs = [
      SampleLog(blocks: 2, location: "a.log"), SampleLog(blocks: 2, location: "b.log", sortino: -1),
    ]
    logs[1].reading.fingerprint = Array(repeating: 9, count: 32)
    for log in isFirstFirst ? logs : logs.reversed() { try log.store(connection) }
    #expect(try connection.column("SELECT DISTINCT sortino FROM corrparse.record") == ["1"])
  }

  @Test func theSameBytesElsewhereChangeNothingButTheLedger() throws {
    var log = SampleLog.full
    try log.store(connection)
    let before = try connection.physicalState()
    log.location = "the copy sorts last"
    #expect(try log.store(connection) == .kept(5))
    let after = try connection.physicalState()
    #expect(Set(after).subtracting(before).count == 1 && Set(before).subtracting(after).isEmpty)
  }

  /// Which of two equal copies feeds the source does not depend on arrival: the one whose location sorts first does.
  @Test func aCopyThatSortsFirstFeedsTheSourceAndWritesNoRecordAnew() throws {
    var log = SampleLog.full
    try log.store(connection)
    let before = try connection.physicalState()
    log.location = "a copy that sorts first"
    #expect(try log.store(connection) == .stored(unchanged: 5))
    #expect(
      try connection.column(
        "SELECT l.location FROM corrparse.source AS s JOIN corrparse.log AS l ON l.log_id = s.feed_log_id")
        == ["a copy that sorts first"])
    func content(_ rows: [String?]) -> [String] {
      rows.compactMap { row in row.flatMap { $0.hasPrefix("log ") || $0.hasPrefix("source ") ? nil : $0 } }
    }
    #expect(try content(connection.physicalState()) == content(before))
  }

  @Test func shorterReadOfACopyThatDoesNotFeedIsReportedOnlyWhenTheCopyChanged() throws {
    try SampleLog(blocks: 5, location: "long").store(connection)
    #expect(try SampleLog(blocks: 3, location: "short").store(connection) == .kept(5))
    #expect(try SampleLog(blocks: 3, location: "short").store(connection) == .kept(5))
    #expect(try SampleLog(blocks: 2, location: "short").store(connection) == .kept(5, .shorterReread))
  }
}
