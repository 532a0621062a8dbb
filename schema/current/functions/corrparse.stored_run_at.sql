-- The stored rows of a run that hold for an instant: everything had happened by then, and the run is not on the list.
CREATE OR REPLACE FUNCTION corrparse.stored_run_at(instant timestamptz, of_dag text, of_run text)
  RETURNS SETOF corrparse.run_diagnosis
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.*
    FROM corrparse.run_diagnosis AS d
    WHERE d.dag_id = of_dag AND d.run_id = of_run AND d.last_event_at <= instant
      AND NOT EXISTS (SELECT FROM corrparse.run_change AS c WHERE c.dag_id = of_dag AND c.run_id = of_run);
END;
