import DiagnosticWriter
public import LogInput
import LogModel
import Logging
import Synchronization

/// Takes what a finder finds, leaves out what the filter does not want, and asks the ledger about the rest, some hundred logs
/// at a time. Any number of threads may take items.
///
/// The queue holds no more than one portion of logs at a time.
public final class LedgerQueue: Sendable {
  /// What the queue hands out.
  public enum Item: Sendable, Hashable {
    /// A log, with the reason why it is read or left alone.
    case log(QueuedLog)
    /// A file or folder that could not be looked at.
    case failed(InputError)
  }

  private static let portion = 1000

  private struct State: ~Copyable {
    var ready: [Item] = []
    var next = 0
    var seen = LogsSeen()
  }

  private let finder: LogFinder
  private let filter: LogFilter
  private let settings: IngestSettings
  private let now: LogTime
  private let logger: Logger
  private let state = Mutex(State())
  /// Held by the one thread that asks the ledger.
  private let filling = Mutex(())

  /// A queue of all logs of the requests that the settings want.
  init(_ requests: [LogRequest], settings: IngestSettings, now: LogTime, logger: Logger) {
    finder = LogFinder(requests, settings.finderOptions)
    filter = LogFilter(settings)
    self.settings = settings
    self.now = now
    self.logger = logger
  }

  /// What was seen so far.
  var seen: LogsSeen { state.withLock { $0.seen } }

  /// The next item; nil at the end. The ledger is asked through the session.
  /// - Throws: The error because of which the ledger could not be asked.
  func next(_ session: DatabaseSession) throws(DatabaseError) -> Item? {
    if let item = nextReady() { return item }
    return try filling.withLock { (_) throws(DatabaseError) -> Item? in
      // Another thread may have filled the portion meanwhile.
      if let item = nextReady() { return item }
      var found: [Item] = []
      while found.count < Self.portion, let item = nextFound() { found.append(item) }
      let decided = try decide(found, session)
      state.withLock { state in
        state.ready = decided
        state.next = 0
      }
      return nextReady()
    }
  }

  /// The sizes of all logs that are left, which are taken out. The ledger is not asked.
  func sizes() -> [Int64] {
    var sizes: [Int64] = []
    while let item = nextFound() {
      if case .log(let log) = item { sizes.append(log.listed.size) }
    }
    return sizes
  }

  private func nextReady() -> Item? {
    state.withLock { state in
      guard state.next < state.ready.count else { return nil }
      state.next += 1
      return state.ready[state.next - 1]
    }
  }

  /// The next wanted log, or failure.
  private func nextFound() -> Item? {
    while let (_, finding) = finder.next() {
      switch finding {
      case .log(let listed):
        let log = QueuedLog(listed)
        let isWanted = filter.admits(log)
        state.withLock {
          $0.seen.see(dagID: log.given?.identity.dagID, wantedDAGs: settings.dagIDs, isWanted: isWanted)
        }
        if isWanted { return .log(log) }
        seeFailed(log)
      case .skipped(let location, let reason):
        logger.debug("passed over", metadata: ["path": "\(location)", "reason": "\(reason.rawValue)"])
      case .ignored(let name): ignore(name)
      case .both(let location):
        logger.warning("\(location): an object and a prefix of this name; both are read")
      // The ledger keeps nothing of a name that does not exist.
      case .failed(let error, missing: _): return .failed(error)
      }
    }
    return nil
  }

  /// A log that the window alone leaves out is told where it failed before: who has mended it waits for it to be read.
  private func seeFailed(_ log: QueuedLog) {
    guard let entry = settings.failed[log.description.location], filter.wouldAdmit(log),
      let modified = log.listed.modified
    else { return }
    let state = LogState(size: Int(log.listed.size), modified: modified, entityTag: log.listed.entityTag)
    let hasChanged = !entry.hasContent(of: state)
    self.state.withLock { $0.seen.seeFailedOutside(log.description.location, hasChanged: hasChanged) }
  }

  private func ignore(_ name: String) {
    let isShown = state.withLock { state in
      state.seen.ignore(name)
      return state.seen.ignoredNames.last == name
    }
    if isShown { logger.debug("ignored", metadata: ["path": "\(name)", "reason": "not a log's name"]) }
  }

  /// Asks the ledger whether logs are to be read.
  private func decide(_ found: [Item], _ session: DatabaseSession) throws(DatabaseError) -> [Item] {
    let locations = found.compactMap { item -> String? in
      guard case .log(let log) = item, log.listed.modified != nil else { return nil }
      return log.description.location
    }
    guard !locations.isEmpty else { return found }
    let ledger = try session.retrying("asking the ledger") { (connection) throws(DatabaseError) in
      try connection.ledger(of: locations)
    }
    return found.map { item in
      guard case .log(var log) = item, let modified = log.listed.modified else { return item }
      let entry = ledger[log.description.location]
      let state = LogState(
        size: Int(log.listed.size), modified: modified, entityTag: log.listed.entityTag)
      log.reason = ReadReason(entry, state, settings: settings, now: now)
      if log.listed.isArchived, !log.reason.isOfUnchanged { log.reason = .archived }
      log.wasBad = entry?.isBad ?? false
      log.conflict = entry?.conflict
      log.wasWithoutTask = entry?.isWithoutTask ?? false
      log.hadUnreadHeaders = entry?.hasUnreadHeaders ?? false
      if let gone = settings.endedConflicts[log.description.location], log.conflict != nil {
        log.description.replaces = gone
        if log.reason.isOfUnchanged { log.reason = .damaged }
      }
      return .log(log)
    }
  }
}

extension IngestSettings {
  /// How many folders of a bucket are listed at a time. A page costs the store time, and this program next to none.
  private static let listingWidth = 4

  /// How `ingest` and `backfill` look for logs. Names begin at the file system's root, because the folders above a relative path
  /// can name the task too.
  fileprivate var finderOptions: LogFinder.Options {
    var options = LogFinder.Options()
    options.namesWholePaths = true
    options.readLimits = readLimits
    options.pathTemplate = pathTemplate
    options.dagIDs = dagIDs
    options.listingWidth = Self.listingWidth
    return options
  }
}
