import Glibc
public import SystemPackage

extension FilePath {
  /// What a path leads to.
  public enum Target: Sendable {
    case folder
    /// A regular file.
    case file(FileState)
    /// A pipe, a device or a socket.
    case special
  }

  /// What the path leads to, links followed.
  /// - Throws: `open`, with the system's error if it cannot say.
  public func target() throws(InputError) -> Target {
    switch fileStatus(of: self) {
    case .failure(let errno): throw InputError(.open, path: self, errno: errno)
    case .success(let status):
      switch InputError.FileKind(mode: status.st_mode) {
      case nil: return .file(FileState(status))
      case .folder: return .folder
      case .pipe, .device, .socket, .link, .other: return .special
      }
    }
  }
}

/// The folder that a walk began in.
public struct LogRoot: Sendable, Hashable {
  /// Its path.
  public let path: FilePath
  /// The folder's device and inode, which stay the same under every name.
  let key: FileKey
  /// The bytes of the path, with a `/` at the end: what a path below it begins with.
  let beginning: [UInt8]

  init(path: FilePath, key: FileKey) {
    self.path = path
    self.key = key
    let bytes = path.bytes
    beginning = bytes.last == UInt8(ascii: "/") ? bytes : bytes + [UInt8(ascii: "/")]
  }

  /// Whether the path still leads to that folder. It does not after the folder was moved, or after its volume went away.
  public var isThere: Bool {
    guard case .success(let status) = fileStatus(of: path) else { return false }
    return FileState(status).key == key
  }
}

extension FilePath {
  /// The same path from the file system's root, so that a log has one name wherever the program was started.
  public var absolute: FilePath {
    if isAbsolute { return lexicallyNormalized() }
    guard let folder = unsafe getcwd(nil, 0) else { return self }
    defer { unsafe free(folder) }
    return unsafe FilePath(platformString: folder).pushing(self).lexicallyNormalized()
  }
}

private func fileStatus(of path: FilePath) -> Result<stat, Errno> {
  var status = stat()
  guard unsafe path.withPlatformString({ unsafe stat($0, &status) }) == 0 else {
    return .failure(Errno(rawValue: errno))
  }
  return .success(status)
}
