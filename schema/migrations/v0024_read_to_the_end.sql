-- Of a run with a log that was not read to its end it is not known what passed: the strategies behind the damage are not there.
-- Of a damaged summary neither number counts. Assembled by Scripts/schema-current.py.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- The runs whose diagnosis this changes are computed anew: those with a log that was not read to its end, or with a damaged summary.
INSERT INTO corrparse.run_change (dag_id, run_id)
SELECT o.dag_id, o.run_id
FROM corrparse.source AS s
JOIN corrparse.task_outcome AS o ON o.source_id = s.source_id
WHERE s.feed_status IN ('truncated', 'corrupt')
UNION
SELECT s.dag_id, s.run_id
FROM corrparse.log AS l
JOIN corrparse.source AS s ON s.source_id = l.source_id
WHERE l.status = 'failed' AND s.dag_id IS NOT NULL
UNION
SELECT r.dag_id, r.run_id
FROM corrparse.issue AS i
JOIN corrparse.record AS r ON r.source_id = i.source_id AND r.block = i.block
WHERE i.kind = 'damaged_source' AND r.dag_id IS NOT NULL AND num_nonnulls(r.n_candidates, r.n_passed) > 0;

-- Enters the runs of sources and logs that are now read to their end, or no longer are, into the list of runs to be computed. A run of which
-- no attempt is known has no diagnosis, and its names may be longer than the list can hold.
CREATE OR REPLACE FUNCTION corrparse.note_run_change_of_reading() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  sources bigint[];
BEGIN
  IF TG_TABLE_NAME = 'source' AND TG_OP = 'DELETE' THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT DISTINCT o.dag_id, o.run_id FROM old_row AS o
    WHERE o.feed_status IS NULL AND o.dag_id IS NOT NULL
      AND EXISTS (SELECT FROM corrparse.task_outcome AS t WHERE t.dag_id = o.dag_id AND t.run_id = o.run_id);
  ELSIF TG_TABLE_NAME = 'source' THEN
    sources := ARRAY(
      SELECT n.source_id FROM new_row AS n JOIN old_row AS o ON o.source_id = n.source_id
      WHERE coalesce(n.feed_status IN ('truncated', 'corrupt'), false) <> coalesce(o.feed_status IN ('truncated', 'corrupt'), false));
  ELSIF TG_OP = 'DELETE' THEN
    sources := ARRAY(SELECT DISTINCT o.source_id FROM old_row AS o WHERE o.status = 'failed');
  ELSIF TG_OP = 'INSERT' THEN
    sources := ARRAY(SELECT DISTINCT n.source_id FROM new_row AS n WHERE n.status = 'failed');
  ELSE
    sources := ARRAY(
      SELECT DISTINCT n.source_id FROM new_row AS n JOIN old_row AS o ON o.log_id = n.log_id
      WHERE (n.status = 'failed') <> (o.status = 'failed'));
  END IF;
  IF cardinality(sources) > 0 THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT s.dag_id, s.run_id FROM corrparse.source AS s
    WHERE s.source_id = ANY (sources) AND s.dag_id IS NOT NULL
      AND EXISTS (SELECT FROM corrparse.task_outcome AS t WHERE t.dag_id = s.dag_id AND t.run_id = s.run_id)
    UNION
    SELECT o.dag_id, o.run_id FROM corrparse.task_outcome AS o WHERE o.source_id = ANY (sources);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION corrparse.note_run_change_of_reading IS 'A log of which nothing can be read has no rows of its own that would tell its run.';

CREATE OR REPLACE TRIGGER log_delete AFTER DELETE ON corrparse.log
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

CREATE OR REPLACE TRIGGER log_insert AFTER INSERT ON corrparse.log
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

CREATE OR REPLACE TRIGGER log_update AFTER UPDATE ON corrparse.log
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

CREATE OR REPLACE TRIGGER source_delete AFTER DELETE ON corrparse.source
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

CREATE OR REPLACE TRIGGER source_update AFTER UPDATE ON corrparse.source
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

