-- Identifiers compare bytewise, so that no change of the system's collations can corrupt an index of them (docs/database.md, Large databases).
-- Works in steps, of which only one stops readers and writers, for about a second. Views of the contract have the same columns and types; their
-- identifiers sort bytewise from now on.

-- STEP index record_dag_id_run_id_bytewise: the records of a run
CREATE INDEX CONCURRENTLY IF NOT EXISTS record_dag_id_run_id_bytewise
  ON corrparse.record (dag_id COLLATE "C", run_id COLLATE "C");

-- STEP index record_crypto_observed_at_bytewise: the records of a crypto
CREATE INDEX CONCURRENTLY IF NOT EXISTS record_crypto_observed_at_bytewise
  ON corrparse.record (crypto COLLATE "C", observed_at);

-- STEP index task_outcome_bytewise: the key of the task outcomes
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS task_outcome_bytewise ON corrparse.task_outcome
  (source_id, dag_id COLLATE "C", run_id COLLATE "C", task_id COLLATE "C", map_index, try_number);

-- STEP index task_outcome_attempt_bytewise: the attempts of a task
CREATE INDEX CONCURRENTLY IF NOT EXISTS task_outcome_attempt_bytewise ON corrparse.task_outcome
  (dag_id COLLATE "C", run_id COLLATE "C", task_id COLLATE "C", map_index, try_number);

-- STEP index task_outcome_dag_id_started_at_bytewise: the runs of a DAG
CREATE INDEX CONCURRENTLY IF NOT EXISTS task_outcome_dag_id_started_at_bytewise
  ON corrparse.task_outcome (dag_id COLLATE "C", started_at);

-- STEP index run_diagnosis_bytewise: the key of the diagnoses
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS run_diagnosis_bytewise
  ON corrparse.run_diagnosis (dag_id COLLATE "C", run_id COLLATE "C", scope COLLATE "C");

-- STEP index source_run_id_bytewise: the sources of a run
CREATE INDEX CONCURRENTLY IF NOT EXISTS source_run_id_bytewise ON corrparse.source USING hash (run_id COLLATE "C");

-- STEP transaction: columns, indexes and views; storing and reading wait for about a second
-- No row is written anew: the text of a column is the same whatever it is compared by.
-- Indexes and constraints are replaced within the transaction, under their names.
-- squawk-ignore-file changing-column-type, require-concurrent-index-deletion, ban-drop-constraint, renaming-object
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '1min';
SET LOCAL client_min_messages = 'warning';

-- What users made of the views that are taken down: grants, owners and options of these, and views of their own that read them. It is kept as
-- statements and made again at the end. Anything else that depends on the views, such as a materialized view, stops this step, and
-- PostgreSQL names it.
CREATE UNLOGGED TABLE corrparse.kept_statement (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  statement text NOT NULL
);

DO $kept$
DECLARE
  taken oid[] := ARRAY(
    SELECT c.oid FROM pg_class AS c
    WHERE c.relnamespace = 'diagnostics'::regnamespace AND c.relkind = 'v' AND c.relname = ANY (ARRAY[
      'best_strategy_v1', 'code_share_v1', 'infra_observation_v1', 'ingestion_v1', 'issue_v1', 'model_observation_v1', 'run_diagnosis_v1', 'strategy_v1', 'task_attempt_v1', 'taxonomy_v1', 'verdict_all_v1', 'verdict_v1']));
  own oid[];
  item oid;
