-- What each condition of the global state is about at an instant: a subject each, triggered, clear or (null) unknown. The place orders what
-- the subjects of a condition tell. value is the number that is judged: days, percent, candidates, a Sortino, an infra input's reading. A row
-- without a condition names the cryptos that no condition judges.
CREATE OR REPLACE FUNCTION corrparse.condition_subject_at(instant timestamptz)
  RETURNS TABLE (
    condition text, crypto text, dag_id text, input text, is_triggered boolean, value numeric, evidence text, place numeric)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
#variable_conflict use_column
DECLARE
  core_group text := corrparse.setting('core_group');
  recurrent_runs bigint := corrparse.setting('recurrent_runs');
  universe_span interval := corrparse.setting_hours('no_useful_hours');
BEGIN
  RETURN QUERY
    WITH signal AS MATERIALIZED (
      SELECT s.* FROM corrparse.signal_at(instant) AS s
    ),
    crypto AS MATERIALIZED (
      SELECT
        c.*,
        corrparse.passed_over(
          instant, 'records', (SELECT max(r.observed_at) FROM corrparse.record AS r WHERE r.crypto = c.crypto)) AS passed_over
      FROM corrparse.crypto_at(instant) AS c WHERE c.crypto_group IS NOT NULL
    ),
    universe AS (
      SELECT
        count(*) AS cryptos,
        min(c.first_record_at) AS first_record_at,
        max(c.last_useful_at) AS last_useful_at,
        string_agg(c.crypto, ', ' ORDER BY c.crypto COLLATE "C") FILTER (WHERE c.first_record_at IS NULL) AS without_record
      FROM crypto AS c
    ),
    -- How long each crypto of the universe has been without a useful strategy; one without any record, since the universe's first.
    freshness AS (
      SELECT
        c.crypto, c.crypto_group = core_group AS is_core, a.days, a.days > b.bound AS is_stale,
        CASE
          WHEN a.days IS NULL THEN 'no record of it'
          WHEN c.last_useful_at IS NOT NULL THEN format('last useful strategy %s', corrparse.utc_text(c.last_useful_at))
          WHEN c.first_record_at IS NOT NULL THEN
            format('never a useful strategy since its first record %s', corrparse.utc_text(c.first_record_at))
          ELSE format('no record of it since the universe''s first %s', corrparse.utc_text(u.first_record_at))
        END || c.passed_over AS reason
      FROM crypto AS c
      CROSS JOIN universe AS u
      CROSS JOIN LATERAL (
        SELECT extract(epoch FROM instant - coalesce(c.last_useful_at, c.first_record_at, u.first_record_at)) / 86400 AS days
      ) AS a
      LEFT JOIN LATERAL (
        SELECT s.bound FROM corrparse.signal_bound AS s
        WHERE s.taxonomy_version = (SELECT k.taxonomy_version FROM corrparse.current_taxonomy AS k)
          AND s.signal = 'model_freshness' AND s.status = CASE WHEN c.crypto_group = core_group THEN 'critical' ELSE 'warning' END
      ) AS b ON true
    ),
    -- A test DAG without a run in the data is left out.
    dag AS (
      SELECT d.dag_id
      FROM corrparse.test_dag AS d
      -- Each is one look into an index.
      LEFT JOIN LATERAL (
        SELECT true AS has_run FROM corrparse.task_outcome AS o
        WHERE o.dag_id = d.dag_id AND o.started_at <= instant ORDER BY o.started_at LIMIT 1
      ) AS dated ON true
      LEFT JOIN LATERAL (
        SELECT true AS has_run FROM corrparse.task_outcome AS o
        WHERE o.dag_id = d.dag_id AND o.started_at IS NULL AND coalesce(o.ended_at, '-infinity'::timestamptz) <= instant LIMIT 1
      ) AS undated ON true
      WHERE dated.has_run OR undated.has_run
    ),
    finished AS MATERIALIZED (
      SELECT d.dag_id, r.run_id, r.started_at, p.candidates, p.passed
      FROM dag AS d
      CROSS JOIN LATERAL corrparse.finished_run_at(instant, d.dag_id, recurrent_runs) AS r
      LEFT JOIN LATERAL corrparse.run_passed_at(instant, d.dag_id, r.run_id) AS p ON true
    ),
    -- The last runs of each test DAG, and the last of all of them together (dag_id null) where there are several.
    passing AS (
      SELECT
        s.dag_id,
        CASE
          WHEN bool_or(s.passed > 0) THEN false
          WHEN count(*) FILTER (WHERE s.passed = 0 AND s.candidates > 0) >= recurrent_runs THEN true
        END AS is_triggered,
        sum(s.candidates) AS candidates,
        -- All of them together come last.
        CASE WHEN s.dag_id IS NULL THEN 1 ELSE 0 END::numeric AS place,
        format('%s: %s', coalesce(s.dag_id, 'all test DAGs'), coalesce(
          string_agg(
            format(
              '%s of %s in %s', coalesce(s.passed::text, 'unknown'), coalesce(s.candidates::text, 'unknown'),
              CASE WHEN s.dag_id IS NULL THEN s.of_dag || ' ' ELSE '' END || s.run_id),
            ', ' ORDER BY s.started_at DESC, s.run_id COLLATE "C" DESC, s.of_dag COLLATE "C" DESC)
            FILTER (WHERE s.run_id IS NOT NULL),
          'no finished run')) AS evidence
      FROM (
        SELECT d.dag_id, f.dag_id AS of_dag, f.run_id, f.started_at, f.candidates, f.passed
        FROM dag AS d LEFT JOIN finished AS f ON f.dag_id = d.dag_id
        UNION ALL
        SELECT NULL, f.dag_id, f.run_id, f.started_at, f.candidates, f.passed
        FROM (SELECT WHERE (SELECT count(*) FROM dag) > 1) AS several
        LEFT JOIN (
          SELECT f.* FROM finished AS f
          ORDER BY f.started_at DESC, f.run_id COLLATE "C" DESC, f.dag_id COLLATE "C" DESC LIMIT recurrent_runs
        ) AS f ON true
      ) AS s
      GROUP BY s.dag_id
    ),
    losing AS (
      SELECT
        u.crypto,
        CASE
          WHEN bool_or(b.sortino >= 0) THEN false
          WHEN count(*) FILTER (WHERE b.sortino < 0) >= recurrent_runs THEN true
        END AS is_triggered,
        (array_agg(b.sortino ORDER BY b.place))[1] AS sortino,
        format('%s: %s', u.crypto, coalesce(
          string_agg(
            format('%s in %s', coalesce(corrparse.figure(b.sortino), 'unknown'), b.run_id), ', ' ORDER BY b.place)
            FILTER (WHERE b.run_id IS NOT NULL),
          'no test run')) AS evidence
      FROM corrparse.universe AS u
      LEFT JOIN LATERAL corrparse.best_strategy_at(instant, u.crypto, recurrent_runs) AS b ON true
      GROUP BY u.crypto
    )
    -- An input without a critical bound makes nothing critical.
    SELECT 'infra_critical', NULL, NULL, i.input, corrparse.is_past(i.reading, b.comparison, b.bound), i.reading, s.reason, NULL::numeric
    FROM signal AS s
    CROSS JOIN corrparse.infra_input_at(instant) AS i
    JOIN corrparse.signal_bound AS b ON b.signal = s.signal AND b.input = i.input AND b.status = 'critical'
      AND b.taxonomy_version = (SELECT k.taxonomy_version FROM corrparse.current_taxonomy AS k)
    WHERE s.signal = 'infra_health'
    UNION ALL
    SELECT
      x.condition, NULL, s.scope, NULL, x.is_triggered, s.value, coalesce(corrparse.figure(round(s.value, 2)) || ' %: ', '') || s.reason,
      NULL
    FROM signal AS s
    CROSS JOIN LATERAL (
      VALUES ('success_rate_critical', s.is_critical), ('success_rate_low', s.is_warning AND NOT s.is_critical)
    ) AS x (condition, is_triggered)
    WHERE s.signal = 'pipeline_success_rate' AND s.scope = 'all'
    UNION ALL
    SELECT 'no_passing_candidates', NULL, coalesce(p.dag_id, 'all'), NULL, p.is_triggered, p.candidates, p.evidence, p.place
    FROM passing AS p
    UNION ALL
    SELECT
      CASE WHEN f.is_core THEN 'core_crypto_stale' ELSE 'crypto_stale' END, f.crypto, NULL, NULL, f.is_stale, f.days,
      format('%s %s', f.crypto, coalesce(corrparse.figure(round(f.days, 2)) || ' d: ', '') || f.reason), -f.days
    FROM freshness AS f
    UNION ALL
    SELECT
      'no_useful_strategy', NULL, NULL, NULL, instant - coalesce(u.last_useful_at, u.first_record_at) > universe_span,
      extract(epoch FROM instant - coalesce(u.last_useful_at, u.first_record_at)) / 86400,
      CASE
        WHEN u.cryptos = 0 THEN 'the universe is empty'
        WHEN u.first_record_at IS NULL THEN 'no record of any crypto of the universe'
        WHEN u.last_useful_at IS NOT NULL THEN format('last useful strategy %s', corrparse.utc_text(u.last_useful_at))
        ELSE format('never a useful strategy since the first record %s', corrparse.utc_text(u.first_record_at))
      END || CASE WHEN u.first_record_at IS NULL THEN '' ELSE coalesce('; no record of ' || u.without_record, '') END,
      NULL
    FROM universe AS u
    UNION ALL
    SELECT 'sortino_negative', l.crypto, NULL, NULL, l.is_triggered, l.sortino, l.evidence, NULL
    FROM losing AS l
    UNION ALL
    SELECT
      NULL, NULL, NULL, NULL, NULL, NULL,
      'in no group and not judged: ' || string_agg(s.scope, ', ' ORDER BY s.scope COLLATE "C"), NULL
    FROM signal AS s
    WHERE s.signal = 'model_freshness' AND NOT EXISTS (SELECT FROM corrparse.universe AS u WHERE u.crypto = s.scope);
END
$$;
