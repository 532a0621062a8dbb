import RecordFormats

/// The parser's messages repeat what was typed. A terminal must not obey it, and a password in it is not for the
/// screen or a log.
enum UsageMessage {
  /// What is left out: a connection string without a password names a server, which is not for everybody either.
  private static func secrets(_ argument: String) -> [String] {
    SecretArgument.candidates(in: argument).filter { $0.contains("://") || SecretArgument.isSecret($0) }
  }

  /// The message with connection strings left out and control characters shown.
  static func safe(_ message: String, arguments: [String]) -> String {
    var message = message
    // The longest first, so that none is left over as a part of another.
    for secret in arguments.flatMap(secrets).sorted(by: { $0.utf8.count > $1.utf8.count }) {
      message = message.replacing(secret, with: "(connection string)")
    }
    return message.split(separator: "\n", omittingEmptySubsequences: false)
      .map { PrintableText.escaped(String($0)) }.joined(separator: "\n")
  }
}
