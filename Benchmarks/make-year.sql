-- Writes a year of realistic data straight into a migrated, empty database, the same for the same seed: for measuring
-- and for looking at dashboards. No logs are involved, so verdicts are made afterwards from the stored records:
--
--   corrparse migrate up --database "$URL"
--   psql "$URL" -v seed=1 -v strategies=54 -v until=2026-11-24T12:00:00Z -f Benchmarks/make-year.sql
--   corrparse reclassify --database "$URL"
--
-- strategies: how many each crypto tests in a discovery, of which there are eight a day. 54 give about a million records;
-- the other DAGs add a tenth of that. until: where the year ends.
\set ON_ERROR_STOP on
\timing off
SET TimeZone = 'UTC';
SET search_path = pg_catalog, pg_temp;
BEGIN;

-- A number from 0 to below 1 for each name: independent of plans and of the order of evaluation.
CREATE FUNCTION pg_temp.chance(seed bigint, name text) RETURNS numeric
  LANGUAGE sql IMMUTABLE
  AS $$ SELECT ((hashtextextended(name, seed) & 1099511627775)::numeric / 1099511627776)::numeric(12, 9) $$;

-- The sum of three is near enough to a bell: from -1.5 to 1.5, mostly near 0.
CREATE FUNCTION pg_temp.bell(seed bigint, name text) RETURNS numeric
  LANGUAGE sql IMMUTABLE
  AS $$
    SELECT pg_temp.chance(seed, name || '1') + pg_temp.chance(seed, name || '2') + pg_temp.chance(seed, name || '3') - 1.5
  $$;

CREATE TEMP TABLE dag (dag_id text, every interval, minutes int, per_crypto int);
INSERT INTO dag VALUES
  ('launch__discovery', '3 hours', 100, :strategies), ('launch__backtesting', '24 hours', 50, greatest(1, :strategies / 4)),
  ('launch__walkforward', '24 hours', 40, greatest(1, :strategies / 10)), ('launch__retrain', '24 hours', 80, 0),
  ('launch__monitoring', '1 hour', 4, 0);

CREATE TEMP TABLE run AS
SELECT
  d.dag_id, d.minutes, d.per_crypto,
  'scheduled__' || to_char(t, 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') AS run_id,
  t + interval '1 minute' * round(9 * pg_temp.chance(:seed, d.dag_id || t), 3)::float8 AS started_at,
  pg_temp.chance(:seed, 'fails' || d.dag_id || t) < 0.06 AS fails
FROM dag AS d
CROSS JOIN LATERAL generate_series(
  :'until'::timestamptz - interval '8760 hours', :'until'::timestamptz - interval '2 hours', d.every) AS t;

CREATE TEMP TABLE crypto AS
SELECT u.crypto, row_number() OVER (ORDER BY u.crypto COLLATE "C") - 1 AS map_index FROM corrparse.universe AS u;

-- A task for each crypto where there are strategies, one before and one after; some are tried twice.
CREATE TEMP TABLE attempt AS
SELECT
  r.dag_id, r.run_id, t.task_id, t.map_index, n AS try_number, t.crypto, r.per_crypto,
  CASE WHEN n < t.tries THEN 'up_for_retry' WHEN r.fails AND t.task_id = 'summarise' THEN 'failed' ELSE 'success' END AS state,
  r.started_at + interval '1 minute' * (t.begin * r.minutes + (n - 1) * 6) AS started_at,
  r.started_at + interval '1 minute'
    * (t.begin * r.minutes + (n - 1) * 6 + greatest(0.5, t.share * r.minutes * (1 + 0.4 * pg_temp.bell(:seed, 'd' || r.run_id || t.map_index))))
    AS ended_at
FROM run AS r
CROSS JOIN LATERAL (
  SELECT 'prepare' AS task_id, -1::bigint AS map_index, NULL AS crypto, 0.0 AS begin, 0.1 AS share, 1 AS tries
  UNION ALL
  SELECT 'test_step', c.map_index, c.crypto, 0.15, 0.7, CASE WHEN pg_temp.chance(:seed, 't' || r.run_id || c.map_index) < 0.05 THEN 2 ELSE 1 END
  FROM crypto AS c WHERE r.per_crypto > 0
  UNION ALL
  SELECT 'summarise', -1, NULL, 0.9, 0.1, 1
) AS t
CROSS JOIN LATERAL generate_series(1, t.tries) AS n;

INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part, feed_status, feed_bytes, complete_bytes)
SELECT
  format('dag_id=%s/run_id=%s/task_id=%s%s/attempt=%s.log', a.dag_id, a.run_id, a.task_id,
    CASE WHEN a.map_index >= 0 THEN '/map_index=' || a.map_index ELSE '' END, a.try_number),
  a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number, '', 'complete', 1000, 1000
FROM attempt AS a;

INSERT INTO corrparse.log (location, source_id, size_bytes, modified_at, fingerprint, status, decompressed_bytes, blocks, replays, issues,
  complete_bytes, ingested_at, program_version)
SELECT '/logs/' || s.name, s.source_id, 1000, a.ended_at, '\x00', 'complete', 1000,
  CASE WHEN a.crypto IS NOT NULL THEN a.per_crypto ELSE 0 END, 0, 0, 1000, a.ended_at + interval '5 minutes', 'make-year'
