import Glibc
public import LogModel
public import SystemPackage

extension FilePath {
  /// Whether the path leads to a folder, links followed.
  public var isFolder: Bool {
    guard let status = fileStatus(of: self) else { return false }
    return InputError.FileKind(mode: status.st_mode) == .folder
  }

  /// Whether the path leads to nothing; not where that cannot be seen, for want of rights.
  public var isMissing: Bool { isNothing(at: self) }

  /// The last modification of the regular file that the path leads to, links followed; nil where there is none.
  public var modificationTime: LogTime? {
    FileState(of: self)?.modified
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

extension FileState {
  /// The state of the regular file that a path leads to, links followed; nil where there is none.
  public init?(of path: FilePath) {
    guard let status = fileStatus(of: path), InputError.FileKind(mode: status.st_mode) == nil else {
      return nil
    }
    self.init(status)
  }
}

private func fileStatus(of path: FilePath) -> stat? {
  var status = stat()
  return unsafe path.withPlatformString { unsafe stat($0, &status) } == 0 ? status : nil
}

private func isNothing(at path: FilePath) -> Bool {
  var status = stat()
  guard unsafe path.withPlatformString({ unsafe stat($0, &status) }) != 0 else { return false }
  return errno == ENOENT || errno == ENOTDIR
}
