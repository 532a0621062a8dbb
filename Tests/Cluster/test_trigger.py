#!/usr/bin/env python3
"""airflow/corrparse_trigger.py against a server that answers, by TLS, as the API server would for its requests, and no other;
what is sent has to be a CronJob that the schemas, the checks and the role of k8s-components/airflow let in, and its starts
have to share the work without losing a run.

  Scripts/cluster-tools.sh python3 Tests/Cluster/test_trigger.py
"""

from __future__ import annotations

import itertools
import json
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
from corrparse_trigger import MOST_DAGS, SETTLE, STARTS, WAITING, cron_job_for, schedule_of

DAG = "launch__discovery"
OTHER = "launch__backtesting"
NOON = datetime(2026, 11, 29, 12, 0, tzinfo=timezone.utc)


def at(minutes: float, seconds: float = 0) -> datetime:
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def arguments(cron_job: dict) -> list[str]:
    return cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"]


def dags_of(cron_job: dict) -> list[str]:
    """The DAGs that a job of this CronJob reads."""
    given = arguments(cron_job)
    return [value for option, value in itertools.pairwise(given) if option == "--dag"]


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

    def test_cron_job_is_that_of_corrparse_narrowed_to_the_dag(self) -> None:
        # What Airflow 2 and 3 hand to a DAG's callback; 3 may have no dag_run in it.
        contexts = [{"dag_run": SimpleNamespace(dag_id=DAG, run_id="r")}, {"dag": SimpleNamespace(dag_id=DAG), "run_id": "r"}]
        names = {corrparse_trigger.start_corrparse(context) for context in contexts}
        self.assertEqual(names, {"corrparse-triggered"})
        [made] = self.server.triggered()
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
        [made] = self.server.triggered()
        made["metadata"]["annotations"] = {}
        corrparse_trigger.start(DAG)
        # /apis/batch/v1/namespaces/airflow/cronjobs/corrparse, without the name where one is made.
        asked = {(verb, parts[2], *parts[6:]) for verb, parts in ((verb, path.split("/")) for verb, path in self.server.requests)}
        allowed = {
            (verb, group, resource, *name)
            for rule in one(role(), "Role/corrparse-trigger")["rules"]
            for verb in rule["verbs"]
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for name in ([[name] for name in rule.get("resourceNames", [])] or [[]])
        }
        self.assertEqual(asked, allowed)
        # One account sets the starts: that of the scheduler or, by callbacks, that of the DAG processor.
        self.assertEqual(len(one(role(), "RoleBinding/corrparse-trigger")["subjects"]), 1)
        self.assertTrue(all("/namespaces/airflow/" in path for _, path in self.server.requests))

    def test_twelve_runs_of_twelve_dags_that_end_together_set_one_start(self) -> None:
        dags = [f"dag_{number:02}" for number in range(12)]
        # Each writes what it has read, and is refused where another was faster.
        corrparse_trigger.ATTEMPTS, before = 50, corrparse_trigger.ATTEMPTS
        self.addCleanup(setattr, corrparse_trigger, "ATTEMPTS", before)
        threads = [threading.Thread(target=corrparse_trigger.start, args=(dag,)) for dag in dags]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [made] = self.server.triggered()
        # Two where a minute passed between them.
        self.assertLessEqual(len(made["metadata"]["annotations"][STARTS].split()), 2)
        self.assertEqual(dags_of(made), dags)

    def test_a_change_by_somebody_else_is_not_overwritten(self) -> None:
        corrparse_trigger.start(DAG)
        [made] = self.server.triggered()
        made["metadata"]["annotations"] = {}
        later = "2999-01-01T00:00:00+00:00"

        def interfere() -> None:
            self.server.in_between = lambda: None
            made["metadata"]["annotations"] = {STARTS: later, WAITING: json.dumps({OTHER: later})}
            self.server.store(made)

        self.server.in_between = interfere
        corrparse_trigger.start(DAG)
        [made] = self.server.triggered()
        starts = made["metadata"]["annotations"][STARTS].split()
        self.assertEqual((len(starts), starts[1]), (2, later))
        self.assertEqual(dags_of(made), [OTHER, DAG])

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
        self.assertEqual(self.server.triggered(), [])