FROM corrparse.source AS s
JOIN attempt AS a USING (dag_id, run_id, task_id, map_index, try_number);
UPDATE corrparse.source AS s SET feed_log_id = l.log_id FROM corrparse.log AS l WHERE l.source_id = s.source_id;

INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated, started_at, ended_at)
SELECT s.source_id, a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number, a.state, true, a.started_at, a.ended_at
FROM attempt AS a
JOIN corrparse.source AS s USING (dag_id, run_id, task_id, map_index, try_number);

-- How good a crypto's models are drifts over the weeks.
INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from, dag_id, run_id,
  task_id, map_index, try_number, crypto, horizon, timeframe, sl, tp, phase, strategy_id, f1_buy, baseline_f1_buy, precision_buy,
  recall_buy, buy_rate, std_f1_buy, screening_f1_buy, last_fold_f1_buy, theta, sortino, tp_pct, sl_pct, timeout_pct, n_trades, gates)
SELECT
  s.source_id, k, k * 20, k * 1000, 1, 'explicit',
  a.started_at + (a.ended_at - a.started_at) * (k::float8 / (a.per_crypto + 1)), 'log',
  a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number, a.crypto,
  'H' || 1 + k % 6, '5m', 0.8 + 0.2 * (k % 4), 1.5 + 0.5 * (k % 3), 'testing', format('%s-%s', a.crypto, k),
  v.baseline + v.gain, v.baseline, round(0.5 + 0.2 * v.b3, 4), round(0.5 + 0.2 * v.b4, 4), round(0.35 + 0.1 * v.b3, 4),
  round(0.05 + 0.03 * abs(v.b4) * 2, 4), v.baseline + v.gain + round(0.1 + 0.12 * v.b5, 4), v.baseline + v.gain, 0.5,
  v.sortino, 100 - v.sl_pct - v.timeout_pct, v.sl_pct, v.timeout_pct, v.trades,
  jsonb_build_object(
    'f1', CASE WHEN v.gain > 0.05 THEN 'pass' ELSE 'fail' END, 'sortino', CASE WHEN v.sortino > 0.2 THEN 'pass' ELSE 'fail' END,
    'n_trades', CASE WHEN v.trades >= 30 THEN 'pass' ELSE 'fail' END)
FROM attempt AS a
JOIN corrparse.source AS s USING (dag_id, run_id, task_id, map_index, try_number)
CROSS JOIN LATERAL generate_series(1, a.per_crypto) AS k
CROSS JOIN LATERAL (SELECT a.run_id || a.dag_id || a.crypto || k || ' ' || a.try_number AS name) AS n
CROSS JOIN LATERAL (
  SELECT
    0.45 + 0.02 * a.map_index AS baseline,
    round(0.03 + 0.04 * sin(extract(epoch FROM a.started_at)::float8 / 1000000 + a.map_index)::numeric + 0.05 * b.b1, 4) AS gain,
    round(0.4 * b.b1 + 0.6 * b.b2 - 0.15, 2) AS sortino,
    round(42 + 14 * b.b3, 1) AS sl_pct,
    round(25 + 14 * b.b4, 1) AS timeout_pct,
    (120 + 90 * b.b5)::bigint AS trades,
    b.*
  FROM (
    SELECT
      pg_temp.bell(:seed, 'a' || n.name) AS b1, pg_temp.bell(:seed, 'b' || n.name) AS b2, pg_temp.bell(:seed, 'c' || n.name) AS b3,
      pg_temp.bell(:seed, 'd' || n.name) AS b4, pg_temp.bell(:seed, 'e' || n.name) AS b5
  ) AS b
) AS v
WHERE a.crypto IS NOT NULL AND a.state = 'success';

INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from, dag_id, run_id,
  task_id, map_index, try_number, n_candidates, n_passed, complete)
SELECT
  s.source_id, 1, 20, 1000, 1, 'explicit', a.ended_at, 'log', a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number,
  count(r.*), count(r.*) FILTER (WHERE NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")')), true
FROM attempt AS a
JOIN corrparse.source AS s USING (dag_id, run_id, task_id, map_index, try_number)
JOIN corrparse.record AS r ON r.dag_id = a.dag_id AND r.run_id = a.run_id
WHERE a.task_id = 'summarise'
GROUP BY s.source_id, a.ended_at, a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number;

-- Every five minutes; a volume that fills up and is cleaned, now and then a kill.
INSERT INTO corrparse.infra_observation (observed_at, origin, oom_kills, pods_down, pvc_pct, cpu_pct)
SELECT
  t, 'prometheus', floor(1.3 * pg_temp.chance(:seed, 'oom' || date_trunc('day', t)))::bigint,
  (pg_temp.chance(:seed, 'down' || date_trunc('hour', t)) < 0.003)::int,
  round(40 + extract(epoch FROM t) / 40000 % 45, 1), round(55 + 20 * pg_temp.bell(:seed, 'cpu' || t), 1)
FROM generate_series(:'until'::timestamptz - interval '8760 hours', :'until'::timestamptz, interval '5 minutes') AS t;
COMMIT;
ANALYZE;
SELECT
  (SELECT count(*) FROM corrparse.record) AS records, (SELECT count(*) FROM corrparse.task_outcome) AS attempts,
  (SELECT count(*) FROM corrparse.infra_observation) AS observations;
