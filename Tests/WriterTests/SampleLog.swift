import Diagnosis
import LogInput
import LogModel

@testable import DiagnosticWriter

/// A log to store, made up of records, with what its reading came to.
struct SampleLog: Sendable {
  static let identity = TaskIdentity(
    dagID: "launch__discovery", runID: "manual__2026-03-28T02:00:00+00:00", taskID: "outer.test_step",
    mapIndex: 3, tryNumber: 1)

  var location = "root/attempt=1.log.gz"
  var identity: TaskIdentity? = Self.identity
  var name = "attempt=1.log.gz"
  var records: [CorrelationRecord]
  var verdict = Verdict(taxonomyVersion: 1, certainty: .certain)
  var observedAt: LogTime? = LogTime("2026-03-28T02:14:07.123456Z")
  var observedFrom = ObservedFrom.log
  var reading: StoredReading

  /// A log of a number of blocks, 1,000 bytes each.
  init(
    blocks: Int, status: LogStatus = .complete, location: String = "root/attempt=1.log.gz",
    sortino: ExactDecimal = 1
  ) {
    self.location = location
    records = (0..<blocks).map { index in
      var record = CorrelationRecord(block: index + 1, line: index * 10 + 1, offset: index * 1000)
      record[.crypto] = .text("SOLUSDC")
      record[.nTrades] = .integer(Int64(index))
      record[.sortino] = .decimal(sortino)
      return record
    }
    reading = StoredReading(
      status: status, programVersion: "1.2.3", size: Int64(blocks * 100),
      modifiedAt: LogTime("2026-03-28T03:00:00Z"),
      fingerprint: Array(repeating: UInt8(truncatingIfNeeded: blocks), count: 32),
      decompressedBytes: Int64(blocks * 1000), blocks: blocks)
  }

  /// A log of one record.
  init(_ record: CorrelationRecord) {
    self.init(blocks: 1)
    records = [record]
  }

  /// Stores the log by a writer of its own.
  @discardableResult
  func store(
    _ connection: Connection, flushSize: Int = 1 << 20, damaged: ClosedRange<Int>? = nil
  ) throws -> StoreResult {
    let writer = DiagnosticWriter(connection, flushSize: flushSize)
    writer.begin(LogDescription(location: location, identity: identity, name: name))
    for record in records {
      try writer.append(record, verdict: verdict, observedAt: observedAt, observedFrom: observedFrom)
    }
    if let damaged { writer.markDamaged(blocks: damaged) }
    return try StoreResult(writer.commit(reading))
  }
}

extension SampleLog {
  /// A log with everything in it that is stored.
  static var full: SampleLog {
    var log = SampleLog(blocks: 5)
    log.records[1].gates = [Gate(name: "f1", passed: true)]
    log.records[2].extras = [ExtraPair(key: "note", text: "x")]
    log.records[3].issues = [
      GrammarIssue(kind: .missingValue, key: "theta", line: 32, offset: 3100, raw: "None"),
      GrammarIssue(kind: .missingValue, key: "tp", line: 33, offset: 3120, raw: "None"),
    ]
    log.reading.issues = [GrammarIssue(kind: .orphanEnd, line: 60, offset: 6000)]
    log.reading.outcomes = [
      AttemptOutcome(
        identity: identity,
        outcome: TaskOutcome(state: .success, isStated: true, start: log.observedAt, end: log.observedAt))
    ]
    log.verdict.findings = [.mlSolid]
    log.verdict.notEvaluated = [UnevaluatedRule(rule: "ML_UNSTABLE", lacks: ["std_f1_buy"], why: "absent")]
    log.verdict.deltaPoints = ExactDecimal(coefficient: 641, scale: 2)
    return log
  }
}

/// What came of one log.
struct StoreResult: Equatable {
  var inserted = 0
  var updated = 0
  var unchanged = 0
  var deleted = 0
  var kept = 0
  var feedsSource = true
  var refusal: WriteSummary.Refusal?
  var rejected: [Int] = []
  var failure: String?

  init(_ summary: WriteSummary) {
    inserted = summary.inserted
    updated = summary.updated
    unchanged = summary.unchanged
    deleted = summary.deleted
    guard let log = summary.logs.first else { return }
    kept = log.kept
    feedsSource = log.feedsSource
    refusal = log.refusal
    rejected = log.rejected.map(\.block)
    failure = log.failure
  }

  static func stored(_ inserted: Int = 0, updated: Int = 0, unchanged: Int = 0, deleted: Int = 0)
    -> StoreResult
  {
    var result = StoreResult(WriteSummary())
    result.inserted = inserted
    result.updated = updated
    result.unchanged = unchanged
    result.deleted = deleted
    return result
  }

  static func kept(_ count: Int, _ refusal: WriteSummary.Refusal? = nil) -> StoreResult {
    var result = StoreResult(WriteSummary())
    result.kept = count
    result.feedsSource = false
    result.refusal = refusal
    return result
  }
}
