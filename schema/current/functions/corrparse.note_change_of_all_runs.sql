-- A change of the taxonomy changes every diagnosis. The lock keeps everybody from computing until the change is committed: a run that is
-- stored meanwhile would be computed under the old taxonomy and taken off the list.
CREATE OR REPLACE FUNCTION corrparse.note_change_of_all_runs() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7168245303041979);
  INSERT INTO corrparse.run_change (dag_id, run_id)
  SELECT DISTINCT o.dag_id, o.run_id FROM corrparse.task_outcome AS o;
  RETURN NULL;
END
$$;
