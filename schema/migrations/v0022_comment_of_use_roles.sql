-- The comment of corrparse.use_roles says whom the function gives rights, and who loses them. Assembled by Scripts/schema-current.py.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- Gives the rights in this database to other roles than so far, which lose them. Roles belong to the whole server, so each of several
-- databases can have its own.
CREATE OR REPLACE FUNCTION corrparse.use_roles(writer text, reader text) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT n.role_name FROM corrparse.role_name AS n JOIN pg_roles AS r ON r.rolname = n.role_name
    WHERE n.role_name NOT IN (writer, reader)
  LOOP
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA corrparse, diagnostics FROM %I', one.role_name);
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA corrparse, diagnostics FROM %I', one.role_name);
    EXECUTE format('REVOKE ALL ON SCHEMA corrparse, diagnostics FROM %I', one.role_name);
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM %I', current_database(), one.role_name);
  END LOOP;
  FOR one IN
    SELECT w.role_name FROM unnest(ARRAY[writer, reader]) AS w (role_name)
    WHERE NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = w.role_name)
  LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', one.role_name);
    EXCEPTION
      -- Another database's migration may have made it meanwhile.
      WHEN duplicate_object OR unique_violation THEN
        NULL;
      WHEN insufficient_privilege THEN
        RAISE NOTICE 'role % does not exist and % may not create it: have an administrator run CREATE ROLE % and SELECT corrparse.grant_to_roles()',
          one.role_name, current_user, one.role_name;
    END;
  END LOOP;
  DELETE FROM corrparse.role_name;
  INSERT INTO corrparse.role_name (duty, role_name) VALUES ('writer', writer), ('reader', reader);
  PERFORM corrparse.grant_to_roles();
END
$$;
COMMENT ON FUNCTION corrparse.use_roles IS 'Gives the rights of a writer and of a reader in this database to these two roles, and makes a role that is missing. Roles that had these rights before lose them.';
REVOKE EXECUTE ON FUNCTION corrparse.use_roles FROM PUBLIC;

SELECT corrparse.grant_to_roles();
