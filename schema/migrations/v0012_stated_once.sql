-- The keys of a tested strategy, the ranks of the severities and the condition of useful stand once, as functions that the planner
-- takes apart: rows and plans are as before. Assembled by Scripts/schema-current.py from the files of schema/current.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

COMMENT ON TABLE corrparse.source IS
  'One part of one task attempt. The rows of a source come from one reading of one of its logs, the feed.';
COMMENT ON TABLE corrparse.test_dag IS 'The DAGs whose runs test strategies: a setting, changed by `corrparse test-dag set`.';

-- The attempts of a run that had started by an instant, with their state and end as of that instant.
CREATE OR REPLACE FUNCTION corrparse.attempt_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (
    task_id text, map_index bigint, try_number bigint, is_latest boolean, state text, started_at timestamptz,
    ended_at timestamptz)
  LANGUAGE sql STABLE
  AS $$
    SELECT
      a.task_id, a.map_index, a.try_number, a.try_number = a.latest_try,
      CASE WHEN a.ended_at > instant THEN 'running' ELSE a.state END,
      a.started_at,
      CASE WHEN a.ended_at <= instant THEN a.ended_at END
    FROM (
      SELECT
        o.*,
        -- In the order of diagnostics.task_attempt_v1.
        row_number() OVER (
          PARTITION BY o.task_id, o.map_index, o.try_number
          ORDER BY o.state = 'unknown', s.part IS DISTINCT FROM '', NOT o.stated, o.ended_at DESC NULLS LAST, o.source_id
        ) AS choice,
        max(o.try_number) OVER (PARTITION BY o.task_id, o.map_index) AS latest_try
      FROM corrparse.task_outcome AS o
      JOIN corrparse.source AS s ON s.source_id = o.source_id
      WHERE o.dag_id = of_dag AND o.run_id = of_run
        AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
    ) AS a
    WHERE a.choice = 1
  $$;
COMMENT ON FUNCTION corrparse.attempt_at IS
  'An attempt of which no time is known counts at every instant, so that its unknown state is not lost.';

-- The conditions of the global state: true where triggered, null where unknown.
CREATE OR REPLACE FUNCTION corrparse.condition_at(instant timestamptz)
  RETURNS TABLE (condition text, is_triggered boolean, evidence text)
  LANGUAGE plpgsql STABLE
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
    freshness AS (
      SELECT
        u.crypto, u.crypto_group = core_group AS is_core, s.value, s.is_critical, s.is_warning, s.reason
      FROM corrparse.universe AS u
      LEFT JOIN signal AS s ON s.signal = 'model_freshness' AND s.scope = u.crypto
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
          format('%s %s', g.crypto, coalesce(corrparse.figure(round(g.value, 2)) || ' d: ' || g.reason, g.reason)), '; '
          ORDER BY g.is_stale IS NOT TRUE, g.value DESC NULLS LAST, g.crypto COLLATE "C")
          FILTER (WHERE g.is_stale IS NOT FALSE OR g.are_clear) AS evidence
      FROM (
        SELECT k.*, bool_and(k.is_stale IS NOT DISTINCT FROM false) OVER (PARTITION BY k.is_core) AS are_clear
        FROM (
          SELECT f.*, CASE WHEN f.is_core THEN f.is_critical ELSE f.is_critical OR f.is_warning END AS is_stale
          FROM freshness AS f
        ) AS k
      ) AS g
      GROUP BY g.is_core
    ),
    stranger AS (
      SELECT '; in no group and not judged: ' || string_agg(s.scope, ', ' ORDER BY s.scope COLLATE "C") AS evidence
      FROM signal AS s
      WHERE s.signal = 'model_freshness' AND NOT EXISTS (SELECT FROM corrparse.universe AS u WHERE u.crypto = s.scope)
    ),
    universe AS (
      SELECT
        coalesce(max(c.last_useful_at), min(c.first_record_at)) AS since,
        max(c.last_useful_at) IS NOT NULL AS was_useful,
        string_agg(c.crypto, ', ' ORDER BY c.crypto COLLATE "C") FILTER (WHERE c.first_record_at IS NULL) AS without_record
      FROM corrparse.crypto_at(instant) AS c
      WHERE c.crypto_group IS NOT NULL
    ),
    passing AS (
      SELECT
        d.dag_id,
        CASE
          WHEN bool_or(p.passed > 0) THEN false
          WHEN count(*) FILTER (WHERE p.passed = 0) >= recurrent_runs THEN true
        END AS is_triggered,
        format('%s: %s', d.dag_id, coalesce(
          string_agg(
            format('%s of %s in %s', coalesce(p.passed::text, 'unknown'), coalesce(p.candidates::text, 'unknown'), r.run_id),
            ', ' ORDER BY r.started_at DESC, r.run_id COLLATE "C" DESC),
          'no finished run')) AS evidence
      FROM corrparse.test_dag AS d
      LEFT JOIN LATERAL corrparse.finished_run_at(instant, d.dag_id, recurrent_runs) AS r ON true
      LEFT JOIN LATERAL corrparse.run_passed_at(instant, d.dag_id, r.run_id) AS p ON r.run_id IS NOT NULL
      GROUP BY d.dag_id
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
        string_agg(p.evidence, '; ' ORDER BY p.is_triggered IS NOT TRUE, p.dag_id COLLATE "C")
          FILTER (WHERE p.is_triggered IS NOT FALSE),
        string_agg(p.evidence, '; ' ORDER BY p.dag_id COLLATE "C"),
        'no test DAG is set')
    FROM passing AS p
    UNION ALL
    SELECT
      x.condition,
      CASE WHEN count(s.is_core) > 0 THEN bool_or(s.is_triggered) END,
      coalesce(max(s.evidence), x.nothing) || coalesce(max(x.addition), '')
    FROM (
      VALUES
        ('core_crypto_stale', true, 'the universe has no core crypto', NULL),
        ('crypto_stale', false, 'the universe has no crypto outside the core', (SELECT n.evidence FROM stranger AS n))
    ) AS x (condition, is_core, nothing, addition)
    LEFT JOIN stale AS s ON s.is_core = x.is_core
    GROUP BY x.condition, x.nothing
    UNION ALL
    SELECT
      'no_useful_strategy',
      instant - u.since > universe_span,
      CASE
        WHEN u.since IS NULL THEN 'no record of any crypto of the universe'
        WHEN u.was_useful THEN format('last useful strategy %s', corrparse.utc_text(u.since))
        ELSE format('never a useful strategy since the first record %s', corrparse.utc_text(u.since))
      END || coalesce('; no record of ' || u.without_record, '')
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

