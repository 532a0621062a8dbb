import DiagnosticWriter
public import LogInput
import LogModel
import Logging
public import ObjectStore
import Synchronization
public import SystemPackage

/// What `ingest` and `backfill` are given.
public enum IngestInput: Sendable, Hashable {
  /// A file, or a folder with logs.
  case path(FilePath)
  /// A log root, which has to be there: where it is not, its volume may not be mounted.
  case root(FilePath)
  /// An object of a bucket, or the objects below a prefix.
  case bucket(Bucket, key: [UInt8])
  /// The standard input.
  case piped(PipedLog)
}

/// Finds logs as they are asked for and asks the ledger about them, some hundred at a time; for any number of threads.
///
/// Holds no more than one portion of them, however many there are.
public final class LogQueue: Sendable {
  /// What comes out.
  public enum Item: Sendable, Hashable {
    /// A log, with why it is to be read, or not.
    case log(QueuedLog)
    /// A file or folder that could not be looked at.
    case failed(InputError)
  }

  private static let portion = 1000
  /// Of a bucket's folders so many are listed at a time: a page takes a store's time and next to none of ours.
  private static let listingWidth = 4

  private struct State: ~Copyable {
    var inputs: ArraySlice<IngestInput>
    var walk: LogWalk?
    var objects: ObjectWalk?
    var ready: [Item] = []
    var next = 0
  }

  private let settings: IngestSettings
  private let now: LogTime
  private let logger: Logger
  private let state: Mutex<State>
  /// Held by the one thread that asks the ledger.
  private let filling = Mutex(())

  /// A queue of everything that the inputs hold and the settings want.
  init(_ inputs: [IngestInput], settings: IngestSettings, now: LogTime, logger: Logger) {
    self.settings = settings
    self.now = now
    self.logger = logger
    state = Mutex(State(inputs: inputs[...]))
  }

  /// The next item; nil at the end. The session is for asking the ledger; what stops that is thrown.
  func next(_ session: DatabaseSession) throws(DatabaseError) -> Item? {
    if let item = nextReady() { return item }
    return try filling.withLock { (_) throws(DatabaseError) -> Item? in
      // Another thread may have filled it meanwhile.
      if let item = nextReady() { return item }
      let found = state.withLock { state in
        var found: [Item] = []
        while found.count < Self.portion, let item = nextFound(&state) { found.append(item) }
        return found
      }
      let decided = try decide(found, session)
      state.withLock { state in
        state.ready = decided
        state.next = 0
      }
      return nextReady()
    }
  }

  private func nextReady() -> Item? {
    state.withLock { state in
      guard state.next < state.ready.count else { return nil }
      state.next += 1
      return state.ready[state.next - 1]
    }
  }

  /// The sizes of all logs that are left, which are taken out; the ledger is not asked.
  func sizes() -> [Int64] {
    state.withLock { state in
      var sizes: [Int64] = []
      while let item = nextFound(&state) {
        if case .log(let log) = item { sizes.append(log.size) }
      }
      return sizes
    }
  }

  /// Asks the ledger whether logs are to be read.
  private func decide(_ found: [Item], _ session: DatabaseSession) throws(DatabaseError) -> [Item] {
    let locations = found.compactMap { item -> String? in
      guard case .log(let log) = item, log.modified != nil else { return nil }
      return log.description.location
    }
    guard !locations.isEmpty else { return found }
    let ledger = try session.retrying("asking the ledger") { (connection) throws(DatabaseError) in
      try connection.ledger(of: locations)
    }
    return found.map { item in
      guard case .log(var log) = item, let modified = log.modified else { return item }
      let entry = ledger[log.description.location]
      let state = LogState(size: Int(log.size), modified: modified, entityTag: log.entityTag)
      log.reason = ReadReason(entry, state, settings: settings, now: now)
      if log.isArchived, log.reason != .unchanged { log.reason = .archived }
      log.wasBad = entry?.isBad ?? false
      return .log(log)
    }
  }

  /// The next log that is wanted, or failure.
  private func nextFound(_ state: inout State) -> Item? {
    while true {
      while let finding = state.walk?.next() {
        switch finding {
        case .log(let found):
          let log = QueuedLog(found)
          if isWanted(log) { return .log(log) }
        case .skipped(let path, let reason):
          logger.debug(
            "passed over", metadata: ["path": "\(path.locationText)", "reason": "\(reason.rawValue)"])
        case .failed(let error): return .failed(error)
        }
      }
      state.walk = nil
      while let finding = state.objects?.next() {
        switch finding {
        case .log(let found):
          let log = QueuedLog(found)
          if isWanted(log) { return .log(log) }
        case .skipped(let location, let reason):
          logger.debug("passed over", metadata: ["path": "\(location)", "reason": "\(reason.rawValue)"])
        case .failed(let error): return .failed(error)
        }
      }
      state.objects = nil
      guard let input = state.inputs.popFirst() else { return nil }
      switch input {
      case .piped(let piped): return .log(QueuedLog(piped))
      case .bucket(let bucket, let key):
        do throws(InputError) {
          switch try NamedObject(bucket, key: key) {
          case .object(let object):
            if let log = named(object) { return .log(log) }
          case .both(let object):
            logger.warning("\(object.location): an object and a prefix of this name; both are read")
            state.inputs = [.bucket(bucket, key: key + [UInt8(ascii: "/")])] + state.inputs
            if let log = named(object) { return .log(log) }
          case .folder:
            state.objects = try ObjectWalk(
              bucket, root: key, dagID: settings.dagID, width: Self.listingWidth)
          }
        } catch {
          return .failed(error)
        }
      case .path(let path), .root(let path):
        do throws(InputError) {
          if let log = try named(path) {
            if isWanted(log) { return .log(log) }
          } else {
            // From the file system's root: the folders above a relative path tell the task as well.
            state.walk = try LogWalk(path.absolute, limits: settings.readLimits)
          }
        } catch {
          let isMissingRoot = input == .root(path) && error.concern == .absence
          return .failed(isMissingRoot ? InputError(.root, path: path, errno: error.errno) : error)
        }
      }
    }
  }

  /// An object that somebody named, where it is wanted. Its name is its location: its root is nobody's.
  private func named(_ object: FoundObject) -> QueuedLog? {
    var log = QueuedLog(object)
    log.description.name = object.location
    return isWanted(log) ? log : nil
  }

  /// The log that somebody named; nil for a folder.
  /// - Throws: Why it cannot be looked at. The ledger keeps nothing of a name that leads nowhere.
  private func named(_ path: FilePath) throws(InputError) -> QueuedLog? {
    switch try path.target() {
    case .folder: nil
    case .file(let state): QueuedLog(file: path, state)
    case .special: QueuedLog(file: path, nil)
    }
  }

  /// Whether window, DAG and shard let a log in. What is no regular file is read, to say so.
  private func isWanted(_ log: QueuedLog) -> Bool {
    guard let modified = log.modified else { return true }
    let identity = log.description.identity
    if let dagID = settings.dagID, identity?.dagID != dagID { return false }
    if let shard = settings.shard, !shard.contains(identity, name: log.description.name) { return false }
    guard let window = settings.window else { return true }
    return window.contains(
      modified: modified, run: identity.flatMap { LogPath.time(inRunID: $0.runID) })
  }
}
