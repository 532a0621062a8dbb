-- What is observed of model registries: registered models, their versions and what each is, and the golden signal challenger_count from it.
-- Assembled by Scripts/schema-current.py from the files of schema/current.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- A row stands from the observation that first saw it so until the one that no longer did: observations differ little, and a row for each
-- version and hour would come to millions a year.
CREATE TABLE corrparse.model_observation (
  origin text NOT NULL CHECK (length(origin) BETWEEN 1 AND 500),
  observed_at timestamptz NOT NULL,
  began_at timestamptz NOT NULL CHECK (began_at <= observed_at),
  models bigint NOT NULL CHECK (models >= 0),
  versions bigint NOT NULL CHECK (versions >= 0),
  warnings text[] NOT NULL,
  link_url text,
  stored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (origin, observed_at)
);
COMMENT ON TABLE corrparse.model_observation IS
  'The observations of model registries, each of them whole; what they saw is in registered_model and model_version.';
COMMENT ON COLUMN corrparse.model_observation.origin IS 'Who was asked: mlflow and its host, without credentials.';
COMMENT ON COLUMN corrparse.model_observation.observed_at IS 'When the reading ended: what it saw was so by then.';
COMMENT ON COLUMN corrparse.model_observation.began_at IS 'When the reading began: what it did not see was not so before.';
COMMENT ON COLUMN corrparse.model_observation.warnings IS 'What contradicted itself or was left out.';
COMMENT ON COLUMN corrparse.model_observation.link_url IS 'What a browser reaches the server by, without a slash at its end.';

CREATE TABLE corrparse.registered_model (
  origin text NOT NULL,
  model text NOT NULL,
  seen_at timestamptz NOT NULL,
  gone_at timestamptz CHECK (gone_at > seen_at),
  created_at timestamptz,
  cryptos text[] NOT NULL,
  doubt text,
  PRIMARY KEY (origin, model, seen_at)
);
COMMENT ON TABLE corrparse.registered_model IS 'Registered models as observed.';
COMMENT ON COLUMN corrparse.registered_model.seen_at IS 'The first observation that saw it so.';
COMMENT ON COLUMN corrparse.registered_model.gone_at IS 'The first observation that no longer did; null while it is so.';
COMMENT ON COLUMN corrparse.registered_model.cryptos IS 'The crypto it is for; several where its name holds several and no tag decides.';
COMMENT ON COLUMN corrparse.registered_model.doubt IS 'Why it is not known how many of its versions are challengers; null where it is.';

CREATE TABLE corrparse.model_version (
  origin text NOT NULL,
  model text NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  seen_at timestamptz NOT NULL,
  gone_at timestamptz CHECK (gone_at > seen_at),
  created_at timestamptz,
  crypto text,
  role text CHECK (role IN ('champion', 'challenger', 'former', 'rejected', 'archived', 'other')),
  reason text NOT NULL,
  champion_since timestamptz,
  champion_since_earliest timestamptz CHECK (champion_since_earliest <= champion_since),
  stage text,
  aliases text[] NOT NULL,
  status text,
  run_id text,
  link_path text NOT NULL,
  PRIMARY KEY (origin, model, version, seen_at)
);
COMMENT ON TABLE corrparse.model_version IS 'Versions of registered models as observed, with their roles.';
COMMENT ON COLUMN corrparse.model_version.seen_at IS 'The first observation that saw it so.';
COMMENT ON COLUMN corrparse.model_version.gone_at IS 'The first observation that no longer did; null while it is so.';
COMMENT ON COLUMN corrparse.model_version.created_at IS 'With model and version its identity: numbers begin anew where a model was deleted.';
COMMENT ON COLUMN corrparse.model_version.role IS 'Null where the server contradicts itself; the reason says how.';
COMMENT ON COLUMN corrparse.model_version.champion_since IS 'Since when at the latest it is the champion; null where it is not.';
COMMENT ON COLUMN corrparse.model_version.champion_since_earliest IS 'Since when at the earliest.';
CREATE INDEX model_observation_observed_at_idx ON corrparse.model_observation (observed_at);
-- What stands now, and who was a champion ever.
CREATE INDEX registered_model_standing_idx ON corrparse.registered_model (origin) WHERE gone_at IS NULL;
CREATE INDEX model_version_standing_idx ON corrparse.model_version (origin) WHERE gone_at IS NULL;
CREATE INDEX model_version_champion_idx ON corrparse.model_version (model) WHERE role = 'champion';

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
        corrparse.attempt_at, corrparse.best_strategy_at, corrparse.challengers_at, corrparse.condition_at, corrparse.counted, corrparse.crypto_at,
        corrparse.crypto_run_at, corrparse.diagnose_run, corrparse.doubts_gates, corrparse.figure, corrparse.finished_run_at,
        corrparse.gates_passed, corrparse.global_state_at, corrparse.is_accepted, corrparse.is_strategy, corrparse.is_useful,
        corrparse.model_version_at, corrparse.note_global_state, corrparse.passed_over, corrparse.refresh_run_diagnoses,
        corrparse.registered_model_at, corrparse.registry_at, corrparse.run_at, corrparse.run_passed_at,
        corrparse.run_record_at, corrparse.run_state, corrparse.setting, corrparse.setting_hours, corrparse.settled_state,
        corrparse.severities, corrparse.severity_of, corrparse.signal_at, corrparse.signal_reading_at, corrparse.stored_run_at,
        corrparse.strategy_keys, corrparse.text_digest, corrparse.utc_text, diagnostics.global_state_at,
        diagnostics.global_state_conditions_at, diagnostics.golden_signals_at, diagnostics.model_versions_at
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
        diagnostics.golden_signals_at, diagnostics.model_versions_at
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

