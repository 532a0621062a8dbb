import Diagnosis
import DiagnosticWriter
import LogInput
import LogModel
import Logging

/// One thread's share of a run: bytes → records → verdicts → rows, log by log, committed in batches.
struct IngestWorker: ~Copyable {
  // A batch ends with the first of these: enough to make the round trips cheap, little to lose.
  private static let batchLogs = 100
  private static let batchBytes = 1 << 20
  private static let batchTime = Duration.seconds(2)

  /// After so many logs in a row that the object store could not give, the run ends.
  private static let mostOutages = 3
  /// After so many logs that the store refused, and none that it gave or that is unchanged, the run ends.
  private static let mostRefusals = 10_000
  /// How often an object is read that is replaced while it is read.
  private static let mostReadings = 3

  /// What has been done so far.
  private(set) var summary = IngestSummary()

  private let session: DatabaseSession
  private let writer: DiagnosticWriter
  private let settings: IngestSettings
  private let now: LogTime
  private let stop: StopFlag
  private let logger: Logger
  private let observer: IngestObserver
  private let classifier = Classifier()
  private var scanning: LogScanning
  private var waiting: [ReadLog] = []
  private var waitingSince = ContinuousClock.now
  private var outagesInARow = 0
  private var refusals = 0
  /// Whether the store, or the ledger, knows any log whose content was read.
  private var sawReadable = false
  /// Whether the object store is not to be asked for anything more.
  private var isStoreLost = false

  /// A log that was read, of which the database has yet to say what it did.
  private struct ReadLog {
    var queued: QueuedLog
    var scan: LogScan
    var records = 0
    var issues = 0
    var primaries: [String: Int] = [:]
  }

  init(
    _ session: DatabaseSession, settings: IngestSettings, now: LogTime, stop: StopFlag, logger: Logger,
    observer: @escaping IngestObserver
  ) {
    self.session = session
    self.settings = settings
    self.now = now
    self.stop = stop
    self.logger = logger
    self.observer = observer
    writer = DiagnosticWriter(session)
    scanning = LogScanning(
      readLimits: settings.readLimits, lineFormat: settings.lineFormat, fingerprints: true,
      inflater: settings.inflater)
  }

  /// Takes logs until there are none, or the run is to end, or another thread halts it; what was read is committed then.
  mutating func work(_ queue: LogQueue, until halt: StopFlag) throws(DatabaseError) {
    while !stop.isRequested, !halt.isRequested, let item = try queue.next(session) {
      switch item {
      case .log(let log) where log.reason == .unchanged: skip(log)
      case .log(let log) where log.reason == .archived:
        summary.filesArchived += 1
        observer(IngestProgress(logs: 1, bytes: log.size))
        logger.debug("passed over", metadata: ["path": "\(log.description.location)", "reason": "archived"])
      case .log(let log):
        try read(log)
        observer(IngestProgress(logs: 1, bytes: log.size))
      case .failed(let error): summary.note(error, logger)
      }
      if isStoreLost {
        halt.request()
        logger.error("the object store is not asked for further logs; the next run reads them")
      }
    }
    try commit()
  }

  /// An unchanged log need not be opened, but a damaged one stays an input that could not be read whole
  /// (5-command-line, Exit codes).
  private mutating func skip(_ log: QueuedLog) {
    summary.filesSkipped += 1
    sawReadable = true
    observer(IngestProgress(logs: 1, bytes: log.size))
    guard log.wasBad else { return }
    summary.filesFailed += 1
    logger.error(
      "\(log.description.location): unchanged since it was found damaged; replace it, or use backfill --retry-failed"
    )
  }

  private mutating func read(_ queued: QueuedLog) throws(DatabaseError) {
    var queued = queued
    if queued.description.identity == nil, queued.place != .standardInput {
      // Whose rows they will be must be known before the first one is written.
      let (identity, error) = scanning.identity(of: queued.place)
      if let error, error.concern.isOfRun { return fail(error) }
      queued.description.identity = identity
      queued.description.isToldByLines = true
    }
    if writer.holds(queued.description) { try commit() }
    do throws(DatabaseError) {
      try store(queued)
    } catch {
      guard error.category == .data else { throw error }
      try reject(queued, error, records: nil)
    }
    if writer.waitingLogs >= Self.batchLogs || writer.waitingBytes >= Self.batchBytes
      || ContinuousClock.now - waitingSince > Self.batchTime
    {
      try commit()
    }
  }

