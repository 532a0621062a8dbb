import RecordFormats

/// The parser's messages repeat what was typed. A terminal must not obey it, and a password in it is not for the
/// screen or a log.
enum UsageMessage {
  /// The message with connection strings left out and control characters shown.
  static func safe(_ message: String, arguments: [String]) -> String {
    var message = message
    // The longest first, so that none is left over as a part of another.
    for secret in arguments.flatMap(connectionStrings).sorted(by: { $0.utf8.count > $1.utf8.count }) {
      message = message.replacing(secret, with: "(connection string)")
    }
    return message.split(separator: "\n", omittingEmptySubsequences: false)
      .map { PrintableText.escaped(String($0)) }.joined(separator: "\n")
  }

  /// The argument, or the value in `--name=value`, where it may hold a password.
  private static func connectionStrings(_ argument: String) -> [String] {
    var candidates = [argument]
    if argument.hasPrefix("--"), let sign = argument.firstIndex(of: "=") {
      candidates.append(String(argument[argument.index(after: sign)...]))
    }
    return candidates.filter { $0.contains("://") || $0.contains("password") }
  }
}
