-- The part of year-of-data.sql that is a model registry, observed every hour. Made up, with the words that the program has for roles
-- (Sources/MLflow). Every crypto but DOGEUSDC has a model with a new version every four days. Every third version is promoted three days
-- after its registration; of the others some are rejected by then, and the rest wait until the next promotion. Nobody promotes a version of
-- SOLUSDC in the last 30 days, and the aliases of XRPUSDC contradict each other in the last ten. Besides, an experiment registers a model
-- of its own for each of these cryptos every night, archived from the start. It is deleted after three days, a version after sixty.
CREATE TEMPORARY TABLE year_hour ON COMMIT DROP AS
SELECT h.last - interval '365 days' AS first, h.last, h.last - interval '10 days' AS doubt_at,
  'the aliases Champion (88) and champion (87) name different versions' AS doubt
FROM (SELECT date_trunc('hour', :'ending'::timestamptz) AS last) AS h;

CREATE TEMPORARY TABLE year_model ON COMMIT DROP AS
SELECT 'pte_' || c.crypto AS model, c.crypto_number, c.crypto, h.first - interval '5 days' AS created_at, h.first AS seen_at,
  NULL::timestamptz AS gone_at, true AS is_lasting
FROM year_crypto AS c CROSS JOIN year_hour AS h
WHERE c.crypto <> 'DOGEUSDC'
UNION ALL
SELECT format('ftf_%s_%s', c.crypto, to_char(n.night, 'YYYYMMDD')), c.crypto_number, c.crypto, n.night + interval '10 minutes',
  n.night + interval '1 hour', n.night + interval '73 hours', false
FROM year_crypto AS c
CROSS JOIN year_hour AS h
CROSS JOIN generate_series(h.first, h.last - interval '1 hour', interval '24 hours') AS n (night)
WHERE c.crypto <> 'DOGEUSDC';

-- What a version was, and from when on; the last is that it is gone. Times are those of the observation that saw it first.
CREATE TEMPORARY TABLE year_version ON COMMIT DROP AS
WITH version AS (
  SELECT m.model, m.crypto, v.number, t.created_at, t.seen_at, t.seen_at + interval '72 hours' AS decided_at,
    v.number % 3 = 0 AND t.created_at < h.last - CASE m.crypto
      WHEN 'SOLUSDC' THEN interval '33 days' WHEN 'XRPUSDC' THEN interval '13 days' ELSE interval '0 days' END AS is_promoted,
    pg_temp.luck(m.crypto_number * 1000 + v.number, 112) < 0.4 AS is_rejected
  FROM year_model AS m
  CROSS JOIN year_hour AS h
  CROSS JOIN generate_series(1, 91) AS v (number)
  CROSS JOIN LATERAL (
    SELECT h.first + (v.number * 96 - 90 + m.crypto_number * 3) * interval '1 hour' AS seen_at,
      h.first + (v.number * 96 - 90 + m.crypto_number * 3) * interval '1 hour' - interval '25 minutes' AS created_at
  ) AS t
  WHERE m.is_lasting
),
-- The promotion that ends what a version is: the champion's time, and the others' waiting.
ended AS (
  SELECT v.*, n.number AS next_number, n.decided_at AS next_at
  FROM version AS v
  LEFT JOIN LATERAL (
    SELECT p.number, p.decided_at FROM version AS p
    WHERE p.model = v.model AND p.is_promoted AND p.number > v.number ORDER BY p.number LIMIT 1
  ) AS n ON true
)
SELECT e.model, e.number, e.crypto, e.created_at, s.role, s.reason, s.since,
  lead(s.since) OVER (PARTITION BY e.model, e.number ORDER BY s.since) AS until
