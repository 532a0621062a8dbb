-- The registered models as last observed by an instant, each once, as corrparse.model_version_at gives their versions.
CREATE OR REPLACE FUNCTION corrparse.registered_model_at(instant timestamptz)
  RETURNS TABLE (model text, cryptos text[], doubt text, observed_at timestamptz, is_fresh boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT ON (m.model, m.created_at) m.model, m.cryptos, m.doubt, o.observed_at, o.is_fresh
    FROM corrparse.registry_at(instant) AS o
    JOIN corrparse.registered_model AS m
      ON m.origin = o.origin AND m.seen_at <= o.observed_at AND (m.gone_at IS NULL OR m.gone_at > o.observed_at)
    WHERE o.is_current
    ORDER BY m.model, m.created_at, o.observed_at DESC, o.origin COLLATE "C";
END;
