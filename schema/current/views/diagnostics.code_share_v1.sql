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
