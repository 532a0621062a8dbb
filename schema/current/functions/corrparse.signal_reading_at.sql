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
