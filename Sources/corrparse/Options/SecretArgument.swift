import Glibc
import LogModel

/// Arguments that may hold a password: connection strings, and URLs with a user in them.
enum SecretArgument {
  /// The texts that a message can repeat of an argument: the whole argument, and the value in `--name=value`.
  static func candidates(in argument: String) -> [String] {
    var candidates = [argument]
    if argument.hasPrefix("--"), let sign = argument.firstIndex(of: "=") {
      candidates.append(String(argument[argument.index(after: sign)...]))
    }
    return candidates
  }

  /// Whether a text may hold a password. A malformed connection string counts too.
  static func isSecret(_ text: String) -> Bool {
    text.contains("password") || hasCredentials(text)
  }

  /// Whether a text has `user:password@host` in it, with a scheme or without. A path with `:` and `@` is told apart by a slash before them.
  static func hasCredentials(_ text: String) -> Bool {
    let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
    guard let at = text[start...].lastIndex(of: "@") else { return false }
    return text[start..<at].prefix { $0 != "/" }.contains(":")
  }

  /// A text for a message. Control characters are escaped. A text that may hold a password becomes `(connection string)`.
  static func shown(_ text: String) -> String {
    isSecret(text) ? "(connection string)" : PrintableText.escaped(text)
  }

  /// Overwrites arguments that may hold a password in the memory that `ps` and /proc/PID/cmdline show to everybody. `RawArguments` must
  /// have copied them before.
  ///
  /// Until then everybody can see them, and the shell's history keeps them. So passwords belong into a file or the environment
  /// (SECURITY.md).
  static func hide(in arguments: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>) {
    for index in arguments.indices.dropFirst() {
      guard let start = unsafe arguments[index], isSecret(unsafe String(cString: start)) else { continue }
      unsafe memset(start, CInt(UInt8(ascii: "x")), strlen(start))
    }
  }
}
