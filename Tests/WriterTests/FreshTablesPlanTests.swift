import LogModel
import Testing

@testable import DiagnosticWriter

/// Diagnosis and state of tables that the planner knows nothing of yet, as after the first backfill: what they read grows
/// with the records, not with records times tasks or times cryptos.
@Suite struct FreshTablesPlanTests {
  /// One run of 40 tasks with 25 records each, none of which passes its gates. The server does not get to know the tables by itself.
  private static let rows: SQLText = """
    ALTER TABLE corrparse.source SET (autovacuum_enabled = off);
    ALTER TABLE corrparse.task_outcome SET (autovacuum_enabled = off);
    ALTER TABLE corrparse.record SET (autovacuum_enabled = off);
    ALTER TABLE corrparse.verdict SET (autovacuum_enabled = off);
    INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
    SELECT 's' || n, 'launch__discovery', 'r', 't' || n, -1, 1, '' FROM generate_series(1, 40) AS n;
    INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated, started_at, ended_at)
    SELECT s.source_id, s.dag_id, s.run_id, s.task_id, -1, 1, 'success', true, '2026-03-28T06:00:00Z', '2026-03-28T07:00:00Z'
    FROM corrparse.source AS s;
    INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
      dag_id, run_id, task_id, map_index, try_number, crypto, f1_buy, baseline_f1_buy, sortino, gates)
    SELECT o.source_id, k, k, k, 1, 'explicit', o.started_at + interval '1 minute' * k, 'log', o.dag_id, o.run_id, o.task_id, -1, 1,
      'SOLUSDC', 0.4, 0.5, 1, '{"f1": "fail"}'::jsonb
    FROM corrparse.task_outcome AS o, generate_series(1, 25) AS k;
    INSERT INTO corrparse.verdict (source_id, block, taxonomy_version, primary_code, findings, certainty, severity, ml, execution,
      infra, not_evaluated, explanation)
    SELECT r.source_id, r.block, c.taxonomy_version, 'ML_SOLID', '{ML_SOLID}', 'certain', 'P3', 'ML_SOLID', 'clear', 'not_applicable', '[]', ''
    FROM corrparse.record AS r, corrparse.current_taxonomy AS c
    """

  /// Rows of a table read so far in this transaction.
  private static func reads(of table: String, _ connection: Connection) throws -> Int {
    let count = try connection.value(
      "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = $1", [table])
    return count.flatMap { Int($0) } ?? 0
  }

  @Test(arguments: [
    (
      "SELECT primary_code FROM corrparse.diagnose_run('launch__discovery', 'r') WHERE crypto IS NULL",
      "task_outcome"
    ),
    (
      "SELECT primary_code FROM corrparse.diagnose_run('launch__discovery', 'r') WHERE crypto IS NULL",
      "verdict"
    ),
    (
      "SELECT count(*) FROM corrparse.run_record_at('2026-03-28T12:00:00Z', 'launch__discovery', 'r')",
      "task_outcome"
    ),
    ("SELECT count(last_useful_at) FROM corrparse.crypto_at('2026-03-28T12:00:00Z')", "verdict"),
  ])
  func readsEachRecordsPartsOnce(query: SQLText, table: String) throws {
    let database = try TestDatabase.withWholeTaxonomy()
    let connection = try database.connect()
    try connection.run(Self.rows)
    #expect(
      try connection.value(
        "SELECT count(*) FROM pg_stats WHERE schemaname = 'corrparse' AND tablename = 'record'") == "0")
    try connection.run("BEGIN")
    let before = try Self.reads(of: table, connection)
    let value = try connection.value(query)
    let after = try Self.reads(of: table, connection)
    try connection.run("COMMIT")
    #expect(value != nil)
    // A few times the thousand records; with 40 tasks or six cryptos times as many this was over it.
    #expect(after - before < 3000, "\(after - before) rows")
  }
}