  /// Reads a log into the batch, or through a transaction of its own, which is lost with its connection: the log is then
  /// read again, where it can be.
  private mutating func store(_ queued: QueuedLog) throws(DatabaseError) {
    var done: (log: ReadLog, summary: WriteSummary?)
    if queued.place == .standardInput {
      done = try scan(queued)
    } else {
      let location = queued.description.location
      let session = session
      var readings = 0
      repeat {
        readings += 1
        let takesChanged = readings == Self.mostReadings
        done = try session.retrying("storing \(location)") { (_) throws(DatabaseError) in
          try scan(queued, takingChanged: takesChanged)
        }
      } while done.log.scan.reading.error?.bucketTrouble == .changed && readings < Self.mostReadings
    }
    if let error = done.log.scan.reading.error {
      if error.concern.isOfRun { return fail(error) }
      if isGone(queued, error) {
        logger.debug("gone since it was listed", metadata: ["path": "\(queued.description.location)"])
        return
      }
    }
    outagesInARow = 0
    sawReadable = true
    if let written = done.summary {
      note([done.log], written)
    } else {
      if waiting.isEmpty { waitingSince = ContinuousClock.now }
      waiting.append(done.log)
    }
  }

  /// Nothing of a log is stored that could not be read. Decides whether the store is asked for more: trouble of one object is no
  /// reason, since an archive, an object of another owner or a right that ends at a prefix leave the others readable.
  private mutating func fail(_ error: InputError) {
    summary.note(error, logger)
    guard case .store(let trouble) = error.concern else { return }
    switch trouble.reach {
    case .store: isStoreLost = true
    case .moment:
      outagesInARow += 1
      isStoreLost = outagesInARow >= Self.mostOutages
    case .object:
      refusals += 1
      isStoreLost = !sawReadable && refusals >= Self.mostRefusals
    }
  }

  private func isGone(_ queued: QueuedLog, _ error: InputError) -> Bool {
    queued.place.isFoundFile && error.concern == .absence
  }

  /// The straight line for one log.
  ///
  /// Nothing is kept of what could not be read, and of what was replaced meanwhile unless that is taken.
  private mutating func scan(
    _ queued: QueuedLog, takingChanged: Bool = true
  ) throws(DatabaseError) -> (log: ReadLog, summary: WriteSummary?) {
    let description = queued.description
    var modified: LogTime?
    let (classifier, writer, now, stop) = (classifier, writer, now, stop)
    var records = 0
    var issues = 0
    var primaries: [String: Int] = [:]
    writer.begin(queued.description)
    do throws(DatabaseError) {
      let scan = try scanning.scan(
        queued.place, of: queued.given,
        mayStillGrow: { outcome, file in
          guard description.identity != nil, outcome.state == .unknown, let file else { return false }
          return !Settling.isOver(since: file.modified, at: now)
        },
        handle: { (event) throws(DatabaseError) in
          switch event {
          case .opened(let state): modified = state?.modified
          case .record(let record):
            let verdict = classifier.verdict(on: record)
            let observed = ObservedTime(
              header: record.headerTime, identity: description.identity(of: record), modified: modified)
            try writer.append(
              record, verdict: verdict, observedAt: observed?.time,
              observedFrom: observed.map { ObservedFrom($0.origin) } ?? .ingestTime)
            records += 1
            issues += record.issues.count
            primaries[verdict.primary?.rawValue ?? "none", default: 0] += 1
          case .damage(let blocks): writer.markDamaged(blocks: blocks)
          }
        },
        chunkEnd: { () throws(DatabaseError) in
          if stop.isOverdue { throw DatabaseError.stopped }
        })
      // What ended a piped log may have been the signal that is to end this program.
      if queued.place == .standardInput, stop.isRequested { throw DatabaseError.stopped }
      let log = ReadLog(
        queued: queued, scan: scan, records: records, issues: issues, primaries: primaries)
      if let error = scan.reading.error {
        if error.bucketTrouble == .stopped { throw DatabaseError.stopped }
        let isReplaced = error.bucketTrouble == .changed && !takingChanged
        if error.concern.isOfRun || isReplaced || isGone(queued, error) {
          writer.discard()
          return (log, nil)
        }
      }
      return (log, try writer.finish(reading(of: log)))
    } catch {
      writer.discard()
      throw error
    }
  }

