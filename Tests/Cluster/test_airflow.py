#!/usr/bin/env python3
"""airflow/corrparse_backfill.py in real Airflow: `airflow dags test` with its shards as processes fills a database as one
process does. `make long WHAT=airflow` runs it; it is no part of `make test`, as installing Airflow takes minutes.

  Scripts/with-postgres.sh python3 Tests/Cluster/test_airflow.py 3        # or 2: Tests/Cluster/airflow3.txt, airflow2.txt

CORRPARSE names the program, by default the debug build.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Faults"))

import compare
import trees
from airflow_programs import installed, version
from postgres import Server, environment

PROGRAM = Path(os.environ.get("CORRPARSE", ROOT / ".build" / "debug" / "corrparse")).resolve()
SHARDS = 3
# Logs with these in their name are damaged, and a shard with one of them ends with 65.
DAMAGED = ("spoilt", "broken", "damaged", "failed")


def main() -> int:
    major = sys.argv[1]
    programs = installed(major)
    server = Server()
    with tempfile.TemporaryDirectory(prefix="corrparse-airflow.", dir="/tmp") as name:
        folder = Path(name)
        _, tree = trees.mixed(1, many=0, samples_of=4)
        trees.write(folder / "logs", {log: content for log, content in tree.items() if not any(kind in log for kind in DAMAGED)})

        def run(command: list[str], database: str) -> str:
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                env=environment(
                    PATH=f"{programs}:{os.environ['PATH']}",
                    AIRFLOW_HOME=str(folder / "home"),
                    AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "airflow"),
                    AIRFLOW__CORE__LOAD_EXAMPLES="False",
                    CORRPARSE_RUNNER="process",
                    CORRPARSE_PROGRAM=str(PROGRAM),
                    CORRPARSE_LOG_ROOT=str(folder / "logs"),
                    DATABASE_URL=database,
                ),
            )
            if done.returncode != 0:
                raise SystemExit(f"{' '.join(command)} ends with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}")
            return done.stdout + done.stderr

        dumps = []
        for command in (
            [str(PROGRAM), "backfill", "--since", "2020-01-01"],
            ["airflow", "dags", "test", "corrparse_backfill", "--conf", json.dumps({"shards": SHARDS, "since": "2020-01-01"})],
        ):
            with server.create() as database:
                run([str(PROGRAM), "migrate", "up"], database.connection)
                if command[0] == "airflow":
                    run(["airflow", "db", "migrate"], database.connection)
                begin = time.monotonic()
                said = run(command, database.connection)
                seconds = time.monotonic() - begin
                dumps.append(compare.snapshot(database.ask, compare.relations_of(database.ask)))
        server.forget()
        problems = compare.differences(*dumps)
        # Each shard's summary is in the log of its task.
        if said.count(" unchanged, ") != SHARDS:
            problems.append(f"{said.count(' unchanged, ')} shards ran, not {SHARDS}")
        if not dumps[0].relations["corrparse.record"]:
            problems.append("nothing to compare")
    print(
        "\n".join(problems)
        or f"airflow: {version(programs)}, {SHARDS} mapped shards as processes in {seconds:.0f} s; "
        f"{len(dumps[0].relations['corrparse.record'])} records, the database that of one process"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
