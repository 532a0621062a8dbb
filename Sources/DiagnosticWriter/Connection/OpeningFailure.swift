import CLibPQ

/// Why there is no connection: what libpq says of it, read for what it means and what to do.
struct OpeningFailure {
  private let text: String
  private let isWaiting: Bool
  private let needsPassword: Bool
  private let isOwnDefault: Bool
  private let hasSeveralAts: Bool

  /// - Parameters:
  ///   - handle: The connection that came to nothing.
  ///   - source: What named the database; its secrets are taken out of what libpq says.
  ///   - isOwnDefault: Whether TLS is required because nobody said anything.
  init(_ handle: OpaquePointer, _ source: ConnectionString, isOwnDefault: Bool) {
    let verbose = unsafe PQerrorMessage(handle).map { unsafe String(cString: $0) } ?? ""
    text = source.redact(verbose)
    isWaiting = unsafe PQstatus(handle) != CONNECTION_BAD
    needsPassword = unsafe PQconnectionNeedsPassword(handle) == 1
    self.isOwnDefault = isOwnDefault
    hasSeveralAts = source.hasSeveralAts
  }

  var error: DatabaseError {
    if let (sqlState, message) = serverError { return DatabaseError(refusing: sqlState, message) }
    if needsPassword {
      return DatabaseError(
        .permission, message: text.firstLine, advice: "give the password by PGPASSFILE or PGPASSWORD")
    }
    if isWaiting || text.isEmpty {
      return DatabaseError(
        .unavailable, message: "the server did not answer in time",
        advice: "check host and port, and what stands between (a firewall, a network policy)")
    }
    let isNetwork = text.hasPrefix("connection to server") || text.hasPrefix("could not translate host name")
    // A server has several addresses: what one of them says of TLS stands behind another's refusal.
    let lines = text.split(separator: "\n")
    if let line = lines.first(where: { line in Self.wordsOfTLS.contains { line.contains($0) } }) {
      let message = line.drop { $0 == "\t" || $0 == " " }
      return DatabaseError(.configuration, message: String(message), advice: advice(for: message))
    }
    return DatabaseError(
      isNetwork ? .unavailable : .configuration, message: text.firstLine, advice: adviceOnNetwork)
  }

  /// What to try where no server was reached.
  private var adviceOnNetwork: String? {
    if text.hasPrefix("could not translate host name") {
      return hasSeveralAts
        ? "the URL has more than one @: write %40 for an @ in the password, or give the password by PGPASSFILE or PGPASSWORD"
        : "check the host's name"
    }
    if text.contains("Connection refused") || text.contains("No such file or directory") {
      return "check that the server runs there, and host and port"
    }
    if text.contains("timed out") || text.contains("timeout expired") {
      return "check host and port, and what stands between (a firewall, a network policy)"
    }
    return nil
  }

  private static let wordsOfTLS = ["SSL", "certificate", "private key"]

  /// What to try after libpq's words about TLS.
  private func advice(for message: Substring) -> String? {
    if message.contains("certificate verify failed") {
      return
        "sslrootcert must hold the authority that signed the server's certificate, and the certificate must neither have "
        + "expired nor be revoked (openssl s_client -starttls postgres -connect HOST:PORT shows it)"
    }
    if message.contains("does not match host name") {
      return "connect by a name that stands in the server's certificate, or have it made for this one"
    }
    if message.contains("root certificate file") {
      return "name the file of the authority that signed the server's certificate with sslrootcert"
    }
    if message.contains("private key") || message.contains("certificate file") {
      return
        "sslcert and sslkey must name a client certificate and its key, which only its owner may read (mode 0600)"
    }
    guard message.contains("does not support SSL") else { return nil }
    return "turn TLS on in the server (ssl = on)"
      + (isOwnDefault
        ? "; over a network corrparse asks for TLS unless told otherwise, so that no password leaves in clear: "
          + "where the network itself keeps it, say sslmode=disable or PGSSLMODE=disable" : "")
  }

  /// Code and message of `…: FATAL:  28P01: password authentication failed …`.
  private var serverError: (sqlState: String, message: String)? {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":  ", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let code = parts[1].prefix(5)
      guard code.utf8.count == 5, parts[1].dropFirst(5).hasPrefix(": "),
        code.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
      else { continue }
      return (String(code), "\(parts[0]): \(parts[1].dropFirst(7))")
    }
    return nil
  }
}

extension DatabaseError {
  /// What a server said when it refused the connection. The program had asked for nothing yet, so neither its statements nor its data
  /// are to blame.
  fileprivate init(refusing sqlState: String, _ message: String) {
    let usual = DatabaseError(sqlState: sqlState, message: message)
    switch usual.category {
    case .unavailable, .transient, .permission: self = usual
    case .configuration:
      self = usual.advice == nil ? usual.advising(Self.settingsAdvice) : usual
    case .data, .program:
      // A full disk refuses by an internal error.
      self =
        sqlState.hasPrefix("XX")
        ? DatabaseError(.unavailable, sqlState: sqlState, message: message)
        : DatabaseError(
          .configuration, sqlState: sqlState, message: message, advice: Self.settingsAdvice)
    }
  }

  private static let settingsAdvice =
    "check the settings that the server is given: PGOPTIONS, and options of the connection string"
}
