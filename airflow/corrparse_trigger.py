"""Has corrparse read a DAG's logs when a run of it has ended. For Airflow 2 and 3; put it where your DAG files can import it:

    from corrparse_trigger import start_corrparse

    with DAG("launch__discovery", on_success_callback=start_corrparse, on_failure_callback=start_corrparse): ...

corrparse_listener.py does the same for every DAG, without a change of any.

All DAGs share one CronJob, made from corrparse's and owned by it: the same pod, narrowed by --dag to the DAGs that wait for it.
The end of a run sets its schedule to the first full minute that is at least 20 seconds away, since Airflow 3 may upload the log
of the last task after it has told the state. Kubernetes lets no two jobs of a CronJob run at a time: a start that falls into a
run takes place after it. Runs that end together therefore share one job, whatever their DAGs, at most one job waits beside the
one that runs, and every run is read by a job that begins after its end.

It never fails the callback: what is not started now, the schedule of corrparse's own CronJob catches up with. The account
that runs callbacks needs k8s-components/airflow. It uses nothing but Python's standard library.

CORRPARSE_CRONJOB is the CronJob's name (corrparse), CORRPARSE_NAMESPACE where it is (else where Airflow itself runs).
"""

from __future__ import annotations

import copy
import json
import logging
import os
import ssl
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

log = logging.getLogger(__name__)

# Where Kubernetes puts the account of a pod.
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# The most for a CronJob: Kubernetes adds eleven characters to it for the job.
LONGEST_NAME = 52
ENDING = "-triggered"
# Seconds for all requests together: callbacks of other DAGs wait behind this one.
PATIENCE = 10
# How long after the end of a run its logs are read at the earliest.
SETTLE = timedelta(seconds=20)
# Longer than a job may take (activeDeadlineSeconds), so that a start that waits for the end of a job is not forgotten.
STARTING_DEADLINE_SECONDS = 3600
# The minutes for which starts are set.
STARTS = "corrparse/starts"
# The DAGs that wait for a start, each with the minute of its last one.
WAITING = "corrparse/waiting"
# Where more DAGs wait, the job reads every DAG: arguments have a limit, and so have annotations.
MOST_DAGS = 100
# How often it is tried again when somebody else has changed the CronJob in between.
ATTEMPTS = 5


def start_corrparse(context: dict[str, Any]) -> str | None:
    """An Airflow DAG callback. Returns the CronJob's name; None where no start could be set."""
    try:
        dag_run = context.get("dag_run")
        return start(dag_run.dag_id if dag_run else context["dag"].dag_id)
    except Exception:
        log.warning("corrparse was not started; its schedule catches up", exc_info=True)
        return None


def start(dag_id: str) -> str:
    """Sets a start for this DAG, unless one is set that comes late enough, and returns the CronJob's name."""
    until = time.monotonic() + PATIENCE
    namespace = os.environ.get("CORRPARSE_NAMESPACE") or (ACCOUNT / "namespace").read_text().strip()
    cron_jobs = f"/apis/batch/v1/namespaces/{quote(namespace)}/cronjobs"
    common = ask(until, "GET", f"{cron_jobs}/{quote(os.environ.get('CORRPARSE_CRONJOB', 'corrparse'))}")
    name = name_for(common["metadata"]["name"])
    for attempt in range(ATTEMPTS):
        try:
            own = ask(until, "GET", f"{cron_jobs}/{name}")
        except urllib.error.HTTPError as failure:
            if failure.code != 404:
                raise
            own = None
        wanted = cron_job_for(common, dag_id, own, datetime.now(timezone.utc))
        if wanted is None:
            log.info("a start of %s for %s is set already", name, dag_id)
            return name
        try:
            ask(until, *(("PUT", f"{cron_jobs}/{name}") if own else ("POST", cron_jobs)), wanted)
        except urllib.error.HTTPError as failure:
            # Another run has ended at the same time.
            if failure.code != 409 or attempt == ATTEMPTS - 1:
                raise
        else:
            log.info("set a start of %s for %s", name, dag_id)
            return name
    raise AssertionError("unreachable")


