import ArgumentParser
import ObjectStore
import RecordFormats

/// The parser's messages repeat what was typed. A terminal must not obey it, and a password in it is not for the
/// screen or a log.
enum UsageMessage {
  /// What is left out: a connection string without a password names a server, which is not for everybody either. A bucket is no
  /// server, and a scheme alone no connection string: messages have both in their examples.
  private static func secrets(_ argument: String) -> [String] {
    SecretArgument.candidates(in: argument).filter { text in
      let namesServer = text.contains("://") && !text.hasSuffix("://") && !BucketPath.isOne(text)
      return namesServer || SecretArgument.isSecret(text)
    }
  }

  /// The message of a usage error that a command found while it ran; of those that the parser finds it makes the message.
  static func text(of error: ValidationError, in command: any ParsableCommand.Type) -> String {
    let usage = Corrparse.usageString(for: command)
    let name = usage.split(separator: " ").prefix { $0.first?.isLetter == true }.joined(separator: " ")
    return "Error: \(error.message)\nUsage: \(usage)\n  See '\(name) --help' for more information."
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
