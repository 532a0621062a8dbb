-- What the conditions of the global state are about: a crypto, a DAG or an infra input each, so that an alert can name it; and the drift of
-- each crypto. Assembled by Scripts/schema-current.py from the files of schema/current.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- The conditions of the global state: true where triggered, null where unknown. Those that are about several subjects are triggered by one of
-- them, and clear where all are. The evidence is that of the subjects that are not clear; of all of them when all are clear.
CREATE OR REPLACE FUNCTION corrparse.condition_at(instant timestamptz)
  RETURNS TABLE (condition text, is_triggered boolean, evidence text)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH subject AS MATERIALIZED (
      SELECT s.* FROM corrparse.condition_subject_at(instant) AS s
    ),
    told AS (
      SELECT
        s.condition,
        CASE WHEN bool_or(s.is_triggered) THEN true WHEN bool_and(s.is_triggered IS NOT NULL) THEN false END AS is_triggered,
        CASE
          -- What all of them tell is said once.
          WHEN min(s.evidence) = max(s.evidence) THEN min(s.evidence)
          ELSE string_agg(
            s.evidence, '; ' ORDER BY s.is_triggered IS NOT TRUE, s.place, s.crypto COLLATE "C", s.dag_id COLLATE "C")
            FILTER (WHERE s.is_triggered IS NOT FALSE OR s.are_clear)
        END AS evidence
      FROM (
        SELECT t.*, bool_and(t.is_triggered IS NOT DISTINCT FROM false) OVER (PARTITION BY t.condition) AS are_clear
        FROM subject AS t
      ) AS s
      GROUP BY s.condition
    )
    SELECT t.condition, t.is_triggered, t.evidence || CASE t.condition
        WHEN 'crypto_stale' THEN coalesce('; ' || (SELECT s.evidence FROM subject AS s WHERE s.condition IS NULL), '')
        ELSE ''
      END
    FROM told AS t
    WHERE t.condition IS NOT NULL
    UNION ALL
    -- Those that are about nothing.
    SELECT
      x.condition, CASE WHEN u.has_crypto THEN x.is_triggered END,
      CASE
        WHEN u.has_crypto OR x.condition = 'no_passing_candidates' THEN x.nothing
        ELSE 'the universe is empty'
      END || CASE x.condition
        WHEN 'crypto_stale' THEN coalesce('; ' || (SELECT s.evidence FROM subject AS s WHERE s.condition IS NULL), '')
        ELSE ''
      END
    FROM (SELECT EXISTS (SELECT FROM corrparse.universe) AS has_crypto) AS u
    CROSS JOIN LATERAL (
      VALUES
        ('core_crypto_stale', false, 'the universe has no core crypto'),
        ('crypto_stale', false, 'the universe has no crypto outside the core'),
        ('sortino_negative', NULL, NULL),
        (
          'no_passing_candidates', NULL,
          CASE WHEN EXISTS (SELECT FROM corrparse.test_dag) THEN 'no test DAG has a run' ELSE 'no test DAG is set' END)
    ) AS x (condition, is_triggered, nothing)
    WHERE NOT EXISTS (SELECT FROM told AS t WHERE t.condition = x.condition);
END
$$;

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

-- What the roles may do. Every migration calls it at its end. Functions are granted by name, because a database may have taken from PUBLIC the
-- right to execute new ones. Those that only triggers call are checked by nobody.
CREATE OR REPLACE FUNCTION corrparse.grant_to_roles() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  writer text := (
    SELECT quote_ident(n.role_name) FROM corrparse.role_name AS n JOIN pg_roles AS r ON r.rolname = n.role_name
    WHERE n.duty = 'writer');
  reader text := (
    SELECT quote_ident(n.role_name) FROM corrparse.role_name AS n JOIN pg_roles AS r ON r.rolname = n.role_name
    WHERE n.duty = 'reader');
