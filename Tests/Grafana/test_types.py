#!/usr/bin/env python3
"""The files under grafana/ as Grafana's own types (the SDK of Grafana 11.6). What is known to be right and not in the types is
listed here.

  Scripts/python-tools.sh Tests/Grafana/requirements.txt python3 Tests/Grafana/test_types.py
"""

import copy
import json
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]

from grafana_foundation_sdk.models import alerting, dashboard

import grafana_types
import seeded

GRAFANA = ROOT / "grafana"
# What Grafana's editor writes for a variable, and the link to a panel that files of rules have (docs of file provisioning).
BEYOND = {".templating.list[].definition: unknown", ".dashboardUid: unknown", ".panelId: unknown"}
# KeepLast is in Grafana since 10.4 (its change 84406), and not yet in the types.
STATES = {"KeepLast": "OK"}


def problems(kind, given):
    return {re.sub(r"\[\d+\]", "[]", p) for p in grafana_types.problems(kind, given)} - BEYOND


def without_keep_last(rule):
    return {**rule, **{key: STATES.get(rule[key], rule[key]) for key in ("noDataState", "execErrState")}}


def files(folder, pattern):
    return sorted((GRAFANA / folder).glob(pattern))


class Types(unittest.TestCase):
    def test_dashboards(self):
        for path in files("dashboards", "*.json"):
            with self.subTest(path.name):
                self.assertEqual(problems(dashboard.Dashboard, json.loads(path.read_text(encoding="utf-8"))), set())

    def test_rules(self):
        for path in files("provisioning/alerting", "*.yaml"):
            for group in seeded.read_yaml(path)["groups"]:
                self.assertEqual(set(group), {"orgId", "name", "folder", "interval", "rules"})
                for rule in group["rules"]:
                    self.assertEqual(problems(alerting.Rule, without_keep_last(rule)), set(), rule["uid"])
                    self.assertLessEqual(len(rule["title"]), 190, rule["uid"])

    def test_notifications(self):
        for path in files("examples/alerting", "*.yaml"):
            made = seeded.read_yaml(path)
            self.assertEqual(set(made), {"apiVersion", "contactPoints", "policies", "muteTimes"})
            names = {point["name"] for point in made["contactPoints"]}
            for point in made["contactPoints"]:
                for receiver in point["receivers"]:
                    self.assertEqual(problems(alerting.ContactPoint, receiver), set(), point["name"])
                    # Secrets and addresses are the environment's.
                    for key in ("token", "url", "authorization_credentials"):
                        self.assertTrue(receiver["settings"].get(key, "$").startswith("$"), key)
            mutes = {mute["name"] for mute in made["muteTimes"]}
            for mute in made["muteTimes"]:
                self.assertEqual(set(mute), {"orgId", "name", "time_intervals"})
            for policy in made["policies"]:
                self.policy({key: value for key, value in policy.items() if key != "orgId"}, names, mutes)

    def policy(self, policy, names, mutes):
        self.assertEqual(problems(alerting.NotificationPolicy, policy), set())
        self.assertIn(policy["receiver"], {*names, "grafana-default-email"})
        self.assertLessEqual(set(policy.get("mute_time_intervals", [])), mutes)
        for route in policy.get("routes", []):
            self.policy(route, names, mutes)

    def receivers(self, labels):
        """Who hears of an alert, and whether at night: the deepest route that matches, as Alertmanager goes down the tree."""
        route = seeded.read_yaml(files("examples/alerting", "*.yaml")[0])["policies"][0]
        while True:
            inner = [r for r in route.get("routes", []) if all(labels.get(m[0]) == m[2] for m in r["object_matchers"])]
            if not inner:
                return route["receiver"], "mute_time_intervals" not in route
            route = inner[0]

    def test_every_rule_reaches_its_role_and_only_what_may_wait_waits(self):
        for path in files("provisioning/alerting", "*.yaml"):
            for rule in seeded.read_yaml(path)["groups"][0]["rules"]:
                severity, role = rule["labels"]["severity"], rule["labels"]["role"]
                wanted = "corrparse P0" if severity == "P0" else f"corrparse {role}"
                self.assertEqual(self.receivers(rule["labels"]), (wanted, severity in ("P0", "P1")), rule["uid"])
        self.assertEqual(self.receivers({"alertname": "somebody else's"})[0], "grafana-default-email")

    def test_the_checks_can_fail(self):
        board = json.loads((GRAFANA / "dashboards/mlops-overview.json").read_text(encoding="utf-8"))
        for change in (
            lambda b: b["panels"][1].update(tittle="x"),
            lambda b: b["panels"][1]["gridPos"].update(w="12"),
            lambda b: b.update(graphTooltip=7),
            lambda b: b["panels"][1]["options"].update(colourMode="value"),
        ):
            broken = copy.deepcopy(board)
            change(broken)
            self.assertNotEqual(problems(dashboard.Dashboard, broken), set())
        self.assertNotEqual(problems(alerting.ContactPoint, {"name": "x", "type": "sms", "settings": {}}), set())


if __name__ == "__main__":
    unittest.main()
