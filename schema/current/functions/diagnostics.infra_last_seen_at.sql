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
