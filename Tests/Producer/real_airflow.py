#!/usr/bin/env python3
"""The recipes for Airflow in real Airflow, 2 and 3: a run of the DAG, and the logs that it leaves, read by corrparse.
`make long WHAT=producer` runs it; it is no part of `make test`, as installing Airflow takes minutes.

  python3 Tests/Producer/real_airflow.py 3        # or 2
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from producer import MODULE, RECIPES, ROOT, linted, parsed

sys.path.insert(0, str(ROOT / "Tests" / "Cluster"))

from airflow_programs import installed, version

DAG, RUN = "tell_what_was_tested", "r1"
# What each task tells, and the one whose form is no strict one.
TOLD = {"by_logging": ("SOLUSDC", "H4"), "by_print": ("ETHUSDC", "H5"), "by_keys": ("BTCUSDC", "H6")}
STRUCTURED = {"by_keys"}
# On a machine with other work to do.
PATIENCE = 600


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def until(what: str, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"airflow: {what}: not within {PATIENCE} s")
        time.sleep(2)


@contextlib.contextmanager
def standalone(run: Callable[..., subprocess.CompletedProcess], environment: dict[str, str], output: Path) -> Iterator[None]:
    """All of Airflow 3's servers: its tasks write their logs only beside them."""
    with output.open("w") as file:
        process = subprocess.Popen(
            ["airflow", "standalone"],
            env=environment,
            cwd=output.parent,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until("the DAG is known", lambda: run("dags", "details", DAG).returncode == 0)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        time.sleep(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main() -> int:
    major = sys.argv[1]
    programs = installed(major)
    tasks = [task for task in TOLD if major == "3" or task not in STRUCTURED]
    with tempfile.TemporaryDirectory(prefix="corrparse-producer.", dir="/tmp") as name:
        folder = Path(name)
        (folder / "dags").mkdir()
        shutil.copy(RECIPES / f"airflow{major}_dag.py", folder / "dags")
        environment = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(MODULE),
            "CORRPARSE_BLOCK_STRICT": "1",
            "AIRFLOW_HOME": str(folder / "home"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": (port := free_port()),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": free_port(),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": free_port(),
        }

        def run(*arguments: str) -> subprocess.CompletedProcess:
            return subprocess.run(
                ["airflow", *arguments], check=False, capture_output=True, text=True, env=environment, cwd=folder
            )

        def checked(*arguments: str) -> None:
            done = run(*arguments)
            if done.returncode != 0:
                raise SystemExit(
                    f"airflow {' '.join(arguments)} ends with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}"
                )

        def log_of(task: str) -> str:
            logs = (folder / "home" / "logs").glob(f"dag_id={DAG}/run_id={RUN}/task_id={task}/attempt=*.log")
            return "".join(path.read_text() for path in logs)

        checked("db", "migrate")
        if major == "2":
            checked("dags", "reserialize")
            checked("dags", "trigger", DAG, "--run-id", RUN)
            for task in tasks:
                checked("tasks", "run", DAG, task, RUN, "--local", "--ignore-all-dependencies", "--force")
        else:
            with standalone(run, environment, folder / "output"):
                checked("dags", "trigger", DAG, "--run-id", RUN)
                until("the last task has ended", lambda: "Done. Returned value" in log_of(tasks[-1]))
        problems = []
        for task in tasks:
            log = log_of(task)
            told = [(record["record"].get("crypto"), record["record"].get("horizon")) for record in parsed(log)]
            if told != [TOLD[task]]:
                problems.append(f"{task} tells {told}, not {TOLD[task]}:\n{log[-4000:]}")
            findings = linted(log)[1].splitlines()
            if task in STRUCTURED:
                findings = [finding for finding in findings if ": structured_header:" not in finding]
            problems += [f"{task}: {finding}" for finding in findings]
    print("\n".join(problems) or f"airflow: {version(programs)}, the blocks of {', '.join(tasks)} come back from their logs")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
