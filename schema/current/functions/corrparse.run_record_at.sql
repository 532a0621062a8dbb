-- The records of a run's latest attempts as of an instant. Where the record's try is the highest of the whole run, no other needs looking for.
-- Else the latest attempt of the record's task is looked up by an index, whatever the planner knows of the tables.
CREATE OR REPLACE FUNCTION corrparse.run_record_at(instant timestamptz, of_dag text, of_run text)
  RETURNS SETOF corrparse.judged_record
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH run AS MATERIALIZED (
      SELECT max(o.try_number) AS try_number
      FROM corrparse.task_outcome AS o
      WHERE o.dag_id = of_dag AND o.run_id = of_run AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
    )
    SELECT r.*
    FROM corrparse.judged_record AS r
    WHERE r.dag_id = of_dag AND r.run_id = of_run AND r.observed_at <= instant
      AND (
        coalesce(r.try_number >= (SELECT run.try_number FROM run), true)
        OR coalesce(
          r.try_number >= (
            SELECT max(o.try_number)
            FROM corrparse.task_outcome AS o
            WHERE o.dag_id = of_dag AND o.run_id = of_run AND o.task_id = r.task_id AND o.map_index = r.map_index
              AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
          ),
          true));
END;
COMMENT ON FUNCTION corrparse.run_record_at IS 'The records of a run''s latest attempts as of an instant.';
