import Glibc
import SystemPackage

/// Opens a file for reading without waiting for a writer (as with a named pipe).
/// - Parameters:
///   - path: The file.
///   - root: A folder at the start of `path` below which no part of the path may be a link; nil to follow links. The
///     path is then opened part by part, so that nobody can lead a reader out of the root by exchanging a folder for a
///     link after a walk has found the file.
/// - Returns: The descriptor, which the caller closes, or why there is none: `ELOOP` for a link, `EINVAL` for a path that
///   does not begin with the root.
func openForReading(_ path: FilePath, below root: FilePath?) -> Result<Int32, Errno> {
  let reading = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
  guard let root else { return opened(path, in: AT_FDCWD, reading) }
  var rest = path
  guard rest.removePrefix(root), let file = rest.lastComponent.map(alone) else {
    return .failure(.invalidArgument)
  }
  let passing = O_RDONLY | O_DIRECTORY | O_CLOEXEC
  var folder = opened(root, in: AT_FDCWD, passing)
  for part in rest.removingLastComponent().components.map(alone) {
    guard case .success(let parent) = folder else { break }
    folder = opened(part, in: parent, passing | O_NOFOLLOW)
    // What is said of a link that should be a folder.
    if case .failure(.notDirectory) = folder, isLink(part, in: parent) {
      folder = .failure(.tooManySymbolicLinkLevels)
    }
    close(parent)
  }
  guard case .success(let parent) = folder else { return folder }
  defer { close(parent) }
  return opened(file, in: parent, reading | O_NOFOLLOW)
}

private func alone(_ part: FilePath.Component) -> FilePath {
  FilePath(root: nil, CollectionOfOne(part))
}

private func opened(_ path: FilePath, in folder: Int32, _ flags: Int32) -> Result<Int32, Errno> {
  let (descriptor, failure) = retryingWhenInterrupted {
    unsafe path.withPlatformString { unsafe openat(folder, $0, flags) }
  }
  return descriptor >= 0 ? .success(descriptor) : .failure(failure)
}

private func isLink(_ name: FilePath, in folder: Int32) -> Bool {
  var status = stat()
  return unsafe name.withPlatformString { unsafe fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
    && InputError.FileKind(mode: status.st_mode) == .link
}
