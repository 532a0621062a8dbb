-- How far the records of the last 7 days are from those of the 30 days before: the population stability index over ten bins, which the tenths of
-- the earlier records bound. An attempt belongs to a window by its start. Of more than 40,000 records every n-th is read, by its key, so that the
-- time does not grow with the table; the reason says so. A bin that is empty on one side counts as 0.0001 there.
CREATE OR REPLACE FUNCTION diagnostics.drift_at(instant timestamptz)
  RETURNS TABLE (
    crypto text, quantity text, index numeric, reference_records bigint, current_records bigint, status text, reason text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    WITH attempt AS MATERIALIZED (
      SELECT
        o.source_id, o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number, o.started_at > instant - interval '168 hours' AS is_current,
        (SELECT r.block FROM corrparse.record AS r WHERE r.source_id = o.source_id ORDER BY r.block DESC LIMIT 1) AS last_block
      FROM corrparse.test_dag AS d
      JOIN corrparse.task_outcome AS o ON o.dag_id = d.dag_id
      WHERE o.started_at > instant - interval '888 hours' AND o.started_at <= instant
        AND o.try_number = (
          SELECT max(n.try_number) FROM corrparse.task_outcome AS n
          WHERE n.dag_id = o.dag_id AND n.run_id = o.run_id AND n.task_id = o.task_id AND n.map_index = o.map_index
            AND coalesce(n.started_at, n.ended_at, '-infinity'::timestamptz) <= instant
        )
    ),
    stride AS MATERIALIZED (
      SELECT greatest(1, ceil(sum(a.last_block) / 40000))::bigint AS n FROM attempt AS a
    ),
    sample AS MATERIALIZED (
      SELECT r.crypto, q.quantity, a.is_current, q.value
      FROM attempt AS a
      CROSS JOIN stride AS k
      -- Attempts with few records begin at different places, so that they are not all passed over.
      CROSS JOIN LATERAL generate_series(1 + a.source_id % k.n, a.last_block, k.n) AS b (block)
      -- The offset keeps the planner from reading the table.
      CROSS JOIN LATERAL (
        SELECT v.* FROM corrparse.record AS v
        WHERE v.source_id = a.source_id AND v.block = b.block
        OFFSET 0
      ) AS r
      CROSS JOIN LATERAL (
        VALUES
          ('f1_gain', ((r.f1_buy - r.baseline_f1_buy) * 100)::double precision), ('buy_rate', r.buy_rate::double precision),
          ('sortino', corrparse.counted(r.sortino, r.n_trades)::double precision)
      ) AS q (quantity, value)
      WHERE r.crypto IS NOT NULL AND r.phase IS DISTINCT FROM 'screening' AND q.value IS NOT NULL
        AND r.dag_id = a.dag_id AND r.run_id = a.run_id AND r.task_id = a.task_id AND r.map_index = a.map_index
        AND r.try_number = a.try_number
    ),
    tenths AS (
      SELECT
        s.crypto, s.quantity,
        percentile_cont(ARRAY[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) WITHIN GROUP (ORDER BY s.value) AS bounds
      FROM sample AS s
      WHERE NOT s.is_current
      GROUP BY s.crypto, s.quantity
    ),
    bin AS (
      SELECT
        s.crypto, s.quantity, width_bucket(s.value, t.bounds) AS bin, count(*) FILTER (WHERE NOT s.is_current) AS earlier,
        count(*) FILTER (WHERE s.is_current) AS present
      FROM sample AS s
      LEFT JOIN tenths AS t ON t.crypto = s.crypto AND t.quantity = s.quantity
      GROUP BY s.crypto, s.quantity, 3
    ),
    share AS (
      SELECT
        b.crypto, b.quantity, sum(b.earlier) OVER w AS earlier, sum(b.present) OVER w AS present,
        greatest(b.earlier / nullif(sum(b.earlier) OVER w, 0)::double precision, 0.0001) AS earlier_share,
        greatest(b.present / nullif(sum(b.present) OVER w, 0)::double precision, 0.0001) AS present_share
      FROM bin AS b
      WINDOW w AS (PARTITION BY b.crypto, b.quantity)
    ),
    drift AS (
      SELECT
        c.crypto, q.quantity, q.place, coalesce(max(s.earlier), 0)::bigint AS earlier, coalesce(max(s.present), 0)::bigint AS present,
        CASE WHEN min(s.earlier) >= 50 AND min(s.present) >= 50 THEN
          round(sum((s.present_share - s.earlier_share) * ln(s.present_share / s.earlier_share))::numeric, 4)
        END AS index
      FROM (
        SELECT u.crypto FROM corrparse.universe AS u UNION SELECT s.crypto FROM sample AS s
      ) AS c
      CROSS JOIN (VALUES ('f1_gain', 1), ('buy_rate', 2), ('sortino', 3)) AS q (quantity, place)
      LEFT JOIN share AS s ON s.crypto = c.crypto AND s.quantity = q.quantity
      GROUP BY c.crypto, q.quantity, q.place
    )
    SELECT
      d.crypto, d.quantity, d.index, d.earlier, d.present,
      CASE
        WHEN d.index > 0.25 THEN 'critical'
        WHEN d.index >= 0.1 THEN 'warning'
        WHEN d.index IS NULL THEN 'unknown'
        ELSE 'ok'
      END,
      format('%s records of the last 7 days against %s of the 30 days before', d.present, d.earlier)
        || CASE WHEN d.index IS NULL THEN '; 50 are needed of each' ELSE '' END
        || CASE WHEN k.n > 1 THEN format('; one of %s records was read', k.n) ELSE '' END
    FROM drift AS d
    CROSS JOIN stride AS k
    ORDER BY d.crypto COLLATE "C", d.place
  $$;
COMMENT ON FUNCTION diagnostics.drift_at IS
  'The drift of each crypto as of an instant: how far its last 7 days are from the 30 days before. No effect on the global state.';
REVOKE EXECUTE ON FUNCTION diagnostics.drift_at(timestamptz) FROM PUBLIC;
