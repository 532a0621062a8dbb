"""What the tests of object stores share: the program, its environment, logs, and a look into the database."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from store import Store, Thing

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Faults"))
import trees

PROGRAM = os.environ.get("CORRPARSE", ".build/debug/corrparse")
SERVER = os.environ.get("CORRPARSE_TEST_DATABASE")
SECRET = "wJalrXUtnFEMI-canary-secret"
TOKEN = "canary-session-token"
BACKFILL = ("backfill", "--since", "2000-01-01", "--log-root")
# Everything that is told of what was read, but what tells where from and when.
TABLES = {
    "verdicts": "SELECT * FROM diagnostics.verdict_v1 ORDER BY source, block",
    "issues": "SELECT * FROM diagnostics.issue_v1 ORDER BY source, block, line, kind, key",
    "attempts": "SELECT * FROM diagnostics.task_attempt_v1 ORDER BY 1, 2, 3, 4, 5",
    "logs": "SELECT source, status, size_bytes, blocks, replays, issues FROM diagnostics.ingestion_v1 ORDER BY source",
}


def environment(store: Store | None, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    found = kept | {
        "AWS_ACCESS_KEY_ID": "AKIACANARY",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_REGION": "eu-central-1",
        "HOME": "/nonexistent",
        "CORRPARSE_RETRIES": "2",
        "CORRPARSE_JOBS": "2",
        "CORRPARSE_BUCKET_TIMEOUT": "1",
    }
    if store:
        found["AWS_ENDPOINT_URL"] = store.url
    return {name: value for name, value in (found | more).items() if value}


class Result:
    def __init__(self, done: subprocess.CompletedProcess):
        self.status = done.returncode
        self.output = done.stdout.decode()
        self.errors = done.stderr.decode()


class StoreTest(unittest.TestCase):
    maxDiff = 2000

    def store(self, *arguments: object, **more: object) -> Store:
        store = Store(*arguments, **more)
        self.addCleanup(store.close)
        return store

    def run_program(self, *arguments: str, store: Store | None = None, **more: str) -> Result:
        done = subprocess.run(
            [PROGRAM, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            env=environment(store, **more),
        )
        result = Result(done)
        for secret in (SECRET, TOKEN, "Signature="):
            self.assertNotIn(secret, result.output + result.errors, "a secret is shown")
        return result

    def expect(self, status: int, *arguments: str, store: Store | None = None, **more: str) -> Result:
        result = self.run_program(*arguments, store=store, **more)
        self.assertEqual(result.status, status, result.errors)
        return result


class Database:
    """A database that is made from a migrated one."""

    number = 0

    def __init__(self) -> None:
        if not SERVER:
            raise unittest.SkipTest("no CORRPARSE_TEST_DATABASE: run it by Scripts/object-store-tests.sh")
        if Database.number == 0:
            psql(SERVER, "CREATE DATABASE store_template")
            subprocess.run([PROGRAM, "migrate", "up", "--database", named("store_template")], check=True, capture_output=True)
        Database.number += 1
        self.url = named(f"store_{Database.number}")
        psql(SERVER, f"CREATE DATABASE store_{Database.number} TEMPLATE store_template")

    def ask(self, sql: str) -> str:
        return psql(self.url, sql)

    def contents(self) -> dict[str, str]:
        return {name: self.ask(f"COPY ({sql}) TO STDOUT") for name, sql in TABLES.items()}


class DatabaseTest(StoreTest):
    """A test of what comes into the database."""

    def backfill(
        self, database: Database, root: str, *more: str, store: Store | None = None, status: int = 0, **variables: str
    ) -> Result:
        return self.expect(status, *BACKFILL, root, "--database", database.url, *more, store=store, **variables)

    def from_disk(self, tree: dict[str, bytes], times: dict[str, float] | None = None) -> dict[str, str]:
        database = Database()
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), tree, times or dict.fromkeys(tree, 1774663200.0))
            self.backfill(database, folder)
        return database.contents()

    def same(self, found: dict[str, str], wanted: dict[str, str]) -> None:
        for table, content in wanted.items():
            self.assertEqual(found[table], content, table)


def named(database: str) -> str:
    return SERVER.replace("dbname=postgres", f"dbname={database}")


def psql(connection: str, sql: str) -> str:
    done = subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", sql], capture_output=True, check=False
    )
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    return done.stdout.decode()


def log(seed: str, blocks: int = 2, **more: object) -> bytes:
    return trees.text(seed, blocks, **more)


def short_tree() -> dict[str, bytes]:
    """Few logs of every kind: plain, gzip, empty, replays, none of Airflow's names, and what is no log."""
    text = log("appended")
    return {
        trees.path("scheduled__2026-03-28T00:00:00+00:00"): log("plain"),
        trees.path("scheduled__2026-03-28T01:00:00+00:00"): gzip.compress(log("packed", 40, padding=200), mtime=0),
        trees.path("scheduled__2026-03-28T02:00:00+00:00"): b"",
        # An upload of an attempt that was uploaded before appends the whole log again.
        trees.path("scheduled__2026-03-28T03:00:00+00:00"): text + b"\n" + text,
        "other/notes of today.log": log("notes"),
        "scheduler/latest/x.log": log("scheduler"),
        "readme.txt": b"none of them\n",
    }


def things(tree: dict[str, bytes], prefix: str = "prod/") -> dict[str, Thing]:
    return {prefix + name: Thing(content) for name, content in tree.items()}


def write(root: Path, tree: dict[str, bytes], times: dict[str, float]) -> None:
    for name, content in tree.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        nanoseconds = round(times[name] * 1_000_000) * 1000
        os.utime(file, ns=(nanoseconds, nanoseconds))
