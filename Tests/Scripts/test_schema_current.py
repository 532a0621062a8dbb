#!/usr/bin/env python3
"""schema/current says what the migrations make, and Scripts/schema-current.py keeps it so.

Scripts/with-postgres.sh python3 Tests/Scripts/test_schema_current.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts"))

import libpq
import migration_steps


class Fresh(unittest.TestCase):
    def test_files_say_what_the_migrations_make(self):
        done = subprocess.run([ROOT / "Scripts/schema-current.py", "check"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_every_kind_is_there(self):
        counts = {folder.name: len(list(folder.glob("*.sql"))) for folder in (ROOT / "schema/current").iterdir()}
        self.assertEqual(sorted(counts), ["functions", "triggers", "views"])
        self.assertGreater(min(counts.values()), 10)


class Changes(unittest.TestCase):
    """On a copy of the schema, which the tests edit."""

    def setUp(self):
        folder = Path(tempfile.mkdtemp(prefix="corrparse-schema."))
        self.addCleanup(shutil.rmtree, folder)
        shutil.copytree(ROOT / "schema", folder / "schema")
        (folder / "Scripts").mkdir()
        for name in ("schema-current.py", "libpq.py", "migration_steps.py", "schema_objects.py"):
            shutil.copy(ROOT / "Scripts" / name, folder / "Scripts")
        self.folder = folder
        self.current = folder / "schema/current"
        self.before = self.texts()

    def texts(self) -> dict[str, str]:
        return {str(path.relative_to(self.current)): path.read_text() for path in self.current.glob("*/*.sql")}

    def run_script(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.folder / "Scripts/schema-current.py", *arguments], capture_output=True, text=True, check=False
        )

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.current / name
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def new_migration(self) -> str:
        steps = sorted((self.folder / "schema/migrations").glob("v*.sql"))
        self.assertEqual(len(steps), len(list((ROOT / "schema/migrations").glob("v*.sql"))) + 1)
        return steps[-1].read_text()

    def test_what_is_only_written_otherwise_is_fresh(self):
        self.edit("views/diagnostics.taxonomy_v1.sql", "SELECT\n", "-- All of them.\nSELECT ")
        self.assertEqual(self.run_script("check").returncode, 0)

    def test_each_difference_is_told(self):
        self.edit("views/diagnostics.taxonomy_v1.sql", "t.position\n", "t.position + 0 AS position\n")
        self.edit("functions/corrparse.severities.sql", "'P1', 'P0'", "'P0', 'P1'")
        self.edit("functions/corrparse.utc_text.sql", "LANGUAGE sql STABLE", "LANGUAGE sql IMMUTABLE")
        self.edit("functions/diagnostics.golden_signals_at.sql", "REVOKE EXECUTE", "-- REVOKE EXECUTE")
        self.edit("views/diagnostics.issue_v1.sql", "'What was wrong", "'What is wrong")
        self.edit("triggers/corrparse.record.record_delete.sql", "STATEMENT", "STATEMENT WHEN (pg_trigger_depth() = 0)")
        # Only a view of the contract that no other file names can go alone.
        (self.current / "views/diagnostics.ingestion_v1.sql").unlink()
        (self.current / "views/corrparse.more.sql").write_text("CREATE OR REPLACE VIEW corrparse.more AS SELECT 1 AS a;\n")
        done = self.run_script("check")
        self.assertEqual(done.returncode, 1)
        for name in (
            "views/diagnostics.taxonomy_v1",
            "functions/corrparse.severities",
            "functions/corrparse.utc_text",
            "functions/diagnostics.golden_signals_at",
            "views/diagnostics.issue_v1",
            "triggers/corrparse.record.record_delete",
            "views/diagnostics.ingestion_v1",
            "views/corrparse.more",
        ):
            self.assertIn(f"schema/current/{name}.sql: ", done.stderr)
        self.assertEqual(done.stderr.count("schema/current/"), 8, done.stderr)

        # What is written over is what differs, and then nothing does.
        self.assertEqual(self.run_script("write").returncode, 0)
        self.assertEqual(self.run_script("check").stderr, "")
        after = self.texts()
        self.assertEqual(after.keys(), self.before.keys())
        self.assertEqual(sum(after[name] != text for name, text in self.before.items()), 7)

    def test_a_function_is_replaced_alone(self):
        self.edit("functions/corrparse.run_state.sql", "> instant", ">= instant")
        done = self.run_script("migration", "later_end")
        self.assertEqual(done.returncode, 0)
        # Whoever assembled one did not know that the program and a test name it too.
        for file in ("Sources/CMigrations/migrations.c", "Tests/CommandTests/MigrateTests.swift"):
            self.assertIn(f"- {file}: ", done.stdout)
            self.assertTrue((ROOT / file).exists())
        text = self.new_migration()
        self.assertEqual(text.count("CREATE OR REPLACE"), 1)
        self.assertIn("settles_at >= instant", text)
        self.assertNotIn("DROP", text)
        self.assertTrue(text.endswith("SELECT corrparse.grant_to_roles();\n"))
        self.assertEqual(self.run_script("check").stderr, "")

    def test_tables_of_the_step_come_first(self):
        tables = self.folder / "tables.sql"
        tables.write_text("ALTER TABLE corrparse.record ADD COLUMN memory_pct numeric;\n")
        self.edit("views/corrparse.judged_record.sql", " AS is_qualified\n", " AS is_qualified,\n  r.memory_pct\n")
        self.assertEqual(self.run_script("migration", "memory", str(tables)).returncode, 0)
        text = self.new_migration()
        self.assertLess(text.index("ADD COLUMN memory_pct"), text.index("CREATE OR REPLACE VIEW corrparse.judged_record"))
        # With it the two functions whose bodies, parsed when they were made, select all of its columns.
        self.assertEqual(text.count("CREATE OR REPLACE"), 3)
        self.assertIn("CREATE OR REPLACE FUNCTION corrparse.run_record_at", text)
        self.assertIn("CREATE OR REPLACE FUNCTION corrparse.best_strategy_at", text)
        self.assertEqual(self.run_script("check").stderr, "")

    def test_where_a_column_goes_all_is_made_anew_and_what_users_made_stays(self):
        """A view and a grant of theirs on the contract survive, and rows are the same."""
        self.edit("views/corrparse.judged_record.sql", "  r.n_passed,\n", "")
        self.edit("functions/corrparse.diagnose_run.sql", "r.n_passed,", "r.n_candidates AS n_passed,")
        (self.current / "triggers/corrparse.taxonomy.taxonomy_change.sql").unlink()
        (self.current / "functions/corrparse.utc_text.sql").rename(self.current / "functions/corrparse.text_of.sql")
        for name in ("text_of", "crypto_at", "signal_reading_at", "condition_at", "grant_to_roles", "passed_over"):
            path = self.current / f"functions/corrparse.{name}.sql"
            path.write_text(path.read_text().replace("corrparse.utc_text", "corrparse.text_of"))
        self.assertEqual(self.run_script("migration", "without_passed").returncode, 0)
        text = self.new_migration()
        self.assertIn("DROP VIEW corrparse.judged_record;", text)
        self.assertIn("DROP TRIGGER taxonomy_change ON corrparse.taxonomy;", text)
        self.assertNotIn("DROP VIEW diagnostics.", text)
        self.assertEqual(self.run_script("check").stderr, "")

        server = os.environ["CORRPARSE_TEST_DATABASE"]
        name = f"schema_current_users_{os.getpid()}"
        with libpq.Connection(server) as admin:
            admin.run(f"CREATE DATABASE {name}")
            self.addCleanup(self.drop, server, name)
        with libpq.Connection(libpq.with_database(server, name)) as connection:
            connection.run("CREATE SCHEMA corrparse")
            for migration in sorted((ROOT / "schema/migrations").glob("v*.sql")):
                for step in migration_steps.steps(migration.read_text()):
                    # Several statements at once are a transaction, and one alone is none.
                    connection.run(("SELECT;" if step.is_transaction else "") + step.text)
            connection.run("""
                CREATE ROLE schema_current_user;
                GRANT SELECT ON diagnostics.verdict_v1 TO schema_current_user;
                CREATE SCHEMA users;
                CREATE VIEW users.mine AS SELECT run_id, passed FROM diagnostics.run_diagnosis_v1;
                INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
                VALUES ('s', 'd', 'r', 't', -1, 1, '');
                INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated)
                SELECT source_id, dag_id, run_id, task_id, map_index, try_number, 'success', true FROM corrparse.source;
                """)
            self.addCleanup(self.drop_role, server, name)
            before = connection.run("SELECT * FROM users.mine").rows
            connection.run("BEGIN")
            connection.run(text)
            connection.run("COMMIT")
            self.assertEqual((connection.run("SELECT * FROM users.mine").rows, len(before)), (before, 1))
            granted = "SELECT has_table_privilege('schema_current_user', 'diagnostics.verdict_v1', 'SELECT')"
            self.assertEqual(connection.run(granted).rows, [("t",)])

    @staticmethod
    def drop(server: str, name: str) -> None:
        with libpq.Connection(server) as admin:
            admin.run(f"DROP DATABASE {name} WITH (FORCE)")

    @staticmethod
    def drop_role(server: str, name: str) -> None:
        with libpq.Connection(libpq.with_database(server, name)) as owner:
            owner.run("DROP OWNED BY schema_current_user; DROP ROLE schema_current_user")

    def test_what_cannot_be_made_is_said(self):
        self.edit("functions/corrparse.run_at.sql", "SELECT", "SELEKT")
        for arguments in (["check"], ["migration", "broken"]):
            done = self.run_script(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn("schema/current/functions/corrparse.run_at.sql: ERROR:  syntax error", done.stderr)
        self.assertEqual(self.run_script("write").returncode, 0)
        self.assertEqual(self.run_script("check").stderr, "")
        # The one file was written, and the others are as they were.
        self.assertEqual(
            [name for name, text in self.texts().items() if text != self.before[name]], ["functions/corrparse.run_at.sql"]
        )

    def test_a_file_makes_what_it_is_called(self):
        (self.current / "views/corrparse.one.sql").write_text("CREATE OR REPLACE VIEW corrparse.other AS SELECT 1 AS a;\n")
        done = self.run_script("check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("schema/current/views/corrparse.one.sql has no CREATE OR REPLACE VIEW corrparse.one", done.stderr)

    def test_usage(self):
        self.assertEqual(self.run_script().returncode, 64)
        self.assertIn("small letters", self.run_script("migration", "Bad-Name").stderr)


if __name__ == "__main__":
    unittest.main()
