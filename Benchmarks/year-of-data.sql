-- A year of records, attempts, logs, issues and observations of the platform and of a model registry, the same for the same seed: for the
-- tests of the dashboards, for benchmarks and for the picture of the report. Set-based, so that ten million rows take minutes. Made up, but
-- shaped like what the manual describes: four test runs a day over seven cryptos (one of them in no group), monitoring every six hours, a
-- retrain every night; a good strategy is rare, cryptos drift through better and worse weeks, attempts fail and are retried, fields are missing.
--
--   corrparse migrate up --database "$URL"
--   psql -v verdicts=20000 -v seed=1 -v ending=2026-03-28T12:00:00Z -f Benchmarks/year-of-data.sql "$URL"
--   corrparse reclassify --database "$URL"
--
-- verdicts: about how many tested strategies the year has; ending: its last instant. Verdicts are made afterwards from the records by
-- the one classifier there is. With -v judged=1 this script makes rough ones at once, for measuring where they are not looked at.
-- Needs an empty, migrated database, and a superuser.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL timezone = 'UTC';
SET LOCAL search_path = pg_catalog, pg_temp;
\if :{?judged} \else \set judged 0 \endif
-- Millions of rows are right by their making: no trigger looks at each, and their runs are listed once, at the end. Indexes that
-- nothing here needs are made anew from what is sorted.
SET LOCAL session_replication_role = replica;
SET LOCAL maintenance_work_mem = '256MB';
CREATE TEMPORARY TABLE year_index ON COMMIT DROP AS
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index AS i
WHERE i.indrelid IN ('corrparse.record'::regclass, 'corrparse.verdict'::regclass) AND NOT i.indisunique;
SELECT 'DROP INDEX ' || name FROM year_index \gexec

