-- Run diagnoses (page 3, *Runs*) stored, all of them but the state, which depends on the time of day. Computing one takes
-- milliseconds, and dashboards ask for hundreds at once.
--
-- A transaction that changes what a diagnosis comes from, whoever it is and whatever it does, enters the run into a list: the
-- triggers below see to it. corrparse.refresh_run_diagnoses() computes the runs of the list and takes them off; the program
-- calls it at the end of every run that wrote. Until then diagnostics.run_diagnosis_v1 computes these runs when it is asked.
-- So it is exact at every instant, and nothing depends on the order in which logs arrive or jobs end.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

CREATE TABLE corrparse.run_diagnosis (
  dag_id text NOT NULL,
  run_id text NOT NULL,
  crypto text,
  started_at timestamptz,
  ended_at timestamptz,
  latest_ended_at timestamptz,
  last_event_at timestamptz,
  settled_state text NOT NULL,
  records bigint NOT NULL,
  candidates bigint,
  passed bigint,
  useful bigint NOT NULL,
  primary_code text,
  severity text NOT NULL,
  success_code text,
  success_severity text NOT NULL,
  code_counts jsonb NOT NULL,
  best_source_id bigint,
  best_block bigint
);
CREATE UNIQUE INDEX run_diagnosis_run_key ON corrparse.run_diagnosis (dag_id, run_id, coalesce(crypto, ''));
CREATE INDEX run_diagnosis_started_at_idx ON corrparse.run_diagnosis (started_at);
CREATE INDEX run_diagnosis_ended_at_idx ON corrparse.run_diagnosis (ended_at);
COMMENT ON TABLE corrparse.run_diagnosis IS
  'Run diagnoses as they were when last computed: right for every run that is not in run_change.';
COMMENT ON COLUMN corrparse.run_diagnosis.crypto IS 'Null: the whole run.';
COMMENT ON COLUMN corrparse.run_diagnosis.latest_ended_at IS 'The end of the latest attempts, after which the state settles.';
COMMENT ON COLUMN corrparse.run_diagnosis.last_event_at IS
  'The last start or record: from then on the run counts as it is stored, but for its state.';
COMMENT ON COLUMN corrparse.run_diagnosis.settled_state IS 'The state once that is 30 minutes ago; unknown is so at once.';
COMMENT ON COLUMN corrparse.run_diagnosis.primary_code IS 'Where the run is not in success.';
COMMENT ON COLUMN corrparse.run_diagnosis.success_code IS 'Where it is: gates that all failed count only then.';
COMMENT ON COLUMN corrparse.run_diagnosis.best_source_id IS 'With best_block: the best strategy of the crypto in the run.';

CREATE TABLE corrparse.run_change (
  dag_id text NOT NULL,
  run_id text NOT NULL
);
CREATE INDEX run_change_dag_id_run_id_idx ON corrparse.run_change (dag_id, run_id);
COMMENT ON TABLE corrparse.run_change IS
  'The runs whose stored diagnosis is to be computed anew, a row for each change: without a key, so that no writer waits.';

