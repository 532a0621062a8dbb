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
