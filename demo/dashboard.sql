-- What a dashboard asks: the views in the schema diagnostics are the contract, nothing else is read.
-- Grafana adds $__timeFilter(observed_at) to each WHERE.

\echo -- Verdicts of the latest attempts by primary code, in the order of the taxonomy
SELECT coalesce(v.primary_code, CASE v.certainty WHEN 'certain' THEN '(all clear)' ELSE '(unclassified)' END)
         AS primary_code,
       t.severity,
       count(*) AS verdicts,
       count(*) FILTER (WHERE v.certainty = 'provisional') AS provisional,
       count(DISTINCT v.crypto) AS cryptos
FROM diagnostics.verdict_v1 v
LEFT JOIN diagnostics.taxonomy_v1 t ON t.code = v.primary_code AND t.taxonomy_version = v.taxonomy_version
WHERE v.latest_attempt
GROUP BY 1, 2, t.position
ORDER BY t.position NULLS LAST, 1;

\echo -- The newest verdicts
SELECT to_char(observed_at, 'YYYY-MM-DD HH24:MI:SS') AS observed_at,
       task_id,
       map_index,
       crypto,
       horizon,
       delta_points,
       sortino,
       primary_code,
       certainty,
       severity
FROM diagnostics.verdict_v1
WHERE latest_attempt
ORDER BY verdict_v1.observed_at DESC, source, block
LIMIT 15;
