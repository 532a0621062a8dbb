-- The attempts of a run that had started by an instant, with their state and end as of that instant. An attempt keeps its run running
-- until settles_at, which does not depend on the instant: a while after its end, a longer while after the last line of a log that tells
-- no outcome, and a day where it waits for a retry or is deferred.
CREATE OR REPLACE FUNCTION corrparse.attempt_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (
    task_id text, map_index bigint, try_number bigint, is_latest boolean, state text, started_at timestamptz,
    ended_at timestamptz, settles_at timestamptz)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
      a.task_id, a.map_index, a.try_number, a.try_number = a.latest_try,
      CASE
        WHEN a.ended_at > instant THEN 'running'
        WHEN a.state IN ('success', 'skipped', 'failed') THEN a.state
        WHEN u.settles_at > instant THEN 'running'
        ELSE 'unknown'
      END,
      a.started_at,
      CASE WHEN a.ended_at <= instant THEN a.ended_at END,
      u.settles_at
    FROM (
      SELECT
        o.*,
        -- In the order of diagnostics.task_attempt_v1.
        row_number() OVER (
          PARTITION BY o.task_id, o.map_index, o.try_number
          ORDER BY
            o.state = 'unknown',
            CASE WHEN s.part = '' THEN 0 WHEN s.part ~ '^rotated[.][0-9]{1,9}$' THEN substr(s.part, 9)::integer END DESC NULLS LAST,
            NOT o.stated, o.ended_at DESC NULLS LAST, s.name COLLATE "C",
            s.is_identified
        ) AS choice,
        max(o.try_number) OVER (PARTITION BY o.task_id, o.map_index) AS latest_try
      FROM corrparse.task_outcome AS o
      JOIN corrparse.source AS s ON s.source_id = o.source_id
      WHERE o.dag_id = of_dag AND o.run_id = of_run
        AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
    ) AS a
    CROSS JOIN LATERAL (
      SELECT coalesce(a.ended_at, a.started_at) + CASE
        WHEN a.state IN ('success', 'skipped', 'failed') THEN (SELECT corrparse.setting_hours('settle_hours'))
        WHEN a.state = 'unknown' THEN (SELECT corrparse.setting_hours('silent_hours'))
        ELSE (SELECT corrparse.setting_hours('waiting_hours'))
      END AS settles_at
    ) AS u
    WHERE a.choice = 1;
END;
COMMENT ON FUNCTION corrparse.attempt_at IS
  'An attempt of which no time is known counts at every instant, so that its unknown state is not lost.';
