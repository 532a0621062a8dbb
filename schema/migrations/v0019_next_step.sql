-- diagnostics.next_step_v1: what to do now for each crypto, and the tables of the playbooks that it applies. Assembled by
-- Scripts/schema-current.py from the files of schema/current.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

CREATE TABLE corrparse.playbook (
  taxonomy_version bigint NOT NULL,
  code text COLLATE "C" NOT NULL,
  section text,
  exit_criterion text,
  escalate_to text,
  PRIMARY KEY (taxonomy_version, code)
);
COMMENT ON TABLE corrparse.playbook IS
  'The playbooks of codes (manual, section 9), filled by the program: when an incident is over, and who decides when it is not.';
CREATE TABLE corrparse.exit_bound (
  taxonomy_version bigint NOT NULL,
  code text COLLATE "C" NOT NULL,
  input text COLLATE "C" NOT NULL CHECK (input IN ('sortino', 'sl_pct', 'delta', 'passed')),
  comparison text NOT NULL CHECK (comparison IN ('>', '>=', '<', '<=')),
  bound numeric NOT NULL,
  PRIMARY KEY (taxonomy_version, code, input)
);
COMMENT ON TABLE corrparse.exit_bound IS 'The exit criteria of playbooks: one bound that is passed suffices. Filled by the program.';
CREATE TABLE corrparse.rerun_setting (
  taxonomy_version bigint NOT NULL,
  code text COLLATE "C" NOT NULL,
  finding text COLLATE "C" NOT NULL,
  parameter text COLLATE "C" NOT NULL,
  value text,
  longer bigint,
  PRIMARY KEY (taxonomy_version, code, finding, parameter),
  CHECK (num_nonnulls(value, longer) = 1)
);
COMMENT ON TABLE corrparse.rerun_setting IS
  'With what the next discovery is launched (manual, sections 6.2 and 9). Filled by the program.';
COMMENT ON COLUMN corrparse.rerun_setting.finding IS 'The finding of the best strategy that asks for it; empty: always.';
COMMENT ON COLUMN corrparse.rerun_setting.value IS 'JSON; null where each horizon of the run becomes longer.';

-- The last runs of a crypto, for diagnostics.next_step_v1.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX run_diagnosis_crypto_started_at_idx ON corrparse.run_diagnosis (crypto, started_at);

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
        corrparse.model_version_at, corrparse.next_step, corrparse.note_global_state, corrparse.passed_over, corrparse.refresh_run_diagnoses,
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
        corrparse.is_useful, corrparse.next_step, corrparse.run_state, diagnostics.global_state_at, diagnostics.global_state_conditions_at,
        diagnostics.golden_signals_at, diagnostics.model_versions_at
        TO %s', reader);
  END IF;
END
$$;
COMMENT ON FUNCTION corrparse.grant_to_roles() IS
  'Gives the roles of corrparse.role_name what they need, as far as they exist. Run again after creating them by hand.';
REVOKE EXECUTE ON FUNCTION corrparse.grant_to_roles() FROM PUBLIC;

