-- Candidates and passed of runs (docs/specification/3-classification.md, Runs): unknown is null, never 0, and NO_CANDIDATES follows from
-- both. Every table gets a primary key, so that logical replication can publish its changes.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- All stored diagnoses are computed anew: every run is entered into the list at the end of this step. Both tables are small, so that
-- rewriting them for their keys takes little.
TRUNCATE corrparse.run_diagnosis, corrparse.run_change;

-- squawk-ignore adding-field-with-default, adding-serial-primary-key-field
ALTER TABLE corrparse.run_change ADD COLUMN run_change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
COMMENT ON TABLE corrparse.run_change IS
  'The runs whose stored diagnosis is to be computed anew. Each change adds a row of its own, so that no writer waits for another.';

-- The tables are empty here.
-- squawk-ignore adding-required-field
ALTER TABLE corrparse.run_diagnosis ADD COLUMN scope text NOT NULL;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE corrparse.run_diagnosis ADD CONSTRAINT run_diagnosis_scope_check CHECK (scope = coalesce(crypto, ''));
-- squawk-ignore constraint-missing-not-valid, adding-serial-primary-key-field
ALTER TABLE corrparse.run_diagnosis ADD PRIMARY KEY (dag_id, run_id, scope);
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX corrparse.run_diagnosis_run_key;
COMMENT ON COLUMN corrparse.run_diagnosis.scope IS 'With dag_id and run_id the key: the crypto, or empty for the whole run.';

-- The code once depended on success, now on the run's end.
-- squawk-ignore renaming-column
ALTER TABLE corrparse.run_diagnosis RENAME COLUMN success_code TO settled_code;
-- squawk-ignore renaming-column
ALTER TABLE corrparse.run_diagnosis RENAME COLUMN success_severity TO settled_severity;
-- squawk-ignore renaming-column
ALTER VIEW corrparse.known_run_diagnosis RENAME COLUMN success_code TO settled_code;
-- squawk-ignore renaming-column
ALTER VIEW corrparse.known_run_diagnosis RENAME COLUMN success_severity TO settled_severity;
COMMENT ON COLUMN corrparse.run_diagnosis.primary_code IS 'While the run is running.';
COMMENT ON COLUMN corrparse.run_diagnosis.settled_code IS
  'Once it is not: NO_CANDIDATES that rests on strategies, not on summaries alone, waits for the end of the run.';
COMMENT ON COLUMN corrparse.run_diagnosis.candidates IS 'Null where unknown. Of a whole run a lower bound, where it is unknown of some cryptos.';
COMMENT ON COLUMN corrparse.run_diagnosis.passed IS 'Null where unknown.';

