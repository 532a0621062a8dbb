-- Names and locations may be as long as a path (4,096 bytes), and longer than an entry of a B-tree may be. Therefore they are unique by their
-- digest. The function is immutable although convert_to() is not: the encoding of a database never changes.
CREATE OR REPLACE FUNCTION corrparse.text_digest(value text) RETURNS bytea
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
  AS $$ SELECT sha256(convert_to(value, 'UTF8')) $$;
