#!/usr/bin/env python3
"""What `migrate up` says of a database that it cannot take, and roles with names of one's own.

Scripts/with-postgres.sh python3 Tests/Operations/test_preflight.py
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
from program import libpq


def superuser(statement: str, database: program.Database | None = None) -> list[tuple]:
    conninfo = database.connection() if database else os.environ["CORRPARSE_TEST_DATABASE"]
    with contextlib.closing(libpq.Connection(conninfo)) as connection:
        return connection.run(statement).rows


# Every table with its number of rows.
CONTENTS = """
    SELECT c.oid::regclass::text,
      (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || c.oid::regclass, false, true, '')))[1]::text
    FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = 'corrparse')
    ORDER BY 1
"""


class Preflight(unittest.TestCase):
    def expect_refusal(self, database: program.Database, sentence: str, **settings: str) -> None:
        before = superuser("SELECT oid FROM pg_class ORDER BY 1", database)
        for command in (["migrate", "up"], ["migrate", "up", "--dry-run"]):
            done = program.run(*command, DATABASE_URL=database.connection(**settings))
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn(sentence, done.stderr)
        self.assertEqual(superuser("SELECT oid FROM pg_class ORDER BY 1", database), before)

    def role(self, name: str) -> str:
        """A role that may log in, for this test alone."""
        full = f"{name}_{os.getpid()}"
        superuser(f"CREATE ROLE {full} LOGIN")
        self.addCleanup(superuser, f"DROP ROLE {full}")
        return full

    def test_an_encoding_that_is_not_utf8(self):
        database = program.Database(migrated=False)
        superuser(f"DROP DATABASE {database.name}")
        superuser(f"CREATE DATABASE {database.name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        self.expect_refusal(database, f"the database {database.name} has the encoding SQL_ASCII, and logs are UTF-8")

    def test_a_schema_of_somebody_else(self):
        database = program.Database(migrated=False)
        superuser("CREATE SCHEMA diagnostics", database)
        self.expect_refusal(database, "has a schema diagnostics that no migration of corrparse made")
        superuser("DROP SCHEMA diagnostics; CREATE SCHEMA corrparse; CREATE TABLE corrparse.t ()", database)
        self.expect_refusal(database, "has a schema corrparse that no migration of corrparse made")
        superuser("DROP TABLE corrparse.t", database)
        done = program.run("migrate", "up", DATABASE_URL=database.connection())
        self.assertEqual(done.returncode, 0, done.stderr)

    def expect_all_to_refuse(self, database: program.Database, *sentences: str) -> None:
        """Whatever writes, and what looks, and nothing is written."""
        folder = program.folder()
        self.addCleanup(shutil.rmtree, folder)
        program.write(folder, program.LOG, program.block(7) + program.END)
        before = superuser(CONTENTS, database)
        for command in (
            ["migrate", "up"],
            ["migrate", "status"],
            ["ingest", str(folder)],
            ["ingest", "--migrate", str(folder)],
            ["ingest", "--stdin", "--source", "x"],
            ["backfill", "--since", "2020-01-01", "--log-root", str(folder)],
        ):
            with self.subTest(command=command):
                done = program.run(*command, stdin=program.block(7).encode(), DATABASE_URL=database.connection())
                self.assertEqual(done.returncode, 78, done.stderr)
                for sentence in sentences:
                    self.assertIn(sentence, done.stderr)
        self.assertEqual(superuser(CONTENTS, database), before)

    def test_a_table_that_is_gone(self):
        for table, step in (("log", "v0001_tables"), ("run_change", "v0007_stored_diagnosis")):
            database = program.Database()
            superuser(f"DROP TABLE corrparse.{table} CASCADE", database)
            self.expect_all_to_refuse(
                database, f"the table corrparse.{table} is gone, which {step} made on 2", "restore it from a backup"
            )

    def test_a_ledger_of_migrations_that_is_gone(self):
        database = program.Database()
        superuser("DROP TABLE corrparse.migration", database)
        self.expect_all_to_refuse(
            database,
            "has a schema corrparse that no migration of corrparse made",
            "if it was corrparse's, restore the table corrparse.migration from a backup",
        )

    def test_a_ledger_of_somebody_else(self):
        database = program.Database(migrated=False)
        superuser("CREATE SCHEMA corrparse; CREATE TABLE corrparse.migration (id bigint, name text)", database)
        self.expect_all_to_refuse(
            database, f"the table corrparse.migration of the database {database.name} is none that corrparse made"
        )

    def test_an_encoding_that_is_not_utf8_of_a_schema_that_is_there(self):
        database, copy = program.Database(), program.Database(migrated=False)
        superuser(f"DROP DATABASE {copy.name}")
        superuser(f"CREATE DATABASE {copy.name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        dump = subprocess.run(
            ["pg_dump", "--schema-only", "--dbname", database.connection()], check=True, capture_output=True, text=True
        ).stdout
        # The texts of some functions and comments are not in LATIN1.
        dump = dump.replace("client_encoding = 'UTF8'", "client_encoding = 'LATIN1'").encode("latin-1", "replace")
        subprocess.run(
            ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "--dbname", copy.connection()],
            check=True,
            input=dump,
            stdout=subprocess.DEVNULL,
        )
        ledger = "SELECT version, name, encode(checksum, 'hex') FROM corrparse.migration"
        for version, name, checksum in superuser(ledger, database):
            superuser(
                f"INSERT INTO corrparse.migration VALUES ({version}, '{name}', decode('{checksum}', 'hex'), now(), '1')", copy
            )
        self.expect_all_to_refuse(
            copy, f"the database {copy.name} has the encoding LATIN1, and logs are UTF-8", "ENCODING 'UTF8' TEMPLATE template0"
        )

    def test_a_role_without_rights(self):
        database = program.Database(migrated=False)
        self.addCleanup(superuser, f"DROP DATABASE {database.name} WITH (FORCE)")
        user = self.role("nobody")
        self.expect_refusal(database, f"{user} may not create schemas in the database {database.name}", user=user)
        superuser("CREATE SCHEMA corrparse", database)
        self.expect_refusal(database, f"the schema corrparse belongs to another role than {user}", user=user)


class RoleNames(unittest.TestCase):
    def migrate(self, database: program.Database, *options: str) -> None:
        done = program.run("migrate", "up", *options, DATABASE_URL=database.connection())
        self.assertEqual(done.returncode, 0, done.stderr)

    def rights(self, database: program.Database) -> set[str]:
        """The roles that may do something in the schemas, but for the owner."""
        return {
            row[0]
            for row in superuser(
                """SELECT DISTINCT grantee::regrole::text FROM (
                     SELECT (aclexplode(relacl)).grantee FROM pg_class
                     WHERE relnamespace IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace)
                     UNION ALL SELECT (aclexplode(proacl)).grantee FROM pg_proc
                     WHERE pronamespace IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace)
                     UNION ALL SELECT (aclexplode(nspacl)).grantee FROM pg_namespace WHERE nspname IN ('corrparse', 'diagnostics')
                     UNION ALL SELECT (aclexplode(datacl)).grantee FROM pg_database WHERE datname = current_database()
                   ) AS a WHERE grantee <> 0 AND grantee <> current_user::regrole""",
                database,
            )
        }

    def test_each_database_of_a_server_has_its_own(self):
        names = [f"staging_writer_{os.getpid()}", f"staging_reader_{os.getpid()}"]
        options = ["--writer-role", names[0], "--reader-role", names[1]]
        database = program.Database(migrated=False)
        self.addCleanup(superuser, f"DROP ROLE {', '.join(names)}")
        self.addCleanup(superuser, f"DROP DATABASE {database.name} WITH (FORCE)")
        self.migrate(database, *options)
        self.assertEqual(self.rights(database), set(names))
        # Without the options the database keeps them.
        self.migrate(database)
        self.assertEqual(self.rights(database), set(names))

        folder = program.folder()
        program.write(folder, program.LOG, program.block(1) + program.END)
        as_role = {role: database.connection(options=f"'-c role={role}'") for role in names}
        done = program.run("ingest", str(folder), DATABASE_URL=as_role[names[0]])
        self.assertEqual(done.returncode, 0, done.stderr)
        # ORANGE: the log is months old.
        done = program.run("state", DATABASE_URL=as_role[names[1]])
        self.assertEqual(done.returncode, 2, done.stderr)

        # Other names later: those before lose their rights here.
        self.migrate(database, "--writer-role", "corrparse_writer", "--reader-role", "corrparse_reader")
        self.assertEqual(self.rights(database), {"corrparse_writer", "corrparse_reader"})

    def test_names_that_are_none(self):
        for options in (
            ["--writer-role", "a"],
            ["--writer-role", "a", "--reader-role", "a"],
            ["--writer-role", "a;b", "--reader-role", "c"],
            ["--writer-role", "A", "--reader-role", "c"],
        ):
            done = program.run("migrate", "up", *options, DATABASE_URL="host=nowhere.invalid")
            self.assertEqual(done.returncode, 64, options)


if __name__ == "__main__":
    unittest.main()
