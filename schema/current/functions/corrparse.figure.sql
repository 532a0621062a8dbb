-- A number for people. Six decimals keep every digit that a threshold could turn on.
CREATE OR REPLACE FUNCTION corrparse.figure(value numeric) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN trim_scale(round(value, 6))::text;