-- Logs of a run, and of a source by its name. Both may be longer than a B-tree's entry, and the ledger takes a log all the same. Writers
-- wait while these are built.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX source_run_id_idx ON corrparse.source USING hash (run_id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX source_name_idx ON corrparse.source USING hash (name);

-- What diagnoses come from ----------------------------------------------------------------------------------------------

CREATE FUNCTION corrparse.note_run_change() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT DISTINCT n.dag_id, n.run_id FROM new_row AS n WHERE n.dag_id IS NOT NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT DISTINCT o.dag_id, o.run_id FROM old_row AS o WHERE o.dag_id IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION corrparse.note_run_change IS 'Of rows that name a run.';

CREATE FUNCTION corrparse.note_run_change_of_record() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  sources bigint[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    sources := ARRAY(SELECT DISTINCT o.source_id FROM old_row AS o);
  ELSE
    sources := ARRAY(SELECT DISTINCT n.source_id FROM new_row AS n);
  END IF;
  INSERT INTO corrparse.run_change (dag_id, run_id)
  SELECT DISTINCT r.dag_id, r.run_id FROM corrparse.record AS r
  WHERE r.source_id = ANY (sources) AND r.dag_id IS NOT NULL;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION corrparse.note_run_change_of_record IS 'Of rows that belong to a record of the source; keys never change.';

-- Whoever changes the taxonomy keeps everybody from computing until that is committed: otherwise a run that is stored
-- meanwhile could be computed under the old one and taken off the list.
CREATE FUNCTION corrparse.note_change_of_all_runs() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7168245303041979);
  INSERT INTO corrparse.run_change (dag_id, run_id)
  SELECT DISTINCT o.dag_id, o.run_id FROM corrparse.task_outcome AS o;
  RETURN NULL;
END
$$;

CREATE TRIGGER record_insert AFTER INSERT ON corrparse.record
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();
CREATE TRIGGER record_update AFTER UPDATE ON corrparse.record
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();
CREATE TRIGGER record_delete AFTER DELETE ON corrparse.record
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

CREATE TRIGGER task_outcome_insert AFTER INSERT ON corrparse.task_outcome
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();
CREATE TRIGGER task_outcome_update AFTER UPDATE ON corrparse.task_outcome
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();
CREATE TRIGGER task_outcome_delete AFTER DELETE ON corrparse.task_outcome
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

-- What goes with its record or source is noted with that: only a statement of its own counts.
CREATE TRIGGER verdict_insert AFTER INSERT ON corrparse.verdict
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();
CREATE TRIGGER verdict_update AFTER UPDATE ON corrparse.verdict
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();
CREATE TRIGGER verdict_delete AFTER DELETE ON corrparse.verdict
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION corrparse.note_run_change_of_record();

CREATE TRIGGER issue_insert AFTER INSERT ON corrparse.issue
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();
CREATE TRIGGER issue_update AFTER UPDATE ON corrparse.issue
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();
CREATE TRIGGER issue_delete AFTER DELETE ON corrparse.issue
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION corrparse.note_run_change_of_record();

CREATE TRIGGER taxonomy_change AFTER INSERT OR UPDATE OR DELETE ON corrparse.taxonomy
  FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_change_of_all_runs();
CREATE TRIGGER current_taxonomy_change AFTER INSERT OR UPDATE OR DELETE ON corrparse.current_taxonomy
  FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_change_of_all_runs();

-- The diagnosis ---------------------------------------------------------------------------------------------------------

-- A task that has just ended may be followed by others of its run; that nobody knows is known at once.
CREATE FUNCTION corrparse.run_state(settled_state text, latest_ended_at timestamptz, instant timestamptz) RETURNS text
  LANGUAGE sql STABLE
  AS $$
    SELECT CASE
      WHEN settled_state <> 'unknown' AND latest_ended_at > instant - interval '30 minutes' THEN 'running'
      ELSE settled_state
    END
  $$;

CREATE OR REPLACE VIEW corrparse.run AS
SELECT
  s.dag_id,
  s.run_id,
  s.started_at,
  s.ended_at,
  corrparse.run_state(s.settled_state, s.latest_ended_at, now()) AS state,
  s.settled_state,
  s.latest_ended_at
FROM (
  SELECT
    a.dag_id,
    a.run_id,
    min(a.started_at) AS started_at,
    max(a.ended_at) AS ended_at,
    max(a.ended_at) FILTER (WHERE a.latest_attempt) AS latest_ended_at,
    CASE
      WHEN bool_or(a.state = 'failed') FILTER (WHERE a.latest_attempt) THEN 'failed'
      WHEN bool_or(a.state = 'unknown') FILTER (WHERE a.latest_attempt) THEN 'unknown'
      WHEN bool_and(a.state IN ('success', 'skipped')) FILTER (WHERE a.latest_attempt) THEN 'success'
      ELSE 'running'
    END AS settled_state
  FROM diagnostics.task_attempt_v1 AS a
  GROUP BY a.dag_id, a.run_id
) AS s;

CREATE OR REPLACE VIEW corrparse.run_record AS
SELECT
  k.dag_id,
  k.run_id,
  k.task_id,
  k.map_index,
  k.source_id,
  k.block,
  k.observed_at,
  k.crypto,
  k.n_candidates,
  k.n_passed,
  k.complete,
  k.gates_passed,
  k.is_strategy,
  k.is_lost_strategy,
  NOT k.is_strategy AND NOT k.is_lost_strategy AND num_nonnulls(k.n_candidates, k.n_passed) > 0 AS is_summary,
  v.primary_code,
  v.findings,
  v.not_evaluated @> '[{"rule": "NO_CANDIDATES"}]' AS lacks_completeness,
  array_position(ARRAY['none', 'P3', 'P2', 'P1', 'P0'], v.severity) AS severity_rank,
  -- The verdict without the infra rules: a crypto is not to blame for the platform.
  p.findings[1] AS own_code,
  CASE
    WHEN p.findings = v.findings THEN array_position(ARRAY['none', 'P3', 'P2', 'P1', 'P0'], v.severity)
    ELSE greatest(
      CASE WHEN k.counted_sortino < 0 THEN 3 ELSE 1 END,
      (
        SELECT max(array_position(ARRAY['none', 'P3', 'P2', 'P1', 'P0'], t.severity))
        FROM corrparse.taxonomy AS t
        WHERE t.taxonomy_version = v.taxonomy_version AND t.code = ANY (p.findings)
      ))
  END AS own_severity_rank,
  k.counted_sortino,
  k.f1_buy - k.baseline_f1_buy AS delta,
  -- As diagnostics.verdict_v1 has it.
  v.findings && ARRAY['ML_EXPLOITABLE', 'ML_SOLID']
    AND NOT v.findings && ARRAY['ML_UNSTABLE', 'SCREENING_OVERFIT']
    AND coalesce(k.gates_passed, k.counted_sortino >= 0, false) AS is_useful
FROM (
  SELECT
    r.*,
    NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")') AS gates_passed,
    CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.sortino END AS counted_sortino,
    num_nonnulls(
      r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy,
      r.screening_f1_buy, r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) > 0
      AS is_strategy,
    -- All of a tested strategy's values were made absent by issues: it judges nothing, but it is no summary either, and
    -- nobody knows whether it passed.
    num_nonnulls(
      r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy,
      r.screening_f1_buy, r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) = 0
      AND EXISTS (
        SELECT FROM corrparse.issue AS i
        WHERE i.source_id = r.source_id AND i.block = r.block
          AND (
            i.kind IN ('interleaved', 'unsupported_version')
            OR i.key IN (
              'f1_buy', 'baseline_f1_buy', 'precision_buy', 'recall_buy', 'buy_rate', 'action_rate', 'std_f1_buy',
              'screening_f1_buy', 'last_fold_f1_buy', 'sortino', 'tp_pct', 'sl_pct', 'timeout_pct', 'n_trades')
            AND i.kind IN (
              'malformed_pair', 'malformed_number', 'missing_value', 'non_finite', 'masked_value', 'out_of_range',
              'unit_ambiguous', 'duplicate_key', 'invalid_utf8', 'line_too_long', 'incomplete_block')))
      AS is_lost_strategy
  FROM corrparse.record AS r
  JOIN (
    SELECT o.dag_id, o.run_id, o.task_id, o.map_index, max(o.try_number) AS try_number
    FROM corrparse.task_outcome AS o
    GROUP BY o.dag_id, o.run_id, o.task_id, o.map_index
  ) AS latest
    ON latest.dag_id = r.dag_id AND latest.run_id = r.run_id AND latest.task_id = r.task_id
      AND latest.map_index = r.map_index AND latest.try_number <= r.try_number
) AS k
LEFT JOIN corrparse.verdict AS v
  ON v.source_id = k.source_id AND v.block = k.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
CROSS JOIN LATERAL (
  SELECT array_remove(array_remove(v.findings, 'INFRA_SATURATED'), 'PIPELINE_DEGRADED') AS findings
) AS p;

-- That of the worst record with this code; of the code itself where no single record has it.
CREATE FUNCTION corrparse.severity_of(of_code text, severity_ranks jsonb) RETURNS text
  LANGUAGE sql STABLE
  AS $$
    SELECT coalesce(
      (ARRAY['none', 'P3', 'P2', 'P1', 'P0'])[(severity_ranks ->> coalesce(of_code, ''))::integer],
      (
        SELECT t.severity
        FROM corrparse.taxonomy AS t JOIN corrparse.current_taxonomy AS k ON k.taxonomy_version = t.taxonomy_version
        WHERE t.code = of_code
      ),
      'none')
  $$;

-- One row for the whole run (crypto null) and one for each of its cryptos; none where no attempt of the run is known.
CREATE FUNCTION corrparse.diagnose_run(of_dag text, of_run text) RETURNS SETOF corrparse.run_diagnosis
  LANGUAGE sql STABLE SECURITY DEFINER ROWS 10 COST 10000
  SET search_path = pg_catalog, pg_temp
  SET jit = off
  AS $$
    WITH run AS (
      SELECT r.* FROM corrparse.run AS r WHERE r.dag_id = of_dag AND r.run_id = of_run
    ),
    item AS MATERIALIZED (
      SELECT r.* FROM corrparse.run_record AS r WHERE r.dag_id = of_dag AND r.run_id = of_run
    ),
    summary AS (
      SELECT
        scope.is_whole,
        CASE WHEN NOT scope.is_whole THEN l.crypto END AS crypto,
        CASE WHEN count(*) = count(l.n_candidates) THEN sum(l.n_candidates) END::bigint AS candidates,
        CASE WHEN count(*) = count(l.n_passed) THEN sum(l.n_passed) END::bigint AS passed,
        coalesce(
          bool_or(l.findings @> ARRAY['NO_CANDIDATES'])
            AND bool_and(l.n_passed IS NOT DISTINCT FROM 0 AND l.complete IS NOT FALSE AND NOT l.lacks_completeness),
          false) AS has_no_candidates
      FROM (
        SELECT u.*, bool_or(u.crypto IS NULL) OVER () AS has_summary_of_all
        FROM (
          -- A task that reports its progress repeats its summary: the last one counts.
          SELECT DISTINCT ON (i.task_id, i.map_index, i.crypto) i.*
          FROM item AS i
          WHERE i.is_summary
          ORDER BY i.task_id, i.map_index, i.crypto, i.observed_at DESC, i.block DESC, i.source_id
        ) AS u
      ) AS l
      -- Where a run has a summary of all its cryptos, those of single ones are parts of it.
      JOIN (VALUES (true), (false)) AS scope (is_whole)
        ON scope.is_whole AND (l.crypto IS NULL) = l.has_summary_of_all OR NOT scope.is_whole AND l.crypto IS NOT NULL
      GROUP BY 1, 2
    ),
    code AS (
      SELECT
        s.is_whole,
        s.crypto,
        s.code,
        count(*) AS records,
        count(*) FILTER (WHERE s.is_strategy) AS strategies,
        count(*) FILTER (WHERE s.is_strategy AND s.gates_passed) AS passed,
        count(*) FILTER (WHERE s.is_useful) AS useful,
        bool_and(NOT s.is_lost_strategy AND (NOT s.is_strategy OR s.gates_passed IS NOT NULL)) AS all_judged_by_gates,
        coalesce(bool_or(s.findings @> ARRAY['INFRA_SATURATED']), false) AS is_saturated,
        coalesce(bool_or(s.findings @> ARRAY['PIPELINE_DEGRADED']), false) AS is_degraded,
        max(s.severity_rank) AS severity_rank
      FROM (
        SELECT
          true AS is_whole, NULL::text AS crypto, i.primary_code AS code, i.severity_rank,
          i.is_strategy, i.is_lost_strategy, i.gates_passed, i.findings, i.is_useful
        FROM item AS i
        UNION ALL
        SELECT
          false, i.crypto, i.own_code, i.own_severity_rank,
          i.is_strategy, i.is_lost_strategy, i.gates_passed, i.findings, i.is_useful
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
        sum(c.strategies)::bigint AS strategies,
        sum(c.passed)::bigint AS passed,
        sum(c.useful)::bigint AS useful,
        bool_and(c.all_judged_by_gates) AS all_judged_by_gates,
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
        i.crypto, i.counted_sortino DESC NULLS LAST, i.delta DESC NULLS LAST, i.observed_at, i.task_id COLLATE "C", i.map_index,
        i.block, i.source_id
    )
    SELECT
      of_dag, of_run, d.crypto, d.started_at, d.ended_at, d.latest_ended_at,
      greatest(
        (SELECT max(i.observed_at) FROM item AS i),
        (
          SELECT max(coalesce(o.started_at, o.ended_at)) FROM corrparse.task_outcome AS o
          WHERE o.dag_id = of_dag AND o.run_id = of_run
        )),
      d.settled_state,
      coalesce(d.records, 0), d.candidates, d.passed, coalesce(d.useful, 0),
      d.primary_code, otherwise.severity, d.success_code, successful.severity, coalesce(d.code_counts, '{}'),
      d.best_source_id, d.best_block
    FROM (
      SELECT
        c.crypto, c.records, c.useful, c.code_counts, c.severity_ranks,
        run.started_at, run.ended_at, run.latest_ended_at, run.settled_state,
        CASE WHEN s.is_whole IS NULL THEN coalesce(c.strategies, 0) ELSE s.candidates END AS candidates,
        CASE WHEN s.is_whole IS NULL THEN coalesce(c.passed, 0) ELSE s.passed END AS passed,
        coalesce(f.code, c.most_frequent) AS primary_code,
        coalesce(
          f.code,
          CASE WHEN s.is_whole IS NULL AND c.strategies > 0 AND c.all_judged_by_gates AND c.passed = 0 THEN 'NO_CANDIDATES' END,
          c.most_frequent) AS success_code,
        b.source_id AS best_source_id, b.block AS best_block
      FROM run
      LEFT JOIN scope AS c ON true
      LEFT JOIN summary AS s ON s.is_whole = c.is_whole AND s.crypto IS NOT DISTINCT FROM c.crypto
      LEFT JOIN best AS b ON b.crypto = c.crypto
      CROSS JOIN LATERAL (
        SELECT CASE
          WHEN c.is_whole AND c.is_saturated THEN 'INFRA_SATURATED'
          WHEN c.is_whole AND c.is_degraded THEN 'PIPELINE_DEGRADED'
          WHEN s.has_no_candidates THEN 'NO_CANDIDATES'
        END AS code
      ) AS f
    ) AS d
    CROSS JOIN LATERAL corrparse.severity_of(d.primary_code, d.severity_ranks) AS otherwise (severity)
    CROSS JOIN LATERAL corrparse.severity_of(d.success_code, d.severity_ranks) AS successful (severity)
  $$;

-- What the stored rows and the list come to together.
CREATE VIEW corrparse.known_run_diagnosis AS
SELECT t.*
FROM corrparse.run_diagnosis AS t
WHERE NOT EXISTS (SELECT FROM corrparse.run_change AS c WHERE c.dag_id = t.dag_id AND c.run_id = t.run_id)
UNION ALL
SELECT
  k.dag_id, k.run_id, d.crypto, d.started_at, d.ended_at, d.latest_ended_at, d.last_event_at, d.settled_state, d.records, d.candidates,
  d.passed,
  d.useful, d.primary_code, d.severity, d.success_code, d.success_severity, d.code_counts, d.best_source_id, d.best_block
FROM (SELECT DISTINCT c.dag_id, c.run_id FROM corrparse.run_change AS c) AS k
CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id) AS d;

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
  CASE WHEN s.state = 'success' THEN d.success_code ELSE d.primary_code END AS primary_code,
  CASE WHEN s.state = 'success' THEN d.success_severity ELSE d.severity END AS severity,
  d.code_counts,
  d.useful
FROM corrparse.known_run_diagnosis AS d
CROSS JOIN LATERAL (SELECT corrparse.run_state(d.settled_state, d.latest_ended_at, now()) AS state) AS s;

CREATE VIEW diagnostics.best_strategy_v1 AS
SELECT
  d.started_at,
  d.dag_id,
  d.run_id,
  d.crypto,
  r.observed_at,
  r.task_id,
  nullif(r.map_index, -1) AS map_index,
  r.try_number,
  r.strategy_id,
  r.horizon,
  r.sl,
  r.tp,
  r.f1_buy,
  r.baseline_f1_buy,
  r.f1_buy - r.baseline_f1_buy AS delta,
  r.screening_f1_buy - r.last_fold_f1_buy AS screening_gap,
  r.std_f1_buy,
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.sortino END AS sortino,
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.tp_pct END AS tp_pct,
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.sl_pct END AS sl_pct,
  CASE WHEN r.n_trades IS DISTINCT FROM 0 THEN r.timeout_pct END AS timeout_pct,
  r.n_trades,
  NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")') AS gates_passed,
  v.findings && ARRAY['ML_EXPLOITABLE', 'ML_SOLID']
    AND NOT v.findings && ARRAY['ML_UNSTABLE', 'SCREENING_OVERFIT']
    AND coalesce(
      NOT jsonb_path_exists(r.gates, '$.* ? (@ == "fail")'),
      r.sortino >= 0 AND r.n_trades IS DISTINCT FROM 0,
      false) AS useful,
  v.primary_code,
  v.severity,
  v.explanation,
  s.name AS source,
  r.line
FROM corrparse.known_run_diagnosis AS d
JOIN corrparse.record AS r ON r.source_id = d.best_source_id AND r.block = d.best_block
JOIN corrparse.source AS s ON s.source_id = r.source_id
LEFT JOIN corrparse.verdict AS v
  ON v.source_id = r.source_id AND v.block = r.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c);
