-- With which log format and which layout of paths a log was read. A log of which headers or the task were not found is read again when the
-- program is given others (docs/specification/5-command-line.md, Commands). Rows of before count as read without any. And views of the
-- universe and of the test DAGs, so that who may only read can list them.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

ALTER TABLE corrparse.log ADD COLUMN line_format text;
ALTER TABLE corrparse.log ADD COLUMN path_template text;
COMMENT ON COLUMN corrparse.log.line_format IS 'The log_format of airflow.cfg that the log was read with; null for none.';
COMMENT ON COLUMN corrparse.log.path_template IS
  'The log_filename_template of airflow.cfg that the log was read with; null for none.';

CREATE OR REPLACE VIEW diagnostics.test_dag_v1 AS
SELECT
  t.dag_id,
  EXISTS (SELECT FROM corrparse.task_outcome AS o WHERE o.dag_id = t.dag_id) AS has_run
FROM corrparse.test_dag AS t;
COMMENT ON VIEW diagnostics.test_dag_v1 IS 'The DAGs that test strategies, and whether any log tells of a run of theirs.';

-- One step of the index for each crypto rather than all records.
CREATE OR REPLACE VIEW diagnostics.universe_v1 AS
WITH RECURSIVE seen AS (
  (SELECT r.crypto FROM corrparse.record AS r WHERE r.crypto IS NOT NULL ORDER BY r.crypto LIMIT 1)
  UNION ALL
  SELECT (
    SELECT r.crypto FROM corrparse.record AS r WHERE r.crypto > s.crypto ORDER BY r.crypto LIMIT 1
  )
  FROM seen AS s WHERE s.crypto IS NOT NULL
)
SELECT u.crypto, u.crypto_group FROM corrparse.universe AS u
UNION ALL
SELECT s.crypto, NULL FROM seen AS s
WHERE s.crypto IS NOT NULL AND NOT EXISTS (SELECT FROM corrparse.universe AS u WHERE u.crypto = s.crypto);
COMMENT ON VIEW diagnostics.universe_v1 IS
  'The cryptos of the universe with their groups, and those of records that are in no group.';

SELECT corrparse.grant_to_roles();
