CREATE OR REPLACE VIEW diagnostics.next_step_v1 AS
SELECT
  n.crypto, n.dag_id, n.run_id, n.primary_code, n.runs_in_a_row, n.exit_criterion, n.met, n.next_step, n.configuration, n.escalate_to,
  n.started_at, n.playbook
FROM corrparse.next_step() AS n;
COMMENT ON VIEW diagnostics.next_step_v1 IS
  'What to do now for each crypto, from the diagnosis of its last test runs and the manual''s playbooks (section 9).';
