-- The records of a run's latest attempts as of an instant. The latest attempt of each record's task is looked up by an index, whatever
-- the planner knows of the tables.
CREATE OR REPLACE FUNCTION corrparse.run_record_at(instant timestamptz, of_dag text, of_run text)
  RETURNS SETOF corrparse.judged_record
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.*
    FROM corrparse.judged_record AS r
    CROSS JOIN LATERAL (
      SELECT max(o.try_number) AS try_number
      FROM corrparse.task_outcome AS o
      WHERE o.dag_id = of_dag AND o.run_id = of_run AND o.task_id = r.task_id AND o.map_index = r.map_index
        AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
    ) AS latest
    WHERE r.dag_id = of_dag AND r.run_id = of_run AND r.observed_at <= instant AND coalesce(r.try_number >= latest.try_number, true);
END;
COMMENT ON FUNCTION corrparse.run_record_at IS 'The records of a run''s latest attempts as of an instant.';
