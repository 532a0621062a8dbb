import Glibc
import LogModel
public import SystemPackage

/// The folder that a walk began in. It stays open for as long as one of the logs that were found in it may be opened.
public struct LogRoot: Sendable, Hashable {
  /// What all logs of a root share, so that each of them costs one reference.
  private final class Shared: Sendable {
    let path: FilePath
    let key: FileKey
    let beginning: [UInt8]
    let absoluteBeginning: [UInt8]
    let descriptor: Int32

    init(_ path: FilePath, _ key: FileKey, duplicating descriptor: Int32) throws(InputError) {
      self.path = path
      self.key = key
      beginning = path.asBeginning
      absoluteBeginning = path.absolute.asBeginning
      self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
      guard self.descriptor >= 0 else { throw InputError(.open, path: path, errno: Errno(rawValue: errno)) }
    }

    deinit {
      if descriptor >= 0 { close(descriptor) }
    }
  }

  private let shared: Shared

  /// Its path.
  public var path: FilePath { shared.path }
  /// The bytes of the path, with a `/` at the end: what a path below it begins with.
  var beginning: [UInt8] { shared.beginning }
  /// The same of the path from the file system's root.
  var absoluteBeginning: [UInt8] { shared.absoluteBeginning }

  /// A root.
  /// - Parameters:
  ///   - path: Its path.
  ///   - folder: The open folder.
  /// - Throws: `open` where the system gives no further descriptor.
  init(path: FilePath, folder: borrowing Folder) throws(InputError) {
    shared = try Shared(path, folder.key, duplicating: folder.descriptor)
  }

  /// Opens a file below the root, no part of whose path may be a link.
  /// - Parameter path: The file's path below the root.
  /// - Returns: As of ``openForReading(_:below:)``.
  func open(_ path: [UInt8]) -> Result<Int32, Errno> {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: path.count + 1) { text in
      for index in path.indices { unsafe text[index] = CChar(bitPattern: path[index]) }
      unsafe text[path.count] = 0
      guard let text = text.baseAddress else { return .failure(.noMemory) }
      return unsafe openBeneath(shared.descriptor, text)
    }
  }

  /// Whether the path still leads to that folder. It does not after the folder was moved, or after its volume went away.
  public var isThere: Bool { path.leadsToFolder(shared.key) }

  /// Two roots are one if they are the same folder under the same path.
  public static func == (left: LogRoot, right: LogRoot) -> Bool {
    left.shared === right.shared || left.shared.key == right.shared.key && left.path == right.path
  }

  /// Hashes what makes two roots one.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(shared.key)
    hasher.combine(path)
  }
}

extension FilePath {
  /// The bytes with a `/` at the end.
  fileprivate var asBeginning: [UInt8] {
    let bytes = bytes
    return bytes.last == UInt8(ascii: "/") ? bytes : bytes + [UInt8(ascii: "/")]
  }
}
