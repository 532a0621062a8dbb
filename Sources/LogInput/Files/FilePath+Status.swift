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

extension FilePath {
  /// Whether the path leads to a certain folder.
  func leadsToFolder(_ key: FileKey) -> Bool {
    guard case .success(let status) = fileStatus(of: self) else { return false }
    return FileState(status).key == key
  }

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
