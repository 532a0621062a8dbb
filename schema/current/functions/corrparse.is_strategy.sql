-- Whether a record has one of corrparse.strategy_keys.
CREATE OR REPLACE FUNCTION corrparse.is_strategy(r corrparse.record) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN num_nonnulls(
    r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy, r.screening_f1_buy,
    r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) > 0;
COMMENT ON FUNCTION corrparse.is_strategy IS 'Whether a record is of a tested strategy.';
