-- Two roles without login, for administrators to grant: corrparse_writer runs ingest and backfill, corrparse_reader
-- (Grafana) sees the views and nothing behind them. Whoever migrates may lack the right to make roles; then an
-- administrator makes them and calls corrparse.grant_to_roles().
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['corrparse_writer', 'corrparse_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
      EXCEPTION
        -- Roles belong to the whole server: a migration of another database may have made it meanwhile.
        WHEN duplicate_object OR unique_violation THEN
          NULL;
        WHEN insufficient_privilege THEN
          RAISE NOTICE 'role % does not exist and % may not create it: have an administrator run CREATE ROLE % and SELECT corrparse.grant_to_roles()',
            role_name, current_user, role_name;
      END;
    END IF;
  END LOOP;
END
$$;

CREATE FUNCTION corrparse.grant_to_roles() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog
  AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_writer') THEN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO corrparse_writer', current_database());
    GRANT USAGE ON SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT SELECT ON ALL TABLES IN SCHEMA corrparse, diagnostics TO corrparse_writer;
    GRANT INSERT, UPDATE, DELETE ON
      corrparse.source, corrparse.log, corrparse.record, corrparse.verdict, corrparse.issue, corrparse.task_outcome
      TO corrparse_writer;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'corrparse_reader') THEN
    GRANT USAGE ON SCHEMA diagnostics TO corrparse_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA diagnostics TO corrparse_reader;
  END IF;
END
$$;
COMMENT ON FUNCTION corrparse.grant_to_roles() IS
  'Gives corrparse_writer and corrparse_reader what they need, as far as they exist. Run again after creating them by hand.';
REVOKE EXECUTE ON FUNCTION corrparse.grant_to_roles() FROM PUBLIC;

SELECT corrparse.grant_to_roles();
