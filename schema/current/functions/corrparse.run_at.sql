-- What the attempts of a run tell of it as of an instant.
CREATE OR REPLACE FUNCTION corrparse.run_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (started_at timestamptz, ended_at timestamptz, state text)
  LANGUAGE sql STABLE
  AS $$
    SELECT
      min(a.started_at),
      max(a.ended_at),
      CASE
        WHEN bool_or(a.state = 'unknown') FILTER (WHERE a.is_latest)
          AND NOT bool_or(a.state = 'failed') FILTER (WHERE a.is_latest) THEN 'unknown'
        WHEN max(a.ended_at) FILTER (WHERE a.is_latest) > instant - (SELECT corrparse.setting_hours('settle_hours'))
          THEN 'running'
        WHEN bool_or(a.state = 'failed') FILTER (WHERE a.is_latest) THEN 'failed'
        WHEN bool_and(a.state IN ('success', 'skipped')) FILTER (WHERE a.is_latest) THEN 'success'
        ELSE 'running'
      END
    FROM corrparse.attempt_at(instant, of_dag, of_run) AS a
  $$;
COMMENT ON FUNCTION corrparse.run_at IS 'What the attempts of a run tell of it as of an instant.';