BEGIN
  IF writer IS NOT NULL THEN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %s', current_database(), writer);
    EXECUTE format('GRANT USAGE ON SCHEMA corrparse, diagnostics TO %s', writer);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA corrparse, diagnostics TO %s', writer);
    EXECUTE format(
      'GRANT INSERT, UPDATE, DELETE ON
        corrparse.source, corrparse.source_head, corrparse.log, corrparse.record, corrparse.verdict, corrparse.issue, corrparse.task_outcome,
        corrparse.universe, corrparse.infra_observation, corrparse.test_dag, corrparse.global_state_history,
        corrparse.run_diagnosis, corrparse.run_change, corrparse.model_observation, corrparse.registered_model, corrparse.model_version
        TO %s', writer);
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.attempt_at, corrparse.best_strategy_at, corrparse.challengers_at, corrparse.condition_at,
        corrparse.condition_subject_at, corrparse.counted, corrparse.crypto_at, corrparse.crypto_run_at,
        corrparse.diagnose_run, corrparse.doubts_gates, corrparse.figure, corrparse.finished_run_at, corrparse.gates_passed,
        corrparse.global_state_at, corrparse.infra_input_at, corrparse.is_accepted, corrparse.is_past, corrparse.is_strategy,
        corrparse.is_useful, corrparse.model_version_at, corrparse.next_step, corrparse.note_global_state,
        corrparse.passed_over, corrparse.refresh_run_diagnoses, corrparse.registered_model_at, corrparse.registry_at,
        corrparse.run_at, corrparse.run_passed_at, corrparse.run_record_at, corrparse.run_state, corrparse.setting,
        corrparse.setting_hours, corrparse.settled_state, corrparse.severities, corrparse.severity_of, corrparse.signal_at,
        corrparse.signal_reading_at, corrparse.stored_run_at, corrparse.strategy_keys, corrparse.text_digest,
        corrparse.utc_text, diagnostics.drift_at, diagnostics.global_state_at, diagnostics.global_state_conditions_at,
        diagnostics.global_state_subjects_at, diagnostics.golden_signals_at, diagnostics.infra_last_seen_at,
        diagnostics.model_versions_at
        TO %s', writer);
  END IF;
  IF reader IS NOT NULL THEN
    EXECUTE format('GRANT USAGE ON SCHEMA diagnostics TO %s', reader);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO %s', reader);
    -- Views call those of corrparse with the reader's rights.
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.counted, corrparse.diagnose_run, corrparse.doubts_gates, corrparse.gates_passed, corrparse.is_accepted,
        corrparse.is_useful, corrparse.next_step, corrparse.run_state, diagnostics.drift_at, diagnostics.global_state_at,
        diagnostics.global_state_conditions_at, diagnostics.global_state_subjects_at, diagnostics.golden_signals_at,
        diagnostics.infra_last_seen_at, diagnostics.model_versions_at
        TO %s', reader);
  END IF;
END
$$;
COMMENT ON FUNCTION corrparse.grant_to_roles() IS
  'Gives the roles of corrparse.role_name what they need, as far as they exist. Run again after creating them by hand.';
REVOKE EXECUTE ON FUNCTION corrparse.grant_to_roles() FROM PUBLIC;

-- Whether a reading is past a bound of corrparse.signal_bound; null where there is no reading.
CREATE OR REPLACE FUNCTION corrparse.is_past(reading numeric, comparison text, bound numeric) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE comparison
    WHEN '>' THEN reading > bound
    WHEN '>=' THEN reading >= bound
    WHEN '<' THEN reading < bound
    WHEN '<=' THEN reading <= bound
  END;

-- What each golden signal reads at an instant. A bound on an input is multiplied by the input's scale, which is the p95 for the input p95 and
-- 1 for the others. Where an input is given twice, its readings are the two ends of what it could be.
CREATE OR REPLACE FUNCTION corrparse.signal_reading_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, inputs text[], readings numeric[], scales numeric[], reason text,
    observed_at timestamptz)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
#variable_conflict use_column
DECLARE
  rate_since timestamptz := instant - corrparse.setting_hours('success_rate_hours');
  latency_since timestamptz := instant - corrparse.setting_hours('latency_hours');
  latency_runs bigint := corrparse.setting('latency_runs');
  percentile numeric := corrparse.setting('latency_percentile')::numeric / 100;
