-- How each source begins, so that a log of another environment never replaces it. Sources that are stored already have no beginning
-- until their log is read again. Assembled by Scripts/schema-current.py from the files of schema/current.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- How the reading begins that feeds a source. Two locations of one task attempt that begin differently are two logs, as of two
-- environments under one root (docs/specification/4-database.md, Sources and locations).
CREATE TABLE corrparse.source_head (
  source_id bigint PRIMARY KEY REFERENCES corrparse.source ON DELETE CASCADE,
  log_id bigint NOT NULL,
  head bytea NOT NULL,
  first_run bigint NOT NULL
);
COMMENT ON TABLE corrparse.source_head IS
  'How the log begins that feeds a source: a location that begins differently is another log and never replaces it.';
COMMENT ON COLUMN corrparse.source_head.log_id IS 'The log that the bytes are of.';
COMMENT ON COLUMN corrparse.source_head.head IS 'Its first 4 KiB, decompressed.';
COMMENT ON COLUMN corrparse.source_head.first_run IS 'The run of ingest or backfill that first read it so.';

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
        corrparse.run_diagnosis, corrparse.run_change
        TO %s', writer);
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.attempt_at, corrparse.best_strategy_at, corrparse.condition_at, corrparse.counted, corrparse.crypto_at,
        corrparse.crypto_run_at, corrparse.diagnose_run, corrparse.doubts_gates, corrparse.figure, corrparse.finished_run_at,
        corrparse.gates_passed, corrparse.global_state_at, corrparse.is_accepted, corrparse.is_strategy, corrparse.is_useful,
        corrparse.note_global_state, corrparse.refresh_run_diagnoses, corrparse.run_at, corrparse.run_passed_at,
        corrparse.run_record_at, corrparse.run_state, corrparse.setting, corrparse.setting_hours, corrparse.settled_state,
        corrparse.severities, corrparse.severity_of, corrparse.signal_at, corrparse.signal_reading_at, corrparse.stored_run_at,
        corrparse.strategy_keys, corrparse.text_digest, corrparse.utc_text, diagnostics.global_state_at,
        diagnostics.global_state_conditions_at, diagnostics.golden_signals_at
        TO %s', writer);
  END IF;
  IF reader IS NOT NULL THEN
    EXECUTE format('GRANT USAGE ON SCHEMA diagnostics TO %s', reader);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO %s', reader);
    -- Views call those of corrparse with the reader's rights.
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.counted, corrparse.diagnose_run, corrparse.doubts_gates, corrparse.gates_passed, corrparse.is_accepted,
        corrparse.is_useful, corrparse.run_state, diagnostics.global_state_at, diagnostics.global_state_conditions_at,
        diagnostics.golden_signals_at
        TO %s', reader);
  END IF;
END
$$;
COMMENT ON FUNCTION corrparse.grant_to_roles() IS
  'Gives the roles of corrparse.role_name what they need, as far as they exist. Run again after creating them by hand.';
REVOKE EXECUTE ON FUNCTION corrparse.grant_to_roles() FROM PUBLIC;

SELECT corrparse.grant_to_roles();
