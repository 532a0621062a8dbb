import Diagnosis
import Glibc
import LogInput
import LogModel
import Logging

@testable import DiagnosticWriter

/// A database of its own on the server that CORRPARSE_TEST_DATABASE names; dropped when it is released.
///
/// Without that variable every test that needs it fails: a suite that skips proves nothing.
final class TestDatabase: Sendable {
  struct Missing: Error, CustomStringConvertible {
    let description =
      "CORRPARSE_TEST_DATABASE is not set: run the tests by Scripts/with-postgres.sh swift test, or give "
      + "the connection string (key=value pairs) of a superuser of a PostgreSQL server made for tests"
  }

  static let logger = Logger(label: "corrparse.test") { _ in SwiftLogNoOpLogHandler() }

  let name: String
  private let server: String

  /// A database, migrated unless told otherwise, with a taxonomy of one code.
  convenience init(isMigrated: Bool = true) throws {
    try self.init(copyOf: isMigrated ? Self.migrated.get() : nil)
  }

  /// A migrated database with the program's own taxonomy, thresholds and conditions.
  static func withWholeTaxonomy() throws -> TestDatabase {
    try TestDatabase(copyOf: wholeTaxonomy.get())
  }

  private init(copyOf original: TestDatabase?) throws {
    guard let server = unsafe getenv("CORRPARSE_TEST_DATABASE").map({ unsafe String(cString: $0) }) else {
      throw Missing()
    }
    self.server = server
    name = "writer_test_\(getpid())_\(UInt64.random(in: 0...UInt64.max))"
    let template = original.map { " TEMPLATE \($0.name)" } ?? ""
    try Connection(server, logger: Self.logger)
      .run(SQLText(stringLiteral: "CREATE DATABASE \(name)\(template)"))
  }

  /// What is copied is made once, as a migration takes five times as long as a copy; it goes with the server.
  private static let migrated: Result<TestDatabase, any Error> = Result {
    let original = try TestDatabase(copyOf: nil)
    try original.migrate()
    return original
  }

  private static let wholeTaxonomy: Result<TestDatabase, any Error> = Result {
    let original = try TestDatabase(copyOf: nil)
    try Migrator(original.connect()).up(programVersion: "1", taxonomy: .whole())
    return original
  }

  /// Migrates a database that is not. The rights on a database itself are not among what is copied from a migrated one.
  func migrate() throws {
    try Migrator(connect()).up(programVersion: "1.2.3", taxonomy: Self.taxonomy)
  }

  deinit {
    _ = try? Connection(server, logger: Self.logger)
      .run(SQLText(stringLiteral: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)"))
  }

  /// The connection string, with more settings after it.
  func connectionString(_ more: String = "") -> String { "\(server) dbname=\(name) \(more)" }

  func connect(_ more: String = "") throws -> Connection {
    try Connection(connectionString(more), logger: Self.logger)
  }

  static let taxonomy = TaxonomyReference(
    rows: [
      TaxonomyRow(
        code: "ML_SOLID", taxonomyVersion: 1, layer: "ml", severity: "none", condition: "delta > 0.10",
        meaning: "Signal solide", nextStep: "", position: 10)
    ], currentVersion: 1)
}

extension Connection {
  /// The first column of all rows.
  func column(_ statement: SQLText, _ parameters: [String?] = []) throws -> [String?] {
    let rows = try query(statement, parameters)
    return (0..<rows.rowCount).map { rows.text($0, 0) }
  }

  /// The first value.
  func value(_ statement: SQLText, _ parameters: [String?] = []) throws -> String? {
    try query(statement, parameters).text(0, 0)
  }

  /// Every row of every table with its version and place: equal exactly when nothing at all was written.
  ///
  /// A ledger's column without a value counts as none: a later migration may have added it.
  func physicalState() throws -> [String?] {
    try column(
      """
      SELECT concat_ws(' ', 'source', xmin, ctid, t) FROM corrparse.source AS t
      UNION ALL SELECT concat_ws(' ', 'log', xmin, ctid, jsonb_strip_nulls(to_jsonb(t))) FROM corrparse.log AS t
      UNION ALL SELECT concat_ws(' ', 'record', xmin, ctid, t) FROM corrparse.record AS t
      UNION ALL SELECT concat_ws(' ', 'verdict', xmin, ctid, t) FROM corrparse.verdict AS t
      UNION ALL SELECT concat_ws(' ', 'issue', xmin, ctid, jsonb_strip_nulls(to_jsonb(t))) FROM corrparse.issue AS t
      UNION ALL SELECT concat_ws(' ', 'outcome', xmin, ctid, t) FROM corrparse.task_outcome AS t
      ORDER BY 1
      """)
  }

  /// What the rows say, without generated keys and the times at which they were written.
  func logicalState() throws -> [String?] {
    try column(
      """
      SELECT concat_ws(' ', 'source', to_jsonb(s) - '{source_id,feed_log_id}'::text[], f.location)
      FROM corrparse.source AS s LEFT JOIN corrparse.log AS f ON f.log_id = s.feed_log_id
      UNION ALL SELECT concat_ws(' ', 'log', to_jsonb(t) - '{source_id,log_id,ingested_at}'::text[], s.name)
      FROM corrparse.log AS t JOIN corrparse.source AS s USING (source_id)
      UNION ALL SELECT concat_ws(' ', 'record', to_jsonb(t) - '{source_id,updated_at}'::text[], s.name)
      FROM corrparse.record AS t JOIN corrparse.source AS s USING (source_id)
      UNION ALL SELECT concat_ws(' ', 'verdict', to_jsonb(t) - '{source_id,updated_at}'::text[], s.name)
      FROM corrparse.verdict AS t JOIN corrparse.source AS s USING (source_id)
      UNION ALL SELECT concat_ws(' ', 'issue', to_jsonb(t) - '{source_id}'::text[], s.name)
      FROM corrparse.issue AS t JOIN corrparse.source AS s USING (source_id)
      UNION ALL SELECT concat_ws(' ', 'outcome', to_jsonb(t) - '{source_id,updated_at}'::text[], s.name)
      FROM corrparse.task_outcome AS t JOIN corrparse.source AS s USING (source_id)
      ORDER BY 1
      """)
  }
}
