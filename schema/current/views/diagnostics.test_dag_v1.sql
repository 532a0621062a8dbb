CREATE OR REPLACE VIEW diagnostics.test_dag_v1 AS
SELECT
  t.dag_id,
  EXISTS (SELECT FROM corrparse.task_outcome AS o WHERE o.dag_id = t.dag_id) AS has_run
FROM corrparse.test_dag AS t;
COMMENT ON VIEW diagnostics.test_dag_v1 IS 'The DAGs that test strategies, and whether any log tells of a run of theirs.';
