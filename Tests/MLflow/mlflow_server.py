"""A real MLflow server from PyPI, and a story that its registry tells. Run by Scripts/python-tools.sh with a list of this folder.

  Scripts/python-tools.sh Tests/MLflow/requirements-2.8.1.txt python3 Tests/MLflow/mlflow_server.py record

writes what the server answers after the story into Tests/MLflow/recorded: what Tests/MLflowTests reads.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from importlib import metadata

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Operations"))

import program

VERSION = metadata.version("mlflow")
IS_2 = VERSION.startswith("2.")
ADMIN = ("admin", "c4nary-of-the-admin")


class Server:
    """On a port of its own, over a folder of its own."""

    def __init__(self, prefix: str = "", with_users: bool = False):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="corrparse-mlflow."))
        self.port = program.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.user = ADMIN if with_users else None
        self.api = self.url + "/api/2.0/mlflow"
        settings = dict(os.environ)
        # Jobs of 3.x are processes that outlive the server.
        settings |= {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_FLASK_SERVER_SECRET_KEY": "of this test"}
        command = ["mlflow", "server", "--backend-store-uri", f"sqlite:///{self.root}/registry.db", "--workers", "1"]
        command += ["--artifacts-destination", f"{self.root}/artifacts", "--host", "127.0.0.1", "--port", str(self.port)]
        if with_users:
            (self.root / "users.ini").write_text(
                f"[mlflow]\ndefault_permission = NO_PERMISSIONS\ndatabase_uri = sqlite:///{self.root}/users.db\n"
                f"admin_username = {ADMIN[0]}\nadmin_password = {ADMIN[1]}\nauthorization_function = "
                "mlflow.server.auth:authenticate_request_basic_auth\n"
            )
            settings["MLFLOW_AUTH_CONFIG_PATH"] = str(self.root / "users.ini")
            command += ["--app-name", "basic-auth"]
        if prefix:
            command += ["--static-prefix", prefix]
        with (self.root / "server.log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.root, env=settings, start_new_session=True)
        end = time.monotonic() + 240
        # 2.8.1 answers at the root, 3.17.2 below the prefix.
        health = self.url + ("" if IS_2 else prefix) + "/health"
        while True:
            try:
                urllib.request.urlopen(health, timeout=5).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    said = (self.root / "server.log").read_text()
                    self.close()
                    raise SystemExit(said) from None
                time.sleep(0.2)

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def ask(self, method: str, path: str, body: dict | None = None, **query: str) -> dict:
        """The answer of the REST API, as the server's own user."""
        url = urllib.parse.urljoin(self.api + "/", path) + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), method=method)
        request.add_header("Content-Type", "application/json")
        if self.user:
            request.add_header("Authorization", "Basic " + base64.b64encode(":".join(self.user).encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or "{}")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from None

    def model(self, name: str, **tags: str) -> None:
        self.ask("POST", "registered-models/create", {"name": name, "tags": [{"key": k, "value": v} for k, v in tags.items()]})

    def version(self, model: str, **tags: str) -> str:
        """Registers the next version; gives its number."""
        body = {"name": model, "source": "s3://models/x", "tags": [{"key": k, "value": v} for k, v in tags.items()]}
        return self.ask("POST", "model-versions/create", body)["model_version"]["version"]

    def alias(self, model: str, alias: str, version: int) -> None:
        self.ask("POST", "registered-models/alias", {"name": model, "alias": alias, "version": str(version)})

    def no_alias(self, model: str, alias: str) -> None:
        self.ask("DELETE", "registered-models/alias", {"name": model, "alias": alias})

    def stage(self, model: str, version: int, stage: str) -> None:
        body = {"name": model, "version": str(version), "stage": stage, "archive_existing_versions": False}
        self.ask("POST", "model-versions/transition-stage", body)

    def tag(self, model: str, version: int, key: str, value: str) -> None:
        body = {"name": model, "version": str(version), "key": key, "value": value}
        self.ask("POST", "model-versions/set-tag", body)

    def reader(self, name: str, password: str, model: str) -> None:
        """A user who may read one model and nothing else."""
        self.ask("POST", "users/create", {"username": name, "password": password})
        if IS_2:
            body = {"name": model, "username": name, "permission": "READ"}
            self.ask("POST", "registered-models/permissions/create", body)
        else:
            body = {"username": name, "resource_type": "registered_model", "resource_id": model, "permission": "READ"}
            self.ask("POST", "../../3.0/mlflow/users/permissions/grant", body)

    def delete(self, model: str, version: int) -> None:
        self.ask("DELETE", "model-versions/delete", {"name": model, "version": str(version)})


def roles() -> dict[tuple[str, int], tuple[str | None, str | None]]:
    """What `story` makes of every version, by hand: crypto and role by model and number."""
    found = {}
    for line in (HERE / "roles.tsv").read_text().splitlines():
        if not line.startswith("#"):
            model, version, crypto, role, _ = line.split("\t")
            found[model, int(version)] = (None if crypto == "-" else crypto, None if role == "-" else role)
    return found


def story(server: Server) -> None:
    """Models with stages, with aliases, and with what contradicts itself."""
    server.model("pte_SOLUSDC")
    for _ in range(6):
        server.version("pte_SOLUSDC")
    server.stage("pte_SOLUSDC", 1, "Production")
    server.alias("pte_SOLUSDC", "champion", 4)
    server.alias("pte_SOLUSDC", "challenger", 2)
    server.tag("pte_SOLUSDC", 3, "status", "Rejected")
    server.tag("pte_SOLUSDC", 6, "archived", "yes")
    server.model("pte_BTCUSDC")
    for _ in range(4):
        server.version("pte_BTCUSDC")
    server.stage("pte_BTCUSDC", 1, "Archived")
    server.stage("pte_BTCUSDC", 2, "Production")
    server.stage("pte_BTCUSDC", 3, "Staging")
    server.model("BTCUSDC-h4")
    server.version("BTCUSDC-h4")
    server.version("BTCUSDC-h4", rejected="false")
    server.version("BTCUSDC-h4", rejected="")
    server.alias("BTCUSDC-h4", "Champion", 1)
    server.model("momentum", crypto="ethusdc")
    server.version("momentum")
    server.version("momentum", crypto="XRPUSDC")
    server.model("ADAUSDC")
    for _ in range(3):
        server.version("ADAUSDC")
    server.alias("ADAUSDC", "champion", 1)
    server.alias("ADAUSDC", "Champion", 2)
    server.model("SOLUSDC-ETHUSDC")
    server.version("SOLUSDC-ETHUSDC")
    server.model("modèle XRPUSDC ½")
    server.version("modèle XRPUSDC ½")
    server.version("modèle XRPUSDC ½")
    server.alias("modèle XRPUSDC ½", "champion", 1)
    # Without a version now: 2.8.1 keeps the alias, 3.17.2 removes it.
    server.model("BONKUSDC")
    server.version("BONKUSDC")
    server.alias("BONKUSDC", "champion", 1)
    server.delete("BONKUSDC", 1)


def record() -> None:
    server = Server()
    try:
        story(server)
        folder = HERE / "recorded" / VERSION
        folder.mkdir(parents=True, exist_ok=True)
        for list_name, query in (("registered-models", "max_results=1000"), ("model-versions", "max_results=1000")):
            with urllib.request.urlopen(f"{server.api}/{list_name}/search?{query}", timeout=60) as answer:
                (folder / f"{list_name}.json").write_bytes(answer.read().rstrip(b"\n") + b"\n")
    finally:
        server.close()


if __name__ == "__main__":
    if sys.argv[1:] != ["record"]:
        sys.exit(__doc__)
    record()
