-- What the roles may do. Every migration calls it at its end.
CREATE OR REPLACE FUNCTION corrparse.grant_to_roles() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog
  AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_writer') THEN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO corrparse_writer', current_database());
    GRANT USAGE ON SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT SELECT ON ALL TABLES IN SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA diagnostics TO corrparse_writer;
    GRANT INSERT, UPDATE, DELETE ON
      corrparse.source, corrparse.log, corrparse.record, corrparse.verdict, corrparse.issue, corrparse.task_outcome,
      corrparse.universe, corrparse.infra_observation, corrparse.test_dag, corrparse.global_state_history, corrparse.run_diagnosis,
      corrparse.run_change
      TO corrparse_writer;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_reader') THEN
    GRANT USAGE ON SCHEMA diagnostics TO corrparse_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO corrparse_reader;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA diagnostics TO corrparse_reader;
    -- Views call these with the reader's rights.
    GRANT EXECUTE ON FUNCTION
      corrparse.counted(numeric, bigint), corrparse.gates_passed(jsonb), corrparse.is_accepted(jsonb, numeric, bigint),
      corrparse.is_useful(text[], boolean), corrparse.run_state(text, timestamptz, timestamptz),
      corrparse.diagnose_run(text, text, timestamptz)
      TO corrparse_reader;
  END IF;
END
$$;
COMMENT ON FUNCTION corrparse.grant_to_roles() IS
  'Gives corrparse_writer and corrparse_reader what they need, as far as they exist. Run again after creating them by hand.';
REVOKE EXECUTE ON FUNCTION corrparse.grant_to_roles() FROM PUBLIC;
