import CLibPQ

/// What a caller gave to name the database: a URI, `key=value` pairs or the name of a database.
///
/// Keeps the secrets of it so that they can be taken out of libpq's messages, some of which quote what they could
/// not read: in `postgres://u:pa/ss@host/db` the port is `pa`.
struct ConnectionString {
  let text: String
  /// Whether it says itself how the connection is protected.
  let saysSSLMode: Bool
  private let secrets: [String]

  /// Nil text means libpq's own environment variables and files.
  init(_ text: String?) throws(DatabaseError) {
    guard let text, !text.isEmpty else {
      self.text = ""
      saysSSLMode = false
      secrets = []
      return
    }
    self.text = text
    let isURI = text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    guard isURI || text.utf8.contains(UInt8(ascii: "=")) else {
      guard !text.utf8.contains(where: { $0 <= 0x20 || ":/@?".utf8.contains($0) }) else { throw Self.invalid }
      saysSSLMode = false
      secrets = []
      return
    }
    // libpq's own message would quote the string, so it is not asked for.
    guard let options = unsafe LibpqOptions.taking(PQconninfoParse(text, nil)) else { throw Self.invalid }
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

  private static let invalid = DatabaseError(
    .configuration, message: "the connection string cannot be read",
    advice:
      "write postgresql://user@host:port/database (special characters percent-encoded) or key=value pairs")
}
