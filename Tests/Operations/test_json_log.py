#!/usr/bin/env python3
"""Messages as JSON.

Scripts/with-postgres.sh python3 Tests/Operations/test_json_log.py
"""

from __future__ import annotations

import json
import unittest

import metrics
from program import run


def setUpModule():
    global STAGE
    STAGE = metrics.Stage()


def tearDownModule():
    STAGE.close()


class JSONLog(unittest.TestCase):
    def lines(self, text: str) -> list[dict]:
        """Every line is an object with the run's id."""
        found = [json.loads(line) for line in text.splitlines()]
        self.assertGreater(len(found), 0)
        for line in found:
            self.assertLessEqual({"time", "level", "run_id", "message"}, set(line))
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
            self.assertIn(line["level"], ("trace", "debug", "info", "notice", "warning", "error", "critical"))
            self.assertRegex(line["run_id"], r"^[0-9a-f]{16}$")
        self.assertEqual(len({line["run_id"] for line in found}), 1)
        return found

    def test_every_line_of_every_command(self):
        ids = set()
        for arguments, settings, expected in (
            (["ingest", str(STAGE.logs), "--log-format", "json", "--log-level", "trace"], {}, 0),
            (["ingest", str(STAGE.logs), "/no/such\x1b[31m\u202efile", "--log-format=json"], {}, 65),
            (["backfill", "--since", "7d", "--log-root", str(STAGE.logs)], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
            (["backfill", "--since", "7d", "--log-root", str(STAGE.logs), "--dry-run"], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
            (
                ["ingest", str(STAGE.logs), "--retries", "1"],
                {"CORRPARSE_LOG_FORMAT": "json", "DATABASE_URL": "host=/nowhere"},
                69,
            ),
            (["ingest", str(STAGE.logs), "--metrics-file", "/proc/x"], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
            (["ingest", "--no-such-option"], {"CORRPARSE_LOG_FORMAT": "json"}, 64),
            (["ingest", "--log-format", "json"], {}, 64),
            (["reclassify", "--log-format", "json"], {}, 0),
            (["universe", "set", "BTCUSDC", "", "--log-format", "json"], {}, 64),
            (["-", "-v"], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
            (["lint", "--allow-empty", "-"], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
        ):
            done = run(*arguments, **({"DATABASE_URL": STAGE.database.connection()} | settings))
            self.assertEqual(done.returncode, expected, done.stderr)
            found = self.lines(done.stderr)
            ids.add(found[0]["run_id"])
        self.assertEqual(len(ids), 12)

    def test_summary_is_information_and_failure_an_error(self):
        found = self.lines(STAGE.ingest(str(STAGE.logs), "--log-format", "json").stderr)
        self.assertEqual([line["level"] for line in found if " blocks = " in line["message"]], ["info"])
        found = self.lines(
            STAGE.ingest(str(STAGE.logs), "--log-format", "json", "--retries", "0", connection="host=/nowhere").stderr
        )
        self.assertEqual(found[-1]["level"], "error")
        self.assertIn("/nowhere", found[-1]["message"])

    def test_context_of_a_message(self):
        found = self.lines(
            run(
                "backfill",
                "--since",
                "2020-01-01",
                "--log-root",
                str(STAGE.logs),
                "--log-format",
                "json",
                "--log-level",
                "debug",
                DATABASE_URL=STAGE.database.connection(),
            ).stderr
        )
        self.assertEqual([line["context"]["since"] for line in found if line["message"] == "window"], ["2020-01-01T00:00:00Z"])

    def test_text_stays_text(self):
        for settings in ({}, {"CORRPARSE_LOG_FORMAT": "text"}, {"CORRPARSE_LOG_FORMAT": ""}):
            self.assertTrue(STAGE.ingest(str(STAGE.logs), **settings).stderr.startswith("corrparse: "))
        self.assertTrue(
            STAGE.ingest(str(STAGE.logs), "--log-format", "text", CORRPARSE_LOG_FORMAT="json").stderr.startswith("corrparse: ")
        )

    def test_format_that_is_none(self):
        done = STAGE.ingest(str(STAGE.logs), CORRPARSE_LOG_FORMAT="yaml")
        self.assertEqual(done.returncode, 78)
        self.assertIn("CORRPARSE_LOG_FORMAT is text or json, not 'yaml'", done.stderr)
        self.assertEqual(STAGE.ingest(str(STAGE.logs), "--log-format", "yaml").returncode, 64)


if __name__ == "__main__":
    unittest.main()
