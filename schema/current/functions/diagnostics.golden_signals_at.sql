CREATE OR REPLACE FUNCTION diagnostics.golden_signals_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, unit text, status text, reason text, observed_at timestamptz)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      s.signal, s.scope, trim_scale(round(s.value, 12)), nullif(s.unit, ''),
      CASE
        WHEN s.is_critical THEN 'critical'
        WHEN s.is_warning THEN 'warning'
        WHEN s.is_critical IS NULL OR s.is_warning IS NULL THEN 'unknown'
        ELSE 'ok'
      END,
      s.reason, s.observed_at
    FROM corrparse.signal_at(instant) AS s
    ORDER BY s.place, s.scope COLLATE "C"
  $$;
COMMENT ON FUNCTION diagnostics.golden_signals_at IS 'The golden signals (manual, section 2) as of an instant.';
REVOKE EXECUTE ON FUNCTION diagnostics.golden_signals_at(timestamptz) FROM PUBLIC;
