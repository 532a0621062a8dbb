#!/usr/bin/env python3
"""The alerts of prometheus/corrparse.rules.yaml, by promtool: every rule fires on series made for it and is silent on others,
and the documents describe these rules and no others.

python3 Tests/Operations/test_alerts.py
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import metrics
import program

RULES = program.ROOT / "prometheus" / "corrparse.rules.yaml"
TESTS = program.ROOT / "Tests" / "Operations" / "alerts.test.yaml"
# What an alert of before looked at, and what it took for a failure: pods that were tried again, shards that had ended, a
# CronJob that has never succeeded, a release of another name.
MISTAKES = {
    'kube_job_failed{condition="true",': "kube_job_status_failed{",
    '{condition="true", job_name=~"(.+-)?corrparse(-.*)?"}': '{job_name=~"(.+-)?corrparse-.*"}',
    'corrparse_last_completion_timestamp_seconds{command="backfill", shard=""}': (
        'corrparse_last_completion_timestamp_seconds{command="backfill"}'
    ),
    'corrparse_last_run_timestamp_seconds{command="backfill", shard=""}': (
        'corrparse_last_run_timestamp_seconds{command="backfill"}'
    ),
    'corrparse_last_run_logs_failed{command="backfill", shard=""}': "corrparse_last_run_logs_failed",
    'corrparse_last_run_logs_with_unread_headers{command="backfill", shard=""}': "corrparse_last_run_logs_with_unread_headers",
    'or kube_cronjob_created{cronjob=~"(.+-)?corrparse"}': "",
    "corrparse(-.*)?": "corrparse.*",
    'job_name=~"(.+-)?corrparse': 'job_name=~"corrparse',
    'last_successful_time{cronjob=~"(.+-)?corrparse"}': 'last_successful_time{cronjob="corrparse"}',
    'created{cronjob=~"(.+-)?corrparse"}': 'created{cronjob="corrparse"}',
}


def promtool(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([program.tool("promtool"), *arguments], check=False, capture_output=True, text=True)


def alerts() -> list[str]:
    return re.findall(r"^ *- alert: (\w+)$", RULES.read_text(), re.MULTILINE)


class Alerts(unittest.TestCase):
    def test_every_rule_is_in_order(self) -> None:
        done = promtool("check", "rules", str(RULES))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"{len(alerts())} rules found", done.stdout)

    def test_every_rule_fires_and_is_silent_where_it_should(self) -> None:
        done = promtool("test", "rules", str(TESTS))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        text = TESTS.read_text()
        for name in alerts():
            self.assertRegex(text, rf"alertname: {name}\n        exp_alerts:\n", name)
            self.assertIn(f"alertname: {name}\n        exp_alerts: []\n", text)

    def test_mistakes_of_before_are_seen(self) -> None:
        for right, wrong in MISTAKES.items():
            with self.subTest(wrong), tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                self.assertIn(right, RULES.read_text())
                for path in (RULES, TESTS):
                    copy = folder / path.relative_to(program.ROOT)
                    copy.parent.mkdir(parents=True)
                    shutil.copy(path, copy)
                (folder / RULES.relative_to(program.ROOT)).write_text(RULES.read_text().replace(right, wrong))
                self.assertNotEqual(promtool("test", "rules", str(folder / TESTS.relative_to(program.ROOT))).returncode, 0)

    def test_metrics_are_those_of_the_program(self) -> None:
        self.assertLessEqual(set(re.findall(r"\bcorrparse_[a-z_]+", RULES.read_text())), metrics.NAMES)


class Documentation(unittest.TestCase):
    def test_every_alert_is_described_and_no_rule_stands_elsewhere(self) -> None:
        text = (program.ROOT / "docs" / "operations.md").read_text()
        self.assertEqual(sorted(re.findall(r"^\| `(Corrparse\w+)` \|", text, re.MULTILINE)), sorted(alerts()))
        for page in program.ROOT.glob("docs/**/*.md"):
            self.assertNotIn("- alert:", page.read_text(), page.name)


if __name__ == "__main__":
    unittest.main()
