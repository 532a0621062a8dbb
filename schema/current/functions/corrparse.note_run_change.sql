-- Enters the runs of changed rows that name a run into the list of runs to be computed.
CREATE OR REPLACE FUNCTION corrparse.note_run_change() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT DISTINCT n.dag_id, n.run_id FROM new_row AS n WHERE n.dag_id IS NOT NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT DISTINCT o.dag_id, o.run_id FROM old_row AS o WHERE o.dag_id IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION corrparse.note_run_change IS 'For rows that name a run.';
