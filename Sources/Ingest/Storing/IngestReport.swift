import DiagnosticWriter
import LogInput
import LogModel
import Logging

/// One thread's account of a run: counts what became of every log, and says what is wrong with it.
struct IngestReport {
  /// What has been done so far.
  private(set) var summary = IngestSummary()
  private var conflictsTold = 0
  private let logger: Logger
  private let observer: IngestObserver

  init(_ logger: Logger, _ observer: @escaping IngestObserver) {
    self.logger = logger
    self.observer = observer
  }

  /// A log is done with, whatever the result.
  func passed(_ log: QueuedLog) {
    observer(IngestProgress(logs: 1, bytes: log.listed.size))
  }

  /// A log has not changed since the ledger's entry. A damaged log still counts as an input that could not be read whole
  /// (5-command-line, Exit codes).
  mutating func unchanged(_ log: QueuedLog) {
    summary.filesSkipped += 1
    if log.wasWithoutTask { summary.noteWithoutTask(log.description.location) }
    if log.hadUnreadHeaders { summary.noteUnreadHeaders(log.description.location) }
    guard log.wasBad else { return }
    summary.filesFailed += 1
    summary.filesUnmended += 1
    let location = log.description.location
    if let stored = log.conflict {
      conflict(location, with: stored)
    } else {
      logger.error(
        "\(location): unchanged since it was found damaged; replace it, or run the same with --retry-failed")
    }
  }

  /// A log lies in an archive.
  mutating func archived(_ log: QueuedLog) {
    summary.filesArchived += 1
    logger.debug("passed over", metadata: ["path": "\(log.description.location)", "reason": "archived"])
  }

  /// A log was removed after it was listed.
  func gone(_ log: QueuedLog) {
    logger.debug("gone since it was listed", metadata: ["path": "\(log.description.location)"])
  }

  /// Nothing could be read of an input.
  mutating func notRead(_ error: InputError) {
    summary.filesFailed += 1
    summary.concerns.insert(error.concern)
    logger.error("\(error)")
  }

  /// The object store is given up.
  func storeIsLost() {
    logger.error("the object store is not asked for further logs; the next run reads them")
  }

  /// The server cannot store a log. `read` is the reading, if the log was refused as a whole.
  mutating func rejected(_ log: QueuedLog, _ read: ReadLog?, _ reason: DatabaseError) {
    summary.filesRead += 1
    if let read {
      summary.blocks += read.scan.blocks
      summary.replayed += read.scan.replays
      summary.rejected += read.records
    }
    refuse(log.description.location, reason.description)
  }

  /// A transaction with these logs has committed.
  mutating func stored(_ logs: [ReadLog], _ written: WriteSummary) {
    summary.stored += written.inserted + written.updated
    summary.unchanged += written.unchanged
    summary.deleted += written.deleted
    for (log, result) in zip(logs, written.logs) { stored(log, result) }
  }

