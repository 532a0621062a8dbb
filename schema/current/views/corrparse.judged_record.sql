-- Records with what diagnoses, golden signals and conditions ask of them.
CREATE OR REPLACE VIEW corrparse.judged_record AS
SELECT
  r.source_id,
  r.block,
  r.observed_at,
  r.dag_id,
  r.run_id,
  r.task_id,
  r.map_index,
  r.try_number,
  r.crypto,
  r.n_candidates,
  r.n_passed,
  r.f1_buy - r.baseline_f1_buy AS delta,
  r.screening_f1_buy - r.last_fold_f1_buy AS screening_gap,
  r.std_f1_buy,
  corrparse.counted(r.sortino, r.n_trades) AS sortino,
  corrparse.counted(r.sl_pct, r.n_trades) AS sl_pct,
  corrparse.counted(r.timeout_pct, r.n_trades) AS timeout_pct,
  corrparse.gates_passed(r.gates) AS gates_passed,
  corrparse.is_accepted(r.gates, r.sortino, r.n_trades) AS is_accepted,
  k.is_strategy,
  NOT k.is_strategy AND num_nonnulls(r.n_candidates, r.n_passed) > 0 AND NOT l.has_lost_keys AS is_summary,
  -- Nobody knows how such a strategy would have been judged, so it is no summary either.
  NOT k.is_strategy AND l.has_lost_keys AS is_lost_strategy,
  r.phase IS NOT DISTINCT FROM 'screening' AS is_screening,
  r.complete,
  d.has_doubtful_gates,
  -- Strategies that passed come before those without gates, and those before the rejected.
  CASE
    WHEN d.has_doubtful_gates THEN 3
    WHEN r.gates IS NULL THEN 2
    WHEN corrparse.gates_passed(r.gates) THEN 1
    ELSE 3
  END AS gate_rank,
  corrparse.is_accepted(r.gates, r.sortino, r.n_trades)
    AND r.phase IS DISTINCT FROM 'screening' AND NOT d.has_doubtful_gates AND NOT d.is_damaged AS is_qualified
FROM corrparse.record AS r
CROSS JOIN LATERAL (
  SELECT corrparse.is_strategy(r) AS is_strategy
) AS k
CROSS JOIN LATERAL (
  -- Asked only where all of these values are absent: then an issue that names one of them is why.
  SELECT EXISTS (
    SELECT FROM corrparse.issue AS i
    WHERE i.source_id = r.source_id AND i.block = r.block
      AND (
        i.kind IN ('interleaved', 'unsupported_version')
        OR i.key = ANY (corrparse.strategy_keys())))
    AS has_lost_keys
) AS l
CROSS JOIN LATERAL (
  -- One look at the issues tells both. EXISTS could be answered by a hash of all issues.
  SELECT
    coalesce(bool_or(corrparse.doubts_gates(i.kind, i.key)), false) AS has_doubtful_gates,
    coalesce(bool_or(i.kind = 'damaged_source'), false) AS is_damaged
  FROM corrparse.issue AS i
  WHERE i.source_id = r.source_id AND i.block = r.block
) AS d;
COMMENT ON VIEW corrparse.judged_record IS 'Records with what diagnoses, golden signals and conditions ask of them.';
