-- The best strategy of a crypto in a run (page 3, *Runs*) from the end of an index: dashboards ask for it for every run and
-- crypto of a month, and would otherwise read and sort all records of those runs. Sortino counts only with trades.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- Writers wait while it is built; building it concurrently could not be undone with the rest of the step.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX record_best_strategy_idx ON corrparse.record (
  dag_id, run_id, crypto, (CASE WHEN n_trades IS DISTINCT FROM 0 THEN sortino END) DESC NULLS LAST);
