import SystemPackage

/// A file that holds a token or a password and nothing else.
enum SecretFile {
  private static let longest = 1 << 16

  /// The text without any white space, as tokens have none.
  /// - Throws: A configuration error, said on stderr, where the file cannot be read.
  static func word(_ path: String) throws -> String { try text(path).filter { !$0.isWhitespace } }

  /// The first line, as it is.
  /// - Throws: A configuration error, said on stderr, where the file cannot be read.
  static func line(_ path: String) throws -> String { String(try text(path).prefix { !$0.isNewline }) }

  private static func text(_ path: String) throws -> String {
    do {
      let descriptor = try FileDescriptor.open(RawArguments.path(path), .readOnly, options: .closeOnExec)
      return try descriptor.closeAfter {
        var bytes = [UInt8](repeating: 0, count: longest)
        let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe descriptor.read(into: $0) }
        return String(decoding: bytes[..<count], as: UTF8.self)
      }
    } catch let failure as Errno {
      Diagnostics.say("\(SecretArgument.shown(path)): \(failure.description)")
      throw ExitStatus.configuration.exit
    }
  }
}
