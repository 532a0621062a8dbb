CREATE OR REPLACE VIEW diagnostics.infra_observation_v1 AS
SELECT r.observed_at, r.origin, r.oom_kills, r.pods_down, r.pvc_pct, r.cpu_pct, r.memory_pct
FROM corrparse.infra_reading AS r;
COMMENT ON VIEW diagnostics.infra_observation_v1 IS 'What observers from outside and blocks told of the platform.';
