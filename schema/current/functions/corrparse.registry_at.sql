-- Of each model registry the last observation by an instant. One that is much older than the newest is of a server that nobody observes any
-- longer, or that has another name now.
CREATE OR REPLACE FUNCTION corrparse.registry_at(instant timestamptz)
  RETURNS TABLE (origin text, observed_at timestamptz, models bigint, versions bigint, link_url text, is_fresh boolean, is_current boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE walk AS (
      (SELECT o.origin FROM corrparse.model_observation AS o ORDER BY o.origin LIMIT 1)
      UNION ALL
      SELECT n.origin
      FROM walk AS w
      CROSS JOIN LATERAL (
        SELECT o.origin FROM corrparse.model_observation AS o WHERE o.origin > w.origin ORDER BY o.origin LIMIT 1
      ) AS n
    )
    SELECT
      l.origin, l.observed_at, l.models, l.versions, l.link_url,
      l.observed_at >= instant - (SELECT corrparse.setting_hours('registry_hours')),
      l.observed_at >= max(l.observed_at) OVER () - (SELECT corrparse.setting_hours('registry_hours'))
    FROM walk AS w
    CROSS JOIN LATERAL (
      SELECT o.* FROM corrparse.model_observation AS o
      WHERE o.origin = w.origin AND o.observed_at <= instant
      ORDER BY o.observed_at DESC
      LIMIT 1
    ) AS l;
END;