-- From 0 to below 1, the same for the same seed, key and use: independent of plans and of the order of evaluation.
SELECT format(
  'CREATE FUNCTION pg_temp.luck(key bigint, use integer) RETURNS double precision LANGUAGE sql IMMUTABLE AS
   $$ SELECT (hashint8extended(key, %s + use) & 1048575) / 1048576.0::double precision $$', :seed::bigint * 1000) \gexec

CREATE TEMPORARY TABLE year_run ON COMMIT DROP AS
SELECT
  n.run_number,
  p.dag_id,
  'scheduled__' || to_char(t.started_at, 'YYYY-MM-DD"T"HH24:MI:SS') || '+00:00' AS run_id,
  t.started_at,
  p.is_test,
  -- Runs fail in spells, as they do when a cause takes days to find.
  pg_temp.luck(n.run_number, 101) < CASE WHEN extract(doy FROM t.started_at)::integer % 45 < 5 THEN 0.35 ELSE 0.03 END AS fails,
  (30 + 60 * pg_temp.luck(n.run_number, 102)) * (CASE WHEN pg_temp.luck(n.run_number, 103) < 0.03 THEN 3 ELSE 1 END) * p.pace AS minutes
FROM (VALUES
  ('launch__discovery', 1, interval '12 hours', interval '2 hours', true, 1.0),
  ('launch__backtesting', 2, interval '24 hours', interval '8 hours', true, 0.6),
  ('launch__walkforward', 3, interval '24 hours', interval '20 hours', true, 0.8),
  ('launch__retrain', 4, interval '24 hours', interval '5 hours', false, 0.5),
  ('launch__monitoring', 5, interval '6 hours', interval '1 hour', false, 0.05)
) AS p (dag_id, place, every, after_midnight, is_test, pace)
CROSS JOIN LATERAL generate_series(
  date_trunc('day', :'ending'::timestamptz) - interval '365 days' + p.after_midnight, :'ending'::timestamptz - interval '3 hours', p.every
) AS t (started_at)
-- From its time, so that a run's luck is its own whenever the year ends.
CROSS JOIN LATERAL (SELECT (extract(epoch FROM t.started_at)::bigint / 60) * 8 + p.place AS run_number) AS n;

CREATE TEMPORARY TABLE year_crypto ON COMMIT DROP AS
SELECT * FROM (VALUES
  (0, 'BTCUSDC', 'btc-core', 0.45), (1, 'ETHUSDC', 'btc-core', 0.44), (2, 'SOLUSDC', 'defi', 0.42),
  (3, 'ADAUSDC', 'defi', 0.40), (4, 'BONKUSDC', 'defi', 0.38), (5, 'XRPUSDC', 'defi', 0.41), (6, 'DOGEUSDC', 'memes', 0.39)
) AS c (crypto_number, crypto, logged_group, baseline);

-- Task attempts: one mapped test task per crypto and a report in test runs, one task otherwise; some are tried twice.
CREATE TEMPORARY TABLE year_attempt ON COMMIT DROP AS
SELECT
  row_number() OVER (ORDER BY a.started_at, a.dag_id, a.task_id, a.map_index, a.try_number) AS attempt_number, a.*
FROM (
  SELECT
    r.run_number, r.dag_id, r.run_id, r.is_test, t.task_id, t.map_index, n.try_number,
    r.started_at + make_interval(mins => t.minute) + (n.try_number - 1) * interval '20 minutes' AS started_at,
    r.started_at + make_interval(mins => t.minute) + (n.try_number - 1) * interval '20 minutes'
      + make_interval(secs => 60 * r.minutes * t.share * (0.8 + 0.2 * pg_temp.luck(r.run_number * 16 + t.map_index, 104))) AS ended_at,
    CASE
      WHEN n.try_number < t.tries THEN 'up_for_retry'
      WHEN r.fails AND t.task_id = t.failing AND t.map_index IN (-1, r.run_number % 7) THEN 'failed'
      ELSE 'success'
    END AS state
  FROM year_run AS r
  CROSS JOIN LATERAL (
    SELECT 'test_step' AS task_id, c.crypto_number AS map_index, 2 AS minute, 0.8 AS share, 'test_step' AS failing,
      CASE WHEN pg_temp.luck(r.run_number * 16 + c.crypto_number, 105) < 0.03 THEN 2 ELSE 1 END AS tries
    FROM year_crypto AS c WHERE r.is_test
    UNION ALL SELECT 'report', -1, 130, 0.05, 'test_step', 1 WHERE r.is_test
    UNION ALL SELECT 'run', -1, 0, 0.9, 'run', CASE WHEN pg_temp.luck(r.run_number, 106) < 0.05 THEN 2 ELSE 1 END WHERE NOT r.is_test
  ) AS t
  CROSS JOIN LATERAL generate_series(1, t.tries) AS n (try_number)
) AS a;

CREATE TEMPORARY TABLE year_source (attempt_number bigint PRIMARY KEY, source_id bigint NOT NULL) ON COMMIT DROP;
WITH made AS (
  INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
  SELECT
    format('dag_id=%s/run_id=%s/task_id=%s%s/attempt=%s.log', a.dag_id, a.run_id, a.task_id,
      CASE WHEN a.map_index >= 0 THEN '/map_index=' || a.map_index ELSE '' END, a.try_number),
    a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number, ''
  FROM year_attempt AS a
  ORDER BY a.attempt_number
  RETURNING source_id, dag_id, run_id, task_id, map_index, try_number
)
INSERT INTO year_source (attempt_number, source_id)
SELECT a.attempt_number, m.source_id
FROM made AS m JOIN year_attempt AS a USING (dag_id, run_id, task_id, map_index, try_number);
ANALYZE year_attempt;
ANALYZE year_source;

INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated, started_at, ended_at)
SELECT s.source_id, a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number, a.state, true, a.started_at, a.ended_at
FROM year_attempt AS a JOIN year_source AS s USING (attempt_number)
ORDER BY a.attempt_number;

