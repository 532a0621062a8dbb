CREATE OR REPLACE VIEW diagnostics.verdict_all_v1 AS
SELECT
  r.observed_at,
  r.dag_id,
  r.run_id,
  r.task_id,
  nullif(r.map_index, -1) AS map_index,
  r.try_number,
  -- The greatest number is the end of an index. For NOT EXISTS of a greater one the planner may read the whole table.
  coalesce(
    r.try_number >= (
      SELECT max(o.try_number) FROM corrparse.task_outcome AS o
      WHERE o.dag_id = r.dag_id AND o.run_id = r.run_id AND o.task_id = r.task_id AND o.map_index = r.map_index
    ),
    true) AS latest_attempt,
  r.block,
  r.crypto,
  u.crypto_group,
  r.logged_group,
  r.horizon,
  r.timeframe,
  r.sl,
  r.tp,
  r.fold,
  r.n_folds,
  r.phase,
  r.strategy_id,
  r.model_version,
  r.f1_buy,
  r.baseline_f1_buy,
  v.delta_points,
  r.precision_buy,
  r.recall_buy,
  r.buy_rate,
  r.action_rate,
  r.std_f1_buy,
  r.theta,
  r.sortino,
  r.tp_pct,
  r.sl_pct,
  r.timeout_pct,
  r.n_trades,
  r.gates,
  corrparse.gates_passed(r.gates) AS gates_passed,
  r.screening_f1_buy,
  r.last_fold_f1_buy,
  r.screening_f1_buy - r.last_fold_f1_buy AS screening_gap,
  r.n_candidates,
  r.n_passed,
  r.complete,
  v.primary_code,
  v.findings,
  v.certainty,
  v.severity,
  v.ml,
  v.execution,
  v.infra,
  v.not_evaluated,
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
  (
    SELECT count(*) FROM corrparse.issue AS i
    WHERE i.source_id = r.source_id AND i.block = r.block
  ) AS issue_count,
  r.block_end,
  (
    SELECT coalesce(jsonb_object_agg(pair.value ->> 0, pair.value ->> 1), '{}')
    FROM jsonb_array_elements(r.extras) AS pair
  ) AS extras,
  v.explanation,
  v.taxonomy_version,
  s.name AS source,
  r.line
FROM corrparse.verdict AS v
JOIN corrparse.record AS r ON r.source_id = v.source_id AND r.block = v.block
JOIN corrparse.source AS s ON s.source_id = r.source_id
LEFT JOIN corrparse.universe AS u ON u.crypto = r.crypto;
COMMENT ON VIEW diagnostics.verdict_all_v1 IS 'Every record with its verdict, for every taxonomy version.';
