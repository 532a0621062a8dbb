-- Every infra observation with its origin: who observes from outside, or the DAG whose blocks tell. The last columns order what one origin
-- tells at one time.
CREATE OR REPLACE VIEW corrparse.infra_reading AS
SELECT
  o.observed_at, o.origin, o.oom_kills, o.pods_down, o.pvc_pct, o.cpu_pct, NULL::text AS task_id, NULL::bigint AS map_index,
  NULL::text AS source, NULL::bigint AS block, o.memory_pct
FROM corrparse.infra_observation AS o
UNION ALL
SELECT
  r.observed_at, coalesce('blocks of ' || r.dag_id, s.name), r.oom_kills, r.pods_down, r.pvc_pct, r.cpu_pct, r.task_id, r.map_index,
  s.name, r.block, NULL
FROM corrparse.record AS r
JOIN corrparse.source AS s ON s.source_id = r.source_id
WHERE r.oom_kills IS NOT NULL OR r.pods_down IS NOT NULL OR r.pvc_pct IS NOT NULL OR r.cpu_pct IS NOT NULL;
COMMENT ON VIEW corrparse.infra_reading IS 'Every infra observation: those from outside, and blocks with infra fields.';
