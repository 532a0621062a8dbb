-- The last test runs of a crypto, each with the crypto's best strategy. Where a run has none, its columns are null.
CREATE OR REPLACE FUNCTION corrparse.best_strategy_at(instant timestamptz, of_crypto text, wanted bigint)
  RETURNS TABLE (
    place bigint, dag_id text, run_id text, has_strategy boolean, observed_at timestamptz, delta numeric,
    screening_gap numeric, std_f1_buy numeric, sortino numeric, sl_pct numeric, timeout_pct numeric)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
      k.place, k.dag_id, k.run_id, b.is_strategy IS NOT NULL, b.observed_at, b.delta, b.screening_gap, b.std_f1_buy, b.sortino,
      b.sl_pct, b.timeout_pct
    FROM corrparse.crypto_run_at(instant, of_crypto, wanted) WITH ORDINALITY AS k (dag_id, run_id, started_at, place)
    LEFT JOIN LATERAL (
      SELECT d.* FROM corrparse.stored_run_at(instant, k.dag_id, k.run_id) AS d WHERE d.crypto = of_crypto
    ) AS stored ON true
    LEFT JOIN LATERAL (
      SELECT r.* FROM corrparse.judged_record AS r
      WHERE r.source_id = stored.best_source_id AND r.block = stored.best_block
      UNION ALL
      (
        SELECT r.*
        FROM corrparse.run_record_at(instant, k.dag_id, k.run_id) AS r
        JOIN corrparse.source AS s ON s.source_id = r.source_id
        WHERE stored.dag_id IS NULL AND r.crypto = of_crypto AND r.is_strategy
        ORDER BY
          r.is_screening, r.gate_rank, r.sortino DESC NULLS LAST, r.delta DESC NULLS LAST, r.observed_at, r.task_id COLLATE "C",
          r.map_index, s.name COLLATE "C", r.block, s.is_identified
        LIMIT 1
      )
    ) AS b ON true;
END;
