#!/usr/bin/env python3
"""How long prune and reclassify take beside so many records, the longest transaction of each, and the longest wait for a lock.

The processor's time of the program and of its server process is what remains on a machine that does other work as well.

Scripts/with-postgres.sh Benchmarks/upkeep.py [--verdicts 1000000] [--corrparse .build/release/corrparse]
Scripts/with-postgres.sh Benchmarks/upkeep.py --upgrade-from PROGRAM [--verdicts 1000000] [--corrparse .build/release/corrparse]
  How long migrate up takes from an older program's schema, and how long a reader waits for it.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import pathlib
import resource
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
    max(extract(epoch FROM clock_timestamp() - state_change)) FILTER (WHERE wait_event_type = 'Lock'), string_agg(pid::text, ' ')
  FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

# The parts of a row, for each table, by the columns that they are made of; what is left is PostgreSQL's own.
PARTS = {
    "record": {
        "place and times": "source_id block line byte_offset grammar_version block_end observed_at observed_from updated_at",
        "attempt": "dag_id run_id task_id map_index try_number",
        "texts": "crypto logged_group timeframe strategy_id model_version horizon phase fold",
        "numbers": "sl tp n_folds n_trades f1_buy baseline_f1_buy precision_buy recall_buy buy_rate action_rate std_f1_buy "
        "screening_f1_buy last_fold_f1_buy theta sortino tp_pct sl_pct timeout_pct",
        "gates and extras": "gates extras",
    },
    "verdict": {
        "key and time": "source_id block taxonomy_version updated_at",
        "codes": "primary_code findings certainty severity ml execution infra delta_points",
        "not_evaluated": "not_evaluated",
        "explanation": "explanation",
    },
}


def parts(owner: libpq.Connection, table: str) -> str:
    """How many bytes each part of a row takes, by a sample."""
    sizes = ", ".join(
        "avg(" + " + ".join(f"coalesce(pg_column_size({column}), 0)" for column in columns.split()) + ")::bigint"
        for columns in PARTS[table].values()
    )
    query = f"SELECT avg(pg_column_size(t.*))::bigint, {sizes} FROM corrparse.{table} AS t TABLESAMPLE SYSTEM (2) REPEATABLE (1)"
    whole, *each = owner.run(query).rows[0]
    named = ", ".join(f"{name} {size}" for name, size in zip(PARTS[table], each, strict=True))
    return f"a row of {table} has {whole} bytes: {named}"


class Watch(threading.Thread):
    """Looks five times a second at what the server is doing."""

    def __init__(self, database: str):
        super().__init__(daemon=True)
        self.database, self.longest, self.waited, self.ended = database, 0.0, 0.0, threading.Event()
        self.busy: dict[str, float] = {}

    def run(self) -> None:
        with libpq.Connection(self.database) as connection:
            while not self.ended.wait(0.2):
                age, waited, processes = connection.run(ACTIVITY).rows[0]
                self.longest, self.waited = max(self.longest, float(age or 0)), max(self.waited, float(waited or 0))
                for process in (processes or "").split():
                    with contextlib.suppress(OSError):
                        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                        self.busy[process] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Reader(threading.Thread):
    """Reads the contract ten times a second, and notes the longest time that it took."""

    def __init__(self, database: str):
        super().__init__(daemon=True)
        self.database, self.longest, self.ended = database, 0.0, threading.Event()

    def run(self) -> None:
        with libpq.Connection(self.database) as connection:
            while not self.ended.wait(0.1):
                start = time.monotonic()
                connection.run("SELECT FROM diagnostics.verdict_v1 WHERE crypto = 'BTCUSDC' LIMIT 1")
                self.longest = max(self.longest, time.monotonic() - start)


def upgraded(program: str, database: str) -> None:
    """The migrations that an older program's database lacks, beside a reader."""
    reader = Reader(database)
    reader.start()
    done = measured(program, database, "migrate", "up")
    reader.ended.set()
    reader.join()
    print(f"a reader waited for {reader.longest:.1f} s at most")
    print(done.stderr, end="")


def measured(program: str, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    watch = Watch(database)
    watch.start()
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [program, *arguments], check=True, capture_output=True, text=True, env=os.environ | {"DATABASE_URL": database}
    )
    seconds = time.monotonic() - start
    watch.ended.set()
    watch.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    last = (done.stdout + done.stderr).strip().splitlines()[-1]
    print(
        f"{' '.join(arguments)}: {seconds:.0f} s, of which the program worked {busy:.0f} s "
        f"and the server {sum(watch.busy.values()):.0f} s; "
        f"longest transaction {watch.longest:.1f} s; longest wait {watch.waited:.1f} s; {last}"
    )
    sys.stdout.flush()
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verdicts", type=int, default=1_000_000)
    parser.add_argument("--corrparse", default=str(ROOT / ".build/release/corrparse"))
    parser.add_argument("--upgrade-from", metavar="PROGRAM")
    options = parser.parse_args()
    first = options.upgrade_from or options.corrparse
    database, _ = seeded.make(os.environ["CORRPARSE_TEST_DATABASE"], first, "upkeep")
    start = time.monotonic()
    ending = datetime.datetime.now(datetime.timezone.utc)
    seeded.fill(database, first, options.verdicts, ending, awkward=False, rough=True)
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
    if options.upgrade_from:
        upgraded(options.corrparse, database)
        return
    measured(options.corrparse, database, "reclassify")
    with libpq.Connection(database) as owner:
        for table in PARTS:
            print(parts(owner, table))
    for arguments in (["reclassify"], ["prune", "--before", "180d"], ["prune", "--before", "180d", "--yes"]):
        measured(options.corrparse, database, *arguments)


if __name__ == "__main__":
    main()
