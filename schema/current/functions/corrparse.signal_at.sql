-- The golden signals judged: null where it is unknown whether a bound is passed.
CREATE OR REPLACE FUNCTION corrparse.signal_at(instant timestamptz)
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
