#!/usr/bin/env python3
"""What is done at the end of a DAG run, in real Airflow: airflow/corrparse_listener.py as a plugin, corrparse_trigger.py as a
callback, for runs that succeed and fail; and what the pods of corrparse_backfill.py make of exit codes. `make long WHAT=airflow`
runs it. The cluster's API is that of Tests/Cluster/api_server.py.

  Scripts/cluster-tools.sh python3 Tests/Cluster/test_airflow_ends.py 3       # or 2: Tests/Cluster/airflow3.txt, airflow2.txt
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "airflow"))

from api_server import APIServer
from corrparse_trigger import WAITING
from manifests import one, written
from test_airflow import installed

# Where the account is, for a module that is loaded before the first end of a run.
ACCOUNT = """
import os
from pathlib import Path

import corrparse_trigger

corrparse_trigger.ACCOUNT = Path(os.environ["TEST_ACCOUNT"])
"""
DAGS = (
    ACCOUNT
    + """
from datetime import datetime, timezone

try:
    from airflow.sdk import DAG, task
except ImportError:
    from airflow import DAG
    from airflow.decorators import task

CALLBACKS = {f"on_{end}_callback": corrparse_trigger.start_corrparse for end in ("success", "failure")}
for name in ("callback_success", "callback_failure", "listener_success", "listener_failure"):
    more = CALLBACKS if name.startswith("callback") else {}
    with DAG(name, schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), **more) as globals()[name]:

        @task(retries=0)
        def step(fails: bool) -> None:
            if fails:
                raise ValueError("on purpose")

        step(name.endswith("failure"))
"""
)
# What a task makes of a pod that ended with a code: it is done, given up, or tried again.
PODS = """
import json
import sys

sys.path.insert(0, sys.argv[1])
import corrparse_backfill
from kubernetes.client import models as k8s

shard = corrparse_backfill.ShardPod(
    task_id="shard", name="shard", base_container_name="corrparse", pod_template_dict={"spec": {}}, log_events_on_failure=False
)
# There is no cluster whose pod could be asked, marked or deleted.
shard.is_istio_enabled = shard.patch_already_checked = shard.process_pod_deletion = lambda *_, **__: None
made = {}
for code in json.loads(sys.argv[2]):
    ended = k8s.V1ContainerState(terminated=k8s.V1ContainerStateTerminated(exit_code=code))
    status = k8s.V1ContainerStatus(
        name="corrparse", state=ended, image="", image_id="", ready=False, restart_count=0
    )
    pod = k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(name="pod", namespace="airflow"),
        spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="corrparse")]),
        status=k8s.V1PodStatus(phase="Failed" if code else "Succeeded", container_statuses=[status]),
    )
    try:
        shard.cleanup(pod, pod)
        made[code] = "done"
    except Exception as failure:
        made[code] = type(failure).__name__
print("MADE " + json.dumps(made))
"""
GIVEN_UP = (64, 65, 70, 71, 77, 78)
TRIED_AGAIN = (1, 69, 74, 75, 137, 143)


class Stage:
    """A folder for Airflow, and the cluster that it talks to."""

    def __init__(self, folder: Path, programs: Path):
        self.folder, self.programs = folder, programs
        (folder / "account").mkdir()
        self.server = APIServer(folder / "account")
        for name in ("dags", "plugins"):
            (folder / name).mkdir()
        (folder / "none").mkdir()
        shutil.copy(ROOT / "airflow" / "corrparse_trigger.py", folder / "dags")
        (folder / "dags" / "ends.py").write_text(DAGS)
        for name in ("corrparse_trigger.py", "corrparse_listener.py"):
            shutil.copy(ROOT / "airflow" / name, folder / "plugins")
        (folder / "plugins" / "account.py").write_text(ACCOUNT)

    def airflow(self, *command: str, plugins: str = "none", **more: str) -> subprocess.CompletedProcess:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "CORRPARSE", "PYTHON"))}
        environment = self.server.environment() | {
            "PATH": f"{self.programs}:{kept['PATH']}",
            "AIRFLOW_HOME": str(self.folder / "home"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.folder / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.folder / plugins),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "TEST_ACCOUNT": str(self.folder / "account"),
        }
        return subprocess.run(command, check=False, capture_output=True, text=True, env=kept | environment | more)

    def end_of(self, dag: str, plugins: str, **more: str) -> list[str]:
        """Runs the DAG; the DAGs that wait for a start afterwards."""
        self.server.stored = {"corrparse": self.server.stored["corrparse"]}
        begin = time.monotonic()
        done = self.airflow("airflow", "dags", "test", dag, plugins=plugins, **more)
        if ("failed" in done.stdout + done.stderr) != dag.endswith("failure"):
            raise SystemExit(f"{dag}:\n{(done.stdout + done.stderr)[-4000:]}")
        print(f"airflow: {dag} took {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
        return [dag for made in self.server.triggered() for dag in json.loads(made["metadata"]["annotations"][WAITING])]


def problems_of(stage: Stage) -> list[str]:
    problems = []
    if (done := stage.airflow("airflow", "db", "migrate")).returncode != 0:
        raise SystemExit(done.stderr[-4000:])
    for way, plugins in (("callback", "none"), ("listener", "plugins")):
        for end in ("success", "failure"):
            dag = f"{way}_{end}"
            found = stage.end_of(dag, plugins)
            if found != [dag]:
                problems.append(f"{dag}: a start is set for {found}")
    # A cluster that refuses changes nothing for the DAG run, and a DAG that does not count is left alone.
    stage.server.refuses = 403
    if found := stage.end_of("listener_success", "plugins"):
        problems.append(f"with a cluster that refuses: a start is set for {found}")
    stage.server.refuses = 0
    stage.server.requests.clear()
    stage.end_of("listener_success", "plugins", CORRPARSE_DAGS="launch__.*")
    if stage.server.requests:
        problems.append(f"a DAG that does not count: {stage.server.requests}")
    return problems + problems_of_pods(stage)


def problems_of_pods(stage: Stage) -> list[str]:
    job = stage.folder / "job.yaml"
    job.write_text(json.dumps(one(written("k8s-components/backfill"), "Job/corrparse-backfill")))
    codes = [0, *GIVEN_UP, *TRIED_AGAIN]
    done = stage.airflow(
        "python",
        "-c",
        PODS,
        str(ROOT / "airflow"),
        json.dumps(codes),
        CORRPARSE_BACKFILL_JOB=str(job),
        CORRPARSE_RUNNER="kubernetes",
    )
    made = next((json.loads(line[5:]) for line in done.stdout.splitlines() if line.startswith("MADE ")), None)
    expected = {"0": "done"} | {str(code): "AirflowFailException" for code in GIVEN_UP}
    expected |= {str(code): "AirflowException" for code in TRIED_AGAIN}
    return [] if made == expected else [f"pods: {made}\n{done.stderr[-3000:]}"]


def main() -> int:
    programs = installed(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="corrparse-airflow.", dir="/tmp") as name:
        stage = Stage(Path(name), programs)
        try:
            problems = problems_of(stage)
        finally:
            stage.server.close()
    version = subprocess.run([str(programs / "airflow"), "version"], check=False, capture_output=True, text=True).stdout.split()[
        -1
    ]
    print("\n".join(problems) or f"airflow: {version}, the ends of runs by callback and by listener, and the pods' exit codes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
