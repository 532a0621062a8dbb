-- Diagnosis and global state of tables of which the planner knows nothing yet, as after the first backfill. It takes them for
-- empty, and what is quick then costs all records times all attempts of a run: one of 100,000 records in 100 tasks took
-- 6.3 s to diagnose, and the state 1.6 s; now 1.2 s and 0.2 s.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- As before. The latest attempt of a record's task is looked up by an index.
CREATE OR REPLACE VIEW corrparse.run_record AS
SELECT
  k.dag_id,
  k.run_id,
  k.task_id,
  k.map_index,
  k.source_id,
  k.block,
  k.observed_at,
  k.crypto,
  k.n_candidates,
  k.n_passed,
  k.complete,
  k.gates_passed,
  k.is_strategy,
  k.is_lost_strategy,
  NOT k.is_strategy AND NOT k.is_lost_strategy AND num_nonnulls(k.n_candidates, k.n_passed) > 0 AS is_summary,
  v.primary_code,
  v.findings,
  v.not_evaluated @> '[{"rule": "NO_CANDIDATES"}]' AS lacks_completeness,
  array_position(ARRAY['none', 'P3', 'P2', 'P1', 'P0'], v.severity) AS severity_rank,
  -- The verdict without the infra rules: a crypto is not to blame for the platform.
  p.findings[1] AS own_code,
  CASE
    WHEN p.findings = v.findings THEN array_position(ARRAY['none', 'P3', 'P2', 'P1', 'P0'], v.severity)
    ELSE greatest(
      CASE WHEN k.counted_sortino < 0 THEN 3 ELSE 1 END,
      (
        SELECT max(array_position(ARRAY['none', 'P3', 'P2', 'P1', 'P0'], t.severity))
        FROM corrparse.taxonomy AS t
        WHERE t.taxonomy_version = v.taxonomy_version AND t.code = ANY (p.findings)
      ))
  END AS own_severity_rank,
  k.counted_sortino,
  k.f1_buy - k.baseline_f1_buy AS delta,
  -- As diagnostics.verdict_v1 has it.
  v.findings && ARRAY['ML_EXPLOITABLE', 'ML_SOLID']
    AND NOT v.findings && ARRAY['ML_UNSTABLE', 'SCREENING_OVERFIT']
    AND coalesce(k.gates_passed, k.counted_sortino >= 0, false) AS is_useful
FROM (
  SELECT
    r.*,
    NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")') AS gates_passed,
    CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.sortino END AS counted_sortino,
    num_nonnulls(
      r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy,
      r.screening_f1_buy, r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) > 0
      AS is_strategy,
    -- All of a tested strategy's values were made absent by issues: it judges nothing, but it is no summary either, and
    -- nobody knows whether it passed.
    num_nonnulls(
      r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy,
      r.screening_f1_buy, r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) = 0
      AND EXISTS (
        SELECT FROM corrparse.issue AS i
        WHERE i.source_id = r.source_id AND i.block = r.block
          AND (
            i.kind IN ('interleaved', 'unsupported_version')
            OR i.key IN (
              'f1_buy', 'baseline_f1_buy', 'precision_buy', 'recall_buy', 'buy_rate', 'action_rate', 'std_f1_buy',
              'screening_f1_buy', 'last_fold_f1_buy', 'sortino', 'tp_pct', 'sl_pct', 'timeout_pct', 'n_trades')
            AND i.kind IN (
              'malformed_pair', 'malformed_number', 'missing_value', 'non_finite', 'masked_value', 'out_of_range',
              'unit_ambiguous', 'duplicate_key', 'invalid_utf8', 'line_too_long', 'incomplete_block')))
      AS is_lost_strategy
  FROM corrparse.record AS r
  CROSS JOIN LATERAL (
    SELECT max(o.try_number) AS try_number
    FROM corrparse.task_outcome AS o
    WHERE o.dag_id = r.dag_id AND o.run_id = r.run_id AND o.task_id = r.task_id AND o.map_index = r.map_index
  ) AS latest
  WHERE r.try_number >= latest.try_number
) AS k
LEFT JOIN corrparse.verdict AS v
  ON v.source_id = k.source_id AND v.block = k.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
