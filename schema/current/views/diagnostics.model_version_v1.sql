CREATE OR REPLACE VIEW diagnostics.model_version_v1 AS
SELECT
  v.crypto, v.model, v.version, v.role, v.reason, v.created_at, v.age_days, v.champion_since, v.champion_since_earliest, v.run_id, v.url,
  v.observed_at, v.origin, v.stage, v.aliases, v.status
FROM diagnostics.model_versions_at(now()) AS v;
COMMENT ON VIEW diagnostics.model_version_v1 IS 'The versions of registered models as last observed, with their roles.';
