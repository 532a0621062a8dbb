#!/usr/bin/env python3
"""Settings that a server refuses a connection for: all are to be changed, so the exit status is 78, with what to do.

Scripts/with-postgres.sh python3 Tests/Operations/test_refused_connections.py
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
from program import libpq

SETTINGS = "check the settings that the server is given: PGOPTIONS"
# libpq's variables, and the server's code.
REFUSED = {
    ("PGOPTIONS", "garbage"): "42601",
    ("PGOPTIONS", "--no-such-option=1"): "42704",
    ("PGOPTIONS", "-c nonsense=1"): "42704",
    ("PGOPTIONS", "-c work_mem=much"): "22023",
    ("PGOPTIONS", "-c work_mem"): "42601",
    ("PGOPTIONS", "-c role=no_such_role"): "22023",
    ("PGOPTIONS", "-c shared_buffers=1GB"): "55P02",
    ("PGOPTIONS", "-x"): "42601",
    ("PGTZ", "Middle/Earth"): "22023",
    ("PGDATESTYLE", "stardate"): "22023",
}


class Refused(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = program.Database()
        cls.folder = program.folder()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        program.write(cls.folder, program.LOG, program.block(7) + program.END)

    def expect_78(self, words: str, code: str, connection: str, commands: list[list[str]], **settings: str) -> None:
        for command in commands:
            with self.subTest(command=command[0], **settings):
                done = program.run(*command, DATABASE_URL=connection, **settings)
                self.assertEqual(done.returncode, 78, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertIn(f"[SQLSTATE {code}]", done.stderr)
                self.assertNotIn("is tried again", done.stderr)

    def test_settings_that_are_none(self):
        for (name, value), code in REFUSED.items():
            commands = [["migrate", "up"], ["ingest", str(self.folder)]]
            self.expect_78(SETTINGS, code, self.database.connection(), commands, **{name: value})

    def test_a_database_that_takes_no_connections(self):
        database = program.Database(migrated=False)
        with contextlib.closing(libpq.Connection(os.environ["CORRPARSE_TEST_DATABASE"])) as connection:
            connection.run(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
        commands = [
            ["migrate", "up"],
            ["migrate", "status"],
            ["ingest", str(self.folder)],
            ["backfill", "--since", "2020-01-01", "--log-root", str(self.folder)],
            ["state"],
        ]
        self.expect_78("check the database's name, and that it takes", "55000", database.connection(), commands)


if __name__ == "__main__":
    unittest.main()
