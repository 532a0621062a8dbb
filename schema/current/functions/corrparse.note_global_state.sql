-- Enters the state into its history when the state, or the set of triggered or unknown conditions, has changed. Callers wait for each
-- other, so that the second one sees the row of the first: call it in a transaction of read committed only.
CREATE OR REPLACE FUNCTION corrparse.note_global_state() RETURNS boolean
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
COMMENT ON FUNCTION corrparse.note_global_state IS 'Called at the end of a run that wrote; returns whether a row was added.';