CREATE OR REPLACE VIEW corrparse.judged_record AS
SELECT
  r.source_id,
  r.block,
  r.observed_at,
  r.dag_id,
  r.run_id,
  r.task_id,
  r.map_index,
  r.try_number,
  r.crypto,
  r.n_candidates,
  r.n_passed,
  r.f1_buy - r.baseline_f1_buy AS delta,
  r.screening_f1_buy - r.last_fold_f1_buy AS screening_gap,
  r.std_f1_buy,
  -- Without trades, Sortino and the exit shares measure nothing.
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.sortino END AS sortino,
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.sl_pct END AS sl_pct,
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.timeout_pct END AS timeout_pct,
  NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")') AS gates_passed,
  -- The part of useful that no verdict is needed for; the index of the same condition serves it.
  coalesce(
    NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")'), r.sortino >= 0 AND r.n_trades IS DISTINCT FROM 0, false)
    AS is_accepted,
  k.is_strategy,
  NOT k.is_strategy AND num_nonnulls(r.n_candidates, r.n_passed) > 0 AND NOT l.has_lost_keys AS is_summary,
  -- Nobody knows how such a strategy would have been judged, so it is no summary either.
  NOT k.is_strategy AND l.has_lost_keys AS is_lost_strategy,
  r.phase IS NOT DISTINCT FROM 'screening' AS is_screening,
  r.complete
FROM corrparse.record AS r
CROSS JOIN LATERAL (
  SELECT num_nonnulls(
    r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy,
    r.screening_f1_buy, r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) > 0
    AS is_strategy
) AS k
CROSS JOIN LATERAL (
  -- Asked only where all of these values are absent: then an issue that names one of them is why.
  SELECT EXISTS (
    SELECT FROM corrparse.issue AS i
    WHERE i.source_id = r.source_id AND i.block = r.block
      AND (
        i.kind IN ('interleaved', 'unsupported_version')
        OR i.key IN (
          'f1_buy', 'baseline_f1_buy', 'precision_buy', 'recall_buy', 'buy_rate', 'action_rate', 'std_f1_buy',
          'screening_f1_buy', 'last_fold_f1_buy', 'sortino', 'tp_pct', 'sl_pct', 'timeout_pct', 'n_trades')))
    AS has_lost_keys
) AS l;

-- One row for the whole run (crypto null) and one for each of its cryptos, as of an instant; none where no attempt of the run had
-- started by then. Signals and state take the counts from here where the stored row is of later.
CREATE FUNCTION corrparse.diagnose_run(of_dag text, of_run text, instant timestamptz DEFAULT 'infinity')
  RETURNS SETOF corrparse.run_diagnosis
  LANGUAGE sql STABLE SECURITY DEFINER ROWS 10 COST 10000
  SET search_path = pg_catalog, pg_temp
  SET jit = off
  AS $$
    WITH run AS (
      SELECT
        min(a.started_at) AS started_at,
        max(a.ended_at) AS ended_at,
        max(a.ended_at) FILTER (WHERE a.is_latest) AS latest_ended_at,
        CASE
          WHEN bool_or(a.state = 'failed') FILTER (WHERE a.is_latest) THEN 'failed'
          WHEN bool_or(a.state = 'unknown') FILTER (WHERE a.is_latest) THEN 'unknown'
          WHEN bool_and(a.state IN ('success', 'skipped')) FILTER (WHERE a.is_latest) THEN 'success'
          ELSE 'running'
        END AS settled_state
      FROM corrparse.attempt_at(instant, of_dag, of_run) AS a
      HAVING count(*) > 0
    ),
    item AS MATERIALIZED (
      SELECT
        r.*,
        v.primary_code,
        v.findings,
        array_position(ARRAY['none', 'P3', 'P2', 'P1', 'P0'], v.severity) AS severity_rank,
        -- The verdict without the infra rules: a crypto is not to blame for the platform.
        p.findings[1] AS own_code,
        CASE
          WHEN p.findings = v.findings THEN array_position(ARRAY['none', 'P3', 'P2', 'P1', 'P0'], v.severity)
          ELSE greatest(
            CASE WHEN r.sortino < 0 THEN 3 ELSE 1 END,
            (
              SELECT max(array_position(ARRAY['none', 'P3', 'P2', 'P1', 'P0'], t.severity))
              FROM corrparse.taxonomy AS t
              WHERE t.taxonomy_version = v.taxonomy_version AND t.code = ANY (p.findings)
            ))
        END AS own_severity_rank,
        v.findings && ARRAY['ML_EXPLOITABLE', 'ML_SOLID']
          AND NOT v.findings && ARRAY['ML_UNSTABLE', 'SCREENING_OVERFIT']
          AND r.is_accepted AS is_useful
      FROM corrparse.run_record_at(instant, of_dag, of_run) AS r
      LEFT JOIN corrparse.verdict AS v
        ON v.source_id = r.source_id AND v.block = r.block
          AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
      CROSS JOIN LATERAL (
        SELECT array_remove(array_remove(v.findings, 'INFRA_SATURATED'), 'PIPELINE_DEGRADED') AS findings
      ) AS p
    ),
    -- Records of the screening count only in a run that has no other summary or strategy.
    counted AS (
      SELECT i.* FROM item AS i
      WHERE NOT i.is_screening
        OR NOT EXISTS (
          SELECT FROM item AS other
          WHERE NOT other.is_screening AND (other.is_summary OR other.is_strategy OR other.is_lost_strategy))
    ),
    -- The last summary of each crypto, and the last one of the whole run (crypto null).
    summary AS (
      SELECT DISTINCT ON (c.crypto)
        c.crypto,
        c.n_candidates AS candidates,
        -- Without a readable `complete` the run may have been at work still, and its count not the last one.
        CASE
          WHEN c.complete OR NOT EXISTS (
            SELECT FROM corrparse.issue AS i
            WHERE i.source_id = c.source_id AND i.block = c.block AND i.key = 'complete')
            THEN c.n_passed
        END AS passed
      FROM counted AS c
      JOIN corrparse.source AS s ON s.source_id = c.source_id
      WHERE c.is_summary AND c.complete IS NOT FALSE
      ORDER BY
        c.crypto, c.observed_at DESC, c.task_id COLLATE "C" DESC, c.map_index DESC, s.name COLLATE "C" DESC, c.block DESC
    ),
    -- Gates of a block that was cut are not usable: one that failed may be missing.
    doubtful_gates AS (
      SELECT i.source_id, i.block
      FROM corrparse.issue AS i
      WHERE i.source_id IN (SELECT c.source_id FROM counted AS c)
        AND (i.kind IN ('cut_short', 'incomplete_block', 'block_too_long') OR i.key = 'gates')
    ),
    -- What the strategies of each crypto tell, those without a crypto taken together.
    tested AS (
      SELECT
        c.crypto,
        count(*) FILTER (WHERE c.is_strategy) AS candidates,
        count(*) FILTER (WHERE c.is_strategy AND c.gates_passed) AS passed,
        bool_or(c.is_strategy)
          AND bool_and(
            NOT c.is_lost_strategy
              AND (
                NOT c.is_strategy
                OR c.gates_passed IS NOT NULL
                  AND (c.source_id, c.block) NOT IN (SELECT d.source_id, d.block FROM doubtful_gates AS d))) AS is_known
      FROM counted AS c
      WHERE c.crypto IS NOT NULL OR c.is_strategy OR c.is_lost_strategy
      GROUP BY c.crypto
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
    code AS (
      SELECT
        s.is_whole,
        s.crypto,
        s.code,
        count(*) AS records,
        count(*) FILTER (WHERE s.is_strategy) AS strategies,
        count(*) FILTER (WHERE s.is_useful) AS useful,
        coalesce(bool_or(s.findings @> ARRAY['INFRA_SATURATED']), false) AS is_saturated,
        coalesce(bool_or(s.findings @> ARRAY['PIPELINE_DEGRADED']), false) AS is_degraded,
        max(s.severity_rank) AS severity_rank
      FROM (
        SELECT
          true AS is_whole, NULL::text AS crypto, i.primary_code AS code, i.severity_rank, i.is_strategy, i.findings, i.is_useful
        FROM item AS i
        UNION ALL
        SELECT false, i.crypto, i.own_code, i.own_severity_rank, i.is_strategy, i.findings, i.is_useful
        FROM item AS i
        WHERE i.crypto IS NOT NULL
      ) AS s
      GROUP BY s.is_whole, s.crypto, s.code
    ),
    scope AS (
      SELECT
        c.is_whole,
        c.crypto,
        sum(c.records)::bigint AS records,
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
    best AS (
      SELECT DISTINCT ON (i.crypto) i.crypto, i.source_id, i.block
      FROM item AS i
      WHERE i.is_strategy AND i.crypto IS NOT NULL
      ORDER BY
        i.crypto, i.sortino DESC NULLS LAST, i.delta DESC NULLS LAST, i.observed_at, i.task_id COLLATE "C", i.map_index, i.block,
        i.source_id
    )
    SELECT
      of_dag, of_run, d.crypto, d.started_at, d.ended_at, d.latest_ended_at,
      greatest(
        (SELECT max(i.observed_at) FROM item AS i),
        (
          SELECT max(coalesce(o.started_at, o.ended_at)) FROM corrparse.task_outcome AS o
          WHERE o.dag_id = of_dag AND o.run_id = of_run AND coalesce(o.started_at, o.ended_at) <= instant
        )),
      d.settled_state,
      coalesce(d.records, 0), d.candidates, d.passed, coalesce(d.useful, 0),
      d.primary_code, otherwise.severity, d.settled_code, settled.severity, coalesce(d.code_counts, '{}'),
      d.best_source_id, d.best_block, coalesce(d.crypto, '')
    FROM (
      SELECT
        c.crypto, c.records, c.useful, c.code_counts, c.severity_ranks,
        run.started_at, run.ended_at, run.latest_ended_at, run.settled_state,
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

CREATE OR REPLACE VIEW corrparse.known_run_diagnosis AS
SELECT
  t.dag_id, t.run_id, t.crypto, t.started_at, t.ended_at, t.latest_ended_at, t.last_event_at, t.settled_state, t.records, t.candidates,
  t.passed, t.useful, t.primary_code, t.severity, t.settled_code, t.settled_severity, t.code_counts, t.best_source_id, t.best_block
FROM corrparse.run_diagnosis AS t
WHERE NOT EXISTS (SELECT FROM corrparse.run_change AS c WHERE c.dag_id = t.dag_id AND c.run_id = t.run_id)
UNION ALL
SELECT
  k.dag_id, k.run_id, d.crypto, d.started_at, d.ended_at, d.latest_ended_at, d.last_event_at, d.settled_state, d.records, d.candidates,
  d.passed, d.useful, d.primary_code, d.severity, d.settled_code, d.settled_severity, d.code_counts, d.best_source_id, d.best_block
FROM (SELECT DISTINCT c.dag_id, c.run_id FROM corrparse.run_change AS c) AS k
CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id, 'infinity') AS d;
COMMENT ON VIEW corrparse.known_run_diagnosis IS
  'Every run''s diagnosis: the stored one, or computed while the run is in run_change.';

CREATE OR REPLACE VIEW diagnostics.run_diagnosis_v1 AS
SELECT
  d.dag_id,
  d.run_id,
  d.crypto,
  d.started_at,
  d.ended_at,
  s.state,
  d.records,
  d.candidates,
  d.passed,
  CASE WHEN s.state = 'running' THEN d.primary_code ELSE d.settled_code END AS primary_code,
  CASE WHEN s.state = 'running' THEN d.severity ELSE d.settled_severity END AS severity,
  d.code_counts,
  d.useful
FROM corrparse.known_run_diagnosis AS d
CROSS JOIN LATERAL (SELECT corrparse.run_state(d.settled_state, d.latest_ended_at, now()) AS state) AS s;

CREATE OR REPLACE FUNCTION corrparse.refresh_run_diagnoses(at_most bigint) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  SET jit = off
  AS $$
DECLARE
  dags text[];
  runs text[];
BEGIN
  PERFORM pg_advisory_xact_lock(7168245303041979);
  SELECT array_agg(k.dag_id), array_agg(k.run_id) INTO dags, runs
  FROM (SELECT DISTINCT c.dag_id, c.run_id FROM corrparse.run_change AS c LIMIT at_most) AS k;
  DELETE FROM corrparse.run_change AS c USING unnest(dags, runs) AS k (dag_id, run_id)
  WHERE c.dag_id = k.dag_id AND c.run_id = k.run_id;
  DELETE FROM corrparse.run_diagnosis AS d USING unnest(dags, runs) AS k (dag_id, run_id)
  WHERE d.dag_id = k.dag_id AND d.run_id = k.run_id;
  INSERT INTO corrparse.run_diagnosis
  SELECT d.*
  FROM unnest(dags, runs) AS k (dag_id, run_id)
  CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id, 'infinity') AS d;
  RETURN coalesce(cardinality(dags), 0);
END
$$;

CREATE OR REPLACE FUNCTION corrparse.run_passed_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (candidates bigint, passed bigint)
  LANGUAGE plpgsql STABLE
  AS $$
BEGIN
  RETURN QUERY
    SELECT d.candidates, d.passed FROM corrparse.stored_run_at(instant, of_dag, of_run) AS d WHERE d.crypto IS NULL;
  IF NOT FOUND THEN
    RETURN QUERY
      SELECT d.candidates, d.passed FROM corrparse.diagnose_run(of_dag, of_run, instant) AS d WHERE d.crypto IS NULL;
  END IF;
END
$$;

-- Nothing uses these any more.
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.diagnose_run(text, text);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.computed_run_passed_at(timestamptz, text, text);
-- squawk-ignore ban-drop-view
DROP VIEW corrparse.run_record;
-- squawk-ignore ban-drop-view
DROP VIEW corrparse.run;

INSERT INTO corrparse.run_change (dag_id, run_id)
SELECT DISTINCT o.dag_id, o.run_id FROM corrparse.task_outcome AS o;

SELECT corrparse.grant_to_roles();
