CREATE OR REPLACE FUNCTION diagnostics.global_state_subjects_at(instant timestamptz)
  RETURNS TABLE (
    condition text, contributes text, crypto text, dag_id text, input text, status text, value numeric, evidence text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      c.condition, c.contributes, s.crypto, s.dag_id, s.input,
      CASE WHEN s.is_triggered THEN 'triggered' WHEN s.is_triggered IS NULL THEN 'unknown' ELSE 'clear' END,
      trim_scale(round(s.value, 12)), s.evidence
    FROM corrparse.condition_subject_at(instant) AS s
    JOIN corrparse.state_condition AS c ON c.condition = s.condition
    JOIN corrparse.current_taxonomy AS t ON t.taxonomy_version = c.taxonomy_version
    ORDER BY c.position, s.place, s.crypto COLLATE "C", s.dag_id COLLATE "C", s.input COLLATE "C"
  $$;
COMMENT ON FUNCTION diagnostics.global_state_subjects_at IS
  'What the conditions of the global state are about as of an instant: a crypto, a DAG or an infra input each, with the number judged.';
REVOKE EXECUTE ON FUNCTION diagnostics.global_state_subjects_at(timestamptz) FROM PUBLIC;
