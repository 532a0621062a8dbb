CREATE OR REPLACE FUNCTION diagnostics.model_versions_at(instant timestamptz)
  RETURNS TABLE (
    crypto text, model text, version bigint, role text, reason text, created_at timestamptz, age_days numeric,
    champion_since timestamptz, champion_since_earliest timestamptz, run_id text, url text, observed_at timestamptz, origin text,
    stage text, aliases text[], status text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      v.crypto, v.model, v.version, v.role, v.reason, v.created_at,
      -- What was made after the instant has no age.
      CASE WHEN v.created_at <= instant THEN trim_scale(round(extract(epoch FROM instant - v.created_at) / 86400, 6)) END,
      v.champion_since, v.champion_since_earliest, v.run_id, v.url, v.observed_at, v.origin, v.stage, v.aliases, v.status
    FROM corrparse.model_version_at(instant) AS v
    ORDER BY v.crypto COLLATE "C", v.model COLLATE "C", v.version
  $$;
COMMENT ON FUNCTION diagnostics.model_versions_at IS 'The versions of registered models as last observed by an instant.';
REVOKE EXECUTE ON FUNCTION diagnostics.model_versions_at(timestamptz) FROM PUBLIC;
