import Glibc
import Logging
import TestSupport

@testable import DiagnosticWriter

/// A database of its own on the server that CORRPARSE_TEST_DATABASE names; dropped when it is released.
///
/// Without that variable every test that needs it fails: a suite that skips proves nothing.
final class CommandDatabase: Sendable {
  struct Missing: Error, CustomStringConvertible {
    let description =
      "CORRPARSE_TEST_DATABASE is not set: run the tests by Scripts/with-postgres.sh swift test, or give "
      + "the connection string (key=value pairs) of a superuser of a PostgreSQL server made for tests"
  }

  private static let logger = Logger(label: "corrparse.test") { _ in SwiftLogNoOpLogHandler() }

  let name = "command_test_\(getpid())_\(UInt64.random(in: 0...UInt64.max))"
  private let server: String

  /// A database, migrated by the program unless told otherwise.
  init(isMigrated: Bool = true) throws {
    guard let server = getenv("CORRPARSE_TEST_DATABASE").map({ String(cString: $0) }) else { throw Missing() }
    self.server = server
    let template = isMigrated ? try " TEMPLATE \(Self.template.get().name)" : ""
    try Connection(server, logger: Self.logger)
      .run(SQLText(stringLiteral: "CREATE DATABASE \(name)\(template)"))
  }

  /// A database that the program has migrated, once for all that are copied from it; it goes with the server.
  private static let template: Result<CommandDatabase, any Error> = Result {
    let original = try CommandDatabase(isMigrated: false)
    let outcome = try Program.run("migrate", "up", environment: ["DATABASE_URL": original.connection()])
    guard outcome.status == 0 else { throw ChildProcess.Failure(outcome.errorText) }
    return original
  }

  deinit {
    _ = try? Connection(server, logger: Self.logger)
      .run(SQLText(stringLiteral: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)"))
  }

  /// The connection string, with more settings after it.
  func connection(_ more: String = "") -> String { "\(server) dbname=\(name) \(more)" }

  /// The value of one of the server's settings, such as `host`.
  func setting(_ key: String) -> String {
    server.split(separator: " ").first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
      ?? ""
  }

  /// The same database as a URL.
  func url(user: String = "postgres", password: String, host: String? = nil, database: String? = nil)
    -> String
  {
    let host = (host ?? setting("host")).map { $0 == "/" ? "%2F" : String($0) }.joined()
    return "postgresql://\(user):\(password)@\(host):\(setting("port"))/\(database ?? name)"
  }

  /// Runs the program on this database.
  @discardableResult
  func run(
    _ arguments: String..., environment: [String: String] = [:], in folder: String? = nil, input: [UInt8] = []
  ) throws -> Outcome {
    let process = try start(arguments, environment: environment, in: folder)
    return try Program.finish(process, input: input)
  }

  /// Starts the program on this database.
  func start(
    _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil
  ) throws -> ChildProcess {
    try Program.start(
      arguments, environment: environment.merging(["DATABASE_URL": connection()]) { own, _ in own },
      in: folder)
  }

  func connect() throws -> Connection { try Connection(connection(), logger: Self.logger) }

  /// Runs a script.
  func execute(_ script: String) throws {
    try connect().run(SQLText(stringLiteral: script))
  }

  /// The first column of all rows; a null as `NULL`.
  func column(_ query: String) throws -> [String] {
    let rows = try connect().query(SQLText(stringLiteral: query))
    return (0..<rows.rowCount).map { rows.text($0, 0) ?? "NULL" }
  }

  /// Every row of every table of the program with its version and place: equal exactly when nothing was written.
  func physicalState() throws -> [String] {
    try state(ofTables: "true") {
      "SELECT concat_ws(' ', '\($0)', t.xmin, t.ctid, t) FROM corrparse.\($0) AS t"
    }
  }

  /// What the rows of logs say, without generated keys and the times at which they were written.
  func logicalState() throws -> [String] {
    try state(ofTables: "EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'source_id')")
    {
      """
      SELECT concat_ws(' ', '\($0)', s.name,
        to_jsonb(t) - '{source_id,log_id,feed_log_id,first_run,ingested_at,updated_at}'::text[])
      FROM corrparse.\($0) AS t JOIN corrparse.source AS s USING (source_id)
      """
    }
  }

  private func state(ofTables condition: String, _ query: (String) -> String) throws -> [String] {
    let tables = try column(
      """
      SELECT c.relname FROM pg_class AS c
      WHERE c.relnamespace = 'corrparse'::regnamespace AND c.relkind = 'r' AND \(condition)
      """)
    return try column(tables.map(query).joined(separator: " UNION ALL ") + " ORDER BY 1")
  }
}
