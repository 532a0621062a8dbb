"""The built program, logs for it, databases for it, and tools that stand beside it."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import ClassVar

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts"))

import libpq

PROGRAM = str(ROOT / (os.environ.get("CORRPARSE") or ".build/debug/corrparse"))
LOG = "dag_id=launch__discovery/run_id=manual__2026-03-28T02:00:00+00:00/task_id=test_step/attempt=1.log"
END = (
    "[2026-03-28T02:15:00.000+0000] {taskinstance.py:1138} INFO - Marking task as SUCCESS. dag_id=launch__discovery, "
    "task_id=test_step, execution_date=20260328T020000, start_date=20260328T021400, end_date=20260328T021500\n"
)


def block(second: int, buy: str = "0.55") -> str:
    """One block; the same second twice in a log is a replay."""
    return (
        f"[2026-03-28T02:14:{second:02}.000+0000] {{logging_mixin.py:150}} INFO - === CORRELATION DATA ===\n"
        f"crypto=SOLUSDC horizon=H4\nf1_buy={buy} baseline_f1_buy=0.50\n=== END CORRELATION DATA ===\n"
    )


def tool(name: str) -> str:
    """From where Scripts/install-dependencies.sh unpacks it, else from the PATH."""
    own = ROOT / ".corrparse/tools/usr/bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    if not found:
        raise SystemExit(f"{name} is not there: run Scripts/install-dependencies.sh")
    return found


def environment(**more: str) -> dict[str, str]:
    """Without anything that leads to another server or changes the output."""
    others = ("DATABASE_URL", "NO_COLOR", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "CORRPARSE_")) and k not in others}
    return kept | more


def run(
    *arguments: str, stdin: bytes = b"", timeout: float = 60, folder: str = "/", **settings: str
) -> subprocess.CompletedProcess:
    """Runs the program to its end; gives status, output and errors as text."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        check=False,
        input=stdin,
        capture_output=True,
        timeout=timeout,
        cwd=folder,
        env=environment(**settings),
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Database:
    """A database of its own on the server of Scripts/with-postgres.sh."""

    numbers = iter(range(1, 1_000_000))
    # Of each server, a migrated database that nobody writes to: a copy of it takes a tenth of the migrations' time.
    templates: ClassVar[dict[str, Database]] = {}

    def __init__(self, migrated: bool = True, server: str | None = None, how: str = ""):
        """On another server, or made in another way (`LOCALE …`), where these are given."""
        server = server or os.environ.get("CORRPARSE_TEST_DATABASE")
        if not server:
            raise SystemExit("CORRPARSE_TEST_DATABASE is not set: run this by Scripts/with-postgres.sh")
        self.settings = dict(part.split("=", 1) for part in server.split())
        self.name = f"operations_{os.getpid()}_{next(self.numbers)}"
        if migrated and not how:
            if server not in self.templates:
                self.templates[server] = Database(migrated=False, server=server)
                self.templates[server].migrate()
            how = f"TEMPLATE {self.templates[server].name}"
            migrated = False
        with contextlib.closing(libpq.Connection(server)) as connection:
            connection.run(f"CREATE DATABASE {self.name} {how}")
        self.settings["dbname"] = self.name
        if migrated:
            self.migrate()

    def migrate(self) -> None:
        done = run("migrate", "up", DATABASE_URL=self.connection())
        assert done.returncode == 0, done.stderr

    def connection(self, **other: object) -> str:
        return " ".join(f"{k}={v}" for k, v in (self.settings | other).items())

    def column(self, statement: str) -> list:
        with contextlib.closing(libpq.Connection(self.connection())) as connection:
            return [row[0] for row in connection.run(statement).rows]


def folder() -> pathlib.Path:
    return pathlib.Path(tempfile.mkdtemp(prefix="corrparse-operations."))


def write(root: pathlib.Path, name: str, text: str | bytes) -> pathlib.Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pushgateway:
    """The real one."""

    def __init__(self, root: pathlib.Path, *options: str):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        with (root / "pushgateway.log").open("wb") as log:
            self.process = subprocess.Popen(
                [tool("prometheus-pushgateway"), f"--web.listen-address=127.0.0.1:{self.port}", *options],
                stdout=log,
                stderr=log,
                env=environment(),
            )
        for _ in range(500):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self.process.poll() is None, (root / "pushgateway.log").read_text()
            time.sleep(0.02)
        raise AssertionError("the Pushgateway does not listen")

    def metrics(self) -> str:
        with urllib.request.urlopen(self.url + "/metrics", timeout=10) as answer:
            return answer.read().decode()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
