import CLibPQ
public import Logging

/// One connection to PostgreSQL, closed when it is released. For one thread at a time.
///
/// Nothing depends on the state of the session, so a pooler may give every transaction another server connection:
/// settings are `SET LOCAL`, statements are not prepared, locks end with their transaction.
@safe
public final class Connection {
  private let handle: OpaquePointer
  private let notices: NoticeSink
  private let source: ConnectionString

  /// Connects.
  ///
  /// - Parameters:
  ///   - connectionString: A URI, `key=value` pairs or a database's name; nil for libpq's own variables (PGHOST,
  ///     PGSERVICE, …). Values of the string come before those of the environment.
  ///   - logger: Where the server's notices go, at level debug, or notice for migrations.
  /// - Throws: `unavailable` when no server answers, `permission` when it refuses the role, `configuration` for a
  ///   string that cannot be read, a missing database or a server older than 14.
  public convenience init(_ connectionString: String? = nil, logger: Logger) throws(DatabaseError) {
    try self.init(ConnectionString(connectionString), logger: logger)
  }

  /// A second connection to the same database, made as this one was.
  func another() throws(DatabaseError) -> Connection {
    try Connection(source, logger: notices.logger)
  }

  private init(_ source: ConnectionString, logger: Logger) throws(DatabaseError) {
    self.source = source
    unsafe handle = try Self.open(source)
    notices = NoticeSink(logger: logger)
    unsafe PQsetNoticeReceiver(
      handle,
      { sink, result in
        guard let sink = unsafe sink, let message = unsafe QueryResult.primaryMessage(ofNotice: result)
        else { return }
        unsafe Unmanaged<NoticeSink>.fromOpaque(sink).takeUnretainedValue().receive(message)
      },
      Unmanaged.passUnretained(notices).toOpaque())
    let version = unsafe PQserverVersion(handle)
    guard version >= 140_000 else {
      throw DatabaseError(
        .configuration, message: "the server is PostgreSQL \(version / 10_000)",
        advice: "14 or later is needed")
    }
  }

  deinit {
    unsafe PQfinish(handle)
  }

  /// Whether the connection is of no more use; a new one is needed.
  public var isBroken: Bool { unsafe PQstatus(handle) != CONNECTION_OK }

  /// Whether the server takes no changes now: it is a standby, or its settings make it read-only.
  public var isReadOnly: Bool {
    get throws(DatabaseError) {
      try query("SELECT current_setting('transaction_read_only')").text(0, 0) == "on"
    }
  }

  /// The database's encoding; nil behind a pooler that does not tell it.
  var encoding: String? {
    unsafe PQparameterStatus(handle, "server_encoding").map { unsafe String(cString: $0) }
  }

  /// The database's name, as it was asked for.
  var database: String { unsafe PQdb(handle).map { unsafe String(cString: $0) } ?? "" }

  /// The server process that serves the connection; behind a pooler the pooler's idea of it.
  var serverProcess: Int { Int(unsafe PQbackendPID(handle)) }

  /// Whether a transaction is open, failed ones included.
  var isInTransaction: Bool {
    let status = unsafe PQtransactionStatus(handle)
    return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN
  }

  /// Runs one statement with its values as parameters; a NUL in one is dropped.
  @discardableResult
  func query(_ statement: SQLText, _ parameters: [String?] = []) throws(DatabaseError) -> QueryResult {
    let values = parameters.map { $0.map { [UInt8]($0.utf8.filter { $0 != 0 }) + [0] } }
    let texts = CStringArray(values)
    let result = unsafe PQexecParams(
      handle, statement.text, CInt(parameters.count), nil, texts.pointers, nil, nil, 0)
    guard let result = unsafe result else { throw lost() }
    return try unsafe checked(QueryResult(owning: result))
  }

  /// Runs a script in one round trip, and one more for each of its `COPY … FROM STDIN`, which take the pieces in turn.
  ///
  /// - Returns: The results of its statements. On an error the rest of the script is not run.
  @discardableResult
  func run(_ script: SQLText, copying pieces: [[UInt8]] = []) throws(DatabaseError) -> [QueryResult] {
    guard unsafe PQsendQuery(handle, script.text) == 1 else { throw lost() }
    var results: [QueryResult] = []
    var failure: DatabaseError?
    var pieces = pieces[...]
    while let pointer = unsafe PQgetResult(handle) {
      let result = unsafe QueryResult(owning: pointer)
      if result.status == PGRES_COPY_IN {
        try send(pieces.popFirst())
        continue
      }
      do {
        results.append(try checked(result))
      } catch {
        failure = failure ?? error
        if isBroken { break }
      }
    }
    if let failure { throw failure }
    return results
  }

