-- The severities, the least severe first: the place of one is its rank.
CREATE OR REPLACE FUNCTION corrparse.severities() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ARRAY['none', 'P3', 'P2', 'P1', 'P0'];
COMMENT ON FUNCTION corrparse.severities IS 'The severities, the least severe first.';
