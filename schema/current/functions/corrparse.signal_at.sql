-- The golden signals judged: null where it is unknown whether a bound is passed.
CREATE OR REPLACE FUNCTION corrparse.signal_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, unit text, is_critical boolean, is_warning boolean, reason text,
    observed_at timestamptz, place bigint)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
      r.signal, r.scope, r.value, s.unit, e.is_critical,
      -- A status that has two ends is not known to be a warning while it could be critical.
      CASE WHEN e.is_critical IS NOT NULL OR r.inputs[1] IS DISTINCT FROM r.inputs[2] THEN e.is_warning END,
      r.reason, r.observed_at, s.position
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
      CROSS JOIN LATERAL (
        SELECT
          CASE
            WHEN bool_and(k.is_past) AND bool_and(k.is_past IS NOT NULL) THEN true
            WHEN bool_and(k.is_past IS FALSE) THEN false
          END AS is_past
        FROM unnest(r.inputs, r.readings, r.scales) AS i (input, reading, scale)
        CROSS JOIN LATERAL (
          SELECT corrparse.is_past(i.reading, b.comparison, b.bound * i.scale) AS is_past
        ) AS k
        WHERE i.input = b.input
      ) AS x
      WHERE b.taxonomy_version = c.taxonomy_version AND b.signal = r.signal
    ) AS e;
END;
