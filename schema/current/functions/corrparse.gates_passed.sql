CREATE OR REPLACE FUNCTION corrparse.gates_passed(gates jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN NOT jsonb_path_exists(gates, '$.* ? (@ == "fail")');
COMMENT ON FUNCTION corrparse.gates_passed IS 'Whether all gates were passed; null without gates.';