BEGIN
  RETURN QUERY
    WITH earlier AS (
      SELECT greatest(
        (SELECT max(o.observed_at) FROM corrparse.infra_observation AS o WHERE o.observed_at <= instant),
        (
          SELECT max(r.observed_at) FROM corrparse.record AS r
          WHERE r.observed_at <= instant
            AND (r.oom_kills IS NOT NULL OR r.pods_down IS NOT NULL OR r.pvc_pct IS NOT NULL OR r.cpu_pct IS NOT NULL)
        )) AS observed_at,
        greatest(
          (SELECT max(o.observed_at) FROM corrparse.infra_observation AS o),
          (
            SELECT max(r.observed_at) FROM corrparse.record AS r
            WHERE r.oom_kills IS NOT NULL OR r.pods_down IS NOT NULL OR r.pvc_pct IS NOT NULL OR r.cpu_pct IS NOT NULL
          )) AS last_at
    )
    SELECT
      'infra_health', 'platform', NULL::numeric,
      array_agg(i.input ORDER BY i.place), array_agg(i.reading ORDER BY i.place), array_agg(1::numeric ORDER BY i.place),
      CASE
        WHEN count(DISTINCT i.origin) = 1 THEN format(
          '%s; last seen %s by %s',
          string_agg(format('%s %s', i.input, coalesce(corrparse.figure(i.reading), 'not observed')), ', ' ORDER BY i.place),
          corrparse.utc_text(max(i.observed_at)), max(i.origin))
        WHEN count(i.reading) > 0 THEN format(
          '%s; last seen %s',
          string_agg(
            format('%s %s', i.input, coalesce(corrparse.figure(i.reading) || ' by ' || i.origin, 'not observed')), ', '
            ORDER BY i.place),
          corrparse.utc_text(max(i.observed_at)))
        WHEN max(e.observed_at) IS NOT NULL THEN format(
          'the latest infra observation is of %s, older than %s h', corrparse.utc_text(max(e.observed_at)),
          corrparse.setting('observation_hours'))
        ELSE 'no infra observation'
      END || corrparse.passed_over(instant, 'observations', max(e.last_at)),
      max(i.observed_at)
    FROM corrparse.infra_input_at(instant) AS i
    CROSS JOIN earlier AS e;

  RETURN QUERY
    WITH RECURSIVE dag_walk AS (
      (SELECT o.dag_id FROM corrparse.task_outcome AS o ORDER BY o.dag_id LIMIT 1)
      UNION ALL
      SELECT n.dag_id
      FROM dag_walk AS w
      CROSS JOIN LATERAL (
        SELECT o.dag_id FROM corrparse.task_outcome AS o WHERE o.dag_id > w.dag_id ORDER BY o.dag_id LIMIT 1
      ) AS n
    ),
    dag AS MATERIALIZED (
      SELECT w.dag_id FROM dag_walk AS w
      WHERE EXISTS (SELECT FROM corrparse.task_outcome AS o WHERE o.dag_id = w.dag_id AND o.started_at <= instant)
      UNION
      SELECT t.dag_id FROM corrparse.test_dag AS t
    ),
    last_start AS MATERIALIZED (
      SELECT w.dag_id, (SELECT max(o.started_at) FROM corrparse.task_outcome AS o WHERE o.dag_id = w.dag_id) AS last_at
      FROM dag_walk AS w
    ),
    run AS MATERIALIZED (
      SELECT k.dag_id, k.run_id, r.started_at, r.ended_at, r.state, r.seconds
      FROM (
        SELECT DISTINCT o.dag_id, o.run_id
        FROM corrparse.task_outcome AS o
        WHERE o.ended_at BETWEEN least(rate_since, latency_since) AND instant
      ) AS k
      CROSS JOIN LATERAL corrparse.run_at(instant, k.dag_id, k.run_id) AS r
    ),
    rate AS (
      SELECT
        s.scope,
        (SELECT max(l.last_at) FROM last_start AS l WHERE l.dag_id = s.dag_id OR s.dag_id IS NULL) AS last_at,
        count(*) FILTER (WHERE run.state = 'success') AS successful,
        count(*) FILTER (WHERE run.state = 'failed') AS failed,
        count(*) FILTER (WHERE run.state = 'unknown') AS unknown,
        max(run.ended_at) FILTER (WHERE run.state IN ('success', 'failed')) AS observed_at
      FROM (SELECT 'all' AS scope, NULL AS dag_id UNION ALL SELECT dag.dag_id, dag.dag_id FROM dag) AS s
      LEFT JOIN run ON (run.dag_id = s.dag_id OR s.dag_id IS NULL) AND run.ended_at >= rate_since
      GROUP BY s.scope, s.dag_id
    ),
    finished AS (
      SELECT
        run.*,
        row_number() OVER (PARTITION BY run.dag_id ORDER BY run.started_at DESC, run.run_id COLLATE "C" DESC) AS place
      FROM run
      WHERE run.state IN ('success', 'failed') AND run.started_at IS NOT NULL AND run.ended_at >= latency_since
    ),
    latency AS (
      SELECT
        f.dag_id,
        max(f.run_id) FILTER (WHERE f.place = 1) AS run_id,
        max(f.seconds) FILTER (WHERE f.place = 1) AS seconds,
        max(f.ended_at) FILTER (WHERE f.place = 1) AS ended_at,
        count(*) FILTER (WHERE f.place > 1 AND f.state = 'success') AS before,
        percentile * (count(*) FILTER (WHERE f.place > 1 AND f.state = 'success') - 1) AS rank,
        array_agg(f.seconds ORDER BY f.seconds) FILTER (WHERE f.place > 1 AND f.state = 'success') AS durations
      FROM finished AS f
      GROUP BY f.dag_id
    ),
    limited AS (
      -- percentile_cont in exact numbers; PostgreSQL's own goes through binary floating point.
      SELECT
        l.*,
        CASE WHEN l.before >= latency_runs THEN
          l.durations[floor(l.rank)::integer + 1]
            + (l.durations[ceil(l.rank)::integer + 1] - l.durations[floor(l.rank)::integer + 1]) * (l.rank - floor(l.rank))
        END AS p95
      FROM latency AS l
    )
    SELECT
      'pipeline_success_rate', r.scope, 100.0 * r.successful / nullif(n.finished, 0),
      -- The two ends of what the rate could be: runs of unknown outcome may all have failed or all have succeeded.
      ARRAY['pipeline_success_rate', 'pipeline_success_rate'], ARRAY[n.least, n.greatest], ARRAY[1, 1]::numeric[],
      CASE
        WHEN n.finished = 0 THEN format('no finished run in %s h', corrparse.setting('success_rate_hours'))
        ELSE format('%s of %s finished runs succeeded', r.successful, n.finished)
      END
        || CASE
          WHEN r.unknown = 0 THEN ''
          WHEN n.finished = 0 THEN format('; %s of unknown outcome', r.unknown)
          ELSE format(
            '; %s of unknown outcome, so it is between %s and %s %%', r.unknown, round(n.least, 1), round(n.greatest, 1))
        END
        || corrparse.passed_over(instant, 'attempts', r.last_at),
      r.observed_at
    FROM rate AS r
    CROSS JOIN LATERAL (
      SELECT
        r.successful + r.failed AS finished,
        -- Without a finished run nothing is known of the rate.
        100.0 * r.successful / (CASE WHEN r.successful + r.failed > 0 THEN r.successful + r.failed + r.unknown END) AS least,
        100.0 * (r.successful + r.unknown)
          / (CASE WHEN r.successful + r.failed > 0 THEN r.successful + r.failed + r.unknown END) AS greatest
    ) AS n
    UNION ALL
    SELECT
      'pipeline_latency', d.dag_id, l.seconds, ARRAY['p95', 'duration'],
      ARRAY[CASE WHEN l.p95 IS NOT NULL THEN l.seconds END, l.seconds],
      ARRAY[l.p95, 1],
      CASE
        WHEN l.dag_id IS NULL THEN format('no finished run in %s h', corrparse.setting('latency_hours'))
        WHEN l.p95 IS NULL THEN format(
          '%s took %s s; %s successful runs before it in %s h, %s are needed for its p95', l.run_id, corrparse.figure(l.seconds), l.before,
          corrparse.setting('latency_hours'), latency_runs)
        ELSE format(
          '%s took %s s; p95 of the %s successful runs before it is %s s', l.run_id, corrparse.figure(l.seconds), l.before,
          corrparse.figure(l.p95))
      END || corrparse.passed_over(instant, 'attempts', t.last_at),
      l.ended_at
    FROM dag AS d
    LEFT JOIN last_start AS t ON t.dag_id = d.dag_id
    LEFT JOIN limited AS l ON l.dag_id = d.dag_id;

  RETURN QUERY
    WITH crypto AS MATERIALIZED (
      SELECT
        k.*,
        corrparse.passed_over(
          instant, 'records', (SELECT max(r.observed_at) FROM corrparse.record AS r WHERE r.crypto = k.crypto)) AS passed_over
      FROM corrparse.crypto_at(instant) AS k
    ),
    best AS MATERIALIZED (
      SELECT c.crypto, c.crypto_group, c.passed_over, b.*
      FROM crypto AS c
      LEFT JOIN LATERAL corrparse.best_strategy_at(instant, c.crypto, 1) AS b ON true
    ),
    registry AS (
      SELECT
        bool_or(r.is_fresh) AS is_fresh, sum(r.models) FILTER (WHERE r.is_fresh) AS models, max(r.observed_at) AS observed_at,
        string_agg(
          format('; %s was last observed %s', r.origin, corrparse.utc_text(r.observed_at)), '' ORDER BY r.origin COLLATE "C")
          FILTER (WHERE NOT r.is_fresh) AS stale,
        (SELECT max(o.observed_at) FROM corrparse.model_observation AS o) AS last_at
      FROM corrparse.registry_at(instant) AS r
    )
    SELECT
      s.signal, b.crypto, s.value, ARRAY[s.signal], ARRAY[s.value], ARRAY[1::numeric],
      CASE
        WHEN b.run_id IS NULL THEN 'no test run has a record of it'
        WHEN NOT b.has_strategy THEN format('no strategy of it in its last run %s %s', b.dag_id, b.run_id)
        WHEN s.value IS NULL THEN format('its best strategy in its last run %s %s does not tell', b.dag_id, b.run_id)
        ELSE format('of its best strategy in its last run %s %s', b.dag_id, b.run_id)
      END || CASE WHEN b.crypto_group IS NULL THEN '; in no group of the universe' ELSE '' END || b.passed_over,
      b.observed_at
    FROM best AS b
    CROSS JOIN LATERAL (
      VALUES
        ('f1_buy_delta_vs_baseline', b.delta * 100), ('screening_testing_gap', b.screening_gap), ('std_f1_buy', b.std_f1_buy),
        ('sortino', b.sortino), ('sl_pct', b.sl_pct), ('timeout_pct', b.timeout_pct)
    ) AS s (signal, value)
    UNION ALL
    SELECT
      'model_freshness', c.crypto, a.days, ARRAY['model_freshness'], ARRAY[a.days], ARRAY[1::numeric],
      CASE
        WHEN c.last_useful_at IS NOT NULL THEN format('last useful strategy %s', corrparse.utc_text(c.last_useful_at))
        WHEN c.first_record_at IS NOT NULL THEN
          format('never a useful strategy since its first record %s', corrparse.utc_text(c.first_record_at))
        ELSE 'no record of it'
      END || CASE WHEN c.crypto_group IS NULL THEN '; in no group of the universe' ELSE '' END || c.passed_over,
      coalesce(c.last_useful_at, c.first_record_at)
    FROM crypto AS c
    CROSS JOIN LATERAL (
      SELECT extract(epoch FROM instant - coalesce(c.last_useful_at, c.first_record_at)) / 86400 AS days
    ) AS a
    UNION ALL
    SELECT
      'challenger_count', coalesce(c.crypto, w.crypto), w.pending::numeric, ARRAY['challenger_count'], ARRAY[w.pending::numeric],
      ARRAY[1::numeric],
      CASE
        WHEN g.observed_at IS NULL THEN 'no observation of a model registry'
        WHEN NOT g.is_fresh THEN format(
          'the latest observation of the model registry is of %s, older than %s h', corrparse.utc_text(g.observed_at),
          corrparse.setting('registry_hours'))
        WHEN g.models = 0 THEN 'the model registry shows no model: rights, workspace?'
        WHEN w.crypto IS NULL THEN 'no registered model of it'
        ELSE w.reason
      END
        || CASE WHEN g.is_fresh THEN coalesce(g.stale, '') ELSE '' END
        || CASE WHEN c.crypto_group IS NULL THEN '; in no group of the universe' ELSE '' END
        || corrparse.passed_over(instant, 'observations', g.last_at),
      coalesce(w.observed_at, g.observed_at)
    FROM crypto AS c
    -- A crypto that only the registry knows is listed, too.
    FULL JOIN corrparse.challengers_at(instant) AS w ON w.crypto = c.crypto
    CROSS JOIN registry AS g;
