-- Stores the diagnoses of runs on the list. Only one caller computes at a time, so that no older result replaces a newer one: call it in
-- a transaction of read committed only. The entry of a run is taken off the list before its rows are read, so an entry that is committed
-- in between stays.
CREATE OR REPLACE FUNCTION corrparse.refresh_run_diagnoses(at_most bigint) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  SET jit = off
  AS $$
DECLARE
  dags text[];
  runs text[];
BEGIN
  PERFORM pg_advisory_xact_lock(7168245303041979);
  SELECT array_agg(k.dag_id), array_agg(k.run_id) INTO dags, runs
  FROM (SELECT DISTINCT c.dag_id, c.run_id FROM corrparse.run_change AS c LIMIT at_most) AS k;
  DELETE FROM corrparse.run_change AS c USING unnest(dags, runs) AS k (dag_id, run_id)
  WHERE c.dag_id = k.dag_id AND c.run_id = k.run_id;
  DELETE FROM corrparse.run_diagnosis AS d USING unnest(dags, runs) AS k (dag_id, run_id)
  WHERE d.dag_id = k.dag_id AND d.run_id = k.run_id;
  INSERT INTO corrparse.run_diagnosis
  SELECT d.*
  FROM unnest(dags, runs) AS k (dag_id, run_id)
  CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id, 'infinity') AS d;
  RETURN coalesce(cardinality(dags), 0);
END
$$;
COMMENT ON FUNCTION corrparse.refresh_run_diagnoses IS
  'Stores the diagnoses of at most so many of the runs that changed, and returns of how many. Called until it returns 0.';
