public import LogInput
public import LogModel
import ObjectStore
public import SystemPackage

/// A log that was named or found, with what is known of it before it is read.
public struct ListedLog: Sendable, Hashable {
  private enum Origin: Sendable, Hashable {
    case piped(PipedLog)
    /// A file that somebody named. The state is nil for what is no regular file and for what nobody has looked at.
    case named(FilePath, LogState?, rotated: [Int])
    case found(FoundLog)
    case object(FoundObject, isNamed: Bool)
  }

  private let origin: Origin
  /// How paths are laid out, where that is not Airflow's default.
  private let template: PathTemplate?

  /// The standard input.
  public init(_ piped: PipedLog) {
    origin = .piped(piped)
    template = nil
  }

  /// A file that somebody named.
  public init(named path: FilePath, _ state: FileState? = nil, template: PathTemplate? = nil) {
    self.template = template
    let parts = state == nil ? [] : path.rotatedParts
    let whole = state.map { state in
      parts.reduce(LogState(size: state.size, modified: state.modified)) { sum, part in
        LogState(size: sum.size + part.state.size, modified: max(sum.modified, part.state.modified))
      }
    }
    origin = .named(path, whole, rotated: parts.map(\.number))
  }

  /// A file that a walk found.
  init(_ found: FoundLog, template: PathTemplate?) {
    self.template = template
    origin = .found(found)
  }

  /// An object that somebody named, or that was listed below a prefix.
  init(_ object: FoundObject, isNamed: Bool, template: PathTemplate?) {
    self.template = template
    origin = .object(object, isNamed: isNamed)
  }

  /// Where it is read from.
  public var place: LogPlace {
    switch origin {
    case .piped: .standardInput
    case .named(let path, _, let rotated): .file(path, rotated: rotated)
    case .found(let found): .found(found)
    case .object(let object, _): .object(object)
    }
  }

  /// The name that users see: `-`, the path as it was given or found, or the object's `s3://bucket/key`.
  public var shownName: String {
    switch origin {
    case .piped: "-"
    case .named(let path, _, rotated: _): path.locationText
    case .found(let found): found.shownName
    case .object(let object, _): object.location
    }
  }

  /// The numbers of its rotated parts, which are read with it, the earliest first; of an object none is told.
  public var rotatedParts: [Int] {
    switch origin {
    case .named(_, _, let rotated): rotated
    case .found(let found): found.rotated
    case .piped, .object: []
    }
  }

  /// The key of the log in the ledger, the same wherever the program was started.
  public var location: String {
    switch origin {
    case .piped(let piped): "stdin:" + (piped.identity?.pipeName ?? piped.name)
    case .named(let path, _, rotated: _): path.absolute.locationText
    case .found(let found): found.absoluteName
    case .object(let object, _): object.location
    }
  }

  /// The name of the source if no task attempt is known: what `--source` gives, else the path below the root.
  ///
  /// The root of a named file or object is the file system's or the store's, so that logs of one name in two folders are two
  /// sources.
  public var sourceName: String {
    switch origin {
    case .piped(let piped): piped.name
    case .named: location
    case .found(let found): found.relativeName
    case .object(let object, let isNamed): isNamed ? object.location : object.relativeName
    }
  }

  /// The task attempt that its path or its flags name.
  public var given: GivenTask? {
    switch origin {
    case .piped(let piped): piped.identity.map(GivenTask.init(flags:))
    case .named(let path, _, rotated: _):
      GivenTask(template?.logPath(path.absolute) ?? LogPath(path.absolute))
    case .found(let found): GivenTask(found.logPath(template))
    case .object(let object, _): GivenTask(object.logPath(template))
    }
  }

  /// Its size in bytes when it was found; 0 where that is not known.
  public var size: Int64 {
    switch origin {
    case .piped: 0
    case .named(_, let state, rotated: _): Int64(state?.size ?? 0)
    case .found(let found): Int64(found.size)
    case .object(let object, _): Int64(object.state?.size ?? 0)
    }
  }

  /// Its modification when it was found; nil for a pipe and for what nobody has looked at.
  public var modified: LogTime? {
    switch origin {
    case .piped: nil
    case .named(_, let state, rotated: _): state?.modified
    case .found(let found): found.modified
    case .object(let object, _): object.state?.modified
    }
  }

  /// The version of an object's content when it was found.
  public var entityTag: String? {
    switch origin {
    case .piped, .named, .found: nil
    case .object(let object, _): object.state?.entityTag
    }
  }

  /// Whether it is an object that the listing says is archived.
  public var isArchived: Bool {
    switch origin {
    case .piped, .named, .found: false
    case .object(let object, _): object.isArchived
    }
  }
}

extension TaskIdentity {
  /// The attempt in the location of a piped log.
  fileprivate var pipeName: String {
    "\(dagID)/\(runID)/\(taskID)/\(mapIndex ?? -1)/\(tryNumber)/\(part)"
  }
}
