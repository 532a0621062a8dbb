-- Which version of an object's content the ledger knows, for logs in buckets.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

ALTER TABLE corrparse.log ADD COLUMN entity_tag text;
COMMENT ON COLUMN corrparse.log.entity_tag IS
  'The version of an object''s content as its store names it (ETag); null for a file and a pipe.';
