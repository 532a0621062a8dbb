#!/usr/bin/env python3
"""airflow/corrparse_trigger.py against a server that answers, by TLS, as the API server would for its requests, and no other;
what is sent has to be a CronJob that the schemas, the checks and the role of k8s-components/airflow let in, and its starts
have to share the work without losing a run.

  Scripts/cluster-tools.sh python3 Tests/Cluster/test_trigger.py
"""

from __future__ import annotations

import logging
import os
import random
import sys
import tempfile
import threading
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

try:
    import kubernetes_validate
except ImportError:
    kubernetes_validate = None

import checks
from api_server import UID, APIServer, stored_cron_job
from manifests import ROOT, as_written, one, role

sys.path.insert(0, str(ROOT / "airflow"))
import corrparse_trigger
from corrparse_trigger import SETTLE, STARTS, cron_job_for, schedule_of

DAG = "launch__discovery"
NOON = datetime(2026, 11, 29, 12, 0, tzinfo=timezone.utc)


def at(minutes: float, seconds: float = 0) -> datetime:
    return NOON + timedelta(minutes=minutes, seconds=seconds)


class Trigger(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.account = Path(folder.name)
        self.server = APIServer(self.account)
        self.addCleanup(self.server.close)
        corrparse_trigger.ACCOUNT = self.account
        os.environ |= self.server.environment()
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)

    def test_cron_job_of_a_dag_is_that_of_corrparse_narrowed_to_the_dag(self) -> None:
        # What Airflow 2 and 3 hand to a DAG's callback; 3 may have no dag_run in it.
        contexts = [{"dag_run": SimpleNamespace(dag_id=DAG, run_id="r")}, {"dag": SimpleNamespace(dag_id=DAG), "run_id": "r"}]
        names = {corrparse_trigger.start_corrparse(context) for context in contexts}
        self.assertEqual(names, set(self.server.of_dags()))
        [made] = self.server.of_dags().values()
        common = stored_cron_job()
        self.assertEqual(
            made["metadata"]["ownerReferences"], [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "corrparse", "uid": UID}]
        )
        # What Argo CD or Helm knows its own objects by is not taken over.
        self.assertEqual(
            made["metadata"]["labels"], {"app.kubernetes.io/name": "corrparse", "app.kubernetes.io/component": "backfill"}
        )
        container = made["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["args"], ["backfill", "--since", "$(CORRPARSE_SINCE)", "--dag", DAG])
        self.assertEqual(container["env"].pop(), {"name": "CORRPARSE_PUSHGATEWAY", "value": ""})
        container["args"] = container["args"][:-2]
        self.assertEqual(made["spec"]["jobTemplate"], common["spec"]["jobTemplate"])
        self.assertEqual(
            {key: made["spec"][key] for key in ("concurrencyPolicy", "timeZone")},
            {"concurrencyPolicy": "Forbid", "timeZone": "Etc/UTC"},
        )
        # A start that waits for the end of a job is not given up before the job has to end.
        self.assertGreater(made["spec"]["startingDeadlineSeconds"], made["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"])

        made["spec"]["jobTemplate"]["spec"].pop("fieldOfTheFuture")
        made["metadata"].pop("resourceVersion")
        if kubernetes_validate is not None:
            for version in ("1.29", "1.37"):
                kubernetes_validate.validate(made, version, strict=True)
        others = [thing for thing in as_written() if checks.named(thing) != "CronJob/corrparse"]
        self.assertEqual(checks.problems_of([*others, made]), [])

    def test_role_allows_what_is_asked_and_nothing_else(self) -> None:
        corrparse_trigger.start(DAG)
        # The next minute: the CronJob is there, and is changed.
        [made] = self.server.of_dags().values()
        made["metadata"]["annotations"][STARTS] = "2026-01-01T00:00:00+00:00"
        corrparse_trigger.start(DAG)
        asked = {(verb, *path.removeprefix("/apis/").split("/")[:1], path.split("/")[6]) for verb, path in self.server.requests}
        allowed = {
            (verb, group, resource)
            for rule in one(role(), "Role/corrparse-trigger")["rules"]
            for verb in rule["verbs"]
            for group in rule["apiGroups"]
            for resource in rule["resources"]
        }
        self.assertEqual(asked, allowed)
        self.assertTrue(all("/namespaces/airflow/" in path for _, path in self.server.requests))

    def test_twelve_runs_that_end_together_set_one_start(self) -> None:
        threads = [threading.Thread(target=corrparse_trigger.start, args=(DAG,)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [made] = self.server.of_dags().values()
        # Two where a minute passed between them.
        self.assertLessEqual(len(made["metadata"]["annotations"][STARTS].split()), 2)

    def test_a_change_by_somebody_else_is_not_overwritten(self) -> None:
        corrparse_trigger.start(DAG)
        [(name, made)] = self.server.of_dags().items()
        made["metadata"]["annotations"][STARTS] = "2026-01-01T00:00:00+00:00"
        later = "2999-01-01T00:00:00+00:00"

        def interfere() -> None:
            self.server.in_between = lambda: None
            self.server.stored[name]["metadata"]["annotations"][STARTS] = later
            self.server.store(self.server.stored[name])

        self.server.in_between = interfere
        corrparse_trigger.start(DAG)
        [made] = self.server.of_dags().values()
        starts = made["metadata"]["annotations"][STARTS].split()
        self.assertEqual((len(starts), starts[0]), (2, later))

    def test_callback_never_fails(self) -> None:
        context = {"dag_run": SimpleNamespace(dag_id=DAG, run_id="r")}
        for status in (401, 403, 404, 409, 500):
            self.server.refuses = status
            self.assertIsNone(corrparse_trigger.start_corrparse(context))
        self.server.refuses = 0
        certificate = self.account / "ca.crt"
        certificate.rename(certificate.with_name("kept"))
        self.assertIsNone(corrparse_trigger.start_corrparse(context))
        certificate.with_name("kept").rename(certificate)
        (self.account / "token").write_text("of somebody else")
        self.assertIsNone(corrparse_trigger.start_corrparse(context))
        os.environ["KUBERNETES_SERVICE_PORT"] = "1"
        self.assertIsNone(corrparse_trigger.start_corrparse(context))
        self.assertIsNone(corrparse_trigger.start_corrparse({}))
        self.assertEqual(self.server.of_dags(), {})


class Controller:
    """What Kubernetes makes of a CronJob's schedule: a start of which the minute has come is carried out as soon as no job of
    the CronJob runs, unless the schedule no longer names it or its deadline is over."""

    def __init__(self) -> None:
        self.cron_job: dict | None = None
        self.jobs: list[tuple[datetime, datetime]] = []
        self.last = NOON

    def tick(self, now: datetime, job_lasts: timedelta) -> None:
        if not self.cron_job or any(begin <= now < end for begin, end in self.jobs):
            return
        minute = now.replace(second=0, microsecond=0)
        deadline = timedelta(seconds=self.cron_job["spec"]["startingDeadlineSeconds"])
        while minute > self.last and now - minute <= deadline:
            if matches(self.cron_job["spec"]["schedule"], minute):
                self.last = minute
                self.jobs.append((now, now + job_lasts))
                return
            minute -= timedelta(minutes=1)


def matches(schedule: str, minute: datetime) -> bool:
    fields = schedule.split()
    assert fields.pop() == "*"
    values = (minute.minute, minute.hour, minute.day, minute.month)
    return all(value in map(int, field.split(",")) for field, value in zip(fields, values, strict=True))


class Starts(unittest.TestCase):
    def starts(self, now: datetime, before: dict | None = None) -> dict | None:
        return cron_job_for(stored_cron_job(), DAG, before, now)

    def test_the_logs_have_twenty_seconds_to_arrive(self) -> None:
        self.assertEqual(self.starts(at(0, 5))["spec"]["schedule"], "1 12 29 11 *")
        self.assertEqual(self.starts(at(0, 39))["spec"]["schedule"], "1 12 29 11 *")
        self.assertEqual(self.starts(at(0, 41))["spec"]["schedule"], "2 12 29 11 *")

    def test_a_start_ahead_is_shared_where_it_comes_late_enough_and_kept_in_any_case(self) -> None:
        first = self.starts(at(0, 5))
        first["metadata"]["resourceVersion"] = "8"
        self.assertIsNone(self.starts(at(0, 30), first))
        second = self.starts(at(0, 50), first)
        self.assertEqual(second["spec"]["schedule"], "1,2 12 29 11 *")
        self.assertEqual(second["metadata"]["resourceVersion"], "8")
        # What has begun is left out.
        self.assertEqual(self.starts(at(3, 5), second)["spec"]["schedule"], "4 12 29 11 *")

    def test_starts_in_two_hours_days_and_years(self) -> None:
        schedule = schedule_of([at(59), at(60)])
        self.assertEqual(schedule, "0,59 12,13 29 11 *")
        self.assertTrue(matches(schedule, at(59)) and matches(schedule, at(60)))
        midnight = datetime(2027, 1, 1, tzinfo=timezone.utc)
        self.assertEqual(schedule_of([midnight - timedelta(minutes=1), midnight]), "0,59 0,23 1,31 1,12 *")

    def test_no_two_jobs_run_at_a_time_and_every_run_is_read_after_its_end(self) -> None:
        for seed in range(40):
            chance = random.Random(seed)
            ends = sorted(at(chance.uniform(0, 30)) for _ in range(12))
            lasts = timedelta(seconds=chance.choice([3, 59, 150, 601, 2907]))
            controller, waiting = Controller(), list(ends)
            for second in range(3 * 3600):
                now = at(0, second)
                while waiting and waiting[0] <= now:
                    end = waiting.pop(0)
                    changed = self.starts(end, controller.cron_job)
                    if changed:
                        changed["metadata"]["resourceVersion"] = "1"
                        controller.cron_job = changed
                # Nothing else lets a job begin.
                if second % 60 == 0 or (controller.jobs and now == controller.jobs[-1][1]):
                    controller.tick(now, lasts)
            with self.subTest(seed=seed, lasts=lasts):
                begins = [begin for begin, _ in controller.jobs]
                self.assertTrue(
                    all(end <= begin for (_, end), begin in zip(controller.jobs, begins[1:], strict=False)), "two at a time"
                )
                for end in ends:
                    self.assertTrue(any(begin >= end + SETTLE for begin in begins), f"nothing reads the run that ended at {end}")
                self.assertLessEqual(len(begins), len(ends) + 1)

    def test_twelve_runs_within_a_minute_are_one_job(self) -> None:
        controller = Controller()
        for number in range(12):
            if changed := self.starts(at(0, 3 * number), controller.cron_job):
                changed["metadata"]["resourceVersion"] = "1"
                controller.cron_job = changed
        for minute in range(20):
            controller.tick(at(minute), timedelta(minutes=4))
        self.assertEqual([begin for begin, _ in controller.jobs], [at(1)])


class Names(unittest.TestCase):
    def test_names_are_labels_and_tell_dags_apart(self) -> None:
        dags = [DAG, DAG + "_", "É/é", "x" * 250, "a", "--", "A", "corrparse"]
        names = [corrparse_trigger.name_for(cron_job, dag) for dag in dags for cron_job in ("corrparse", "c" * 52)]
        self.assertEqual(len(set(names)), len(names))
        for name in names:
            self.assertRegex(name, r"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")
            self.assertLessEqual(len(name), 52)
        self.assertRegex(names[0], "corrparse-launch-discovery-[0-9a-f]{12}$")

    def test_a_name_is_no_variable_of_kubernetes(self) -> None:
        made = cron_job_for(stored_cron_job(), "a$(HOME)", None, NOON)
        container = made["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["args"][-1], "a$$(HOME)")


def main() -> None:
    done = unittest.main(exit=False).result
    print(
        "trigger: the CronJob of a DAG and its starts"
        + ("" if kubernetes_validate is not None else "; SKIPPED its validation for want of kubernetes-validate")
    )
    sys.exit(not done.wasSuccessful())


if __name__ == "__main__":
    main()
