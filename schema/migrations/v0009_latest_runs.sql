-- The latest runs of a DAG and of a crypto, found in one pass over an index. Before, every run that was found began the
-- search anew, over everything that had been found: with a thousand runs of one start, as after a backfill of many runs
-- by hand, one question took half a minute.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- As before: the finished runs of a DAG, the last one first. Runs are found by their last attempt, from the end of the
-- index, and ordered by their first one, which is not later: when no run can come up that began after those that are
-- wanted, that is all. The setting keeps the planner from sorting all attempts for the few rows that are fetched.
CREATE OR REPLACE FUNCTION corrparse.finished_run_at(instant timestamptz, of_dag text, wanted bigint)
  RETURNS TABLE (run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE
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
  -- The best so far, of which there are never more than are wanted.
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

-- As before: the last test runs that have a record of a crypto, the last one first. Runs are found by their last record
-- and ordered by their start. A record is not before its run's start, unless its time is that of the run's name: for that
-- a day more is looked at.
CREATE OR REPLACE FUNCTION corrparse.crypto_run_at(instant timestamptz, of_crypto text, wanted bigint)
  RETURNS TABLE (dag_id text, run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE
  SET cursor_tuple_fraction = 0.000001
  AS $$
DECLARE
  test_dags text[] := ARRAY(SELECT t.dag_id FROM corrparse.test_dag AS t);
  recorded CURSOR FOR
    SELECT r.dag_id, r.run_id, r.observed_at
    FROM corrparse.record AS r
    -- Not crypto = of_crypto: then the index of times alone would do for the order, and all cryptos' records be passed.
    WHERE r.crypto >= of_crypto AND (r.crypto, r.observed_at) <= (of_crypto, instant) AND r.dag_id = ANY (test_dags)
    ORDER BY r.crypto DESC, r.observed_at DESC;
  next_key text;
  next_start timestamptz;
  seen text[] := '{}';
  -- The best so far, of which there are never more than are wanted.
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
