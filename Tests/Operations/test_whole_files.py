#!/usr/bin/env python3
"""Files that are written as a whole, the report's page and the metrics: never half of one, and nothing left beside it.

Scripts/with-postgres.sh python3 Tests/Operations/test_whole_files.py
"""

from __future__ import annotations

import os
import resource
import subprocess
import unittest

import metrics
import program

# Stops the program twice, the second time for good, when it is about to put a file in its place.
STOPPING = """
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

int rename(const char *old, const char *new) {
  kill(getpid(), SIGTERM);
  usleep(300000);
  kill(getpid(), SIGTERM);
  sleep(60);
  return -1;
}
"""
LARGEST = 256


def setUpModule() -> None:
    global STAGE, STOP
    STAGE = metrics.Stage()
    STOP = STAGE.folder / "stopping.so"
    source = program.write(STAGE.folder, "stopping.c", STOPPING)
    subprocess.run(["clang", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(STOP), str(source)], check=True)


def tearDownModule() -> None:
    STAGE.close()


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))


class WholeFiles(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = STAGE.folder / self.id().rsplit(".", 1)[1]
        self.folder.mkdir()

    def start(self, *arguments: str, prepare=None, **settings: str) -> tuple[int, str]:
        done = subprocess.run(
            [program.PROGRAM, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.folder,
            env=program.environment(DATABASE_URL=STAGE.database.connection(), **settings),
            preexec_fn=prepare,
        )
        return done.returncode, done.stderr

    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def test_report_beyond_the_largest_file(self) -> None:
        status, errors = self.start("report", "--html", "page.html", prepare=limited)
        self.assertEqual(status, 74, errors)
        self.assertIn("page.html: File too large", errors)
        self.assertEqual(self.left(), [])

    def test_report_that_is_stopped(self) -> None:
        old = program.write(self.folder, "page.html", "old")
        status, errors = self.start("report", "--html", "page.html", LD_PRELOAD=str(STOP))
        self.assertEqual(status, 143, errors)
        self.assertEqual((self.left(), old.read_text()), (["page.html"], "old"))

    def test_report_to_a_folder_whose_name_is_no_utf8(self) -> None:
        inner = self.folder / os.fsdecode(b"\xff")
        inner.mkdir()
        status, errors = self.start("report", "--html", str(inner / "page.html"))
        self.assertEqual(status, 0, errors)
        self.assertEqual([path.name for path in inner.iterdir()], ["page.html"])

    def test_report_over_what_is_no_file(self) -> None:
        """Not with a device of the machine's: it would be gone where this fails."""
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        status, errors = self.start("report", "--html", str(pipe))
        self.assertEqual(status, 74, errors)
        self.assertTrue(pipe.is_fifo())

    def test_metrics_beyond_the_largest_file(self) -> None:
        """They never decide how a run ends."""
        status, errors = self.start("ingest", str(STAGE.logs), "--metrics-file", "x.prom", prepare=limited)
        self.assertEqual(status, 0, errors)
        self.assertIn("the metrics are not written: x.prom: File too large", errors)
        self.assertEqual(self.left(), [])

    def test_metrics_of_a_run_that_is_stopped(self) -> None:
        status, errors = self.start("ingest", str(STAGE.logs), "--metrics-file", "x.prom", LD_PRELOAD=str(STOP))
        self.assertEqual(status, 143, errors)
        self.assertEqual(self.left(), [])


if __name__ == "__main__":
    unittest.main()
