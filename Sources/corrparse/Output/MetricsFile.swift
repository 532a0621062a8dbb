import Glibc
import RecordFormats
import SystemPackage

/// The file that a node exporter's textfile collector reads: never seen half written, never anything but a regular file.
struct MetricsFile {
  /// What is taken over from an older file stands well before this.
  private static let longestContent = 1 << 20

  private let path: FilePath

  /// A file, which need not be there.
  init(_ path: FilePath) {
    self.path = path
  }

  /// What is in it; nil where there is none that can be read.
  var content: String? {
    do {
      let file = try FileDescriptor.open(
        path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
      return try file.closeAfter {
        var bytes = [UInt8](repeating: 0, count: Self.longestContent)
        let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
        return String(decoding: bytes[..<count], as: UTF8.self)
      }
    } catch {
      return nil
    }
  }

  /// Puts other content in its place, through a file beside it and a rename.
  /// - Returns: What went wrong, in one sentence; nil when nothing did.
  func replace(_ content: [UInt8]) -> String? {
    // Renaming over /dev/stdout would take it from everybody.
    guard isReplaceable else { return "\(shown) is not a regular file" }
    // No two runs share a name, not even two that are process 1 of their containers.
    let temporary = FilePath(path.string + ".\(UInt64.random(in: 0...UInt64.max)).tmp")
    do {
      let file = try FileDescriptor.open(
        temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try file.closeAfter { _ = try file.writeAll(content) }
      try rename(temporary)
      return nil
    } catch let failure as Errno {
      _ = unsafe temporary.withPlatformString { unsafe unlink($0) }
      return "\(shown): \(failure.description)"
    } catch {
      return "\(shown) cannot be written"
    }
  }

  private var shown: String { PrintableText.escaped(path.string) }

  private var isReplaceable: Bool {
    var status = stat()
    let code = unsafe path.withPlatformString { unsafe lstat($0, &status) }
    return code != 0 || status.st_mode & S_IFMT == S_IFREG
  }

  private func rename(_ temporary: FilePath) throws(Errno) {
    let failure = unsafe temporary.withPlatformString { old in
      unsafe path.withPlatformString { new in unsafe Glibc.rename(old, new) }
    }
    guard failure == 0 else { throw Errno(rawValue: errno) }
  }
}