CROSS JOIN LATERAL (
  SELECT array_remove(array_remove(v.findings, 'INFRA_SATURATED'), 'PIPELINE_DEGRADED') AS findings
) AS p;

-- As before.
CREATE OR REPLACE FUNCTION corrparse.run_record_at(instant timestamptz, of_dag text, of_run text)
  RETURNS SETOF corrparse.judged_record
  LANGUAGE sql STABLE
  AS $$
    SELECT r.*
    FROM corrparse.judged_record AS r
    CROSS JOIN LATERAL (
      SELECT max(o.try_number) AS try_number
      FROM corrparse.task_outcome AS o
      WHERE o.dag_id = of_dag AND o.run_id = of_run AND o.task_id = r.task_id AND o.map_index = r.map_index
        AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
    ) AS latest
    WHERE r.dag_id = of_dag AND r.run_id = of_run AND r.observed_at <= instant AND r.try_number >= latest.try_number
  $$;

-- As before. The last useful strategy of a crypto is looked for among its accepted records, from the last one on, and in no other
-- way: of tables that were just filled the planner began with all verdicts, for each crypto.
CREATE OR REPLACE FUNCTION corrparse.crypto_at(instant timestamptz)
  RETURNS TABLE (crypto text, crypto_group text, first_record_at timestamptz, last_useful_at timestamptz)
  LANGUAGE sql STABLE
  AS $$
    WITH RECURSIVE seen AS (
      (
        SELECT r.crypto, r.observed_at FROM corrparse.record AS r
        WHERE r.crypto IS NOT NULL ORDER BY r.crypto, r.observed_at LIMIT 1
      )
      UNION ALL
      SELECT n.crypto, n.observed_at
      FROM seen AS s
      CROSS JOIN LATERAL (
        SELECT r.crypto, r.observed_at FROM corrparse.record AS r
        WHERE r.crypto > s.crypto ORDER BY r.crypto, r.observed_at LIMIT 1
      ) AS n
    ),
    known AS MATERIALIZED (
      SELECT coalesce(u.crypto, s.crypto) AS crypto, u.crypto_group, s.observed_at AS first_record_at
      FROM corrparse.universe AS u
      FULL JOIN (SELECT * FROM seen WHERE seen.observed_at <= instant) AS s ON s.crypto = u.crypto
    )
    SELECT k.crypto, k.crypto_group, k.first_record_at, useful.observed_at
    FROM known AS k
    LEFT JOIN LATERAL (
      -- As verdict_v1.useful, among the latest attempts as of the instant.
      SELECT r.observed_at
      FROM corrparse.judged_record AS r
      -- The offset keeps the planner from beginning with the verdicts.
      CROSS JOIN LATERAL (
        SELECT v.findings
        FROM corrparse.verdict AS v
        WHERE v.source_id = r.source_id AND v.block = r.block
          AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
        OFFSET 0
      ) AS v
      WHERE r.crypto >= k.crypto AND (r.crypto, r.observed_at) <= (k.crypto, instant) AND r.is_accepted
        AND v.findings && ARRAY['ML_EXPLOITABLE', 'ML_SOLID']
        AND NOT v.findings && ARRAY['ML_UNSTABLE', 'SCREENING_OVERFIT']
        AND coalesce(
          r.try_number >= (
            SELECT max(o.try_number) FROM corrparse.task_outcome AS o
            WHERE o.dag_id = r.dag_id AND o.run_id = r.run_id AND o.task_id = r.task_id AND o.map_index = r.map_index
              AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
          ),
          true)
      ORDER BY r.crypto DESC, r.observed_at DESC
      LIMIT 1
    ) AS useful ON true
  $$;
