import COpenat2
import Glibc
import SystemPackage

/// Opens a file for reading without waiting for a writer (as with a named pipe).
/// - Parameters:
///   - path: The file.
///   - root: A folder at the start of `path`. No part of the path below it may be a link, so that nobody can lead a reader out of
///     the root by putting a link in a folder's place after a walk has found the file. Nil to follow links.
/// - Returns: The descriptor, which the caller closes, or the error: `ELOOP` for a link, `EINVAL` if `path` does not begin with
///   `root`.
func openForReading(_ path: FilePath, below root: FilePath?) -> Result<Int32, Errno> {
  guard let root else { return opened(path, in: AT_FDCWD, reading) }
  return unsafe path.withPlatformString { path in
    unsafe root.withPlatformString { unsafe opened(path, below: $0) }
  }
}

private func opened(_ path: UnsafePointer<CChar>, below root: UnsafePointer<CChar>) -> Result<Int32, Errno> {
  var start = unsafe strlen(root)
  guard start > 0, unsafe strncmp(path, root, start) == 0 else { return .failure(.invalidArgument) }
  let slash = CChar(bitPattern: UInt8(ascii: "/"))
  if unsafe root[start - 1] != slash {
    guard unsafe path[start] == slash else { return .failure(.invalidArgument) }
    start += 1
  }
  let rest = unsafe path + start
  guard unsafe rest.pointee != 0 else { return .failure(.invalidArgument) }
  let (folder, failure) = retryingWhenInterrupted { unsafe openat(AT_FDCWD, root, passing) }
  guard folder >= 0 else { return .failure(failure) }
  defer { close(folder) }
  return unsafe openBeneath(folder, rest)
}

/// Opens a file below an open folder, no part of whose path may be a link.
/// - Returns: As of ``openForReading(_:below:)``.
func openBeneath(_ folder: Int32, _ path: UnsafePointer<CChar>) -> Result<Int32, Errno> {
  let (file, failure) = retryingWhenInterrupted { unsafe open_beneath(folder, path, reading) }
  // openat2 is missing: the kernel is older than 5.6, or the filter of a container does not know the call.
  if failure == .noFunction || failure == .notPermitted {
    return unsafe openPartByPart(FilePath(platformString: path), in: folder)
  }
  return file >= 0 ? .success(file) : .failure(failure)
}

private let reading = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY

private let passing = O_RDONLY | O_DIRECTORY | O_CLOEXEC

/// Opens a file below a folder without openat2: folder by folder, refusing every link.
/// - Parameters:
///   - path: The file, relative to the folder.
///   - root: The folder.
/// - Returns: As of ``openForReading(_:below:)``.
func openPartByPart(_ path: FilePath, in root: Int32) -> Result<Int32, Errno> {
  guard let file = path.lastComponent.map(alone) else { return .failure(.invalidArgument) }
  var parent = root
  defer { if parent != root { close(parent) } }
  for part in path.removingLastComponent().components.map(alone) {
    var folder = opened(part, in: parent, passing | O_NOFOLLOW)
    // openat gives ENOTDIR for a link where O_DIRECTORY and O_NOFOLLOW ask for a folder. openat2 gives ELOOP.
    if case .failure(.notDirectory) = folder, isLink(part, in: parent) {
      folder = .failure(.tooManySymbolicLinkLevels)
    }
    guard case .success(let child) = folder else { return folder }
    if parent != root { close(parent) }
    parent = child
  }
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
