-- Enters the runs of changed rows that belong to a record or a source into the list of runs to be computed.
CREATE OR REPLACE FUNCTION corrparse.note_run_change_of_record() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  sources bigint[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    sources := ARRAY(SELECT DISTINCT o.source_id FROM old_row AS o);
  ELSE
    sources := ARRAY(SELECT DISTINCT n.source_id FROM new_row AS n);
  END IF;
  INSERT INTO corrparse.run_change (dag_id, run_id)
  SELECT DISTINCT r.dag_id, r.run_id FROM corrparse.record AS r
  WHERE r.source_id = ANY (sources) AND r.dag_id IS NOT NULL;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION corrparse.note_run_change_of_record IS 'For rows that belong to a record of the source; their keys never change.';
