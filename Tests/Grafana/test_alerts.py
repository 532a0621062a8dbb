#!/usr/bin/env python3
"""Every alert rule fires when it should and only then."""

import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]

import checks
import databases
import grafana_sql
import seeded
from databases import HOUR

# For every rule: what makes it fire. Times are the seeded year's; all are undone.
LAST_RUNS = "observed_at > now() - interval '3 days' AND f1_buy IS NOT NULL"
FIRE = {
    "infra-critical": "INSERT INTO corrparse.infra_observation VALUES (now(), 'test', 5, 0, 50, 50)",
    "pipeline-blocked": "UPDATE corrparse.task_outcome SET state = 'failed' WHERE ended_at > now() - interval '2 days'",
    "success-rate-critical": "UPDATE corrparse.task_outcome SET state = 'failed' WHERE ended_at > now() - interval '4 days'",
    # Every fifth run, whatever the hour: 80 % succeed.
    "success-rate-low": """UPDATE corrparse.task_outcome SET state = 'success' WHERE ended_at > now() - interval '8 days';
      UPDATE corrparse.task_outcome SET state = 'failed' WHERE (dag_id, run_id) IN (
        SELECT r.dag_id, r.run_id
        FROM (
          SELECT o.dag_id, o.run_id, row_number() OVER (ORDER BY max(o.ended_at)) AS place FROM corrparse.task_outcome AS o
          WHERE o.ended_at > now() - interval '8 days' GROUP BY o.dag_id, o.run_id
        ) AS r
        WHERE r.place % 5 = 0)""",
    "no-passing-candidates": """UPDATE corrparse.record SET n_passed = 0 WHERE n_passed IS NOT NULL;
      UPDATE corrparse.record SET gates = '{"f1": "fail"}'
      WHERE observed_at > now() - interval '5 days' AND f1_buy IS NOT NULL""",
    "no-candidates": """UPDATE corrparse.record SET gates = '{"f1": "fail"}'
      WHERE observed_at > now() - interval '5 days' AND f1_buy IS NOT NULL;
      UPDATE corrparse.task_outcome SET state = 'success';
      -- Whatever the hour, a test run has ended within a day and is not still said to run.
      UPDATE corrparse.task_outcome SET started_at = now() - interval '3 hours', ended_at = now() - interval '2 hours'
      WHERE ended_at > now() - interval '2 days'""",
    "core-crypto-stale": "UPDATE corrparse.record SET gates = '{\"f1\": \"fail\"}' WHERE crypto = 'BTCUSDC'",
    "no-useful-strategy": 'UPDATE corrparse.record SET gates = \'{"f1": "fail"}\'',
    "sortino-negative": f"UPDATE corrparse.record SET sortino = -1 WHERE {LAST_RUNS}",
    "f1-buy-delta-vs-baseline": f"UPDATE corrparse.record SET baseline_f1_buy = f1_buy WHERE {LAST_RUNS}",
    "screening-testing-gap": f"UPDATE corrparse.record SET last_fold_f1_buy = 0.1, screening_f1_buy = 0.41 WHERE {LAST_RUNS}",
    "std-f1-buy": f"UPDATE corrparse.record SET std_f1_buy = 0.11 WHERE {LAST_RUNS}",
    "sortino": f"UPDATE corrparse.record SET sortino = -0.01, n_trades = 9 WHERE {LAST_RUNS}",
    "sl-pct": f"UPDATE corrparse.record SET sl_pct = 50.1, n_trades = 9 WHERE {LAST_RUNS}",
    "timeout-pct": f"UPDATE corrparse.record SET timeout_pct = 40.1, n_trades = 9 WHERE {LAST_RUNS}",
    "model-freshness": 'UPDATE corrparse.record SET gates = \'{"f1": "fail"}\'',
    "challenger-count": """
      INSERT INTO corrparse.model_observation (origin, observed_at, began_at, models, versions, warnings)
      VALUES ('mlflow test', now(), now(), 1, 11, '{}');
      INSERT INTO corrparse.registered_model (origin, model, seen_at, cryptos) VALUES ('mlflow test', 'm', now(), '{BTCUSDC}');
      INSERT INTO corrparse.model_version (origin, model, version, seen_at, crypto, role, reason, aliases, link_path)
      SELECT 'mlflow test', 'm', n, now(), 'BTCUSDC', 'challenger', 'made up', '{}', '' FROM generate_series(1, 11) AS n""",
    "no-ingest": "UPDATE corrparse.log SET ingested_at = ingested_at - interval '27 hours'",
    "unclassified-records": "UPDATE corrparse.verdict SET certainty = 'unclassified'",
    "failed-logs": "UPDATE corrparse.log SET status = 'corrupt'",
}
# The opposite, where the year may have left it firing.
CALM = """
  UPDATE corrparse.log SET status = 'complete'; UPDATE corrparse.verdict SET certainty = 'certain';
  UPDATE corrparse.task_outcome SET state = 'success' WHERE state <> 'unknown';
  UPDATE corrparse.record SET gates = '{"f1": "pass"}', f1_buy = 0.9, baseline_f1_buy = 0.5, std_f1_buy = 0.01,
    screening_f1_buy = 0.9, last_fold_f1_buy = 0.9, sortino = 2, tp_pct = 60, sl_pct = 20, timeout_pct = 20, n_trades = 50
  WHERE f1_buy IS NOT NULL;
  UPDATE corrparse.verdict SET primary_code = 'ML_SOLID', findings = ARRAY['ML_SOLID'];
  UPDATE corrparse.record SET n_passed = 1 WHERE n_passed IS NOT NULL;
  INSERT INTO corrparse.infra_observation VALUES (now(), 'calm', 0, 0, 50, 50)"""


