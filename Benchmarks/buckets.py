#!/usr/bin/env python3
"""How fast logs come out of a bucket, beside the same logs on disk: CPU of corrparse and wall time, medians of alternating runs.

The store is Tests/ObjectStore/store.py on the same machine: its own CPU is not counted, but it takes one core, so the wall times
say how fast this server is rather than how fast corrparse is.
"""

import argparse
import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Tests" / "ObjectStore"), str(ROOT / "Tests" / "Faults")]
import trees
from store import Store, Thing


def run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    start = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit(f"{' '.join(command)}: ended with {status}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corrparse", default=str(ROOT / ".build/release/corrparse"))
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--jobs", default="1")
    chosen = options.parse_args()
    cases = {
        "500 logs of 50 kB": (500, 500, False),
        "40 logs of 2 MB": (40, 20_000, False),
        "40 logs of 2 MB, gzip": (40, 20_000, True),
    }
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "r",
        "CORRPARSE_JOBS": chosen.jobs,
    }
    print(f"{'':24}{'disk CPU s':>12}{'bucket CPU s':>14}{'ratio':>8}{'disk wall s':>13}{'bucket wall s':>15}{'bucket MB/s':>13}")
    for name, (count, padding, packed) in cases.items():
        content = trees.text(name, 5, padding=padding)
        stored = gzip.compress(content, 6, mtime=0) if packed else content
        tree = {trees.path(f"{n:05}"): stored for n in range(count)}
        store = Store({key: Thing(body) for key, body in tree.items()})
        with tempfile.TemporaryDirectory() as folder:
            for key, body in tree.items():
                (Path(folder) / key).parent.mkdir(parents=True)
                (Path(folder) / key).write_bytes(body)
            disk, bucket = [], []
            for _ in range(chosen.runs):
                disk.append(run([chosen.corrparse, "parse", folder], environment))
                bucket.append(run([chosen.corrparse, "parse", "s3://logs/"], environment | {"AWS_ENDPOINT_URL": store.url}))
        store.close()
        (disk_cpu, disk_wall), (bucket_cpu, bucket_wall) = (
            [statistics.median(column) for column in zip(*rows, strict=True)] for rows in (disk, bucket)
        )
        print(
            f"{name:24}{disk_cpu:12.3f}{bucket_cpu:14.3f}{bucket_cpu / disk_cpu:8.2f}{disk_wall:13.3f}{bucket_wall:15.3f}"
            f"{count * len(content) / 1e6 / bucket_wall:13.0f}"
        )


if __name__ == "__main__":
    main()
