CREATE OR REPLACE VIEW diagnostics.issue_v1 AS
SELECT
  coalesce(r.observed_at, l.modified_at, l.ingested_at) AS observed_at,
  s.name AS source,
  coalesce(r.dag_id, s.dag_id) AS dag_id,
  coalesce(r.run_id, s.run_id) AS run_id,
  coalesce(r.task_id, s.task_id) AS task_id,
  nullif(coalesce(r.map_index, s.map_index), -1) AS map_index,
  coalesce(r.try_number, s.try_number) AS try_number,
  coalesce(nullif(i.block, 0), i.first_block) AS block,
  i.line,
  i.byte_offset,
  i.kind,
  i.key,
  i.raw,
  i.places
FROM corrparse.issue AS i
JOIN corrparse.source AS s ON s.source_id = i.source_id
LEFT JOIN corrparse.log AS l ON l.log_id = s.feed_log_id
LEFT JOIN corrparse.record AS r ON r.source_id = i.source_id AND r.block = i.block
UNION ALL
SELECT
  l.ingested_at,
  s.name,
  s.dag_id,
  s.run_id,
  s.task_id,
  nullif(s.map_index, -1),
  s.try_number,
  NULL,
  NULL,
  NULL,
  l.refusal,
  NULL,
  format('%s: read again as %s, %s bytes; what a complete reading of %s bytes stored is kept',
    l.location, l.status, l.decompressed_bytes, l.complete_bytes),
  NULL
FROM corrparse.log AS l
JOIN corrparse.source AS s ON s.source_id = l.source_id
WHERE l.refusal IS NOT NULL;
COMMENT ON VIEW diagnostics.issue_v1 IS
  'What was wrong with blocks and logs. observed_at is the record''s; for an issue of a source the log''s modification time.';