END
$$;

-- How far the records of the last 7 days are from those of the 30 days before: the population stability index over ten bins, which the tenths of
-- the earlier records bound. An attempt belongs to a window by its start. Of more than 40,000 records every n-th is read, by its key, so that the
-- time does not grow with the table; the reason says so. A bin that is empty on one side counts as 0.0001 there.
CREATE OR REPLACE FUNCTION diagnostics.drift_at(instant timestamptz)
  RETURNS TABLE (
    crypto text, quantity text, index numeric, reference_records bigint, current_records bigint, status text, reason text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    WITH attempt AS MATERIALIZED (
      SELECT
        o.source_id, o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number, o.started_at > instant - interval '168 hours' AS is_current,
        (SELECT r.block FROM corrparse.record AS r WHERE r.source_id = o.source_id ORDER BY r.block DESC LIMIT 1) AS last_block
      FROM corrparse.test_dag AS d
      JOIN corrparse.task_outcome AS o ON o.dag_id = d.dag_id
      WHERE o.started_at > instant - interval '888 hours' AND o.started_at <= instant
        AND o.try_number = (
          SELECT max(n.try_number) FROM corrparse.task_outcome AS n
          WHERE n.dag_id = o.dag_id AND n.run_id = o.run_id AND n.task_id = o.task_id AND n.map_index = o.map_index
            AND coalesce(n.started_at, n.ended_at, '-infinity'::timestamptz) <= instant
        )
    ),
    stride AS MATERIALIZED (
      SELECT greatest(1, ceil(sum(a.last_block) / 40000))::bigint AS n FROM attempt AS a
    ),
    sample AS MATERIALIZED (
      SELECT r.crypto, q.quantity, a.is_current, q.value
      FROM attempt AS a
      CROSS JOIN stride AS k
      -- Attempts with few records begin at different places, so that they are not all passed over.
      CROSS JOIN LATERAL generate_series(1 + a.source_id % k.n, a.last_block, k.n) AS b (block)
      -- The offset keeps the planner from reading the table.
      CROSS JOIN LATERAL (
        SELECT v.* FROM corrparse.record AS v
        WHERE v.source_id = a.source_id AND v.block = b.block
        OFFSET 0
      ) AS r
      CROSS JOIN LATERAL (
        VALUES
          ('f1_gain', ((r.f1_buy - r.baseline_f1_buy) * 100)::double precision), ('buy_rate', r.buy_rate::double precision),
          ('sortino', corrparse.counted(r.sortino, r.n_trades)::double precision)
      ) AS q (quantity, value)
      WHERE r.crypto IS NOT NULL AND r.phase IS DISTINCT FROM 'screening' AND q.value IS NOT NULL
        AND r.dag_id = a.dag_id AND r.run_id = a.run_id AND r.task_id = a.task_id AND r.map_index = a.map_index
        AND r.try_number = a.try_number
    ),
    tenths AS (
      SELECT
        s.crypto, s.quantity,
        percentile_cont(ARRAY[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) WITHIN GROUP (ORDER BY s.value) AS bounds
      FROM sample AS s
      WHERE NOT s.is_current
      GROUP BY s.crypto, s.quantity
    ),
    bin AS (
      SELECT
        s.crypto, s.quantity, width_bucket(s.value, t.bounds) AS bin, count(*) FILTER (WHERE NOT s.is_current) AS earlier,
        count(*) FILTER (WHERE s.is_current) AS present
      FROM sample AS s
      LEFT JOIN tenths AS t ON t.crypto = s.crypto AND t.quantity = s.quantity
      GROUP BY s.crypto, s.quantity, 3
    ),
    share AS (
      SELECT
        b.crypto, b.quantity, sum(b.earlier) OVER w AS earlier, sum(b.present) OVER w AS present,
        greatest(b.earlier / nullif(sum(b.earlier) OVER w, 0)::double precision, 0.0001) AS earlier_share,
        greatest(b.present / nullif(sum(b.present) OVER w, 0)::double precision, 0.0001) AS present_share
      FROM bin AS b
      WINDOW w AS (PARTITION BY b.crypto, b.quantity)
    ),
    drift AS (
      SELECT
        c.crypto, q.quantity, q.place, coalesce(max(s.earlier), 0)::bigint AS earlier, coalesce(max(s.present), 0)::bigint AS present,
        CASE WHEN min(s.earlier) >= 50 AND min(s.present) >= 50 THEN
          round(sum((s.present_share - s.earlier_share) * ln(s.present_share / s.earlier_share))::numeric, 4)
        END AS index
      FROM (
        SELECT u.crypto FROM corrparse.universe AS u UNION SELECT s.crypto FROM sample AS s
      ) AS c
      CROSS JOIN (VALUES ('f1_gain', 1), ('buy_rate', 2), ('sortino', 3)) AS q (quantity, place)
      LEFT JOIN share AS s ON s.crypto = c.crypto AND s.quantity = q.quantity
      GROUP BY c.crypto, q.quantity, q.place
    )
    SELECT
      d.crypto, d.quantity, d.index, d.earlier, d.present,
      CASE
        WHEN d.index > 0.25 THEN 'critical'
        WHEN d.index >= 0.1 THEN 'warning'
        WHEN d.index IS NULL THEN 'unknown'
        ELSE 'ok'
      END,
      format('%s records of the last 7 days against %s of the 30 days before', d.present, d.earlier)
        || CASE WHEN d.index IS NULL THEN '; 50 are needed of each' ELSE '' END
        || CASE WHEN k.n > 1 THEN format('; one of %s records was read', k.n) ELSE '' END
    FROM drift AS d
    CROSS JOIN stride AS k
    ORDER BY d.crypto COLLATE "C", d.place
  $$;
COMMENT ON FUNCTION diagnostics.drift_at IS
  'The drift of each crypto as of an instant: how far its last 7 days are from the 30 days before. No effect on the global state.';
REVOKE EXECUTE ON FUNCTION diagnostics.drift_at(timestamptz) FROM PUBLIC;

CREATE OR REPLACE FUNCTION diagnostics.global_state_subjects_at(instant timestamptz)
  RETURNS TABLE (
    condition text, contributes text, crypto text, dag_id text, input text, status text, value numeric, evidence text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      c.condition, c.contributes, s.crypto, s.dag_id, s.input,
      CASE WHEN s.is_triggered THEN 'triggered' WHEN s.is_triggered IS NULL THEN 'unknown' ELSE 'clear' END,
      trim_scale(round(s.value, 12)), s.evidence
    FROM corrparse.condition_subject_at(instant) AS s
    JOIN corrparse.state_condition AS c ON c.condition = s.condition
    JOIN corrparse.current_taxonomy AS t ON t.taxonomy_version = c.taxonomy_version
    ORDER BY c.position, s.place, s.crypto COLLATE "C", s.dag_id COLLATE "C", s.input COLLATE "C"
  $$;
COMMENT ON FUNCTION diagnostics.global_state_subjects_at IS
  'What the conditions of the global state are about as of an instant: a crypto, a DAG or an infra input each, with the number judged.';
REVOKE EXECUTE ON FUNCTION diagnostics.global_state_subjects_at(timestamptz) FROM PUBLIC;

CREATE OR REPLACE VIEW diagnostics.drift_v1 AS
SELECT d.crypto, d.quantity, d.index, d.reference_records, d.current_records, d.status, d.reason
FROM diagnostics.drift_at(now()) AS d;
COMMENT ON VIEW diagnostics.drift_v1 IS 'How far the last 7 days of each crypto are from the 30 days before, now.';

-- What is known of each input of infra_health at an instant: of each origin the latest reading that is not too old, and of the origins the
-- worst. An input that no origin tells has no reading. Every bound of the signal is an upper one.
CREATE OR REPLACE FUNCTION corrparse.infra_input_at(instant timestamptz)
  RETURNS TABLE (input text, place bigint, reading numeric, origin text, observed_at timestamptz)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH told AS (
      SELECT o.*, i.input, i.reading
      FROM corrparse.infra_reading AS o
      CROSS JOIN LATERAL (
        VALUES
          ('oom_kills', o.oom_kills::numeric), ('pods_down', o.pods_down::numeric), ('pvc_pct', o.pvc_pct), ('cpu_pct', o.cpu_pct)
      ) AS i (input, reading)
      WHERE o.observed_at BETWEEN instant - (SELECT corrparse.setting_hours('observation_hours')) AND instant AND i.reading IS NOT NULL
    ),
    -- What each origin last told of each input. A block that tells the CPU alone does not hide what was seen of the volumes.
    latest AS (
      SELECT DISTINCT ON (t.origin, t.input) t.*
      FROM told AS t
      ORDER BY
        t.origin, t.input, t.observed_at DESC, t.task_id COLLATE "C" DESC, t.map_index DESC, t.source COLLATE "C" DESC, t.block DESC
    ),
    worst AS (
      SELECT DISTINCT ON (l.input) l.*
      FROM latest AS l
      ORDER BY l.input, l.reading DESC, l.observed_at DESC, l.origin COLLATE "C"
    )
    SELECT i.input, i.place, w.reading, w.origin, w.observed_at
    FROM unnest(ARRAY['oom_kills', 'pods_down', 'pvc_pct', 'cpu_pct']) WITH ORDINALITY AS i (input, place)
    LEFT JOIN worst AS w ON w.input = i.input;
END;

-- The golden signals judged: null where it is unknown whether a bound is passed.
CREATE OR REPLACE FUNCTION corrparse.signal_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, unit text, is_critical boolean, is_warning boolean, reason text,
    observed_at timestamptz, place bigint)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
      r.signal, r.scope, r.value, s.unit, e.is_critical,
      -- A status that has two ends is not known to be a warning while it could be critical.
      CASE WHEN e.is_critical IS NOT NULL OR r.inputs[1] IS DISTINCT FROM r.inputs[2] THEN e.is_warning END,
      r.reason, r.observed_at, s.position
    FROM corrparse.signal_reading_at(instant) AS r
    CROSS JOIN (SELECT max(c.taxonomy_version) AS taxonomy_version FROM corrparse.current_taxonomy AS c) AS c
    LEFT JOIN corrparse.golden_signal AS s ON s.signal = r.signal AND s.taxonomy_version = c.taxonomy_version
    CROSS JOIN LATERAL (
      SELECT
        CASE
          WHEN bool_or(x.is_past) FILTER (WHERE b.status = 'critical') THEN true
          WHEN bool_and(x.is_past IS NOT NULL) FILTER (WHERE b.status = 'critical') THEN false
        END AS is_critical,
        CASE
          WHEN bool_or(x.is_past) FILTER (WHERE b.status = 'warning') THEN true
          WHEN bool_and(x.is_past IS NOT NULL) FILTER (WHERE b.status = 'warning') THEN false
        END AS is_warning
      FROM corrparse.signal_bound AS b
      CROSS JOIN LATERAL (
        SELECT
          CASE
            WHEN bool_and(k.is_past) AND bool_and(k.is_past IS NOT NULL) THEN true
            WHEN bool_and(k.is_past IS FALSE) THEN false
          END AS is_past
        FROM unnest(r.inputs, r.readings, r.scales) AS i (input, reading, scale)
        CROSS JOIN LATERAL (
          SELECT corrparse.is_past(i.reading, b.comparison, b.bound * i.scale) AS is_past
        ) AS k
        WHERE i.input = b.input
      ) AS x
      WHERE b.taxonomy_version = c.taxonomy_version AND b.signal = r.signal
    ) AS e;
END;

-- Of each observer the last reading counts, too old for infra_health or not: an alert on it ends when the observer sees it better, not when it sees
-- nothing. After 30 days an observer counts as gone. Blocks count as long as they do for infra_health.
CREATE OR REPLACE FUNCTION diagnostics.infra_last_seen_at(instant timestamptz)
  RETURNS TABLE (input text, reading numeric, origin text, observed_at timestamptz, status text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    WITH present AS MATERIALIZED (
      SELECT i.* FROM corrparse.infra_input_at(instant) AS i
    ),
    seen AS (
      (
        SELECT DISTINCT ON (o.origin, i.input) i.input, i.reading, o.origin, o.observed_at
        FROM corrparse.infra_observation AS o
        CROSS JOIN LATERAL (
          VALUES
            ('oom_kills', o.oom_kills::numeric), ('pods_down', o.pods_down::numeric), ('pvc_pct', o.pvc_pct), ('cpu_pct', o.cpu_pct)
        ) AS i (input, reading)
        WHERE o.observed_at BETWEEN instant - interval '720 hours' AND instant AND i.reading IS NOT NULL
        ORDER BY o.origin, i.input, o.observed_at DESC
      )
      UNION ALL
      SELECT p.input, p.reading, p.origin, p.observed_at FROM present AS p WHERE p.reading IS NOT NULL
    ),
    worst AS (
      SELECT DISTINCT ON (s.input) s.*
      FROM seen AS s
      ORDER BY s.input, s.reading DESC, s.observed_at DESC, s.origin COLLATE "C"
    )
    SELECT
      p.input, trim_scale(round(w.reading, 12)), w.origin, w.observed_at,
      CASE
        WHEN bool_or(corrparse.is_past(w.reading, b.comparison, b.bound)) FILTER (WHERE b.status = 'critical') THEN 'critical'
        WHEN bool_or(corrparse.is_past(w.reading, b.comparison, b.bound)) FILTER (WHERE b.status = 'warning') THEN 'warning'
        WHEN w.reading IS NULL THEN 'unknown'
        ELSE 'ok'
      END
    FROM present AS p
    LEFT JOIN worst AS w ON w.input = p.input
    LEFT JOIN corrparse.signal_bound AS b
      ON b.signal = 'infra_health' AND b.input = p.input
        AND b.taxonomy_version = (SELECT t.taxonomy_version FROM corrparse.current_taxonomy AS t)
    GROUP BY p.input, p.place, w.reading, w.origin, w.observed_at
    ORDER BY p.place
  $$;
COMMENT ON FUNCTION diagnostics.infra_last_seen_at IS
  'Each input of infra_health as it was last seen by an instant, however long ago, and what that would make of the signal.';
REVOKE EXECUTE ON FUNCTION diagnostics.infra_last_seen_at(timestamptz) FROM PUBLIC;

SELECT corrparse.grant_to_roles();
