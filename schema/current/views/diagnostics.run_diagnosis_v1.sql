CREATE OR REPLACE VIEW diagnostics.run_diagnosis_v1 AS
SELECT
  d.dag_id,
  d.run_id,
  d.crypto,
  d.started_at,
  d.ended_at,
  s.state,
  d.records,
  d.candidates,
  d.passed,
  CASE WHEN s.state = 'running' THEN d.primary_code ELSE d.settled_code END AS primary_code,
  CASE WHEN s.state = 'running' THEN d.severity ELSE d.settled_severity END AS severity,
  d.code_counts,
  d.useful
FROM corrparse.known_run_diagnosis AS d
CROSS JOIN LATERAL (SELECT corrparse.run_state(d.settled_state, d.settles_at, now()) AS state) AS s;
COMMENT ON VIEW diagnostics.run_diagnosis_v1 IS
  'One diagnosis for every DAG run (crypto null) and for each crypto in it, from the latest attempts of its tasks.';
