-- Golden signals and global state (page 3) for any instant, with what they are computed from beside the logs: infra
-- observations, the DAGs that test, and the reference tables of thresholds, which the program fills from its one table.
--
-- An instant sees what had happened by then: attempts that had started, those that had ended as they ended, records that
-- had been observed. The universe and the thresholds are today's. All spans are counted in hours, never in days, which
-- would be longer or shorter where a session's time zone changes its clocks.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- What was seen of the platform by others than the logs. Blocks with infra fields are observations, too: as records.
CREATE TABLE corrparse.infra_observation (
  observed_at timestamptz NOT NULL,
  origin text NOT NULL CHECK (length(origin) BETWEEN 1 AND 500),
  oom_kills bigint CHECK (oom_kills >= 0),
  pods_down bigint CHECK (pods_down >= 0),
  pvc_pct numeric CHECK (pvc_pct BETWEEN 0 AND 100),
  cpu_pct numeric CHECK (cpu_pct BETWEEN 0 AND 100),
  stored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (observed_at, origin),
  CONSTRAINT infra_observation_check CHECK (num_nonnulls(oom_kills, pods_down, pvc_pct, cpu_pct) > 0)
);
COMMENT ON TABLE corrparse.infra_observation IS
  'Infra observations from outside the logs; blocks that carry infra fields count beside them.';
COMMENT ON COLUMN corrparse.infra_observation.origin IS 'Who observed: prometheus and its host, without credentials.';
COMMENT ON COLUMN corrparse.infra_observation.oom_kills IS 'In the 24 hours before.';

CREATE TABLE corrparse.test_dag (
  dag_id text PRIMARY KEY
);
COMMENT ON TABLE corrparse.test_dag IS
  'The DAGs whose runs test strategies (page 3, Runs): a setting, to be changed by INSERT and DELETE.';
INSERT INTO corrparse.test_dag (dag_id) VALUES
  ('launch__discovery'), ('launch__backtesting'), ('launch__walkforward');

CREATE TABLE corrparse.golden_signal (
  taxonomy_version bigint NOT NULL,
  signal text NOT NULL,
  scope text NOT NULL,
  unit text NOT NULL,
  meaning text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (taxonomy_version, signal)
);
COMMENT ON TABLE corrparse.golden_signal IS 'The golden signals of each taxonomy version, filled by the program.';

CREATE TABLE corrparse.signal_bound (
  taxonomy_version bigint NOT NULL,
  signal text NOT NULL,
  input text NOT NULL,
  status text NOT NULL CHECK (status IN ('warning', 'critical')),
  comparison text NOT NULL CHECK (comparison IN ('>', '>=', '<', '<=')),
  bound numeric NOT NULL,
  PRIMARY KEY (taxonomy_version, signal, input, status)
);
COMMENT ON TABLE corrparse.signal_bound IS 'From where on a golden signal warns or is critical, filled by the program.';

CREATE TABLE corrparse.state_condition (
  taxonomy_version bigint NOT NULL,
  condition text NOT NULL,
  contributes text NOT NULL CHECK (contributes IN ('RED', 'ORANGE', 'YELLOW')),
  meaning text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (taxonomy_version, condition)
);
COMMENT ON TABLE corrparse.state_condition IS 'The conditions of the global state, worst first, filled by the program.';

CREATE TABLE corrparse.supervision_setting (
  taxonomy_version bigint NOT NULL,
  name text NOT NULL,
  value text NOT NULL,
  meaning text NOT NULL,
  PRIMARY KEY (taxonomy_version, name)
);
COMMENT ON TABLE corrparse.supervision_setting IS
  'The windows and counts that golden signals and conditions use, filled by the program.';

CREATE TABLE corrparse.global_state_history (
  noted_at timestamptz PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('GREEN', 'YELLOW', 'ORANGE', 'RED', 'UNKNOWN')),
  triggered text[] NOT NULL,
  unknown text[] NOT NULL,
  reasons text[] NOT NULL
);
COMMENT ON TABLE corrparse.global_state_history IS
  'One row for each change of the global state, or of the conditions that are triggered or unknown, as ingests noted it.';

-- Writers wait while these are built; building them concurrently could not be undone with the rest of the step.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX task_outcome_ended_at_idx ON corrparse.task_outcome (ended_at);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX task_outcome_dag_id_started_at_idx ON corrparse.task_outcome (dag_id, started_at);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX record_infra_idx ON corrparse.record (observed_at)
  WHERE oom_kills IS NOT NULL OR pods_down IS NOT NULL OR pvc_pct IS NOT NULL OR cpu_pct IS NOT NULL;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX record_accepted_idx ON corrparse.record (crypto, observed_at)
  WHERE coalesce(
    NOT jsonb_path_exists(gates, '$.* ? (@ == "fail")'), sortino >= 0 AND n_trades IS DISTINCT FROM 0, false);

