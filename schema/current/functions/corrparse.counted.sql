-- A value that measures nothing without trades: Sortino or an exit share (docs/specification/3-classification.md, Rules).
CREATE OR REPLACE FUNCTION corrparse.counted(value numeric, n_trades bigint) RETURNS numeric
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN n_trades IS DISTINCT FROM 0 THEN value END;
COMMENT ON FUNCTION corrparse.counted IS 'The value, or null where there were no trades.';
