"""A stand-in for the cluster's API, by TLS: it keeps CronJobs, as the API server does for the requests of
airflow/corrparse_trigger.py, and knows no other."""

from __future__ import annotations

import copy
import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from manifests import one, written

UID = "0b7f9d0a-6a53-4f7b-9f0e-6c1f3a2d5e11"
TOKEN = "token-of-the-account"
COLLECTION = "/apis/batch/v1/namespaces/airflow/cronjobs"


def stored_cron_job() -> dict:
    """The CronJob of k8s/ as the API server gives it back, with a field that came in after today."""
    stored = copy.deepcopy(one(written("k8s"), "CronJob/corrparse"))
    stored["metadata"] |= {
        "namespace": "airflow",
        "uid": UID,
        "resourceVersion": "7",
        "generation": 1,
        "creationTimestamp": "2026-01-01T00:00:00Z",
        # How Argo CD knows what it has applied.
        "labels": stored["metadata"]["labels"] | {"app.kubernetes.io/instance": "corrparse", "argocd.argoproj.io/instance": "x"},
    }
    stored["status"] = {"lastScheduleTime": "2026-01-02T00:17:00Z"}
    stored["spec"]["jobTemplate"]["spec"]["fieldOfTheFuture"] = True
    return stored


class APIServer:
    """The server, and the folder of an account that it knows."""

    def __init__(self, account: Path):
        self.requests: list[tuple[str, str]] = []
        self.stored: dict[str, dict] = {"corrparse": stored_cron_job()}
        self.versions = 7
        # A status with which every request is refused.
        self.refuses = 0
        # What happens between a request that reads and the one that writes.
        self.in_between = lambda: None
        self.lock = threading.Lock()
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
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"owner": self}))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(account / "ca.crt", account / "key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def environment(self) -> dict[str, str]:
        return {
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(self.server.server_port),
            # A proxy of the worker's own is not for the cluster's API.
            "https_proxy": "http://127.0.0.1:1",
        }

    def triggered(self) -> list[dict]:
        """The CronJobs that callbacks and listeners have made."""
        return [thing for name, thing in self.stored.items() if name != "corrparse"]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method: str, path: str, token: str, body: dict | None) -> tuple[int, dict]:
        if token != f"Bearer {TOKEN}":
            return 401, {}
        if self.refuses:
            return self.refuses, {}
        name = path.removeprefix(COLLECTION).removeprefix("/")
        if method != "GET":
            self.in_between()
        with self.lock:
            there = self.stored.get(name or (body or {})["metadata"]["name"])
            if method == "POST":
                return (409, {}) if there else (201, self.store(body))
            if not there:
                return 404, {}
            if method == "PUT":
                old = body["metadata"].get("resourceVersion") != there["metadata"]["resourceVersion"]
                return (409, {}) if old else (200, self.store(body))
            return 200, there

    def store(self, thing: dict) -> dict:
        self.versions += 1
        thing = copy.deepcopy(thing)
        thing["metadata"]["resourceVersion"] = str(self.versions)
        self.stored[thing["metadata"]["name"]] = thing
        return thing


class Handler(BaseHTTPRequestHandler):
    owner: APIServer

    def handle_request(self, verb: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.owner.requests.append((verb, self.path))
        status, answer = self.owner.answer(self.command, self.path, self.headers["Authorization"], body)
        data = json.dumps(answer or {"kind": "Status", "code": status}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.handle_request("get")

    def do_POST(self) -> None:
        self.handle_request("create")

    def do_PUT(self) -> None:
        self.handle_request("update")

    def log_message(self, *_: object) -> None:
        pass
