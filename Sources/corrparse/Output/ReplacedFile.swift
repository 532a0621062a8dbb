import Glibc
import Synchronization
import SystemPackage

/// A file whose content is replaced as a whole: the new content is written to a temporary file beside it, which is then renamed. Nobody
/// ever sees half of the content. A run that fails or is stopped leaves no temporary file.
struct ReplacedFile {
  /// The temporary file, as long as there is one.
  private static let unfinished = Mutex<FilePath?>(nil)

  private let path: FilePath

  /// A file, which need not be there.
  init(_ path: FilePath) {
    self.path = path
  }

  /// Ends the program at once, and deletes the temporary file.
  static func exit(_ status: Int32) -> Never {
    // The lock is never released, so that no other temporary file is made until the program ends.
    unfinished.withLock { (temporary) -> Never in
      if let temporary { remove(temporary) }
      _exit(status)
    }
  }

  /// Why the file cannot be replaced, in one sentence; nil if it can.
  var obstacle: String? {
    guard path.lastComponent != nil else { return "\(shown) names no file" }
    var status = stat()
    // A rename over a device such as /dev/stdout would remove it for everybody.
    if unsafe path.withPlatformString({ unsafe lstat($0, &status) }) == 0, status.st_mode & S_IFMT != S_IFREG
    {
      return "\(shown) is not a regular file"
    }
    let isWritable = unsafe folder.withPlatformString { unsafe access($0, W_OK | X_OK) } == 0
    return isWritable ? nil : "\(shown): \(Errno(rawValue: errno).description)"
  }

  /// Replaces the content.
  /// - Returns: The error, in one sentence; nil on success.
  func replace(_ content: [UInt8]) -> String? {
    if let obstacle { return obstacle }
    // The name is random because a process number is not unique: two containers with the same volume both have a process 1.
    let temporary = folder.appending(".corrparse-\(UInt64.random(in: 0...UInt64.max)).tmp")
    do {
      let file = try Self.unfinished.withLock { unfinished in
        let file = try FileDescriptor.open(
          temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
          permissions: [.ownerReadWrite, .groupRead, .otherRead])
        unfinished = temporary
        return file
      }
      defer { Self.unfinished.withLock { $0 = nil } }
      do {
        try file.closeAfter { _ = try file.writeAll(content) }
        try rename(temporary)
      } catch {
        Self.remove(temporary)
        throw error
      }
      return nil
    } catch let failure as Errno {
      return "\(shown): \(failure.description)"
    } catch {
      return "\(shown) cannot be written"
    }
  }

  private var shown: String { path.string }

  private var folder: FilePath {
    let folder = path.removingLastComponent()
    return folder.isEmpty ? "." : folder
  }

  private static func remove(_ temporary: FilePath) {
    _ = unsafe temporary.withPlatformString { unsafe unlink($0) }
  }

  private func rename(_ temporary: FilePath) throws(Errno) {
    let failure = unsafe temporary.withPlatformString { old in
      unsafe path.withPlatformString { new in unsafe Glibc.rename(old, new) }
    }
    guard failure == 0 else { throw Errno(rawValue: errno) }
  }
}
