import CLibPQ
import LogModel

/// What a caller gave to name the database: a URI, `key=value` pairs or the name of a database.
///
/// Keeps the secrets of it so that they can be taken out of libpq's messages, some of which quote what they could
/// not read: in `postgres://u:pa/ss@host/db` the port is `pa`.
struct ConnectionString {
  let text: String
  /// Whether it says itself how the connection is protected.
  let saysSSLMode: Bool
  private let secrets: [String]

  /// Whether a URL has more than one `@` before its path. libpq takes what follows the first one for the host.
  let hasSeveralAts: Bool

  /// Nil text means libpq's own environment variables and files. Blanks and line ends around a text, as a file has one at its end, are
  /// none of it: libpq would take them for a part of the database's name.
  init(_ given: String?) throws(DatabaseError) {
    let blanks: (Character) -> Bool = { $0.isWhitespace }
    let text = String((given ?? "").drop(while: blanks).reversed().drop(while: blanks).reversed())
    self.text = text
    let authority = text.firstRange(of: "://").map { text[$0.upperBound...].prefix { $0 != "/" } }
    hasSeveralAts = (authority ?? "").count { $0 == "@" } > 1
    guard !text.isEmpty else {
      saysSSLMode = false
      secrets = []
      return
    }
    let isURI = text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    guard isURI || text.utf8.contains(UInt8(ascii: "=")) else {
      guard !text.utf8.contains(where: { $0 <= 0x20 || ":/@?".utf8.contains($0) }) else { throw Self.invalid }
      saysSSLMode = false
      secrets = []
      return
    }
    // libpq's own message would quote the string, so it is not asked for.
    guard let options = unsafe LibpqOptions.taking(PQconninfoParse(text, nil)) else {
      throw Self.misspelt(in: text) ?? Self.invalid
    }
    saysSSLMode = options["sslmode"] != nil
    var found = options.filter { $0.key.hasSuffix("password") }.map(\.value)
    if isURI, let start = text.firstRange(of: "://")?.upperBound {
      // Whatever stands between the first colon and the last @ may be meant as the password.
      let rest = text[start...]
      if let at = rest.lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") {
        found.append(String(rest[rest.index(after: colon)..<at]))
      }
    }
    // A secret that is a part of another one must not be taken out first.
    secrets = found.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
  }

  /// It as libpq's option; what stands before it can be overridden by it, what stands behind it cannot.
  var options: [(name: String, value: String)] { text.isEmpty ? [] : [(name: "dbname", value: text)] }

  /// A message of libpq without anything that is, or is a part of, a secret.
  func redact(_ message: String) -> String {
    var pieces = message.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
    for index in pieces.indices where !index.isMultiple(of: 2) {
      // With an @ too many, what libpq takes for the host begins with the end of the password.
      if pieces[index].utf8.contains(UInt8(ascii: "@"))
        || secrets.contains(where: { $0.contains(pieces[index]) })
      {
        pieces[index] = "***"
      }
    }
    let joined = pieces.joined(separator: "\"")
    return secrets.reduce(joined) { $0.replacing($1, with: "***") }
  }

  /// The error of a parameter that is nearly one of libpq's. Any other word may be a part of a password, and is not repeated.
  private static func misspelt(in text: String) -> DatabaseError? {
    let known = LibpqOptions.names
    let words = text.split { $0 == "?" || $0 == "&" || $0.isWhitespace }.compactMap { part in
      part.firstIndex(of: "=").map { String(part[..<$0]) }
    }
    for word in words where !known.contains(word) {
      guard let near = NearestNames.of(word, among: known).first, abs(near.utf8.count - word.utf8.count) <= 2
      else { continue }
      return DatabaseError(
        .configuration, message: "the connection string has a parameter \(word), which there is not",
        advice: "did you mean \(near)?")
    }
    return nil
  }

  private static let invalid = DatabaseError(
    .configuration, message: "the connection string cannot be read",
    advice:
      "write postgresql://user@host:port/database (special characters percent-encoded) or key=value pairs")
}