-- The next step of each crypto. The rule stands here alone; what it is applied to comes from the tables that the program fills. A function, because
-- to compile so long a query would take a hundred times as long as to run it.
CREATE OR REPLACE FUNCTION corrparse.next_step()
  RETURNS TABLE (
    crypto text, dag_id text, run_id text, primary_code text, runs_in_a_row bigint, exit_criterion text, met boolean, next_step text,
    configuration jsonb, escalate_to text, started_at timestamptz, playbook text)
  LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 10 COST 10000
  SET search_path = pg_catalog, pg_temp
  SET jit = off
  AS $$
    WITH taxonomy AS (
      SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c
    ),
    -- Runs whose stored diagnosis does not hold, computed once.
    changed AS MATERIALIZED (
      SELECT d.*
      FROM (SELECT DISTINCT c.dag_id, c.run_id FROM corrparse.run_change AS c JOIN corrparse.test_dag AS t ON t.dag_id = c.dag_id) AS k
      CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id, 'infinity') AS d
      WHERE d.crypto IS NOT NULL
    ),
    crypto AS (
      SELECT u.crypto FROM corrparse.universe AS u
      UNION
      SELECT d.crypto FROM corrparse.run_diagnosis AS d JOIN corrparse.test_dag AS t ON t.dag_id = d.dag_id WHERE d.crypto IS NOT NULL
      UNION
      SELECT d.crypto FROM changed AS d
    ),
    -- The last hundred test runs of each crypto, the last one first.
    run AS (
      SELECT
        c.crypto, k.dag_id, k.run_id, k.started_at, k.passed, k.best_source_id, k.best_block,
        CASE
          WHEN corrparse.run_state(k.settled_state, k.settles_at, now()) = 'running' THEN k.primary_code
          ELSE k.settled_code
        END AS code,
        row_number() OVER (
          PARTITION BY c.crypto ORDER BY k.started_at DESC, k.run_id COLLATE "C" DESC, k.dag_id COLLATE "C" DESC) AS place
      FROM crypto AS c
      CROSS JOIN LATERAL (
        SELECT l.*
        FROM (
          (
            SELECT d.*
            FROM corrparse.run_diagnosis AS d
            WHERE d.crypto = c.crypto AND d.started_at <= now()
              AND EXISTS (SELECT FROM corrparse.test_dag AS t WHERE t.dag_id = d.dag_id)
              AND NOT EXISTS (SELECT FROM corrparse.run_change AS x WHERE x.dag_id = d.dag_id AND x.run_id = d.run_id)
            ORDER BY d.started_at DESC
            LIMIT 100
          )
          UNION ALL
          SELECT d.* FROM changed AS d WHERE d.crypto = c.crypto AND d.started_at <= now()
        ) AS l
        ORDER BY l.started_at DESC
        LIMIT 100
      ) AS k
    ),
    last_run AS (
      SELECT
        r.crypto,
        max(r.dag_id) FILTER (WHERE r.place = 1) AS dag_id,
        max(r.run_id) FILTER (WHERE r.place = 1) AS run_id,
        max(r.started_at) FILTER (WHERE r.place = 1) AS started_at,
        max(r.code) FILTER (WHERE r.place = 1) AS code,
        max(r.best_source_id) FILTER (WHERE r.place = 1) AS best_source_id,
        max(r.best_block) FILTER (WHERE r.place = 1) AS best_block,
        coalesce(min(r.place) FILTER (WHERE r.code IS DISTINCT FROM r.last_code) - 1, count(*)) AS runs_in_a_row
      FROM (
        SELECT r.*, first_value(r.code) OVER (PARTITION BY r.crypto ORDER BY r.place) AS last_code FROM run AS r
      ) AS r
      GROUP BY r.crypto
    ),
    -- Whether the exit criterion of the last run's code was reached in the last run, and in each of the last three.
    criterion AS (
      SELECT
        e.crypto,
        bool_or(e.is_met) FILTER (WHERE e.place = 1) AS met,
        count(*) FILTER (WHERE e.is_met IS NOT TRUE) AS runs_without
      FROM (
        SELECT
          r.crypto, r.place,
          CASE WHEN bool_or(x.is_past) THEN true WHEN bool_and(x.is_past IS NOT NULL) THEN false END AS is_met
        FROM run AS r
        JOIN last_run AS l ON l.crypto = r.crypto AND r.code = l.code
        CROSS JOIN taxonomy AS v
        JOIN corrparse.exit_bound AS b ON b.taxonomy_version = v.taxonomy_version AND b.code = l.code
        LEFT JOIN corrparse.judged_record AS j ON j.source_id = r.best_source_id AND j.block = r.best_block
        CROSS JOIN LATERAL (
          SELECT
            CASE b.input
              WHEN 'sortino' THEN j.sortino
              WHEN 'sl_pct' THEN j.sl_pct
              WHEN 'delta' THEN j.delta
              WHEN 'passed' THEN r.passed
            END AS reading
        ) AS i
        CROSS JOIN LATERAL (
          SELECT
            CASE b.comparison
              WHEN '>' THEN i.reading > b.bound
              WHEN '>=' THEN i.reading >= b.bound
              WHEN '<' THEN i.reading < b.bound
              WHEN '<=' THEN i.reading <= b.bound
            END AS is_past
        ) AS x
        WHERE r.place <= (
          SELECT s.value::bigint FROM corrparse.supervision_setting AS s
          WHERE s.taxonomy_version = v.taxonomy_version AND s.name = 'recurrent_runs'
        )
        GROUP BY r.crypto, r.place
      ) AS e
      GROUP BY e.crypto
    ),
    -- What the last run was launched for: a group where it tested several cryptos of one group, else the crypto.
    target AS (
      SELECT
        l.crypto,
        CASE
          WHEN count(*) > 1 AND count(u.crypto) = count(*) AND count(DISTINCT u.crypto_group) = 1 THEN min(u.crypto_group)
        END AS crypto_group
      FROM last_run AS l
      JOIN corrparse.known_run_diagnosis AS d ON d.dag_id = l.dag_id AND d.run_id = l.run_id AND d.crypto IS NOT NULL
      LEFT JOIN corrparse.universe AS u ON u.crypto = d.crypto
      GROUP BY l.crypto
    ),
    rerun AS (
      SELECT
        l.crypto,
        string_agg(DISTINCT t.next_step, ' ') FILTER (WHERE s.finding NOT IN ('', l.code)) AS further_steps,
        jsonb_object_agg(
          s.parameter,
          coalesce(
            s.value::jsonb,
            to_jsonb(
              (
                SELECT string_agg(h.horizon, ',' ORDER BY length(h.horizon), h.horizon)
                FROM (
                  SELECT DISTINCT 'H' || least(99, substr(r.horizon, 2)::bigint + s.longer) AS horizon
                  FROM corrparse.record AS r
                  WHERE r.dag_id = l.dag_id AND r.run_id = l.run_id AND r.horizon IS NOT NULL
                    AND (g.crypto_group IS NOT NULL OR r.crypto = l.crypto)
                ) AS h
              )))) AS settings
      FROM last_run AS l
      CROSS JOIN taxonomy AS v
      JOIN target AS g ON g.crypto = l.crypto
      LEFT JOIN corrparse.verdict AS f
        ON f.source_id = l.best_source_id AND f.block = l.best_block AND f.taxonomy_version = v.taxonomy_version
      JOIN corrparse.rerun_setting AS s
        ON s.taxonomy_version = v.taxonomy_version AND s.code = l.code AND (s.finding = '' OR s.finding = ANY (f.findings))
      LEFT JOIN corrparse.taxonomy AS t ON t.taxonomy_version = v.taxonomy_version AND t.code = s.finding
      GROUP BY l.crypto
    )
    SELECT
      c.crypto,
      l.dag_id,
      l.run_id,
      l.code AS primary_code,
      coalesce(l.runs_in_a_row, 0) AS runs_in_a_row,
      p.exit_criterion,
      e.met,
      CASE
        WHEN l.run_id IS NULL THEN 'No test run of it is known: launch a discovery.'
        WHEN l.code IS NULL THEN 'Nothing was found in its last run, or too little was logged to tell.'
        ELSE concat_ws(' ', t.next_step, n.further_steps)
      END AS next_step,
      jsonb_strip_nulls(
        CASE
          WHEN g.crypto_group IS NOT NULL THEN jsonb_build_object('group', g.crypto_group)
          ELSE jsonb_build_object('crypto', c.crypto)
        END || n.settings) AS configuration,
      CASE
        WHEN e.runs_without >= (
          SELECT s.value::bigint FROM corrparse.supervision_setting AS s
          WHERE s.taxonomy_version = v.taxonomy_version AND s.name = 'recurrent_runs'
        ) THEN p.escalate_to
      END AS escalate_to,
      l.started_at,
      p.section AS playbook
    FROM crypto AS c
    CROSS JOIN taxonomy AS v
    LEFT JOIN last_run AS l ON l.crypto = c.crypto
    LEFT JOIN corrparse.taxonomy AS t ON t.taxonomy_version = v.taxonomy_version AND t.code = l.code
    LEFT JOIN corrparse.playbook AS p ON p.taxonomy_version = v.taxonomy_version AND p.code = l.code
    LEFT JOIN criterion AS e ON e.crypto = c.crypto
    LEFT JOIN target AS g ON g.crypto = c.crypto
    LEFT JOIN rerun AS n ON n.crypto = c.crypto
  $$;
COMMENT ON FUNCTION corrparse.next_step() IS 'What to do now for each crypto: diagnostics.next_step_v1.';
REVOKE EXECUTE ON FUNCTION corrparse.next_step() FROM PUBLIC;

CREATE OR REPLACE VIEW diagnostics.next_step_v1 AS
SELECT
  n.crypto, n.dag_id, n.run_id, n.primary_code, n.runs_in_a_row, n.exit_criterion, n.met, n.next_step, n.configuration, n.escalate_to,
  n.started_at, n.playbook
FROM corrparse.next_step() AS n;
COMMENT ON VIEW diagnostics.next_step_v1 IS
  'What to do now for each crypto, from the diagnosis of its last test runs and the manual''s playbooks (section 9).';

SELECT corrparse.grant_to_roles();
