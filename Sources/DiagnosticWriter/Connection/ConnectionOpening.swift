import CLibPQ
import Glibc

extension Connection {
  /// How long to wait for a server where `connect_timeout` does not say.
  private static let defaultTimeout = 30

  /// Connects without blocking calls, because only then can libpq be asked for the server's error code.
  static func open(_ source: ConnectionString) throws(DatabaseError) -> OpaquePointer {
    // What stands before dbname can be overridden by the string, what stands behind cannot.
    let settings = [
      ("tcp_user_timeout", "30000"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
      ("fallback_application_name", "corrparse"), ("dbname", source.text), ("client_encoding", "UTF8"),
    ].filter { $0.0 != "dbname" || !source.text.isEmpty }
    let keywords = CStringArray(settings.map { [UInt8]($0.0.utf8) + [0] } + [nil])
    let values = CStringArray(settings.map { [UInt8]($0.1.utf8.filter { $0 != 0 }) + [0] } + [nil])
    guard let handle = unsafe PQconnectStartParams(keywords.pointers, values.pointers, 1) else {
      throw DatabaseError(.program, message: "no memory for a connection")
    }
    unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    let isConnected = unsafe waitUntilConnected(handle)
    unsafe PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    guard isConnected else {
      let error = unsafe connectionFailure(handle, source)
      unsafe PQfinish(handle)
      throw error
    }
    return unsafe handle
  }

  private static func waitUntilConnected(_ handle: OpaquePointer) -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(unsafe timeout(handle))
    var state = PGRES_POLLING_WRITING
    if unsafe PQstatus(handle) == CONNECTION_BAD { return false }
    while state != PGRES_POLLING_OK {
      let remaining = clock.now.duration(to: deadline).components.seconds
      guard state != PGRES_POLLING_FAILED, remaining >= 0 else { return false }
      let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
      var descriptor = unsafe pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
      let ready = unsafe poll(&descriptor, 1, CInt(min(remaining + 1, 3600) * 1000))
      if ready > 0 { state = unsafe PQconnectPoll(handle) }
    }
    return true
  }

  private static func timeout(_ handle: OpaquePointer) -> Int {
    guard let options = unsafe PQconninfo(handle) else { return defaultTimeout }
    defer { unsafe PQconninfoFree(options) }
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      if unsafe String(cString: keyword) == "connect_timeout", let value = unsafe option.pointee.val,
        let seconds = Int(unsafe String(cString: value)), seconds > 0
      {
        return seconds
      }
      unsafe option += 1
    }
    return defaultTimeout
  }

  private static func connectionFailure(_ handle: OpaquePointer, _ source: ConnectionString) -> DatabaseError
  {
    let verbose = unsafe PQerrorMessage(handle).map { unsafe String(cString: $0) } ?? ""
    let isWaiting = unsafe PQstatus(handle) != CONNECTION_BAD
    let text = source.redact(verbose)
    if let (sqlState, message) = serverError(in: text) {
      // A server with a full disk refuses with an internal error; the program has asked for nothing yet.
      return sqlState.hasPrefix("XX")
        ? DatabaseError(.unavailable, sqlState: sqlState, message: message)
        : DatabaseError(sqlState: sqlState, message: message)
    }
    if unsafe PQconnectionNeedsPassword(handle) == 1 {
      return DatabaseError(
        .permission, message: text.firstLine, advice: "give the password by PGPASSFILE or PGPASSWORD")
    }
    if isWaiting || text.isEmpty {
      return DatabaseError(.unavailable, message: "the server did not answer in time")
    }
    let isNetwork = text.hasPrefix("connection to server") || text.hasPrefix("could not translate host name")
    // A server has several addresses: what one of them says of TLS stands behind another's refusal.
    let lines = text.split(separator: "\n")
    if let line = lines.first(where: { $0.contains("SSL") || $0.contains("certificate") }) {
      let message = line.drop { $0 == "\t" || $0 == " " }
      return DatabaseError(.configuration, message: String(message), advice: tlsAdvice(for: message))
    }
    return DatabaseError(isNetwork ? .unavailable : .configuration, message: text.firstLine)
  }

  /// What to try after libpq's words about TLS.
  private static func tlsAdvice(for message: Substring) -> String? {
    if message.contains("certificate verify failed") {
      return
        "sslrootcert must hold the authority that signed the server's certificate, and the certificate must not have "
        + "expired (openssl s_client -starttls postgres -connect HOST:PORT shows it)"
    }
    if message.contains("does not match host name") {
      return "connect by a name that stands in the server's certificate, or have it made for this one"
    }
    if message.contains("root certificate file") {
      return "name the file of the authority that signed the server's certificate with sslrootcert"
    }
    if message.contains("does not support SSL") { return "turn TLS on in the server (ssl = on)" }
    return nil
  }

  /// Takes code and message out of `…: FATAL:  28P01: password authentication failed …`.
  private static func serverError(in text: String) -> (sqlState: String, message: String)? {
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
