-- What the attempts of a run tell of it as of an instant. The duration leaves out each long pause in which no attempt ran, as before a
-- task that was cleared days later.
CREATE OR REPLACE FUNCTION corrparse.run_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (started_at timestamptz, ended_at timestamptz, state text, seconds numeric)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
      min(a.started_at),
      max(a.ended_at),
      corrparse.run_state(
        corrparse.settled_state(array_agg(a.state) FILTER (WHERE a.is_latest)), max(a.settles_at) FILTER (WHERE a.is_latest), instant),
      extract(epoch FROM max(a.ended_at) - min(a.started_at)
        - coalesce(sum(a.pause) FILTER (WHERE a.pause > (SELECT corrparse.setting_hours('pause_hours'))), '0'))
    FROM (
      SELECT
        t.*,
        coalesce(t.started_at, t.ended_at)
          - max(coalesce(t.ended_at, CASE WHEN t.state = 'running' THEN instant END, t.started_at)) OVER (
            ORDER BY coalesce(t.started_at, t.ended_at) ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
          ) AS pause
      FROM corrparse.attempt_at(instant, of_dag, of_run) AS t
    ) AS a;
END;
COMMENT ON FUNCTION corrparse.run_at IS 'What the attempts of a run tell of it as of an instant.';
