-- The part of useful that no verdict is needed for. The index record_accepted_idx has the same condition; it serves queries as long as both
-- are the same, letter by letter.
CREATE OR REPLACE FUNCTION corrparse.is_accepted(gates jsonb, sortino numeric, n_trades bigint) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(corrparse.gates_passed(gates), sortino >= 0 AND n_trades IS DISTINCT FROM 0, false);
COMMENT ON FUNCTION corrparse.is_accepted IS
  'Whether a strategy passed its gates; without gates, whether its Sortino counts and is not negative.';
