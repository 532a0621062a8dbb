import SystemPackage

/// The file that a node exporter's textfile collector reads.
struct MetricsFile {
  /// So many bytes of an older file are read. The values that are taken over from it come long before.
  private static let longestContent = 1 << 20

  private let path: FilePath

  /// A file, which need not be there.
  init(_ path: FilePath) {
    self.path = path
  }

  /// The content of the file; nil if it is not there or cannot be read.
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

  /// Replaces the content as a whole.
  /// - Returns: The error, in one sentence; nil on success.
  func replace(_ content: [UInt8]) -> String? { ReplacedFile(path).replace(content) }
}
