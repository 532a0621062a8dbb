CREATE OR REPLACE FUNCTION diagnostics.global_state_at(instant timestamptz)
  RETURNS TABLE (state text, since timestamptz, reasons text[])
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$ SELECT s.state, s.since, s.reasons FROM corrparse.global_state_at(instant) AS s $$;
COMMENT ON FUNCTION diagnostics.global_state_at IS
  'The global state as of an instant; since is when an ingest first noted it, else the instant.';
REVOKE EXECUTE ON FUNCTION diagnostics.global_state_at(timestamptz) FROM PUBLIC;
