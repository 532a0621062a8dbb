import Diagnosis
import LogInput
import LogModel

/// Rows of several logs of different sources on their way to the staging tables, as COPY data, so that a batch whose
/// connection was lost is simply sent again.
struct LogBatch {
  /// Records with their verdicts, those of the log at hand last.
  private(set) var records = CopyEncoder()
  /// One row a finished log.
  private(set) var logs = CopyEncoder()
  /// Ranges of damaged blocks.
  private(set) var damages = CopyEncoder()
  /// The finished logs, in their order.
  private(set) var finished: [LogDescription] = []
  /// The log at hand.
  private(set) var open: LogDescription?
  private var openStart = 0
  private var openDamages: [ClosedRange<Int>] = []
  private var sources: Set<String> = []

  /// How many bytes of the log at hand wait here.
  var openBytes: Int { records.count - openStart }

  /// Whether a log of this source or location waits here: two readings of one source cannot be in one transaction.
  func holds(_ log: LogDescription) -> Bool {
    sources.contains(log.location) || sources.contains(log.sourceKey)
  }

  mutating func begin(_ log: LogDescription) {
    open = log
    openStart = records.count
    openDamages.removeAll()
  }

  mutating func append(
    _ record: CorrelationRecord, verdict: Verdict, observedAt: LogTime?, observedFrom: ObservedFrom
  ) {
    let identity = open?.identity(of: record)
    records.record(
      StagedRecord(
        log: finished.count, record: record, verdict: verdict, observedAt: observedAt,
        observedFrom: observedFrom, identity: identity, namesAttempt: identity != open?.identity))
  }

  mutating func markDamaged(_ blocks: ClosedRange<Int>) {
    openDamages.append(blocks)
  }

  /// The log at hand is read; it joins the others.
  mutating func finish(_ reading: StoredReading) {
    guard let log = open else { return }
    logs.log(finished.count, log, reading)
    for blocks in openDamages { damages.damage(finished.count, blocks) }
    finished.append(log)
    sources.insert(log.location)
    sources.insert(log.sourceKey)
    open = nil
    openStart = records.count
  }

  /// Forgets the log at hand.
  mutating func discard() {
    records.removeLast(openBytes)
    openDamages.removeAll()
    open = nil
  }

  /// Takes out the records of the log at hand that wait here, for a transaction of its own.
  mutating func takeOpenRecords() -> [UInt8] {
    let taken = records.bytes.suffix(openBytes)
    defer { records.removeLast(openBytes) }
    return Array(taken)
  }

  /// The log at hand, finished, as a batch of its own: its ordinal stays as it was.
  mutating func takeFinished(_ reading: StoredReading) -> LogBatch? {
    guard let log = open else { return nil }
    var own = LogBatch()
    own.logs.log(finished.count, log, reading)
    for blocks in openDamages { own.damages.damage(finished.count, blocks) }
    own.finished = [log]
    discard()
    return own
  }
}

extension LogDescription {
  /// Tells sources apart, as the database does: by the name and whether it is an attempt's.
  fileprivate var sourceKey: String { (identity == nil ? "name " : "task ") + sourceName }
}