  private mutating func stored(_ log: ReadLog, _ result: WriteSummary.LogResult) {
    let location = log.queued.description.location
    summary.filesRead += 1
    summary.blocks += log.scan.blocks
    summary.replayed += log.scan.replays + result.replayed
    summary.bytes += log.scan.reading.decompressedBytes
    if let failure = result.failure {
      summary.rejected += log.records - result.replayed
      refuse(location, failure)
      return
    }
    if let other = result.conflict, !result.feedsSource {
      summary.rejected += log.records - result.replayed
      conflict(location, with: other)
      return
    }
    if let other = result.conflict, other == log.queued.description.replaces {
      logger.warning("\(location): takes the place of \(other), which begins differently and is gone")
    } else if let other = result.conflict {
      // The other one's records were counted as stored when this run stored them.
      summary.stored -= result.displaced
      summary.rejected += result.displaced
      conflict(other, with: location)
    }
    count(log, result)
    if let conflict = IdentityConflict(log.scan.issues, of: log.queued.given, location: location) {
      logger.warning("\(conflict)")
    }
    for text in SourceWarnings(log.scan.issues).texts(location: location) { logger.warning("\(text)") }
    // Whoever pipes a log under a name knows that it names no task.
    if log.queued.description.identity == nil, log.scan.toldOutcomes.isEmpty,
      log.queued.listed.place != .standardInput
    {
      summary.noteWithoutTask(location)
    }
    if result.feedsSource, log.scan.issues.contains(where: { $0.kind == .unreadHeader }) {
      summary.noteUnreadHeaders(location)
    }
    for (envelope, _) in log.scan.envelopes { summary.envelopes.insert(envelope.rawValue) }
    if !result.feedsSource { leaveOut(result, of: location) }
    if let part = result.newPart {
      summary.sourceIssues[.rotatedLog, default: 0] += 1
      logger.warning(
        "\(location): does not begin as it did, so it was rotated or truncated; what was stored stays, and what is new is stored as part \(part)"
      )
    }
    if let error = log.scan.reading.error {
      logger.error("\(error)", metadata: ["status": "\(log.scan.status.rawValue)"])
    }
    if let refusal = result.refusal {
      logger.warning(
        "\(location): this reading is worse than the stored one, which stays",
        metadata: ["reason": "\(refusal.rawValue)"])
    }
    let isWhole = log.scan.status == .complete || log.scan.status == .growing
    if !isWhole { summary.notWhole[log.scan.status, default: 0] += 1 }
    if !isWhole || !result.rejected.isEmpty { summary.filesFailed += 1 }
    summary.rejected += result.rejected.count
    for block in result.rejected {
      logger.error("\(location): block \(block.block) cannot be stored: \(block.reason)")
    }
  }

  /// Counts the records of a log that are stored, by this run or before it, whichever location feeds the source: as many as the equation has
  /// as stored and unchanged. Of a reading that lacks some of them it is not known which, and nothing is counted. What was counted of a log
  /// that this one has taken the place of, because the two begin differently, is taken off again.
  private mutating func count(_ log: ReadLog, _ result: WriteSummary.LogResult) {
    guard result.feedsSource || result.same == result.staged else { return }
    let gone = result.conflict == nil ? WriteSummary.Tally() : result.displacedTally
    for issue in log.scan.issues { summary.sourceIssues[issue.kind, default: 0] += issue.count }
    for (kind, count) in gone.sourceIssues { summary.sourceIssues[kind, default: 0] -= count }
    let primaries = result.tally?.primaries ?? log.primaries
    for (code, count) in primaries { summary.primaries[code, default: 0] += count }
    for (code, count) in gone.primaries { summary.primaries[code, default: 0] -= count }
    summary.recordsWithoutFields += (result.tally?.withoutFields ?? log.withoutFields) - gone.withoutFields
  }

  /// Another reading of the source is better and stays stored. Blocks that only this reading has are not stored.
  private mutating func leaveOut(_ result: WriteSummary.LogResult, of location: String) {
    let lost = result.staged - result.same
    summary.unchanged += result.same
    summary.rejected += lost
    summary.recordsLeftOut += lost
    guard lost > 0 else { return }
    logger.warning(
      "\(location): \(lost) \(lost == 1 ? "block is" : "blocks are") not stored, because the better reading of the same log lacks \(lost == 1 ? "it" : "them")"
    )
  }

  /// Two locations name one task attempt and hold different logs, as of two environments below one root. Such a root has one for each of
  /// its logs: the first are told, and all of them counted (``IngestSummary/contentConflicts``).
  private mutating func conflict(_ location: String, with stored: String) {
    summary.filesFailed += 1
    summary.contentConflicts += 1
    conflictsTold += 1
    logger.log(
      level: conflictsTold <= Self.mostConflictsTold ? .error : .debug,
      "\(location): content_conflict: \(stored) is stored for the same task attempt and begins differently")
  }

  private static let mostConflictsTold = 3

  private mutating func refuse(_ location: String, _ reason: String) {
    summary.filesFailed += 1
    logger.error("\(location): cannot be stored: \(reason)")
  }
}
