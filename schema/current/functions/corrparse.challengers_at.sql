-- How many challengers of each crypto wait as of an instant; null where that is not known. A crypto of which no fresh observation knows a
-- registered model is not listed.
CREATE OR REPLACE FUNCTION corrparse.challengers_at(instant timestamptz)
  RETURNS TABLE (crypto text, pending bigint, reason text, observed_at timestamptz)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH version AS MATERIALIZED (
      SELECT v.* FROM corrparse.model_version_at(instant) AS v WHERE v.is_fresh
    ),
    model AS MATERIALIZED (
      SELECT m.* FROM corrparse.registered_model_at(instant) AS m WHERE m.is_fresh
    ),
    -- A model that could be of several cryptos could have challengers of each.
    told AS (
      SELECT
        c.crypto, m.model, NULL::bigint AS version, NULL::text AS role, m.observed_at,
        CASE
          WHEN cardinality(m.cryptos) > 1 THEN format('%s could be of %s', m.model, array_to_string(m.cryptos, ' or '))
          WHEN m.doubt IS NOT NULL THEN format('%s: %s', m.model, m.doubt)
        END AS doubt
      FROM model AS m
      CROSS JOIN LATERAL unnest(m.cryptos) AS c (crypto)
      UNION ALL
      SELECT
        v.crypto, v.model, v.version, v.role, v.observed_at,
        CASE WHEN v.role IS NULL THEN format('%s %s: %s', v.model, v.version, v.reason) END
      FROM version AS v
      WHERE v.crypto IS NOT NULL
    ),
    counted AS (
      SELECT
        t.crypto, t.model, count(*) FILTER (WHERE t.role = 'challenger') AS pending,
        string_agg(t.version::text, ', ' ORDER BY t.version) FILTER (WHERE t.role = 'champion') AS champion,
        min(t.doubt COLLATE "C") AS doubt, min(t.observed_at) AS observed_at,
        row_number() OVER (
          PARTITION BY t.crypto ORDER BY count(*) FILTER (WHERE t.role = 'challenger') DESC, t.model COLLATE "C"
        ) AS place
      FROM told AS t
      GROUP BY t.crypto, t.model
    )
    SELECT
      c.crypto,
      CASE WHEN count(c.doubt) = 0 THEN sum(c.pending)::bigint END,
      coalesce(
        min(c.doubt COLLATE "C"),
        string_agg(
          format('%s: %s pending, %s', c.model, c.pending, coalesce('champion ' || c.champion, 'no champion')), '; ' ORDER BY c.place)
          FILTER (WHERE c.place <= 5)
          || CASE WHEN count(*) > 5 THEN format('; %s more models', count(*) - 5) ELSE '' END),
      min(c.observed_at)
    FROM counted AS c
    GROUP BY c.crypto;
END;
