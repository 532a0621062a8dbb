import Glibc
import RecordFormats
import Synchronization
import SystemPackage

/// A file that gets other content as a whole, through a file beside it and a rename: nobody ever sees half of it, and a run that
/// fails or is stopped leaves nothing beside it.
struct ReplacedFile {
  /// The file beside it, from its making on.
  private static let unfinished = Mutex<FilePath?>(nil)

  private let path: FilePath

  /// A file, which need not be there.
  init(_ path: FilePath) {
    self.path = path
  }

  /// Ends the program at once, without the file that is being written.
  static func exit(_ status: Int32) -> Never {
    // No other one is made until the end, as the lock is never given back.
    unfinished.withLock { (temporary) -> Never in
      if let temporary { remove(temporary) }
      _exit(status)
    }
  }

  /// Why the file cannot get other content, in one sentence; nil where nothing is in the way.
  var obstacle: String? {
    guard path.lastComponent != nil else { return "\(shown) names no file" }
    var status = stat()
    // Renaming over /dev/stdout would take it from everybody.
    if unsafe path.withPlatformString({ unsafe lstat($0, &status) }) == 0, status.st_mode & S_IFMT != S_IFREG
    {
      return "\(shown) is not a regular file"
    }
    let isWritable = unsafe folder.withPlatformString { unsafe access($0, W_OK | X_OK) } == 0
    return isWritable ? nil : "\(shown): \(Errno(rawValue: errno).description)"
  }

  /// Puts the content in its place.
  /// - Returns: What went wrong, in one sentence; nil when nothing did.
  func replace(_ content: [UInt8]) -> String? {
    if let obstacle { return obstacle }
    // No two runs share a name, not even two that are process 1 of their containers.
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

  private var shown: String { PrintableText.escaped(path.string) }

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