-- The diagnosis of a run as of an instant: one row for the whole run (crypto null) and one for each of its cryptos. No row where no
-- attempt of the run had started by then. Signals and state ask it where the stored row includes later events.
CREATE OR REPLACE FUNCTION corrparse.diagnose_run(of_dag text, of_run text, instant timestamptz DEFAULT 'infinity')
  RETURNS SETOF corrparse.run_diagnosis
  LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 10 COST 10000
  SET search_path = pg_catalog, pg_temp
  SET jit = off
  -- No two records have the same verdict or issues: remembering what was looked up costs and never helps.
  SET enable_memoize = off
  AS $$
    WITH run AS (
      SELECT
        min(a.started_at) AS started_at,
        max(a.ended_at) AS ended_at,
        max(a.settles_at) FILTER (WHERE a.is_latest) AS settles_at,
        corrparse.settled_state(array_agg(a.state) FILTER (WHERE a.is_latest)) AS settled_state
      FROM corrparse.attempt_at(instant, of_dag, of_run) AS a
      HAVING count(*) > 0
    ),
    item AS MATERIALIZED (
      SELECT
        r.source_id, r.block, r.crypto, r.observed_at, r.task_id, r.map_index, r.n_candidates, r.n_passed, r.complete,
        r.is_screening, r.is_strategy, r.is_summary, r.is_lost_strategy, r.gates_passed, r.has_doubtful_gates,
        r.sortino < 0 AS is_negative,
        v.primary_code, v.findings, v.severity,
        corrparse.is_useful(v.findings, r.is_qualified) AS is_useful,
        -- What makes a strategy better than others of its crypto, the least first; arrays have null behind every number.
        CASE WHEN r.is_strategy THEN ARRAY[r.is_screening::integer, r.gate_rank, - r.sortino, - r.delta] END AS standing
      FROM corrparse.run_record_at(instant, of_dag, of_run) AS r
      LEFT JOIN corrparse.verdict AS v
        ON v.source_id = r.source_id AND v.block = r.block
          AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
    ),
    -- The records of the same crypto with the same verdict, counted once: a run may have a hundred thousand records, but few verdicts.
    alike AS MATERIALIZED (
      SELECT
        i.crypto, i.is_screening, i.primary_code, i.findings, i.severity, i.is_negative,
        count(*) AS records,
        count(*) FILTER (WHERE i.is_strategy) AS strategies,
        count(*) FILTER (WHERE i.is_strategy AND i.gates_passed) AS passed,
        -- Gates of a block that was cut are not usable: one that failed may be missing.
        count(*) FILTER (
          WHERE i.is_lost_strategy OR i.is_strategy AND (i.gates_passed IS NULL OR i.has_doubtful_gates)) AS unknown,
        count(*) FILTER (WHERE i.is_summary) AS summaries,
        count(*) FILTER (WHERE i.is_useful) AS useful,
        max(i.observed_at) AS observed_at
      FROM item AS i
      GROUP BY i.crypto, i.is_screening, i.primary_code, i.findings, i.severity, i.is_negative
    ),
    -- Whether records of the screening count: only in a run that has no other summary or strategy.
    screening AS MATERIALIZED (
      SELECT NOT EXISTS (
        SELECT FROM alike AS a WHERE NOT a.is_screening AND (a.summaries > 0 OR a.strategies > 0 OR a.unknown > 0)) AS is_counted
    ),
    -- What a log of a latest attempt had behind its damage is not known: then the strategies that were read need not be all.
    reading AS MATERIALIZED (
      SELECT
        EXISTS (
          SELECT FROM corrparse.task_outcome AS o
          JOIN corrparse.source AS s ON s.source_id = o.source_id
          WHERE o.dag_id = of_dag AND o.run_id = of_run AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
            AND s.feed_status IN ('truncated', 'corrupt')
            AND NOT EXISTS (
              SELECT FROM corrparse.task_outcome AS n
              WHERE n.dag_id = of_dag AND n.run_id = of_run AND n.task_id = o.task_id AND n.map_index = o.map_index
                AND n.try_number > o.try_number AND coalesce(n.started_at, n.ended_at, '-infinity'::timestamptz) <= instant))
        OR EXISTS (
          SELECT FROM corrparse.source AS s
          WHERE s.run_id = of_run AND s.dag_id = of_dag AND s.feed_status IS NULL
            AND EXISTS (SELECT FROM corrparse.log AS l WHERE l.source_id = s.source_id AND l.status = 'failed')
            AND NOT EXISTS (
              SELECT FROM corrparse.task_outcome AS n
              WHERE n.dag_id = of_dag AND n.run_id = of_run AND n.task_id = s.task_id AND n.map_index = s.map_index
                AND n.try_number > s.try_number AND coalesce(n.started_at, n.ended_at, '-infinity'::timestamptz) <= instant))
        AS is_incomplete
    ),
    -- The last summary of each crypto, and the last one of the whole run (crypto null).
    summary AS (
      SELECT DISTINCT ON (c.crypto)
        c.crypto,
        CASE WHEN NOT d.is_damaged THEN c.n_candidates END AS candidates,
        -- Without a readable `complete` the run may have been at work still, and its count not the last one.
        CASE WHEN NOT d.is_damaged AND (c.complete OR NOT d.has_doubtful_complete) THEN c.n_passed END AS passed
      FROM item AS c
      JOIN corrparse.source AS s ON s.source_id = c.source_id
      CROSS JOIN LATERAL (
        SELECT
          coalesce(bool_or(i.kind = 'damaged_source'), false) AS is_damaged,
          coalesce(bool_or(i.key = 'complete'), false) AS has_doubtful_complete
        FROM corrparse.issue AS i
        WHERE i.source_id = c.source_id AND i.block = c.block
      ) AS d
      WHERE c.is_summary AND c.complete IS NOT FALSE AND (NOT c.is_screening OR (SELECT n.is_counted FROM screening AS n))
      ORDER BY
        c.crypto, c.observed_at DESC, c.task_id COLLATE "C" DESC, c.map_index DESC, s.name COLLATE "C" DESC, c.block DESC
    ),
    -- What the strategies of each crypto tell, those without a crypto taken together.
    tested AS (
      SELECT
        a.crypto,
        sum(a.strategies)::bigint AS candidates,
        sum(a.passed)::bigint AS passed,
        sum(a.strategies) > 0 AND sum(a.unknown) = 0 AND NOT (SELECT r.is_incomplete FROM reading AS r) AS is_known
      FROM alike AS a
      WHERE (a.crypto IS NOT NULL OR a.strategies > 0 OR a.unknown > 0)
        AND (NOT a.is_screening OR (SELECT n.is_counted FROM screening AS n))
      GROUP BY a.crypto
    ),
    part AS (
      SELECT
        t.crypto,
        s.crypto IS NOT NULL AS is_from_summary,
        CASE WHEN s.crypto IS NOT NULL THEN s.candidates WHEN t.is_known THEN t.candidates END AS candidates,
        CASE WHEN s.crypto IS NOT NULL THEN s.passed WHEN t.is_known THEN t.passed END AS passed
      FROM tested AS t
      LEFT JOIN summary AS s ON s.crypto = t.crypto
    ),
    tally AS (
      SELECT false AS is_whole, p.crypto, p.is_from_summary, p.candidates, p.passed FROM part AS p WHERE p.crypto IS NOT NULL
      UNION ALL
      SELECT true, NULL, true, s.candidates, s.passed FROM summary AS s WHERE s.crypto IS NULL
      UNION ALL
      SELECT
        true, NULL, bool_and(p.is_from_summary), sum(p.candidates)::bigint,
        CASE WHEN count(*) = count(p.passed) THEN sum(p.passed) END::bigint
      FROM part AS p
      HAVING NOT EXISTS (SELECT FROM summary AS s WHERE s.crypto IS NULL)
    ),
    judged AS (
      SELECT
        a.*,
        array_position(corrparse.severities(), a.severity) AS severity_rank,
        -- The verdict without the infra rules: a crypto is not to blame for the platform.
        p.findings[1] AS own_code,
        CASE
          WHEN p.findings = a.findings THEN array_position(corrparse.severities(), a.severity)
          ELSE greatest(
            array_position(corrparse.severities(), CASE WHEN a.is_negative THEN 'P2' ELSE 'none' END),
            (
              SELECT max(array_position(corrparse.severities(), t.severity))
              FROM corrparse.taxonomy AS t
              JOIN corrparse.current_taxonomy AS k ON k.taxonomy_version = t.taxonomy_version
              WHERE t.code = ANY (p.findings)
            ))
        END AS own_severity_rank
      FROM alike AS a
      CROSS JOIN LATERAL (
        SELECT array_remove(array_remove(a.findings, 'INFRA_SATURATED'), 'PIPELINE_DEGRADED') AS findings
      ) AS p
    ),
    code AS (
      SELECT
        s.is_whole,
        s.crypto,
        s.code,
        sum(s.records) AS records,
        sum(s.strategies) AS strategies,
        sum(s.useful) AS useful,
        coalesce(bool_or(s.findings @> ARRAY['INFRA_SATURATED']), false) AS is_saturated,
        coalesce(bool_or(s.findings @> ARRAY['PIPELINE_DEGRADED']), false) AS is_degraded,
        max(s.severity_rank) AS severity_rank
      FROM (
        SELECT
          true AS is_whole, NULL::text AS crypto, j.primary_code AS code, j.severity_rank, j.findings, j.records, j.strategies, j.useful
        FROM judged AS j
        UNION ALL
        SELECT false, j.crypto, j.own_code, j.own_severity_rank, j.findings, j.records, j.strategies, j.useful
        FROM judged AS j
        WHERE j.crypto IS NOT NULL
      ) AS s
      GROUP BY s.is_whole, s.crypto, s.code
    ),
    scope AS (
      SELECT
        c.is_whole,
        c.crypto,
        sum(c.records)::bigint AS records,
        sum(c.strategies)::bigint AS strategies,
        sum(c.useful)::bigint AS useful,
        bool_or(c.is_saturated) AS is_saturated,
        bool_or(c.is_degraded) AS is_degraded,
        (array_agg(c.code ORDER BY c.strategies DESC, t.position, c.code)
          FILTER (WHERE c.code IS NOT NULL AND c.strategies > 0))[1] AS most_frequent,
        coalesce(jsonb_object_agg(c.code, c.records) FILTER (WHERE c.code IS NOT NULL), '{}') AS code_counts,
        jsonb_object_agg(coalesce(c.code, ''), c.severity_rank) AS severity_ranks
      FROM code AS c
      LEFT JOIN corrparse.taxonomy AS t
        ON t.code = c.code AND t.taxonomy_version = (SELECT k.taxonomy_version FROM corrparse.current_taxonomy AS k)
      GROUP BY c.is_whole, c.crypto
    ),
    foremost AS MATERIALIZED (
      SELECT i.crypto, min(i.standing) AS standing FROM item AS i WHERE i.crypto IS NOT NULL GROUP BY i.crypto
    ),
    best AS (
      SELECT DISTINCT ON (i.crypto) i.crypto, i.source_id, i.block
      FROM item AS i
      JOIN foremost AS f ON f.crypto = i.crypto AND f.standing = i.standing
      JOIN corrparse.source AS s ON s.source_id = i.source_id
      ORDER BY i.crypto, i.observed_at, i.task_id COLLATE "C", i.map_index, s.name COLLATE "C", i.block, s.is_identified
    )
    SELECT
      of_dag, of_run, d.crypto, d.started_at, d.ended_at, d.settles_at,
      greatest(
        (SELECT max(a.observed_at) FROM alike AS a),
        (
          SELECT max(coalesce(o.started_at, o.ended_at)) FROM corrparse.task_outcome AS o
          WHERE o.dag_id = of_dag AND o.run_id = of_run AND coalesce(o.started_at, o.ended_at) <= instant
        )),
      d.settled_state,
      coalesce(d.records, 0), d.candidates, d.passed, coalesce(d.useful, 0),
      d.primary_code, otherwise.severity, d.settled_code, settled.severity, coalesce(d.code_counts, '{}'),
      d.best_source_id, d.best_block, coalesce(d.crypto, ''), coalesce(d.strategies, 0)
    FROM (
      SELECT
        c.crypto, c.records, c.strategies, c.useful, c.code_counts, c.severity_ranks,
        run.started_at, run.ended_at, run.settles_at, run.settled_state,
        n.candidates, n.passed,
        coalesce(f.code, CASE WHEN n.is_from_summary THEN f.none END, c.most_frequent) AS primary_code,
        coalesce(f.code, f.none, c.most_frequent) AS settled_code,
        b.source_id AS best_source_id, b.block AS best_block
      FROM run
      LEFT JOIN scope AS c ON true
      LEFT JOIN tally AS n ON n.is_whole = c.is_whole AND n.crypto IS NOT DISTINCT FROM c.crypto
      LEFT JOIN best AS b ON b.crypto = c.crypto
      CROSS JOIN LATERAL (
        SELECT
          CASE
            WHEN c.is_whole AND c.is_saturated THEN 'INFRA_SATURATED'
            WHEN c.is_whole AND c.is_degraded THEN 'PIPELINE_DEGRADED'
          END AS code,
          CASE WHEN n.passed = 0 AND n.candidates > 0 THEN 'NO_CANDIDATES' END AS none
      ) AS f
    ) AS d
    CROSS JOIN LATERAL corrparse.severity_of(d.primary_code, d.severity_ranks) AS otherwise (severity)
    CROSS JOIN LATERAL corrparse.severity_of(d.settled_code, d.severity_ranks) AS settled (severity)
  $$;

SELECT corrparse.grant_to_roles();
