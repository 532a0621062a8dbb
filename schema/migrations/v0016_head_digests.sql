-- Of how each source begins digests are kept instead of its first 4 KiB, and what became of an attempt is told by the last of the parts that its
-- log was rotated into. Assembled by Scripts/schema-current.py from the files of schema/current.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- Only digests of the first bytes are kept of how a source begins. They tell two logs apart as well, and hold no text of a log. The old table is
-- dropped rather than a column of it, so that its pages go with the text in them.
CREATE TEMPORARY TABLE kept_head AS
SELECT
  h.source_id, h.log_id, h.first_run,
  (
    SELECT coalesce(string_agg(substr(sha256(substr(h.head, 1, n)), 1, 8), ''::bytea ORDER BY n), ''::bytea)
    FROM unnest(ARRAY[64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096]) AS n
    WHERE n <= length(h.head)
  ) AS digests
FROM corrparse.source_head AS h;
-- squawk-ignore ban-drop-table
DROP TABLE corrparse.source_head;
CREATE TABLE corrparse.source_head (
  source_id bigint PRIMARY KEY REFERENCES corrparse.source ON DELETE CASCADE,
  log_id bigint NOT NULL,
  digests bytea NOT NULL,
  first_run bigint NOT NULL
);
INSERT INTO corrparse.source_head (source_id, log_id, digests, first_run)
SELECT k.source_id, k.log_id, k.digests, k.first_run FROM kept_head AS k;
-- squawk-ignore ban-drop-table
DROP TABLE pg_temp.kept_head;
COMMENT ON TABLE corrparse.source_head IS
  'How the log begins that feeds a source: a location that begins differently is another log and never replaces it.';
COMMENT ON COLUMN corrparse.source_head.log_id IS 'The log whose beginning it is.';
COMMENT ON COLUMN corrparse.source_head.digests IS
  'Eight bytes of the SHA-256 of its first 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072 and 4096 decompressed bytes, as far as it is so long.';
COMMENT ON COLUMN corrparse.source_head.first_run IS 'The run of ingest or backfill that first read it so.';
COMMENT ON COLUMN corrparse.source.part IS
  'Empty for the task''s own log, trigger.N for the triggerer''s, rotated.N for what a log went on with that no longer began as it did.';

-- Logs that could not be stored are looked for when a run ends.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX log_failed_idx ON corrparse.log (log_id) WHERE status = 'failed';

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

SELECT corrparse.grant_to_roles();
