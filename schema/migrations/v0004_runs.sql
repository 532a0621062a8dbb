-- The diagnosis of DAG runs (page 3, *Runs*) as views over the stored rows: whatever order logs arrive in, the same rows
-- give the same diagnosis. Views in corrparse are parts of the one in diagnostics and no contract.
--
-- Everything is grouped or numbered by dag_id and run_id, and the diagnosis looks at one run at a time: a query for some
-- runs, by name or by time, reads the records of those runs only.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

CREATE VIEW corrparse.run AS
SELECT
  a.dag_id,
  a.run_id,
  min(a.started_at) AS started_at,
  max(a.ended_at) AS ended_at,
  CASE
    WHEN bool_or(a.state = 'unknown') FILTER (WHERE a.latest_attempt)
      AND NOT bool_or(a.state = 'failed') FILTER (WHERE a.latest_attempt) THEN 'unknown'
    -- A task that has just ended may be followed by others of its run.
    WHEN max(a.ended_at) FILTER (WHERE a.latest_attempt) > now() - interval '30 minutes' THEN 'running'
    WHEN bool_or(a.state = 'failed') FILTER (WHERE a.latest_attempt) THEN 'failed'
    WHEN bool_and(a.state IN ('success', 'skipped')) FILTER (WHERE a.latest_attempt) THEN 'success'
    ELSE 'running'
  END AS state
FROM diagnostics.task_attempt_v1 AS a
GROUP BY a.dag_id, a.run_id;
COMMENT ON VIEW corrparse.run IS
  'DAG runs as their tasks'' attempts tell them: the state is that of the latest attempts, start and end are those of all.';

CREATE VIEW corrparse.run_record AS
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
  END AS own_severity_rank
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
  JOIN (
    SELECT o.dag_id, o.run_id, o.task_id, o.map_index, max(o.try_number) AS try_number
    FROM corrparse.task_outcome AS o
    GROUP BY o.dag_id, o.run_id, o.task_id, o.map_index
  ) AS latest
    ON latest.dag_id = r.dag_id AND latest.run_id = r.run_id AND latest.task_id = r.task_id
      AND latest.map_index = r.map_index AND latest.try_number <= r.try_number
) AS k
LEFT JOIN corrparse.verdict AS v
  ON v.source_id = k.source_id AND v.block = k.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
CROSS JOIN LATERAL (
  SELECT array_remove(array_remove(v.findings, 'INFRA_SATURATED'), 'PIPELINE_DEGRADED') AS findings
) AS p;
COMMENT ON VIEW corrparse.run_record IS
  'The records of the latest attempts with what page 3, Runs, asks of them, under the current taxonomy version.';

-- One row for each whole run (crypto null) and one for each of its cryptos that has a summary.
CREATE VIEW corrparse.run_summary AS
SELECT
  s.dag_id,
  s.run_id,
  s.is_whole,
  s.crypto,
  CASE WHEN count(*) = count(s.n_candidates) THEN sum(s.n_candidates) END::bigint AS candidates,
  CASE WHEN count(*) = count(s.n_passed) THEN sum(s.n_passed) END::bigint AS passed,
  coalesce(
    bool_or(s.findings @> ARRAY['NO_CANDIDATES'])
      AND bool_and(s.n_passed IS NOT DISTINCT FROM 0 AND s.complete IS NOT FALSE AND NOT s.lacks_completeness),
    false) AS has_no_candidates
FROM (
  SELECT
    l.*,
    scope.is_whole,
    CASE WHEN NOT scope.is_whole THEN l.summary_crypto END AS crypto
  FROM (
    SELECT
      u.dag_id, u.run_id, u.crypto AS summary_crypto, u.n_candidates, u.n_passed, u.complete, u.findings,
      u.lacks_completeness,
      bool_or(u.crypto IS NULL) OVER (PARTITION BY u.dag_id, u.run_id) AS has_summary_of_all
    FROM (
      -- A task that reports its progress repeats its summary: the last one counts.
      SELECT DISTINCT ON (r.dag_id, r.run_id, r.task_id, r.map_index, r.crypto) r.*
      FROM corrparse.run_record AS r
      WHERE r.is_summary
      ORDER BY r.dag_id, r.run_id, r.task_id, r.map_index, r.crypto, r.observed_at DESC, r.block DESC, r.source_id
    ) AS u
  ) AS l
  -- Where a run has a summary of all its cryptos, those of single ones are parts of it.
  JOIN (VALUES (true), (false)) AS scope (is_whole)
    ON scope.is_whole AND (l.summary_crypto IS NULL) = l.has_summary_of_all
      OR NOT scope.is_whole AND l.summary_crypto IS NOT NULL
) AS s
GROUP BY s.dag_id, s.run_id, s.is_whole, s.crypto;

-- One row for each whole run (crypto null) that has records and one for each of its cryptos.
CREATE VIEW corrparse.run_count AS
SELECT
  c.dag_id,
  c.run_id,
  c.is_whole,
  c.crypto,
  sum(c.records)::bigint AS records,
  sum(c.strategies)::bigint AS strategies,
  sum(c.passed)::bigint AS passed,
  bool_and(c.all_judged_by_gates) AS all_judged_by_gates,
  bool_or(c.is_saturated) AS is_saturated,
  bool_or(c.is_degraded) AS is_degraded,
  (array_agg(c.code ORDER BY c.strategies DESC, t.position, c.code)
    FILTER (WHERE c.code IS NOT NULL AND c.strategies > 0))[1] AS most_frequent,
  coalesce(jsonb_object_agg(c.code, c.records) FILTER (WHERE c.code IS NOT NULL), '{}') AS code_counts,
  jsonb_object_agg(coalesce(c.code, ''), c.severity_rank) AS severity_ranks