def ask(until: float, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One request to the cluster's API as this pod's account. Not through the client library: some of its versions refuse an
    object with fields that came into Kubernetes later than they, and others lose them."""
    host = os.environ["KUBERNETES_SERVICE_HOST"]
    host = f"[{host}]" if ":" in host else host
    request = urllib.request.Request(
        f"https://{host}:{os.environ.get('KUBERNETES_SERVICE_PORT', '443')}{path}",
        method=method,
        data=json.dumps(body).encode() if body else None,
        # The token is another one every hour.
        headers={"Authorization": f"Bearer {(ACCOUNT / 'token').read_text().strip()}", "Content-Type": "application/json"},
    )
    trust = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt")))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), trust)
    with opener.open(request, timeout=max(until - time.monotonic(), 0.01)) as answer:
        data = b""
        while piece := answer.read1():
            data += piece
            if time.monotonic() > until:
                raise TimeoutError(f"the cluster's API takes longer than {PATIENCE} s")
        return json.loads(data)


def cron_job_for(common: dict[str, Any], dag_id: str, own: dict[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    """The CronJob with a start for this DAG that comes late enough after NOW; None where OWN, the one that is there, has it."""
    first = (now + SETTLE).replace(second=0, microsecond=0) + timedelta(minutes=1)
    starts, waiting = pending(own, now) if own else (set(), {})
    if waiting.get(dag_id) == first:
        return None
    # The starts before it stay, and the DAG is read then, too: put off, they would never come where runs end every minute.
    starts.add(first)
    waiting[dag_id] = first
    template = copy.deepcopy(common["spec"]["jobTemplate"])
    pod = template["spec"]["template"]["spec"]
    container = next(container for container in pod["containers"] if container["name"] == "corrparse")
    if len(waiting) <= MOST_DAGS:
        # Kubernetes replaces $(NAME) in arguments, and $$ by $.
        dags = [argument for dag in sorted(waiting) for argument in ("--dag", dag.replace("$", "$$"))]
        container["args"] = [*container["args"], *dags]
    # The metrics are those of the run that reads every DAG.
    container["env"] = [*container.get("env", []), {"name": "CORRPARSE_PUSHGATEWAY", "value": ""}]
    name = common["metadata"]["name"]
    labels = common["metadata"].get("labels") or {}
    metadata = {
        "name": name_for(name),
        # Not those by which Argo CD or Helm know their own objects: they would remove this one.
        "labels": {key: labels[key] for key in ("app.kubernetes.io/name", "app.kubernetes.io/component") if key in labels},
        "annotations": {
            STARTS: " ".join(minute.isoformat() for minute in sorted(starts)),
            WAITING: json.dumps({dag: minute.isoformat() for dag, minute in sorted(waiting.items())}),
        },
        # It goes with the CronJob that it was made from.
        "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob", "name": name, "uid": common["metadata"]["uid"]}],
    }
    if own:
        # The server refuses the change with 409 where somebody else was faster, or a job has begun.
        metadata["resourceVersion"] = own["metadata"]["resourceVersion"]
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata,
        "spec": {
            **common["spec"],
            "schedule": schedule_of(starts),
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": STARTING_DEADLINE_SECONDS,
            "jobTemplate": template,
        },
    }


def pending(own: dict[str, Any], now: datetime) -> tuple[set[datetime], dict[str, datetime]]:
    """The starts that have not been carried out, and the DAGs that wait for them. Kubernetes notes the minute for which it made
    the last job, so a start that waits for the end of a job still counts. Kubernetes gives up a start after its deadline; the
    DAGs that waited for it are read with the next one."""
    annotations = own["metadata"].get("annotations") or {}
    last = (own.get("status") or {}).get("lastScheduleTime")
    done = datetime.fromisoformat(last.replace("Z", "+00:00")) if last else datetime.min.replace(tzinfo=timezone.utc)
    starts = {minute for minute in map(datetime.fromisoformat, annotations.get(STARTS, "").split()) if minute > done}
    waiting = {dag: datetime.fromisoformat(minute) for dag, minute in json.loads(annotations.get(WAITING) or "{}").items()}
    ahead = {minute for minute in starts if minute > now}
    # Of the starts that wait for the end of a job, Kubernetes carries out the last only.
    late = max(starts - ahead, default=None)
    if late and now - late < timedelta(seconds=STARTING_DEADLINE_SECONDS):
        ahead.add(late)
    return ahead, {dag: minute for dag, minute in waiting.items() if minute > done}


def schedule_of(minutes: set[datetime]) -> str:
    """A schedule with all of these minutes of the present year. Where they lie in two hours it has others besides: a start more
    than is needed finds every log unchanged."""
    fields = ([getattr(minute, field) for minute in minutes] for field in ("minute", "hour", "day", "month"))
    return " ".join([*(",".join(map(str, sorted(set(field)))) for field in fields), "*"])


def name_for(cron_job: str) -> str:
    """The name of the CronJob that is made from this one."""
    return cron_job[: LONGEST_NAME - len(ENDING)].rstrip("-.") + ENDING
