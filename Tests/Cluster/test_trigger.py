#!/usr/bin/env python3
"""airflow/corrparse_trigger.py against a server that answers, by TLS, as the API server would for these two requests, and no
other; what is sent has to be a Job that the schemas, the checks and the role of k8s/ let in.

  Scripts/cluster-tools.sh python3 Tests/Cluster/test_trigger.py
"""

from __future__ import annotations

import copy
import json
import logging
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

try:
    import kubernetes_validate
except ImportError:
    kubernetes_validate = None

import checks
from manifests import ROOT, as_written, one, role

sys.path.insert(0, str(ROOT / "airflow"))
import corrparse_trigger

UID = "0b7f9d0a-6a53-4f7b-9f0e-6c1f3a2d5e11"
DAG, RUN = "launch__discovery", "manual__2026-03-28T02:00:00+00:00"
TOKEN = "token-of-the-account"


def stored_cron_job() -> dict:
    """The CronJob of k8s/ as the API server gives it back, with a field that came in after today."""
    stored = copy.deepcopy(one(as_written(), "CronJob/corrparse"))
    stored["metadata"] |= {
        "namespace": "airflow",
        "uid": UID,
        "resourceVersion": "7",
        "generation": 1,
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    stored["status"] = {"lastScheduleTime": "2026-01-02T00:17:00Z"}
    stored["spec"]["jobTemplate"]["spec"]["fieldOfTheFuture"] = True
    return stored


class APIServer(BaseHTTPRequestHandler):
    requests: ClassVar[list[tuple[str, str]]] = []
    jobs: ClassVar[dict[str, dict]] = {}
    refuses = 0

    def is_known(self) -> bool:
        if self.headers["Authorization"] == f"Bearer {TOKEN}":
            return True
        self.answer(401, {"kind": "Status", "code": 401})
        return False

    def answer(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.requests.append(("get", self.path))
        if not self.is_known():
            return
        if self.refuses:
            self.answer(self.refuses, {"kind": "Status", "code": self.refuses})
        else:
            self.answer(200, stored_cron_job())

    def do_POST(self) -> None:
        self.requests.append(("create", self.path))
        if not self.is_known():
            return
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = job["metadata"]["name"]
        if name in self.jobs:
            self.answer(409, {"kind": "Status", "code": 409, "reason": "AlreadyExists"})
        else:
            self.jobs[name] = job
            self.answer(201, job)

    def log_message(self, *_: object) -> None:
        pass


class Trigger(unittest.TestCase):
    def setUp(self) -> None:
        APIServer.requests, APIServer.jobs, APIServer.refuses = [], {}, 0
        self.folder = tempfile.TemporaryDirectory()
        account = Path(self.folder.name)
        for name, content in (("namespace", "airflow"), ("token", TOKEN)):
            (account / name).write_text(content)
        # A certificate that only the account's ca.crt vouches for.
        subprocess.run(
            [
                *"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=kubernetes".split(),
                *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", account / "key", "-out", account / "ca.crt"),
            ],
            check=True,
            capture_output=True,
        )
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), APIServer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(account / "ca.crt", account / "key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        corrparse_trigger.ACCOUNT = account
        os.environ |= {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.server.server_port)}
        # A proxy of the worker's own is not for the cluster's API.
        os.environ["https_proxy"] = "http://127.0.0.1:1"
        logging.disable(logging.CRITICAL)

    def tearDown(self) -> None:
        logging.disable(logging.NOTSET)
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def test_job_of_a_dag_run_is_made_once(self) -> None:
        # What Airflow 2 and 3 hand to a DAG's callback; 3 may have no dag_run in it.
        contexts = [{"dag_run": SimpleNamespace(dag_id=DAG, run_id=RUN)}, {"dag": SimpleNamespace(dag_id=DAG), "run_id": RUN}]
        names = {corrparse_trigger.start_corrparse(context) for context in contexts}
        self.assertEqual(names, set(APIServer.jobs))
        self.assertEqual(len(names), 1)
        [job] = APIServer.jobs.values()
        template = stored_cron_job()["spec"]["jobTemplate"]
        self.assertEqual(job["spec"], template["spec"])
        self.assertEqual(job["metadata"]["labels"], template["metadata"]["labels"])
        self.assertEqual(
            job["metadata"]["ownerReferences"],
            [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "corrparse", "uid": UID, "controller": True}],
        )
        self.assertEqual(
            (job["metadata"]["annotations"]["corrparse/dag-id"], job["metadata"]["annotations"]["corrparse/run-id"]), (DAG, RUN)
        )

        job["spec"].pop("fieldOfTheFuture")
        if kubernetes_validate is not None:
            for version in ("1.29", "1.37"):
                kubernetes_validate.validate(job, version, strict=True)
        others = [thing for thing in as_written() if thing["kind"] != "CronJob"]
        self.assertEqual(checks.problems_of([*others, job]), [])

    def test_role_allows_what_is_asked_and_nothing_else(self) -> None:
        corrparse_trigger.start(DAG, RUN)
        asked = set()
        for verb, path in APIServer.requests:
            group, _, _, _, resource, *name = path.removeprefix("/apis/").split("/")
            asked.add((verb, group, resource, *name))
        allowed = {
            (verb, group, resource, *([name] if name else []))
            for rule in one(role(), "Role/corrparse-trigger")["rules"]
            for verb in rule["verbs"]
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for name in rule.get("resourceNames", [None])
        }
        self.assertEqual(asked, allowed)
        self.assertTrue(all("/namespaces/airflow/" in path for _, path in APIServer.requests))

    def test_callback_never_fails(self) -> None:
        context = {"dag_run": SimpleNamespace(dag_id=DAG, run_id=RUN)}
        for status in (401, 403, 404, 500):
            APIServer.refuses = status
            self.assertIsNone(corrparse_trigger.start_corrparse(context))
        APIServer.refuses = 0
        certificate = corrparse_trigger.ACCOUNT / "ca.crt"
        certificate.rename(certificate.with_name("kept"))
        self.assertIsNone(corrparse_trigger.start_corrparse(context))
        certificate.with_name("kept").rename(certificate)
        (corrparse_trigger.ACCOUNT / "token").write_text("of somebody else")
        self.assertIsNone(corrparse_trigger.start_corrparse(context))
        os.environ["KUBERNETES_SERVICE_PORT"] = "1"
        self.assertIsNone(corrparse_trigger.start_corrparse(context))
        self.assertIsNone(corrparse_trigger.start_corrparse({}))
        self.assertEqual(APIServer.jobs, {})


class Names(unittest.TestCase):
    def test_names_are_labels_and_tell_runs_apart(self) -> None:
        pairs = [
            (DAG, RUN),
            (DAG, RUN + "x"),
            (DAG + "_", RUN),
            ("É/é", "ü"),
            ("x" * 250, "y" * 250),
            ("a", "b\0c"),
            ("--", "--"),
            ("A", "b"),
            ("a", "b"),
        ]
        names = [corrparse_trigger.job_name(cron_job, *pair) for pair in pairs for cron_job in ("corrparse", "c" * 52)]
        self.assertEqual(len(set(names)), len(names))
        for name in names:
            self.assertRegex(name, r"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")
            self.assertLessEqual(len(name), 52)
        self.assertTrue(re.match("corrparse-launch-discovery-[0-9a-f]{12}$", names[0]))


def main() -> None:
    done = unittest.main(exit=False).result
    print(
        "trigger: the job of a DAG run"
        + ("" if kubernetes_validate is not None else "; SKIPPED its validation for want of kubernetes-validate")
    )
    sys.exit(not done.wasSuccessful())


if __name__ == "__main__":
    main()
