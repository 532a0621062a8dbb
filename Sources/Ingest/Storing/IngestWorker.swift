import DiagnosticWriter
import LogInput
import LogModel
import Logging

/// One thread's share of a run: takes logs from the queue, stores them one by one and commits them in batches.
struct IngestWorker: ~Copyable {
  /// What has been done so far.
  private(set) var report: IngestReport
  /// Whether a log was given up because the program is to end.
  private(set) var wasStopped = false

  private let session: DatabaseSession
  private let writer: DiagnosticWriter
  private var storage: LogStorage
  private let stop: StopFlag
  private var waiting = WaitingLogs()
  private var store = StoreWatch()

  init(
    _ session: DatabaseSession, settings: IngestSettings, now: LogTime, stop: StopFlag, cores: Cores,
    logger: Logger, observer: @escaping IngestObserver
  ) {
    self.session = session
    self.stop = stop
    writer = DiagnosticWriter(session)
    storage = LogStorage(writer, session, settings: settings, now: now, stop: stop, cores: cores)
    report = IngestReport(logger, observer)
  }

  /// Takes logs until there are none, or the run is to end, or another thread halts the run. Then the logs that were read are
  /// committed, unless there is no time left for the log at hand.
  mutating func work(_ queue: LedgerQueue, until halt: StopFlag) throws(DatabaseError) {
    while !stop.isRequested, !halt.isRequested, let item = try queue.next(session) {
      switch item {
      case .log(let log):
        try take(log)
        report.passed(log)
      case .failed(let error): report.notRead(error)
      }
      if wasStopped { return }
      if store.isLost {
        halt.request()
        report.storeIsLost()
      }
    }
    try commit()
  }

  private mutating func take(_ log: QueuedLog) throws(DatabaseError) {
    switch log.reason {
    case .unchanged, .unmended:
      store.sawUnchanged()
      report.unchanged(log)
    case .archived: report.archived(log)
    case .new, .changed, .growing, .damaged, .format, .forced: try read(log)
    }
  }

  private mutating func read(_ queued: QueuedLog) throws(DatabaseError) {
    var log = queued
    if let error = storage.identify(&log) { return fail(error) }
    if writer.holds(log.description) { try commit() }
    let outcome: LogStorage.Outcome
    do throws(DatabaseError) {
      outcome = try storage.store(log)
    } catch {
      guard error.category == .data else { throw error }
      try reject(log, error, read: nil)
      return
    }
    switch outcome {
    case .waiting(let read):
      store.gaveLog()
      waiting.append(read)
    case .committed(let read, let written):
      store.gaveLog()
      report.stored([read], written)
    case .notRead(let error): fail(error)
    case .gone, .replaced: report.gone(log)
    case .stopped:
      wasStopped = true
      return
    }
    if waiting.isComplete(in: writer) { try commit() }
  }

  /// Stores nothing of a log that could not be read.
  private mutating func fail(_ error: InputError) {
    report.notRead(error)
    store.failed(error)
  }

  /// Commits the batch. If the server refuses the batch without naming a row, its logs are tried one by one.
  private mutating func commit() throws(DatabaseError) {
    let logs = waiting.takeAll()
    do throws(DatabaseError) {
      report.stored(logs, try writer.commit())
    } catch {
      guard error.category == .data else { throw error }
      if let only = logs.first, logs.count == 1 {
        try reject(only.queued, error, read: only)
      } else {
        for log in logs where !wasStopped {
          try read(log.queued)
          if !wasStopped { try commit() }
        }
      }
    }
  }

  /// Reports a log that the server cannot store, and enters it in the ledger.
  private mutating func reject(
    _ log: QueuedLog, _ reason: DatabaseError, read: ReadLog?
  ) throws(DatabaseError) {
    report.rejected(log, read, reason)
    try commit()
    try storage.enterFailure(log, read, reason)
  }
}
