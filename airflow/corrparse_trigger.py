"""Starts the job of corrparse's CronJob at the end of a DAG run. For Airflow 2 and 3; put it where your DAG files can import it:

    from corrparse_trigger import start_corrparse

    with DAG("launch__discovery", on_success_callback=start_corrparse, on_failure_callback=start_corrparse): ...

It is like `kubectl create job --from=cronjob/corrparse`: one job for each DAG run, whatever becomes of the callback and
however often it is called. It never fails the callback: what is not started now, the CronJob's schedule catches up with.
The account that runs callbacks needs k8s/airflow-role.yaml. It uses nothing but Python's standard library.

CORRPARSE_CRONJOB is the CronJob's name (corrparse), CORRPARSE_NAMESPACE where it is (else where Airflow itself runs).
"""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import os
import re
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

log = logging.getLogger(__name__)

# Where Kubernetes puts the account of a pod.
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# As for the jobs of a CronJob: Kubernetes adds to it what tells the pods apart, and 63 is the most for a label.
LONGEST_NAME = 52
# Seconds for an answer: callbacks of other DAGs wait behind this one.
PATIENCE = 10


def start_corrparse(context: dict[str, Any]) -> str | None:
    """An Airflow DAG callback. Returns the job's name; None where it could not be made."""
    try:
        dag_run = context.get("dag_run")
        dag_id = dag_run.dag_id if dag_run else context["dag"].dag_id
        run_id = dag_run.run_id if dag_run else context["run_id"]
        return start(dag_id, run_id)
    except Exception:
        log.warning("corrparse was not started; its schedule catches up", exc_info=True)
        return None


def start(dag_id: str, run_id: str) -> str:
    """Makes the job of this DAG run, unless there is one, and returns its name."""
    namespace = os.environ.get("CORRPARSE_NAMESPACE") or (ACCOUNT / "namespace").read_text().strip()
    jobs = f"/apis/batch/v1/namespaces/{quote(namespace)}"
    cron_job = ask("GET", f"{jobs}/cronjobs/{quote(os.environ.get('CORRPARSE_CRONJOB', 'corrparse'))}")
    job = job_from(cron_job, dag_id, run_id)
    name = job["metadata"]["name"]
    try:
        ask("POST", f"{jobs}/jobs", job)
        log.info("started the job %s", name)
    except urllib.error.HTTPError as failure:
        if failure.code != 409:
            raise
        log.info("the job %s has been started before", name)
    return name


def ask(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One request to the cluster's API as this pod's account. Not through the client library: some of its versions refuse a
    job with fields that came into Kubernetes later than they, and others lose them."""
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
    with urllib.request.build_opener(urllib.request.ProxyHandler({}), trust).open(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def job_from(cron_job: dict[str, Any], dag_id: str, run_id: str) -> dict[str, Any]:
    """The job that `kubectl create job --from` makes, with a name that stands for the DAG run. The CronJob owns it: it counts
    for its history limits and goes with it."""
    template = copy.deepcopy(cron_job["spec"]["jobTemplate"])
    metadata = template.get("metadata") or {}
    name = cron_job["metadata"]["name"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": job_name(name, dag_id, run_id),
            "labels": metadata.get("labels") or {},
            "annotations": {
                **(metadata.get("annotations") or {}),
                "cronjob.kubernetes.io/instantiate": "manual",
                "corrparse/dag-id": dag_id,
                "corrparse/run-id": run_id,
            },
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": name,
                    "uid": cron_job["metadata"]["uid"],
                    "controller": True,
                }
            ],
        },
        "spec": template["spec"],
    }


def job_name(cron_job: str, dag_id: str, run_id: str) -> str:
    """A name for people as far as it goes, and a digest that tells runs apart."""
    digest = hashlib.sha256(f"{dag_id}\0{run_id}".encode()).hexdigest()[:12]
    readable = re.sub(r"[^a-z0-9]+", "-", f"{cron_job}-{dag_id}".lower()).strip("-")
    return f"{readable[: LONGEST_NAME - 1 - len(digest)].strip('-')}-{digest}"
