#!/usr/bin/env python3
"""A server that restarts behind a PgBouncer, PgBouncers that are set up wrongly, and what is read from a standby.

python3 Tests/Operations/test_server_restart.py
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import clusters
import program
from program import libpq

PATIENCE = 120


def setUpModule():
    global FOLDER, SERVER, LOGS
    FOLDER = program.folder()
    FOLDER.chmod(0o755)
    unittest.addModuleCleanup(shutil.rmtree, FOLDER)
    SERVER = clusters.Cluster(FOLDER / "primary")
    unittest.addModuleCleanup(SERVER.stop)
    migrate(SERVER.local)
    LOGS = FOLDER / "logs"
    program.write(LOGS, program.LOG, program.block(7) + program.END)


def migrate(connection: str, *options: str, status: int = 0) -> str:
    done = program.run("migrate", "up", *options, DATABASE_URL=connection)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def start(*arguments: str, connection: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen:
    return subprocess.Popen(
        [program.PROGRAM, *arguments],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=program.environment(DATABASE_URL=connection),
    )


def end(process: subprocess.Popen, text: bytes | None = None) -> tuple[int, str]:
    _, errors = process.communicate(text, timeout=PATIENCE)
    return process.returncode, errors.decode()


def wait_for(what: str, statement: str) -> None:
    wait_until(what, lambda: SERVER.run(statement))


def wait_until(what: str, found: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


WAITS_FOR_A_LOCK = "SELECT FROM pg_stat_activity WHERE application_name = 'corrparse' AND wait_event_type = 'Lock'"


class Case(unittest.TestCase):
    def pooler(self, name: str, **settings: str) -> clusters.Pooler:
        pooler = clusters.Pooler(FOLDER / name, SERVER, **settings)
        self.addCleanup(pooler.close)
        return pooler

    def forget_everything(self) -> None:
        SERVER.run("TRUNCATE corrparse.source, corrparse.log CASCADE")


class Restart(Case):
    def test_a_restart_of_two_seconds_behind_a_pgbouncer_at_its_defaults_ends_no_run(self):
        pooler = self.pooler("defaults")
        self.forget_everything()
        slow = start("ingest", "--stdin", "--source", "a", "--progress", "plain", connection=SERVER.local, stdin=subprocess.PIPE)
        with contextlib.closing(libpq.Connection(SERVER.local)) as blocker:
            blocker.run("BEGIN")
            blocker.run("LOCK TABLE corrparse.issue IN ACCESS EXCLUSIVE MODE")
            run = start("ingest", str(LOGS), connection=pooler.connection)
            wait_for("the run comes to store its log", WAITS_FOR_A_LOCK)
            run.send_signal(signal.SIGSTOP)
            SERVER.stop("fast")
        SERVER.refuse()
        # The first client whose login fails waits for PgBouncer's next one; it refuses all who come meanwhile.
        other = start("migrate", "status", connection=pooler.connection)
        wait_until("a login fails", lambda: "login failed" in pooler.log())
        run.send_signal(signal.SIGCONT)
        time.sleep(2)
        SERVER.stop("fast")
        SERVER.accept()
        self.assertEqual(end(other)[0], 0)
        status, errors = end(run)
        self.assertEqual(status, 0, errors)
        # For 15 seconds PgBouncer tries no other login: this is what has to be waited out.
        self.assertIn("server_login_retry", errors)
        self.assertIn("is tried again", errors)
        self.assertIn("2 of 18", errors)
        self.assertEqual(SERVER.run("SELECT count(*) FROM corrparse.record"), [("1",)])
        # What came meanwhile by a pipe: a line every ten seconds was asked for, and more have passed.
        status, errors = end(slow, (program.block(7) + program.END).encode())
        self.assertEqual(status, 0, errors)
        self.assertRegex(errors, r"(?m)^corrparse: \[#{20}\] 1 of 1 logs, 0 logs/s, [0-9]+ B/s, 0:00 left$")

    def test_a_run_that_gives_up_says_how_long_it_tried(self):
        self.forget_everything()
        with contextlib.closing(libpq.Connection(SERVER.local)) as blocker:
            blocker.run("BEGIN")
            blocker.run("LOCK TABLE corrparse.issue IN ACCESS EXCLUSIVE MODE")
            run = start("ingest", "--retries", "3", str(LOGS), connection=SERVER.local)
            wait_for("the run comes to store its log", WAITS_FOR_A_LOCK)
            SERVER.stop("fast")
        self.addCleanup(SERVER.start)
        status, errors = end(run)
        self.assertEqual(status, 69, errors)
        self.assertRegex(errors, r"tried 4 times within \d s")

    def test_a_run_that_is_stopped_while_commit_waits_says_that_its_outcome_is_unknown(self):
        self.forget_everything()
        SERVER.run(
            "CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END'"
        )
        SERVER.run(
            "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON corrparse.log DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION public.wait()"
        )
        self.addCleanup(SERVER.run, "DROP FUNCTION public.wait() CASCADE")
        with contextlib.closing(libpq.Connection(SERVER.local)) as blocker:
            blocker.run("SELECT pg_advisory_lock(42)")
            run = start("ingest", str(LOGS), connection=SERVER.local)
            wait_for("COMMIT waits", WAITS_FOR_A_LOCK + " AND query = 'COMMIT'")
            run.send_signal(signal.SIGTERM)
            # The first one asks for an end, the second one ends at once; a signal that is pending comes once.
            first = run.stderr.readline().decode()
            self.assertIn("SIGTERM", first)
            run.send_signal(signal.SIGTERM)
            status, errors = end(run)
            self.assertEqual(status, 143, errors)
            self.assertIn("stopped while the server had not answered COMMIT: nobody knows whether", errors)
            self.assertNotIn("rolled back", errors)
        wait_for("the transaction ends", "SELECT FROM corrparse.log")
        done = program.run("ingest", str(LOGS), DATABASE_URL=SERVER.local)
        self.assertIn("0 logs read, 1 unchanged", done.stderr)


class WrongPooler(Case):
    def expect_refusal(self, pooler: clusters.Pooler, words: str, **variables: str) -> None:
        self.forget_everything()
        for command in (["migrate", "up"], ["ingest", str(LOGS)]):
            with self.subTest(command=command[0]):
                done = program.run(*command, **({"DATABASE_URL": pooler.connection} | variables))
                self.assertEqual(done.returncode, 78, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertNotIn("is tried again", done.stderr)
        self.assertEqual(SERVER.run("SELECT count(*) FROM corrparse.source"), [("0",)])

    def test_statement_pooling_is_an_error_of_the_configuration(self):
        self.expect_refusal(self.pooler("statement", pool_mode="statement"), "set pool_mode = transaction")

    def test_a_setting_that_the_pooler_does_not_take(self):
        pooler = self.pooler("parameter")
        self.expect_refusal(pooler, "take the setting out of PGOPTIONS", PGOPTIONS="-c work_mem=64MB")

    def test_a_database_that_the_pooler_does_not_know(self):
        users = program.write(FOLDER, "users.txt", '"postgres" ""\n')
        for name, settings, words in (
            ("by-trust", {"auth_type": "trust", "auth_file": str(users)}, "section [databases]"),
            ("by-any", {}, "see its log"),
        ):
            pooler = self.pooler(name, **settings)
            self.expect_refusal(pooler, words, DATABASE_URL=pooler.connection.replace("dbname=postgres", "dbname=no_such"))


class Standby(Case):
    def test_migrating_where_nothing_is_to_be_applied_succeeds_on_a_standby(self):
        standby = clusters.Cluster(FOLDER / "standby", primary=SERVER)
        self.addCleanup(standby.stop)
        self.assertEqual(standby.run("SELECT pg_is_in_recovery()"), [("t",)])
        self.assertEqual(migrate(standby.local), "the schema is up to date\n")
        self.assertEqual(program.run("migrate", "status", DATABASE_URL=standby.local).returncode, 0)
        done = program.run("ingest", "--migrate", "--retries", "0", str(LOGS), "--force", DATABASE_URL=standby.local)
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("connect to the primary server", done.stderr)

    def test_and_on_a_database_that_is_set_read_only(self):
        writable = "BEGIN; SET LOCAL transaction_read_only = off; ALTER DATABASE postgres "
        SERVER.run(writable + "SET default_transaction_read_only = on; COMMIT")
        self.addCleanup(SERVER.run, writable + "RESET default_transaction_read_only; COMMIT")
        self.assertEqual(migrate(SERVER.local), "the schema is up to date\n")

    def test_what_is_to_be_applied_needs_the_primary(self):
        SERVER.run("CREATE DATABASE bare")
        bare = SERVER.local.replace("dbname=postgres", "dbname=bare")
        said = migrate(bare + " options='-c default_transaction_read_only=on'", status=69)
        self.assertIn("connect to the primary server: this one is read-only", said)


if __name__ == "__main__":
    unittest.main()
