CREATE OR REPLACE VIEW diagnostics.global_state_history_v1 AS
SELECT
  h.state,
  h.noted_at AS since,
  lead(h.noted_at) OVER (ORDER BY h.noted_at) AS until,
  h.reasons
FROM corrparse.global_state_history AS h;
COMMENT ON VIEW diagnostics.global_state_history_v1 IS
  'The global state as it was noted: a row for each change of the state or of what was triggered or unknown.';
