-- The cryptos of the universe and the cryptos that have records by an instant, with the times that make them fresh or stale. The last useful
-- strategy is looked for among the accepted records of the crypto, the last one first, whatever the planner knows of the tables: the
-- offset forces that.
CREATE OR REPLACE FUNCTION corrparse.crypto_at(instant timestamptz)
  RETURNS TABLE (crypto text, crypto_group text, first_record_at timestamptz, last_useful_at timestamptz)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE seen AS (
      (
        SELECT r.crypto, r.observed_at FROM corrparse.record AS r
        WHERE r.crypto IS NOT NULL ORDER BY r.crypto, r.observed_at LIMIT 1
      )
      UNION ALL
      SELECT n.crypto, n.observed_at
      FROM seen AS s
      CROSS JOIN LATERAL (
        SELECT r.crypto, r.observed_at FROM corrparse.record AS r
        WHERE r.crypto > s.crypto ORDER BY r.crypto, r.observed_at LIMIT 1
      ) AS n
    ),
    known AS MATERIALIZED (
      SELECT coalesce(u.crypto, s.crypto) AS crypto, u.crypto_group, s.observed_at AS first_record_at
      FROM corrparse.universe AS u
      FULL JOIN (SELECT * FROM seen WHERE seen.observed_at <= instant) AS s ON s.crypto = u.crypto
    )
    SELECT k.crypto, k.crypto_group, k.first_record_at, useful.observed_at
    FROM known AS k
    LEFT JOIN LATERAL (
      -- Among the latest attempts as of the instant.
      SELECT r.observed_at
      FROM corrparse.judged_record AS r
      -- The offset keeps the planner from beginning with the verdicts.
      CROSS JOIN LATERAL (
        SELECT v.findings
        FROM corrparse.verdict AS v
        WHERE v.source_id = r.source_id AND v.block = r.block
          AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
        OFFSET 0
      ) AS v
      WHERE r.crypto >= k.crypto AND (r.crypto, r.observed_at) <= (k.crypto, instant)
        AND r.is_accepted AND corrparse.is_useful(v.findings, r.is_qualified)
        AND coalesce(
          r.try_number >= (
            SELECT max(o.try_number) FROM corrparse.task_outcome AS o
            WHERE o.dag_id = r.dag_id AND o.run_id = r.run_id AND o.task_id = r.task_id AND o.map_index = r.map_index
              AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
          ),
          true)
      ORDER BY r.crypto DESC, r.observed_at DESC
      LIMIT 1
    ) AS useful ON true;
END;
