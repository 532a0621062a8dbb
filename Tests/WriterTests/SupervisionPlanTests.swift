import LogModel
import Testing

@testable import DiagnosticWriter

/// Signals and state read a small part of what is stored (issue 5: none scans the whole table).
@Suite struct SupervisionPlanTests {
  /// 400 days of two runs a day with a task for each of six cryptos, ten strategies each: 48,000 records. One in ten of them
  /// passes its gates and is useful; ADAUSDC never is, and XRPUSDC was tested in the first ten days only.
  private static let rows: SQLText = """
    INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
    SELECT format('%s/%s/%s', d, n, m), d, 'r' || lpad(n::text, 4, '0'), 't', m, 1, ''
    FROM unnest(ARRAY['launch__discovery', 'launch__backtesting']) AS d, generate_series(0, 399) AS n, generate_series(0, 5) AS m
    WHERE m < 5 OR n < 10;
    INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated, started_at, ended_at)
    SELECT s.source_id, s.dag_id, s.run_id, s.task_id, s.map_index, 1, 'success', true, t.start, t.start + interval '1 hour'
    FROM corrparse.source AS s
    CROSS JOIN LATERAL (
      SELECT '2026-03-28T06:00:00Z'::timestamptz - interval '24 hours' * (399 - substr(s.run_id, 2)::int)) AS t (start);
    INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
      dag_id, run_id, task_id, map_index, try_number, crypto, f1_buy, baseline_f1_buy, sortino, gates)
    SELECT o.source_id, k, k, k, 1, 'explicit', o.started_at + interval '1 minute' * k, 'log', o.dag_id, o.run_id, o.task_id, o.map_index, 1,
      (ARRAY['BTCUSDC', 'ETHUSDC', 'SOLUSDC', 'ADAUSDC', 'BONKUSDC', 'XRPUSDC'])[o.map_index + 1], 0.7, 0.5, 1,
      CASE WHEN k = 5 AND o.map_index <> 3 THEN '{"f1": "pass"}' ELSE '{"f1": "fail"}' END::jsonb
    FROM corrparse.task_outcome AS o, generate_series(1, 10) AS k;
    INSERT INTO corrparse.verdict (source_id, block, taxonomy_version, primary_code, findings, certainty, severity, ml, execution,
      infra, not_evaluated, explanation)
    SELECT r.source_id, r.block, 1, 'ML_SOLID', '{ML_SOLID}', 'certain', 'none', 'ML_SOLID', 'clear', 'not_applicable', '[]', ''
    FROM corrparse.record AS r;
    INSERT INTO corrparse.infra_observation (observed_at, origin, oom_kills, pods_down, pvc_pct, cpu_pct)
    SELECT '2026-03-28T12:00:00Z'::timestamptz - interval '5 minutes' * n, 'x', 0, 0, 1, 1 FROM generate_series(0, 20000) AS n;
    ANALYZE
    """

  private static let reads: SQLText = """
    SELECT relname, seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables
    WHERE relname IN ('record', 'verdict', 'task_outcome', 'source', 'issue', 'infra_observation') ORDER BY relname
    """

  /// Rows of each table read by scanning, and by an index, so far.
  private static func reads(_ connection: Connection) throws -> [String: (scanned: Int64, fetched: Int64)] {
    let rows = try connection.query(Self.reads)
    return Dictionary(
      uniqueKeysWithValues: (0..<rows.rowCount).map { row in
        (rows.text(row, 0) ?? "", (rows.integer(row, 1) ?? 0, rows.integer(row, 2) ?? 0))
      })
  }

  @Test func noTableIsScanned() throws {
    let database = try TestDatabase.withWholeTaxonomy()
    let connection = try database.connect()
    try connection.run(Self.rows)
    try RunDiagnoses(connection).refresh()
    #expect(try connection.value("SELECT count(*) FROM corrparse.record") == "40200")
    for at in [World.noon, World.noon - .days(200)] {
      try connection.run("BEGIN")
      let before = try Self.reads(connection)
      let state = try connection.value(
        "SELECT state FROM diagnostics.global_state_at($1::timestamptz)", [at.sqlText])
      try connection.query("SELECT * FROM diagnostics.golden_signals_at($1::timestamptz)", [at.sqlText])
      let after = try Self.reads(connection)
      try connection.run("COMMIT")
      #expect(state == "YELLOW")
      #expect(after.count == 6)
      for (table, read) in after {
        let earlier = before[table] ?? (0, 0)
        #expect(read.scanned == earlier.scanned, "\(table) is scanned")
        // Twice what one look needs: the last runs of six cryptos and three DAGs, and thirty days of runs.
        #expect(read.fetched - earlier.fetched < 6000, "\(table)")
      }
    }
  }
}