-- Tested strategies, as many in every attempt of a test task.
INSERT INTO corrparse.record (
  source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
  dag_id, run_id, task_id, map_index, try_number, crypto, logged_group, timeframe, strategy_id, model_version, horizon,
  phase, fold, sl, tp, n_folds, n_trades, f1_buy, baseline_f1_buy, precision_buy, recall_buy, buy_rate, action_rate,
  std_f1_buy, screening_f1_buy, last_fold_f1_buy, theta, sortino, tp_pct, sl_pct, timeout_pct, gates)
SELECT
  s.source_id, n.block, 20 * n.block, 1500 * n.block, 1, 'explicit',
  a.started_at + (a.ended_at - a.started_at) * (n.block::double precision / (n.blocks + 1)), 'log',
  a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number, c.crypto, c.logged_group, '5m',
  format('%s_H%s_%s', c.crypto, 1 + n.block % 6, n.block), 'v' || extract(week FROM a.started_at)::integer,
  'H' || 1 + n.block % 6, 'testing', 'all', (ARRAY[0.8, 1.0, 1.2, 1.5])[1 + n.block % 4], (ARRAY[1.5, 2.0, 2.5, 3.0])[1 + (n.block / 4) % 4],
  5, CASE WHEN pg_temp.luck(k.key, 1) < 0.02 THEN 0 ELSE 20 + (200 * pg_temp.luck(k.key, 2))::bigint END,
  round((c.baseline + v.gain)::numeric, 4), CASE WHEN pg_temp.luck(k.key, 3) > 0.02 THEN round(c.baseline::numeric, 4) END,
  round((0.4 + 0.3 * pg_temp.luck(k.key, 4))::numeric, 4), round((0.4 + 0.4 * pg_temp.luck(k.key, 5))::numeric, 4),
  round((0.25 + 0.2 * pg_temp.luck(k.key, 6))::numeric, 4), round((0.2 + 0.4 * pg_temp.luck(k.key, 7))::numeric, 4),
  round((0.01 + 0.1 * pg_temp.luck(k.key, 8) * pg_temp.luck(k.key, 9) + CASE WHEN pg_temp.luck(k.key, 10) < 0.03 THEN 0.06 ELSE 0 END)::numeric, 4),
  CASE WHEN pg_temp.luck(k.key, 11) > 0.3 THEN round((c.baseline + v.gain + 0.4 * pg_temp.luck(k.key, 12) * pg_temp.luck(k.key, 13))::numeric, 4) END,
  round((c.baseline + v.gain)::numeric, 4),
  0.5, CASE WHEN (s.source_id * 31 + n.block) % 97 <> 0 THEN round((12 * v.gain + 2 * pg_temp.luck(k.key, 14) - 1.2)::numeric, 3) END,
  round((100 - v.stopped - v.late)::numeric, 1), round(v.stopped::numeric, 1), round(v.late::numeric, 1),
  CASE WHEN pg_temp.luck(k.key, 15) > 0.05 THEN jsonb_build_object(
    'sortino', CASE WHEN 12 * v.gain + 2 * pg_temp.luck(k.key, 14) - 1.2 > 0.5 THEN 'pass' ELSE 'fail' END,
    'n_trades', CASE WHEN pg_temp.luck(k.key, 1) < 0.02 OR pg_temp.luck(k.key, 2) < 0.05 THEN 'fail' ELSE 'pass' END,
    'f1', CASE WHEN v.gain > 0.03 THEN 'pass' ELSE 'fail' END) END
