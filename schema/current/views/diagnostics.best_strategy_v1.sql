CREATE OR REPLACE VIEW diagnostics.best_strategy_v1 AS
SELECT
  d.started_at,
  d.dag_id,
  d.run_id,
  d.crypto,
  r.observed_at,
  r.task_id,
  nullif(r.map_index, -1) AS map_index,
  r.try_number,
  r.strategy_id,
  r.horizon,
  r.sl,
  r.tp,
  r.f1_buy,
  r.baseline_f1_buy,
  r.f1_buy - r.baseline_f1_buy AS delta,
  r.screening_f1_buy - r.last_fold_f1_buy AS screening_gap,
  r.std_f1_buy,
  corrparse.counted(r.sortino, r.n_trades) AS sortino,
  corrparse.counted(r.tp_pct, r.n_trades) AS tp_pct,
  corrparse.counted(r.sl_pct, r.n_trades) AS sl_pct,
  corrparse.counted(r.timeout_pct, r.n_trades) AS timeout_pct,
  r.n_trades,
  corrparse.gates_passed(r.gates) AS gates_passed,
  corrparse.is_useful(
    v.findings,
    corrparse.is_accepted(r.gates, r.sortino, r.n_trades) AND r.phase IS DISTINCT FROM 'screening'
      -- EXISTS could be answered by a hash of all issues.
      AND NOT coalesce(
        (
          SELECT bool_or(corrparse.doubts_gates(i.kind, i.key) OR i.kind = 'damaged_source') FROM corrparse.issue AS i
          WHERE i.source_id = r.source_id AND i.block = r.block
        ),
        false)) AS useful,
  v.primary_code,
  v.severity,
  v.explanation,
  s.name AS source,
  r.line,
  (r.f1_buy - r.baseline_f1_buy) * 100 AS delta_points
FROM corrparse.known_run_diagnosis AS d
JOIN corrparse.record AS r ON r.source_id = d.best_source_id AND r.block = d.best_block
JOIN corrparse.source AS s ON s.source_id = r.source_id
LEFT JOIN corrparse.verdict AS v
  ON v.source_id = r.source_id AND v.block = r.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c);
COMMENT ON VIEW diagnostics.best_strategy_v1 IS
  'The best strategy of each crypto in each run with its verdict under the current taxonomy version.';