COMMENT ON VIEW diagnostics.best_strategy_v1 IS
  'The best strategy of each crypto in each run (page 3, Runs), with its verdict under the current taxonomy version.';

-- Parts of what the view was before; nobody else was meant to ask them.
-- squawk-ignore ban-drop-view
DROP VIEW corrparse.run_count, corrparse.run_summary;

-- Only one computes at a time, so that nothing older is stored over something newer: not for transactions of repeatable reads.
-- A change is taken off the list before what it left is read; those that are committed in between stay on it.
CREATE FUNCTION corrparse.refresh_run_diagnoses(at_most bigint) RETURNS bigint
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
  CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id) AS d;
  RETURN coalesce(cardinality(dags), 0);
END
$$;
COMMENT ON FUNCTION corrparse.refresh_run_diagnoses IS
  'Stores the diagnoses of so many of the runs that changed; tells of how many. Called until it tells of none.';

-- What signals and state ask of runs, for any instant -------------------------------------------------------------------

-- Stored rows of a run of which everything had happened by an instant, and that has not changed since they were stored.
CREATE FUNCTION corrparse.stored_run_at(instant timestamptz, of_dag text, of_run text)
  RETURNS SETOF corrparse.run_diagnosis
  LANGUAGE sql STABLE
  AS $$
    SELECT d.*
    FROM corrparse.run_diagnosis AS d
    WHERE d.dag_id = of_dag AND d.run_id = of_run AND d.last_event_at <= instant
      AND NOT EXISTS (SELECT FROM corrparse.run_change AS c WHERE c.dag_id = of_dag AND c.run_id = of_run)
  $$;

