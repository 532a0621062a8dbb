CREATE OR REPLACE VIEW diagnostics.verdict_v1 AS
SELECT * FROM diagnostics.verdict_all_v1
WHERE taxonomy_version = (SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c);
COMMENT ON VIEW diagnostics.verdict_v1 IS 'Every record with its verdict under the current taxonomy version.';