def setUpModule():
    global DATA
    DATA = databases.opened()


class Alerts(unittest.TestCase):
    def value(self, connection, uid):
        query = next(d["model"]["rawSql"] for d in DATA.rules[uid]["data"] if d["refId"] == "A")
        result = connection.run(grafana_sql.expand(query, DATA.now - HOUR, DATA.now, {}))
        self.assertEqual(checks.alert(result), [], uid)
        return float(result.rows[0][0])

    def fires(self, connection, uid):
        condition = next(d["model"]["conditions"][0] for d in DATA.rules[uid]["data"] if d["refId"] == "B")
        self.assertEqual(condition["evaluator"]["type"], "gt")
        return self.value(connection, uid) > condition["evaluator"]["params"][0]

    def fires_after(self, uid, *changes):
        """As the reader's role in a transaction with the changes, which are undone."""
        DATA.owner.run("BEGIN")
        try:
            for change in changes:
                DATA.owner.run(change)
            DATA.owner.run(f"SET LOCAL ROLE {seeded.READER}")
            return self.fires(DATA.owner, uid)
        finally:
            DATA.owner.run("ROLLBACK")

    def test_an_empty_database_gives_a_number_and_only_the_missing_ingest_fires(self):
        fired = {uid for uid in DATA.rules if self.fires(DATA.empty, uid)}
        self.assertEqual(fired, {"corrparse-no-ingest"})

    def test_the_readers_role_may_ask_them_all(self):
        for uid in DATA.rules:
            self.value(DATA.full, uid)

    def test_every_rule_fires_when_it_should_and_only_then(self):
        self.assertEqual({uid.removeprefix("corrparse-") for uid in DATA.rules}, set(FIRE))
        DATA.owner.run("BEGIN")
        try:
            DATA.owner.run(CALM)
            DATA.owner.run(f"SET LOCAL ROLE {seeded.READER}")
            self.assertEqual([uid for uid in DATA.rules if self.fires(DATA.owner, uid)], [])
        finally:
            DATA.owner.run("ROLLBACK")
        for name, change in FIRE.items():
            with self.subTest(rule=name):
                self.assertTrue(self.fires_after("corrparse-" + name, change))

    def test_rules_say_who_reacts_and_what_silence_means(self):
        for uid, rule in DATA.rules.items():
            self.assertIn(rule["labels"]["severity"], ("P0", "P1", "P2"), uid)
            self.assertIn(rule["labels"]["role"], ("platform-owner", "mlops-maintainer", "ml-owner"), uid)
            loud = rule["labels"]["severity"] == "P0" or uid == "corrparse-no-ingest"
            self.assertEqual(
                (rule["noDataState"], rule["execErrState"]), ("Alerting", "Alerting") if loud else ("NoData", "Error"), uid
            )
            self.assertNotIn("contactPoint", json.dumps(rule))
            # Provisioning would replace it by a variable of the environment.
            self.assertNotIn("$", json.dumps(rule), uid)
            self.assertIn(rule["condition"], [d["refId"] for d in rule["data"]])
            for data in rule["data"]:
                self.assertEqual(checks.reads(data["model"].get("rawSql", "")), [], uid)
            board = DATA.boards[rule["dashboardUid"]]
            self.assertIn(rule["panelId"], [panel["id"] for panel in board["panels"] if panel["type"] != "row"], uid)


if __name__ == "__main__":
    unittest.main()
