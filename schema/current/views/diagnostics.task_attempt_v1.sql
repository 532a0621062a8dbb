CREATE OR REPLACE VIEW diagnostics.task_attempt_v1 AS
SELECT
  a.dag_id,
  a.run_id,
  a.task_id,
  nullif(a.map_index, -1) AS map_index,
  a.try_number,
  a.try_number = a.latest_try AS latest_attempt,
  -- A failure that nothing states is a retry once a later attempt exists (docs/specification/2-log-envelopes.md, Outcome).
  CASE WHEN a.state = 'failed' AND NOT a.stated AND a.try_number < a.latest_try THEN 'up_for_retry' ELSE a.state END
    AS state,
  a.stated,
  a.started_at,
  a.ended_at,
  extract(epoch FROM a.ended_at - a.started_at) AS duration_seconds
FROM (
  SELECT
    o.*,
    -- Several logs may speak of one attempt. Those that know its outcome come first, the task's own log before its triggerer's,
    -- and of the parts that a log was rotated into the last one.
    row_number() OVER (
      PARTITION BY o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number
      ORDER BY
        o.state = 'unknown',
        CASE WHEN s.part = '' THEN 0 WHEN s.part ~ '^rotated[.][0-9]{1,9}$' THEN substr(s.part, 9)::integer END DESC NULLS LAST,
        NOT o.stated, o.ended_at DESC NULLS LAST, s.name COLLATE "C",
        s.is_identified
    ) AS choice,
    max(o.try_number) OVER (PARTITION BY o.dag_id, o.run_id, o.task_id, o.map_index) AS latest_try
  FROM corrparse.task_outcome AS o
  JOIN corrparse.source AS s ON s.source_id = o.source_id
) AS a
WHERE a.choice = 1;
COMMENT ON VIEW diagnostics.task_attempt_v1 IS 'One row per task attempt with what became of it.';
