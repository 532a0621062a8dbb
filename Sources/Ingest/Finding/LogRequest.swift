public import LogModel
public import ObjectStore
public import SystemPackage

/// One thing that a command is asked to read.
public enum LogRequest: Sendable, Hashable {
  /// The standard input.
  case standardInput(PipedLog)
  /// A file, or a folder with logs.
  case path(FilePath)
  /// A log root. If it is missing, its volume may not be mounted.
  case root(FilePath)
  /// An object of a bucket, or the objects below a prefix. If nothing lies below a log root, the root is missing, as a folder is.
  case bucket(Bucket, key: [UInt8], isRoot: Bool = false)
}

/// A log on the standard input. It has no path that names its task attempt.
public struct PipedLog: Sendable, Hashable {
  /// The task attempt that the flags name; nil if they name none.
  public var identity: TaskIdentity?
  /// The name given with `--source`, for a log without identity.
  public var name: String

  /// A piped log.
  public init(identity: TaskIdentity? = nil, name: String = "") {
    self.identity = identity
    self.name = name
  }
}
