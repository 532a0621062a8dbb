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
import grafana_alerts
import grafana_sql
import seeded
from databases import HOUR

# Good data, where the year may have left something firing; nobody observes the platform.
CALM_LOGS = """
  UPDATE corrparse.log SET status = 'complete'; UPDATE corrparse.verdict SET certainty = 'certain';
  UPDATE corrparse.task_outcome SET state = 'success' WHERE state <> 'unknown';
  UPDATE corrparse.record SET gates = '{"f1": "pass"}', f1_buy = 0.9, baseline_f1_buy = 0.5, std_f1_buy = 0.01,
    screening_f1_buy = 0.9, last_fold_f1_buy = 0.9, sortino = 2, tp_pct = 60, sl_pct = 20, timeout_pct = 20, n_trades = 50
  WHERE f1_buy IS NOT NULL;
  UPDATE corrparse.verdict SET primary_code = 'ML_SOLID', findings = ARRAY['ML_SOLID'];
  UPDATE corrparse.record SET n_passed = 1 WHERE n_passed IS NOT NULL"""
# For every rule: what makes it fire. Times are the seeded year's; all are undone.
LAST_RUNS = "observed_at > now() - interval '3 days' AND f1_buy IS NOT NULL"
# Two attempts with 60 records each that have nothing in common.
DRIFT = """
  INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
  SELECT w.age, 'launch__discovery', w.age, 'step', -1, 1, '' FROM (VALUES ('480'), ('48')) AS w (age);
  INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated, started_at,
    ended_at)
  SELECT s.source_id, s.dag_id, s.run_id, s.task_id, -1, 1, 'success', true, t.at, t.at
  FROM corrparse.source AS s
  CROSS JOIN LATERAL (SELECT now() - s.name::integer * interval '1 hour' AS at) AS t
  WHERE s.name IN ('480', '48');
  INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
    dag_id, run_id, task_id, map_index, try_number, crypto, f1_buy, baseline_f1_buy, buy_rate, sortino, n_trades)
  SELECT o.source_id, g, 1, 0, 1, 'explicit', o.started_at, 'log', o.dag_id, o.run_id, o.task_id, -1, 1, 'BTCUSDC',
    CASE o.run_id WHEN '48' THEN 0.9 ELSE 0.1 END + g * 0.001, 0.01, CASE o.run_id WHEN '48' THEN 0.9 ELSE 0.1 END,
    CASE o.run_id WHEN '48' THEN 5 ELSE 1 END + g * 0.001, 9
  FROM corrparse.task_outcome AS o, generate_series(1, 60) AS g
  WHERE o.run_id IN ('480', '48')"""
FIRE = {
    "drift-f1-gain": DRIFT,
    "drift-buy-rate": DRIFT,
    "drift-sortino": DRIFT,
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
    # Every other crypto has a useful strategy, whatever the hour.
    "core-crypto-stale": CALM_LOGS + "; UPDATE corrparse.record SET gates = '{\"f1\": \"fail\"}' WHERE crypto = 'BTCUSDC'",
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
    "no-observation": "DELETE FROM corrparse.infra_observation",
    "no-registry-observation": "DELETE FROM corrparse.model_observation WHERE observed_at > now() - interval '4 hours'",
    "state-unknown": "DELETE FROM corrparse.infra_observation; " + CALM_LOGS,
}
# Whom a rule names that fires, where the change leaves no doubt.
NAMES = {
    **{f"drift-{name}": {(("crypto", "BTCUSDC"),)} for name in ("f1-gain", "buy-rate", "sortino")},
    "infra-critical": {(("input", "oom_kills"),)},
    "core-crypto-stale": {(("crypto", "BTCUSDC"),)},
    "no-observation": {(("origin", "any"),)},
    "no-registry-observation": {(("origin", "mlflow year-of-data"),)},
    "no-useful-strategy": {()},
    "success-rate-low": {(("dag_id", "all"),)},
}
# The year ends with the last full hour, which may be more than 45 minutes ago.
OBSERVED = "INSERT INTO corrparse.infra_observation VALUES (now(), 'prometheus year-of-data', 0, 0, 50, 50)"
CALM = CALM_LOGS + ";" + OBSERVED