  private func reading(of log: ReadLog) -> StoredReading {
    StoredReading(
      log.scan, identity: log.queued.description.identity, issueCount: log.issues,
      programVersion: settings.programVersion)
  }

  /// Commits the batch. Should the server refuse it without saying which row it means, its logs are tried one by one.
  private mutating func commit() throws(DatabaseError) {
    let logs = waiting
    waiting.removeAll(keepingCapacity: true)
    do throws(DatabaseError) {
      note(logs, try writer.commit())
    } catch {
      guard error.category == .data else { throw error }
      if let only = logs.first, logs.count == 1 {
        try reject(only.queued, error, records: only)
      } else {
        for log in logs {
          try read(log.queued)
          try commit()
        }
      }
    }
  }

  /// Enters a log in the ledger that the server cannot store; one that even the ledger cannot hold is only reported.
  private mutating func reject(
    _ queued: QueuedLog, _ reason: DatabaseError, records log: ReadLog?
  ) throws(DatabaseError) {
    summary.filesRead += 1
    if let log {
      summary.blocks += log.scan.blocks
      summary.replayed += log.scan.replays
      summary.rejected += log.records
    }
    refuse(queued.description.location, reason.description)
    try commit()
    writer.begin(queued.description)
    do throws(DatabaseError) {
      _ = try writer.commit(
        StoredReading(
          status: .failed, programVersion: settings.programVersion,
          size: log?.scan.reading.file.map { Int64($0.size) },
          modifiedAt: log?.scan.reading.file?.modified ?? queued.modified,
          entityTag: log?.scan.reading.file?.entityTag ?? queued.entityTag, error: reason.description))
    } catch {
      guard error.category == .data else { throw error }
    }
  }

  private mutating func refuse(_ location: String, _ reason: String) {
    summary.filesFailed += 1
    logger.error("\(location): cannot be stored: \(reason)")
  }

  /// Takes what was done with logs into the summary, and says what is wrong with them.
  private mutating func note(_ logs: [ReadLog], _ written: WriteSummary) {
    summary.stored += written.inserted + written.updated
    summary.unchanged += written.unchanged
    summary.deleted += written.deleted
    for (log, result) in zip(logs, written.logs) { note(log, result) }
  }

  private mutating func note(_ log: ReadLog, _ result: WriteSummary.LogResult) {
    let location = log.queued.description.location
    summary.filesRead += 1
    summary.blocks += log.scan.blocks
    summary.replayed += log.scan.replays
    summary.bytes += log.scan.reading.decompressedBytes
    if let failure = result.failure {
      summary.rejected += log.records
      refuse(location, failure)
      return
    }
    for issue in log.scan.issues { summary.sourceIssues[issue.kind, default: 0] += 1 }
    if let conflict = IdentityConflict(log.scan.issues, of: log.queued.given, location: location) {
      logger.warning("\(conflict)")
    }
    if !result.feedsSource { summary.unchanged += result.staged }
    for (code, count) in log.primaries { summary.primaries[code, default: 0] += count }
    if let error = log.scan.reading.error {
      logger.error("\(error)", metadata: ["status": "\(log.scan.status.rawValue)"])
    }
    if let refusal = result.refusal {
      logger.warning(
        "\(location): this reading is worse than the stored one, which stays",
        metadata: ["reason": "\(refusal.rawValue)"])
    }
    let isWhole = log.scan.status == .complete || log.scan.status == .growing
    if !isWhole || !result.rejected.isEmpty { summary.filesFailed += 1 }
    summary.rejected += result.rejected.count
    for block in result.rejected {
      logger.error("\(location): block \(block.block) cannot be stored: \(block.reason)")
    }
  }
}