BEGIN
  -- The users' views, those that read other ones of theirs last.
  WITH RECURSIVE reader (view, depth) AS (
    SELECT u.oid, 0 FROM unnest(taken) AS u (oid)
    UNION
    SELECT r.ev_class, f.depth + 1
    FROM reader AS f
    JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = f.view AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite AS r ON r.oid = d.objid
    JOIN pg_class AS c ON c.oid = r.ev_class
    WHERE r.ev_class <> f.view AND c.relkind = 'v' AND c.relnamespace NOT IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace)
  )
  SELECT coalesce(array_agg(o.view ORDER BY o.depth, o.view), '{}')
  INTO own
  FROM (SELECT f.view, max(f.depth) AS depth FROM reader AS f WHERE f.depth > 0 GROUP BY f.view) AS o;
  INSERT INTO corrparse.kept_statement (statement)
  SELECT s.statement
  FROM unnest(taken || own) WITH ORDINALITY AS v (oid, place)
  JOIN pg_class AS c ON c.oid = v.oid
  CROSS JOIN LATERAL (SELECT format('%I.%I', c.relnamespace::regnamespace::name, c.relname) AS name) AS n
  CROSS JOIN LATERAL (
    SELECT 1 AS part, format('CREATE VIEW %s AS %s', n.name, pg_get_viewdef(c.oid)) AS statement WHERE c.oid = ANY (own)
    UNION ALL
    SELECT 2, format('ALTER VIEW %s SET (%s)', n.name, array_to_string(c.reloptions, ', ')) WHERE c.reloptions IS NOT NULL
    UNION ALL
    SELECT 3, pg_get_ruledef(r.oid) FROM pg_rewrite AS r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'
    UNION ALL
    SELECT 4, pg_get_triggerdef(t.oid) FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT 5, format('COMMENT ON %s IS %L',
      CASE d.objsubid WHEN 0 THEN 'VIEW ' || n.name ELSE format('COLUMN %s.%I', n.name, a.attname) END, d.description)
    FROM pg_description AS d LEFT JOIN pg_attribute AS a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
    WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND c.oid = ANY (own)
    UNION ALL
    SELECT 6, format('ALTER VIEW %s OWNER TO %I', n.name, pg_get_userbyid(c.relowner))
    WHERE pg_get_userbyid(c.relowner) <> current_user
    UNION ALL
    SELECT 7, format('GRANT %s%s ON %s TO %s%s', x.privilege_type, ' (' || quote_ident(g.attname) || ')', n.name,
      CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
      CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' END)
    FROM (
      SELECT NULL::name AS attname, c.relacl AS acl
      UNION ALL
      SELECT a.attname, a.attacl FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL
    ) AS g
    CROSS JOIN LATERAL aclexplode(g.acl) AS x
    WHERE x.grantee <> c.relowner
  ) AS s
  ORDER BY v.place, s.part, s.statement;
  FOR place IN REVERSE cardinality(own)..1 LOOP
    EXECUTE format('DROP VIEW %s', own[place]::regclass);
  END LOOP;
END
$kept$;

CREATE OR REPLACE VIEW diagnostics.global_state_condition_v1 AS
SELECT
  NULL::text AS condition,
  NULL::text AS contributes,
  NULL::text AS status,
  NULL::text AS evidence;
CREATE OR REPLACE VIEW diagnostics.global_state_history_v1 AS
SELECT
  NULL::text AS state,
  NULL::timestamp with time zone AS since,
  NULL::timestamp with time zone AS until,
  NULL::text[] AS reasons;
CREATE OR REPLACE VIEW diagnostics.global_state_v1 AS
SELECT
  NULL::text AS state,
  NULL::timestamp with time zone AS since,
  NULL::text[] AS reasons;
CREATE OR REPLACE VIEW diagnostics.golden_signal_v1 AS
SELECT
  NULL::text AS signal,
  NULL::text AS scope,
  NULL::numeric AS value,
  NULL::text AS unit,
  NULL::text AS status,
  NULL::text AS reason,
  NULL::timestamp with time zone AS observed_at;
CREATE OR REPLACE VIEW diagnostics.model_version_v1 AS
SELECT
  NULL::text AS crypto,
  NULL::text AS model,
  NULL::bigint AS version,
  NULL::text AS role,
  NULL::text AS reason,
  NULL::timestamp with time zone AS created_at,
  NULL::numeric AS age_days,
  NULL::timestamp with time zone AS champion_since,
  NULL::timestamp with time zone AS champion_since_earliest,
  NULL::text AS run_id,
  NULL::text AS url,
  NULL::timestamp with time zone AS observed_at,
  NULL::text AS origin,
  NULL::text AS stage,
  NULL::text[] AS aliases,
  NULL::text AS status;

-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.best_strategy_at(instant timestamp with time zone, of_crypto text, wanted bigint);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.challengers_at(instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.condition_at(instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.crypto_at(instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.crypto_run_at(instant timestamp with time zone, of_crypto text, wanted bigint);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.figure(value numeric);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.finished_run_at(instant timestamp with time zone, of_dag text, wanted bigint);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.global_state_at(instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.grant_to_roles();
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.model_version_at(instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.note_global_state();
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.passed_over(instant timestamp with time zone, things text, last_at timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.refresh_run_diagnoses(at_most bigint);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.registered_model_at(instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.registry_at(instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.run_at(instant timestamp with time zone, of_dag text, of_run text);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.run_passed_at(instant timestamp with time zone, of_dag text, of_run text);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.run_record_at(instant timestamp with time zone, of_dag text, of_run text);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.settled_state(states text[]);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.severity_of(of_code text, severity_ranks jsonb);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.signal_at(instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.signal_reading_at(instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.stored_run_at(instant timestamp with time zone, of_dag text, of_run text);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.use_roles(writer text, reader text);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.utc_text(instant timestamp with time zone);
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.best_strategy_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.code_share_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.infra_observation_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.ingestion_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.issue_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.model_observation_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.run_diagnosis_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.strategy_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.task_attempt_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.taxonomy_v1;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.verdict_v1;
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.attempt_at(instant timestamp with time zone, of_dag text, of_run text);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.run_state(settled_state text, settles_at timestamp with time zone, instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.setting_hours(of_name text);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.severities();
-- squawk-ignore ban-drop-view
DROP VIEW corrparse.infra_reading;
-- squawk-ignore ban-drop-view
DROP VIEW corrparse.known_run_diagnosis;
-- squawk-ignore ban-drop-view
DROP VIEW corrparse.useful_strategy;
-- squawk-ignore ban-drop-view
DROP VIEW diagnostics.verdict_all_v1;
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.diagnose_run(of_dag text, of_run text, instant timestamp with time zone);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.is_useful(findings text[], is_accepted boolean);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.setting(of_name text);
-- squawk-ignore ban-drop-view
DROP VIEW corrparse.judged_record;
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.counted(value numeric, n_trades bigint);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.doubts_gates(kind text, key text);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.is_accepted(gates jsonb, sortino numeric, n_trades bigint);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.is_strategy(r corrparse.record);
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.strategy_keys();
-- squawk-ignore ban-drop-function
DROP FUNCTION corrparse.gates_passed(gates jsonb);

-- The tables, in the order in which storing a log locks them. From here on nobody reads or writes until the step ends.
LOCK TABLE corrparse.source, corrparse.record, corrparse.task_outcome, corrparse.run_change, corrparse.run_diagnosis
  IN ACCESS EXCLUSIVE MODE;

-- Other columns than these keep their collation: source.dag_id, which a generated column reads, has no index.
DROP INDEX corrparse.source_run_id_idx;
ALTER TABLE corrparse.source DROP CONSTRAINT source_identity_check;
ALTER TABLE corrparse.source
  ALTER COLUMN run_id TYPE text COLLATE "C",
  ALTER COLUMN task_id TYPE text COLLATE "C",
  ALTER COLUMN part TYPE text COLLATE "C";
ALTER TABLE corrparse.source ADD CONSTRAINT source_identity_check CHECK (
  num_nulls(dag_id, run_id, task_id, map_index, try_number, part) IN (0, 6)) NOT VALID;
ALTER INDEX corrparse.source_run_id_bytewise RENAME TO source_run_id_idx;

-- An index with a condition is built anew with its column, whatever its collation was: so it is built afterwards, while nobody waits.
DROP INDEX corrparse.record_dag_id_run_id_idx, corrparse.record_crypto_observed_at_idx, corrparse.record_accepted_idx;
ALTER TABLE corrparse.record DROP CONSTRAINT record_identity_check;
ALTER TABLE corrparse.record
  ALTER COLUMN dag_id TYPE text COLLATE "C",
  ALTER COLUMN run_id TYPE text COLLATE "C",
  ALTER COLUMN task_id TYPE text COLLATE "C",
  ALTER COLUMN crypto TYPE text COLLATE "C",
  ALTER COLUMN strategy_id TYPE text COLLATE "C",
  ALTER COLUMN model_version TYPE text COLLATE "C";
ALTER TABLE corrparse.record ADD CONSTRAINT record_identity_check CHECK (
  num_nulls(dag_id, run_id, task_id, map_index, try_number) IN (0, 5)) NOT VALID;
ALTER INDEX corrparse.record_dag_id_run_id_bytewise RENAME TO record_dag_id_run_id_idx;
ALTER INDEX corrparse.record_crypto_observed_at_bytewise RENAME TO record_crypto_observed_at_idx;

DROP INDEX corrparse.task_outcome_attempt_idx, corrparse.task_outcome_dag_id_started_at_idx;
ALTER TABLE corrparse.task_outcome DROP CONSTRAINT task_outcome_pkey;
ALTER TABLE corrparse.task_outcome
  ALTER COLUMN dag_id TYPE text COLLATE "C",
  ALTER COLUMN run_id TYPE text COLLATE "C",
  ALTER COLUMN task_id TYPE text COLLATE "C";
ALTER TABLE corrparse.task_outcome ADD CONSTRAINT task_outcome_pkey PRIMARY KEY USING INDEX task_outcome_bytewise;
ALTER INDEX corrparse.task_outcome_attempt_bytewise RENAME TO task_outcome_attempt_idx;
ALTER INDEX corrparse.task_outcome_dag_id_started_at_bytewise RENAME TO task_outcome_dag_id_started_at_idx;

-- The list of runs to compute is short, and the tables below hold some rows.
ALTER TABLE corrparse.run_change
  ALTER COLUMN dag_id TYPE text COLLATE "C",
  ALTER COLUMN run_id TYPE text COLLATE "C";

ALTER TABLE corrparse.run_diagnosis DROP CONSTRAINT run_diagnosis_pkey, DROP CONSTRAINT run_diagnosis_scope_check;
ALTER TABLE corrparse.run_diagnosis
  ALTER COLUMN dag_id TYPE text COLLATE "C",
  ALTER COLUMN run_id TYPE text COLLATE "C",
  ALTER COLUMN scope TYPE text COLLATE "C",
  ALTER COLUMN crypto TYPE text COLLATE "C";
ALTER TABLE corrparse.run_diagnosis ADD CONSTRAINT run_diagnosis_pkey PRIMARY KEY USING INDEX run_diagnosis_bytewise;
ALTER TABLE corrparse.run_diagnosis
  ADD CONSTRAINT run_diagnosis_scope_check CHECK (scope = coalesce(crypto, '')) NOT VALID;

ALTER TABLE corrparse.universe ALTER COLUMN crypto TYPE text COLLATE "C", ALTER COLUMN crypto_group TYPE text COLLATE "C";
ALTER TABLE corrparse.test_dag ALTER COLUMN dag_id TYPE text COLLATE "C";
ALTER TABLE corrparse.infra_observation ALTER COLUMN origin TYPE text COLLATE "C";
ALTER TABLE corrparse.taxonomy ALTER COLUMN code TYPE text COLLATE "C";
ALTER TABLE corrparse.golden_signal ALTER COLUMN signal TYPE text COLLATE "C";
ALTER TABLE corrparse.signal_bound
  ALTER COLUMN signal TYPE text COLLATE "C",
  ALTER COLUMN input TYPE text COLLATE "C",
  ALTER COLUMN status TYPE text COLLATE "C";
ALTER TABLE corrparse.state_condition ALTER COLUMN condition TYPE text COLLATE "C";
ALTER TABLE corrparse.supervision_setting ALTER COLUMN name TYPE text COLLATE "C";
ALTER TABLE corrparse.role_name ALTER COLUMN duty TYPE text COLLATE "C";

ALTER TABLE corrparse.model_observation ALTER COLUMN origin TYPE text COLLATE "C";
ALTER TABLE corrparse.registered_model ALTER COLUMN origin TYPE text COLLATE "C", ALTER COLUMN model TYPE text COLLATE "C";
ALTER TABLE corrparse.model_version
  ALTER COLUMN origin TYPE text COLLATE "C",
  ALTER COLUMN model TYPE text COLLATE "C",
  ALTER COLUMN crypto TYPE text COLLATE "C",
  ALTER COLUMN run_id TYPE text COLLATE "C";

-- The conditions of the global state: true where triggered, null where unknown.
CREATE OR REPLACE FUNCTION corrparse.condition_at(instant timestamptz)
  RETURNS TABLE (condition text, is_triggered boolean, evidence text)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
#variable_conflict use_column
DECLARE
  core_group text := corrparse.setting('core_group');
  recurrent_runs bigint := corrparse.setting('recurrent_runs');
  universe_span interval := corrparse.setting_hours('no_useful_hours');
BEGIN
  RETURN QUERY
    WITH signal AS MATERIALIZED (
      SELECT s.* FROM corrparse.signal_at(instant) AS s
    ),
    crypto AS MATERIALIZED (
      SELECT
        c.*,
        corrparse.passed_over(
          instant, 'records', (SELECT max(r.observed_at) FROM corrparse.record AS r WHERE r.crypto = c.crypto)) AS passed_over
      FROM corrparse.crypto_at(instant) AS c WHERE c.crypto_group IS NOT NULL
    ),
    universe AS (
      SELECT
        count(*) AS cryptos,
        min(c.first_record_at) AS first_record_at,
        max(c.last_useful_at) AS last_useful_at,
        string_agg(c.crypto, ', ' ORDER BY c.crypto COLLATE "C") FILTER (WHERE c.first_record_at IS NULL) AS without_record
      FROM crypto AS c
    ),
    -- How long each crypto of the universe has been without a useful strategy; one without any record, since the universe's first.
    freshness AS (
      SELECT
        c.crypto, c.crypto_group = core_group AS is_core, a.days, a.days > b.bound AS is_stale,
        CASE
          WHEN a.days IS NULL THEN 'no record of it'
          WHEN c.last_useful_at IS NOT NULL THEN format('last useful strategy %s', corrparse.utc_text(c.last_useful_at))
          WHEN c.first_record_at IS NOT NULL THEN
            format('never a useful strategy since its first record %s', corrparse.utc_text(c.first_record_at))
          ELSE format('no record of it since the universe''s first %s', corrparse.utc_text(u.first_record_at))
        END || c.passed_over AS reason
      FROM crypto AS c
      CROSS JOIN universe AS u
      CROSS JOIN LATERAL (
        SELECT extract(epoch FROM instant - coalesce(c.last_useful_at, c.first_record_at, u.first_record_at)) / 86400 AS days
      ) AS a
      LEFT JOIN LATERAL (
        SELECT s.bound FROM corrparse.signal_bound AS s
        WHERE s.taxonomy_version = (SELECT k.taxonomy_version FROM corrparse.current_taxonomy AS k)
          AND s.signal = 'model_freshness' AND s.status = CASE WHEN c.crypto_group = core_group THEN 'critical' ELSE 'warning' END
      ) AS b ON true
    ),
    stale AS (
      SELECT
        g.is_core,
        CASE
          WHEN bool_or(g.is_stale) THEN true
          WHEN bool_and(g.is_stale IS NOT NULL) THEN false
        END AS is_triggered,
        -- Those that are not clear; all of them when all are clear.
        string_agg(
          format('%s %s', g.crypto, coalesce(corrparse.figure(round(g.days, 2)) || ' d: ', '') || g.reason), '; '
          ORDER BY g.is_stale IS NOT TRUE, g.days DESC NULLS LAST, g.crypto COLLATE "C")
          FILTER (WHERE g.is_stale IS NOT FALSE OR g.are_clear) AS evidence
      FROM (
        SELECT f.*, bool_and(f.is_stale IS NOT DISTINCT FROM false) OVER (PARTITION BY f.is_core) AS are_clear
        FROM freshness AS f
      ) AS g
      GROUP BY g.is_core
    ),
    stranger AS (
      SELECT '; in no group and not judged: ' || string_agg(s.scope, ', ' ORDER BY s.scope COLLATE "C") AS evidence
      FROM signal AS s
      WHERE s.signal = 'model_freshness' AND NOT EXISTS (SELECT FROM corrparse.universe AS u WHERE u.crypto = s.scope)
    ),
    -- A test DAG without a run in the data is left out.
    dag AS (
      SELECT d.dag_id
      FROM corrparse.test_dag AS d
      -- Each is one look into an index.
      LEFT JOIN LATERAL (
        SELECT true AS has_run FROM corrparse.task_outcome AS o
        WHERE o.dag_id = d.dag_id AND o.started_at <= instant ORDER BY o.started_at LIMIT 1
      ) AS dated ON true
      LEFT JOIN LATERAL (
        SELECT true AS has_run FROM corrparse.task_outcome AS o
        WHERE o.dag_id = d.dag_id AND o.started_at IS NULL AND coalesce(o.ended_at, '-infinity'::timestamptz) <= instant LIMIT 1
      ) AS undated ON true
      WHERE dated.has_run OR undated.has_run
    ),
    finished AS MATERIALIZED (
      SELECT d.dag_id, r.run_id, r.started_at, p.candidates, p.passed
      FROM dag AS d
      CROSS JOIN LATERAL corrparse.finished_run_at(instant, d.dag_id, recurrent_runs) AS r
      LEFT JOIN LATERAL corrparse.run_passed_at(instant, d.dag_id, r.run_id) AS p ON true
    ),
    -- The last runs of each test DAG, and the last of all of them together (dag_id null) where there are several.
    passing AS (
      SELECT
        s.dag_id,
        CASE
          WHEN bool_or(s.passed > 0) THEN false
          WHEN count(*) FILTER (WHERE s.passed = 0 AND s.candidates > 0) >= recurrent_runs THEN true
        END AS is_triggered,
        format('%s: %s', coalesce(s.dag_id, 'all test DAGs'), coalesce(
          string_agg(
            format(
              '%s of %s in %s', coalesce(s.passed::text, 'unknown'), coalesce(s.candidates::text, 'unknown'),
              CASE WHEN s.dag_id IS NULL THEN s.of_dag || ' ' ELSE '' END || s.run_id),
            ', ' ORDER BY s.started_at DESC, s.run_id COLLATE "C" DESC, s.of_dag COLLATE "C" DESC)
            FILTER (WHERE s.run_id IS NOT NULL),
          'no finished run')) AS evidence
      FROM (
        SELECT d.dag_id, f.dag_id AS of_dag, f.run_id, f.started_at, f.candidates, f.passed
        FROM dag AS d LEFT JOIN finished AS f ON f.dag_id = d.dag_id
        UNION ALL
        SELECT NULL, f.dag_id, f.run_id, f.started_at, f.candidates, f.passed
        FROM (SELECT WHERE (SELECT count(*) FROM dag) > 1) AS several
        LEFT JOIN (
          SELECT f.* FROM finished AS f
          ORDER BY f.started_at DESC, f.run_id COLLATE "C" DESC, f.dag_id COLLATE "C" DESC LIMIT recurrent_runs
        ) AS f ON true
      ) AS s
      GROUP BY s.dag_id
    ),
    losing AS (
      SELECT
        u.crypto,
        CASE
          WHEN bool_or(b.sortino >= 0) THEN false
          WHEN count(*) FILTER (WHERE b.sortino < 0) >= recurrent_runs THEN true
        END AS is_triggered,
        format('%s: %s', u.crypto, coalesce(
          string_agg(
            format('%s in %s', coalesce(corrparse.figure(b.sortino), 'unknown'), b.run_id), ', ' ORDER BY b.place)
            FILTER (WHERE b.run_id IS NOT NULL),
          'no test run')) AS evidence
      FROM corrparse.universe AS u
      LEFT JOIN LATERAL corrparse.best_strategy_at(instant, u.crypto, recurrent_runs) AS b ON true
      GROUP BY u.crypto
    )
    SELECT 'infra_critical', s.is_critical, s.reason FROM signal AS s WHERE s.signal = 'infra_health'
    UNION ALL
    SELECT x.condition, x.is_triggered, coalesce(corrparse.figure(round(s.value, 2)) || ' %: ', '') || s.reason
    FROM signal AS s
    CROSS JOIN LATERAL (
      VALUES ('success_rate_critical', s.is_critical), ('success_rate_low', s.is_warning AND NOT s.is_critical)
    ) AS x (condition, is_triggered)
    WHERE s.signal = 'pipeline_success_rate' AND s.scope = 'all'
    UNION ALL
    SELECT
      'no_passing_candidates',
      CASE WHEN bool_or(p.is_triggered) THEN true WHEN bool_and(p.is_triggered IS NOT NULL) THEN false END,
      coalesce(
        string_agg(p.evidence, '; ' ORDER BY p.is_triggered IS NOT TRUE, p.dag_id COLLATE "C" NULLS LAST)
          FILTER (WHERE p.is_triggered IS NOT FALSE),
        string_agg(p.evidence, '; ' ORDER BY p.dag_id COLLATE "C" NULLS LAST),
        CASE
          WHEN EXISTS (SELECT FROM corrparse.test_dag) THEN 'no test DAG has a run'
          ELSE 'no test DAG is set'
        END)
    FROM passing AS p
    UNION ALL
    SELECT
      x.condition,
      CASE WHEN u.cryptos > 0 THEN coalesce(s.is_triggered, CASE WHEN s.is_core IS NULL THEN false END) END,
      CASE WHEN u.cryptos > 0 THEN coalesce(s.evidence, x.nothing) ELSE 'the universe is empty' END || coalesce(x.addition, '')
    FROM (
      VALUES
        ('core_crypto_stale', true, 'the universe has no core crypto', NULL),
        ('crypto_stale', false, 'the universe has no crypto outside the core', (SELECT n.evidence FROM stranger AS n))
    ) AS x (condition, is_core, nothing, addition)
    CROSS JOIN universe AS u
    LEFT JOIN stale AS s ON s.is_core = x.is_core
    UNION ALL
    SELECT
      'no_useful_strategy',
      instant - coalesce(u.last_useful_at, u.first_record_at) > universe_span,
      CASE
        WHEN u.cryptos = 0 THEN 'the universe is empty'
        WHEN u.first_record_at IS NULL THEN 'no record of any crypto of the universe'
        WHEN u.last_useful_at IS NOT NULL THEN format('last useful strategy %s', corrparse.utc_text(u.last_useful_at))
        ELSE format('never a useful strategy since the first record %s', corrparse.utc_text(u.first_record_at))
      END || CASE WHEN u.first_record_at IS NULL THEN '' ELSE coalesce('; no record of ' || u.without_record, '') END
    FROM universe AS u
    UNION ALL
    SELECT
      'sortino_negative',
      CASE WHEN bool_or(l.is_triggered) THEN true WHEN bool_and(l.is_triggered IS NOT NULL) THEN false END,
      coalesce(
        string_agg(l.evidence, '; ' ORDER BY l.is_triggered IS NOT TRUE, l.crypto COLLATE "C")
          FILTER (WHERE l.is_triggered IS NOT FALSE),
        string_agg(l.evidence, '; ' ORDER BY l.crypto COLLATE "C"),
        'the universe is empty')
    FROM losing AS l;
END
$$;

-- A value that measures nothing without trades: Sortino or an exit share (docs/specification/3-classification.md, Rules).
CREATE OR REPLACE FUNCTION corrparse.counted(value numeric, n_trades bigint) RETURNS numeric
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN n_trades IS DISTINCT FROM 0 THEN value END;
COMMENT ON FUNCTION corrparse.counted IS 'The value, or null where there were no trades.';

-- The last test runs in which a latest attempt has a record of a crypto, the last one first. Runs are found by their last record and ordered by their start.
-- A record is not before its run's start, unless its time is that of the run's name; therefore the search goes one day further. The
-- setting keeps the planner from sorting all records for the few that are fetched.
CREATE OR REPLACE FUNCTION corrparse.crypto_run_at(instant timestamptz, of_crypto text, wanted bigint)
  RETURNS TABLE (dag_id text, run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  SET cursor_tuple_fraction = 0.000001
  AS $$
DECLARE
  test_dags text[] := ARRAY(SELECT t.dag_id FROM corrparse.test_dag AS t);
  recorded CURSOR FOR
    SELECT r.dag_id, r.run_id, r.observed_at
    FROM corrparse.record AS r
    -- With crypto = of_crypto the index of times alone would give the order, and the records of all cryptos would be read.
    WHERE r.crypto >= of_crypto AND (r.crypto, r.observed_at) <= (of_crypto, instant) AND r.dag_id = ANY (test_dags)
    ORDER BY r.crypto DESC, r.observed_at DESC;
  next_key text;
  next_start timestamptz;
  seen text[] := '{}';
  -- The best so far; never more than are wanted.
  dags text[] := '{}';
  runs text[] := '{}';
  starts timestamptz[] := '{}';
BEGIN
  FOR found IN recorded LOOP
    EXIT WHEN found.observed_at + interval '24 hours' < starts[wanted];
    -- Records of a run follow each other.
    CONTINUE WHEN next_key = length(found.dag_id) || ' ' || found.dag_id || found.run_id;
    next_key := length(found.dag_id) || ' ' || found.dag_id || found.run_id;
    CONTINUE WHEN next_key = ANY (seen);
    seen := seen || next_key;
    SELECT min(o.started_at) INTO next_start
    FROM corrparse.task_outcome AS o
    WHERE o.dag_id = found.dag_id AND o.run_id = found.run_id AND o.started_at <= instant;
    CONTINUE WHEN next_start IS NULL OR next_start < starts[wanted];
    CONTINUE WHEN NOT EXISTS (
      SELECT FROM corrparse.record AS r
      WHERE r.dag_id = found.dag_id AND r.run_id = found.run_id AND r.crypto = of_crypto AND r.observed_at <= instant
        AND coalesce(
          r.try_number >= (
            SELECT max(o.try_number) FROM corrparse.task_outcome AS o
            WHERE o.dag_id = r.dag_id AND o.run_id = r.run_id AND o.task_id = r.task_id AND o.map_index = r.map_index
              AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
          ),
          true));
    SELECT
      array_agg(b.dag_id ORDER BY b.place), array_agg(b.run_id ORDER BY b.place), array_agg(b.started_at ORDER BY b.place)
    INTO dags, runs, starts
    FROM (
      SELECT
        k.*, row_number() OVER (ORDER BY k.started_at DESC, k.run_id COLLATE "C" DESC, k.dag_id COLLATE "C" DESC) AS place
      FROM unnest(dags || found.dag_id, runs || found.run_id, starts || next_start) AS k (dag_id, run_id, started_at)
    ) AS b
    WHERE b.place <= wanted;
  END LOOP;
  RETURN QUERY SELECT k.dag_id, k.run_id, k.started_at FROM unnest(dags, runs, starts) AS k (dag_id, run_id, started_at);
END
$$;

-- Whether an issue of a block leaves open whether all gates were passed: gates that cannot be read, and those that a cut block may lack.
CREATE OR REPLACE FUNCTION corrparse.doubts_gates(kind text, key text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN kind IN ('cut_short', 'incomplete_block', 'block_too_long') OR coalesce(key = 'gates', false);
COMMENT ON FUNCTION corrparse.doubts_gates IS 'Whether an issue leaves open whether its block''s gates were passed.';

-- A number for people. Six decimals keep every digit that a threshold could turn on.
CREATE OR REPLACE FUNCTION corrparse.figure(value numeric) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN trim_scale(round(value, 6))::text;

-- The finished runs of a DAG, the last one first. Runs are found by their last attempt, from the end of the index, and ordered by their
-- first one. The search ends when every further run began before those that were found. The setting keeps the planner from sorting all
-- attempts for the few that are fetched.
CREATE OR REPLACE FUNCTION corrparse.finished_run_at(instant timestamptz, of_dag text, wanted bigint)
  RETURNS TABLE (run_id text, started_at timestamptz)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  SET cursor_tuple_fraction = 0.000001
  AS $$
DECLARE
  attempt CURSOR FOR
    SELECT o.run_id, o.started_at
    FROM corrparse.task_outcome AS o
    WHERE o.dag_id = of_dag AND o.started_at <= instant
    ORDER BY o.started_at DESC;
  next_start timestamptz;
  next_state text;
  seen text[] := '{}';
  -- The best so far; never more than are wanted.
  runs text[] := '{}';
  starts timestamptz[] := '{}';
BEGIN
  FOR found IN attempt LOOP
    EXIT WHEN found.started_at < starts[wanted];
    CONTINUE WHEN found.run_id = ANY (seen);
    seen := seen || found.run_id;
    SELECT r.started_at, r.state INTO next_start, next_state FROM corrparse.run_at(instant, of_dag, found.run_id) AS r;
    CONTINUE WHEN next_state NOT IN ('success', 'failed') OR next_start < starts[wanted];
    SELECT array_agg(b.run_id ORDER BY b.place), array_agg(b.started_at ORDER BY b.place) INTO runs, starts
    FROM (
      SELECT k.*, row_number() OVER (ORDER BY k.started_at DESC, k.run_id COLLATE "C" DESC) AS place
      FROM unnest(runs || found.run_id, starts || next_start) AS k (run_id, started_at)
    ) AS b
    WHERE b.place <= wanted;
  END LOOP;
  RETURN QUERY SELECT k.run_id, k.started_at FROM unnest(runs, starts) AS k (run_id, started_at);
END
$$;

CREATE OR REPLACE FUNCTION corrparse.gates_passed(gates jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN NOT jsonb_path_exists(gates, '$.* ? (@ == "fail")');
COMMENT ON FUNCTION corrparse.gates_passed IS 'Whether all gates were passed; null without gates.';

-- What the roles may do. Every migration calls it at its end. Functions are granted by name, because a database may have taken from PUBLIC the
-- right to execute new ones. Those that only triggers call are checked by nobody.
CREATE OR REPLACE FUNCTION corrparse.grant_to_roles() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  writer text := (
    SELECT quote_ident(n.role_name) FROM corrparse.role_name AS n JOIN pg_roles AS r ON r.rolname = n.role_name
    WHERE n.duty = 'writer');
  reader text := (
    SELECT quote_ident(n.role_name) FROM corrparse.role_name AS n JOIN pg_roles AS r ON r.rolname = n.role_name
    WHERE n.duty = 'reader');
BEGIN
  IF writer IS NOT NULL THEN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %s', current_database(), writer);
    EXECUTE format('GRANT USAGE ON SCHEMA corrparse, diagnostics TO %s', writer);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA corrparse, diagnostics TO %s', writer);
    EXECUTE format(
      'GRANT INSERT, UPDATE, DELETE ON
        corrparse.source, corrparse.source_head, corrparse.log, corrparse.record, corrparse.verdict, corrparse.issue, corrparse.task_outcome,
        corrparse.universe, corrparse.infra_observation, corrparse.test_dag, corrparse.global_state_history,
        corrparse.run_diagnosis, corrparse.run_change, corrparse.model_observation, corrparse.registered_model, corrparse.model_version
        TO %s', writer);
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.attempt_at, corrparse.best_strategy_at, corrparse.challengers_at, corrparse.condition_at, corrparse.counted, corrparse.crypto_at,
        corrparse.crypto_run_at, corrparse.diagnose_run, corrparse.doubts_gates, corrparse.figure, corrparse.finished_run_at,
        corrparse.gates_passed, corrparse.global_state_at, corrparse.is_accepted, corrparse.is_strategy, corrparse.is_useful,
        corrparse.model_version_at, corrparse.note_global_state, corrparse.passed_over, corrparse.refresh_run_diagnoses,
        corrparse.registered_model_at, corrparse.registry_at, corrparse.run_at, corrparse.run_passed_at,
        corrparse.run_record_at, corrparse.run_state, corrparse.setting, corrparse.setting_hours, corrparse.settled_state,
        corrparse.severities, corrparse.severity_of, corrparse.signal_at, corrparse.signal_reading_at, corrparse.stored_run_at,
        corrparse.strategy_keys, corrparse.text_digest, corrparse.utc_text, diagnostics.global_state_at,
        diagnostics.global_state_conditions_at, diagnostics.golden_signals_at, diagnostics.model_versions_at
        TO %s', writer);
  END IF;
  IF reader IS NOT NULL THEN
    EXECUTE format('GRANT USAGE ON SCHEMA diagnostics TO %s', reader);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO %s', reader);
    -- Views call those of corrparse with the reader's rights.
    EXECUTE format(
      'GRANT EXECUTE ON FUNCTION
        corrparse.counted, corrparse.diagnose_run, corrparse.doubts_gates, corrparse.gates_passed, corrparse.is_accepted,
        corrparse.is_useful, corrparse.run_state, diagnostics.global_state_at, diagnostics.global_state_conditions_at,
        diagnostics.golden_signals_at, diagnostics.model_versions_at
        TO %s', reader);
  END IF;
END
$$;
COMMENT ON FUNCTION corrparse.grant_to_roles() IS
  'Gives the roles of corrparse.role_name what they need, as far as they exist. Run again after creating them by hand.';
REVOKE EXECUTE ON FUNCTION corrparse.grant_to_roles() FROM PUBLIC;

-- The part of useful that no verdict is needed for. The index record_accepted_idx has the same condition; it serves queries as long as both
-- are the same, letter by letter.
CREATE OR REPLACE FUNCTION corrparse.is_accepted(gates jsonb, sortino numeric, n_trades bigint) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(corrparse.gates_passed(gates), sortino >= 0 AND n_trades IS DISTINCT FROM 0, false);
COMMENT ON FUNCTION corrparse.is_accepted IS
  'Whether a strategy passed its gates; without gates, whether its Sortino counts and is not negative.';

-- Whether a record has one of corrparse.strategy_keys.
CREATE OR REPLACE FUNCTION corrparse.is_strategy(r corrparse.record) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN num_nonnulls(
    r.f1_buy, r.baseline_f1_buy, r.precision_buy, r.recall_buy, r.buy_rate, r.action_rate, r.std_f1_buy, r.screening_f1_buy,
    r.last_fold_f1_buy, r.sortino, r.tp_pct, r.sl_pct, r.timeout_pct, r.n_trades) > 0;
COMMENT ON FUNCTION corrparse.is_strategy IS 'Whether a record is of a tested strategy.';

-- Whether a strategy is worth using (docs/specification/3-classification.md, Runs). The second part is corrparse.is_accepted.
CREATE OR REPLACE FUNCTION corrparse.is_useful(findings text[], is_accepted boolean) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN findings && ARRAY['ML_EXPLOITABLE', 'ML_SOLID']
    AND NOT findings && ARRAY['ML_UNSTABLE', 'SCREENING_OVERFIT']
    AND is_accepted;
COMMENT ON FUNCTION corrparse.is_useful IS 'Whether a strategy with these findings is useful; null without a verdict.';

-- A change of the taxonomy changes every diagnosis. The lock keeps everybody from computing until the change is committed: a run that is
-- stored meanwhile would be computed under the old taxonomy and taken off the list.
CREATE OR REPLACE FUNCTION corrparse.note_change_of_all_runs() RETURNS trigger
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

-- Enters the state into its history when the state, or the set of triggered or unknown conditions, has changed. Callers wait for each
-- other, so that the second one sees the row of the first: call it in a transaction of read committed only.
CREATE OR REPLACE FUNCTION corrparse.note_global_state() RETURNS boolean
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
DECLARE
  instant timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(7168245303041978);
  instant := clock_timestamp();
  INSERT INTO corrparse.global_state_history (noted_at, state, triggered, unknown, reasons)
  SELECT instant, s.state, s.triggered, s.unknown, s.reasons
  FROM corrparse.global_state_at(instant) AS s
  WHERE NOT EXISTS (
    SELECT FROM (
      SELECT h.* FROM corrparse.global_state_history AS h ORDER BY h.noted_at DESC LIMIT 1
    ) AS h
    WHERE h.state = s.state AND h.triggered = s.triggered AND h.unknown = s.unknown);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION corrparse.note_global_state IS 'Called at the end of a run that wrote; returns whether a row was added.';

-- Enters the runs of changed rows that name a run into the list of runs to be computed.
CREATE OR REPLACE FUNCTION corrparse.note_run_change() RETURNS trigger
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
COMMENT ON FUNCTION corrparse.note_run_change IS 'For rows that name a run.';

-- Enters the runs of changed rows that belong to a record or a source into the list of runs to be computed.
CREATE OR REPLACE FUNCTION corrparse.note_run_change_of_record() RETURNS trigger
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
COMMENT ON FUNCTION corrparse.note_run_change_of_record IS 'For rows that belong to a record of the source; their keys never change.';

-- Stores the diagnoses of runs on the list. Only one caller computes at a time, so that no older result replaces a newer one: call it in
-- a transaction of read committed only. The entry of a run is taken off the list before its rows are read, so an entry that is committed
-- in between stays.
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
COMMENT ON FUNCTION corrparse.refresh_run_diagnoses IS
  'Stores the diagnoses of at most so many of the runs that changed, and returns of how many. Called until it returns 0.';

-- Candidates and passed of a whole run as of an instant: the stored ones where they hold for it, else computed.
CREATE OR REPLACE FUNCTION corrparse.run_passed_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (candidates bigint, passed bigint)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
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

-- The state of a run at an instant: it is running until all of its latest attempts have settled.
CREATE OR REPLACE FUNCTION corrparse.run_state(settled_state text, settles_at timestamptz, instant timestamptz) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN settles_at > instant THEN 'running' ELSE settled_state END;
COMMENT ON FUNCTION corrparse.run_state IS 'The state of a run at an instant, from what is stored of it.';

-- A window or count of the current taxonomy version. Functions without settings of their own, as this one, can be taken apart by the planner;
-- those in diagnostics, which call them, fix search path and time zone.
CREATE OR REPLACE FUNCTION corrparse.setting(of_name text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.value
    FROM corrparse.supervision_setting AS s
    JOIN corrparse.current_taxonomy AS c ON c.taxonomy_version = s.taxonomy_version
    WHERE s.name = of_name;
END;

-- A window of the current taxonomy version.
CREATE OR REPLACE FUNCTION corrparse.setting_hours(of_name text) RETURNS interval
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN make_interval(secs => corrparse.setting(of_name)::numeric::double precision * 3600);

-- The state of a run whose latest attempts have all come to their end: one that is not known to have ended well or badly is unknown.
CREATE OR REPLACE FUNCTION corrparse.settled_state(states text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN 'failed' = ANY (states) THEN 'failed'
    WHEN states <@ ARRAY['success', 'skipped'] THEN 'success'
    ELSE 'unknown'
  END;
COMMENT ON FUNCTION corrparse.settled_state IS 'The state of a run from the states of its latest attempts, once none is running.';

-- The severities, the least severe first: the place of one is its rank.
CREATE OR REPLACE FUNCTION corrparse.severities() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ARRAY['none', 'P3', 'P2', 'P1', 'P0'];
COMMENT ON FUNCTION corrparse.severities IS 'The severities, the least severe first.';

-- The severity of a diagnosis: that of the worst record with this code, else that of the code itself.
CREATE OR REPLACE FUNCTION corrparse.severity_of(of_code text, severity_ranks jsonb) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(
      (corrparse.severities())[(severity_ranks ->> coalesce(of_code, ''))::integer],
      (
        SELECT t.severity
        FROM corrparse.taxonomy AS t JOIN corrparse.current_taxonomy AS k ON k.taxonomy_version = t.taxonomy_version
        WHERE t.code = of_code
      ),
      'none');
END;

-- What each golden signal reads at an instant. A bound on an input is multiplied by the input's scale, which is the p95 for the input p95 and
-- 1 for the others. Where an input is given twice, its readings are the two ends of what it could be.
CREATE OR REPLACE FUNCTION corrparse.signal_reading_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, inputs text[], readings numeric[], scales numeric[], reason text,
    observed_at timestamptz)
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$
#variable_conflict use_column
DECLARE
  rate_since timestamptz := instant - corrparse.setting_hours('success_rate_hours');
  latency_since timestamptz := instant - corrparse.setting_hours('latency_hours');
  observed_since timestamptz := instant - corrparse.setting_hours('observation_hours');
  latency_runs bigint := corrparse.setting('latency_runs');
  percentile numeric := corrparse.setting('latency_percentile')::numeric / 100;
BEGIN
  RETURN QUERY
    WITH told AS (
      SELECT o.*, i.input, i.reading
      FROM corrparse.infra_reading AS o
      CROSS JOIN LATERAL (
        VALUES
          ('oom_kills', o.oom_kills::numeric), ('pods_down', o.pods_down::numeric), ('pvc_pct', o.pvc_pct), ('cpu_pct', o.cpu_pct)
      ) AS i (input, reading)
      WHERE o.observed_at BETWEEN observed_since AND instant AND i.reading IS NOT NULL
    ),
    -- What each origin last told of each input. A block that tells the CPU alone does not hide what was seen of the volumes.
    latest AS (
      SELECT DISTINCT ON (t.origin, t.input) t.*
      FROM told AS t
      ORDER BY
        t.origin, t.input, t.observed_at DESC, t.task_id COLLATE "C" DESC, t.map_index DESC, t.source COLLATE "C" DESC, t.block DESC
    ),
    -- The worst of the origins. Every bound of the signal is an upper one.
    worst AS (
      SELECT DISTINCT ON (l.input) l.*
      FROM latest AS l
      ORDER BY l.input, l.reading DESC, l.observed_at DESC, l.origin COLLATE "C"
    ),
    earlier AS (
      SELECT greatest(
        (SELECT max(o.observed_at) FROM corrparse.infra_observation AS o WHERE o.observed_at <= instant),
        (
          SELECT max(r.observed_at) FROM corrparse.record AS r
          WHERE r.observed_at <= instant
            AND (r.oom_kills IS NOT NULL OR r.pods_down IS NOT NULL OR r.pvc_pct IS NOT NULL OR r.cpu_pct IS NOT NULL)
        )) AS observed_at,
        greatest(
          (SELECT max(o.observed_at) FROM corrparse.infra_observation AS o),
          (
            SELECT max(r.observed_at) FROM corrparse.record AS r
            WHERE r.oom_kills IS NOT NULL OR r.pods_down IS NOT NULL OR r.pvc_pct IS NOT NULL OR r.cpu_pct IS NOT NULL
          )) AS last_at
    )
    SELECT
      'infra_health', 'platform', NULL::numeric,
      array_agg(i.input ORDER BY i.place), array_agg(w.reading ORDER BY i.place), array_agg(1::numeric ORDER BY i.place),
      CASE
        WHEN count(DISTINCT w.origin) = 1 THEN format(
          '%s; last seen %s by %s',
          string_agg(format('%s %s', i.input, coalesce(corrparse.figure(w.reading), 'not observed')), ', ' ORDER BY i.place),
          corrparse.utc_text(max(w.observed_at)), max(w.origin))
        WHEN count(w.input) > 0 THEN format(
          '%s; last seen %s',
          string_agg(
            format('%s %s', i.input, coalesce(corrparse.figure(w.reading) || ' by ' || w.origin, 'not observed')), ', '
            ORDER BY i.place),
          corrparse.utc_text(max(w.observed_at)))
        WHEN max(e.observed_at) IS NOT NULL THEN format(
          'the latest infra observation is of %s, older than %s h', corrparse.utc_text(max(e.observed_at)),
          corrparse.setting('observation_hours'))
        ELSE 'no infra observation'
      END || corrparse.passed_over(instant, 'observations', max(e.last_at)),
      max(w.observed_at)
    FROM unnest(ARRAY['oom_kills', 'pods_down', 'pvc_pct', 'cpu_pct']) WITH ORDINALITY AS i (input, place)
    LEFT JOIN worst AS w ON w.input = i.input
    CROSS JOIN earlier AS e;

  RETURN QUERY
    WITH RECURSIVE dag_walk AS (
      (SELECT o.dag_id FROM corrparse.task_outcome AS o ORDER BY o.dag_id LIMIT 1)
      UNION ALL
      SELECT n.dag_id
      FROM dag_walk AS w
      CROSS JOIN LATERAL (
        SELECT o.dag_id FROM corrparse.task_outcome AS o WHERE o.dag_id > w.dag_id ORDER BY o.dag_id LIMIT 1
      ) AS n
    ),
    dag AS MATERIALIZED (
      SELECT w.dag_id FROM dag_walk AS w
      WHERE EXISTS (SELECT FROM corrparse.task_outcome AS o WHERE o.dag_id = w.dag_id AND o.started_at <= instant)
      UNION
      SELECT t.dag_id FROM corrparse.test_dag AS t
    ),
    last_start AS MATERIALIZED (
      SELECT w.dag_id, (SELECT max(o.started_at) FROM corrparse.task_outcome AS o WHERE o.dag_id = w.dag_id) AS last_at
      FROM dag_walk AS w
    ),
    run AS MATERIALIZED (
      SELECT k.dag_id, k.run_id, r.started_at, r.ended_at, r.state, r.seconds
      FROM (
        SELECT DISTINCT o.dag_id, o.run_id
        FROM corrparse.task_outcome AS o
        WHERE o.ended_at BETWEEN least(rate_since, latency_since) AND instant
      ) AS k
      CROSS JOIN LATERAL corrparse.run_at(instant, k.dag_id, k.run_id) AS r
    ),
    rate AS (
      SELECT
        s.scope,
        (SELECT max(l.last_at) FROM last_start AS l WHERE l.dag_id = s.dag_id OR s.dag_id IS NULL) AS last_at,
        count(*) FILTER (WHERE run.state = 'success') AS successful,
        count(*) FILTER (WHERE run.state = 'failed') AS failed,
        count(*) FILTER (WHERE run.state = 'unknown') AS unknown,
        max(run.ended_at) FILTER (WHERE run.state IN ('success', 'failed')) AS observed_at
      FROM (SELECT 'all' AS scope, NULL AS dag_id UNION ALL SELECT dag.dag_id, dag.dag_id FROM dag) AS s
      LEFT JOIN run ON (run.dag_id = s.dag_id OR s.dag_id IS NULL) AND run.ended_at >= rate_since
      GROUP BY s.scope, s.dag_id
    ),
    finished AS (
      SELECT
        run.*,
        row_number() OVER (PARTITION BY run.dag_id ORDER BY run.started_at DESC, run.run_id COLLATE "C" DESC) AS place
      FROM run
      WHERE run.state IN ('success', 'failed') AND run.started_at IS NOT NULL AND run.ended_at >= latency_since
    ),
    latency AS (
      SELECT
        f.dag_id,
        max(f.run_id) FILTER (WHERE f.place = 1) AS run_id,
        max(f.seconds) FILTER (WHERE f.place = 1) AS seconds,
        max(f.ended_at) FILTER (WHERE f.place = 1) AS ended_at,
        count(*) FILTER (WHERE f.place > 1 AND f.state = 'success') AS before,
        percentile * (count(*) FILTER (WHERE f.place > 1 AND f.state = 'success') - 1) AS rank,
        array_agg(f.seconds ORDER BY f.seconds) FILTER (WHERE f.place > 1 AND f.state = 'success') AS durations
      FROM finished AS f
      GROUP BY f.dag_id
    ),
    limited AS (
      -- percentile_cont in exact numbers; PostgreSQL's own goes through binary floating point.
      SELECT
        l.*,
        CASE WHEN l.before >= latency_runs THEN
          l.durations[floor(l.rank)::integer + 1]
            + (l.durations[ceil(l.rank)::integer + 1] - l.durations[floor(l.rank)::integer + 1]) * (l.rank - floor(l.rank))
        END AS p95
      FROM latency AS l
    )
    SELECT
      'pipeline_success_rate', r.scope, 100.0 * r.successful / nullif(n.finished, 0),
      -- The two ends of what the rate could be: runs of unknown outcome may all have failed or all have succeeded.
      ARRAY['pipeline_success_rate', 'pipeline_success_rate'], ARRAY[n.least, n.greatest], ARRAY[1, 1]::numeric[],
      CASE
        WHEN n.finished = 0 THEN format('no finished run in %s h', corrparse.setting('success_rate_hours'))
        ELSE format('%s of %s finished runs succeeded', r.successful, n.finished)
      END
        || CASE
          WHEN r.unknown = 0 THEN ''
          WHEN n.finished = 0 THEN format('; %s of unknown outcome', r.unknown)
          ELSE format(
            '; %s of unknown outcome, so it is between %s and %s %%', r.unknown, round(n.least, 1), round(n.greatest, 1))
        END
        || corrparse.passed_over(instant, 'attempts', r.last_at),
      r.observed_at
    FROM rate AS r
    CROSS JOIN LATERAL (
      SELECT
        r.successful + r.failed AS finished,
        -- Without a finished run nothing is known of the rate.
        100.0 * r.successful / (CASE WHEN r.successful + r.failed > 0 THEN r.successful + r.failed + r.unknown END) AS least,
        100.0 * (r.successful + r.unknown)
          / (CASE WHEN r.successful + r.failed > 0 THEN r.successful + r.failed + r.unknown END) AS greatest
    ) AS n
    UNION ALL
    SELECT
      'pipeline_latency', d.dag_id, l.seconds, ARRAY['p95', 'duration'],
      ARRAY[CASE WHEN l.p95 IS NOT NULL THEN l.seconds END, l.seconds],
      ARRAY[l.p95, 1],
      CASE
        WHEN l.dag_id IS NULL THEN format('no finished run in %s h', corrparse.setting('latency_hours'))
        WHEN l.p95 IS NULL THEN format(
          '%s took %s s; %s successful runs before it in %s h, %s are needed for its p95', l.run_id, corrparse.figure(l.seconds), l.before,
          corrparse.setting('latency_hours'), latency_runs)
        ELSE format(
          '%s took %s s; p95 of the %s successful runs before it is %s s', l.run_id, corrparse.figure(l.seconds), l.before,
          corrparse.figure(l.p95))
      END || corrparse.passed_over(instant, 'attempts', t.last_at),
      l.ended_at
    FROM dag AS d
    LEFT JOIN last_start AS t ON t.dag_id = d.dag_id
    LEFT JOIN limited AS l ON l.dag_id = d.dag_id;

  RETURN QUERY
    WITH crypto AS MATERIALIZED (
      SELECT
        k.*,
        corrparse.passed_over(
          instant, 'records', (SELECT max(r.observed_at) FROM corrparse.record AS r WHERE r.crypto = k.crypto)) AS passed_over
      FROM corrparse.crypto_at(instant) AS k
    ),
    best AS MATERIALIZED (
      SELECT c.crypto, c.crypto_group, c.passed_over, b.*
      FROM crypto AS c
      LEFT JOIN LATERAL corrparse.best_strategy_at(instant, c.crypto, 1) AS b ON true
    ),
    registry AS (
      SELECT
        bool_or(r.is_fresh) AS is_fresh, sum(r.models) FILTER (WHERE r.is_fresh) AS models, max(r.observed_at) AS observed_at,
        string_agg(
          format('; %s was last observed %s', r.origin, corrparse.utc_text(r.observed_at)), '' ORDER BY r.origin COLLATE "C")
          FILTER (WHERE NOT r.is_fresh) AS stale,
        (SELECT max(o.observed_at) FROM corrparse.model_observation AS o) AS last_at
      FROM corrparse.registry_at(instant) AS r
    )
    SELECT
      s.signal, b.crypto, s.value, ARRAY[s.signal], ARRAY[s.value], ARRAY[1::numeric],
      CASE
        WHEN b.run_id IS NULL THEN 'no test run has a record of it'
        WHEN NOT b.has_strategy THEN format('no strategy of it in its last run %s %s', b.dag_id, b.run_id)
        WHEN s.value IS NULL THEN format('its best strategy in its last run %s %s does not tell', b.dag_id, b.run_id)
        ELSE format('of its best strategy in its last run %s %s', b.dag_id, b.run_id)
      END || CASE WHEN b.crypto_group IS NULL THEN '; in no group of the universe' ELSE '' END || b.passed_over,
      b.observed_at
    FROM best AS b
    CROSS JOIN LATERAL (
      VALUES
        ('f1_buy_delta_vs_baseline', b.delta * 100), ('screening_testing_gap', b.screening_gap), ('std_f1_buy', b.std_f1_buy),
        ('sortino', b.sortino), ('sl_pct', b.sl_pct), ('timeout_pct', b.timeout_pct)
    ) AS s (signal, value)
    UNION ALL
    SELECT
      'model_freshness', c.crypto, a.days, ARRAY['model_freshness'], ARRAY[a.days], ARRAY[1::numeric],
      CASE
        WHEN c.last_useful_at IS NOT NULL THEN format('last useful strategy %s', corrparse.utc_text(c.last_useful_at))
        WHEN c.first_record_at IS NOT NULL THEN
          format('never a useful strategy since its first record %s', corrparse.utc_text(c.first_record_at))
        ELSE 'no record of it'
      END || CASE WHEN c.crypto_group IS NULL THEN '; in no group of the universe' ELSE '' END || c.passed_over,
      coalesce(c.last_useful_at, c.first_record_at)
    FROM crypto AS c
    CROSS JOIN LATERAL (
      SELECT extract(epoch FROM instant - coalesce(c.last_useful_at, c.first_record_at)) / 86400 AS days
    ) AS a
    UNION ALL
    SELECT
      'challenger_count', coalesce(c.crypto, w.crypto), w.pending::numeric, ARRAY['challenger_count'], ARRAY[w.pending::numeric],
      ARRAY[1::numeric],
      CASE
        WHEN g.observed_at IS NULL THEN 'no observation of a model registry'
        WHEN NOT g.is_fresh THEN format(
          'the latest observation of the model registry is of %s, older than %s h', corrparse.utc_text(g.observed_at),
          corrparse.setting('registry_hours'))
        WHEN g.models = 0 THEN 'the model registry shows no model: rights, workspace?'
        WHEN w.crypto IS NULL THEN 'no registered model of it'
        ELSE w.reason
      END
        || CASE WHEN g.is_fresh THEN coalesce(g.stale, '') ELSE '' END
        || CASE WHEN c.crypto_group IS NULL THEN '; in no group of the universe' ELSE '' END
        || corrparse.passed_over(instant, 'observations', g.last_at),
      coalesce(w.observed_at, g.observed_at)
    FROM crypto AS c
    -- A crypto that only the registry knows is listed, too.
    FULL JOIN corrparse.challengers_at(instant) AS w ON w.crypto = c.crypto
    CROSS JOIN registry AS g;
END
$$;

-- The stored rows of a run that hold for an instant: everything had happened by then, and the run is not on the list.
CREATE OR REPLACE FUNCTION corrparse.stored_run_at(instant timestamptz, of_dag text, of_run text)
  RETURNS SETOF corrparse.run_diagnosis
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.*
    FROM corrparse.run_diagnosis AS d
    WHERE d.dag_id = of_dag AND d.run_id = of_run AND d.last_event_at <= instant
      AND NOT EXISTS (SELECT FROM corrparse.run_change AS c WHERE c.dag_id = of_dag AND c.run_id = of_run);
END;

-- The keys that make a record a tested strategy's (docs/specification/3-classification.md, Rules). corrparse.is_strategy has them as columns.
CREATE OR REPLACE FUNCTION corrparse.strategy_keys() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ARRAY[
    'f1_buy', 'baseline_f1_buy', 'precision_buy', 'recall_buy', 'buy_rate', 'action_rate', 'std_f1_buy', 'screening_f1_buy',
    'last_fold_f1_buy', 'sortino', 'tp_pct', 'sl_pct', 'timeout_pct', 'n_trades'];
COMMENT ON FUNCTION corrparse.strategy_keys IS 'The keys that make a record a tested strategy''s.';

-- Names and locations may be as long as a path (4,096 bytes), and longer than an entry of a B-tree may be. Therefore they are unique by their
-- digest. The function is immutable although convert_to() is not: the encoding of a database never changes.
CREATE OR REPLACE FUNCTION corrparse.text_digest(value text) RETURNS bytea
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$ SELECT sha256(convert_to(value, 'UTF8')) $$;

-- Gives the rights in this database to other roles than so far, which lose them. Roles belong to the whole server, so each of several
-- databases can have its own.
CREATE OR REPLACE FUNCTION corrparse.use_roles(writer text, reader text) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT n.role_name FROM corrparse.role_name AS n JOIN pg_roles AS r ON r.rolname = n.role_name
    WHERE n.role_name NOT IN (writer, reader)
  LOOP
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA corrparse, diagnostics FROM %I', one.role_name);
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA corrparse, diagnostics FROM %I', one.role_name);
    EXECUTE format('REVOKE ALL ON SCHEMA corrparse, diagnostics FROM %I', one.role_name);
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM %I', current_database(), one.role_name);
  END LOOP;
  FOR one IN
    SELECT w.role_name FROM unnest(ARRAY[writer, reader]) AS w (role_name)
    WHERE NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = w.role_name)
  LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', one.role_name);
    EXCEPTION
      -- Another database's migration may have made it meanwhile.
      WHEN duplicate_object OR unique_violation THEN
        NULL;
      WHEN insufficient_privilege THEN
        RAISE NOTICE 'role % does not exist and % may not create it: have an administrator run CREATE ROLE % and SELECT corrparse.grant_to_roles()',
          one.role_name, current_user, one.role_name;
    END;
  END LOOP;
  DELETE FROM corrparse.role_name;
  INSERT INTO corrparse.role_name (duty, role_name) VALUES ('writer', writer), ('reader', reader);
  PERFORM corrparse.grant_to_roles();
END
$$;
COMMENT ON FUNCTION corrparse.use_roles IS 'Names the roles of this database, makes those that are missing, and gives them their rights.';
REVOKE EXECUTE ON FUNCTION corrparse.use_roles FROM PUBLIC;

-- An instant for people.
CREATE OR REPLACE FUNCTION corrparse.utc_text(instant timestamptz) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

CREATE OR REPLACE FUNCTION diagnostics.global_state_conditions_at(instant timestamptz)
  RETURNS TABLE (condition text, contributes text, status text, evidence text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      c.condition, c.contributes,
      CASE WHEN r.is_triggered THEN 'triggered' WHEN r.is_triggered IS NULL THEN 'unknown' ELSE 'clear' END,
      coalesce(r.evidence, 'this schema does not know the condition')
    FROM corrparse.state_condition AS c
    JOIN corrparse.current_taxonomy AS t ON t.taxonomy_version = c.taxonomy_version
    LEFT JOIN corrparse.condition_at(instant) AS r ON r.condition = c.condition
    ORDER BY c.position
  $$;
COMMENT ON FUNCTION diagnostics.global_state_conditions_at IS
  'Every condition of the global state (manual, section 0) as of an instant, worst first.';
REVOKE EXECUTE ON FUNCTION diagnostics.global_state_conditions_at(timestamptz) FROM PUBLIC;

CREATE OR REPLACE TRIGGER current_taxonomy_change AFTER INSERT OR UPDATE OR DELETE ON corrparse.current_taxonomy
  FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_change_of_all_runs();

-- Only a statement of its own counts: rows that go with their record or source are noted with that.
CREATE OR REPLACE TRIGGER issue_delete AFTER DELETE ON corrparse.issue
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION corrparse.note_run_change_of_record();

CREATE OR REPLACE TRIGGER issue_insert AFTER INSERT ON corrparse.issue
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();

CREATE OR REPLACE TRIGGER issue_update AFTER UPDATE ON corrparse.issue
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();

CREATE OR REPLACE TRIGGER record_delete AFTER DELETE ON corrparse.record
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

CREATE OR REPLACE TRIGGER record_insert AFTER INSERT ON corrparse.record
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

CREATE OR REPLACE TRIGGER record_update AFTER UPDATE ON corrparse.record
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

CREATE OR REPLACE TRIGGER setting_change AFTER INSERT OR UPDATE OR DELETE ON corrparse.supervision_setting
  FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_change_of_all_runs();

CREATE OR REPLACE TRIGGER task_outcome_delete AFTER DELETE ON corrparse.task_outcome
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

CREATE OR REPLACE TRIGGER task_outcome_insert AFTER INSERT ON corrparse.task_outcome
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

CREATE OR REPLACE TRIGGER task_outcome_update AFTER UPDATE ON corrparse.task_outcome
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

CREATE OR REPLACE TRIGGER taxonomy_change AFTER INSERT OR UPDATE OR DELETE ON corrparse.taxonomy
  FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_change_of_all_runs();

-- Only a statement of its own counts: rows that go with their record or source are noted with that.
CREATE OR REPLACE TRIGGER verdict_delete AFTER DELETE ON corrparse.verdict
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION corrparse.note_run_change_of_record();

CREATE OR REPLACE TRIGGER verdict_insert AFTER INSERT ON corrparse.verdict
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();

CREATE OR REPLACE TRIGGER verdict_update AFTER UPDATE ON corrparse.verdict
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();

-- Every infra observation with its origin: who observes from outside, or the DAG whose blocks tell. The last columns order what one origin
-- tells at one time.
CREATE OR REPLACE VIEW corrparse.infra_reading AS
SELECT
  o.observed_at, o.origin, o.oom_kills, o.pods_down, o.pvc_pct, o.cpu_pct, NULL::text AS task_id, NULL::bigint AS map_index,
  NULL::text AS source, NULL::bigint AS block, o.memory_pct
FROM corrparse.infra_observation AS o
UNION ALL
SELECT
  r.observed_at, coalesce('blocks of ' || r.dag_id, s.name), r.oom_kills, r.pods_down, r.pvc_pct, r.cpu_pct, r.task_id, r.map_index,
  s.name, r.block, NULL
FROM corrparse.record AS r
JOIN corrparse.source AS s ON s.source_id = r.source_id
WHERE r.oom_kills IS NOT NULL OR r.pods_down IS NOT NULL OR r.pvc_pct IS NOT NULL OR r.cpu_pct IS NOT NULL;
COMMENT ON VIEW corrparse.infra_reading IS 'Every infra observation: those from outside, and blocks with infra fields.';

-- Records with what diagnoses, golden signals and conditions ask of them.
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
  corrparse.counted(r.sortino, r.n_trades) AS sortino,
  corrparse.counted(r.sl_pct, r.n_trades) AS sl_pct,
  corrparse.counted(r.timeout_pct, r.n_trades) AS timeout_pct,
  corrparse.gates_passed(r.gates) AS gates_passed,
  corrparse.is_accepted(r.gates, r.sortino, r.n_trades) AS is_accepted,
  k.is_strategy,
  NOT k.is_strategy AND num_nonnulls(r.n_candidates, r.n_passed) > 0 AND NOT l.has_lost_keys AS is_summary,
  -- Nobody knows how such a strategy would have been judged, so it is no summary either.
  NOT k.is_strategy AND l.has_lost_keys AS is_lost_strategy,
  r.phase IS NOT DISTINCT FROM 'screening' AS is_screening,
  r.complete,
  d.has_doubtful_gates,
  -- Strategies that passed come before those without gates, and those before the rejected.
  CASE
    WHEN d.has_doubtful_gates THEN 3
    WHEN r.gates IS NULL THEN 2
    WHEN corrparse.gates_passed(r.gates) THEN 1
    ELSE 3
  END AS gate_rank,
  corrparse.is_accepted(r.gates, r.sortino, r.n_trades)
    AND r.phase IS DISTINCT FROM 'screening' AND NOT d.has_doubtful_gates AND NOT d.is_damaged AS is_qualified
FROM corrparse.record AS r
CROSS JOIN LATERAL (
  SELECT corrparse.is_strategy(r) AS is_strategy
) AS k
CROSS JOIN LATERAL (
  -- Asked only where all of these values are absent: then an issue that names one of them is why.
  SELECT EXISTS (
    SELECT FROM corrparse.issue AS i
    WHERE i.source_id = r.source_id AND i.block = r.block
      AND (
        i.kind IN ('interleaved', 'unsupported_version')
        OR i.key = ANY (corrparse.strategy_keys())))
    AS has_lost_keys
) AS l
CROSS JOIN LATERAL (
  SELECT
    -- EXISTS could be answered by a hash of all issues.
    coalesce(
      (
        SELECT bool_or(corrparse.doubts_gates(i.kind, i.key)) FROM corrparse.issue AS i
        WHERE i.source_id = r.source_id AND i.block = r.block
      ),
      false) AS has_doubtful_gates,
    coalesce(
      (
        SELECT bool_or(i.kind = 'damaged_source') FROM corrparse.issue AS i
        WHERE i.source_id = r.source_id AND i.block = r.block
      ),
      false) AS is_damaged
) AS d;
COMMENT ON VIEW corrparse.judged_record IS 'Records with what diagnoses, golden signals and conditions ask of them.';

CREATE OR REPLACE VIEW corrparse.useful_strategy AS
SELECT
  j.source_id, j.block, j.dag_id, j.run_id, j.task_id, j.map_index, j.crypto, j.observed_at, j.delta, j.sortino, j.sl_pct,
  j.timeout_pct, j.gates_passed, j.gate_rank, s.name AS source
FROM corrparse.judged_record AS j
JOIN corrparse.verdict AS v
  ON v.source_id = j.source_id AND v.block = j.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
JOIN corrparse.source AS s ON s.source_id = j.source_id
WHERE j.is_accepted AND corrparse.is_useful(v.findings, j.is_qualified)
  AND coalesce(
    j.try_number >= (
      SELECT max(o.try_number) FROM corrparse.task_outcome AS o
      WHERE o.dag_id = j.dag_id AND o.run_id = j.run_id AND o.task_id = j.task_id AND o.map_index = j.map_index
    ),
    true);
COMMENT ON VIEW corrparse.useful_strategy IS 'The records of latest attempts that are of useful strategies.';

CREATE OR REPLACE VIEW diagnostics.global_state_condition_v1 AS
SELECT c.condition, c.contributes, c.status, c.evidence
FROM diagnostics.global_state_conditions_at(now()) AS c;
COMMENT ON VIEW diagnostics.global_state_condition_v1 IS 'Every condition of the global state now, worst first.';

CREATE OR REPLACE VIEW diagnostics.global_state_history_v1 AS
SELECT
  h.state,
  h.noted_at AS since,
  lead(h.noted_at) OVER (ORDER BY h.noted_at) AS until,
  h.reasons
FROM corrparse.global_state_history AS h;
COMMENT ON VIEW diagnostics.global_state_history_v1 IS
  'The global state as it was noted: a row for each change of the state or of what was triggered or unknown.';

CREATE OR REPLACE VIEW diagnostics.infra_observation_v1 AS
SELECT r.observed_at, r.origin, r.oom_kills, r.pods_down, r.pvc_pct, r.cpu_pct, r.memory_pct
FROM corrparse.infra_reading AS r;
COMMENT ON VIEW diagnostics.infra_observation_v1 IS 'What observers from outside and blocks told of the platform.';

CREATE OR REPLACE VIEW diagnostics.ingestion_v1 AS
SELECT
  l.location,
  s.name AS source,
  s.dag_id COLLATE "C" AS dag_id,
  s.run_id,
  s.task_id,
  nullif(s.map_index, -1) AS map_index,
  s.try_number,
  l.status,
  l.size_bytes,
  l.blocks,
  l.replays,
  l.issues,
  l.ingested_at,
  l.error
FROM corrparse.log AS l
JOIN corrparse.source AS s ON s.source_id = l.source_id;
COMMENT ON VIEW diagnostics.ingestion_v1 IS 'The ledger: one row per location that was read.';

CREATE OR REPLACE VIEW diagnostics.issue_v1 AS
SELECT
  coalesce(r.observed_at, l.modified_at, l.ingested_at) AS observed_at,
  s.name AS source,
  coalesce(r.dag_id, s.dag_id) AS dag_id,
  coalesce(r.run_id, s.run_id) AS run_id,
  coalesce(r.task_id, s.task_id) AS task_id,
  nullif(coalesce(r.map_index, s.map_index), -1) AS map_index,
  coalesce(r.try_number, s.try_number) AS try_number,
  coalesce(nullif(i.block, 0), i.first_block) AS block,
  i.line,
  i.byte_offset,
  i.kind,
  i.key,
  i.raw
FROM corrparse.issue AS i
JOIN corrparse.source AS s ON s.source_id = i.source_id
LEFT JOIN corrparse.log AS l ON l.log_id = s.feed_log_id
LEFT JOIN corrparse.record AS r ON r.source_id = i.source_id AND r.block = i.block
UNION ALL
SELECT
  l.ingested_at,
  s.name,
  s.dag_id,
  s.run_id,
  s.task_id,
  nullif(s.map_index, -1),
  s.try_number,
  NULL,
  NULL,
  NULL,
  l.refusal,
  NULL,
  format('%s: read again as %s, %s bytes; what a complete reading of %s bytes stored is kept',
    l.location, l.status, l.decompressed_bytes, l.complete_bytes)
FROM corrparse.log AS l
JOIN corrparse.source AS s ON s.source_id = l.source_id
WHERE l.refusal IS NOT NULL;
COMMENT ON VIEW diagnostics.issue_v1 IS
  'What was wrong with blocks and logs. observed_at is the record''s; for an issue of a source the log''s modification time.';

CREATE OR REPLACE VIEW diagnostics.model_observation_v1 AS
SELECT o.observed_at, o.origin, o.models, o.versions, o.warnings
FROM corrparse.model_observation AS o;
COMMENT ON VIEW diagnostics.model_observation_v1 IS 'The observations of model registries, with what contradicted itself or was left out.';

-- The rank of a strategy is asked for each row alone, so that a question about some days does not rank those of all years.
CREATE OR REPLACE VIEW diagnostics.strategy_v1 AS
SELECT
  r.observed_at,
  r.dag_id,
  r.run_id,
  r.task_id,
  nullif(r.map_index, -1) AS map_index,
  r.try_number,
  r.block,
  r.crypto,
  u.crypto_group,
  r.horizon,
  r.timeframe,
  r.sl,
  r.tp,
  r.fold,
  r.phase,
  r.strategy_id,
  r.model_version,
  r.f1_buy,
  r.baseline_f1_buy,
  v.delta_points,
  r.std_f1_buy,
  j.sortino,
  corrparse.counted(r.tp_pct, r.n_trades) AS tp_pct,
  j.sl_pct,
  j.timeout_pct,
  r.n_trades,
  r.gates,
  j.gates_passed,
  v.primary_code,
  v.severity,
  v.certainty,
  (
    SELECT 1 + count(*)
    FROM corrparse.useful_strategy AS b
    WHERE b.dag_id = j.dag_id AND b.run_id = j.run_id AND b.crypto IS NOT DISTINCT FROM j.crypto
      AND (
        b.gate_rank, -coalesce(b.sortino, '-infinity'), -coalesce(b.delta, '-infinity'), b.observed_at, b.task_id COLLATE "C",
        b.map_index, b.source COLLATE "C", b.block)
        < (
          j.gate_rank, -coalesce(j.sortino, '-infinity'), -coalesce(j.delta, '-infinity'), j.observed_at, j.task_id COLLATE "C",
          j.map_index, j.source COLLATE "C", j.block)
  ) AS rank_in_run
FROM corrparse.useful_strategy AS j
JOIN corrparse.record AS r ON r.source_id = j.source_id AND r.block = j.block
JOIN corrparse.verdict AS v
  ON v.source_id = j.source_id AND v.block = j.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)
LEFT JOIN corrparse.universe AS u ON u.crypto = r.crypto;
COMMENT ON VIEW diagnostics.strategy_v1 IS 'The useful strategies of latest attempts under the current taxonomy version.';

CREATE OR REPLACE VIEW diagnostics.task_attempt_v1 AS
SELECT
  a.dag_id,
  a.run_id,
  a.task_id,
  nullif(a.map_index, -1) AS map_index,
  a.try_number,
  a.try_number = a.latest_try AS latest_attempt,
  -- A failure that nothing states is a retry once a later attempt exists (docs/specification/2-log-envelopes.md, Outcome).
  CASE WHEN a.state = 'failed' AND NOT a.stated AND a.try_number < a.latest_try THEN 'up_for_retry' ELSE a.state END
    AS state,
  a.stated,
  a.started_at,
  a.ended_at,
  extract(epoch FROM a.ended_at - a.started_at) AS duration_seconds
FROM (
  SELECT
    o.*,
    -- Several logs may speak of one attempt. Those that know its outcome come first, the task's own log before its triggerer's,
    -- and of the parts that a log was rotated into the last one.
    row_number() OVER (
      PARTITION BY o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number
      ORDER BY
        o.state = 'unknown',
        CASE WHEN s.part = '' THEN 0 WHEN s.part ~ '^rotated[.][0-9]{1,9}$' THEN substr(s.part, 9)::integer END DESC NULLS LAST,
        NOT o.stated, o.ended_at DESC NULLS LAST, s.name COLLATE "C",
        s.is_identified
    ) AS choice,
    max(o.try_number) OVER (PARTITION BY o.dag_id, o.run_id, o.task_id, o.map_index) AS latest_try
  FROM corrparse.task_outcome AS o
  JOIN corrparse.source AS s ON s.source_id = o.source_id
) AS a
WHERE a.choice = 1;
COMMENT ON VIEW diagnostics.task_attempt_v1 IS 'One row per task attempt with what became of it.';

CREATE OR REPLACE VIEW diagnostics.taxonomy_v1 AS
SELECT
  t.code,
  t.taxonomy_version,
  t.taxonomy_version = c.taxonomy_version AS is_current,
  t.layer,
  t.severity,
  t.condition,
  t.meaning,
  t.next_step,
  t.position
FROM corrparse.taxonomy AS t
CROSS JOIN corrparse.current_taxonomy AS c;
COMMENT ON VIEW diagnostics.taxonomy_v1 IS 'What the codes mean, for every taxonomy version.';

CREATE OR REPLACE VIEW diagnostics.verdict_all_v1 AS
SELECT
  r.observed_at,
  r.dag_id,
  r.run_id,
  r.task_id,
  nullif(r.map_index, -1) AS map_index,
  r.try_number,
  -- The greatest number is the end of an index. For NOT EXISTS of a greater one the planner may read the whole table.
  coalesce(
    r.try_number >= (
      SELECT max(o.try_number) FROM corrparse.task_outcome AS o
      WHERE o.dag_id = r.dag_id AND o.run_id = r.run_id AND o.task_id = r.task_id AND o.map_index = r.map_index
    ),
    true) AS latest_attempt,
  r.block,
  r.crypto,
  u.crypto_group,
  r.logged_group,
  r.horizon,
  r.timeframe,
  r.sl,
  r.tp,
  r.fold,
  r.n_folds,
  r.phase,
  r.strategy_id,
  r.model_version,
  r.f1_buy,
  r.baseline_f1_buy,
  v.delta_points,
  r.precision_buy,
  r.recall_buy,
  r.buy_rate,
  r.action_rate,
  r.std_f1_buy,
  r.theta,
  r.sortino,
  r.tp_pct,
  r.sl_pct,
  r.timeout_pct,
  r.n_trades,
  r.gates,
  corrparse.gates_passed(r.gates) AS gates_passed,
  r.screening_f1_buy,
  r.last_fold_f1_buy,
  r.screening_f1_buy - r.last_fold_f1_buy AS screening_gap,
  r.n_candidates,
  r.n_passed,
  r.complete,
  v.primary_code,
  v.findings,
  v.certainty,
  v.severity,
  v.ml,
  v.execution,
  v.infra,
  v.not_evaluated,
  corrparse.is_useful(
    v.findings,
    corrparse.is_accepted(r.gates, r.sortino, r.n_trades) AND r.phase IS DISTINCT FROM 'screening'
      -- EXISTS could be answered by a hash of all issues.
      AND NOT coalesce(
        (
          SELECT bool_or(corrparse.doubts_gates(i.kind, i.key) OR i.kind = 'damaged_source') FROM corrparse.issue AS i
          WHERE i.source_id = r.source_id AND i.block = r.block
        ),
        false)) AS useful,
  (
    SELECT count(*) FROM corrparse.issue AS i
    WHERE i.source_id = r.source_id AND i.block = r.block
  ) AS issue_count,
  r.block_end,
  (
    SELECT coalesce(jsonb_object_agg(pair.value ->> 0, pair.value ->> 1), '{}')
    FROM jsonb_array_elements(r.extras) AS pair
  ) AS extras,
  v.explanation,
  v.taxonomy_version,
  s.name AS source,
  r.line
FROM corrparse.verdict AS v
JOIN corrparse.record AS r ON r.source_id = v.source_id AND r.block = v.block
JOIN corrparse.source AS s ON s.source_id = r.source_id
LEFT JOIN corrparse.universe AS u ON u.crypto = r.crypto;
COMMENT ON VIEW diagnostics.verdict_all_v1 IS 'Every record with its verdict, for every taxonomy version.';

CREATE OR REPLACE VIEW diagnostics.verdict_v1 AS
SELECT * FROM diagnostics.verdict_all_v1
WHERE taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c);
COMMENT ON VIEW diagnostics.verdict_v1 IS 'Every record with its verdict under the current taxonomy version.';

-- The attempts of a run that had started by an instant, with their state and end as of that instant. An attempt keeps its run running
-- until settles_at, which does not depend on the instant: a while after its end, a longer while after the last line of a log that tells
-- no outcome, and a day where it waits for a retry or is deferred.
CREATE OR REPLACE FUNCTION corrparse.attempt_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (
    task_id text, map_index bigint, try_number bigint, is_latest boolean, state text, started_at timestamptz,
    ended_at timestamptz, settles_at timestamptz)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
      a.task_id, a.map_index, a.try_number, a.try_number = a.latest_try,
      CASE
        WHEN a.ended_at > instant THEN 'running'
        WHEN a.state IN ('success', 'skipped', 'failed') THEN a.state
        WHEN u.settles_at > instant THEN 'running'
        ELSE 'unknown'
      END,
      a.started_at,
      CASE WHEN a.ended_at <= instant THEN a.ended_at END,
      u.settles_at
    FROM (
      SELECT
        o.*,
        -- In the order of diagnostics.task_attempt_v1.
        row_number() OVER (
          PARTITION BY o.task_id, o.map_index, o.try_number
          ORDER BY
            o.state = 'unknown',
            CASE WHEN s.part = '' THEN 0 WHEN s.part ~ '^rotated[.][0-9]{1,9}$' THEN substr(s.part, 9)::integer END DESC NULLS LAST,
            NOT o.stated, o.ended_at DESC NULLS LAST, s.name COLLATE "C",
            s.is_identified
        ) AS choice,
        max(o.try_number) OVER (PARTITION BY o.task_id, o.map_index) AS latest_try
      FROM corrparse.task_outcome AS o
      JOIN corrparse.source AS s ON s.source_id = o.source_id
      WHERE o.dag_id = of_dag AND o.run_id = of_run
        AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
    ) AS a
    CROSS JOIN LATERAL (
      SELECT coalesce(a.ended_at, a.started_at) + CASE
        WHEN a.state IN ('success', 'skipped', 'failed') THEN (SELECT corrparse.setting_hours('settle_hours'))
        WHEN a.state = 'unknown' THEN (SELECT corrparse.setting_hours('silent_hours'))
        ELSE (SELECT corrparse.setting_hours('waiting_hours'))
      END AS settles_at
    ) AS u
    WHERE a.choice = 1;
END;
COMMENT ON FUNCTION corrparse.attempt_at IS
  'An attempt of which no time is known counts at every instant, so that its unknown state is not lost.';

-- The cryptos of the universe and those that have records by an instant, with the times that make them fresh or stale. The last useful
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

-- The global state with the names of the conditions that make it.
CREATE OR REPLACE FUNCTION corrparse.global_state_at(instant timestamptz)
  RETURNS TABLE (state text, since timestamptz, reasons text[], triggered text[], unknown text[])
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
      r.state,
      coalesce(
        (
          -- The first row since another state was last noted. There is none if that was the last note.
          SELECT min(h.noted_at) FROM corrparse.global_state_history AS h
          WHERE h.noted_at <= instant
            AND h.noted_at > coalesce(
              (
                SELECT max(o.noted_at) FROM corrparse.global_state_history AS o
                WHERE o.noted_at <= instant AND o.state <> r.state
              ),
              '-infinity')
        ),
        instant),
      r.reasons,
      r.triggered,
      r.unknown
    FROM (
      SELECT
        CASE
          WHEN bool_or(c.status = 'triggered') THEN
            (array_agg(c.contributes ORDER BY c.place) FILTER (WHERE c.status = 'triggered'))[1]
          WHEN bool_and(c.status = 'clear') THEN 'GREEN'
          ELSE 'UNKNOWN'
        END AS state,
        coalesce(
          array_agg(
            format('%s %s: %s', CASE c.status WHEN 'triggered' THEN c.contributes ELSE 'unknown' END, c.condition, c.evidence)
            ORDER BY c.status = 'unknown', c.place)
            FILTER (WHERE c.status <> 'clear'),
          '{}') AS reasons,
        coalesce(array_agg(c.condition ORDER BY c.place) FILTER (WHERE c.status = 'triggered'), '{}') AS triggered,
        coalesce(array_agg(c.condition ORDER BY c.place) FILTER (WHERE c.status = 'unknown'), '{}') AS unknown
      FROM diagnostics.global_state_conditions_at(instant)
        WITH ORDINALITY AS c (condition, contributes, status, evidence, place)
    ) AS r;
END;

-- What the evidence says of things of the future, given the time of the last of them; empty where the last one is not of the future. Nothing
-- is of the future that has happened by the instant asked for or by the server's clock: a question about the past does not call what came
-- later garbled.
CREATE OR REPLACE FUNCTION corrparse.passed_over(instant timestamptz, things text, last_at timestamptz) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE
    WHEN last_at > greatest(instant, now()) THEN format('; %s of the future are passed over, the last of %s', things, corrparse.utc_text(last_at))
    ELSE ''
  END;

-- Of each model registry the last observation by an instant. One that is much older than the newest is of a server that nobody observes any
-- longer, or that has another name now.
CREATE OR REPLACE FUNCTION corrparse.registry_at(instant timestamptz)
  RETURNS TABLE (origin text, observed_at timestamptz, models bigint, versions bigint, link_url text, is_fresh boolean, is_current boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE walk AS (
      (SELECT o.origin FROM corrparse.model_observation AS o ORDER BY o.origin LIMIT 1)
      UNION ALL
      SELECT n.origin
      FROM walk AS w
      CROSS JOIN LATERAL (
        SELECT o.origin FROM corrparse.model_observation AS o WHERE o.origin > w.origin ORDER BY o.origin LIMIT 1
      ) AS n
    )
    SELECT
      l.origin, l.observed_at, l.models, l.versions, l.link_url,
      l.observed_at >= instant - (SELECT corrparse.setting_hours('registry_hours')),
      l.observed_at >= max(l.observed_at) OVER () - (SELECT corrparse.setting_hours('registry_hours'))
    FROM walk AS w
    CROSS JOIN LATERAL (
      SELECT o.* FROM corrparse.model_observation AS o
      WHERE o.origin = w.origin AND o.observed_at <= instant
      ORDER BY o.observed_at DESC
      LIMIT 1
    ) AS l;
END;

-- What the attempts of a run tell of it as of an instant. The duration leaves out each long pause in which no attempt ran, as before a
-- task that was cleared days later.
CREATE OR REPLACE FUNCTION corrparse.run_at(instant timestamptz, of_dag text, of_run text)
  RETURNS TABLE (started_at timestamptz, ended_at timestamptz, state text, seconds numeric)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
      min(a.started_at),
      max(a.ended_at),
      corrparse.run_state(
        corrparse.settled_state(array_agg(a.state) FILTER (WHERE a.is_latest)), max(a.settles_at) FILTER (WHERE a.is_latest), instant),
      extract(epoch FROM max(a.ended_at) - min(a.started_at)
        - coalesce(sum(a.pause) FILTER (WHERE a.pause > (SELECT corrparse.setting_hours('pause_hours'))), '0'))
    FROM (
      SELECT
        t.*,
        coalesce(t.started_at, t.ended_at)
          - max(coalesce(t.ended_at, CASE WHEN t.state = 'running' THEN instant END, t.started_at)) OVER (
            ORDER BY coalesce(t.started_at, t.ended_at) ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
          ) AS pause
      FROM corrparse.attempt_at(instant, of_dag, of_run) AS t
    ) AS a;
END;
COMMENT ON FUNCTION corrparse.run_at IS 'What the attempts of a run tell of it as of an instant.';

-- The records of a run's latest attempts as of an instant. The latest attempt of each record's task is looked up by an index, whatever
-- the planner knows of the tables.
CREATE OR REPLACE FUNCTION corrparse.run_record_at(instant timestamptz, of_dag text, of_run text)
  RETURNS SETOF corrparse.judged_record
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.*
    FROM corrparse.judged_record AS r
    CROSS JOIN LATERAL (
      SELECT max(o.try_number) AS try_number
      FROM corrparse.task_outcome AS o
      WHERE o.dag_id = of_dag AND o.run_id = of_run AND o.task_id = r.task_id AND o.map_index = r.map_index
        AND coalesce(o.started_at, o.ended_at, '-infinity'::timestamptz) <= instant
    ) AS latest
    WHERE r.dag_id = of_dag AND r.run_id = of_run AND r.observed_at <= instant AND coalesce(r.try_number >= latest.try_number, true);
END;
COMMENT ON FUNCTION corrparse.run_record_at IS 'The records of a run''s latest attempts as of an instant.';

-- The golden signals judged: null where it is unknown whether a bound is passed.
CREATE OR REPLACE FUNCTION corrparse.signal_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, unit text, is_critical boolean, is_warning boolean, reason text,
    observed_at timestamptz, place bigint)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
      r.signal, r.scope, r.value, s.unit, e.is_critical,
      -- A status that has two ends is not known to be a warning while it could be critical.
      CASE WHEN e.is_critical IS NOT NULL OR r.inputs[1] IS DISTINCT FROM r.inputs[2] THEN e.is_warning END,
      r.reason, r.observed_at, s.position
    FROM corrparse.signal_reading_at(instant) AS r
    CROSS JOIN (SELECT max(c.taxonomy_version) AS taxonomy_version FROM corrparse.current_taxonomy AS c) AS c
    LEFT JOIN corrparse.golden_signal AS s ON s.signal = r.signal AND s.taxonomy_version = c.taxonomy_version
    CROSS JOIN LATERAL (
      SELECT
        CASE
          WHEN bool_or(x.is_past) FILTER (WHERE b.status = 'critical') THEN true
          WHEN bool_and(x.is_past IS NOT NULL) FILTER (WHERE b.status = 'critical') THEN false
        END AS is_critical,
        CASE
          WHEN bool_or(x.is_past) FILTER (WHERE b.status = 'warning') THEN true
          WHEN bool_and(x.is_past IS NOT NULL) FILTER (WHERE b.status = 'warning') THEN false
        END AS is_warning
      FROM corrparse.signal_bound AS b
      CROSS JOIN LATERAL (
        SELECT
          CASE
            WHEN bool_and(k.is_past) AND bool_and(k.is_past IS NOT NULL) THEN true
            WHEN bool_and(k.is_past IS FALSE) THEN false
          END AS is_past
        FROM unnest(r.inputs, r.readings, r.scales) AS i (input, reading, scale)
        CROSS JOIN LATERAL (
          SELECT
            CASE b.comparison
              WHEN '>' THEN i.reading > b.bound * i.scale
              WHEN '>=' THEN i.reading >= b.bound * i.scale
              WHEN '<' THEN i.reading < b.bound * i.scale
              WHEN '<=' THEN i.reading <= b.bound * i.scale
            END AS is_past
        ) AS k
        WHERE i.input = b.input
      ) AS x
      WHERE b.taxonomy_version = c.taxonomy_version AND b.signal = r.signal
    ) AS e;
END;

CREATE OR REPLACE FUNCTION diagnostics.global_state_at(instant timestamptz)
  RETURNS TABLE (state text, since timestamptz, reasons text[])
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$ SELECT s.state, s.since, s.reasons FROM corrparse.global_state_at(instant) AS s $$;
COMMENT ON FUNCTION diagnostics.global_state_at IS
  'The global state as of an instant; since is when an ingest first noted it, else the instant.';
REVOKE EXECUTE ON FUNCTION diagnostics.global_state_at(timestamptz) FROM PUBLIC;

CREATE OR REPLACE FUNCTION diagnostics.golden_signals_at(instant timestamptz)
  RETURNS TABLE (
    signal text, scope text, value numeric, unit text, status text, reason text, observed_at timestamptz)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      s.signal, s.scope, trim_scale(round(s.value, 12)), nullif(s.unit, ''),
      CASE
        WHEN s.is_critical THEN 'critical'
        WHEN s.is_warning THEN 'warning'
        WHEN s.is_critical IS NULL OR s.is_warning IS NULL THEN 'unknown'
        ELSE 'ok'
      END,
      s.reason, s.observed_at
    FROM corrparse.signal_at(instant) AS s
    ORDER BY s.place, s.scope COLLATE "C"
  $$;
COMMENT ON FUNCTION diagnostics.golden_signals_at IS 'The golden signals (manual, section 2) as of an instant.';
REVOKE EXECUTE ON FUNCTION diagnostics.golden_signals_at(timestamptz) FROM PUBLIC;

CREATE OR REPLACE VIEW diagnostics.global_state_v1 AS
SELECT s.state, s.since, s.reasons
FROM diagnostics.global_state_at(now()) AS s;
COMMENT ON VIEW diagnostics.global_state_v1 IS 'The global state (manual, section 0) now.';

CREATE OR REPLACE VIEW diagnostics.golden_signal_v1 AS
SELECT s.signal, s.scope, s.value, s.unit, s.status, s.reason, s.observed_at
FROM diagnostics.golden_signals_at(now()) AS s;
COMMENT ON VIEW diagnostics.golden_signal_v1 IS 'The golden signals (manual, section 2) now.';

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

-- The diagnosis of a run as of an instant: one row for the whole run (crypto null) and one for each of its cryptos. No row where no
-- attempt of the run had started by then. Signals and state ask it where the stored row includes later events.
CREATE OR REPLACE FUNCTION corrparse.diagnose_run(of_dag text, of_run text, instant timestamptz DEFAULT 'infinity')
  RETURNS SETOF corrparse.run_diagnosis
  LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 10 COST 10000
  SET search_path = pg_catalog, pg_temp
  SET jit = off
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
        r.*,
        v.primary_code,
        v.findings,
        array_position(corrparse.severities(), v.severity) AS severity_rank,
        -- The verdict without the infra rules: a crypto is not to blame for the platform.
        p.findings[1] AS own_code,
        CASE
          WHEN p.findings = v.findings THEN array_position(corrparse.severities(), v.severity)
          ELSE greatest(
            array_position(corrparse.severities(), CASE WHEN r.sortino < 0 THEN 'P2' ELSE 'none' END),
            (
              SELECT max(array_position(corrparse.severities(), t.severity))
              FROM corrparse.taxonomy AS t
              WHERE t.taxonomy_version = v.taxonomy_version AND t.code = ANY (p.findings)
            ))
        END AS own_severity_rank,
        corrparse.is_useful(v.findings, r.is_qualified) AS is_useful
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
                -- Gates of a block that was cut are not usable: one that failed may be missing.
                OR c.gates_passed IS NOT NULL AND NOT c.has_doubtful_gates)) AS is_known
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
    best AS (
      SELECT DISTINCT ON (i.crypto) i.crypto, i.source_id, i.block
      FROM item AS i
      JOIN corrparse.source AS s ON s.source_id = i.source_id
      WHERE i.is_strategy AND i.crypto IS NOT NULL
      ORDER BY
        i.crypto, i.is_screening, i.gate_rank, i.sortino DESC NULLS LAST, i.delta DESC NULLS LAST, i.observed_at,
        i.task_id COLLATE "C", i.map_index, s.name COLLATE "C", i.block, s.is_identified
    )
    SELECT
      of_dag, of_run, d.crypto, d.started_at, d.ended_at, d.settles_at,
      greatest(
        (SELECT max(i.observed_at) FROM item AS i),
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

-- The versions of registered models as last observed by an instant. A server that is asked by two names shows each version once.
CREATE OR REPLACE FUNCTION corrparse.model_version_at(instant timestamptz)
  RETURNS TABLE (
    crypto text, model text, version bigint, role text, reason text, created_at timestamptz, champion_since timestamptz,
    champion_since_earliest timestamptz, run_id text, url text, observed_at timestamptz, origin text, stage text, aliases text[],
    status text, is_fresh boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT ON (v.model, v.version, v.created_at)
      v.crypto, v.model, v.version, v.role, v.reason, v.created_at, v.champion_since, v.champion_since_earliest, v.run_id,
      o.link_url || v.link_path, o.observed_at, o.origin, v.stage, v.aliases, v.status, o.is_fresh
    FROM corrparse.registry_at(instant) AS o
    JOIN corrparse.model_version AS v
      ON v.origin = o.origin AND v.seen_at <= o.observed_at AND (v.gone_at IS NULL OR v.gone_at > o.observed_at)
    WHERE o.is_current
    ORDER BY v.model, v.version, v.created_at, o.observed_at DESC, o.origin COLLATE "C";
END;

-- The registered models as last observed by an instant, each once, as corrparse.model_version_at gives their versions.
CREATE OR REPLACE FUNCTION corrparse.registered_model_at(instant timestamptz)
  RETURNS TABLE (model text, cryptos text[], doubt text, observed_at timestamptz, is_fresh boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT ON (m.model, m.created_at) m.model, m.cryptos, m.doubt, o.observed_at, o.is_fresh
    FROM corrparse.registry_at(instant) AS o
    JOIN corrparse.registered_model AS m
      ON m.origin = o.origin AND m.seen_at <= o.observed_at AND (m.gone_at IS NULL OR m.gone_at > o.observed_at)
    WHERE o.is_current
    ORDER BY m.model, m.created_at, o.observed_at DESC, o.origin COLLATE "C";
END;

CREATE OR REPLACE FUNCTION diagnostics.model_versions_at(instant timestamptz)
  RETURNS TABLE (
    crypto text, model text, version bigint, role text, reason text, created_at timestamptz, age_days numeric,
    champion_since timestamptz, champion_since_earliest timestamptz, run_id text, url text, observed_at timestamptz, origin text,
    stage text, aliases text[], status text)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC'
  SET jit = off
  AS $$
    SELECT
      v.crypto, v.model, v.version, v.role, v.reason, v.created_at,
      -- What was made after the instant has no age.
      CASE WHEN v.created_at <= instant THEN trim_scale(round(extract(epoch FROM instant - v.created_at) / 86400, 6)) END,
      v.champion_since, v.champion_since_earliest, v.run_id, v.url, v.observed_at, v.origin, v.stage, v.aliases, v.status
    FROM corrparse.model_version_at(instant) AS v
    ORDER BY v.crypto COLLATE "C", v.model COLLATE "C", v.version
  $$;
COMMENT ON FUNCTION diagnostics.model_versions_at IS 'The versions of registered models as last observed by an instant.';
REVOKE EXECUTE ON FUNCTION diagnostics.model_versions_at(timestamptz) FROM PUBLIC;

CREATE OR REPLACE VIEW corrparse.known_run_diagnosis AS
SELECT
  t.dag_id, t.run_id, t.crypto, t.started_at, t.ended_at, t.settles_at, t.last_event_at, t.settled_state, t.records, t.candidates,
  t.passed, t.useful, t.primary_code, t.severity, t.settled_code, t.settled_severity, t.code_counts, t.best_source_id, t.best_block,
  t.strategies
FROM corrparse.run_diagnosis AS t
WHERE NOT EXISTS (SELECT FROM corrparse.run_change AS c WHERE c.dag_id = t.dag_id AND c.run_id = t.run_id)
UNION ALL
SELECT
  k.dag_id, k.run_id, d.crypto, d.started_at, d.ended_at, d.settles_at, d.last_event_at, d.settled_state, d.records, d.candidates,
  d.passed, d.useful, d.primary_code, d.severity, d.settled_code, d.settled_severity, d.code_counts, d.best_source_id, d.best_block,
  d.strategies
FROM (SELECT DISTINCT c.dag_id, c.run_id FROM corrparse.run_change AS c) AS k
CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id, 'infinity') AS d;
COMMENT ON VIEW corrparse.known_run_diagnosis IS
  'Every run''s diagnosis: the stored one, or computed while the run is in run_change.';

CREATE OR REPLACE VIEW diagnostics.best_strategy_v1 AS
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
  corrparse.counted(r.sortino, r.n_trades) AS sortino,
  corrparse.counted(r.tp_pct, r.n_trades) AS tp_pct,
  corrparse.counted(r.sl_pct, r.n_trades) AS sl_pct,
  corrparse.counted(r.timeout_pct, r.n_trades) AS timeout_pct,
  r.n_trades,
  corrparse.gates_passed(r.gates) AS gates_passed,
  corrparse.is_useful(
    v.findings,
    corrparse.is_accepted(r.gates, r.sortino, r.n_trades) AND r.phase IS DISTINCT FROM 'screening'
      -- EXISTS could be answered by a hash of all issues.
      AND NOT coalesce(
        (
          SELECT bool_or(corrparse.doubts_gates(i.kind, i.key) OR i.kind = 'damaged_source') FROM corrparse.issue AS i
          WHERE i.source_id = r.source_id AND i.block = r.block
        ),
        false)) AS useful,
  v.primary_code,
  v.severity,
  v.explanation,
  s.name AS source,
  r.line,
  (r.f1_buy - r.baseline_f1_buy) * 100 AS delta_points
FROM corrparse.known_run_diagnosis AS d
JOIN corrparse.record AS r ON r.source_id = d.best_source_id AND r.block = d.best_block
JOIN corrparse.source AS s ON s.source_id = r.source_id
LEFT JOIN corrparse.verdict AS v
  ON v.source_id = r.source_id AND v.block = r.block
    AND v.taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c);
COMMENT ON VIEW diagnostics.best_strategy_v1 IS
  'The best strategy of each crypto in each run with its verdict under the current taxonomy version.';

CREATE OR REPLACE VIEW diagnostics.code_share_v1 AS
SELECT
  d.crypto,
  d.dag_id,
  d.run_id,
  d.started_at,
  c.code,
  c.records,
  round(c.records::numeric / d.strategies, 4) AS share,
  round(d.useful::numeric / d.strategies, 4) AS useful_share
FROM corrparse.known_run_diagnosis AS d
CROSS JOIN LATERAL (
  -- Summaries alone have NO_CANDIDATES, and a crypto's codes are without the infra rules: the others are of strategies.
  SELECT k.key AS code, k.value::bigint AS records FROM jsonb_each_text(d.code_counts) AS k WHERE k.key <> 'NO_CANDIDATES'
) AS c
WHERE d.crypto IS NOT NULL AND d.strategies > 0;
COMMENT ON VIEW diagnostics.code_share_v1 IS 'How many of a crypto''s strategies in a run have which primary code, and how many are useful.';

CREATE OR REPLACE VIEW diagnostics.model_version_v1 AS
SELECT
  v.crypto, v.model, v.version, v.role, v.reason, v.created_at, v.age_days, v.champion_since, v.champion_since_earliest, v.run_id, v.url,
  v.observed_at, v.origin, v.stage, v.aliases, v.status
FROM diagnostics.model_versions_at(now()) AS v;
COMMENT ON VIEW diagnostics.model_version_v1 IS 'The versions of registered models as last observed, with their roles.';

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
CROSS JOIN LATERAL (SELECT corrparse.run_state(d.settled_state, d.settles_at, now()) AS state) AS s;
COMMENT ON VIEW diagnostics.run_diagnosis_v1 IS
  'One diagnosis for every DAG run (crypto null) and for each crypto in it, from the latest attempts of its tasks.';

-- How many challengers of each crypto wait as of an instant; null where that is not known. A crypto of which no fresh observation knows a
-- registered model is not listed.
CREATE OR REPLACE FUNCTION corrparse.challengers_at(instant timestamptz)
  RETURNS TABLE (crypto text, pending bigint, reason text, observed_at timestamptz)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH version AS MATERIALIZED (
      SELECT v.* FROM corrparse.model_version_at(instant) AS v WHERE v.is_fresh
    ),
    model AS MATERIALIZED (
      SELECT m.* FROM corrparse.registered_model_at(instant) AS m WHERE m.is_fresh
    ),
    -- A model that could be of several cryptos could have challengers of each.
    told AS (
      SELECT
        c.crypto, m.model, NULL::bigint AS version, NULL::text AS role, m.observed_at,
        CASE
          WHEN cardinality(m.cryptos) > 1 THEN format('%s could be of %s', m.model, array_to_string(m.cryptos, ' or '))
          WHEN m.doubt IS NOT NULL THEN format('%s: %s', m.model, m.doubt)
        END AS doubt
      FROM model AS m
      CROSS JOIN LATERAL unnest(m.cryptos) AS c (crypto)
      UNION ALL
      SELECT
        v.crypto, v.model, v.version, v.role, v.observed_at,
        CASE WHEN v.role IS NULL THEN format('%s %s: %s', v.model, v.version, v.reason) END
      FROM version AS v
      WHERE v.crypto IS NOT NULL
    ),
    counted AS (
      SELECT
        t.crypto, t.model, count(*) FILTER (WHERE t.role = 'challenger') AS pending,
        string_agg(t.version::text, ', ' ORDER BY t.version) FILTER (WHERE t.role = 'champion') AS champion,
        min(t.doubt COLLATE "C") AS doubt, min(t.observed_at) AS observed_at,
        row_number() OVER (
          PARTITION BY t.crypto ORDER BY count(*) FILTER (WHERE t.role = 'challenger') DESC, t.model COLLATE "C"
        ) AS place
      FROM told AS t
      GROUP BY t.crypto, t.model
    )
    SELECT
      c.crypto,
      CASE WHEN count(c.doubt) = 0 THEN sum(c.pending)::bigint END,
      coalesce(
        min(c.doubt COLLATE "C"),
        string_agg(
          format('%s: %s pending, %s', c.model, c.pending, coalesce('champion ' || c.champion, 'no champion')), '; ' ORDER BY c.place)
          FILTER (WHERE c.place <= 5)
          || CASE WHEN count(*) > 5 THEN format('; %s more models', count(*) - 5) ELSE '' END),
      min(c.observed_at)
    FROM counted AS c
    GROUP BY c.crypto;
END;

DO $kept$
DECLARE
  item text;
BEGIN
  FOR item IN SELECT k.statement FROM corrparse.kept_statement AS k ORDER BY k.position LOOP
    EXECUTE item;
  END LOOP;
END
$kept$;
-- squawk-ignore ban-drop-table
DROP TABLE corrparse.kept_statement;

SELECT corrparse.grant_to_roles();

-- STEP statement: what the planner knows of the records
-- Statistics of an empty table would say that it stays empty (v0010).
DO $$ BEGIN IF EXISTS (SELECT FROM corrparse.record) THEN ANALYZE corrparse.record; END IF; END $$;

-- STEP statement: what the planner knows of the task outcomes
DO $$ BEGIN IF EXISTS (SELECT FROM corrparse.task_outcome) THEN ANALYZE corrparse.task_outcome; END IF; END $$;

-- STEP statement: what the planner knows of the diagnoses
DO $$ BEGIN IF EXISTS (SELECT FROM corrparse.run_diagnosis) THEN ANALYZE corrparse.run_diagnosis; END IF; END $$;

-- STEP statement: what the planner knows of the sources
DO $$ BEGIN IF EXISTS (SELECT FROM corrparse.source) THEN ANALYZE corrparse.source; END IF; END $$;

-- STEP index record_accepted_idx: the accepted records of a crypto
CREATE INDEX CONCURRENTLY IF NOT EXISTS record_accepted_idx ON corrparse.record (crypto, observed_at)
  WHERE coalesce(
    NOT pg_catalog.jsonb_path_exists(gates, '$.* ? (@ == "fail")'), sortino >= 0 AND n_trades IS DISTINCT FROM 0, false);

-- STEP statement: identities of records are whole
ALTER TABLE corrparse.record VALIDATE CONSTRAINT record_identity_check;

-- STEP statement: identities of sources are whole
ALTER TABLE corrparse.source VALIDATE CONSTRAINT source_identity_check;

-- STEP statement: scopes of diagnoses fit their cryptos
ALTER TABLE corrparse.run_diagnosis VALIDATE CONSTRAINT run_diagnosis_scope_check;
