-- The keys that make a record a tested strategy's (docs/specification/3-classification.md, Rules). corrparse.is_strategy has them as columns.
CREATE OR REPLACE FUNCTION corrparse.strategy_keys() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ARRAY[
    'f1_buy', 'baseline_f1_buy', 'precision_buy', 'recall_buy', 'buy_rate', 'action_rate', 'std_f1_buy', 'screening_f1_buy',
    'last_fold_f1_buy', 'sortino', 'tp_pct', 'sl_pct', 'timeout_pct', 'n_trades'];
COMMENT ON FUNCTION corrparse.strategy_keys IS 'The keys that make a record a tested strategy''s.';