FROM year_attempt AS a
JOIN year_source AS s USING (attempt_number)
JOIN year_crypto AS c ON c.crypto_number = a.map_index
CROSS JOIN LATERAL (
  -- The fraction of a strategy that an attempt should have becomes a chance of one.
  SELECT b AS block, count(*) OVER () AS blocks
  FROM generate_series(1, floor(:verdicts / (365.0 * 4 * 7 * 1.03) + pg_temp.luck(a.attempt_number, 107))::integer) AS b
) AS n
CROSS JOIN LATERAL (SELECT a.attempt_number * 100000 + n.block AS key) AS k
CROSS JOIN LATERAL (
  SELECT
    -- Good and bad weeks of a crypto, and a few strategies far above the rest.
    0.03 * sin(extract(epoch FROM a.started_at) / 86400 / (9 + c.crypto_number) + c.crypto_number)
      + 0.2 * pg_temp.luck(k.key, 16) * pg_temp.luck(k.key, 17) * pg_temp.luck(k.key, 18) + 0.04 * (pg_temp.luck(k.key, 19) - 0.5) AS gain,
    60 * pg_temp.luck(k.key, 20) * (0.5 + 0.5 * pg_temp.luck(k.key, 21)) + 10 AS stopped,
    25 * pg_temp.luck(k.key, 22) * (1 + 0.6 * pg_temp.luck(k.key, 23)) AS late
  OFFSET 0
) AS v
WHERE a.task_id = 'test_step'
ORDER BY a.attempt_number, n.block;

-- Discovery reports a summary for the run; it says what the gates said.
INSERT INTO corrparse.record (
  source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
  dag_id, run_id, task_id, map_index, try_number, n_candidates, n_passed, complete)
SELECT
  s.source_id, 1, 12, 900, 1, 'explicit', a.ended_at, 'log', a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number,
  n.candidates, n.passed, NOT r.fails
FROM year_attempt AS a
JOIN year_source AS s USING (attempt_number)
JOIN year_run AS r USING (run_number)
JOIN (
  SELECT k.dag_id, k.run_id, count(*) AS candidates,
    count(*) FILTER (WHERE NOT jsonb_path_exists(k.gates, '$.* ? (@ == "fail")')) AS passed
  FROM corrparse.record AS k GROUP BY k.dag_id, k.run_id
) AS n ON n.dag_id = a.dag_id AND n.run_id = a.run_id
WHERE a.task_id = 'report' AND a.dag_id = 'launch__discovery'
ORDER BY a.attempt_number;

-- Fields that could not be read.
INSERT INTO corrparse.issue (source_id, block, ordinal, line, byte_offset, kind, key, raw)
SELECT r.source_id, r.block, 1, r.line + 9, r.byte_offset + 400,
  (ARRAY['malformed_number', 'masked_value', 'missing_value'])[1 + r.block % 3], 'sortino', 'sortino=***'
FROM corrparse.record AS r
WHERE r.f1_buy IS NOT NULL AND (r.source_id * 31 + r.block) % 97 = 0;

SELECT definition FROM year_index \gexec
ANALYZE corrparse.record;

WITH made AS (
  INSERT INTO corrparse.log (
    location, source_id, size_bytes, modified_at, fingerprint, status, error, decompressed_bytes, blocks, replays, issues,
    ingested_at, program_version)
  SELECT
    'logs/' || s.name, s.source_id, 4000 + 1500 * n.blocks, a.ended_at, sha256(convert_to(s.name, 'UTF8')),
    l.status, CASE WHEN l.status IN ('truncated', 'failed') THEN 'gzip: the stream ends early' END,
    4000 + 1500 * n.blocks, n.blocks, 0,
    (SELECT count(*) FROM corrparse.issue AS i WHERE i.source_id = s.source_id), a.ended_at + interval '5 minutes', 'year-of-data'
  FROM year_attempt AS a
  JOIN year_source AS y USING (attempt_number)
  JOIN corrparse.source AS s ON s.source_id = y.source_id
  CROSS JOIN LATERAL (SELECT count(*) AS blocks FROM corrparse.record AS r WHERE r.source_id = s.source_id) AS n
  CROSS JOIN LATERAL (
    SELECT CASE WHEN a.attempt_number % 400 = 7 THEN 'truncated' WHEN a.attempt_number % 400 = 9 AND n.blocks = 0 THEN 'failed'
      ELSE 'complete' END AS status
  ) AS l
  ORDER BY a.attempt_number
  RETURNING log_id, source_id, status, decompressed_bytes, fingerprint
)
UPDATE corrparse.source AS s
SET feed_log_id = m.log_id, feed_status = m.status, feed_bytes = m.decompressed_bytes, feed_fingerprint = m.fingerprint,
  complete_bytes = CASE WHEN m.status = 'complete' THEN m.decompressed_bytes END
