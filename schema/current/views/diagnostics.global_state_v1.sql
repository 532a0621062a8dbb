CREATE OR REPLACE VIEW diagnostics.global_state_v1 AS
SELECT s.state, s.since, s.reasons
FROM diagnostics.global_state_at(now()) AS s;
COMMENT ON VIEW diagnostics.global_state_v1 IS 'The global state (manual, section 0) now.';
