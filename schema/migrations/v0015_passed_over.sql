-- Golden signals and conditions pass over records, attempts and observations of the future, and their evidence says so. Assembled by
-- Scripts/schema-current.py from the files of schema/current.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- The conditions of the global state: true where triggered, null where unknown.
CREATE OR REPLACE FUNCTION corrparse.condition_at(instant timestamptz)
  RETURNS TABLE (condition text, is_triggered boolean, evidence text)
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
    stale AS (
      SELECT
        g.is_core,
        CASE
          WHEN bool_or(g.is_stale) THEN true
          WHEN bool_and(g.is_stale IS NOT NULL) THEN false
        END AS is_triggered,
        -- Those that are not clear; all of them when all are clear.
        string_agg(
          format('%s %s', g.crypto, coalesce(corrparse.figure(round(g.days, 2)) || ' d: ', '') || g.reason), '; '
          ORDER BY g.is_stale IS NOT TRUE, g.days DESC NULLS LAST, g.crypto COLLATE "C")
          FILTER (WHERE g.is_stale IS NOT FALSE OR g.are_clear) AS evidence
      FROM (
        SELECT f.*, bool_and(f.is_stale IS NOT DISTINCT FROM false) OVER (PARTITION BY f.is_core) AS are_clear
        FROM freshness AS f
      ) AS g
      GROUP BY g.is_core
    ),
    stranger AS (
      SELECT '; in no group and not judged: ' || string_agg(s.scope, ', ' ORDER BY s.scope COLLATE "C") AS evidence
      FROM signal AS s
      WHERE s.signal = 'model_freshness' AND NOT EXISTS (SELECT FROM corrparse.universe AS u WHERE u.crypto = s.scope)
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
        format('%s: %s', u.crypto, coalesce(
          string_agg(
            format('%s in %s', coalesce(corrparse.figure(b.sortino), 'unknown'), b.run_id), ', ' ORDER BY b.place)
            FILTER (WHERE b.run_id IS NOT NULL),
          'no test run')) AS evidence
      FROM corrparse.universe AS u
      LEFT JOIN LATERAL corrparse.best_strategy_at(instant, u.crypto, recurrent_runs) AS b ON true
      GROUP BY u.crypto
    )
    SELECT 'infra_critical', s.is_critical, s.reason FROM signal AS s WHERE s.signal = 'infra_health'
    UNION ALL
    SELECT x.condition, x.is_triggered, coalesce(corrparse.figure(round(s.value, 2)) || ' %: ', '') || s.reason
    FROM signal AS s
    CROSS JOIN LATERAL (
      VALUES ('success_rate_critical', s.is_critical), ('success_rate_low', s.is_warning AND NOT s.is_critical)
    ) AS x (condition, is_triggered)
    WHERE s.signal = 'pipeline_success_rate' AND s.scope = 'all'
    UNION ALL
    SELECT
      'no_passing_candidates',
      CASE WHEN bool_or(p.is_triggered) THEN true WHEN bool_and(p.is_triggered IS NOT NULL) THEN false END,
      coalesce(
        string_agg(p.evidence, '; ' ORDER BY p.is_triggered IS NOT TRUE, p.dag_id COLLATE "C" NULLS LAST)
          FILTER (WHERE p.is_triggered IS NOT FALSE),
        string_agg(p.evidence, '; ' ORDER BY p.dag_id COLLATE "C" NULLS LAST),
        CASE
          WHEN EXISTS (SELECT FROM corrparse.test_dag) THEN 'no test DAG has a run'
          ELSE 'no test DAG is set'
        END)
    FROM passing AS p
    UNION ALL
    SELECT
      x.condition,
      CASE WHEN u.cryptos > 0 THEN coalesce(s.is_triggered, CASE WHEN s.is_core IS NULL THEN false END) END,
      CASE WHEN u.cryptos > 0 THEN coalesce(s.evidence, x.nothing) ELSE 'the universe is empty' END || coalesce(x.addition, '')
    FROM (
      VALUES
        ('core_crypto_stale', true, 'the universe has no core crypto', NULL),
        ('crypto_stale', false, 'the universe has no crypto outside the core', (SELECT n.evidence FROM stranger AS n))
    ) AS x (condition, is_core, nothing, addition)
    CROSS JOIN universe AS u
    LEFT JOIN stale AS s ON s.is_core = x.is_core
    UNION ALL
    SELECT
      'no_useful_strategy',
      instant - coalesce(u.last_useful_at, u.first_record_at) > universe_span,
      CASE
        WHEN u.cryptos = 0 THEN 'the universe is empty'
        WHEN u.first_record_at IS NULL THEN 'no record of any crypto of the universe'
        WHEN u.last_useful_at IS NOT NULL THEN format('last useful strategy %s', corrparse.utc_text(u.last_useful_at))
        ELSE format('never a useful strategy since the first record %s', corrparse.utc_text(u.first_record_at))
      END || CASE WHEN u.first_record_at IS NULL THEN '' ELSE coalesce('; no record of ' || u.without_record, '') END
    FROM universe AS u
    UNION ALL
    SELECT
      'sortino_negative',
      CASE WHEN bool_or(l.is_triggered) THEN true WHEN bool_and(l.is_triggered IS NOT NULL) THEN false END,
      coalesce(
        string_agg(l.evidence, '; ' ORDER BY l.is_triggered IS NOT TRUE, l.crypto COLLATE "C")
          FILTER (WHERE l.is_triggered IS NOT FALSE),
        string_agg(l.evidence, '; ' ORDER BY l.crypto COLLATE "C"),
        'the universe is empty')
    FROM losing AS l;
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
        corrparse.run_diagnosis, corrparse.run_change
        TO %s', writer);
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.attempt_at, corrparse.best_strategy_at, corrparse.condition_at, corrparse.counted, corrparse.crypto_at,
        corrparse.crypto_run_at, corrparse.diagnose_run, corrparse.doubts_gates, corrparse.figure, corrparse.finished_run_at,
        corrparse.gates_passed, corrparse.global_state_at, corrparse.is_accepted, corrparse.is_strategy, corrparse.is_useful,
        corrparse.note_global_state, corrparse.passed_over, corrparse.refresh_run_diagnoses, corrparse.run_at, corrparse.run_passed_at,
        corrparse.run_record_at, corrparse.run_state, corrparse.setting, corrparse.setting_hours, corrparse.settled_state,
        corrparse.severities, corrparse.severity_of, corrparse.signal_at, corrparse.signal_reading_at, corrparse.stored_run_at,
        corrparse.strategy_keys, corrparse.text_digest, corrparse.utc_text, diagnostics.global_state_at,
        diagnostics.global_state_conditions_at, diagnostics.golden_signals_at
        TO %s', writer);
  END IF;
  IF reader IS NOT NULL THEN
    EXECUTE format('GRANT USAGE ON SCHEMA diagnostics TO %s', reader);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO %s', reader);
    -- Views call those of corrparse with the reader's rights.
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.counted, corrparse.diagnose_run, corrparse.doubts_gates, corrparse.gates_passed, corrparse.is_accepted,
        corrparse.is_useful, corrparse.run_state, diagnostics.global_state_at, diagnostics.global_state_conditions_at,
        diagnostics.golden_signals_at
        TO %s', reader);
  END IF;
