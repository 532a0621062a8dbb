-- The rank of a strategy is asked for each row alone, so that a question about some days does not rank those of all years.
CREATE OR REPLACE VIEW diagnostics.strategy_v1 AS
SELECT
  r.observed_at,
  r.dag_id,
  r.run_id,
  r.task_id,
  nullif(r.map_index, -1) AS map_index,
  r.try_number,
  r.block,
  r.crypto,
  u.crypto_group,
  r.horizon,
  r.timeframe,
  r.sl,
  r.tp,
  r.fold,
  r.phase,
  r.strategy_id,
  r.model_version,
  r.f1_buy,
  r.baseline_f1_buy,
  v.delta_points,
  r.std_f1_buy,
  j.sortino,
  corrparse.counted(r.tp_pct, r.n_trades) AS tp_pct,
  j.sl_pct,
  j.timeout_pct,
  r.n_trades,
  r.gates,
  j.gates_passed,
  v.primary_code,
  v.severity,
  v.certainty,
  (
    SELECT 1 + count(*)
    FROM corrparse.useful_strategy AS b
    WHERE b.dag_id = j.dag_id AND b.run_id = j.run_id AND b.crypto IS NOT DISTINCT FROM j.crypto
      AND (
        b.gate_rank, -coalesce(b.sortino, '-infinity'), -coalesce(b.delta, '-infinity'), b.observed_at, b.task_id COLLATE "C",
        b.map_index, b.source COLLATE "C", b.block)
        < (
          j.gate_rank, -coalesce(j.sortino, '-infinity'), -coalesce(j.delta, '-infinity'), j.observed_at, j.task_id COLLATE "C",
          j.map_index, j.source COLLATE "C", j.block)
  ) AS rank_in_run
FROM corrparse.useful_strategy AS j
JOIN corrparse.record AS r ON r.source_id = j.source_id AND r.block = j.block
JOIN corrparse.verdict AS v
  ON v.source_id = j.source_id AND v.block = j.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
LEFT JOIN corrparse.universe AS u ON u.crypto = r.crypto;
COMMENT ON VIEW diagnostics.strategy_v1 IS 'The useful strategies of latest attempts under the current taxonomy version.';
