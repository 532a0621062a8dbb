import SystemPackage

/// The file that a node exporter's textfile collector reads.
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

  /// Puts other content in its place, as a whole.
  /// - Returns: What went wrong, in one sentence; nil when nothing did.
  func replace(_ content: [UInt8]) -> String? { ReplacedFile(path).replace(content) }
}