-- As before, from the records.
CREATE FUNCTION corrparse.computed_run_passed_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (candidates bigint, passed bigint)
  LANGUAGE sql STABLE
  AS $$
    WITH run_record AS MATERIALIZED (
      SELECT r.* FROM corrparse.run_record_at(instant, of_dag, of_run) AS r
    ),
    summary AS (
      SELECT u.*, bool_or(u.crypto IS NULL) OVER () AS has_summary_of_all
      FROM (
        SELECT DISTINCT ON (r.task_id, r.map_index, r.crypto) r.*
        FROM run_record AS r
        WHERE r.is_summary
        ORDER BY r.task_id, r.map_index, r.crypto, r.observed_at DESC, r.block DESC, r.source_id
      ) AS u
    ),
    total AS (
      SELECT
        count(*) AS summaries,
        CASE WHEN count(*) = count(s.n_candidates) THEN sum(s.n_candidates) END::bigint AS candidates,
        CASE WHEN count(*) = count(s.n_passed) THEN sum(s.n_passed) END::bigint AS passed
      FROM summary AS s
      WHERE (s.crypto IS NULL) = s.has_summary_of_all
    )
    SELECT
      CASE WHEN t.summaries = 0 THEN n.strategies ELSE t.candidates END,
      CASE WHEN t.summaries = 0 THEN n.passed ELSE t.passed END
    FROM total AS t
    CROSS JOIN (
      SELECT
        count(*) FILTER (WHERE r.is_strategy) AS strategies,
        count(*) FILTER (WHERE r.is_strategy AND r.gates_passed) AS passed
      FROM run_record AS r
    ) AS n
  $$;

