public import LogModel
public import ObjectStore
public import SystemPackage

/// What a command is asked to read.
public enum LogRequest: Sendable, Hashable {
  /// The standard input.
  case standardInput(PipedLog)
  /// A file, or a folder with logs.
  case path(FilePath)
  /// A log root. Where it is missing, its volume may not be mounted.
  case root(FilePath)
  /// An object of a bucket, or the objects below a prefix.
  case bucket(Bucket, key: [UInt8])
}

/// A log of the standard input, which has no path that tells whose it is.
public struct PipedLog: Sendable, Hashable {
  /// The task attempt, if the flags name one.
  public var identity: TaskIdentity?
  /// The name given with `--source`, for a log without identity.
  public var name: String

  /// A piped log.
  public init(identity: TaskIdentity? = nil, name: String = "") {
    self.identity = identity
    self.name = name
  }
}
