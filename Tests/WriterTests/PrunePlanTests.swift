import LogModel
import Testing

@testable import DiagnosticWriter

/// What `prune` reads grows with the records, not with records times sources.
@Suite struct PrunePlanTests {
  /// A run a day with 400 records in one log. The server knows the tables.
  private static let rows: SQLText = """
    INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
    SELECT 's' || n, 'launch__retrain', 'r' || n, 't', -1, 1, '' FROM generate_series(1, 50) AS n;
    INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
      dag_id, run_id, task_id, map_index, try_number)
    SELECT s.source_id, k, k, k, 1, 'explicit',
      '2026-03-28T06:00:00Z'::timestamptz + interval '24 hours' * substr(s.name, 2)::int + interval '1 second' * k, 'log',
      s.dag_id, s.run_id, s.task_id, -1, 1
    FROM corrparse.source AS s, generate_series(1, 400) AS k;
    ANALYZE
    """

  @Test func oldLogsAreFoundWithoutReadingTheTableForEach() throws {
    let database = try TestDatabase.withWholeTaxonomy()
    let connection = try database.connect()
    try connection.run(Self.rows)
    let reads: SQLText =
      "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'record'"
    try connection.run("BEGIN")
    let before = try #require(try connection.value(reads).flatMap { Int($0) })
    let instant = try #require(LogTime("2026-05-01T00:00:00Z"))
    #expect(try Pruner(connection).plan(before: instant).records == 33 * 400)
    let after = try #require(try connection.value(reads).flatMap { Int($0) })
    try connection.run("COMMIT")
    // Twice the 20,000 records: what is old, and what of it goes. A look at the later records for each of the sources takes
    // 490,000.
    #expect(after - before <= 40_000, "\(after - before) rows")
  }
}