CREATE OR REPLACE VIEW diagnostics.model_observation_v1 AS
SELECT o.observed_at, o.origin, o.models, o.versions, o.warnings
FROM corrparse.model_observation AS o;
COMMENT ON VIEW diagnostics.model_observation_v1 IS 'The observations of model registries, with what contradicted itself or was left out.';

-- Of each model registry the last observation by an instant. One that is much older than the newest is of a server that nobody observes any
-- longer, or that has another name now.
CREATE OR REPLACE FUNCTION corrparse.registry_at(instant timestamptz)
  RETURNS TABLE (origin text, observed_at timestamptz, models bigint, versions bigint, link_url text, is_fresh boolean, is_current boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE walk AS (
      (SELECT o.origin FROM corrparse.model_observation AS o ORDER BY o.origin LIMIT 1)
      UNION ALL
      SELECT n.origin
      FROM walk AS w
      CROSS JOIN LATERAL (
        SELECT o.origin FROM corrparse.model_observation AS o WHERE o.origin > w.origin ORDER BY o.origin LIMIT 1
      ) AS n
    )
    SELECT
      l.origin, l.observed_at, l.models, l.versions, l.link_url,
      l.observed_at >= instant - (SELECT corrparse.setting_hours('registry_hours')),
      l.observed_at >= max(l.observed_at) OVER () - (SELECT corrparse.setting_hours('registry_hours'))
    FROM walk AS w
    CROSS JOIN LATERAL (
      SELECT o.* FROM corrparse.model_observation AS o
      WHERE o.origin = w.origin AND o.observed_at <= instant
      ORDER BY o.observed_at DESC
      LIMIT 1
    ) AS l;
END;

-- The versions of registered models as last observed by an instant. A server that is asked by two names shows each version once.
CREATE OR REPLACE FUNCTION corrparse.model_version_at(instant timestamptz)
  RETURNS TABLE (
    crypto text, model text, version bigint, role text, reason text, created_at timestamptz, champion_since timestamptz,
    champion_since_earliest timestamptz, run_id text, url text, observed_at timestamptz, origin text, stage text, aliases text[],
    status text, is_fresh boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT ON (v.model, v.version, v.created_at)
      v.crypto, v.model, v.version, v.role, v.reason, v.created_at, v.champion_since, v.champion_since_earliest, v.run_id,
      o.link_url || v.link_path, o.observed_at, o.origin, v.stage, v.aliases, v.status, o.is_fresh
    FROM corrparse.registry_at(instant) AS o
    JOIN corrparse.model_version AS v
      ON v.origin = o.origin AND v.seen_at <= o.observed_at AND (v.gone_at IS NULL OR v.gone_at > o.observed_at)
    WHERE o.is_current
    ORDER BY v.model, v.version, v.created_at, o.observed_at DESC, o.origin COLLATE "C";
END;

-- The registered models as last observed by an instant, each once, as corrparse.model_version_at gives their versions.
CREATE OR REPLACE FUNCTION corrparse.registered_model_at(instant timestamptz)
  RETURNS TABLE (model text, cryptos text[], doubt text, observed_at timestamptz, is_fresh boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT ON (m.model, m.created_at) m.model, m.cryptos, m.doubt, o.observed_at, o.is_fresh
    FROM corrparse.registry_at(instant) AS o
    JOIN corrparse.registered_model AS m
      ON m.origin = o.origin AND m.seen_at <= o.observed_at AND (m.gone_at IS NULL OR m.gone_at > o.observed_at)
    WHERE o.is_current
    ORDER BY m.model, m.created_at, o.observed_at DESC, o.origin COLLATE "C";
END;

CREATE OR REPLACE FUNCTION diagnostics.model_versions_at(instant timestamptz)
  RETURNS TABLE (
    crypto text, model text, version bigint, role text, reason text, created_at timestamptz, age_days numeric,
    champion_since timestamptz, champion_since_earliest timestamptz, run_id text, url text, observed_at timestamptz, origin text,
    stage text, aliases text[], status text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      v.crypto, v.model, v.version, v.role, v.reason, v.created_at,
      -- What was made after the instant has no age.
      CASE WHEN v.created_at <= instant THEN trim_scale(round(extract(epoch FROM instant - v.created_at) / 86400, 6)) END,
      v.champion_since, v.champion_since_earliest, v.run_id, v.url, v.observed_at, v.origin, v.stage, v.aliases, v.status
    FROM corrparse.model_version_at(instant) AS v
    ORDER BY v.crypto COLLATE "C", v.model COLLATE "C", v.version
  $$;
COMMENT ON FUNCTION diagnostics.model_versions_at IS 'The versions of registered models as last observed by an instant.';
REVOKE EXECUTE ON FUNCTION diagnostics.model_versions_at(timestamptz) FROM PUBLIC;

CREATE OR REPLACE VIEW diagnostics.model_version_v1 AS
SELECT
  v.crypto, v.model, v.version, v.role, v.reason, v.created_at, v.age_days, v.champion_since, v.champion_since_earliest, v.run_id, v.url,
  v.observed_at, v.origin, v.stage, v.aliases, v.status
FROM diagnostics.model_versions_at(now()) AS v;
COMMENT ON VIEW diagnostics.model_version_v1 IS 'The versions of registered models as last observed, with their roles.';

-- How many challengers of each crypto wait as of an instant; null where that is not known. A crypto of which no fresh observation knows a
-- registered model is not listed.
CREATE OR REPLACE FUNCTION corrparse.challengers_at(instant timestamptz)
  RETURNS TABLE (crypto text, pending bigint, reason text, observed_at timestamptz)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH version AS MATERIALIZED (
      SELECT v.* FROM corrparse.model_version_at(instant) AS v WHERE v.is_fresh
    ),
    model AS MATERIALIZED (
      SELECT m.* FROM corrparse.registered_model_at(instant) AS m WHERE m.is_fresh
    ),
    -- A model that could be of several cryptos could have challengers of each.
    told AS (
      SELECT
        c.crypto, m.model, NULL::bigint AS version, NULL::text AS role, m.observed_at,
        CASE
          WHEN cardinality(m.cryptos) > 1 THEN format('%s could be of %s', m.model, array_to_string(m.cryptos, ' or '))
          WHEN m.doubt IS NOT NULL THEN format('%s: %s', m.model, m.doubt)
        END AS doubt
      FROM model AS m
      CROSS JOIN LATERAL unnest(m.cryptos) AS c (crypto)
      UNION ALL
      SELECT
        v.crypto, v.model, v.version, v.role, v.observed_at,
        CASE WHEN v.role IS NULL THEN format('%s %s: %s', v.model, v.version, v.reason) END
      FROM version AS v
      WHERE v.crypto IS NOT NULL
    ),
    counted AS (
      SELECT
        t.crypto, t.model, count(*) FILTER (WHERE t.role = 'challenger') AS pending,
        string_agg(t.version::text, ', ' ORDER BY t.version) FILTER (WHERE t.role = 'champion') AS champion,
        min(t.doubt COLLATE "C") AS doubt, min(t.observed_at) AS observed_at,
        row_number() OVER (
          PARTITION BY t.crypto ORDER BY count(*) FILTER (WHERE t.role = 'challenger') DESC, t.model COLLATE "C"
        ) AS place
      FROM told AS t
      GROUP BY t.crypto, t.model
    )
    SELECT
      c.crypto,
      CASE WHEN count(c.doubt) = 0 THEN sum(c.pending)::bigint END,
      coalesce(
        min(c.doubt COLLATE "C"),
        string_agg(
          format('%s: %s pending, %s', c.model, c.pending, coalesce('champion ' || c.champion, 'no champion')), '; ' ORDER BY c.place)
          FILTER (WHERE c.place <= 5)
          || CASE WHEN count(*) > 5 THEN format('; %s more models', count(*) - 5) ELSE '' END),
      min(c.observed_at)
    FROM counted AS c
    GROUP BY c.crypto;
END;

SELECT corrparse.grant_to_roles();
