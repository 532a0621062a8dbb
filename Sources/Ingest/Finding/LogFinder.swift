public import LogInput
import ObjectStore
import Synchronization
import SystemPackage

/// One thing that a finder finds.
public enum LogFinding: Sendable {
  /// A log to read.
  case log(ListedLog)
  /// A file, folder or object that is passed over on purpose.
  case skipped(String, LogWalk.SkipReason)
  /// A file or object whose name is no log's.
  case ignored(String)
  /// An object and a prefix have this name, and both are read. The next finding is the object.
  case both(String)
  /// A file, folder or bucket that could not be listed. If a user has named a path that does not exist, `missing` is the log that it
  /// would be.
  case failed(InputError, missing: ListedLog?)
}

/// Finds the logs that a command is asked to read, one at a time and in order. Any number of threads may take findings.
///
/// Memory does not grow with the number of logs.
public final class LogFinder: Sendable {
  /// How to look.
  public struct Options: Sendable {
    /// Whether logs are named by their whole path, as the ledger needs it. Otherwise the name is the root as it was given, with the path
    /// below it.
    public var namesWholePaths = false
    /// How paths are laid out, where that is not Airflow's default.
    public var pathTemplate: PathTemplate?
    /// How deep to go.
    public var readLimits = ReadLimits()
    /// The DAGs whose folders of a bucket are listed; empty for all. Logs of others may be found all the same.
    public var dagIDs: Set<String> = []
    /// How many folders of a bucket are listed at a time.
    public var listingWidth = 1

    /// Options that find everything and name logs below their root.
    public init() {}
  }

  private struct State: ~Copyable {
    var requests: ArraySlice<LogRequest>
    var walk: LogWalk?
    var objects: ObjectWalk?
    /// Whether the objects are those below a log root.
    var walksRoot = false
    /// The second of two findings that were made together.
    var following: LogFinding?
    var count = 0
  }

  private let options: Options
  private let state: Mutex<State>

  /// A finder for these requests.
  public init(_ requests: [LogRequest], _ options: Options = Options()) {
    self.options = options
    state = Mutex(State(requests: requests[...]))
  }

  /// The next finding with its number, from 0; nil at the end.
  public func next() -> (number: Int, finding: LogFinding)? {
    state.withLock { state in
      guard let finding = find(&state) else { return nil }
      defer { state.count += 1 }
      return (state.count, finding)
    }
  }

  private func find(_ state: inout State) -> LogFinding? {
    if let finding = state.following.take() { return finding }
    while true {
      switch state.walk?.next() {
      case .log(let found): return .log(ListedLog(found, template: options.pathTemplate))
      case .skipped(let path, let reason): return .skipped(path.locationText, reason)
      case .ignored(let path): return .ignored(path.locationText)
      case .failed(let error): return .failed(error, missing: nil)
      case nil: state.walk = nil
      }
      switch state.objects?.next() {
      case .log(let found): return .log(ListedLog(found, isNamed: false, template: options.pathTemplate))
      case .skipped(let location, let reason): return .skipped(location, reason)
      case .ignored(let location): return .ignored(location)
      case .failed(let error):
        return .failed(state.walksRoot ? Self.error(ofRoot: error) : error, missing: nil)
      case nil: state.objects = nil
      }
      guard let request = state.requests.popFirst() else { return nil }
      if let finding = begin(request, &state) { return finding }
    }
  }

  /// Begins with the next request. Returns its log or its failure, or nil if it began to walk a folder or prefix.
  private func begin(_ request: LogRequest, _ state: inout State) -> LogFinding? {
    switch request {
    case .standardInput(let piped): return .log(ListedLog(piped))
    case .path(let path): return begin(path, isRoot: false, &state)
    case .root(let path): return begin(path, isRoot: true, &state)
    case .bucket(let bucket, let key, let isRoot):
      do throws(InputError) {
        switch try NamedObject(bucket, key: key) {
        case .object(let object):
          return .log(ListedLog(object, isNamed: true, template: options.pathTemplate))
        case .both(let object):
          state.requests = [.bucket(bucket, key: key + [UInt8(ascii: "/")])] + state.requests
          state.following = .log(ListedLog(object, isNamed: true, template: options.pathTemplate))
          return .both(object.location)
        case .folder:
          state.objects = try ObjectWalk(
            bucket, root: key, dagIDs: options.dagIDs, width: options.listingWidth)
          state.walksRoot = isRoot
          return nil
        }
      } catch {
        return .failed(error, missing: nil)
      }
    }
  }

  private func begin(_ path: FilePath, isRoot: Bool, _ state: inout State) -> LogFinding? {
    let target: FilePath.Target
    do throws(InputError) {
      target = try path.target()
    } catch {
      let missing = error.concern.isOfRun ? nil : ListedLog(named: path, template: options.pathTemplate)
      return .failed(Self.error(error, of: path, isRoot: isRoot), missing: missing)
    }
    switch target {
    case .file(let file): return .log(ListedLog(named: path, file, template: options.pathTemplate))
    case .special: return .log(ListedLog(named: path, template: options.pathTemplate))
    case .folder:
      do throws(InputError) {
        state.walk = try LogWalk(
          options.namesWholePaths ? path.absolute : path, limits: options.readLimits)
        return nil
      } catch {
        return .failed(Self.error(error, of: path, isRoot: isRoot), missing: nil)
      }
    }
  }

  /// The error of a log root in a bucket, or `root` if nothing lies below it.
  private static func error(ofRoot error: InputError) -> InputError {
    guard error.kind == .bucket(.missing), let object = error.object else { return error }
    return InputError(
      .root, object: object, answer: error.answer, hint: "check bucket and prefix, then run again")
  }

  /// The error, or `root` if it is a log root that is missing: its volume may not be mounted.
  private static func error(_ error: InputError, of path: FilePath, isRoot: Bool) -> InputError {
    guard error.concern == .absence else { return error }
    if isRoot { return InputError(.root, path: path, errno: error.errno) }
    let nearest = path.nearestNames
    guard !nearest.isEmpty else { return error }
    return InputError(
      error.kind, path: path, errno: error.errno,
      hint: "check the path; nearest there: " + nearest.map(\.locationText).joined(separator: ", "))
  }
}
