public import CorrelationGrammar
import Glibc
public import SystemPackage

extension FilePath {
  /// Whether the path leads to a folder, links followed.
  public var isFolder: Bool {
    guard let status = fileStatus(of: self) else { return false }
    return InputError.FileKind(mode: status.st_mode) == .folder
  }

  /// The last modification of the regular file that the path leads to, links followed; nil where there is none.
  public var modificationTime: LogTime? {
    guard let status = fileStatus(of: self), InputError.FileKind(mode: status.st_mode) == nil else { return nil }
    return FileState(status).modified
  }
}

private func fileStatus(of path: FilePath) -> stat? {
  var status = stat()
  return unsafe path.withPlatformString { unsafe stat($0, &status) } == 0 ? status : nil
}
