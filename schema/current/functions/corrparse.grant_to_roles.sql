-- What the roles may do. Every migration calls it at its end. Functions are granted by name, because a database may have taken from PUBLIC the
-- right to execute new ones. Those that only triggers call are checked by nobody.
CREATE OR REPLACE FUNCTION corrparse.grant_to_roles() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  writer text := (
    SELECT quote_ident(n.role_name) FROM corrparse.role_name AS n JOIN pg_roles AS r ON r.rolname = n.role_name
    WHERE n.duty = 'writer');
  reader text := (
    SELECT quote_ident(n.role_name) FROM corrparse.role_name AS n JOIN pg_roles AS r ON r.rolname = n.role_name
    WHERE n.duty = 'reader');
BEGIN
  IF writer IS NOT NULL THEN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %s', current_database(), writer);
    EXECUTE format('GRANT USAGE ON SCHEMA corrparse, diagnostics TO %s', writer);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA corrparse, diagnostics TO %s', writer);
    EXECUTE format(
      'GRANT INSERT, UPDATE, DELETE ON
        corrparse.source, corrparse.source_head, corrparse.log, corrparse.record, corrparse.verdict, corrparse.issue, corrparse.task_outcome,
        corrparse.universe, corrparse.infra_observation, corrparse.test_dag, corrparse.global_state_history,
        corrparse.run_diagnosis, corrparse.run_change, corrparse.model_observation, corrparse.registered_model, corrparse.model_version
        TO %s', writer);
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.attempt_at, corrparse.best_strategy_at, corrparse.challengers_at, corrparse.condition_at,
        corrparse.condition_subject_at, corrparse.counted, corrparse.crypto_at, corrparse.crypto_run_at,
        corrparse.diagnose_run, corrparse.doubts_gates, corrparse.figure, corrparse.finished_run_at, corrparse.gates_passed,
        corrparse.global_state_at, corrparse.infra_input_at, corrparse.is_accepted, corrparse.is_past, corrparse.is_strategy,
        corrparse.is_useful, corrparse.model_version_at, corrparse.next_step, corrparse.note_global_state,
        corrparse.passed_over, corrparse.refresh_run_diagnoses, corrparse.registered_model_at, corrparse.registry_at,
        corrparse.run_at, corrparse.run_passed_at, corrparse.run_record_at, corrparse.run_state, corrparse.setting,
        corrparse.setting_hours, corrparse.settled_state, corrparse.severities, corrparse.severity_of, corrparse.signal_at,
        corrparse.signal_reading_at, corrparse.stored_run_at, corrparse.strategy_keys, corrparse.text_digest,
        corrparse.utc_text, diagnostics.drift_at, diagnostics.global_state_at, diagnostics.global_state_conditions_at,
        diagnostics.global_state_subjects_at, diagnostics.golden_signals_at, diagnostics.infra_last_seen_at,
        diagnostics.model_versions_at
        TO %s', writer);
  END IF;
  IF reader IS NOT NULL THEN
    EXECUTE format('GRANT USAGE ON SCHEMA diagnostics TO %s', reader);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO %s', reader);
    -- Views call those of corrparse with the reader's rights.
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.counted, corrparse.diagnose_run, corrparse.doubts_gates, corrparse.gates_passed, corrparse.is_accepted,
        corrparse.is_useful, corrparse.next_step, corrparse.run_state, diagnostics.drift_at, diagnostics.global_state_at,
        diagnostics.global_state_conditions_at, diagnostics.global_state_subjects_at, diagnostics.golden_signals_at,
        diagnostics.infra_last_seen_at, diagnostics.model_versions_at
        TO %s', reader);
  END IF;
END
$$;
COMMENT ON FUNCTION corrparse.grant_to_roles() IS
  'Gives the roles of corrparse.role_name what they need, as far as they exist. Run again after creating them by hand.';
REVOKE EXECUTE ON FUNCTION corrparse.grant_to_roles() FROM PUBLIC;