class Controller:
    """What Kubernetes makes of a CronJob's schedule: a start of which the minute has come is carried out as soon as no job of
    the CronJob runs, unless the schedule no longer names it or its deadline is over. The minute is noted in the status."""

    def __init__(self) -> None:
        self.cron_job: dict | None = None
        # When each job began and ended, and the DAGs that it read.
        self.jobs: list[tuple[datetime, datetime, list[str]]] = []
        self.last = NOON

    def change(self, cron_job: dict | None) -> None:
        """What the API server makes of a PUT: the status stays."""
        if cron_job:
            status = (self.cron_job or {}).get("status", {})
            cron_job["metadata"]["resourceVersion"] = "1"
            self.cron_job = cron_job | {"status": status}

    def tick(self, now: datetime, job_lasts: timedelta) -> None:
        if not self.cron_job or any(begin <= now < end for begin, end, _ in self.jobs):
            return
        minute = now.replace(second=0, microsecond=0)
        deadline = timedelta(seconds=self.cron_job["spec"]["startingDeadlineSeconds"])
        while minute > self.last and now - minute <= deadline:
            if matches(self.cron_job["spec"]["schedule"], minute):
                self.last = minute
                self.cron_job["status"]["lastScheduleTime"] = minute.strftime("%Y-%m-%dT%H:%M:%SZ")
                self.jobs.append((now, now + job_lasts, dags_of(self.cron_job)))
                return
            minute -= timedelta(minutes=1)


def matches(schedule: str, minute: datetime) -> bool:
    fields = schedule.split()
    assert fields.pop() == "*"
    values = (minute.minute, minute.hour, minute.day, minute.month)
    return all(value in map(int, field.split(",")) for field, value in zip(fields, values, strict=True))