FROM ended AS e
CROSS JOIN LATERAL (
  VALUES
    ('challenger', CASE WHEN e.number < 3 THEN 'its model has no champion' ELSE format('newer than the champion %s', (
      SELECT max(p.number) FROM version AS p WHERE p.model = e.model AND p.is_promoted AND p.number < e.number)) END, e.seen_at),
    (CASE WHEN e.is_promoted THEN 'champion' WHEN e.is_rejected THEN 'rejected' END,
      CASE WHEN e.is_promoted THEN 'alias champion' WHEN e.is_rejected THEN 'tag status=rejected' END, e.decided_at),
    (CASE WHEN e.is_promoted THEN 'former' WHEN NOT e.is_rejected THEN 'other' END,
      CASE WHEN e.is_promoted THEN format('champion until %s at the latest', to_char(e.next_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
        ELSE format('older than the champion %s', e.next_number) END, e.next_at),
    ('gone', NULL, e.seen_at + interval '60 days')
) AS s (role, reason, since)
WHERE s.role IS NOT NULL AND s.since IS NOT NULL;

INSERT INTO corrparse.registered_model (origin, model, seen_at, gone_at, created_at, cryptos, doubt)
SELECT 'mlflow year-of-data', m.model, greatest(m.seen_at, d.since), least(CASE WHEN m.gone_at <= h.last THEN m.gone_at END, d.until),
  m.created_at, ARRAY[m.crypto], d.doubt
FROM year_model AS m
CROSS JOIN year_hour AS h
CROSS JOIN LATERAL (
  SELECT h.first AS since, CASE WHEN m.model = 'pte_XRPUSDC' THEN h.doubt_at END AS until, NULL AS doubt
  UNION ALL
  SELECT h.doubt_at, NULL, h.doubt WHERE m.model = 'pte_XRPUSDC'
) AS d;

INSERT INTO corrparse.model_version (
  origin, model, version, seen_at, gone_at, created_at, crypto, role, reason, champion_since, champion_since_earliest, aliases, status, run_id,
  link_path)
SELECT 'mlflow year-of-data', v.model, v.number, greatest(v.since, d.since), least(CASE WHEN v.until <= h.last THEN v.until END, d.until),
  v.created_at, v.crypto, CASE WHEN d.doubt IS NULL THEN v.role END, coalesce(d.doubt, v.reason),
  CASE WHEN v.role = 'champion' AND d.doubt IS NULL THEN v.since END,
  CASE WHEN v.role = 'champion' AND d.doubt IS NULL THEN v.since - interval '1 hour' END,
  CASE WHEN v.role = 'champion' THEN ARRAY['champion'] ELSE '{}' END, 'READY', md5(v.model || v.number),
  format('/#/models/%s/versions/%s', v.model, v.number)
FROM (
  SELECT y.model, y.number, y.crypto, y.created_at, y.role, y.reason, y.since, y.until,
    y.model = 'pte_XRPUSDC' AND y.role IN ('champion', 'challenger', 'other') AS is_doubted
  FROM year_version AS y
  UNION ALL
  SELECT m.model, 1, m.crypto, m.created_at, 'archived', 'tag archived=yes', m.seen_at, m.gone_at, false
  FROM year_model AS m WHERE NOT m.is_lasting
) AS v
CROSS JOIN year_hour AS h
CROSS JOIN LATERAL (
  SELECT h.first AS since, CASE WHEN v.is_doubted THEN h.doubt_at END AS until, NULL AS doubt
  UNION ALL
  SELECT h.doubt_at, NULL, h.doubt WHERE v.is_doubted
) AS d
WHERE v.role <> 'gone' AND v.since <= h.last
  -- Only what stood on that side of the contradiction.
  AND (d.until IS NULL OR v.since < d.until) AND (v.until IS NULL OR v.until > d.since);

INSERT INTO corrparse.model_observation (origin, observed_at, began_at, models, versions, warnings, link_url)
SELECT 'mlflow year-of-data', t.at, t.at - interval '2 seconds', sum(s.models) OVER (ORDER BY t.at), sum(s.versions) OVER (ORDER BY t.at),
  CASE WHEN t.at >= h.doubt_at THEN ARRAY['pte_XRPUSDC: ' || h.doubt] ELSE '{}' END, 'https://mlflow.cvntrade.eu'
FROM year_hour AS h
CROSS JOIN generate_series(h.first, h.last, interval '1 hour') AS t (at)
LEFT JOIN (
  SELECT c.at, sum(c.models) AS models, sum(c.versions) AS versions
  FROM (
    SELECT m.seen_at AS at, 1 AS models, 0 AS versions FROM corrparse.registered_model AS m
    UNION ALL SELECT m.gone_at, -1, 0 FROM corrparse.registered_model AS m
    UNION ALL SELECT v.seen_at, 0, 1 FROM corrparse.model_version AS v
    UNION ALL SELECT v.gone_at, 0, -1 FROM corrparse.model_version AS v
  ) AS c
  GROUP BY c.at
) AS s ON s.at = t.at;