CREATE OR REPLACE FUNCTION corrparse.run_passed_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (candidates bigint, passed bigint)
  LANGUAGE plpgsql STABLE
  AS $$
BEGIN
  RETURN QUERY
    SELECT d.candidates, d.passed FROM corrparse.stored_run_at(instant, of_dag, of_run) AS d WHERE d.crypto IS NULL;
  IF NOT FOUND THEN
    RETURN QUERY SELECT c.candidates, c.passed FROM corrparse.computed_run_passed_at(instant, of_dag, of_run) AS c;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION corrparse.best_strategy_at(instant timestamptz, of_crypto text, wanted bigint)
  RETURNS TABLE (
    place bigint, dag_id text, run_id text, has_strategy boolean, observed_at timestamptz, delta numeric,
    screening_gap numeric, std_f1_buy numeric, sortino numeric, sl_pct numeric, timeout_pct numeric)
  LANGUAGE sql STABLE
  AS $$
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
        WHERE stored.dag_id IS NULL AND r.crypto = of_crypto AND r.is_strategy
        ORDER BY
          r.sortino DESC NULLS LAST, r.delta DESC NULLS LAST, r.observed_at, r.task_id COLLATE "C", r.map_index, r.block,
          r.source_id
        LIMIT 1
      )
    ) AS b ON true
  $$;

-- What there was before this step.
INSERT INTO corrparse.run_change (dag_id, run_id)
SELECT DISTINCT o.dag_id, o.run_id FROM corrparse.task_outcome AS o;

-- Like before, with the tables of this step.
CREATE OR REPLACE FUNCTION corrparse.grant_to_roles() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog
  AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_writer') THEN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO corrparse_writer', current_database());
    GRANT USAGE ON SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT SELECT ON ALL TABLES IN SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA diagnostics TO corrparse_writer;
    GRANT INSERT, UPDATE, DELETE ON
      corrparse.source, corrparse.log, corrparse.record, corrparse.verdict, corrparse.issue, corrparse.task_outcome,
      corrparse.universe, corrparse.infra_observation, corrparse.test_dag, corrparse.global_state_history, corrparse.run_diagnosis,
      corrparse.run_change
      TO corrparse_writer;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_reader') THEN
    GRANT USAGE ON SCHEMA diagnostics TO corrparse_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO corrparse_reader;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA diagnostics TO corrparse_reader;
  END IF;
END
$$;

SELECT corrparse.grant_to_roles();
