-- What the evidence says of things of the future, given the time of the last of them; empty where the last one is not of the future. Nothing
-- is of the future that has happened by the instant asked for or by the server's clock: a question about the past does not call what came
-- later garbled.
CREATE OR REPLACE FUNCTION corrparse.passed_over(instant timestamptz, things text, last_at timestamptz) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE
    WHEN last_at > greatest(instant, now()) THEN format('; %s of the future are passed over, the last of %s', things, corrparse.utc_text(last_at))
    ELSE ''
  END;
