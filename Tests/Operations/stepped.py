"""A database at the version before the first migration that works in steps, and what is asked of it."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
from program import libpq

STEPS = sorted((program.ROOT / "schema/migrations").glob("v*.sql"))
STEPPED = next(step for step in STEPS if "\n-- STEP " in step.read_text())
# What docs/database.md says that a step waits for a lock at most.
STATED = 5
PATIENCE = 60
COUNT = len(re.findall("^-- STEP ", STEPPED.read_text(), re.MULTILINE))
TRANSACTION = 1 + re.findall("^-- STEP ([a-z]+)", STEPPED.read_text(), re.MULTILINE).index("transaction")

# A run a day with its attempts and records, as an earlier version stored them.
ROWS = """
  INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
  SELECT 's' || n, 'launch__discovery', 'r' || n, 't', -1, 1, '' FROM generate_series(1, 200) AS n;
  INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated, started_at,
    ended_at)
  SELECT source_id, dag_id, run_id, task_id, map_index, try_number, 'success', true, t.at, t.at + interval '1 hour'
  FROM corrparse.source CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01Z' + source_id * interval '1 day' AS at) AS t;
  INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
    dag_id, run_id, task_id, map_index, try_number, crypto, f1_buy, baseline_f1_buy, gates)
  SELECT o.source_id, b, b, b, 1, 'explicit', o.started_at, 'log', o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number,
    (ARRAY['ETHUSDC', 'ethusdc', 'ÖUSDC', 'SOLUSDC'])[b % 4 + 1], 0.55, 0.5, '{"f1": "pass"}'
  FROM corrparse.task_outcome AS o CROSS JOIN generate_series(1, 20) AS b;
  INSERT INTO corrparse.current_taxonomy (taxonomy_version) VALUES (1);
  INSERT INTO corrparse.verdict (source_id, block, taxonomy_version, findings, certainty, severity, ml, execution, infra,
    not_evaluated, explanation)
  SELECT r.source_id, r.block, 1, '{}', 'unclassified', 'none', 'clear', 'clear', 'clear', '[]', '' FROM corrparse.record AS r;
"""

CATALOG = """
  WITH scope AS (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname IN ('corrparse', 'diagnostics', 'users'))
  SELECT concat_ws(' ', c.oid::regclass, c.relkind, c.reloptions, c.relreplident, c.relispopulated,
    (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(c.relacl) AS a), obj_description(c.oid, 'pg_class'))
  FROM pg_class AS c JOIN scope ON scope.oid = c.relnamespace
  UNION ALL
  SELECT concat_ws(' ', a.attrelid::regclass, a.attnum, a.attname, a.attcollation::regcollation, a.attnotnull, a.attacl,
    format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum))
  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN scope ON scope.oid = c.relnamespace
  WHERE a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indisprimary, i.indcollation)
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN scope ON scope.oid = c.relnamespace
  UNION ALL
  SELECT concat_ws(' ', r.conrelid::regclass, r.conname, pg_get_constraintdef(r.oid), r.convalidated)
  FROM pg_constraint AS r JOIN scope ON scope.oid = r.connamespace
  UNION ALL
  SELECT concat_ws(' ', c.oid::regclass, pg_get_viewdef(c.oid)) FROM pg_class AS c JOIN scope ON scope.oid = c.relnamespace
  WHERE c.relkind = 'v'
  UNION ALL
  SELECT concat_ws(' ', pg_get_functiondef(p.oid), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(p.proacl) AS a))
  FROM pg_proc AS p JOIN scope ON scope.oid = p.pronamespace
  UNION ALL
  SELECT pg_get_triggerdef(t.oid)
  FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN scope ON scope.oid = c.relnamespace
  WHERE NOT t.tgisinternal
  ORDER BY 1
"""
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
BUILDS = """
  SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND query LIKE '%CREATE INDEX CONCURRENTLY%' AND pid <> pg_backend_pid()
"""
WAITS = """
  SELECT a.pid FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE NOT l.granted AND a.datname = current_database()
"""


# Keeps the step whose number stands in public.stop from being noted, once it has done its work.
STOP = """
  CREATE TABLE public.stop (step bigint);
  CREATE TABLE corrparse.migration_step (
    version bigint NOT NULL, step bigint NOT NULL, done_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (version, step));
  CREATE FUNCTION public.stop() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM public.stop AS s WHERE s.step = NEW.step) THEN PERFORM pg_sleep(600); END IF;
      RETURN NEW;
    END $$;
  CREATE TRIGGER stop BEFORE INSERT ON corrparse.migration_step FOR EACH ROW EXECUTE FUNCTION public.stop();
"""
STOPPED = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


class Stepped(unittest.TestCase):
    """A database at the version before, and what is asked of it."""

    # The server and how the database is made there, where they are others.
    server: str | None = None
    how = ""

    def setUp(self):
        self.database = self.before()
        self.owner = self.connect()

    def connect(self, database: program.Database | None = None) -> libpq.Connection:
        connection = libpq.Connection((database or self.database).connection())
        self.addCleanup(connection.close)
        return connection

    def before(self) -> program.Database:
        """A database with rows, at the version before the first migration that works in steps."""
        database = program.Database(migrated=False, server=self.server, how=self.how)
        plan = program.run("migrate", "up", "--dry-run", DATABASE_URL=database.connection())
        self.assertEqual(plan.returncode, 0, plan.stderr)
        head, mark, _ = plan.stdout.partition(f"-- {STEPPED.stem}\n")
        self.assertTrue(mark)
        with libpq.Connection(database.connection()) as owner:
            owner.run(head)
            owner.run(ROWS)
        return database

    def start(self) -> subprocess.Popen:
        """`migrate up`, whose end the test waits for."""
        process = subprocess.Popen(
            [program.PROGRAM, "migrate", "up"],
            env=program.environment(DATABASE_URL=self.database.connection()),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def ask(self, statement: str) -> list:
        return [row[0] for row in self.owner.run(statement).rows]

    def until(self, what: str, found) -> None:
        end = time.monotonic() + PATIENCE
        while not found():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.002)

    def done(self) -> int:
        """How many steps are noted."""
        if self.ask("SELECT to_regclass('corrparse.migration_step')") == [None]:
            return 0
        try:
            return int(self.ask("SELECT count(*) FROM corrparse.migration_step")[0])
        except libpq.Error:
            return 0

    def migrate(self) -> subprocess.CompletedProcess:
        done = program.run("migrate", "up", DATABASE_URL=self.database.connection())
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def compare(self, undisturbed: program.Database) -> None:
        """Catalog, rows and ledger are those of a database that was migrated without disturbance."""
        other = self.connect(undisturbed)
        self.assertEqual(self.ask(CATALOG), [row[0] for row in other.run(CATALOG).rows])
        self.assertEqual(self.rows(self.owner), self.rows(other))
        self.assertEqual(self.ask("SELECT count(*) FROM corrparse.migration"), [str(len(STEPS))])
        self.assertIn("up to date", self.migrate().stdout)

    def undisturbed(self) -> program.Database:
        database = self.before()
        done = program.run("migrate", "up", DATABASE_URL=database.connection())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("nobody was locked out", done.stderr)
        self.assertIn("its locks ended with it", done.stderr)
        return database

    def rows(self, owner: libpq.Connection) -> list:
        return owner.run("SELECT to_jsonb(r) - 'updated_at' FROM corrparse.record AS r ORDER BY source_id, block").rows

    def drop_role(self, role: str) -> None:
        self.owner.run(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")