class Starts(unittest.TestCase):
    def starts(self, now: datetime, before: dict | None = None, dag: str = DAG) -> dict | None:
        return cron_job_for(stored_cron_job(), dag, before, now)

    def test_the_logs_have_twenty_seconds_to_arrive(self) -> None:
        self.assertEqual(self.starts(at(0, 5))["spec"]["schedule"], "1 12 29 11 *")
        self.assertEqual(self.starts(at(0, 39))["spec"]["schedule"], "1 12 29 11 *")
        self.assertEqual(self.starts(at(0, 41))["spec"]["schedule"], "2 12 29 11 *")

    def test_a_start_ahead_is_shared_where_it_comes_late_enough_and_kept_in_any_case(self) -> None:
        first = self.starts(at(0, 5))
        first["metadata"]["resourceVersion"] = "8"
        self.assertIsNone(self.starts(at(0, 30), first))
        shared = self.starts(at(0, 30), first, OTHER)
        self.assertEqual((shared["spec"]["schedule"], dags_of(shared)), ("1 12 29 11 *", [OTHER, DAG]))
        second = self.starts(at(0, 50), first)
        self.assertEqual(second["spec"]["schedule"], "1,2 12 29 11 *")
        self.assertEqual(second["metadata"]["resourceVersion"], "8")

    def test_a_start_that_waits_for_the_end_of_a_job_keeps_its_dag(self) -> None:
        waits = self.starts(at(0, 5))
        waits["metadata"]["resourceVersion"] = "8"
        # At 12:03 the start of 12:01 has not been carried out: a job of 11:59 still runs.
        waits["status"] = {"lastScheduleTime": "2026-11-29T11:59:00Z"}
        second = self.starts(at(3, 5), waits, OTHER)
        self.assertEqual((second["spec"]["schedule"], dags_of(second)), ("1,4 12 29 11 *", [OTHER, DAG]))
        # Carried out: the DAG waits no longer.
        waits["status"] = {"lastScheduleTime": "2026-11-29T12:01:00Z"}
        second = self.starts(at(3, 5), waits, OTHER)
        self.assertEqual((second["spec"]["schedule"], dags_of(second)), ("4 12 29 11 *", [OTHER]))
        # Given up by Kubernetes after an hour: the DAG is read with the next start.
        waits["status"] = {}
        second = self.starts(at(90), waits, OTHER)
        self.assertEqual((second["spec"]["schedule"], dags_of(second)), ("31 13 29 11 *", [OTHER, DAG]))

    def test_where_too_many_dags_wait_every_dag_is_read(self) -> None:
        made = None
        for number in range(MOST_DAGS + 1):
            made = self.starts(at(0, 5), made, f"dag_{number:03}")
            made["metadata"]["resourceVersion"] = "8"
            self.assertEqual(len(dags_of(made)), number + 1 if number < MOST_DAGS else 0)
        self.assertEqual(arguments(made), arguments(stored_cron_job()))

    def test_starts_in_two_hours_days_and_years(self) -> None:
        schedule = schedule_of({at(59), at(60)})
        self.assertEqual(schedule, "0,59 12,13 29 11 *")
        self.assertTrue(matches(schedule, at(59)) and matches(schedule, at(60)))
        midnight = datetime(2027, 1, 1, tzinfo=timezone.utc)
        self.assertEqual(schedule_of({midnight - timedelta(minutes=1), midnight}), "0,59 0,23 1,31 1,12 *")

    def test_no_two_jobs_run_at_a_time_and_every_run_is_read_after_its_end(self) -> None:
        for seed in range(40):
            chance = random.Random(seed)
            dags = [f"dag_{number}" for number in range(chance.choice([1, 3, 12]))]
            ends = sorted((at(chance.uniform(0, 30)), chance.choice(dags)) for _ in range(12))
            lasts = timedelta(seconds=chance.choice([3, 59, 150, 601, 2907]))
            controller, waiting = Controller(), list(ends)
            for second in range(3 * 3600):
                now = at(0, second)
                while waiting and waiting[0][0] <= now:
                    end, dag = waiting.pop(0)
                    controller.change(self.starts(end, controller.cron_job, dag))
                # Nothing else lets a job begin.
                if second % 60 == 0 or (controller.jobs and now == controller.jobs[-1][1]):
                    controller.tick(now, lasts)
            with self.subTest(seed=seed, lasts=lasts):
                jobs = controller.jobs
                overlaps = [later for earlier, later in itertools.pairwise(jobs) if earlier[1] > later[0]]
                self.assertEqual(overlaps, [], "two at a time")
                for end, dag in ends:
                    readers = [begin for begin, _, read in jobs if begin >= end + SETTLE and dag in read]
                    self.assertTrue(readers, f"nothing reads the run of {dag} that ended at {end}")
                self.assertLessEqual(len(jobs), len(ends) + 1)

    def test_twelve_runs_within_a_minute_are_one_job_whatever_their_dags(self) -> None:
        controller = Controller()
        dags = [f"dag_{number:02}" for number in range(12)]
        for number, dag in enumerate(dags):
            controller.change(self.starts(at(0, 3 * number), controller.cron_job, dag))
        for minute in range(20):
            controller.tick(at(minute), timedelta(minutes=4))
        self.assertEqual([(begin, read) for begin, _, read in controller.jobs], [(at(1), dags)])

    def test_runs_that_end_every_few_seconds_do_not_put_a_start_off(self) -> None:
        controller = Controller()
        for second in range(0, 600, 7):
            controller.change(self.starts(at(0, second), controller.cron_job))
            controller.tick(at(0, second), timedelta(seconds=30))
        self.assertGreaterEqual(len(controller.jobs), 8)


class Names(unittest.TestCase):
    def test_the_name_leaves_kubernetes_its_eleven_characters(self) -> None:
        for cron_job in ("corrparse", "c" * 52, "c" * 41 + "-" + "d" * 10, "c" * 41 + ".d"):
            name = corrparse_trigger.name_for(cron_job)
            self.assertRegex(name, r"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")
            self.assertLessEqual(len(name), 52)
        self.assertEqual(corrparse_trigger.name_for("corrparse"), "corrparse-triggered")

    def test_a_name_is_no_variable_of_kubernetes(self) -> None:
        made = cron_job_for(stored_cron_job(), "a$(HOME)", None, NOON)
        self.assertEqual(dags_of(made), ["a$$(HOME)"])


def main() -> None:
    done = unittest.main(exit=False).result
    print(
        "trigger: the CronJob of triggered jobs and its starts"
        + ("" if kubernetes_validate is not None else "; SKIPPED its validation for want of kubernetes-validate")
    )
    sys.exit(not done.wasSuccessful())


if __name__ == "__main__":
    main()
