-- The state of a run whose latest attempts have all come to their end: `failed` where an attempt failed, `success` where all ended well, else
-- `unknown`.
CREATE OR REPLACE FUNCTION corrparse.settled_state(states text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN 'failed' = ANY (states) THEN 'failed'
    WHEN states <@ ARRAY['success', 'skipped'] THEN 'success'
    ELSE 'unknown'
  END;
COMMENT ON FUNCTION corrparse.settled_state IS 'The state of a run from the states of its latest attempts, once none is running.';
