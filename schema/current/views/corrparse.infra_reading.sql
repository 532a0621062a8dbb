CREATE OR REPLACE VIEW corrparse.infra_reading AS
SELECT o.observed_at, o.origin, o.oom_kills, o.pods_down, o.pvc_pct, o.cpu_pct
FROM corrparse.infra_observation AS o
UNION ALL
SELECT r.observed_at, format('%s, block %s', s.name, r.block), r.oom_kills, r.pods_down, r.pvc_pct, r.cpu_pct
FROM corrparse.record AS r
JOIN corrparse.source AS s ON s.source_id = r.source_id
WHERE r.oom_kills IS NOT NULL OR r.pods_down IS NOT NULL OR r.pvc_pct IS NOT NULL OR r.cpu_pct IS NOT NULL;
COMMENT ON VIEW corrparse.infra_reading IS 'Every infra observation: those from outside, and blocks with infra fields.';
