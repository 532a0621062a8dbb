"""Airflow 3 uploads the log of the last task after it has told the end of the run. The start that airflow/corrparse_trigger.py
sets comes late enough for it; a job at the end of the run would not have read it."""

from __future__ import annotations

import sys
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

import stand_in
from harness import Database, Result, StoreTest, log, trees
from store import BUCKET

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "Tests" / "Cluster"), str(ROOT / "airflow")]

import manifests
from corrparse_trigger import SETTLE, STARTS, cron_job_for

FIRST, LAST = (trees.path("r1", task=task) for task in ("first_step", "test_step"))
OTHER = "dag_id=other/run_id=r1/task_id=test_step/attempt=1.log"


class LateUploadTest(StoreTest):
    def test_a_log_that_is_uploaded_after_the_end_of_its_run_is_read(self) -> None:
        self.url, client = stand_in.start(self)
        self.database = Database()
        common = manifests.one(manifests.written("k8s"), "CronJob/corrparse")
        common["metadata"]["uid"] = "0"

        def upload(path: str) -> None:
            client.put_object(Bucket=BUCKET, Key="prod/" + path, Body=log(path))

        upload(FIRST)
        upload(OTHER)
        end = datetime.now(timezone.utc)
        job = cron_job_for(common, trees.DAG, None, end)
        # A job at the end of the run.
        self.run_job(job)
        self.assertEqual(self.read(), [FIRST])
        # The last log comes some seconds later, which is before the job begins.
        uploaded = end + timedelta(seconds=19)
        upload(LAST)
        begins = datetime.fromisoformat(job["metadata"]["annotations"][STARTS])
        self.assertGreaterEqual(begins, end + SETTLE)
        self.assertGreater(begins, uploaded)
        self.assertIn("1 log read, 1 unchanged", self.run_job(job).errors)
        # Those of the DAG, and no others.
        self.assertEqual(self.read(), [FIRST, LAST])

    def run_job(self, cron_job: dict) -> Result:
        """What the job's pod does."""
        container = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        settings = manifests.one(manifests.written("k8s"), "ConfigMap/corrparse-settings")["data"]
        settings |= {"CORRPARSE_LOG_ROOT": f"s3://{BUCKET}/prod", "CORRPARSE_LOG_FORMAT": "text"}
        settings |= {variable["name"]: variable["value"] for variable in container["env"] if "value" in variable}
        arguments = manifests.expanded(container["args"], settings)
        return self.expect(
            0, *arguments, AWS_ENDPOINT_URL=self.url, CORRPARSE_BUCKET_TIMEOUT="30", DATABASE_URL=self.database.url, **settings
        )

    def read(self) -> list[str]:
        found = self.database.ask("SELECT location FROM corrparse.log ORDER BY location").splitlines()
        return [name.removeprefix(f"s3://{BUCKET}/prod/") for name in found]


if __name__ == "__main__":
    unittest.main(verbosity=1)
