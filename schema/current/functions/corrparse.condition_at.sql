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
