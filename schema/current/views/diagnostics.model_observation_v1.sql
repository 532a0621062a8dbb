CREATE OR REPLACE VIEW diagnostics.model_observation_v1 AS
SELECT o.observed_at, o.origin, o.models, o.versions, o.warnings
FROM corrparse.model_observation AS o;
COMMENT ON VIEW diagnostics.model_observation_v1 IS 'The observations of model registries, with what contradicted itself or was left out.';
