-- The finished runs of a DAG, the last one first. Runs are found by their last attempt, from the end of the index, and ordered by their
-- first one. The search ends when every further run began before the runs that were found. The setting keeps the planner from sorting all
-- attempts for the few that are fetched.
CREATE OR REPLACE FUNCTION corrparse.finished_run_at(instant timestamptz, of_dag text, wanted bigint)
  RETURNS TABLE (run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  SET cursor_tuple_fraction = 0.000001
  AS $$
DECLARE
  attempt CURSOR FOR
    SELECT o.run_id, o.started_at
    FROM corrparse.task_outcome AS o
    WHERE o.dag_id = of_dag AND o.started_at <= instant
    ORDER BY o.started_at DESC;
  next_start timestamptz;
  next_state text;
  seen text[] := '{}';
  -- The best so far; never more than are wanted.
  runs text[] := '{}';
  starts timestamptz[] := '{}';
BEGIN
  FOR found IN attempt LOOP
    EXIT WHEN found.started_at < starts[wanted];
    CONTINUE WHEN found.run_id = ANY (seen);
    seen := seen || found.run_id;
    SELECT r.started_at, r.state INTO next_start, next_state FROM corrparse.run_at(instant, of_dag, found.run_id) AS r;
    CONTINUE WHEN next_state NOT IN ('success', 'failed') OR next_start < starts[wanted];
    SELECT array_agg(b.run_id ORDER BY b.place), array_agg(b.started_at ORDER BY b.place) INTO runs, starts
    FROM (
      SELECT k.*, row_number() OVER (ORDER BY k.started_at DESC, k.run_id COLLATE "C" DESC) AS place
      FROM unnest(runs || found.run_id, starts || next_start) AS k (run_id, started_at)
    ) AS b
    WHERE b.place <= wanted;
  END LOOP;
  RETURN QUERY SELECT k.run_id, k.started_at FROM unnest(runs, starts) AS k (run_id, started_at);
END
$$;
