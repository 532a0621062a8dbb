#!/usr/bin/env python3
"""Logs that their handler rotates (`attempt=1.log` becomes `attempt=1.log.1`) while a backfill reads them: no block is lost.

Scripts/with-postgres.sh python3 Tests/Operations/test_rotation.py
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
from program import libpq

PATIENCE = 60
WAITS = """
  SELECT a.pid FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE NOT l.granted AND a.datname = current_database()
"""


def block(number: int) -> str:
    """A block that no other is like."""
    time = f"[2026-03-28T{2 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000+0000]"
    lines = ["=== CORRELATION DATA ===", f"crypto=SOLUSDC n_trades={number}", "=== END CORRELATION DATA ==="]
    return "".join(f"{time} {{logging_mixin.py:150}} INFO - {line}\n" for line in lines)


class Handler:
    """A task's log as a RotatingFileHandler writes it that throws nothing away."""

    def __init__(self, folder: pathlib.Path, task: str):
        self.path = folder / f"dag_id=launch__discovery/run_id=r/task_id={task}/attempt=1.log"
        self.path.parent.mkdir(parents=True)
        self.path.touch()
        self.parts = self.written = 0

    def write(self, blocks: int) -> None:
        with self.path.open("a") as log:
            for number in range(self.written, self.written + blocks):
                log.write(block(number))
                log.flush()
        self.written += blocks

    def rotate(self) -> None:
        for number in range(self.parts, 0, -1):
            self.part(number).rename(self.part(number + 1))
        self.path.rename(self.part(1))
        self.path.touch()
        self.parts += 1

    def part(self, number: int) -> pathlib.Path:
        return self.path.with_name(f"{self.path.name}.{number}")


class Rotation(unittest.TestCase):
    def setUp(self):
        self.database, self.folder = program.Database(), program.folder()
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self) -> subprocess.Popen:
        process = subprocess.Popen(
            [program.PROGRAM, "backfill", "--since", "2000-01-01", "--jobs", "1", "--log-root", str(self.folder)],
            env=program.environment(DATABASE_URL=self.database.connection()),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def end(self, process: subprocess.Popen) -> str:
        _, errors = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, errors)
        return errors

    def stored(self, task: str) -> list[int]:
        """The numbers of a task's blocks, in their order."""
        rows = self.database.column(f"SELECT n_trades FROM diagnostics.verdict_v1 WHERE task_id = '{task}' ORDER BY n_trades")
        return [int(row) for row in rows]

    def test_rotated_between_listing_and_reading(self):
        # What a transaction holds is a long log, so that the run stops between this log and the next one.
        Handler(self.folder, "a").write(5000)
        log = Handler(self.folder, "b")
        for _ in range(3):
            log.write(49)
            log.rotate()
        log.write(49)
        with libpq.Connection(self.database.connection()) as holder:
            holder.run("BEGIN; LOCK TABLE corrparse.record IN EXCLUSIVE MODE")
            process = self.start()
            end = time.monotonic() + PATIENCE
            while not self.database.column(WAITS):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            log.rotate()
            log.write(49)
            holder.run("ROLLBACK")
        # Once the 49 blocks of the part that had been the log at the listing were missing after this run.
        self.end(process)
        self.assertEqual(self.stored("b"), list(range(log.written)))
        self.end(self.start())
        self.assertEqual(self.stored("b"), list(range(log.written)))
        self.assertEqual(self.database.column("SELECT count(*) FROM corrparse.source"), ["2"])
        self.assertEqual(self.database.column("SELECT kind FROM diagnostics.issue_v1"), [])

    def test_rotated_again_and_again(self):
        log = Handler(self.folder, "b")
        log.write(20)
        ended = threading.Event()

        def work() -> None:
            for _ in range(20):
                if ended.wait(0.02):
                    break
                log.write(7)
                log.rotate()

        before: list[int] = []
        for _ in range(4):
            ended.clear()
            writer = threading.Thread(target=work)
            writer.start()
            try:
                self.end(self.start())
            finally:
                ended.set()
                writer.join()
            now = self.stored("b")
            self.assertEqual(set(before) - set(now), set(), "a stored block is gone")
            self.assertEqual(len(now), len(set(now)), "a block is stored twice")
            before = now
        self.end(self.start())
        self.assertEqual(self.stored("b"), list(range(log.written)))


if __name__ == "__main__":
    unittest.main()
