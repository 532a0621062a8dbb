CREATE OR REPLACE VIEW corrparse.known_run_diagnosis AS
SELECT
  t.dag_id, t.run_id, t.crypto, t.started_at, t.ended_at, t.settles_at, t.last_event_at, t.settled_state, t.records, t.candidates,
  t.passed, t.useful, t.primary_code, t.severity, t.settled_code, t.settled_severity, t.code_counts, t.best_source_id, t.best_block,
  t.strategies
FROM corrparse.run_diagnosis AS t
WHERE NOT EXISTS (SELECT FROM corrparse.run_change AS c WHERE c.dag_id = t.dag_id AND c.run_id = t.run_id)
UNION ALL
SELECT
  k.dag_id, k.run_id, d.crypto, d.started_at, d.ended_at, d.settles_at, d.last_event_at, d.settled_state, d.records, d.candidates,
  d.passed, d.useful, d.primary_code, d.severity, d.settled_code, d.settled_severity, d.code_counts, d.best_source_id, d.best_block,
  d.strategies
FROM (SELECT DISTINCT c.dag_id, c.run_id FROM corrparse.run_change AS c) AS k
CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id, 'infinity') AS d;
COMMENT ON VIEW corrparse.known_run_diagnosis IS
  'Every run''s diagnosis: the stored one, or computed while the run is in run_change.';
