public import LogInput
public import ObjectStore
public import SystemPackage

/// Where a log is read from.
public enum LogPlace: Sendable, Hashable {
  /// The standard input.
  case standardInput
  /// A file. If a walk found it, `root` is the log root at the start of its path, below which no link is followed. `rotated` has the
  /// numbers of its earlier parts, which are read before it.
  case file(FilePath, root: LogRoot?, rotated: [Int] = [])
  /// An object in a bucket.
  case object(FoundObject)

  /// Whether it is a file.
  var isFile: Bool {
    switch self {
    case .file: true
    case .standardInput, .object: false
    }
  }

  /// Whether the log is an object with earlier parts.
  var isRotatedObject: Bool {
    switch self {
    case .object(let object): object.hasParts
    case .standardInput, .file: false
    }
  }

  /// Whether a walk found the file. If so, it is no error when the file is gone before it is opened.
  var isFoundFile: Bool {
    switch self {
    case .file(_, let root, rotated: _): root != nil
    case .standardInput, .object: false
    }
  }
}
