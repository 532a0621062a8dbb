-- The versions of registered models as last observed by an instant. A server that is asked by two names shows each version once.
CREATE OR REPLACE FUNCTION corrparse.model_version_at(instant timestamptz)
  RETURNS TABLE (
    crypto text, model text, version bigint, role text, reason text, created_at timestamptz, champion_since timestamptz,
    champion_since_earliest timestamptz, run_id text, url text, observed_at timestamptz, origin text, stage text, aliases text[],
    status text, is_fresh boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT ON (v.model, v.version, v.created_at)
      v.crypto, v.model, v.version, v.role, v.reason, v.created_at, v.champion_since, v.champion_since_earliest, v.run_id,
      o.link_url || v.link_path, o.observed_at, o.origin, v.stage, v.aliases, v.status, o.is_fresh
    FROM corrparse.registry_at(instant) AS o
    JOIN corrparse.model_version AS v
      ON v.origin = o.origin AND v.seen_at <= o.observed_at AND (v.gone_at IS NULL OR v.gone_at > o.observed_at)
    WHERE o.is_current
    ORDER BY v.model, v.version, v.created_at, o.observed_at DESC, o.origin COLLATE "C";
END;
