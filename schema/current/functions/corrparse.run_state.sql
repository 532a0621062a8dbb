-- The state of a run at an instant: it is running until all of its latest attempts have settled.
CREATE OR REPLACE FUNCTION corrparse.run_state(settled_state text, settles_at timestamptz, instant timestamptz) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN settles_at > instant THEN 'running' ELSE settled_state END;
COMMENT ON FUNCTION corrparse.run_state IS 'The state of a run at an instant, from what is stored of it.';
