-- Whether an issue of a block leaves open whether all gates were passed. Gates that cannot be read leave it open. A block that was cut leaves it
-- open too, because it may have had further gates.
CREATE OR REPLACE FUNCTION corrparse.doubts_gates(kind text, key text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN kind IN ('cut_short', 'incomplete_block', 'block_too_long') OR coalesce(key = 'gates', false);
COMMENT ON FUNCTION corrparse.doubts_gates IS 'Whether an issue leaves open whether its block''s gates were passed.';
