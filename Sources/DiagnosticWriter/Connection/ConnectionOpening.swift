import CLibPQ
import Glibc

extension Connection {
  /// How long to wait for a server where `connect_timeout` does not say.
  private static let defaultTimeout = 30

  /// Connects without blocking calls, because only then can libpq be asked for the server's error code.
  static func open(_ source: ConnectionString) throws(DatabaseError) -> OpaquePointer {
    let transport = TransportDefault.mode(for: source)
    let handle = unsafe LibpqOptions.start(
      [
        (name: "tcp_user_timeout", value: "30000"), (name: "keepalives_idle", value: "30"),
        (name: "keepalives_interval", value: "10"), (name: "fallback_application_name", value: "corrparse"),
      ] + (transport.map { [(name: "sslmode", value: $0)] } ?? []) + source.options
        + [(name: "client_encoding", value: "UTF8")])
    guard let handle = unsafe handle else {
      throw DatabaseError(.program, message: "no memory for a connection")
    }
    unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    let isConnected = unsafe waitUntilConnected(handle)
    unsafe PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    guard isConnected else {
      let error = unsafe OpeningFailure(handle, source, isOwnDefault: transport != nil).error
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
    let options = unsafe LibpqOptions.taking(PQconninfo(handle)) ?? [:]
    guard let seconds = options["connect_timeout"].flatMap({ Int($0) }), seconds > 0 else {
      return defaultTimeout
    }
    return seconds
  }
}
