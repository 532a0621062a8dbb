public import CorrelationGrammar
public import Diagnosis

/// Stores what a log says: records, verdicts, issues, task outcomes and the ledger's row in one transaction per log, or
/// nothing of it (page 4, *Exactly once*).
///
/// Rows are collected in memory up to a bound and then copied into temporary tables; ``commit(_:)`` merges them. The
/// memory does not grow with the log. A small log costs three round trips. For one thread at a time.
public final class DiagnosticWriter {
  private let connection: Connection
  private let flushSize: Int
  private var log: LogDescription?
  private var rows = CopyEncoder()
  private var flushes = 0

  /// A writer over an open connection, which must not be used otherwise between ``begin(_:)`` and ``commit(_:)``.
  public convenience init(_ connection: Connection) {
    self.init(connection, flushSize: 1 << 20)
  }

  /// With another bound, in bytes of COPY data, on what is held in memory.
  init(_ connection: Connection, flushSize: Int) {
    self.connection = connection
    self.flushSize = flushSize
  }

  /// Begins a log. Nothing is sent yet. Must not be called while another log is open.
  public func begin(_ log: LogDescription) {
    precondition(self.log == nil, "begin(_:) while a log is open: commit or roll back first")
    self.log = log
    rows.removeAll()
    flushes = 0
  }

  /// Adds a record of the log that ``begin(_:)`` named; each block once.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - verdict: What the classifier says of it.
  ///   - observedAt: The record's time; nil where nothing tells it, which stores the time of the transaction.
  ///   - observedFrom: Where the time comes from; not looked at without one.
  /// - Throws: What stopped a piece on its way to the server, with the transaction rolled back.
  public func append(
    _ record: CorrelationRecord, verdict: Verdict, observedAt: LogTime?, observedFrom: ObservedFrom
  ) throws(DatabaseError) {
    let log = openLog
    rows.record(
      StagedRecord(
        log: 0, record: record, verdict: verdict, observedAt: observedAt, observedFrom: observedFrom,
        identity: record.identity ?? log.identity,
        namesAttempt: record.identity.map { $0 != log.identity } ?? false))
    if rows.count >= flushSize { try undoingOnFailure { () throws(DatabaseError) in try flush() } }
  }

  /// Marks appended records whose part of the log later proved damaged (page 1, `damaged_source`): each gets the issue
  /// unless it has it, and a certain verdict becomes provisional.
  ///
  /// - Parameter blocks: The numbers of the first and the last block concerned.
  /// - Throws: What stopped it, with the transaction rolled back.
  public func markDamaged(blocks: ClosedRange<Int>) throws(DatabaseError) {
    precondition(log != nil, "markDamaged(blocks:) without begin(_:)")
    try undoingOnFailure { () throws(DatabaseError) in
      try flush()
      try connection.query(
        Self.damage, [String(blocks.lowerBound), String(blocks.upperBound), "; " + Verdict.damageClause])
    }
  }

  /// Merges the log's rows into the tables and commits.
  ///
  /// A reading that is failed, damaged or shorter than a complete one stored before, or of a location that does not feed
  /// its source, leaves the source's rows as they are and enters the ledger only.
  ///
  /// - Parameter reading: What the reading came to.
  /// - Returns: What was done to the records.
  /// - Throws: What stopped it, with the transaction rolled back. When the connection was lost the commit may have
  ///   happened; doing the whole log again gives the same rows either way.
  public func commit(_ reading: StoredReading) throws(DatabaseError) -> WriteSummary {
    let log = openLog
    let results = try undoingOnFailure { () throws(DatabaseError) -> [QueryResult] in
      var last = CopyEncoder()
      last.log(0, log, reading)
      let isFirst = flushes == 0
      let start = isFirst ? Staging.begin : ""
      let planning = isFirst ? "" : Staging.planningForManyRows
      return try connection.run(
        start + Staging.copyRecords + Staging.copyLog + planning + Merge.script + ";\nCOMMIT",
        copying: [rows.bytes, last.bytes])
    }
    self.log = nil
    rows.removeAll()
    return try WriteSummary(results)
  }

  /// Forgets the log. On a broken connection the server does the same. Harmless when no log is open.
  public func rollback() {
    log = nil
    rows.removeAll()
    flushes = 0
    // Where this fails the connection is lost, and with it the transaction.
    try? connection.rollback()
  }

  private var openLog: LogDescription {
    guard let log else { preconditionFailure("append or commit without begin(_:)") }
    return log
  }

  /// Copies the rows collected so far into the staging table, in the log's transaction, which the first call begins.
  private func flush() throws(DatabaseError) {
    let start = flushes == 0 ? Staging.begin : ""
    try connection.run(start + Staging.copyRecords, copying: [rows.bytes])
    rows.removeAll()
    flushes += 1
  }

  private func undoingOnFailure<Value>(
    _ body: () throws(DatabaseError) -> Value
  ) throws(DatabaseError) -> Value {
    do {
      return try body()
    } catch {
      rollback()
      throw error
    }
  }

  private static let damage: SQLText = """
    UPDATE pg_temp.staged_record AS s
    SET certainty = CASE s.certainty WHEN 'certain' THEN 'provisional' ELSE s.certainty END,
      explanation = CASE
        WHEN s.issues @> '[{"kind": "damaged_source"}]' THEN s.explanation
        ELSE s.explanation || $3
      END,
      issues = CASE
        WHEN s.issues @> '[{"kind": "damaged_source"}]' THEN s.issues
        ELSE coalesce(s.issues, '[]')
          || jsonb_build_array(
            jsonb_build_object('kind', 'damaged_source', 'line', s.line, 'byte_offset', s.byte_offset))
      END
    WHERE s.block BETWEEN $1::bigint AND $2::bigint
    """
}

extension WriteSummary {
  /// Reads what the statements of ``Merge/script`` answered: the first count is the records', the last row the log's.
  fileprivate init(_ results: [QueryResult]) throws(DatabaseError) {
    guard let counts = results.first(where: { $0.column("inserted") != nil }),
      let log = results.first(where: { $0.column("staged") != nil }),
      let inserted = counts.integer(0, 0), let updated = counts.integer(0, 1),
      let deleted = counts.integer(0, 2), let feeds = log.boolean(0, 0), let kept = log.integer(0, 2),
      let staged = log.integer(0, 3)
    else { throw DatabaseError(.program, message: "the merge answered nothing that can be read") }
    self.init()
    self.inserted = Int(inserted)
    self.updated = Int(updated)
    self.unchanged = feeds ? Int(staged - inserted - updated) : 0
    self.deleted = Int(deleted)
    self.kept = Int(kept)
    self.feedsSource = feeds
    self.refusal = log.text(0, 1).flatMap(Refusal.init)
  }
}
