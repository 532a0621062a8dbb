public import Diagnosis
public import LogModel

/// Stores records, verdicts, issues, task outcomes and the ledger's row of a log, all in one transaction or nothing
/// (4-database, Exactly once).
///
/// The rows of small logs are collected in memory; ``commit()`` sends them together. A long log has a transaction of its own. It
/// is copied into the staging tables piece by piece, so that the memory does not grow with the log. For one thread at a time.
public final class DiagnosticWriter {
  let session: DatabaseSession
  private let flushSize: Int
  private var batch = LogBatch()
  /// Whether the log at hand has a transaction of its own.
  private var isStreaming = false

  /// A writer over a session, which must not be used otherwise while a log is open.
  ///
  /// - Parameters:
  ///   - session: The session.
  ///   - flushSize: The bound, in bytes of COPY data, on what is held of one log.
  public init(_ session: DatabaseSession, flushSize: Int = 1 << 20) {
    self.session = session
    self.flushSize = flushSize
  }

  /// A writer over one connection, which tries nothing again.
  public convenience init(_ connection: Connection, flushSize: Int = 1 << 20) {
    self.init(DatabaseSession(connection), flushSize: flushSize)
  }

  /// How many finished logs wait for ``commit()``.
  public var waitingLogs: Int { batch.finished.count }

  /// How many bytes of COPY data wait.
  public var waitingBytes: Int { batch.records.count + batch.logs.count }

  /// Whether a log of the same source or location waits: then ``commit()`` has to come before ``begin(_:)``.
  public func holds(_ log: LogDescription) -> Bool { batch.holds(log) }

  /// Begins a log. Nothing is sent yet. Must not be called while another log is open.
  public func begin(_ log: LogDescription) {
    precondition(batch.open == nil, "begin(_:) while a log is open: finish or discard it first")
    precondition(!batch.holds(log), "begin(_:) of a source that waits: commit first")
    batch.begin(log)
  }

  /// Adds a record of the log that ``begin(_:)`` named; each block once.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - verdict: What the classifier says of it.
  ///   - observedAt: The record's time; nil where nothing tells it, which stores the time of the transaction.
  ///   - observedFrom: Where the time comes from; not looked at without one.
  /// - Throws: What stopped a piece of a long log on its way to the server, with the log discarded; the log has to be
  ///   read again.
  public func append(
    _ record: CorrelationRecord, verdict: Verdict, observedAt: LogTime?, observedFrom: ObservedFrom
  ) throws(DatabaseError) {
    precondition(batch.open != nil, "append without begin(_:)")
    batch.append(record, verdict: verdict, observedAt: observedAt, observedFrom: observedFrom)
    if batch.openBytes >= flushSize { try flush() }
  }

  /// Marks appended records whose part of the log later proved damaged (1-correlation-data, Issues): each
  /// gets the issue unless it has it, and a certain verdict becomes provisional.
  ///
  /// - Parameter blocks: The numbers of the first and the last block concerned.
  public func markDamaged(blocks: ClosedRange<Int>) {
    precondition(batch.open != nil, "markDamaged(blocks:) without begin(_:)")
    batch.markDamaged(blocks)
  }

  /// Ends the log at hand.
  ///
  /// A reading that is failed, damaged or shorter than a complete one stored before, or of a location that does not feed
  /// its source, leaves the source's rows as they are and enters the ledger only.
  ///
  /// - Parameter reading: What the reading came to.
  /// - Returns: What was done, for a long log, which is committed at once and alone; nil for one that waits for
  ///   ``commit()`` with the others.
  /// - Throws: What stopped a long log, with the log discarded.
  public func finish(_ reading: StoredReading) throws(DatabaseError) -> WriteSummary? {
    precondition(batch.open != nil, "finish(_:) without begin(_:)")
    guard isStreaming else {
      batch.finish(reading)
      return nil
    }
    do throws(DatabaseError) {
      try flush()
      isStreaming = false
      guard let own = batch.takeFinished(reading) else { return nil }
      return try send(own, on: session.connection(), isContinued: true)
    } catch {
      discard()
      throw error
    }
  }

  /// Forgets the open log. The finished logs of the batch stay. Does nothing if no log is open.
  public func discard() {
    if isStreaming { session.rollback() }
    isStreaming = false
    if batch.open != nil { batch.discard() }
  }

  /// Merges the waiting logs into the tables and commits. After a failure that may pass, tries again as long as the
  /// session's patience lasts.
  ///
  /// - Throws: What stopped it; nothing of the logs is stored then, and they no longer wait.
  public func commit() throws(DatabaseError) -> WriteSummary {
    precondition(batch.open == nil, "commit() while a log is open: finish or discard it first")
    let sent = batch
    batch = LogBatch()
    guard !sent.finished.isEmpty else { return WriteSummary() }
    return try session.retrying("storing \(sent.finished.count) logs") { (connection) throws(DatabaseError) in
      try send(sent, on: connection, isContinued: false)
    }
  }

  /// Ends the log at hand and commits.
  public func commit(_ reading: StoredReading) throws(DatabaseError) -> WriteSummary {
    if let summary = try finish(reading) { return summary }
    return try commit()
  }

  /// Copies the records of the log at hand into the staging table of its own transaction, which the first call begins.
  private func flush() throws(DatabaseError) {
    do throws(DatabaseError) {
      let connection = try session.connection()
      let start = isStreaming ? "" : Staging.begin
      isStreaming = true
      try connection.run(start + Staging.copyRecords, copying: [batch.takeOpenRecords()])
    } catch {
      discard()
      throw error
    }
  }
}
