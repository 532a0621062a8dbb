import LogModel
import Testing

@testable import DiagnosticWriter

/// Rows that the server cannot store are found and taken out, with their reason; the rest goes in (issue 4, batching).
@Suite struct PoisonTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase()
    connection = try database.connect()
    try connection.run(
      "ALTER TABLE corrparse.record ADD CONSTRAINT no_thirteen CHECK (n_trades IS DISTINCT FROM 13)")
  }

  private static func log(_ number: Int, blocks: Int, poison: [Int] = []) -> SampleLog {
    var log = SampleLog(blocks: blocks)
    log.location = "\(number).log"
    log.identity?.tryNumber = number
    for block in poison { log.records[block - 1][.nTrades] = .integer(13) }
    return log
  }

  private func begin(_ log: SampleLog, _ writer: DiagnosticWriter) throws {
    writer.begin(LogDescription(location: log.location, identity: log.identity, name: log.name))
    for record in log.records {
      try writer.append(record, verdict: log.verdict, observedAt: log.observedAt, observedFrom: .log)
    }
  }

  private func store(_ logs: [SampleLog], flushSize: Int = 1 << 20) throws -> [WriteSummary] {
    let writer = DiagnosticWriter(connection, flushSize: flushSize)
    var summaries: [WriteSummary] = []
    for log in logs {
      try begin(log, writer)
      if let summary = try writer.finish(log.reading) { summaries.append(summary) }
    }
    if writer.waitingLogs > 0 { summaries.append(try writer.commit()) }
    return summaries
  }

  private func blocks() throws -> [String?] {
    try connection.column(
      """
      SELECT s.try_number || ': ' || string_agg(r.block::text, ' ' ORDER BY r.block)
      FROM corrparse.record AS r JOIN corrparse.source AS s USING (source_id)
      GROUP BY s.try_number ORDER BY s.try_number
      """)
  }

  /// In a batch, and as a log with a transaction of its own.
  @Test(arguments: [1, 1 << 20]) func poisonedBlocksAreIsolated(flushSize: Int) throws {
    let logs = [
      Self.log(1, blocks: 3), Self.log(2, blocks: 9, poison: [2, 3, 9]), Self.log(3, blocks: 2),
      Self.log(4, blocks: 1, poison: [1]),
    ]
    let summaries = try store(logs, flushSize: flushSize)
    #expect(summaries.map(\.inserted).reduce(0, +) == 11)
    let results = summaries.flatMap(\.logs)
    #expect(results.map { $0.rejected.map(\.block) } == [[], [2, 3, 9], [], [1]])
    #expect(results.map(\.staged) == [3, 6, 2, 0])
    #expect(results.allSatisfy { $0.feedsSource && $0.failure == nil })
    #expect(results[1].rejected.allSatisfy { $0.reason.contains("no_thirteen") })
    #expect(try blocks() == ["1: 1 2 3", "2: 1 4 5 6 7 8", "3: 1 2"])
    #expect(
      try connection.column(
        """
        SELECT concat_ws(' ', try_number, block, raw LIKE '%no_thirteen%') FROM diagnostics.issue_v1
        WHERE kind = 'rejected_record' ORDER BY try_number, block
        """) == ["2 2 t", "2 3 t", "2 9 t", "4 1 t"])
    #expect(
      try connection.column(
        "SELECT concat_ws(' ', location, status, issues, error LIKE 'block % cannot be stored: %') FROM diagnostics.ingestion_v1 ORDER BY 1"
      ) == ["1.log complete 0", "2.log complete 3 t", "3.log complete 0", "4.log complete 1 t"])
    // Reading the same again finds the same and changes nothing.
    let before = try connection.physicalState()
    #expect(try store(logs, flushSize: flushSize).map(\.unchanged).reduce(0, +) == 11)
    #expect(try connection.physicalState() == before)
    // What had been in the way is gone: the blocks come in, the issues go.
    try connection.run("ALTER TABLE corrparse.record DROP CONSTRAINT no_thirteen")
    #expect(try store(logs, flushSize: flushSize).map(\.inserted).reduce(0, +) == 4)
    #expect(try connection.column("SELECT 1 FROM diagnostics.issue_v1") == [])
  }

  @Test func tooManyPoisonedBlocksFailTheLog() throws {
    let bad = Self.log(1, blocks: 40, poison: Array(1...17))
    let summary = try #require(try store([bad, Self.log(2, blocks: 2)]).first)
    #expect(summary.inserted == 2)
    #expect(summary.logs.map { $0.failure != nil } == [true, false])
    #expect(try blocks() == ["2: 1 2"])
    #expect(
      try connection.column(
        "SELECT concat_ws(' ', location, status, error LIKE '%more than 16%') FROM diagnostics.ingestion_v1 ORDER BY 1"
      )
        == ["1.log failed t", "2.log complete"])
  }

  /// What is wrong is not in a block: the log is failed, with its reason.
  @Test func poisonedLogIsFailed() throws {
    var long = Self.log(1, blocks: 2)
    // An identifier of random text, longer than an index entry may be; Airflow's own limit is 250 characters.
    long.identity?.dagID = (0..<40_000).map { String(UInt32.max / 40_009 &* UInt32($0 + 1), radix: 36) }
      .joined()
    let summary = try #require(try store([long, Self.log(2, blocks: 2)]).first)
    #expect(summary.inserted == 2)
    #expect(summary.logs[0].failure?.contains("index row") == true)
    #expect(summary.logs[1].failure == nil)
    #expect(
      try connection.column(
        "SELECT concat_ws(' ', location, status, error LIKE 'cannot be stored: index row%') FROM corrparse.log ORDER BY 1"
      ) == ["1.log failed t", "2.log complete"])
    #expect(!connection.isInTransaction)
  }

  /// Nothing of a log whose very name cannot be stored, and the reason with the caller.
  @Test func logThatNoLedgerCanHold() throws {
    try connection.run("ALTER TABLE corrparse.source ADD CONSTRAINT no_two CHECK (try_number <> 2)")
    let summary = try #require(try store((1...3).map { Self.log($0, blocks: 2) }).first)
    #expect(summary.inserted == 4)
    #expect(summary.logs.map { $0.failure?.contains("no_two") } == [nil, true, nil])
    #expect(try connection.column("SELECT location FROM corrparse.log ORDER BY 1") == ["1.log", "3.log"])
  }

  /// A block twice is a mistake of the caller, and is told from the rest as well.
  @Test func blockTwice() throws {
    var log = Self.log(1, blocks: 3)
    log.records.append(log.records[1])
    let summary = try #require(try store([log]).first)
    #expect(summary.logs[0].rejected.map(\.block) == [2])
    #expect(try blocks() == ["1: 1 3"])
  }
}
