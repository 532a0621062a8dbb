-- Version 1 of the views that Grafana and people query (page 4, *Views*): their columns are only ever added to, at the
-- end; a breaking change is a new view beside the old one.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

CREATE SCHEMA diagnostics;
COMMENT ON SCHEMA diagnostics IS 'The contract: versioned views and functions. The tables behind them, in corrparse, may change.';

CREATE VIEW diagnostics.verdict_all_v1 AS
SELECT
  r.observed_at,
  r.dag_id,
  r.run_id,
  r.task_id,
  nullif(r.map_index, -1) AS map_index,
  r.try_number,
  -- The greatest number is the end of an index; NOT EXISTS of a greater one tempts the planner into reading the table.
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
  NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")') AS gates_passed,
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
  -- Page 3, *Runs*: worth using. Without gates Sortino decides, and without trades there is none.
  v.findings && ARRAY['ML_EXPLOITABLE', 'ML_SOLID']
    AND NOT v.findings && ARRAY['ML_UNSTABLE', 'SCREENING_OVERFIT']
    AND coalesce(
      NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")'),
      r.sortino >= 0 AND r.n_trades IS DISTINCT FROM 0,
      false) AS useful,
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

CREATE VIEW diagnostics.verdict_v1 AS
SELECT * FROM diagnostics.verdict_all_v1
WHERE taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c);
COMMENT ON VIEW diagnostics.verdict_v1 IS 'Every record with its verdict under the current taxonomy version.';

CREATE VIEW diagnostics.task_attempt_v1 AS
SELECT
  a.dag_id,
  a.run_id,
  a.task_id,
  nullif(a.map_index, -1) AS map_index,
  a.try_number,
  a.try_number = a.latest_try AS latest_attempt,
  -- Page 2, *Outcome*: a failure that nothing states is a retry once a later attempt exists.
  CASE WHEN a.state = 'failed' AND NOT a.stated AND a.try_number < a.latest_try THEN 'up_for_retry' ELSE a.state END
    AS state,
  a.stated,
  a.started_at,
  a.ended_at,
  extract(epoch FROM a.ended_at - a.started_at) AS duration_seconds
FROM (
  SELECT
    o.*,
    -- Several logs may speak of one attempt: one that knows counts, the task's own before its triggerer's.
    row_number() OVER (
      PARTITION BY o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number
      ORDER BY o.state = 'unknown', s.part IS DISTINCT FROM '', NOT o.stated, o.ended_at DESC NULLS LAST, o.source_id
    ) AS choice,
    max(o.try_number) OVER (PARTITION BY o.dag_id, o.run_id, o.task_id, o.map_index) AS latest_try
  FROM corrparse.task_outcome AS o
  JOIN corrparse.source AS s ON s.source_id = o.source_id
) AS a
WHERE a.choice = 1;
COMMENT ON VIEW diagnostics.task_attempt_v1 IS 'One row per task attempt with what became of it.';

CREATE VIEW diagnostics.issue_v1 AS
SELECT
  coalesce(r.observed_at, l.modified_at, l.ingested_at) AS observed_at,
  s.name AS source,
  coalesce(r.dag_id, s.dag_id) AS dag_id,
  coalesce(r.run_id, s.run_id) AS run_id,
  coalesce(r.task_id, s.task_id) AS task_id,
  nullif(coalesce(r.map_index, s.map_index), -1) AS map_index,
  coalesce(r.try_number, s.try_number) AS try_number,
  coalesce(nullif(i.block, 0), i.first_block) AS block,
  i.line,
  i.byte_offset,
  i.kind,
  i.key,
  i.raw
FROM corrparse.issue AS i
JOIN corrparse.source AS s ON s.source_id = i.source_id
LEFT JOIN corrparse.log AS l ON l.log_id = s.feed_log_id
LEFT JOIN corrparse.record AS r ON r.source_id = i.source_id AND r.block = i.block
UNION ALL
SELECT
  l.ingested_at,
  s.name,
  s.dag_id,
  s.run_id,
  s.task_id,
  nullif(s.map_index, -1),
  s.try_number,
  NULL,
  NULL,
  NULL,
  l.refusal,
  NULL,
  format('%s: read again as %s, %s bytes; what a complete reading of %s bytes stored is kept',
    l.location, l.status, l.decompressed_bytes, l.complete_bytes)
FROM corrparse.log AS l
JOIN corrparse.source AS s ON s.source_id = l.source_id
WHERE l.refusal IS NOT NULL;
COMMENT ON VIEW diagnostics.issue_v1 IS
  'What was wrong with blocks and logs. observed_at is the record''s; for an issue of a source the log''s modification time.';

CREATE VIEW diagnostics.ingestion_v1 AS
SELECT
  l.location,
  s.name AS source,
  s.dag_id,
  s.run_id,
  s.task_id,
  nullif(s.map_index, -1) AS map_index,
  s.try_number,
  l.status,
  l.size_bytes,
  l.blocks,
  l.replays,
  l.issues,
  l.ingested_at,
  l.error
FROM corrparse.log AS l
JOIN corrparse.source AS s ON s.source_id = l.source_id;
COMMENT ON VIEW diagnostics.ingestion_v1 IS 'The ledger: one row per location that was read.';

CREATE VIEW diagnostics.taxonomy_v1 AS
SELECT
  t.code,
  t.taxonomy_version,
  t.taxonomy_version = c.taxonomy_version AS is_current,
  t.layer,
  t.severity,
  t.condition,
  t.meaning,
  t.next_step,
  t.position
FROM corrparse.taxonomy AS t
CROSS JOIN corrparse.current_taxonomy AS c;
COMMENT ON VIEW diagnostics.taxonomy_v1 IS 'What the codes mean, for every taxonomy version.';
