import Diagnosis
import Dispatch
import LogInput
import LogModel
import Testing

@testable import DiagnosticWriter

/// 4-database, Exactly once: what a second reading does to what the first one stored.
@Suite struct ExactlyOnceTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase()
    connection = try database.connect()
  }

  @Test(arguments: [1, 200, 1 << 20])
  func identicalRereadWritesNothing(flushSize: Int) throws {
    let log = SampleLog.full
    #expect(try log.store(connection, flushSize: flushSize) == .stored(5))
    let before = try connection.physicalState()
    #expect(before.count == 1 + 1 + 5 + 5 + 3 + 1)
    #expect(try log.store(connection, flushSize: flushSize) == .stored(unchanged: 5))
    #expect(try connection.physicalState() == before)
  }

  @Test func flushingChangesNothingInTheRows() throws {
    try SampleLog.full.store(connection)
    let other = try TestDatabase()
    try SampleLog.full.store(other.connect(), flushSize: 1)
    #expect(try other.connect().logicalState() == connection.logicalState())
  }

  @Test func anotherProgramVersionAloneIsNoChange() throws {
    var log = SampleLog.full
    try log.store(connection)
    let before = try connection.physicalState()
    log.reading.programVersion = "2.0.0"
    try log.store(connection)
    #expect(try connection.physicalState() == before)
  }

  @Test func touchedLogChangesItsLedgerRowOnly() throws {
    var log = SampleLog.full
    try log.store(connection)
    let before = try connection.physicalState()
    log.reading.modifiedAt = LogTime("2026-03-29T00:00:00Z")
    #expect(try log.store(connection) == .stored(unchanged: 5))
    let changed = Set(try connection.physicalState()).symmetricDifference(before).compactMap(\.self)
    #expect(changed.count == 2 && changed.allSatisfy { $0.hasPrefix("log ") })
    #expect(
      try connection.ledger(of: [log.location])[log.location]?.modifiedAt == log.reading.modifiedAt)
  }

  @Test(arguments: [LogStatus.growing, .complete, .truncated, .corrupt])
  func longerLogReplaces(firstStatus: LogStatus) throws {
    var first = SampleLog(blocks: 3, status: firstStatus)
    first.records[2][.crypto] = .text("CUT")
    try first.store(connection)
    let untouched: SQLText =
      "SELECT concat(xmin, r) FROM corrparse.record AS r WHERE block <= 2 ORDER BY block"
    let before = try connection.column(untouched)
    #expect(try SampleLog(blocks: 5).store(connection) == .stored(2, updated: 1, unchanged: 2))
    #expect(try connection.column(untouched) == before)
    let fresh = try TestDatabase()
    try SampleLog(blocks: 5).store(fresh.connect())
    #expect(try fresh.connect().logicalState() == connection.logicalState())
  }

  @Test func changedRecordTakesItsStaleVerdictsAlong() throws {
    var log = SampleLog(blocks: 2)
    try log.store(connection)
    // As `reclassify` would under another version.
    try connection.run(
      """
      INSERT INTO corrparse.verdict (source_id, block, taxonomy_version, findings, certainty, severity, ml, execution,
        infra, not_evaluated, explanation)
      SELECT source_id, block, 2, findings, certainty, severity, ml, execution, infra, not_evaluated, explanation
      FROM corrparse.verdict
      """)
    log.records[1][.theta] = .decimal(1)
    #expect(try log.store(connection) == .stored(updated: 1, unchanged: 1))
    #expect(
      try connection.column(
        "SELECT concat(block, ' ', taxonomy_version) FROM corrparse.verdict ORDER BY block, taxonomy_version")
        == ["1 1", "1 2", "2 1"])
  }

  @Test func blocksIssuesAndOutcomesThatAreGoneGo() throws {
    // Its first reading was cut off in the middle of something that looked like more blocks.
    var first = SampleLog.full
    first.reading.status = .truncated
    try first.store(connection)
    var second = SampleLog(blocks: 2)
    second.reading.decompressedBytes = 6000
    #expect(try second.store(connection) == .stored(updated: 1, unchanged: 1, deleted: 3))
    #expect(try connection.value("SELECT count(*) FROM corrparse.record") == "2")
    #expect(try connection.value("SELECT count(*) FROM corrparse.verdict") == "2")
    #expect(try connection.value("SELECT count(*) FROM corrparse.issue") == "0")
    #expect(try connection.column("SELECT state FROM corrparse.task_outcome") == ["unknown"])
  }

  @Test func sourcesAreKeptApart() throws {
    var names: Set<String> = []
    let base = SampleLog.identity
    var identities = Array(repeating: base, count: 9)
    identities[1].dagID = "launch__discovery/run_id=manual__2026-03-28T02:00:00+00:00"
    identities[2].runID = "x"
    identities[3].taskID = "outer.test_step/map_index=3"
    identities[4].mapIndex = nil
    identities[5].tryNumber = 2
    identities[6].part = "trigger.1"
    identities[7].mapIndex = 0
    identities[8].part = "a/b%2F"
    for (index, identity) in identities.enumerated() {
      var log = SampleLog(blocks: 1, location: "\(index)")
      log.identity = identity
      try log.store(connection)
      names.insert(identity.sourceName)
    }
    // A name that looks like an identity is no identity.
    var named = SampleLog(blocks: 1, location: "named")
    named.identity = nil
    named.name = base.sourceName
    try named.store(connection)
    #expect(names.count == 9)
    #expect(try connection.value("SELECT count(*) FROM corrparse.source") == "10")
    #expect(try connection.value("SELECT count(*) FROM corrparse.record") == "10")
  }

  @Test func namesMayBeAsLongAsPaths() throws {
    var log = SampleLog(blocks: 1, location: String(repeating: "λoç", count: 1400))
    log.identity = nil
    log.name = (0..<4000).map { String(UnicodeScalar(UInt8(97 + $0 * 7919 % 26))) }.joined()
    try log.store(connection)
    try log.store(connection)
    #expect(try connection.column("SELECT name FROM corrparse.source") == [log.name])
    #expect(try connection.ledger(of: [log.location, "other"]).keys.map(\.self) == [log.location])
  }

  @Test func firstTimeOutsideTheLogStays() throws {
    var log = SampleLog(blocks: 1)
    let first = LogTime("2026-01-01T00:00:00Z")
    log.observedAt = first
    log.observedFrom = .modificationTime
    try log.store(connection)
    log.observedAt = LogTime("2026-02-01T00:00:00Z")
    #expect(try log.store(connection) == .stored(unchanged: 1))
    log.observedAt = nil
    #expect(try log.store(connection) == .stored(unchanged: 1))
    let observed: SQLText = """
      SELECT concat_ws(' ', (extract(epoch FROM observed_at) * 1000000)::bigint, observed_from) FROM corrparse.record
      """
    #expect(try connection.value(observed) == "\(first?.microseconds ?? 0) modification_time")
    // A time that the log itself tells is better than any of those.
    log.observedAt = LogTime("2026-03-01T00:00:00Z")
    log.observedFrom = .log
    #expect(try log.store(connection) == .stored(updated: 1))
    #expect(try connection.value(observed) == "\(log.observedAt?.microseconds ?? 0) log")
  }

  @Test func pipeWithoutTimesTakesTheTimeOfIngest() throws {
    var log = SampleLog(blocks: 2, location: "stdin:x")
    log.observedAt = nil
    log.reading.modifiedAt = nil
    log.reading.size = nil
    try log.store(connection)
    #expect(
      try connection.column(
        """
        SELECT concat_ws(' ', r.observed_at = l.ingested_at, r.observed_from)
        FROM corrparse.record AS r CROSS JOIN corrparse.log AS l
        """) == ["t ingest_time", "t ingest_time"])
    let before = try connection.physicalState()
    #expect(try log.store(connection) == .stored(unchanged: 2))
    #expect(try connection.physicalState() == before)
    #expect(
      try connection.ledger(of: ["stdin:x"])["stdin:x"]
        == LedgerEntry(
          size: nil, modifiedAt: nil, entityTag: nil, status: .complete, hasError: false, wasNotRead: false))
  }

  @Test(arguments: [1, 1 << 20])
  func damagedMemberMarksItsRecords(flushSize: Int) throws {
    var log = SampleLog(blocks: 4, status: .corrupt)
    log.records[1].issues = [GrammarIssue(kind: .interrupted, line: 12, offset: 1100)]
    log.records[2].issues = [GrammarIssue(kind: .damagedSource, line: 21, offset: 2000)]
    log.verdict.primary = .mlSolid
    try log.store(connection, flushSize: flushSize, damaged: 2...3)
    #expect(
      try connection.column(
        "SELECT concat_ws(' ', block, certainty, primary_code, issue_count) FROM diagnostics.verdict_v1 ORDER BY block"
      )
        == [
          "1 certain ML_SOLID 0", "2 provisional ML_SOLID 2", "3 provisional ML_SOLID 1",
          "4 certain ML_SOLID 0",
        ])
    #expect(
      try connection.column(
        "SELECT concat_ws(' ', block, kind, line, byte_offset) FROM diagnostics.issue_v1 ORDER BY block, line DESC"
      )
        == ["2 interrupted 12 1100", "2 damaged_source 11 1000", "3 damaged_source 21 2000"])
    let before = try connection.physicalState()
    try log.store(connection, flushSize: flushSize, damaged: 2...3)
    #expect(try connection.physicalState() == before)
  }

  @Test func damageLeavesUnclassifiedAsItIs() throws {
    var log = SampleLog(blocks: 1, status: .corrupt)
    log.verdict.certainty = .unclassified
    try log.store(connection, damaged: 1...1)
    #expect(try connection.value("SELECT certainty FROM corrparse.verdict") == "unclassified")
  }

  @Test func rollbackLeavesNothing() throws {
    let log = SampleLog.full
    for flushSize in [1, 1 << 20] {
      let writer = DiagnosticWriter(connection, flushSize: flushSize)
      writer.begin(LogDescription(location: log.location, identity: log.identity, name: log.name))
      for record in log.records {
        try writer.append(record, verdict: log.verdict, observedAt: log.observedAt, observedFrom: .log)
      }
      writer.discard()
      #expect(!connection.isInTransaction)
    }
    #expect(try connection.physicalState() == [])
    #expect(try log.store(connection) == .stored(5))
  }

  @Test(arguments: [2, 4])
  func jobsAtOnceGiveTheRowsOfOne(jobs: Int) throws {
    let logs = (1...12).map { number in
      var log = SampleLog.full
      log.location = "\(number).log"
      log.identity?.tryNumber = number % 6
      log.reading.decompressedBytes += Int64(number)
      log.reading.fingerprint = Array(repeating: UInt8(number), count: 32)
      log.records[0][.nTrades] = .integer(Int64(number))
      return log
    }
    let outcomes = Outcomes<Int>()
    DispatchQueue.concurrentPerform(iterations: jobs) { [database] job in
      outcomes.add {
        let connection = try database.connect()
        for log in logs.shuffled() { try log.store(connection) }
        return job
      }
    }
    #expect(outcomes.failures.isEmpty)
    let alone = try TestDatabase()
    for log in logs { try log.store(alone.connect()) }
    #expect(try connection.logicalState() == alone.connect().logicalState())
  }
}
