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
