public import LogInput
public import ObjectStore
public import SystemPackage

/// Where a log is read from.
public enum LogPlace: Sendable, Hashable {
  /// The standard input.
  case standardInput
  /// A file that somebody named. `rotated` has the numbers of its earlier parts, which are read before it.
  case file(FilePath, rotated: [Int])
  /// A file that a walk found.
  case found(FoundLog)
  /// An object in a bucket.
  case object(FoundObject)

  /// Whether it is a file.
  var isFile: Bool {
    switch self {
    case .file, .found: true
    case .standardInput, .object: false
    }
  }

  /// Whether the log is an object with earlier parts.
  var isRotatedObject: Bool {
    switch self {
    case .object(let object): object.hasParts
    case .standardInput, .file, .found: false
    }
  }

  /// The log's state if it is known to have nothing in it, so that it is not even opened.
  var emptyState: LogState? {
    switch self {
    case .found(let log): log.isEmpty ? LogState(size: log.size, modified: log.modified) : nil
    case .standardInput, .file, .object: nil
    }
  }

  /// Whether a walk found the file. If so, it is no error when the file is gone before it is opened.
  var isFoundFile: Bool {
    switch self {
    case .found: true
    case .standardInput, .file, .object: false
    }
  }
}
