CREATE OR REPLACE VIEW corrparse.useful_strategy AS
SELECT
  j.source_id, j.block, j.dag_id, j.run_id, j.task_id, j.map_index, j.crypto, j.observed_at, j.delta, j.sortino, j.sl_pct,
  j.timeout_pct, j.gates_passed, j.gate_rank, s.name AS source
FROM corrparse.judged_record AS j
JOIN corrparse.verdict AS v
  ON v.source_id = j.source_id AND v.block = j.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
JOIN corrparse.source AS s ON s.source_id = j.source_id
WHERE j.is_accepted AND corrparse.is_useful(v.findings, j.is_qualified)
  AND coalesce(
    j.try_number >= (
      SELECT max(o.try_number) FROM corrparse.task_outcome AS o
      WHERE o.dag_id = j.dag_id AND o.run_id = j.run_id AND o.task_id = j.task_id AND o.map_index = j.map_index
    ),
    true);
COMMENT ON VIEW corrparse.useful_strategy IS 'The records of latest attempts that are of useful strategies.';