def setUpModule():
    global DATA
    DATA = databases.opened()


class Alerts(unittest.TestCase):
    def answers(self, connection, uid, ref="A", at=None):
        """The values of a rule's query by their labels."""
        rule = DATA.rules[uid]
        query = grafana_sql.expand(grafana_alerts.queries(rule)[ref], DATA.now - HOUR, DATA.now, {})
        result = connection.run(grafana_alerts.as_of(query, at) if at else query)
        self.assertEqual(checks.alert(result, keeps_last=ref == "D" or rule["noDataState"] == "KeepLast"), [], f"{uid} {ref}")
        return grafana_alerts.instances(result)

    def fires(self, connection, uid):
        """The subjects past the threshold, whatever the time that they have to hold."""
        rule = DATA.rules[uid]
        return {labels for labels, value in self.answers(connection, uid).items() if grafana_alerts.is_past(rule, value)}

    def changed(self, change, check):
        """What the check says as the reader's role in a transaction with the change, which is undone."""
        DATA.owner.run("BEGIN")
        try:
            DATA.owner.run(change)
            DATA.owner.run(f"SET LOCAL ROLE {seeded.READER}")
            return check(DATA.owner)
        finally:
            DATA.owner.run("ROLLBACK")

    def test_an_empty_database_gives_rows_and_only_what_is_missing_fires(self):
        fired = {uid for uid in DATA.rules if self.fires(DATA.empty, uid)}
        self.assertEqual(fired, {"corrparse-no-ingest", "corrparse-no-observation", "corrparse-state-unknown"})

    def test_both_queries_of_a_rule_name_the_same_subjects_and_the_readers_role_may_ask_them(self):
        for uid in DATA.rules:
            for connection in (DATA.full, DATA.empty):
                self.assertEqual(set(self.answers(connection, uid, "A")), set(self.answers(connection, uid, "D")), uid)

    def test_every_rule_fires_when_it_should_and_only_then(self):
        self.assertEqual({uid.removeprefix("corrparse-") for uid in DATA.rules}, set(FIRE))
        self.assertEqual(
            self.changed(CALM, lambda connection: {uid: found for uid in DATA.rules if (found := self.fires(connection, uid))}),
            {},
        )
        for name, change in FIRE.items():
            with self.subTest(rule=name):
                fired = self.changed(change, lambda connection, uid="corrparse-" + name: self.fires(connection, uid))
                self.assertNotEqual(fired, set())
                self.assertEqual(NAMES.get(name, fired), fired)
                self.assertNotIn("none", [value for labels in fired for _, value in labels])

    def test_the_reason_has_the_subject_and_the_number(self):
        def reasons(connection, uid):
            values = self.answers(connection, uid, "D")
            summary = DATA.rules[uid]["annotations"]["summary"]
            return {grafana_alerts.text(summary, labels, values[labels]) for labels in self.fires(connection, uid)}

        for uid, change, reason in [
            ("infra-critical", "infra-critical", "oom_kills is 5, as last seen"),
            ("sortino", "sortino", "BTCUSDC: sortino is -0.01, critical < 0"),
            ("sl-pct", "sl-pct", "ETHUSDC: sl_pct is 50.1 %, critical > 50"),
            ("state-unknown", "state-unknown", "condition infra_critical is unknown, and none is triggered"),
        ]:
            with self.subTest(rule=uid):
                found = self.changed(FIRE[change], lambda connection, uid="corrparse-" + uid: reasons(connection, uid))
                self.assertIn(reason, found)

    def test_rules_say_who_reacts_and_what_silence_means(self):
        for uid, rule in DATA.rules.items():
            self.assertIn(rule["labels"]["severity"], ("P0", "P1", "P2", "P3"), uid)
            self.assertIn(rule["labels"]["role"], ("platform-owner", "mlops-maintainer", "ml-owner"), uid)
            loud = rule["labels"]["severity"] == "P0" or uid == "corrparse-no-ingest"
            self.assertEqual(
                (rule["noDataState"], rule["execErrState"]), ("Alerting", "Alerting") if loud else ("KeepLast", "KeepLast"), uid
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
