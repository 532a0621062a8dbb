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
