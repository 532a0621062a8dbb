CREATE OR REPLACE VIEW diagnostics.ingestion_v1 AS
SELECT
  l.location,
  s.name AS source,
  s.dag_id COLLATE "C" AS dag_id,
  s.run_id,
  s.task_id,
  nullif(s.map_index, -1) AS map_index,
  s.try_number,
  l.status,
  l.size_bytes,
  l.blocks,
  l.replays,
  l.issues,
  l.ingested_at,
  l.error
FROM corrparse.log AS l
JOIN corrparse.source AS s ON s.source_id = l.source_id;
COMMENT ON VIEW diagnostics.ingestion_v1 IS 'The ledger: one row per location that was read.';
