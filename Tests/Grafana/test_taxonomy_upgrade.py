#!/usr/bin/env python3
"""docs/taxonomy-upgrade.md, step by step: a database with a year of verdicts gets the next version of the taxonomy beside
the current one, the views and dashboards change over, and back.

  Scripts/with-postgres.sh python3 Tests/Grafana/test_taxonomy_upgrade.py

The program of the next release is the example in examples/taxonomy-upgrade, beside CORRPARSE; or CORRPARSE_NEXT names one.
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]

import checks
import generate
import grafana_sql
import libpq
import seeded
from generator import reference
from test_panels import every, variables

LOG = (
    "[2026-03-28T02:14:07.000+0000] {logging_mixin.py:150} INFO - === CORRELATION DATA ===\n"
    "crypto=LATEUSDC\nf1_buy=0.54 baseline_f1_buy=0.50 sortino=1\ntp_pct=30 sl_pct=40 timeout_pct=30 n_trades=9\n"
    "=== END CORRELATION DATA ===\n"
)


class Upgrade(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = os.environ["CORRPARSE_TEST_DATABASE"]
        cls.old = os.environ.get("CORRPARSE") or generate.default_program()
        cls.is_example = "CORRPARSE_NEXT" not in os.environ
        # Built with the tests.
        example = pathlib.Path(__file__).resolve().parents[2] / ".build/debug/TaxonomyUpgrade"
        cls.new = os.environ.get("CORRPARSE_NEXT") or str(example)
        cls.owner, reader = seeded.make(cls.server, cls.old, "taxonomy_upgrade")
        cls.now = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
        seeded.fill(cls.owner, cls.old, 600, cls.now)
        cls.connection = libpq.Connection(cls.owner)
        cls.reader = libpq.Connection(reader)

    def rows(self, sql):
        return self.reader.run(sql).rows

    def value(self, sql):
        return self.rows(sql)[0][0]

    def runs_to_compute(self):
        """How many runs wait for their diagnosis."""
        return self.connection.run("SELECT count(*) FROM corrparse.run_change").rows[0][0]

    def run_program(self, program, *command, text=""):
        done = subprocess.run(
            [program, *command, "--database", self.owner], input=text, check=False, capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def dashboards(self, program):
        """The files of the reference that the database has now, as `make dashboards` writes them."""
        settings = generate.arguments(["--database", self.server, "--corrparse", program])
        files = generate.generated(reference.read(self.connection, program), settings)
        boards = [json.loads(text) for path, text in files.items() if path.startswith("dashboards/")]
        return files, {board["uid"]: board for board in boards}

    def run_panels(self, boards):
        """What the queries of all dashboards answer, as the reader."""
        start, end = self.now - datetime.timedelta(days=90), self.now + datetime.timedelta(hours=1)
        rows = {}
        for uid, board in boards.items():
            values, problems = variables(self.reader, board, start, end, every)
            self.assertEqual(problems, [])
            for panel, target in checks.queries(board):
                query = grafana_sql.expand(target["rawSql"], start, end, values, panel.get("interval"), "utc")
                result = self.reader.run(query)
                self.assertEqual(checks.answer(panel, target, result), [], f"{uid}, {panel['title']}")
                rows[uid, panel["title"], target["refId"]] = result.rows
        return rows

    def sl_steps(self, boards):
        """The thresholds of the panel of sl_pct."""
        panels = boards["corrparse-testing"]["panels"]
        panel = next(p for p in panels if p["title"] == "Is the stop-loss hit too often?")
        return [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]

    def changed_by_the_example(self, old, new):
        """What differs is what the two thresholds say: over 3 and up to 5 points, and over 45 up to 50 % at the stop-loss."""
        moved = "delta_points > 3 AND delta_points <= 5"
        tight = "sl_pct > 45 AND sl_pct <= 50 AND n_trades IS DISTINCT FROM 0"
        counts = self.rows(f"""SELECT count(*) FILTER (WHERE {moved}), count(*) FILTER (WHERE {tight}),
          count(*) FILTER (WHERE 'ML_MARGINAL' = ANY (findings) AND ({moved})),
          count(*) FILTER (WHERE 'SL_TOO_TIGHT' = ANY (findings) AND {tight}) FROM diagnostics.verdict_v1""")[0]
        self.assertGreater(int(counts[0]), 0)
        self.assertGreater(int(counts[1]), 0)
        self.assertEqual(counts[2:], (counts[0], "0"))
        wrong = self.rows(f"""
          SELECT new.source, new.block, old.findings, new.findings
          FROM diagnostics.verdict_all_v1 AS old JOIN diagnostics.verdict_all_v1 AS new USING (source, block)
          CROSS JOIN LATERAL (
            SELECT coalesce(new.delta_points > 3 AND new.delta_points <= 5, false) AS moved,
              coalesce(new.sl_pct > 45 AND new.sl_pct <= 50 AND new.n_trades IS DISTINCT FROM 0, false) AS tight) AS it
          WHERE old.taxonomy_version = {old} AND new.taxonomy_version = {new} AND (
            ('ML_MARGINAL' = ANY (new.findings)) IS DISTINCT FROM ('ML_MARGINAL' = ANY (old.findings) AND NOT it.moved)
            OR ('ML_EXPLOITABLE' = ANY (new.findings)) IS DISTINCT FROM ('ML_EXPLOITABLE' = ANY (old.findings) OR it.moved)
            OR ('EXECUTION_MISMATCH' = ANY (new.findings)) IS DISTINCT FROM
              ('EXECUTION_MISMATCH' = ANY (old.findings) OR it.moved AND coalesce(new.sortino < 0, false)
                AND new.n_trades IS DISTINCT FROM 0)
            OR ('SL_TOO_TIGHT' = ANY (new.findings)) IS DISTINCT FROM ('SL_TOO_TIGHT' = ANY (old.findings) OR it.tight))""")
        self.assertEqual(wrong, [])

    def test_the_next_version_beside_the_current_one_then_in_its_place_and_back(self):
        verdicts = "SELECT source, block, primary_code, findings::text, severity, explanation FROM {} ORDER BY 1, 2"
        of_version = verdicts.format("diagnostics.verdict_all_v1 WHERE taxonomy_version = {}")
        shown = verdicts.format("diagnostics.verdict_v1")
        old = int(self.value("SELECT DISTINCT taxonomy_version FROM diagnostics.verdict_v1"))
        new = old + 1
        files_before, boards = self.dashboards(self.old)
        before = self.rows(shown)
        told_before = self.run_panels({"corrparse-overview": boards["corrparse-overview"]})
        self.assertGreater(len(before), 500)
        self.assertEqual(self.sl_steps(boards), [None, 35, 50])

        # Judged beside: everything of the current version is as it was, and shown.
        said = self.run_program(self.new, "reclassify")
        self.assertIn(f"taxonomy {new}: {len(before)} records = {len(before)} newly judged + 0 changed + 0 unchanged", said)
        self.assertEqual(self.rows(shown), before)
        self.assertEqual(self.rows(of_version.format(old)), before)
        after = self.rows(of_version.format(new))
        self.assertEqual([row[:2] for row in after], [row[:2] for row in before])
        if self.is_example:
            self.changed_by_the_example(old, new)

        # Changed over: views, run diagnoses and dashboards are the next version's.
        self.run_program(self.new, "migrate", "up")
        self.assertEqual(self.rows(shown), after)
        self.assertEqual(self.rows("SELECT DISTINCT taxonomy_version FROM diagnostics.verdict_v1"), [(str(new),)])
        self.assertEqual(self.runs_to_compute(), "0")
        files, boards = self.dashboards(self.old if self.is_example else self.new)
        told = self.run_panels(boards)
        if self.is_example:
            self.assertEqual(self.sl_steps(boards), [None, 35, 45])
            self.assertEqual(
                {path for path, text in files.items() if text != files_before[path]},
                {"dashboards/mlops-overview.json", "dashboards/testing-backtest.json", "provisioning/alerting/p2.yaml"},
            )
            changed = {key[1] for key, rows in told_before.items() if told[key] != rows}
            self.assertIn("What do the runs say, day by day? (${dag})", changed)
            self.assertIn("How many useful candidates are there? (${dag})", changed)
            self.assertNotIn("Is the pass rate normal?", changed)

        # A job of the release before goes on meanwhile: what it stores is not shown until it is judged.
        self.run_program(
            self.old, "ingest", "--stdin", "--dag-id", "launch__discovery", "--run-id", "late", "--task-id", "t",
            "--try-number", "1", text=LOG,
        )  # fmt: skip
        late = "SELECT taxonomy_version, primary_code FROM diagnostics.{} WHERE crypto = 'LATEUSDC'"
        self.assertEqual(self.rows(late.format("verdict_v1")), [])
        self.assertEqual(self.rows(late.format("verdict_all_v1")), [(str(old), "ML_MARGINAL")])
        said = self.run_program(self.new, "reclassify")
        self.assertIn(f"= 1 newly judged + 0 changed + {len(before)} unchanged", said)
        judged = "ML_EXPLOITABLE" if self.is_example else "ML_MARGINAL"
        self.assertEqual(self.rows(late.format("verdict_v1")), [(str(new), judged)])

        # Neither the release before nor another start of the next one changes what is shown.
        for program in (self.old, self.new):
            self.run_program(program, "migrate", "up")
            shown_now = self.rows("SELECT DISTINCT taxonomy_version FROM diagnostics.taxonomy_v1 WHERE is_current")
            self.assertEqual(shown_now, [(str(new),)])

        # And back.
        self.connection.run(f"UPDATE corrparse.current_taxonomy SET taxonomy_version = {old}")
        self.run_program(self.old, "reclassify")
        self.assertEqual([row for row in self.rows(shown) if "late" not in row[0]], before)
        self.assertEqual(self.sl_steps(self.dashboards(self.old)[1]), [None, 35, 50])
        self.assertEqual(self.runs_to_compute(), "0")


if __name__ == "__main__":
    unittest.main()
