import Testing

@testable import DiagnosticWriter

/// Identifiers compare bytewise (4-database, Identifiers).
@Suite struct CollationTests {
  /// What names a thing from outside: columns of these names, in tables and in views.
  private static let identifiers =
    "'dag_id', 'run_id', 'task_id', 'crypto', 'crypto_group', 'strategy_id', 'model', 'model_version', 'origin', 'signal'"

  /// A generated column reads it, and no index has it.
  private static let exceptions = ["corrparse.source.dag_id"]

  /// Computed by a function, whose results have no collation of their own.
  private static let computed = [
    "diagnostics.drift_v1.crypto", "diagnostics.golden_signal_v1.signal",
    "diagnostics.model_version_v1.crypto",
    "diagnostics.model_version_v1.model", "diagnostics.model_version_v1.origin",
    "diagnostics.model_version_v1.run_id", "diagnostics.next_step_v1.crypto",
    "diagnostics.next_step_v1.dag_id",
    "diagnostics.next_step_v1.run_id",
  ]

  @Test func everyIdentifierComparesBytewise() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    let others = SQLText(
      stringLiteral: """
        SELECT DISTINCT concat_ws('.', c.relnamespace::regnamespace, c.relname, a.attname)
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace) AND c.relkind IN ('r', 'p')
            AND a.atttypid = 'text'::regtype AND a.attnum > 0 AND a.attcollation <> '"C"'::regcollation
            AND a.attname IN (\(Self.identifiers))
          OR c.relnamespace = 'diagnostics'::regnamespace AND c.relkind = 'v' AND a.atttypid = 'text'::regtype
            AND a.attcollation <> '"C"'::regcollation AND a.attname IN (\(Self.identifiers))
        ORDER BY 1
        """)
    #expect(
      try connection.column(others) == Self.exceptions + Self.computed,
      "a table that a migration makes says COLLATE \"C\" of its identifiers")
    try connection.run("CREATE TABLE corrparse.later (crypto text)")
    #expect(
      try connection.column(others) == ["corrparse.later.crypto"] + Self.exceptions + Self.computed)
  }

  /// Every index of text compares bytewise, so that no change of the system's collations corrupts it; a hash has no order at all.
  @Test func noIndexDependsOnTheSystemsCollations() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    let found: SQLText = """
      SELECT DISTINCT i.indexrelid::regclass
      FROM pg_index AS i
      JOIN pg_class AS c ON c.oid = i.indexrelid
      JOIN pg_am AS a ON a.oid = c.relam
      CROSS JOIN LATERAL unnest(i.indcollation::oid[]) AS n (used)
      WHERE c.relnamespace = 'corrparse'::regnamespace AND a.amname <> 'hash' AND n.used <> 0
        AND n.used NOT IN (SELECT oid FROM pg_collation WHERE collname IN ('C', 'POSIX') AND collnamespace = 'pg_catalog'::regnamespace)
      ORDER BY 1
      """
    #expect(try connection.column(found) == [])
    try connection.run("CREATE INDEX record_phase_idx ON corrparse.record (phase)")
    #expect(try connection.column(found) == ["corrparse.record_phase_idx"])
  }
}