FROM made AS m
WHERE m.source_id = s.source_id AND m.status <> 'failed';

INSERT INTO corrparse.infra_observation (observed_at, origin, oom_kills, pods_down, pvc_pct, cpu_pct, memory_pct)
SELECT t, 'prometheus year-of-data', CASE WHEN pg_temp.luck(n, 108) < 0.01 THEN 3 WHEN pg_temp.luck(n, 108) < 0.06 THEN 1 ELSE 0 END, 0,
  round((60 + 20 * pg_temp.luck(n, 109))::numeric, 1), round((30 + 45 * pg_temp.luck(n, 110))::numeric, 1),
  round((50 + 20 * pg_temp.luck(n, 111))::numeric, 1)
FROM generate_series(:'ending'::timestamptz - interval '365 days', :'ending'::timestamptz, interval '5 minutes') AS t
CROSS JOIN LATERAL (SELECT extract(epoch FROM t)::bigint / 300 AS n) AS n;

\ir year-of-registry.sql

\if :judged
INSERT INTO corrparse.verdict (
  source_id, block, taxonomy_version, primary_code, findings, certainty, severity, ml, execution, infra, delta_points, not_evaluated, explanation)
SELECT
  r.source_id, r.block, c.taxonomy_version, v.code, array_remove(ARRAY[v.code], NULL), 'certain',
  CASE WHEN v.code IN ('ML_SOLID', 'ML_EXPLOITABLE') THEN 'none' WHEN v.code = 'NO_CANDIDATES' THEN 'P1' ELSE 'P2' END,
  CASE WHEN r.f1_buy IS NULL THEN 'not_applicable' ELSE v.code END, CASE WHEN r.f1_buy IS NULL THEN 'not_applicable' ELSE 'clear' END,
  'not_applicable', 100 * v.delta, '[]', format('made up: f1_buy %s, baseline %s, Sortino %s', r.f1_buy, r.baseline_f1_buy, r.sortino)
FROM corrparse.record AS r
CROSS JOIN corrparse.current_taxonomy AS c
CROSS JOIN LATERAL (SELECT r.f1_buy - r.baseline_f1_buy AS delta OFFSET 0) AS d
CROSS JOIN LATERAL (
  SELECT d.delta, CASE
    WHEN r.f1_buy IS NULL THEN CASE WHEN r.n_passed = 0 THEN 'NO_CANDIDATES' END
    WHEN d.delta <= 0 THEN 'ML_USELESS'
    WHEN r.screening_f1_buy - r.last_fold_f1_buy > 0.3 THEN 'SCREENING_OVERFIT'
    WHEN r.std_f1_buy > 0.1 THEN 'ML_UNSTABLE'
    WHEN d.delta <= 0.05 THEN 'ML_MARGINAL'
    WHEN d.delta > 0.05 AND r.sortino < 0 THEN 'EXECUTION_MISMATCH'
    WHEN d.delta <= 0.1 THEN 'ML_EXPLOITABLE'
    ELSE 'ML_SOLID'
  END AS code
) AS v;
\endif

INSERT INTO corrparse.run_change (dag_id, run_id) SELECT DISTINCT o.dag_id, o.run_id FROM corrparse.task_outcome AS o;
COMMIT;

VACUUM (ANALYZE);