-- A value that measures nothing without trades: Sortino or an exit share (docs/specification/3-classification.md, Rules).
CREATE OR REPLACE FUNCTION corrparse.counted(value numeric, n_trades bigint) RETURNS numeric
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN n_trades IS DISTINCT FROM 0 THEN value END;
COMMENT ON FUNCTION corrparse.counted IS 'The value, or null where there were no trades.';

-- The last test runs that have a record of a crypto, the last one first. Runs are found by their last record and ordered by their start.
-- A record is not before its run's start, unless its time is that of the run's name; therefore the search goes one day further. The
-- setting keeps the planner from sorting all records for the few that are fetched.
CREATE OR REPLACE FUNCTION corrparse.crypto_run_at(instant timestamptz, of_crypto text, wanted bigint)
  RETURNS TABLE (dag_id text, run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE
  SET cursor_tuple_fraction = 0.000001
  AS $$
DECLARE
  test_dags text[] := ARRAY(SELECT t.dag_id FROM corrparse.test_dag AS t);
  recorded CURSOR FOR
    SELECT r.dag_id, r.run_id, r.observed_at
    FROM corrparse.record AS r
    -- With crypto = of_crypto the index of times alone would give the order, and the records of all cryptos would be read.
    WHERE r.crypto >= of_crypto AND (r.crypto, r.observed_at) <= (of_crypto, instant) AND r.dag_id = ANY (test_dags)
    ORDER BY r.crypto DESC, r.observed_at DESC;
  next_key text;
  next_start timestamptz;
  seen text[] := '{}';
  -- The best so far; never more than are wanted.
  dags text[] := '{}';
  runs text[] := '{}';
  starts timestamptz[] := '{}';
BEGIN
  FOR found IN recorded LOOP
    EXIT WHEN found.observed_at + interval '24 hours' < starts[wanted];
    -- Records of a run follow each other.
    CONTINUE WHEN next_key = length(found.dag_id) || ' ' || found.dag_id || found.run_id;
    next_key := length(found.dag_id) || ' ' || found.dag_id || found.run_id;
    CONTINUE WHEN next_key = ANY (seen);
    seen := seen || next_key;
    SELECT min(o.started_at) INTO next_start
    FROM corrparse.task_outcome AS o
    WHERE o.dag_id = found.dag_id AND o.run_id = found.run_id AND o.started_at <= instant;
    CONTINUE WHEN next_start IS NULL OR next_start < starts[wanted];
    SELECT
      array_agg(b.dag_id ORDER BY b.place), array_agg(b.run_id ORDER BY b.place), array_agg(b.started_at ORDER BY b.place)
    INTO dags, runs, starts
    FROM (
      SELECT
        k.*, row_number() OVER (ORDER BY k.started_at DESC, k.run_id COLLATE "C" DESC, k.dag_id COLLATE "C" DESC) AS place
      FROM unnest(dags || found.dag_id, runs || found.run_id, starts || next_start) AS k (dag_id, run_id, started_at)
    ) AS b
    WHERE b.place <= wanted;
  END LOOP;
  RETURN QUERY SELECT k.dag_id, k.run_id, k.started_at FROM unnest(dags, runs, starts) AS k (dag_id, run_id, started_at);
END
$$;

-- The finished runs of a DAG, the last one first. Runs are found by their last attempt, from the end of the index, and ordered by their
-- first one. The search ends when every further run began before those that were found. The setting keeps the planner from sorting all
-- attempts for the few that are fetched.
CREATE OR REPLACE FUNCTION corrparse.finished_run_at(instant timestamptz, of_dag text, wanted bigint)
  RETURNS TABLE (run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE
  SET cursor_tuple_fraction = 0.000001
  AS $$
DECLARE
  attempt CURSOR FOR
    SELECT o.run_id, o.started_at
    FROM corrparse.task_outcome AS o
    WHERE o.dag_id = of_dag AND o.started_at <= instant
    ORDER BY o.started_at DESC;
  next_start timestamptz;
  next_state text;
  seen text[] := '{}';
  -- The best so far; never more than are wanted.
  runs text[] := '{}';
  starts timestamptz[] := '{}';
BEGIN
  FOR found IN attempt LOOP
    EXIT WHEN found.started_at < starts[wanted];
    CONTINUE WHEN found.run_id = ANY (seen);
    seen := seen || found.run_id;
    SELECT r.started_at, r.state INTO next_start, next_state FROM corrparse.run_at(instant, of_dag, found.run_id) AS r;
    CONTINUE WHEN next_state NOT IN ('success', 'failed') OR next_start < starts[wanted];
    SELECT array_agg(b.run_id ORDER BY b.place), array_agg(b.started_at ORDER BY b.place) INTO runs, starts
    FROM (
      SELECT k.*, row_number() OVER (ORDER BY k.started_at DESC, k.run_id COLLATE "C" DESC) AS place
      FROM unnest(runs || found.run_id, starts || next_start) AS k (run_id, started_at)
    ) AS b
    WHERE b.place <= wanted;
  END LOOP;
  RETURN QUERY SELECT k.run_id, k.started_at FROM unnest(runs, starts) AS k (run_id, started_at);
END
$$;

CREATE OR REPLACE FUNCTION corrparse.gates_passed(gates jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN NOT jsonb_path_exists(gates, '$.* ? (@ == "fail")');
COMMENT ON FUNCTION corrparse.gates_passed IS 'Whether all gates were passed; null without gates.';

-- What the roles may do. Every migration calls it at its end.
CREATE OR REPLACE FUNCTION corrparse.grant_to_roles() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog
  AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_writer') THEN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO corrparse_writer', current_database());
    GRANT USAGE ON SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT SELECT ON ALL TABLES IN SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA diagnostics TO corrparse_writer;
    GRANT INSERT, UPDATE, DELETE ON
      corrparse.source, corrparse.log, corrparse.record, corrparse.verdict, corrparse.issue, corrparse.task_outcome,
      corrparse.universe, corrparse.infra_observation, corrparse.test_dag, corrparse.global_state_history, corrparse.run_diagnosis,
      corrparse.run_change
      TO corrparse_writer;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_reader') THEN
    GRANT USAGE ON SCHEMA diagnostics TO corrparse_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO corrparse_reader;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA diagnostics TO corrparse_reader;
    -- Views call these with the reader's rights.
    GRANT EXECUTE ON FUNCTION
      corrparse.counted(numeric, bigint), corrparse.gates_passed(jsonb), corrparse.is_accepted(jsonb, numeric, bigint),
      corrparse.is_useful(text[], boolean), corrparse.run_state(text, timestamptz, timestamptz),
      corrparse.diagnose_run(text, text, timestamptz)
      TO corrparse_reader;
  END IF;
END
$$;
COMMENT ON FUNCTION corrparse.grant_to_roles() IS
  'Gives corrparse_writer and corrparse_reader what they need, as far as they exist. Run again after creating them by hand.';
REVOKE EXECUTE ON FUNCTION corrparse.grant_to_roles() FROM PUBLIC;

-- The part of useful that no verdict is needed for. The index record_accepted_idx has the same condition; it serves queries as long as both
-- are the same, letter by letter.
CREATE OR REPLACE FUNCTION corrparse.is_accepted(gates jsonb, sortino numeric, n_trades bigint) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(corrparse.gates_passed(gates), sortino >= 0 AND n_trades IS DISTINCT FROM 0, false);
COMMENT ON FUNCTION corrparse.is_accepted IS
  'Whether a strategy passed its gates; without gates, whether its Sortino counts and is not negative.';

-- Whether a record has one of corrparse.strategy_keys.
CREATE OR REPLACE FUNCTION corrparse.is_strategy(r corrparse.record) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN num_nonnulls(
    r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy, r.screening_f1_buy,
    r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) > 0;
COMMENT ON FUNCTION corrparse.is_strategy IS 'Whether a record is of a tested strategy.';

-- Whether a strategy is worth using (docs/specification/3-classification.md, Runs). The second part is corrparse.is_accepted.
CREATE OR REPLACE FUNCTION corrparse.is_useful(findings text[], is_accepted boolean) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN findings && ARRAY['ML_EXPLOITABLE', 'ML_SOLID']
    AND NOT findings && ARRAY['ML_UNSTABLE', 'SCREENING_OVERFIT']
    AND is_accepted;
COMMENT ON FUNCTION corrparse.is_useful IS 'Whether a strategy with these findings is useful; null without a verdict.';

-- Enters the state into its history when the state, or the set of triggered or unknown conditions, has changed. Callers wait for each
-- other, so that the second one sees the row of the first: call it in a transaction of read committed only.
CREATE OR REPLACE FUNCTION corrparse.note_global_state() RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
DECLARE
  instant timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(7168245303041978);
  instant := clock_timestamp();
  INSERT INTO corrparse.global_state_history (noted_at, state, triggered, unknown, reasons)
  SELECT instant, s.state, s.triggered, s.unknown, s.reasons
  FROM corrparse.global_state_at(instant) AS s
  WHERE NOT EXISTS (
    SELECT FROM (
      SELECT h.* FROM corrparse.global_state_history AS h ORDER BY h.noted_at DESC LIMIT 1
    ) AS h
    WHERE h.state = s.state AND h.triggered = s.triggered AND h.unknown = s.unknown);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION corrparse.note_global_state IS 'Called at the end of a run that wrote; returns whether a row was added.';

-- Enters the runs of changed rows that name a run into the list of runs to be computed.
CREATE OR REPLACE FUNCTION corrparse.note_run_change() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT DISTINCT n.dag_id, n.run_id FROM new_row AS n WHERE n.dag_id IS NOT NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT DISTINCT o.dag_id, o.run_id FROM old_row AS o WHERE o.dag_id IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION corrparse.note_run_change IS 'For rows that name a run.';

-- Enters the runs of changed rows that belong to a record or a source into the list of runs to be computed.
CREATE OR REPLACE FUNCTION corrparse.note_run_change_of_record() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  sources bigint[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    sources := ARRAY(SELECT DISTINCT o.source_id FROM old_row AS o);
  ELSE
    sources := ARRAY(SELECT DISTINCT n.source_id FROM new_row AS n);
  END IF;
  INSERT INTO corrparse.run_change (dag_id, run_id)
  SELECT DISTINCT r.dag_id, r.run_id FROM corrparse.record AS r
  WHERE r.source_id = ANY (sources) AND r.dag_id IS NOT NULL;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION corrparse.note_run_change_of_record IS 'For rows that belong to a record of the source; their keys never change.';

-- Stores the diagnoses of runs on the list. Only one caller computes at a time, so that no older result replaces a newer one: call it in
-- a transaction of read committed only. The entry of a run is taken off the list before its rows are read, so an entry that is committed
-- in between stays.
CREATE OR REPLACE FUNCTION corrparse.refresh_run_diagnoses(at_most bigint) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  SET jit = off
  AS $$
DECLARE
  dags text[];
  runs text[];
BEGIN
  PERFORM pg_advisory_xact_lock(7168245303041979);
  SELECT array_agg(k.dag_id), array_agg(k.run_id) INTO dags, runs
  FROM (SELECT DISTINCT c.dag_id, c.run_id FROM corrparse.run_change AS c LIMIT at_most) AS k;
  DELETE FROM corrparse.run_change AS c USING unnest(dags, runs) AS k (dag_id, run_id)
  WHERE c.dag_id = k.dag_id AND c.run_id = k.run_id;
  DELETE FROM corrparse.run_diagnosis AS d USING unnest(dags, runs) AS k (dag_id, run_id)
  WHERE d.dag_id = k.dag_id AND d.run_id = k.run_id;
  INSERT INTO corrparse.run_diagnosis
  SELECT d.*
  FROM unnest(dags, runs) AS k (dag_id, run_id)
  CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id, 'infinity') AS d;
  RETURN coalesce(cardinality(dags), 0);
END
$$;
COMMENT ON FUNCTION corrparse.refresh_run_diagnoses IS
  'Stores the diagnoses of at most so many of the runs that changed, and returns of how many. Called until it returns 0.';

-- The state of a run at an instant. Within 30 minutes of the last end other tasks of the run may follow. An unknown state holds at once.
CREATE OR REPLACE FUNCTION corrparse.run_state(settled_state text, latest_ended_at timestamptz, instant timestamptz) RETURNS text
  LANGUAGE sql STABLE
  AS $$
    SELECT CASE
      WHEN settled_state <> 'unknown' AND latest_ended_at > instant - interval '30 minutes' THEN 'running'
      ELSE settled_state
    END
  $$;

-- The severities, the least severe first: the place of one is its rank.
CREATE OR REPLACE FUNCTION corrparse.severities() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ARRAY['none', 'P3', 'P2', 'P1', 'P0'];
COMMENT ON FUNCTION corrparse.severities IS 'The severities, the least severe first.';

-- The severity of a diagnosis: that of the worst record with this code, else that of the code itself.
CREATE OR REPLACE FUNCTION corrparse.severity_of(of_code text, severity_ranks jsonb) RETURNS text
  LANGUAGE sql STABLE
  AS $$
    SELECT coalesce(
      (corrparse.severities())[(severity_ranks ->> coalesce(of_code, ''))::integer],
      (
        SELECT t.severity
        FROM corrparse.taxonomy AS t JOIN corrparse.current_taxonomy AS k ON k.taxonomy_version = t.taxonomy_version
        WHERE t.code = of_code
      ),
      'none')
  $$;

-- What each golden signal reads at an instant. A bound on an input is multiplied by the input's scale, which is the p95 for the input p95 and
-- 1 for the others.
CREATE OR REPLACE FUNCTION corrparse.signal_reading_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, inputs text[], readings numeric[], scales numeric[], reason text,
    observed_at timestamptz)
  LANGUAGE plpgsql STABLE
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
    WITH latest AS (
      -- The latest one of each input: a block that tells the CPU alone does not hide what was seen of the volumes.
      SELECT
        (array_agg(o.oom_kills ORDER BY o.observed_at DESC, o.origin COLLATE "C") FILTER (WHERE o.oom_kills IS NOT NULL))[1]
          AS oom_kills,
        (array_agg(o.pods_down ORDER BY o.observed_at DESC, o.origin COLLATE "C") FILTER (WHERE o.pods_down IS NOT NULL))[1]
          AS pods_down,
        (array_agg(o.pvc_pct ORDER BY o.observed_at DESC, o.origin COLLATE "C") FILTER (WHERE o.pvc_pct IS NOT NULL))[1]
          AS pvc_pct,
        (array_agg(o.cpu_pct ORDER BY o.observed_at DESC, o.origin COLLATE "C") FILTER (WHERE o.cpu_pct IS NOT NULL))[1]
          AS cpu_pct,
        max(o.observed_at) AS observed_at,
        (array_agg(o.origin ORDER BY o.observed_at DESC, o.origin COLLATE "C"))[1] AS origin
      FROM corrparse.infra_reading AS o
      WHERE o.observed_at BETWEEN observed_since AND instant
    ),
    earlier AS (
      SELECT greatest(
        (SELECT max(o.observed_at) FROM corrparse.infra_observation AS o WHERE o.observed_at <= instant),
        (
          SELECT max(r.observed_at) FROM corrparse.record AS r
          WHERE r.observed_at <= instant
            AND (r.oom_kills IS NOT NULL OR r.pods_down IS NOT NULL OR r.pvc_pct IS NOT NULL OR r.cpu_pct IS NOT NULL)
        )) AS observed_at
    )
    SELECT
      'infra_health', 'platform', NULL::numeric,
      ARRAY['oom_kills', 'pods_down', 'pvc_pct', 'cpu_pct'],
      ARRAY[l.oom_kills, l.pods_down, l.pvc_pct, l.cpu_pct],
      ARRAY[1, 1, 1, 1]::numeric[],
      CASE
        WHEN l.observed_at IS NOT NULL THEN format(
          'oom_kills %s, pods_down %s, pvc_pct %s, cpu_pct %s; last seen %s by %s',
          coalesce(l.oom_kills::text, 'not observed'), coalesce(l.pods_down::text, 'not observed'),
          coalesce(corrparse.figure(l.pvc_pct), 'not observed'), coalesce(corrparse.figure(l.cpu_pct), 'not observed'),
          corrparse.utc_text(l.observed_at), l.origin)
        WHEN e.observed_at IS NOT NULL THEN format(
          'the latest infra observation is of %s, older than %s h', corrparse.utc_text(e.observed_at),
          corrparse.setting('observation_hours'))
        ELSE 'no infra observation'
      END,
      l.observed_at
    FROM latest AS l CROSS JOIN earlier AS e;

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
    run AS MATERIALIZED (
      SELECT k.dag_id, k.run_id, r.started_at, r.ended_at, r.state
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
        count(*) FILTER (WHERE run.state = 'success') AS successful,
        count(*) FILTER (WHERE run.state IN ('success', 'failed')) AS finished,
        count(*) FILTER (WHERE run.state = 'unknown') AS unknown,
        max(run.ended_at) FILTER (WHERE run.state IN ('success', 'failed')) AS observed_at
      FROM (SELECT 'all' AS scope, NULL AS dag_id UNION ALL SELECT dag.dag_id, dag.dag_id FROM dag) AS s
      LEFT JOIN run ON (run.dag_id = s.dag_id OR s.dag_id IS NULL) AND run.ended_at >= rate_since
      GROUP BY s.scope, s.dag_id
    ),
    duration AS (
      SELECT
        run.*,
        extract(epoch FROM run.ended_at - run.started_at) AS seconds,
        row_number() OVER (PARTITION BY run.dag_id ORDER BY run.started_at DESC, run.run_id COLLATE "C" DESC) AS place
      FROM run
      WHERE run.state IN ('success', 'failed') AND run.started_at IS NOT NULL AND run.ended_at >= latency_since
    ),
    latency AS (
      SELECT
        d.dag_id,
        max(d.run_id) FILTER (WHERE d.place = 1) AS run_id,
        max(d.seconds) FILTER (WHERE d.place = 1) AS seconds,
        max(d.ended_at) FILTER (WHERE d.place = 1) AS ended_at,
        count(*) - 1 AS before,
        percentile * (count(*) - 2) AS rank,
        array_agg(d.seconds ORDER BY d.seconds) FILTER (WHERE d.place > 1) AS durations
      FROM duration AS d
      GROUP BY d.dag_id
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
      'pipeline_success_rate', r.scope, p.rate, ARRAY['pipeline_success_rate'], ARRAY[p.rate], ARRAY[1::numeric],
      CASE
        WHEN r.finished > 0 THEN format('%s of %s finished runs succeeded', r.successful, r.finished)
        ELSE format('no finished run in %s h', corrparse.setting('success_rate_hours'))
      END || CASE WHEN r.unknown > 0 THEN format('; %s of unknown outcome', r.unknown) ELSE '' END,
      r.observed_at
    FROM rate AS r
    CROSS JOIN LATERAL (SELECT 100.0 * r.successful / nullif(r.finished, 0) AS rate) AS p
    UNION ALL
    SELECT
      'pipeline_latency', d.dag_id, l.seconds, ARRAY['p95', 'duration'],
      ARRAY[CASE WHEN l.p95 IS NOT NULL THEN l.seconds END, CASE WHEN l.p95 IS NOT NULL THEN l.seconds END],
      ARRAY[l.p95, 1],
      CASE
        WHEN l.dag_id IS NULL THEN format('no finished run in %s h', corrparse.setting('latency_hours'))
        WHEN l.p95 IS NULL THEN format(
          '%s took %s s; %s finished runs before it in %s h, %s are needed', l.run_id, corrparse.figure(l.seconds), l.before,
          corrparse.setting('latency_hours'), latency_runs)
        ELSE format(
          '%s took %s s; p95 of the %s finished runs before it is %s s', l.run_id, corrparse.figure(l.seconds), l.before,
          corrparse.figure(l.p95))
      END,
      l.ended_at
    FROM dag AS d
    LEFT JOIN limited AS l ON l.dag_id = d.dag_id;

  RETURN QUERY
    WITH crypto AS MATERIALIZED (
      SELECT k.* FROM corrparse.crypto_at(instant) AS k
    ),
    best AS MATERIALIZED (
      SELECT c.crypto, c.crypto_group, b.*
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
      END || CASE WHEN b.crypto_group IS NULL THEN '; in no group of the universe' ELSE '' END,
      b.observed_at
    FROM best AS b
    CROSS JOIN LATERAL (
      VALUES
        ('f1_buy_delta_vs_baseline', b.delta), ('screening_testing_gap', b.screening_gap), ('std_f1_buy', b.std_f1_buy),
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
      END || CASE WHEN c.crypto_group IS NULL THEN '; in no group of the universe' ELSE '' END,
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

-- The keys that make a record a tested strategy's (docs/specification/3-classification.md, Rules). corrparse.is_strategy has them as columns.
CREATE OR REPLACE FUNCTION corrparse.strategy_keys() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ARRAY[
    'f1_buy', 'baseline_f1_buy', 'precision_buy', 'recall_buy', 'buy_rate', 'action_rate', 'std_f1_buy', 'screening_f1_buy',
    'last_fold_f1_buy', 'sortino', 'tp_pct', 'sl_pct', 'timeout_pct', 'n_trades'];
COMMENT ON FUNCTION corrparse.strategy_keys IS 'The keys that make a record a tested strategy''s.';

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
  r.complete
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
) AS l;
COMMENT ON VIEW corrparse.judged_record IS 'Records with what diagnoses, golden signals and conditions ask of them.';

CREATE OR REPLACE VIEW diagnostics.verdict_all_v1 AS
SELECT
  r.observed_at,
  r.dag_id,
  r.run_id,
  r.task_id,
  nullif(r.map_index, -1) AS map_index,
  r.try_number,
  -- The greatest number is the end of an index. For NOT EXISTS of a greater one the planner may read the whole table.
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
  corrparse.gates_passed(r.gates) AS gates_passed,
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
  corrparse.is_useful(v.findings, corrparse.is_accepted(r.gates, r.sortino, r.n_trades)) AS useful,
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

-- The cryptos of the universe and those that have records by an instant, with the times that make them fresh or stale. The last useful
-- strategy is looked for among the accepted records of the crypto, the last one first, whatever the planner knows of the tables: the
-- offset forces that.
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
      -- Among the latest attempts as of the instant.
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
      WHERE r.crypto >= k.crypto AND (r.crypto, r.observed_at) <= (k.crypto, instant)
        AND corrparse.is_useful(v.findings, r.is_accepted)
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

-- The global state with the names of the conditions that make it.
CREATE OR REPLACE FUNCTION corrparse.global_state_at(instant timestamptz)
  RETURNS TABLE (state text, since timestamptz, reasons text[], triggered text[], unknown text[])
  LANGUAGE sql STABLE
  AS $$
    SELECT
      r.state,
      coalesce(
        (
          -- The first row since another state was last noted. There is none if that was the last note.
          SELECT min(h.noted_at) FROM corrparse.global_state_history AS h
          WHERE h.noted_at <= instant
            AND h.noted_at > coalesce(
              (
                SELECT max(o.noted_at) FROM corrparse.global_state_history AS o
                WHERE o.noted_at <= instant AND o.state <> r.state
              ),
              '-infinity')
        ),
        instant),
      r.reasons,
      r.triggered,
      r.unknown
    FROM (
      SELECT
        CASE
          WHEN bool_or(c.status = 'triggered') THEN
            (array_agg(c.contributes ORDER BY c.place) FILTER (WHERE c.status = 'triggered'))[1]
          WHEN bool_and(c.status = 'clear') THEN 'GREEN'
          ELSE 'UNKNOWN'
        END AS state,
        coalesce(
          array_agg(
            format('%s %s: %s', CASE c.status WHEN 'triggered' THEN c.contributes ELSE 'unknown' END, c.condition, c.evidence)
            ORDER BY c.status = 'unknown', c.place)
            FILTER (WHERE c.status <> 'clear'),
          '{}') AS reasons,
        coalesce(array_agg(c.condition ORDER BY c.place) FILTER (WHERE c.status = 'triggered'), '{}') AS triggered,
        coalesce(array_agg(c.condition ORDER BY c.place) FILTER (WHERE c.status = 'unknown'), '{}') AS unknown
      FROM diagnostics.global_state_conditions_at(instant)
        WITH ORDINALITY AS c (condition, contributes, status, evidence, place)
    ) AS r
  $$;

-- What the attempts of a run tell of it as of an instant.
CREATE OR REPLACE FUNCTION corrparse.run_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (started_at timestamptz, ended_at timestamptz, state text)
  LANGUAGE sql STABLE
  AS $$
    SELECT
      min(a.started_at),
      max(a.ended_at),
      CASE
        WHEN bool_or(a.state = 'unknown') FILTER (WHERE a.is_latest)
          AND NOT bool_or(a.state = 'failed') FILTER (WHERE a.is_latest) THEN 'unknown'
        WHEN max(a.ended_at) FILTER (WHERE a.is_latest) > instant - (SELECT corrparse.setting_hours('settle_hours'))
          THEN 'running'
        WHEN bool_or(a.state = 'failed') FILTER (WHERE a.is_latest) THEN 'failed'
        WHEN bool_and(a.state IN ('success', 'skipped')) FILTER (WHERE a.is_latest) THEN 'success'
        ELSE 'running'
      END
    FROM corrparse.attempt_at(instant, of_dag, of_run) AS a
  $$;
COMMENT ON FUNCTION corrparse.run_at IS 'What the attempts of a run tell of it as of an instant.';

-- The diagnosis of a run as of an instant: one row for the whole run (crypto null) and one for each of its cryptos. No row where no
-- attempt of the run had started by then. Signals and state ask it where the stored row includes later events.
CREATE OR REPLACE FUNCTION corrparse.diagnose_run(of_dag text, of_run text, instant timestamptz DEFAULT 'infinity')
  RETURNS SETOF corrparse.run_diagnosis
  LANGUAGE sql STABLE SECURITY DEFINER ROWS 10 COST 10000
  SET search_path = pg_catalog, pg_temp
  SET jit = off
  AS $$
    WITH run AS (
      SELECT
        min(a.started_at) AS started_at,
        max(a.ended_at) AS ended_at,
        max(a.ended_at) FILTER (WHERE a.is_latest) AS latest_ended_at,
        CASE
          WHEN bool_or(a.state = 'failed') FILTER (WHERE a.is_latest) THEN 'failed'
          WHEN bool_or(a.state = 'unknown') FILTER (WHERE a.is_latest) THEN 'unknown'
          WHEN bool_and(a.state IN ('success', 'skipped')) FILTER (WHERE a.is_latest) THEN 'success'
          ELSE 'running'
        END AS settled_state
      FROM corrparse.attempt_at(instant, of_dag, of_run) AS a
      HAVING count(*) > 0
    ),
    item AS MATERIALIZED (
      SELECT
        r.*,
        v.primary_code,
        v.findings,
        array_position(corrparse.severities(), v.severity) AS severity_rank,
        -- The verdict without the infra rules: a crypto is not to blame for the platform.
        p.findings[1] AS own_code,
        CASE
          WHEN p.findings = v.findings THEN array_position(corrparse.severities(), v.severity)
          ELSE greatest(
            array_position(corrparse.severities(), CASE WHEN r.sortino < 0 THEN 'P2' ELSE 'none' END),
            (
              SELECT max(array_position(corrparse.severities(), t.severity))
              FROM corrparse.taxonomy AS t
              WHERE t.taxonomy_version = v.taxonomy_version AND t.code = ANY (p.findings)
            ))
        END AS own_severity_rank,
        corrparse.is_useful(v.findings, r.is_accepted) AS is_useful
      FROM corrparse.run_record_at(instant, of_dag, of_run) AS r
      LEFT JOIN corrparse.verdict AS v
        ON v.source_id = r.source_id AND v.block = r.block
          AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
      CROSS JOIN LATERAL (
        SELECT array_remove(array_remove(v.findings, 'INFRA_SATURATED'), 'PIPELINE_DEGRADED') AS findings
      ) AS p
    ),
    -- Records of the screening count only in a run that has no other summary or strategy.
    counted AS (
      SELECT i.* FROM item AS i
      WHERE NOT i.is_screening
        OR NOT EXISTS (
          SELECT FROM item AS other
          WHERE NOT other.is_screening AND (other.is_summary OR other.is_strategy OR other.is_lost_strategy))
    ),
    -- The last summary of each crypto, and the last one of the whole run (crypto null).
    summary AS (
      SELECT DISTINCT ON (c.crypto)
        c.crypto,
        c.n_candidates AS candidates,
        -- Without a readable `complete` the run may have been at work still, and its count not the last one.
        CASE
          WHEN c.complete OR NOT EXISTS (
            SELECT FROM corrparse.issue AS i
            WHERE i.source_id = c.source_id AND i.block = c.block AND i.key = 'complete')
            THEN c.n_passed
        END AS passed
      FROM counted AS c
      JOIN corrparse.source AS s ON s.source_id = c.source_id
      WHERE c.is_summary AND c.complete IS NOT FALSE
      ORDER BY
        c.crypto, c.observed_at DESC, c.task_id COLLATE "C" DESC, c.map_index DESC, s.name COLLATE "C" DESC, c.block DESC
    ),
    -- Gates of a block that was cut are not usable: one that failed may be missing.
    doubtful_gates AS (
      SELECT i.source_id, i.block
      FROM corrparse.issue AS i
      WHERE i.source_id IN (SELECT c.source_id FROM counted AS c)
        AND (i.kind IN ('cut_short', 'incomplete_block', 'block_too_long') OR i.key = 'gates')
    ),
    -- What the strategies of each crypto tell, those without a crypto taken together.
    tested AS (
      SELECT
        c.crypto,
        count(*) FILTER (WHERE c.is_strategy) AS candidates,
        count(*) FILTER (WHERE c.is_strategy AND c.gates_passed) AS passed,
        bool_or(c.is_strategy)
          AND bool_and(
            NOT c.is_lost_strategy
              AND (
                NOT c.is_strategy
                OR c.gates_passed IS NOT NULL
                  AND (c.source_id, c.block) NOT IN (SELECT d.source_id, d.block FROM doubtful_gates AS d))) AS is_known
      FROM counted AS c
      WHERE c.crypto IS NOT NULL OR c.is_strategy OR c.is_lost_strategy
      GROUP BY c.crypto
    ),
    part AS (
      SELECT
        t.crypto,
        s.crypto IS NOT NULL AS is_from_summary,
        CASE WHEN s.crypto IS NOT NULL THEN s.candidates WHEN t.is_known THEN t.candidates END AS candidates,
        CASE WHEN s.crypto IS NOT NULL THEN s.passed WHEN t.is_known THEN t.passed END AS passed
      FROM tested AS t
      LEFT JOIN summary AS s ON s.crypto = t.crypto
    ),
    tally AS (
      SELECT false AS is_whole, p.crypto, p.is_from_summary, p.candidates, p.passed FROM part AS p WHERE p.crypto IS NOT NULL
      UNION ALL
      SELECT true, NULL, true, s.candidates, s.passed FROM summary AS s WHERE s.crypto IS NULL
      UNION ALL
      SELECT
        true, NULL, bool_and(p.is_from_summary), sum(p.candidates)::bigint,
        CASE WHEN count(*) = count(p.passed) THEN sum(p.passed) END::bigint
      FROM part AS p
      HAVING NOT EXISTS (SELECT FROM summary AS s WHERE s.crypto IS NULL)
    ),
    code AS (
      SELECT
        s.is_whole,
        s.crypto,
        s.code,
        count(*) AS records,
        count(*) FILTER (WHERE s.is_strategy) AS strategies,
        count(*) FILTER (WHERE s.is_useful) AS useful,
        coalesce(bool_or(s.findings @> ARRAY['INFRA_SATURATED']), false) AS is_saturated,
        coalesce(bool_or(s.findings @> ARRAY['PIPELINE_DEGRADED']), false) AS is_degraded,
        max(s.severity_rank) AS severity_rank
      FROM (
        SELECT
          true AS is_whole, NULL::text AS crypto, i.primary_code AS code, i.severity_rank, i.is_strategy, i.findings, i.is_useful
        FROM item AS i
        UNION ALL
        SELECT false, i.crypto, i.own_code, i.own_severity_rank, i.is_strategy, i.findings, i.is_useful
        FROM item AS i
        WHERE i.crypto IS NOT NULL
      ) AS s
      GROUP BY s.is_whole, s.crypto, s.code
    ),
    scope AS (
      SELECT
        c.is_whole,
        c.crypto,
        sum(c.records)::bigint AS records,
        sum(c.useful)::bigint AS useful,
        bool_or(c.is_saturated) AS is_saturated,
        bool_or(c.is_degraded) AS is_degraded,
        (array_agg(c.code ORDER BY c.strategies DESC, t.position, c.code)
          FILTER (WHERE c.code IS NOT NULL AND c.strategies > 0))[1] AS most_frequent,
        coalesce(jsonb_object_agg(c.code, c.records) FILTER (WHERE c.code IS NOT NULL), '{}') AS code_counts,
        jsonb_object_agg(coalesce(c.code, ''), c.severity_rank) AS severity_ranks
      FROM code AS c
      LEFT JOIN corrparse.taxonomy AS t
        ON t.code = c.code AND t.taxonomy_version = (SELECT k.taxonomy_version FROM corrparse.current_taxonomy AS k)
      GROUP BY c.is_whole, c.crypto
    ),
    best AS (
      SELECT DISTINCT ON (i.crypto) i.crypto, i.source_id, i.block
      FROM item AS i
      WHERE i.is_strategy AND i.crypto IS NOT NULL
      ORDER BY
        i.crypto, i.sortino DESC NULLS LAST, i.delta DESC NULLS LAST, i.observed_at, i.task_id COLLATE "C", i.map_index, i.block,
        i.source_id
    )
    SELECT
      of_dag, of_run, d.crypto, d.started_at, d.ended_at, d.latest_ended_at,
      greatest(
        (SELECT max(i.observed_at) FROM item AS i),
        (
          SELECT max(coalesce(o.started_at, o.ended_at)) FROM corrparse.task_outcome AS o
          WHERE o.dag_id = of_dag AND o.run_id = of_run AND coalesce(o.started_at, o.ended_at) <= instant
        )),
      d.settled_state,
      coalesce(d.records, 0), d.candidates, d.passed, coalesce(d.useful, 0),
      d.primary_code, otherwise.severity, d.settled_code, settled.severity, coalesce(d.code_counts, '{}'),
      d.best_source_id, d.best_block, coalesce(d.crypto, '')
    FROM (
      SELECT
        c.crypto, c.records, c.useful, c.code_counts, c.severity_ranks,
        run.started_at, run.ended_at, run.latest_ended_at, run.settled_state,
        n.candidates, n.passed,
        coalesce(f.code, CASE WHEN n.is_from_summary THEN f.none END, c.most_frequent) AS primary_code,
        coalesce(f.code, f.none, c.most_frequent) AS settled_code,
        b.source_id AS best_source_id, b.block AS best_block
      FROM run
      LEFT JOIN scope AS c ON true
      LEFT JOIN tally AS n ON n.is_whole = c.is_whole AND n.crypto IS NOT DISTINCT FROM c.crypto
      LEFT JOIN best AS b ON b.crypto = c.crypto
      CROSS JOIN LATERAL (
        SELECT
          CASE
            WHEN c.is_whole AND c.is_saturated THEN 'INFRA_SATURATED'
            WHEN c.is_whole AND c.is_degraded THEN 'PIPELINE_DEGRADED'
          END AS code,
          CASE WHEN n.passed = 0 AND n.candidates > 0 THEN 'NO_CANDIDATES' END AS none
      ) AS f
    ) AS d
    CROSS JOIN LATERAL corrparse.severity_of(d.primary_code, d.severity_ranks) AS otherwise (severity)
    CROSS JOIN LATERAL corrparse.severity_of(d.settled_code, d.severity_ranks) AS settled (severity)
  $$;

CREATE OR REPLACE VIEW diagnostics.best_strategy_v1 AS
SELECT
  d.started_at,
  d.dag_id,
  d.run_id,
  d.crypto,
  r.observed_at,
  r.task_id,
  nullif(r.map_index, -1) AS map_index,
  r.try_number,
  r.strategy_id,
  r.horizon,
  r.sl,
  r.tp,
  r.f1_buy,
  r.baseline_f1_buy,
  r.f1_buy - r.baseline_f1_buy AS delta,
  r.screening_f1_buy - r.last_fold_f1_buy AS screening_gap,
  r.std_f1_buy,
  corrparse.counted(r.sortino, r.n_trades) AS sortino,
  corrparse.counted(r.tp_pct, r.n_trades) AS tp_pct,
  corrparse.counted(r.sl_pct, r.n_trades) AS sl_pct,
  corrparse.counted(r.timeout_pct, r.n_trades) AS timeout_pct,
  r.n_trades,
  corrparse.gates_passed(r.gates) AS gates_passed,
  corrparse.is_useful(v.findings, corrparse.is_accepted(r.gates, r.sortino, r.n_trades)) AS useful,
  v.primary_code,
  v.severity,
  v.explanation,
  s.name AS source,
  r.line
FROM corrparse.known_run_diagnosis AS d
JOIN corrparse.record AS r ON r.source_id = d.best_source_id AND r.block = d.best_block
JOIN corrparse.source AS s ON s.source_id = r.source_id
LEFT JOIN corrparse.verdict AS v
  ON v.source_id = r.source_id AND v.block = r.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c);
COMMENT ON VIEW diagnostics.best_strategy_v1 IS
  'The best strategy of each crypto in each run with its verdict under the current taxonomy version.';

SELECT corrparse.grant_to_roles();
