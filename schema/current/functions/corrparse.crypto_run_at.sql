-- The last test runs in which a latest attempt has a record of a crypto, the last one first. Runs are found by their last record and ordered by their start.
-- A record is not before its run's start, unless its time is that of the run's name; therefore the search goes one day further. The
-- setting keeps the planner from sorting all records for the few that are fetched.
CREATE OR REPLACE FUNCTION corrparse.crypto_run_at(instant timestamptz, of_crypto text, wanted bigint)
  RETURNS TABLE (dag_id text, run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  SET cursor_tuple_fraction = 0.000001
  AS $$
DECLARE
  test_dags text[] := ARRAY(SELECT t.dag_id FROM corrparse.test_dag AS t);
  recorded CURSOR FOR
    SELECT r.dag_id, r.run_id, r.observed_at
    FROM corrparse.record AS r
    -- With crypto = of_crypto the index of times alone would give the order, and the records of all cryptos would be read.
    WHERE r.crypto >= of_crypto AND (r.crypto, r.observed_at) <= (of_crypto, instant) AND r.dag_id = ANY (test_dags)
    ORDER BY r.crypto DESC, r.observed_at DESC;
  next_key text;
  next_start timestamptz;
  seen text[] := '{}';
  -- The best so far; never more than are wanted.
  dags text[] := '{}';
  runs text[] := '{}';
  starts timestamptz[] := '{}';
BEGIN
  FOR found IN recorded LOOP
    EXIT WHEN found.observed_at + interval '24 hours' < starts[wanted];
    -- Records of a run follow each other.
    CONTINUE WHEN next_key = length(found.dag_id) || ' ' || found.dag_id || found.run_id;
    next_key := length(found.dag_id) || ' ' || found.dag_id || found.run_id;
    CONTINUE WHEN next_key = ANY (seen);
    seen := seen || next_key;
    SELECT min(o.started_at) INTO next_start
    FROM corrparse.task_outcome AS o
    WHERE o.dag_id = found.dag_id AND o.run_id = found.run_id AND o.started_at <= instant;
    CONTINUE WHEN next_start IS NULL OR next_start < starts[wanted];
    CONTINUE WHEN NOT EXISTS (
      SELECT FROM corrparse.record AS r
      WHERE r.dag_id = found.dag_id AND r.run_id = found.run_id AND r.crypto = of_crypto AND r.observed_at <= instant
        AND coalesce(
          r.try_number >= (
            SELECT max(o.try_number) FROM corrparse.task_outcome AS o
            WHERE o.dag_id = r.dag_id AND o.run_id = r.run_id AND o.task_id = r.task_id AND o.map_index = r.map_index
              AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
          ),
          true));
    SELECT
      array_agg(b.dag_id ORDER BY b.place), array_agg(b.run_id ORDER BY b.place), array_agg(b.started_at ORDER BY b.place)
    INTO dags, runs, starts
    FROM (
      SELECT
        k.*, row_number() OVER (ORDER BY k.started_at DESC, k.run_id COLLATE "C" DESC, k.dag_id COLLATE "C" DESC) AS place
      FROM unnest(dags || found.dag_id, runs || found.run_id, starts || next_start) AS k (dag_id, run_id, started_at)
    ) AS b
    WHERE b.place <= wanted;
  END LOOP;
  RETURN QUERY SELECT k.dag_id, k.run_id, k.started_at FROM unnest(dags, runs, starts) AS k (dag_id, run_id, started_at);
END
$$;
