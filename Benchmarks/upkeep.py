#!/usr/bin/env python3
"""How long prune and reclassify take beside so many records, the longest transaction of each, and the longest wait for a lock.

Scripts/with-postgres.sh Benchmarks/upkeep.py [--verdicts 1000000] [--corrparse .build/release/corrparse]
"""

from __future__ import annotations

import argparse
import datetime
import os
import pathlib
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("Tests/Grafana", "Scripts", "grafana")]

import libpq
import seeded

ACTIVITY = """
  SELECT max(extract(epoch FROM clock_timestamp() - xact_start)),
    max(extract(epoch FROM clock_timestamp() - state_change)) FILTER (WHERE wait_event_type = 'Lock')
  FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


class Watch(threading.Thread):
    """Looks five times a second at what the server is doing."""

    def __init__(self, database: str):
        super().__init__(daemon=True)
        self.database, self.longest, self.waited, self.ended = database, 0.0, 0.0, threading.Event()

    def run(self) -> None:
        with libpq.Connection(self.database) as connection:
            while not self.ended.wait(0.2):
                age, waited = connection.run(ACTIVITY).rows[0]
                self.longest, self.waited = max(self.longest, float(age or 0)), max(self.waited, float(waited or 0))


def measured(program: str, database: str, *arguments: str) -> None:
    watch = Watch(database)
    watch.start()
    start = time.monotonic()
    done = subprocess.run(
        [program, *arguments], check=True, capture_output=True, text=True, env=os.environ | {"DATABASE_URL": database}
    )
    seconds = time.monotonic() - start
    watch.ended.set()
    watch.join()
    last = (done.stdout + done.stderr).strip().splitlines()[-1]
    print(
        f"{' '.join(arguments)}: {seconds:.0f} s; longest transaction {watch.longest:.1f} s; "
        f"longest wait {watch.waited:.1f} s; {last}"
    )
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verdicts", type=int, default=1_000_000)
    parser.add_argument("--corrparse", default=str(ROOT / ".build/release/corrparse"))
    options = parser.parse_args()
    database, _ = seeded.make(os.environ["CORRPARSE_TEST_DATABASE"], options.corrparse, "upkeep")
    start = time.monotonic()
    ending = datetime.datetime.now(datetime.timezone.utc)
    seeded.fill(database, options.corrparse, options.verdicts, ending, awkward=False, rough=True)
    with libpq.Connection(database) as owner:
        owner.run("ANALYZE")
        for name, total, table, indexes in owner.run("""
          SELECT relname, pg_size_pretty(pg_total_relation_size(oid)), pg_size_pretty(pg_table_size(oid)),
            pg_size_pretty(pg_indexes_size(oid))
          FROM pg_class WHERE relnamespace = 'corrparse'::regnamespace AND relkind = 'r'
          ORDER BY pg_total_relation_size(oid) DESC LIMIT 6""").rows:
            print(f"{name}: {total}, of which rows {table} and indexes {indexes}")
    print(f"{options.verdicts:,} verdicts stored in {time.monotonic() - start:.0f} s")
    sys.stdout.flush()
    for arguments in (["reclassify"], ["reclassify"], ["prune", "--before", "180d"], ["prune", "--before", "180d", "--yes"]):
        measured(options.corrparse, database, *arguments)


if __name__ == "__main__":
    main()
