-- The global state with the names of the conditions that make it.
CREATE OR REPLACE FUNCTION corrparse.global_state_at(instant timestamptz)
  RETURNS TABLE (state text, since timestamptz, reasons text[], triggered text[], unknown text[])
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
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
    ) AS r;
END;
