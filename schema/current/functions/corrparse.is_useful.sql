-- Whether a strategy is worth using (docs/specification/3-classification.md, Runs). The second part is corrparse.is_accepted.
CREATE OR REPLACE FUNCTION corrparse.is_useful(findings text[], is_accepted boolean) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN findings && ARRAY['ML_EXPLOITABLE', 'ML_SOLID']
    AND NOT findings && ARRAY['ML_UNSTABLE', 'SCREENING_OVERFIT']
    AND is_accepted;
COMMENT ON FUNCTION corrparse.is_useful IS 'Whether a strategy with these findings is useful; null without a verdict.';
