public import DiagnosticWriter
import LogInput
public import LogModel
public import Logging
import Synchronization
import Threading

/// A step of a run, for whoever watches it.
public struct IngestProgress: Sendable, Hashable {
  /// Logs that were read or skipped.
  public var logs = 0
  /// Their size in bytes, compressed or not.
  public var bytes: Int64 = 0
}

/// Takes steps as they are made, from any thread.
public typealias IngestObserver = @Sendable (IngestProgress) -> Void

/// What a run came to.
public struct IngestOutcome: Sendable {
  /// What was done.
  public var summary = IngestSummary()
  /// What was seen where logs were looked for.
  public var seen = LogsSeen()
  /// The database's failure that ended it early.
  public var failure: DatabaseError?
  /// Whether a log was given up because the program is to end.
  public var wasStopped = false
}

/// The whole line: logs in, rows in PostgreSQL. A run that is killed is simply run again.
public struct IngestRun: Sendable {
  private let settings: IngestSettings
  private let now: LogTime
  private let stop: StopFlag
  private let logger: Logger
  private let observer: IngestObserver
  private let connect: @Sendable () throws(DatabaseError) -> Connection

  /// A run.
  /// - Parameters:
  ///   - settings: What to read.
  ///   - now: The present, which decides only whether a log may still grow.
  ///   - stop: Ends the run early.
  ///   - logger: Hears of every log that could not be read.
  ///   - observer: Hears of every step.
  ///   - connect: Makes a connection; each thread has its own.
  public init(
    settings: IngestSettings, now: LogTime, stop: StopFlag, logger: Logger,
    observer: @escaping IngestObserver = { _ in },
    connect: @escaping @Sendable () throws(DatabaseError) -> Connection
  ) {
    self.settings = settings
    self.now = now
    self.stop = stop
    self.logger = logger
    self.observer = observer
    self.connect = connect
  }

  /// Takes everything that is asked for. A thread that fails lets the others finish the log at hand.
  public func ingest(_ requests: [LogRequest]) -> IngestOutcome {
    var settings = settings
    let review = FailedLogReview(requests, settings: settings, logger: logger)
    var first = IngestOutcome()
    do throws(DatabaseError) {
      let session = session(StopFlag())
      (first.summary.logsCleared, settings.endedConflicts) = try review.run(session, clears: true)
      settings.failed = try failed(session)
    } catch {
      first.failure = error
      return first
    }
    let queue = LedgerQueue(requests, settings: settings, now: now, logger: logger)
    let outcome = Mutex(first)
    // What stops one stops all; the signal's own flag stays what it is.
    let halt = StopFlag()
    let jobs = max(1, settings.jobs)
    let cores = Cores(jobs)
    Threads.run(jobs) { [settings] _ in
      let session = session(halt)
      var worker = IngestWorker(
        session, settings: settings, now: now, stop: stop, cores: cores, logger: logger, observer: observer)
      var failure: DatabaseError?
      do throws(DatabaseError) {
        try worker.work(queue, until: halt)
      } catch {
        failure = error
      }
      let (summary, wasStopped) = (worker.report.summary, worker.wasStopped)
      if failure != nil || wasStopped { halt.request() }
      outcome.withLock { outcome in
        outcome.summary += summary
        outcome.failure = outcome.failure ?? failure
        outcome.wasStopped = outcome.wasStopped || wasStopped
      }
    }
    // What was replaced because it is gone is failed now, and gone.
    if !settings.endedConflicts.isEmpty, outcome.withLock({ $0.failure == nil && !$0.wasStopped }) {
      do throws(DatabaseError) {
        let cleared = try review.run(session(StopFlag()), clears: true).cleared
        outcome.withLock { $0.summary.logsCleared += cleared }
      } catch {
        outcome.withLock { $0.failure = error }
      }
    }
    return outcome.withLock { outcome in
      outcome.seen = queue.seen
      outcome.summary.filesFound = outcome.seen.logs
      outcome.summary.filesIgnored = outcome.seen.ignored
      return outcome
    }
  }

  /// Goes over everything that is asked for, without reading any log.
  /// - Parameters:
  ///   - requests: Files, folders and buckets.
  ///   - show: Takes each log, with why it would be read, or not, and what could not be looked at.
  /// - Returns: What was seen, and what stopped the ledger; nil when nothing did.
  /// - Throws: What `show` throws, and nothing else.
  public func preview<Failure: Error>(
    _ requests: [LogRequest], show: (LedgerQueue.Item) throws(Failure) -> Void
  ) throws(Failure) -> (seen: LogsSeen, failure: DatabaseError?) {
    let session = session(StopFlag())
    var settings = settings
    do throws(DatabaseError) {
      settings.endedConflicts = try FailedLogReview(requests, settings: settings, logger: logger)
        .run(session, clears: false).ended
      settings.failed = try failed(session)
    } catch {
      return (LogsSeen(), error)
    }
    let queue = LedgerQueue(requests, settings: settings, now: now, logger: logger)
    while !stop.isRequested {
      let item: LedgerQueue.Item?
      do throws(DatabaseError) {
        item = try queue.next(session)
      } catch {
        return (queue.seen, error)
      }
      guard let item else { break }
      try show(item)
    }
    return (queue.seen, nil)
  }

  /// How many logs that failed before are kept in mind, for those outside of the window.
  private static let mostFailed = 10_000

  private func failed(_ session: DatabaseSession) throws(DatabaseError) -> [String: LedgerEntry] {
    guard settings.window != nil else { return [:] }
    return try session.retrying("asking the ledger") { (connection) throws(DatabaseError) in
      try connection.ledgerOfFailed(most: Self.mostFailed)
    }
  }

  /// The sizes of all logs that a run would look at, unchanged ones included.
  public static func wantedSizes(_ requests: [LogRequest], settings: IngestSettings) -> [Int64] {
    let silent = Logger(label: "corrparse") { _ in SwiftLogNoOpLogHandler() }
    return LedgerQueue(
      requests, settings: settings, now: LogTime(microseconds: 0), logger: silent
    ).sizes()
  }

  private func session(_ halt: StopFlag) -> DatabaseSession {
    let (stop, connect) = (stop, connect)
    return DatabaseSession(
      patience: settings.patience, logger: logger, isStopping: { stop.isRequested || halt.isRequested },
      connect: connect)
  }
}
