-- Candidates and passed of a whole run as of an instant: the stored ones where they hold for it, else computed.
CREATE OR REPLACE FUNCTION corrparse.run_passed_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (candidates bigint, passed bigint)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  RETURN QUERY
    SELECT d.candidates, d.passed FROM corrparse.stored_run_at(instant, of_dag, of_run) AS d WHERE d.crypto IS NULL;
  IF NOT FOUND THEN
    RETURN QUERY
      SELECT d.candidates, d.passed FROM corrparse.diagnose_run(of_dag, of_run, instant) AS d WHERE d.crypto IS NULL;
  END IF;
END
$$;
