-- The state of a run at an instant. Within 30 minutes of the last end other tasks of the run may follow. An unknown state holds at once.
CREATE OR REPLACE FUNCTION corrparse.run_state(settled_state text, latest_ended_at timestamptz, instant timestamptz) RETURNS text
  LANGUAGE sql STABLE
  AS $$
    SELECT CASE
      WHEN settled_state <> 'unknown' AND latest_ended_at > instant - interval '30 minutes' THEN 'running'
      ELSE settled_state
    END
  $$;
