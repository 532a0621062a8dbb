#!/usr/bin/env python3
"""Logical replication of all tables: logs are stored, grow and are pruned while a subscription is on, and it has the same rows.

  CORRPARSE_TEST_POSTGRES_OPTIONS="-c wal_level=logical" Scripts/with-postgres.sh python3 Tests/Operations/test_replication.py

Publisher and subscriber are two databases of one server. The slot is made beforehand: making it waits for every transaction of
the server, that of CREATE SUBSCRIPTION among them.
"""

from __future__ import annotations

import contextlib
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
from program import libpq

TABLES = """
    SELECT c.oid::regclass::text FROM pg_class AS c
    WHERE c.relnamespace = 'corrparse'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
"""
# When a subscriber is given up.
PATIENCE = 120


def log(run: str, blocks: int, day: str, crypto: str = "SOLUSDC") -> tuple[str, str]:
    """The path and the text of a task's log of one day."""
    path = f"dag_id=launch__discovery/run_id={run}/task_id=test_step/attempt=1.log"
    text = "".join(program.block(n) for n in range(1, blocks + 1)) + program.END
    return path, text.replace("2026-03-28", day).replace("SOLUSDC", crypto)


class Replication(unittest.TestCase):
    def setUp(self):
        self.publisher, self.subscriber = program.Database(), program.Database()
        self.folder = program.folder()
        self.slot = f"slot_of_{self.subscriber.name}"
        self.connections = {}
        for name, database in (("publisher", self.publisher), ("subscriber", self.subscriber)):
            self.connections[name] = libpq.Connection(database.connection())
            self.addCleanup(self.connections[name].close)

    def ask(self, side: str, statement: str) -> list:
        return [row[0] for row in self.connections[side].run(statement).rows]

    def rows(self, side: str) -> dict[str, list[str]]:
        """Every row of every table."""
        return {table: sorted(self.ask(side, f"SELECT to_jsonb(t)::text FROM {table} AS t")) for table in self.ask(side, TABLES)}

    def until(self, what: str, found) -> None:
        end = time.monotonic() + PATIENCE
        while not found():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.1)

    def expect_same_rows(self, what: str) -> dict[str, list[str]]:
        expected = self.rows("publisher")
        with contextlib.suppress(AssertionError):
            self.until(what, lambda: self.rows("subscriber") == expected)
        self.assertEqual(self.rows("subscriber"), expected, what)
        return expected

    def corrparse(self, *arguments: str) -> str:
        done = program.run(*arguments, DATABASE_URL=self.publisher.connection())
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_subscriber_has_what_ingest_and_prune_left(self):
        self.assertEqual(self.ask("publisher", "SHOW wal_level"), ["logical"])
        for day, run in (("2025-11-01", "r0"), ("2025-12-01", "r1"), ("2026-01-01", "r2"), ("2026-02-01", "r3")):
            program.write(self.folder, *log(run, 2, day))
        self.corrparse("ingest", str(self.folder))

        self.ask("subscriber", f"TRUNCATE {', '.join(self.ask('subscriber', TABLES))}")
        self.ask("publisher", "CREATE PUBLICATION everything FOR ALL TABLES")
        self.ask("publisher", f"SELECT pg_create_logical_replication_slot('{self.slot}', 'pgoutput')")
        self.ask(
            "subscriber",
            f"CREATE SUBSCRIPTION s CONNECTION '{self.publisher.connection()}' PUBLICATION everything "
            f"WITH (create_slot = false, slot_name = '{self.slot}')",
        )
        self.addCleanup(self.unsubscribe)
        copied = "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel"
        self.until("the first copy", lambda: self.ask("subscriber", copied) == ["t"])
        self.assertEqual(len(self.expect_same_rows("after the first copy")["corrparse.record"]), 8)

        # A log that grew, and one more.
        program.write(self.folder, *log("r3", 3, "2026-02-01"))
        program.write(self.folder, *log("r4", 2, "2026-02-02"))
        self.corrparse("ingest", str(self.folder))
        rows = self.expect_same_rows("after an ingest")
        self.assertEqual(len(rows["corrparse.record"]), 11)
        self.assertEqual(len(rows["corrparse.run_diagnosis"]), 10)
        self.assertEqual(rows["corrparse.run_change"], [])

        self.assertIn("removed what happened before", self.corrparse("prune", "--before", "2026-03-01", "--yes"))
        self.assertEqual(len(self.expect_same_rows("after a prune")["corrparse.source"]), 4)

        # A change that nobody has computed yet is a row of the list there, too.
        self.ask("publisher", "UPDATE corrparse.record SET theta = 0.5 WHERE run_id = 'r4'")
        self.assertEqual(len(self.expect_same_rows("after a change")["corrparse.run_change"]), 2)

    def unsubscribe(self):
        self.ask("subscriber", "ALTER SUBSCRIPTION s DISABLE")
        self.ask("subscriber", "ALTER SUBSCRIPTION s SET (slot_name = NONE)")
        self.ask("subscriber", "DROP SUBSCRIPTION s")
        slot = f"SELECT active FROM pg_replication_slots WHERE slot_name = '{self.slot}'"
        self.until("the slot is free", lambda: self.ask("publisher", slot) == ["f"])
        self.ask("publisher", f"SELECT pg_drop_replication_slot('{self.slot}')")


if __name__ == "__main__":
    unittest.main()
