CREATE OR REPLACE FUNCTION diagnostics.global_state_conditions_at(instant timestamptz)
  RETURNS TABLE (condition text, contributes text, status text, evidence text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      c.condition, c.contributes,
      CASE WHEN r.is_triggered THEN 'triggered' WHEN r.is_triggered IS NULL THEN 'unknown' ELSE 'clear' END,
      coalesce(r.evidence, 'this schema does not know the condition')
    FROM corrparse.state_condition AS c
    JOIN corrparse.current_taxonomy AS t ON t.taxonomy_version = c.taxonomy_version
    LEFT JOIN corrparse.condition_at(instant) AS r ON r.condition = c.condition
    ORDER BY c.position
  $$;
COMMENT ON FUNCTION diagnostics.global_state_conditions_at IS
  'Every condition of the global state (manual, section 0) as of an instant, worst first.';
REVOKE EXECUTE ON FUNCTION diagnostics.global_state_conditions_at(timestamptz) FROM PUBLIC;