CREATE VIEW corrparse.infra_reading AS
SELECT o.observed_at, o.origin, o.oom_kills, o.pods_down, o.pvc_pct, o.cpu_pct
FROM corrparse.infra_observation AS o
UNION ALL
SELECT r.observed_at, format('%s, block %s', s.name, r.block), r.oom_kills, r.pods_down, r.pvc_pct, r.cpu_pct
FROM corrparse.record AS r
JOIN corrparse.source AS s ON s.source_id = r.source_id
WHERE r.oom_kills IS NOT NULL OR r.pods_down IS NOT NULL OR r.pvc_pct IS NOT NULL OR r.cpu_pct IS NOT NULL;
COMMENT ON VIEW corrparse.infra_reading IS 'Every infra observation: those from outside, and blocks with infra fields.';

CREATE VIEW corrparse.judged_record AS
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
  -- Without trades, Sortino and the exit shares measure nothing.
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.sortino END AS sortino,
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.sl_pct END AS sl_pct,
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.timeout_pct END AS timeout_pct,
  NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")') AS gates_passed,
  -- The part of useful that no verdict is needed for; the index of the same condition serves it.
  coalesce(
    NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")'), r.sortino >= 0 AND r.n_trades IS DISTINCT FROM 0, false)
    AS is_accepted,
  num_nonnulls(
    r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy,
    r.screening_f1_buy, r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) > 0
    AS is_strategy,
  -- As in corrparse.run_record: not where a tested strategy's values were all made absent by issues.
  CASE
    WHEN num_nonnulls(r.n_candidates, r.n_passed) > 0
      AND num_nonnulls(
        r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy,
        r.screening_f1_buy, r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) = 0
      THEN NOT EXISTS (
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
    ELSE false
  END AS is_summary
FROM corrparse.record AS r;
COMMENT ON VIEW corrparse.judged_record IS 'Records with what golden signals and conditions ask of them.';

-- The functions in corrparse are parts of those in diagnostics, which pin search path and time zone (and go without
-- compiling, which takes longer than they do). These here have no settings of their own, so that the planner may take
-- them apart.
CREATE FUNCTION corrparse.setting(of_name text) RETURNS text
  LANGUAGE sql STABLE
  AS $$
    SELECT s.value
    FROM corrparse.supervision_setting AS s
    JOIN corrparse.current_taxonomy AS c ON c.taxonomy_version = s.taxonomy_version
    WHERE s.name = of_name
  $$;

CREATE FUNCTION corrparse.setting_hours(of_name text) RETURNS interval
  LANGUAGE sql STABLE
  AS $$ SELECT make_interval(secs => corrparse.setting(of_name)::numeric::double precision * 3600) $$;

CREATE FUNCTION corrparse.utc_text(instant timestamptz) RETURNS text
  LANGUAGE sql STABLE
  AS $$ SELECT to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;

-- A number for people: what a threshold could turn on is not rounded away.
CREATE FUNCTION corrparse.figure(value numeric) RETURNS text
  LANGUAGE sql IMMUTABLE
  AS $$ SELECT trim_scale(round(value, 6))::text $$;

-- The attempts of a run that had started by an instant, and what had become of them by then.
CREATE FUNCTION corrparse.attempt_at(instant timestamptz, of_dag text, of_run text)
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
        -- As in diagnostics.task_attempt_v1.
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
  'An attempt of which no time is known counts at every instant: that it is unknown is not to be lost.';

CREATE FUNCTION corrparse.run_at(instant timestamptz, of_dag text, of_run text)
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
COMMENT ON FUNCTION corrparse.run_at IS 'What corrparse.run says of a run now, for any instant.';

CREATE FUNCTION corrparse.run_record_at(instant timestamptz, of_dag text, of_run text)
  RETURNS SETOF corrparse.judged_record
  LANGUAGE sql STABLE
  AS $$
    SELECT r.*
    FROM corrparse.judged_record AS r
    JOIN (
      SELECT o.task_id, o.map_index, max(o.try_number) AS try_number
      FROM corrparse.task_outcome AS o
      WHERE o.dag_id = of_dag AND o.run_id = of_run
        AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
      GROUP BY o.task_id, o.map_index
    ) AS latest
      ON latest.task_id = r.task_id AND latest.map_index = r.map_index AND latest.try_number <= r.try_number
    WHERE r.dag_id = of_dag AND r.run_id = of_run AND r.observed_at <= instant
  $$;
COMMENT ON FUNCTION corrparse.run_record_at IS 'The records of a run''s latest attempts as of an instant.';

-- Candidates and passed of a whole run as diagnostics.run_diagnosis_v1 counts them, for any instant.
CREATE FUNCTION corrparse.run_passed_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (candidates bigint, passed bigint)
  LANGUAGE sql STABLE
  AS $$
    WITH run_record AS MATERIALIZED (
      SELECT r.* FROM corrparse.run_record_at(instant, of_dag, of_run) AS r
    ),
    summary AS (
      SELECT u.*, bool_or(u.crypto IS NULL) OVER () AS has_summary_of_all
      FROM (
        SELECT DISTINCT ON (r.task_id, r.map_index, r.crypto) r.*
        FROM run_record AS r
        WHERE r.is_summary
        ORDER BY r.task_id, r.map_index, r.crypto, r.observed_at DESC, r.block DESC, r.source_id
      ) AS u
    ),
    total AS (
      SELECT
        count(*) AS summaries,
        CASE WHEN count(*) = count(s.n_candidates) THEN sum(s.n_candidates) END::bigint AS candidates,
        CASE WHEN count(*) = count(s.n_passed) THEN sum(s.n_passed) END::bigint AS passed
      FROM summary AS s
      WHERE (s.crypto IS NULL) = s.has_summary_of_all
    )
    SELECT
      CASE WHEN t.summaries = 0 THEN n.strategies ELSE t.candidates END,
      CASE WHEN t.summaries = 0 THEN n.passed ELSE t.passed END
    FROM total AS t
    CROSS JOIN (
      SELECT
        count(*) FILTER (WHERE r.is_strategy) AS strategies,
        count(*) FILTER (WHERE r.is_strategy AND r.gates_passed) AS passed
      FROM run_record AS r
    ) AS n
  $$;

-- The finished runs of a DAG, the last one first. Runs are found by their last attempt, from the end of the index, and
-- ordered by their first one, which is not later: when no run can come up that began after those that are wanted, that is
-- all.
CREATE FUNCTION corrparse.finished_run_at(instant timestamptz, of_dag text, wanted bigint)
  RETURNS TABLE (run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE
  AS $$
DECLARE
  last_attempt_at timestamptz := instant;
  next_run text;
  next_start timestamptz;
  next_state text;
  seen text[] := '{}';
  runs text[] := '{}';
  starts timestamptz[] := '{}';
  least_start timestamptz;
BEGIN
  LOOP
    SELECT o.run_id, o.started_at INTO next_run, last_attempt_at
    FROM corrparse.task_outcome AS o
    WHERE o.dag_id = of_dag AND o.started_at <= last_attempt_at AND o.run_id <> ALL (seen)
    ORDER BY o.started_at DESC
    LIMIT 1;
    EXIT WHEN NOT FOUND OR last_attempt_at < least_start;
    seen := seen || next_run;
    SELECT r.started_at, r.state INTO next_start, next_state FROM corrparse.run_at(instant, of_dag, next_run) AS r;
    CONTINUE WHEN next_state NOT IN ('success', 'failed');
    runs := runs || next_run;
    starts := starts || next_start;
    least_start := (
      SELECT s.started_at FROM unnest(starts) AS s (started_at) ORDER BY s.started_at DESC OFFSET wanted - 1 LIMIT 1);
  END LOOP;
  RETURN QUERY
    SELECT k.run_id, k.started_at
    FROM unnest(runs, starts) AS k (run_id, started_at)
    ORDER BY k.started_at DESC, k.run_id COLLATE "C" DESC
    LIMIT wanted;
END
$$;

-- The last test runs that have a record of a crypto, the last one first. Runs are found by their last record and ordered
-- by their start. A record is not before its run's start, unless its time is that of the run's name: for that a day more
-- is looked at.
CREATE FUNCTION corrparse.crypto_run_at(instant timestamptz, of_crypto text, wanted bigint)
  RETURNS TABLE (dag_id text, run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE
  AS $$
DECLARE
  test_dags text[] := ARRAY(SELECT t.dag_id FROM corrparse.test_dag AS t);
  last_record_at timestamptz := instant;
  next_dag text;
  next_run text;
  next_start timestamptz;
  dags text[] := '{}';
  runs text[] := '{}';
  starts timestamptz[] := '{}';
  least_start timestamptz;
BEGIN
  LOOP
    SELECT r.dag_id, r.run_id, r.observed_at INTO next_dag, next_run, last_record_at
    FROM corrparse.record AS r
    -- Not crypto = of_crypto: then the index of times alone would do for the order, and all cryptos' records be passed.
    WHERE r.crypto >= of_crypto AND (r.crypto, r.observed_at) <= (of_crypto, last_record_at)
      AND r.dag_id = ANY (test_dags)
      AND NOT EXISTS (SELECT FROM unnest(dags, runs) AS k (dag_id, run_id) WHERE k.dag_id = r.dag_id AND k.run_id = r.run_id)
    ORDER BY r.crypto DESC, r.observed_at DESC
    LIMIT 1;
    EXIT WHEN NOT FOUND OR last_record_at + interval '24 hours' < least_start;
    SELECT min(o.started_at) INTO next_start
    FROM corrparse.task_outcome AS o
    WHERE o.dag_id = next_dag AND o.run_id = next_run AND o.started_at <= instant;
    dags := dags || next_dag;
    runs := runs || next_run;
    starts := starts || next_start;
    -- The start of the last run that is wanted, once there are so many.
    least_start := (
      SELECT s.started_at FROM unnest(starts) AS s (started_at)
      WHERE s.started_at IS NOT NULL
      ORDER BY s.started_at DESC OFFSET wanted - 1 LIMIT 1);
  END LOOP;
  RETURN QUERY
    SELECT k.dag_id, k.run_id, k.started_at
    FROM unnest(dags, runs, starts) AS k (dag_id, run_id, started_at)
    WHERE k.started_at IS NOT NULL
    ORDER BY k.started_at DESC, k.run_id COLLATE "C" DESC, k.dag_id COLLATE "C" DESC
    LIMIT wanted;
END
$$;

-- A crypto's last test runs, each with the best strategy of the crypto; without one its columns are null.
CREATE FUNCTION corrparse.best_strategy_at(instant timestamptz, of_crypto text, wanted bigint)
  RETURNS TABLE (
    place bigint, dag_id text, run_id text, has_strategy boolean, observed_at timestamptz, delta numeric,
    screening_gap numeric, std_f1_buy numeric, sortino numeric, sl_pct numeric, timeout_pct numeric)
  LANGUAGE sql STABLE
  AS $$
    SELECT
      k.place, k.dag_id, k.run_id, b.is_strategy IS NOT NULL, b.observed_at, b.delta, b.screening_gap, b.std_f1_buy, b.sortino,
      b.sl_pct, b.timeout_pct
    FROM corrparse.crypto_run_at(instant, of_crypto, wanted) WITH ORDINALITY AS k (dag_id, run_id, started_at, place)
    LEFT JOIN LATERAL (
      SELECT r.*
      FROM corrparse.run_record_at(instant, k.dag_id, k.run_id) AS r
      WHERE r.crypto = of_crypto AND r.is_strategy
      ORDER BY
        r.sortino DESC NULLS LAST, r.delta DESC NULLS LAST, r.observed_at, r.task_id COLLATE "C", r.map_index, r.block,
        r.source_id
      LIMIT 1
    ) AS b ON true
  $$;

-- The cryptos of the universe and those that have records by an instant, with what makes them fresh or stale.
CREATE FUNCTION corrparse.crypto_at(instant timestamptz)
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
      JOIN corrparse.verdict AS v
        ON v.source_id = r.source_id AND v.block = r.block
          AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
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

-- What each golden signal reads at an instant. A bound on an input is multiplied by the input's scale: of the p95 that
-- is the p95, otherwise 1.
CREATE FUNCTION corrparse.signal_reading_at(instant timestamptz)
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
      -- Of each input the latest one: a block with the CPU alone does not hide what was seen of the volumes.
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
      -- percentile_cont without its detour through binary floating point.
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

-- The readings judged: null where it is unknown whether a bound is passed.
CREATE FUNCTION corrparse.signal_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, unit text, is_critical boolean, is_warning boolean, reason text,
    observed_at timestamptz, place bigint)
  LANGUAGE sql STABLE
  AS $$
    SELECT r.signal, r.scope, r.value, s.unit, e.is_critical, e.is_warning, r.reason, r.observed_at, s.position
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
      LEFT JOIN unnest(r.inputs, r.readings, r.scales) AS i (input, reading, scale) ON i.input = b.input
      CROSS JOIN LATERAL (
        SELECT
          CASE b.comparison
            WHEN '>' THEN i.reading > b.bound * i.scale
            WHEN '>=' THEN i.reading >= b.bound * i.scale
            WHEN '<' THEN i.reading < b.bound * i.scale
            WHEN '<=' THEN i.reading <= b.bound * i.scale
          END AS is_past
      ) AS x
      WHERE b.taxonomy_version = c.taxonomy_version AND b.signal = r.signal
    ) AS e
  $$;

-- The conditions of the global state: true where triggered, null where unknown.
CREATE FUNCTION corrparse.condition_at(instant timestamptz)
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
        -- Those that are not clear; all when all are.
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

CREATE FUNCTION diagnostics.golden_signals_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, unit text, status text, reason text, observed_at timestamptz)
  LANGUAGE sql STABLE STRICT SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      s.signal, s.scope, trim_scale(round(s.value, 12)), nullif(s.unit, ''),
      CASE
        WHEN s.is_critical THEN 'critical'
        WHEN s.is_warning THEN 'warning'
        WHEN s.is_critical IS NULL OR s.is_warning IS NULL THEN 'unknown'
        ELSE 'ok'
      END,
      s.reason, s.observed_at
    FROM corrparse.signal_at(instant) AS s
    ORDER BY s.place, s.scope COLLATE "C"
  $$;
COMMENT ON FUNCTION diagnostics.golden_signals_at IS 'The golden signals (manual, section 2) as of an instant.';

CREATE FUNCTION diagnostics.global_state_conditions_at(instant timestamptz)
  RETURNS TABLE (condition text, contributes text, status text, evidence text)
  LANGUAGE sql STABLE STRICT SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      c.condition, c.contributes,
      CASE WHEN r.is_triggered THEN 'triggered' WHEN r.is_triggered IS NULL THEN 'unknown' ELSE 'clear' END,
      coalesce(r.evidence, 'this schema does not know the condition')
    FROM corrparse.state_condition AS c
    JOIN corrparse.current_taxonomy AS t ON t.taxonomy_version = c.taxonomy_version
    LEFT JOIN corrparse.condition_at(instant) AS r ON r.condition = c.condition
    ORDER BY c.position
  $$;
COMMENT ON FUNCTION diagnostics.global_state_conditions_at IS
  'Every condition of the global state (manual, section 0) as of an instant, worst first.';

-- The global state with the names of the conditions that made it.
CREATE FUNCTION corrparse.global_state_at(instant timestamptz)
  RETURNS TABLE (state text, since timestamptz, reasons text[], triggered text[], unknown text[])
  LANGUAGE sql STABLE
  AS $$
    SELECT
      r.state,
      coalesce(
        (
          -- The first row since another state was last noted, unless that was the last thing noted.
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

CREATE FUNCTION diagnostics.global_state_at(instant timestamptz)
  RETURNS TABLE (state text, since timestamptz, reasons text[])
  LANGUAGE sql STABLE STRICT SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$ SELECT s.state, s.since, s.reasons FROM corrparse.global_state_at(instant) AS s $$;
COMMENT ON FUNCTION diagnostics.global_state_at IS
  'The global state as of an instant; since is when an ingest first noted it, else the instant.';

CREATE VIEW diagnostics.golden_signal_v1 AS
SELECT s.signal, s.scope, s.value, s.unit, s.status, s.reason, s.observed_at
FROM diagnostics.golden_signals_at(now()) AS s;
COMMENT ON VIEW diagnostics.golden_signal_v1 IS 'The golden signals (manual, section 2) now.';

CREATE VIEW diagnostics.global_state_condition_v1 AS
SELECT c.condition, c.contributes, c.status, c.evidence
FROM diagnostics.global_state_conditions_at(now()) AS c;
COMMENT ON VIEW diagnostics.global_state_condition_v1 IS 'Every condition of the global state now, worst first.';

CREATE VIEW diagnostics.global_state_v1 AS
SELECT s.state, s.since, s.reasons
FROM diagnostics.global_state_at(now()) AS s;
COMMENT ON VIEW diagnostics.global_state_v1 IS 'The global state (manual, section 0) now.';

-- Enters the state into its history when it, or what is triggered or unknown, has changed. Those who come at once wait
-- for each other, so that the second one sees the first one's row: not for transactions of repeatable reads.
CREATE FUNCTION corrparse.note_global_state() RETURNS boolean
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
COMMENT ON FUNCTION corrparse.note_global_state IS 'Called at the end of a run that wrote; tells whether a row was added.';

-- Functions are everybody's unless said otherwise; the others are out of reach without the schema corrparse.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA diagnostics FROM PUBLIC;

-- Like before, with the tables and functions of this step.
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
      corrparse.universe, corrparse.infra_observation, corrparse.test_dag, corrparse.global_state_history
      TO corrparse_writer;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_reader') THEN
    GRANT USAGE ON SCHEMA diagnostics TO corrparse_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO corrparse_reader;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA diagnostics TO corrparse_reader;
  END IF;
END
$$;

SELECT corrparse.grant_to_roles();
