CREATE OR REPLACE VIEW diagnostics.global_state_condition_v1 AS
SELECT c.condition, c.contributes, c.status, c.evidence
FROM diagnostics.global_state_conditions_at(now()) AS c;
COMMENT ON VIEW diagnostics.global_state_condition_v1 IS 'Every condition of the global state now, worst first.';
