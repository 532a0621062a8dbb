#!/usr/bin/env python3
"""Metrics of runs, with the real promtool.

Scripts/with-postgres.sh python3 Tests/Operations/test_metrics.py
"""

from __future__ import annotations

import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

import metrics
import program
from program import run


def setUpModule():
    global STAGE
    STAGE = metrics.Stage()


def tearDownModule():
    STAGE.close()


class MetricsFile(unittest.TestCase):
    def setUp(self):
        self.file = STAGE.folder / f"{self.id()}.prom"

    def checked(self) -> dict[tuple[str, str], float]:
        """The file's metrics.samples, once promtool has nothing to say of it."""
        text = self.file.read_text()
        done = subprocess.run(
            [program.tool("promtool"), "check", "metrics"], check=False, input=text, text=True, capture_output=True
        )
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        self.assertEqual([p.name for p in STAGE.folder.iterdir() if p.suffix == ".tmp"], [])
        found = metrics.samples(text)
        self.assertLessEqual({name for name, _ in found}, metrics.NAMES)
        blocks = {labels: value for (name, labels), value in found.items() if name == "corrparse_last_run_blocks"}
        self.assertEqual(set(blocks), {f'result="{r}"' for r in ("stored", "unchanged", "replayed", "rejected")})
        self.assertEqual(sum(blocks.values()), found["corrparse_last_run_blocks_found", ""])
        self.assertEqual(
            {labels for name, labels in found if name == "corrparse_last_run_verdicts"}, {f'code="{c}"' for c in metrics.CODES}
        )
        self.assertIn('command="', text)
        return found

    def test_run_that_stores(self):
        database = program.Database()
        before = time.time()
        done = STAGE.ingest("--metrics-file", str(self.file), str(STAGE.logs), connection=database.connection())
        self.assertEqual(done.returncode, 0, done.stderr)
        found = self.checked()
        self.assertEqual({name for name, _ in found}, metrics.NAMES)
        expected = {
            "exit_code": 0,
            "logs_read": 1,
            "logs_unchanged": 0,
            "logs_failed": 0,
            "blocks_found": 4,
            "records_deleted": 0,
            "read_bytes": (STAGE.logs / program.LOG).stat().st_size,
        }
        for name, value in expected.items():
            self.assertEqual(found[f"corrparse_last_run_{name}", ""], value, name)
        for result, value in (("stored", 3), ("unchanged", 0), ("replayed", 1), ("rejected", 0)):
            self.assertEqual(found["corrparse_last_run_blocks", f'result="{result}"'], value, result)
        verdicts = [value for (name, _), value in found.items() if name == "corrparse_last_run_verdicts"]
        self.assertEqual(sum(verdicts), 3)
        for name in ("run", "success", "completion"):
            self.assertTrue(before <= found[f"corrparse_last_{name}_timestamp_seconds", ""] <= time.time() + 1)
        self.assertGreater(found["corrparse_last_run_duration_seconds", ""], 0)
        # Who collects it is somebody else.
        self.assertEqual(self.file.stat().st_mode & 0o444, 0o444)

        # The same run again writes nothing, and says so.
        done = STAGE.ingest("--metrics-file", str(self.file), str(STAGE.logs), connection=database.connection())
        self.assertEqual(self.checked()["corrparse_last_run_logs_unchanged", ""], 1)

        # A failure keeps the time of the last success; a damaged log is a completion and no success.
        first = self.checked()
        success, completion = (
            ("corrparse_last_success_timestamp_seconds", ""),
            ("corrparse_last_completion_timestamp_seconds", ""),
        )
        done = STAGE.ingest(
            "--metrics-file", str(self.file), "--retries", "0", str(STAGE.logs), connection="host=/nowhere password=c4nary"
        )
        self.assertEqual(done.returncode, 69, done.stderr)
        failed = self.checked()
        self.assertEqual(failed["corrparse_last_run_exit_code", ""], 69)
        self.assertEqual((failed[success], failed[completion]), (first[success], first[completion]))
        self.assertNotIn("c4nary", self.file.read_text())
        damaged = program.write(
            STAGE.folder / "damaged", program.LOG.replace("attempt=1", "attempt=2") + ".gz", b"\x1f\x8b\x08\0\0\0\0\0\0\3garbage"
        )
        done = STAGE.ingest("--metrics-file", str(self.file), str(damaged.parents[3]), connection=database.connection())
        self.assertEqual(done.returncode, 65, done.stderr)
        after = self.checked()
        self.assertEqual((after["corrparse_last_run_exit_code", ""], after["corrparse_last_run_logs_failed", ""]), (65, 1))
        self.assertEqual(after[success], first[success])
        self.assertGreater(after[completion], first[completion])

    def test_a_log_root_without_logs_renews_no_completion(self):
        """A volume that is mounted empty, or a prefix of a bucket that has a typing error, looks like a quiet day."""
        names = [f"corrparse_last_{name}_timestamp_seconds" for name in ("completion", "success")]
        settings = {"DATABASE_URL": STAGE.database.connection()}
        empty = STAGE.folder / "empty"
        empty.mkdir()
        times = []
        window = ("--since", "1d", "--until", "1h")
        for root, status in ((STAGE.logs, 0), (empty, 0), ("/no/such/folder", 74), (STAGE.logs, 0)):
            # No log of the stage is in this window; that is a completion.
            done = run("backfill", *window, "--log-root", str(root), "--metrics-file", str(self.file), **settings)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertEqual("no log was found" in done.stderr, root == empty, done.stderr)
            found = self.checked()
            times.append([found[name, ""] for name in names])
        self.assertEqual(times[0], times[1])
        self.assertEqual(times[0], times[2])
        for before, after in zip(times[2], times[3], strict=True):
            self.assertGreater(after, before)

    def test_every_failure_is_told(self):
        other = program.Database(migrated=False)
        for arguments, settings, expected in (
            (["ingest", str(STAGE.logs)], {"DATABASE_URL": other.connection()}, 78),
            (["ingest", "/no/such/file"], {"DATABASE_URL": STAGE.database.connection()}, 65),
            (["backfill", "--since", "7d"], {"DATABASE_URL": STAGE.database.connection()}, 64),
            (["backfill", "--since", "7d", "--log-root", "/no/such/folder"], {"DATABASE_URL": STAGE.database.connection()}, 74),
            (["ingest", str(STAGE.logs)], {"DATABASE_URL": STAGE.database.connection(), "CORRPARSE_JOBS": "many"}, 78),
            (["ingest", str(STAGE.logs)], {"DATABASE_URL": STAGE.database.connection(user="nobody_of_ours")}, 77),
            (["ingest", str(STAGE.logs)], {"DATABASE_URL": "postgresql://u:c4nary@[h/db"}, 78),
        ):
            self.file.unlink(missing_ok=True)
            done = run(*arguments, "--metrics-file", str(self.file), **settings)
            self.assertEqual(done.returncode, expected, done.stderr)
            self.assertEqual(self.checked()["corrparse_last_run_exit_code", ""], expected)
            self.assertNotIn("c4nary", self.file.read_text() + done.stderr)

    def test_run_that_a_signal_ends(self):
        # A piped log that never ends: the signal ends the program at once.
        process = subprocess.Popen(
            [program.PROGRAM, "ingest", "--stdin", "--source", "x", "--metrics-file", str(self.file)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=program.environment(DATABASE_URL=STAGE.database.connection()),
        )
        process.stdin.write(program.block(7).encode())
        process.stdin.flush()
        query = (
            f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{STAGE.database.name}' AND application_name = 'corrparse'"
        )
        for _ in range(500):
            if STAGE.database.column(query) != ["0"]:
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 143)
        self.assertEqual(self.checked()["corrparse_last_run_exit_code", ""], 143)

    def test_file_that_cannot_be_written_is_refused_before_the_run(self):
        database = program.Database(migrated=False)
        folder = STAGE.folder / "a-folder"
        folder.mkdir()
        link = STAGE.folder / "link.prom"
        link.symlink_to("elsewhere")
        pipe = STAGE.folder / "pipe"
        os.mkfifo(pipe)
        places = [STAGE.folder / "missing" / "x.prom", folder, link, pipe]
        if os.getuid() != 0:
            places.append(pathlib.Path("/usr/x.prom"))
        for place in places:
            done = STAGE.ingest("--migrate", "--metrics-file", str(place), str(STAGE.logs), connection=database.connection())
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(f"Error: --metrics-file: {place}", done.stderr)
            self.assertIn("Usage: corrparse ingest ", done.stderr)
        self.assertEqual(database.column("SELECT count(*) FROM pg_namespace WHERE nspname = 'corrparse'"), ["0"])
        self.assertEqual(str(link.readlink()), "elsewhere")
        self.assertTrue(pipe.is_fifo())

    def test_dry_run_has_none(self):
        done = run(
            "backfill",
            "--since",
            "7d",
            "--log-root",
            str(STAGE.logs),
            "--dry-run",
            "--metrics-file",
            str(self.file),
            DATABASE_URL=STAGE.database.connection(),
        )
        self.assertEqual(done.returncode, 64)
        done = run(
            "backfill",
            "--since",
            "7d",
            "--log-root",
            str(STAGE.logs),
            "--dry-run",
            DATABASE_URL=STAGE.database.connection(),
            CORRPARSE_PUSHGATEWAY="http://127.0.0.1:1",
        )
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("metrics", done.stderr)


class Documentation(unittest.TestCase):
    TEXT = (program.ROOT / "docs/operations.md").read_text()

    def test_every_metric_is_described(self):
        section = self.TEXT.split("### Metrics of the job")[1].split("###")[0].replace("`…_logs", "`corrparse_last_run_logs")
        self.assertEqual(set(re.findall(r"`(corrparse_[a-z_]+)", section)), metrics.NAMES)


if __name__ == "__main__":
    unittest.main()
