#!/usr/bin/env python3
"""How long a bucket of 100,000 keys is listed where every page comes late: in one folder, which cannot be split, and in eight.

  Scripts/with-postgres.sh Benchmarks/listing.py

Wall time and resident memory of `backfill --dry-run`, medians of alternating runs. None of the keys is in the window, so nothing
is asked but pages and, once, the ledger.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Tests" / "ObjectStore")]
from store import Request, Store

KEYS, PAGE, LATE = 100_000, 1000, 0.05


class Listing:
    """The pages of a bucket with as many keys in each of its folders."""

    def __init__(self, folders: int):
        self.folders, self.each = folders, KEYS // folders
        self.known: dict[tuple[int, int], str] = {}

    def entries(self, first: int, last: int) -> str:
        if (first, last) not in self.known:
            self.known[first, last] = "".join(
                f"<Contents><Key>prod/dag_id=d{n // self.each}/run_id=r{n:06}/task_id=t/attempt=1.log</Key>"
                f'<LastModified>2016-03-28T02:00:00Z</LastModified><ETag>"{n:032}"</ETag><Size>1</Size></Contents>'
                for n in range(first, last)
            )
        return self.known[first, last]

    def page(self, request: Request) -> bytes:
        time.sleep(LATE)
        query = request.query
        if "delimiter" in query:
            names = "".join(f"<CommonPrefixes><Prefix>prod/dag_id=d{n}/</Prefix></CommonPrefixes>" for n in range(self.folders))
            return f"<ListBucketResult>{names}</ListBucketResult>".encode()
        folder = query["prefix"].partition("dag_id=d")[2].removesuffix("/")
        first, end = (int(folder) * self.each, (int(folder) + 1) * self.each) if folder else (0, self.folders * self.each)
        if "start-after" in query:
            first = int(query["start-after"].partition("run_id=r")[2][:6]) + 1
        first = int(query.get("continuation-token", first))
        last = min(end, first + min(PAGE, int(query.get("max-keys", PAGE))))
        more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>" if last < end else ""
        return f"<ListBucketResult>{more}{self.entries(first, last)}</ListBucketResult>".encode()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corrparse", default=str(ROOT / ".build/release/corrparse"))
    options.add_argument("--runs", type=int, default=5)
    chosen = options.parse_args()
    database = os.environ["CORRPARSE_TEST_DATABASE"]
    subprocess.run(
        [chosen.corrparse, "migrate", "up", "--database", database],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stores, found = {}, {}
    for folders in (1, 8):
        stores[folders], found[folders] = Store(), []
        stores[folders].pages = Listing(folders).page
    for _ in range(chosen.runs):
        for folders, store in stores.items():
            store.requests.clear()
            environment = os.environ | {
                "AWS_ACCESS_KEY_ID": "a",
                "AWS_SECRET_ACCESS_KEY": "b",
                "AWS_REGION": "r",
                "AWS_ENDPOINT_URL": store.url,
            }
            start = time.monotonic()
            process = subprocess.Popen(
                [
                    chosen.corrparse,
                    "backfill",
                    "--since",
                    "2020-01-01",
                    "--log-root",
                    "s3://logs/prod",
                    "--dry-run",
                    "--database",
                    database,
                ],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
            if status:
                sys.exit(f"backfill over {folders} folders ended with {status}")
            found[folders].append((time.monotonic() - start, usage.ru_maxrss / 1024, len(store.requests)))
    heads = f"{'folders':>8}{'wall s':>9}{'MiB resident':>14}{'requests':>10}"
    print(f"{KEYS} keys, every page of {PAGE} {LATE * 1000:.0f} ms late; {heads}")
    for folders, rows in found.items():
        wall, resident, requests = zip(*rows, strict=True)
        print(f"{'':42}{folders:8}{statistics.median(wall):9.2f}{max(resident):14.1f}{max(requests):10}")
    for store in stores.values():
        store.close()


if __name__ == "__main__":
    main()