  /// Ends whatever transaction is open. Does nothing on a broken connection: the server does it.
  func rollback() throws(DatabaseError) {
    if isInTransaction { try run("ROLLBACK") }
  }

  /// Shows notices of the server to people, which are for debugging otherwise.
  func showingNotices<Value>(
    _ body: () throws(DatabaseError) -> Value
  ) throws(DatabaseError) -> Value {
    notices.level = .notice
    defer { notices.level = .debug }
    return try body()
  }

  /// Sends the data of one COPY; without any, makes the COPY fail.
  private func send(_ piece: [UInt8]?) throws(DatabaseError) {
    let portion = 1 << 20
    var position = 0
    while let piece, position < piece.count {
      let count = min(portion, piece.count - position)
      let sent = unsafe piece.withUnsafeBytes { bytes in
        unsafe PQputCopyData(
          handle, bytes.baseAddress?.advanced(by: position).assumingMemoryBound(to: CChar.self), CInt(count))
      }
      guard sent == 1 else { throw lost() }
      position += count
    }
    guard unsafe PQputCopyEnd(handle, piece == nil ? "no data for this COPY" : nil) == 1 else { throw lost() }
  }

  private func checked(_ result: QueryResult) throws(DatabaseError) -> QueryResult {
    switch result.status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return result
    default:
      guard let failure = result.failure else { throw lost() }
      throw failure.sqlState == "42501" ? failure.advising(adviceOnRights(failure)) : failure
    }
  }

  /// What a user needs who lacks rights. In a transaction that has failed nothing can be asked any more.
  private func adviceOnRights(_ failure: DatabaseError) -> String {
    let login = unsafe PQuser(handle).map { unsafe String(cString: $0) } ?? "the user"
    // The server's words for CREATE TEMPORARY TABLE; the right is the database's, and no role of the schema's own has to have it.
    if failure.message.contains("create temporary tables") {
      return
        "have the database's owner run GRANT TEMPORARY ON DATABASE \(database) TO corrparse_writer, or to \(login) itself"
    }
    let found = isInTransaction ? nil : writerRole
    let role = found?.writer ?? "corrparse_writer, or the role that migrate up --writer-role named,"
    return "grant \(role) to \(found?.user ?? login), or for migrations connect as the schema's owner"
  }

  /// The role of the database that stores, as the rights on its tables tell, which everybody may read; and the user that lacks it.
  private var writerRole: (writer: String, user: String)? {
    let result = unsafe PQexecParams(handle, Self.writerOfTables.text, 0, nil, nil, nil, nil, 0)
    guard let result = unsafe result else { return nil }
    let rows = unsafe QueryResult(owning: result)
    guard rows.status == PGRES_TUPLES_OK, rows.rowCount == 1, let writer = rows.text(0, 0),
      let user = rows.text(0, 1)
    else { return nil }
    return (writer, user)
  }

  private static let writerOfTables: SQLText = """
    SELECT DISTINCT pg_catalog.quote_ident(r.rolname), pg_catalog.quote_ident(current_user)
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
    JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
    WHERE n.nspname = 'corrparse' AND c.relname = 'record' AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner
    """

  /// The error of a connection that failed without a word from the server.
  private func lost() -> DatabaseError {
    let message = unsafe PQerrorMessage(handle).map { unsafe String(cString: $0) } ?? ""
    // After a write that failed libpq still takes the connection for open, as the server's last words may be unread. It
    // notices the end when it has read them; that never waits.
    var attempts = 0
    while !isBroken, attempts < 64, unsafe PQconsumeInput(handle) == 1 { attempts += 1 }
    guard isBroken else { return DatabaseError(.program, message: message.firstLine) }
    return DatabaseError(.unavailable, message: "the connection to the server was lost: \(message.firstLine)")
  }
}

extension String {
  /// The text up to the first line feed.
  var firstLine: String { String(prefix { $0 != "\n" }) }
}

/// Takes the server's notices to the log.
private final class NoticeSink {
  let logger: Logger
  var level = Logger.Level.debug
  /// What people were shown: every migration gives the same rights, and nobody has to read the same notice of each.
  private var shown: Set<String> = []

  init(logger: Logger) {
    self.logger = logger
  }

  func receive(_ message: String) {
    let isNew = level == .debug || shown.insert(message).inserted
    logger.log(level: isNew ? level : .debug, "\(message)")
  }
}
