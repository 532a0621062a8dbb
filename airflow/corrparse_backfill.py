"""An example DAG: a backfill of years as mapped tasks, a shard each. For Airflow 2 and 3.

Trigger it with the parameters `since` and `shards`. By default each shard is a pod of the pod template in
corrparse-backfill-job.yaml beside this file, or where CORRPARSE_BACKFILL_JOB says: the job of k8s-components/backfill as your
overlay renders it, so that image, volume, secret and confinement are written once.

    kubectl kustomize k8s-overlays/production/years | yq 'select(.metadata.name == "corrparse-backfill" and .kind == "Job")'

CORRPARSE_RUNNER=process runs the shards as processes of the worker instead: where it has the program (CORRPARSE_PROGRAM), the
logs (CORRPARSE_LOG_ROOT) and DATABASE_URL. Either way a shard that is killed is tried again and goes on where it was.
"""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

try:
    from airflow.sdk import DAG, Param, get_current_context, task
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
except ImportError:
    from airflow import DAG
    from airflow.decorators import task
    from airflow.exceptions import AirflowException, AirflowFailException
    from airflow.models.param import Param
    from airflow.operators.python import get_current_context

# Page of exit codes in the README: after these, trying again changes nothing.
GIVE_UP = {64, 65, 70, 71, 77, 78}

with DAG(
    "corrparse_backfill",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    params={
        "since": Param("2020-01-01", type="string", description="as of `corrparse backfill --since`"),
        "shards": Param(16, type="integer", minimum=1, maximum=1000),
    },
    default_args={"retries": 3, "retry_delay": timedelta(minutes=1)},
    tags=["corrparse"],
):

    @task
    def shards() -> list[list[str]]:
        """The command line of each shard."""
        params = get_current_context()["params"]
        count = params["shards"]
        return [["backfill", "--since", params["since"], "--shard", f"{index}/{count}"] for index in range(count)]

    if os.environ.get("CORRPARSE_RUNNER", "kubernetes") == "process":

        @task(max_active_tis_per_dag=4)
        def shard(arguments: list[str]) -> int:
            """Runs the program; its messages go into the task's log."""
            with subprocess.Popen(
                [os.environ.get("CORRPARSE_PROGRAM", "corrparse"), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process:
                try:
                    for line in process.stdout:
                        print(line.rstrip("\n"))
                finally:
                    # A task that is stopped stops its shard, which finishes the log at hand.
                    if process.poll() is None:
                        process.terminate()
                status = process.wait()
            if status in GIVE_UP:
                raise AirflowFailException(f"corrparse ended with {status}")
            if status != 0:
                raise RuntimeError(f"corrparse ended with {status}; it is tried again")
            return status

        shard.expand(arguments=shards())
    else:
        import yaml
        from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

        class ShardPod(KubernetesPodOperator):
            """A pod whose exit code decides whether the task is tried again."""

            def cleanup(self, pod, remote_pod, *arguments, **named) -> None:
                try:
                    super().cleanup(pod, remote_pod, *arguments, **named)
                except AirflowException as failure:
                    statuses = (remote_pod.status.container_statuses if remote_pod.status else None) or []
                    ended = [one.state.terminated for one in statuses if one.name == self.base_container_name and one.state]
                    for code in (one.exit_code for one in ended if one):
                        if code in GIVE_UP:
                            raise AirflowFailException(f"corrparse ended with {code}") from failure
                    raise

        job = Path(os.environ.get("CORRPARSE_BACKFILL_JOB", Path(__file__).with_name("corrparse-backfill-job.yaml")))
        ShardPod.partial(
            task_id="shard",
            name="corrparse-backfill",
            pod_template_dict=yaml.safe_load(job.read_text())["spec"]["template"],
            base_container_name="corrparse",
            max_active_tis_per_dag=4,
            on_finish_action="delete_succeeded_pod",
        ).expand(arguments=shards())