END
$$;
COMMENT ON FUNCTION corrparse.grant_to_roles() IS
  'Gives the roles of corrparse.role_name what they need, as far as they exist. Run again after creating them by hand.';
REVOKE EXECUTE ON FUNCTION corrparse.grant_to_roles() FROM PUBLIC;

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
  observed_since timestamptz := instant - corrparse.setting_hours('observation_hours');
  latency_runs bigint := corrparse.setting('latency_runs');
  percentile numeric := corrparse.setting('latency_percentile')::numeric / 100;
BEGIN
  RETURN QUERY
    WITH told AS (
      SELECT o.*, i.input, i.reading
      FROM corrparse.infra_reading AS o
      CROSS JOIN LATERAL (
        VALUES
          ('oom_kills', o.oom_kills::numeric), ('pods_down', o.pods_down::numeric), ('pvc_pct', o.pvc_pct), ('cpu_pct', o.cpu_pct)
      ) AS i (input, reading)
      WHERE o.observed_at BETWEEN observed_since AND instant AND i.reading IS NOT NULL
    ),
    -- What each origin last told of each input. A block that tells the CPU alone does not hide what was seen of the volumes.
    latest AS (
      SELECT DISTINCT ON (t.origin, t.input) t.*
      FROM told AS t
      ORDER BY
        t.origin, t.input, t.observed_at DESC, t.task_id COLLATE "C" DESC, t.map_index DESC, t.source COLLATE "C" DESC, t.block DESC
    ),
    -- The worst of the origins. Every bound of the signal is an upper one.
    worst AS (
      SELECT DISTINCT ON (l.input) l.*
      FROM latest AS l
      ORDER BY l.input, l.reading DESC, l.observed_at DESC, l.origin COLLATE "C"
    ),
    earlier AS (
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
      array_agg(i.input ORDER BY i.place), array_agg(w.reading ORDER BY i.place), array_agg(1::numeric ORDER BY i.place),
      CASE
        WHEN count(DISTINCT w.origin) = 1 THEN format(
          '%s; last seen %s by %s',
          string_agg(format('%s %s', i.input, coalesce(corrparse.figure(w.reading), 'not observed')), ', ' ORDER BY i.place),
          corrparse.utc_text(max(w.observed_at)), max(w.origin))
        WHEN count(w.input) > 0 THEN format(
          '%s; last seen %s',
          string_agg(
            format('%s %s', i.input, coalesce(corrparse.figure(w.reading) || ' by ' || w.origin, 'not observed')), ', '
            ORDER BY i.place),
          corrparse.utc_text(max(w.observed_at)))
        WHEN max(e.observed_at) IS NOT NULL THEN format(
          'the latest infra observation is of %s, older than %s h', corrparse.utc_text(max(e.observed_at)),
          corrparse.setting('observation_hours'))
        ELSE 'no infra observation'
      END || corrparse.passed_over(instant, 'observations', max(e.last_at)),
      max(w.observed_at)
    FROM unnest(ARRAY['oom_kills', 'pods_down', 'pvc_pct', 'cpu_pct']) WITH ORDINALITY AS i (input, place)
    LEFT JOIN worst AS w ON w.input = i.input
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
      'challenger_count', c.crypto, NULL, ARRAY['challenger_count'], ARRAY[NULL::numeric], ARRAY[1::numeric],
      'nothing observes challengers', NULL
    FROM crypto AS c;
END
$$;

-- What the evidence says of things of the future, given the time of the last of them; empty where the last one is not of the future. Nothing
-- is of the future that has happened by the instant asked for or by the server's clock: a question about the past does not call what came
-- later garbled.
CREATE OR REPLACE FUNCTION corrparse.passed_over(instant timestamptz, things text, last_at timestamptz) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE
    WHEN last_at > greatest(instant, now()) THEN format('; %s of the future are passed over, the last of %s', things, corrparse.utc_text(last_at))
    ELSE ''
  END;

SELECT corrparse.grant_to_roles();
