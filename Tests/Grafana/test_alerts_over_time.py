#!/usr/bin/env python3
"""What rings, for how long, and what ends it: the rules' queries asked at one instant after the other."""

import datetime
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]

import checks
import databases
import grafana_alerts
import seeded
from test_alerts import CALM_LOGS, LAST_RUNS

STEP = datetime.timedelta(minutes=15)
# As offsets from the beginning, in steps: OOM kills are seen, the observer dies, the observer is back and sees none, the end.
KILLED, DIED, BACK, END = 2, 4, 20, 22
OOM, ANY = (("input", "oom_kills"),), (("origin", "prometheus p"),)
INFRA = (("condition", "infra_critical"),)


def setUpModule():
    global DATA
    DATA = databases.opened()


class OverTime(unittest.TestCase):
    def setUp(self):
        DATA.owner.run("BEGIN")
        self.addCleanup(DATA.owner.run, "ROLLBACK")
        DATA.owner.run(CALM_LOGS)

    def ask(self, uid, instant):
        """The rule's values as of an instant, as the reader's role sees them."""
        rule = DATA.rules[uid]
        DATA.owner.run(f"SET LOCAL ROLE {seeded.READER}")
        result = DATA.owner.run(grafana_alerts.as_of(grafana_alerts.queries(rule)["A"], instant))
        DATA.owner.run("RESET ROLE")
        self.assertEqual(checks.alert(result, keeps_last=rule["noDataState"] == "KeepLast"), [], uid)
        return grafana_alerts.instances(result)

    def notified(self, uid, begin, steps):
        """What is notified: the step, the subject, firing or resolved."""
        evaluation = grafana_alerts.Evaluation(DATA.rules[uid])
        found = []
        for step in range(steps):
            instant = begin + step * STEP
            found += [(step, *change) for change in evaluation.evaluate(instant, self.ask(uid, instant)).items()]
        return found

    def test_red_and_unknown_ring_when_the_observer_dies_and_end_when_it_is_back(self):
        begin = DATA.now - (END + 4) * STEP
        # Nobody but the observer tells of the platform.
        DATA.owner.run(
            "DELETE FROM corrparse.infra_observation;"
            " UPDATE corrparse.record SET oom_kills = NULL, pods_down = NULL, pvc_pct = NULL, cpu_pct = NULL"
            " WHERE num_nonnulls(oom_kills, pods_down, pvc_pct, cpu_pct) > 0"
        )
        for step in [*range(DIED + 1), *range(BACK, END)]:
            kills = 5 if KILLED <= step <= DIED else 0
            DATA.owner.run(
                "INSERT INTO corrparse.infra_observation (observed_at, origin, oom_kills, pods_down, pvc_pct, cpu_pct)"
                f" VALUES ('{(begin + step * STEP).isoformat()}', 'prometheus p', {kills}, 0, 50, 50)"
            )
        # It has to hold for two minutes, so the next look rings; nobody sees it better for four hours.
        self.assertEqual(
            self.notified("corrparse-infra-critical", begin, END), [(KILLED + 1, OOM, "firing"), (BACK, OOM, "resolved")]
        )
        # After 45 minutes it is not over 45 minutes.
        self.assertEqual(
            self.notified("corrparse-no-observation", begin, END), [(DIED + 4, ANY, "firing"), (BACK, ANY, "resolved")]
        )
        # An observation of an hour ago still counts, so infra is unknown from the next look on; two hours later that rings.
        self.assertEqual(
            self.notified("corrparse-state-unknown", begin, END), [(DIED + 5 + 8, INFRA, "firing"), (BACK, INFRA, "resolved")]
        )

    def test_a_registry_that_is_not_observed_rings_until_it_is(self):
        origin, anywhere = (("origin", "mlflow p"),), (("origin", "any"),)
        begin = DATA.now - datetime.timedelta(days=40)

        def heard(observed, steps):
            """What is notified in so many steps of an hour, where an observation is stored at these."""
            DATA.owner.run("DELETE FROM corrparse.model_observation")
            for step in observed:
                time = (begin + step * 4 * STEP).isoformat()
                DATA.owner.run(f"""
                  INSERT INTO corrparse.model_observation (origin, observed_at, began_at, models, versions, warnings)
                  VALUES ('mlflow p', '{time}', '{time}', 1, 1, '{{}}')""")
            evaluation = grafana_alerts.Evaluation(DATA.rules["corrparse-no-registry-observation"])
            found = []
            for step in steps:
                instant = begin + step * 4 * STEP
                answers = self.ask("corrparse-no-registry-observation", instant)
                found += [(step, *change) for change in evaluation.evaluate(instant, answers).items()]
            return found

        # Never observed: nobody is missed. Last seen at 1: three hours later it is not over three hours.
        self.assertEqual(heard([], range(3)), [])
        self.assertEqual(heard([0, 1, 8], range(10)), [(5, origin, "firing"), (8, origin, "resolved")])
        # Forgotten after 30 days, and nobody else observes: that rings on. A subject ends after two evaluations without it.
        days = [step * 24 for step in (0, 1, 29, 30, 31, 32)]
        self.assertEqual(heard([0], days), [(24, origin, "firing"), (30 * 24, anywhere, "firing"), (31 * 24, origin, "resolved")])

    def test_a_crypto_whose_number_is_gone_goes_on_ringing_until_it_is_well(self):
        uid, evaluation = "corrparse-sortino", grafana_alerts.Evaluation(DATA.rules["corrparse-sortino"])
        crypto = (("crypto", "BTCUSDC"),)
        heard = []
        for step, sortino in enumerate(["-0.01", "-0.01", "NULL", "NULL", "1"]):
            DATA.owner.run(f"UPDATE corrparse.record SET sortino = {sortino}, n_trades = 9 WHERE {LAST_RUNS}")
            instant = DATA.now + step * datetime.timedelta(minutes=15)
            change = evaluation.evaluate(instant, self.ask(uid, DATA.now))
            heard.append((evaluation.states[crypto], change.get(crypto)))
        self.assertEqual(
            heard, [("Pending", None), ("Alerting", "firing"), ("Alerting", None), ("Alerting", None), ("Normal", "resolved")]
        )

    def test_a_blocked_pipeline_rings_until_a_run_succeeds_whether_runs_go_on_or_not(self):
        DATA.owner.run("UPDATE corrparse.task_outcome SET state = 'failed' WHERE ended_at > now() - interval '2 days'")
        for days in (0, 2, 9):
            with self.subTest(days=days):
                self.assertEqual(self.ask("corrparse-pipeline-blocked", DATA.now + datetime.timedelta(days=days)), {(): 1.0})
        DATA.owner.run("""
          UPDATE corrparse.task_outcome SET state = 'success' WHERE (dag_id, run_id) = (
            SELECT o.dag_id, o.run_id FROM corrparse.task_outcome AS o WHERE o.ended_at < now() - interval '1 hour'
            ORDER BY o.ended_at DESC LIMIT 1)""")
        self.assertEqual(self.ask("corrparse-pipeline-blocked", DATA.now), {(): 0.0})


if __name__ == "__main__":
    unittest.main()