FROM (
  SELECT
    s.dag_id,
    s.run_id,
    s.is_whole,
    s.crypto,
    s.code,
    count(*) AS records,
    count(*) FILTER (WHERE s.is_strategy) AS strategies,
    count(*) FILTER (WHERE s.is_strategy AND s.gates_passed) AS passed,
    bool_and(NOT s.is_lost_strategy AND (NOT s.is_strategy OR s.gates_passed IS NOT NULL)) AS all_judged_by_gates,
    coalesce(bool_or(s.findings @> ARRAY['INFRA_SATURATED']), false) AS is_saturated,
    coalesce(bool_or(s.findings @> ARRAY['PIPELINE_DEGRADED']), false) AS is_degraded,
    max(s.severity_rank) AS severity_rank
  FROM (
    SELECT
      r.dag_id, r.run_id, true AS is_whole, NULL::text AS crypto, r.primary_code AS code, r.severity_rank,
      r.is_strategy, r.is_lost_strategy, r.gates_passed, r.findings
    FROM corrparse.run_record AS r
    UNION ALL
    SELECT
      r.dag_id, r.run_id, false, r.crypto, r.own_code, r.own_severity_rank,
      r.is_strategy, r.is_lost_strategy, r.gates_passed, r.findings
    FROM corrparse.run_record AS r
    WHERE r.crypto IS NOT NULL
  ) AS s
  GROUP BY s.dag_id, s.run_id, s.is_whole, s.crypto, s.code
) AS c
LEFT JOIN corrparse.taxonomy AS t
  ON t.code = c.code AND t.taxonomy_version = (SELECT k.taxonomy_version FROM corrparse.current_taxonomy AS k)
GROUP BY c.dag_id, c.run_id, c.is_whole, c.crypto;

CREATE VIEW diagnostics.run_diagnosis_v1 AS
SELECT
  d.dag_id,
  d.run_id,
  d.crypto,
  d.started_at,
  d.ended_at,
  d.state,
  d.records,
  d.candidates,
  d.passed,
  d.primary_code,
  -- That of the worst record with this diagnosis; of the code itself where no single record has it.
  coalesce(
    (ARRAY['none', 'P3', 'P2', 'P1', 'P0'])[(d.severity_ranks ->> coalesce(d.primary_code, ''))::integer],
    (
      SELECT t.severity
      FROM corrparse.taxonomy AS t JOIN corrparse.current_taxonomy AS k ON k.taxonomy_version = t.taxonomy_version
      WHERE t.code = d.primary_code
    ),
    'none') AS severity,
  d.code_counts
FROM (
  SELECT
    run.dag_id,
    run.run_id,
    c.crypto,
    run.started_at,
    run.ended_at,
    run.state,
    coalesce(c.records, 0) AS records,
    CASE WHEN s.is_whole IS NULL THEN coalesce(c.strategies, 0) ELSE s.candidates END AS candidates,
    CASE WHEN s.is_whole IS NULL THEN coalesce(c.passed, 0) ELSE s.passed END AS passed,
    CASE
      WHEN c.is_whole AND c.is_saturated THEN 'INFRA_SATURATED'
      WHEN c.is_whole AND c.is_degraded THEN 'PIPELINE_DEGRADED'
      WHEN s.has_no_candidates THEN 'NO_CANDIDATES'
      WHEN s.is_whole IS NULL AND run.state = 'success' AND c.strategies > 0 AND c.all_judged_by_gates
        AND c.passed = 0 THEN 'NO_CANDIDATES'
      ELSE c.most_frequent
    END AS primary_code,
    c.severity_ranks,
    coalesce(c.code_counts, '{}') AS code_counts
  FROM corrparse.run AS run
  -- OFFSET 0 keeps the planner from counting all runs before it looks which ones are asked for.
  LEFT JOIN LATERAL (
    SELECT n.* FROM corrparse.run_count AS n WHERE n.dag_id = run.dag_id AND n.run_id = run.run_id OFFSET 0
  ) AS c ON true
  LEFT JOIN LATERAL (
    SELECT u.* FROM corrparse.run_summary AS u
    WHERE u.dag_id = c.dag_id AND u.run_id = c.run_id AND u.is_whole = c.is_whole
      AND u.crypto IS NOT DISTINCT FROM c.crypto
    OFFSET 0
  ) AS s ON true
) AS d;
COMMENT ON VIEW diagnostics.run_diagnosis_v1 IS
  'One diagnosis for every DAG run (crypto null) and for each crypto in it, from the latest attempts of its tasks.';

-- Like before, and the universe for `corrparse universe`; the views of this schema's own parts stay the owner's.
CREATE OR REPLACE FUNCTION corrparse.grant_to_roles() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog
  AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_writer') THEN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO corrparse_writer', current_database());
    GRANT USAGE ON SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT SELECT ON ALL TABLES IN SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT INSERT, UPDATE, DELETE ON
      corrparse.source, corrparse.log, corrparse.record, corrparse.verdict, corrparse.issue, corrparse.task_outcome,
      corrparse.universe
      TO corrparse_writer;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_reader') THEN
    GRANT USAGE ON SCHEMA diagnostics TO corrparse_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO corrparse_reader;
  END IF;
END
$$;

SELECT corrparse.grant_to_roles();
