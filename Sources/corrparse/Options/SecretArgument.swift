import Glibc
import RecordFormats

/// Arguments that may hold a password: connection strings, and URLs with a user in them.
enum SecretArgument {
  /// What a message may repeat of an argument: the whole of it, or the value in `--name=value`.
  static func candidates(in argument: String) -> [String] {
    var candidates = [argument]
    if argument.hasPrefix("--"), let sign = argument.firstIndex(of: "=") {
      candidates.append(String(argument[argument.index(after: sign)...]))
    }
    return candidates
  }

  /// Whether a text may hold a password, well written or not.
  static func isSecret(_ text: String) -> Bool {
    text.contains("password") || hasCredentials(text)
  }

  /// Whether a text has `user:password@host` in it, with a scheme or without. In a path the slashes come first.
  static func hasCredentials(_ text: String) -> Bool {
    let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
    guard let at = text[start...].lastIndex(of: "@") else { return false }
    return text[start..<at].prefix { $0 != "/" }.contains(":")
  }

  /// A text for a message: without control characters, and not at all where it may hold a password.
  static func shown(_ text: String) -> String {
    isSecret(text) ? "(connection string)" : PrintableText.escaped(text)
  }

  /// Writes over them where `ps` and /proc/PID/cmdline show them to everybody. The arguments must have been taken before.
  ///
  /// For the moment until then they are seen, and in the shell's history for good: a file or the environment is the place
  /// for passwords (SECURITY.md).
  static func hide(in arguments: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>) {
    for index in arguments.indices.dropFirst() {
      guard let start = unsafe arguments[index], isSecret(unsafe String(cString: start)) else { continue }
      unsafe memset(start, CInt(UInt8(ascii: "x")), strlen(start))
    }
  }
}
