#!/usr/bin/env python3
"""A backfill that is shared: for N = 1 to 8 as real processes, some of them killed and started again, the database equals that
of one process; and the shards are disjoint, complete, and the same for every order of listing.

  Scripts/with-postgres.sh python3 Tests/Cluster/test_shards.py [--seed N] [--repeat N] [--size N]

The command line is that of k8s-components/backfill with the index and the count that Kubernetes would give. CORRPARSE names
the program, by default the debug build.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Faults"))

import checks
import compare
import manifests
import trees
from postgres import Server, environment

PROGRAM = Path(os.environ.get("CORRPARSE", ROOT / ".build" / "debug" / "corrparse")).resolve()
COUNTS = range(1, 9)
OPTIONS = argparse.Namespace(seed=1, repeat=1, size=1)
TALLY: Counter[str] = Counter()


def arguments(index: int, count: int) -> list[str]:
    job = dict(checks.job_specs(manifests.as_written()))["Job/corrparse-backfill"]
    return manifests.expanded(
        job["template"]["spec"]["containers"][0]["args"],
        {"JOB_COMPLETION_INDEX": str(index), "SHARDS": str(count), "CORRPARSE_BACKFILL_SINCE": "2020-01-01"},
    )


def start(arguments: list[str], root: Path, database: str) -> subprocess.Popen:
    return subprocess.Popen(
        [str(PROGRAM), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(CORRPARSE_LOG_ROOT=str(root), DATABASE_URL=database, CORRPARSE_JOBS="2"),
    )


@dataclass
class Shard:
    """A shard's process, and the instants of its life at which it is killed."""

    index: int
    lives: list[tuple[float, int]] = field(default_factory=list)
    process: subprocess.Popen | None = None
    ends_at: float = 0
    signal: int = 0

    def begin(self, count: int, root: Path, database: str) -> None:
        self.process = start(arguments(self.index, count), root, database)
        after, self.signal = self.lives.pop() if self.lives else (3600, 0)
        self.ends_at = time.monotonic() + after


class Shards(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="corrparse-shards.", dir="/tmp"))
        cls.root = cls.folder / "logs"
        _, cls.tree = trees.mixed(OPTIONS.seed, logs_of_each=OPTIONS.size, many=40 * OPTIONS.size, samples_of=4)
        trees.write(cls.root, cls.tree)
        cls.server = Server()
        with cls.server.create(name="empty") as database:
            cls.run_to_end(["migrate", "up"], database.connection, {0})
            cls.relations = compare.relations_of(database.ask)
            database.forget()
            with cls.server.create("empty", name="one") as one:
                begin = time.monotonic()
                cls.run_to_end(["backfill", "--since", "2020-01-01"], one.connection, {65})
                cls.seconds = time.monotonic() - begin
                cls.reference = compare.snapshot(one.ask, cls.relations)
            cls.server.create("empty", name="migrated")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.forget()
        shutil.rmtree(cls.folder)

    @classmethod
    def run_to_end(cls, command: list[str], database: str, expected: set[int], root: Path | None = None) -> str:
        process = start(command, root or cls.root, database)
        output, errors = process.communicate()
        if process.returncode not in expected:
            raise AssertionError(f"{' '.join(command)} ends with {process.returncode}: {errors}")
        return output

    def listed(self, count: int, root: Path) -> list[set[str]]:
        """The logs of each shard, by their path below the root."""
        outputs = [
            self.run_to_end([*arguments(index, count), "--dry-run"], self.server.connection("migrated"), {0}, root)
            for index in range(count)
        ]
        return [{line.split("\t")[1].removeprefix(f"{root}/") for line in output.splitlines()} for output in outputs]

    def test_shards_are_disjoint_and_complete_in_any_order_of_listing(self) -> None:
        other = self.folder / "reversed"
        trees.write(other, dict(reversed(self.tree.items())))
        for count in (3, 8):
            shards = self.listed(count, self.root)
            self.assertEqual(sum(map(len, shards)), len(self.tree))
            self.assertEqual(set().union(*shards), set(self.tree))
            self.assertEqual(shards, self.listed(count, other))
            # Both logs of an attempt are in one part: no two processes wait for each other's source.
            self.assertEqual(
                [name for name in trees.second_locations(self.tree) if not any({name, name[:-3]} <= shard for shard in shards)],
                [],
            )

    def test_the_database_is_that_of_one_process(self) -> None:
        for repetition in range(OPTIONS.repeat):
            for count in COUNTS:
                chance = random.Random(f"{OPTIONS.seed} {repetition} {count}")
                with self.subTest(shards=count, seed=OPTIONS.seed, repetition=repetition):
                    self.share(count, chance)

    def share(self, count: int, chance: random.Random) -> None:
        """Every shard at a time; some are killed once or twice at a random instant, and started again as Kubernetes does."""
        shards = [
            Shard(
                index,
                [
                    (chance.uniform(0.05, self.seconds), chance.choice([signal.SIGKILL, signal.SIGTERM]))
                    for _ in range(chance.choice([0, 1, 1, 2]))
                ],
            )
            for index in range(count)
        ]
        with self.server.create("migrated") as database:
            for shard in shards:
                shard.begin(count, self.root, database.connection)
            running = list(shards)
            while running:
                time.sleep(0.005)
                for shard in list(running):
                    if shard.process.poll() is None:
                        if shard.signal and time.monotonic() >= shard.ends_at:
                            shard.process.send_signal(shard.signal)
                            shard.signal = 0
                        continue
                    _, errors = shard.process.communicate()
                    status = shard.process.returncode
                    if status in (-signal.SIGKILL, 143, -signal.SIGTERM):
                        TALLY["killed" if status == -signal.SIGKILL else "stopped"] += 1
                        shard.begin(count, self.root, database.connection)
                        continue
                    self.assertIn(status, (0, 65), errors)
                    running.remove(shard)
            TALLY["processes"] += count
            self.assertEqual(compare.differences(self.reference, compare.snapshot(database.ask, self.relations)), [])
            self.assertEqual(compare.broken_invariants(database.ask), [])
            deadlocks = database.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            self.assertEqual(deadlocks, ["0"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=OPTIONS.seed)
    parser.add_argument("--repeat", type=int, default=OPTIONS.repeat)
    parser.add_argument("--size", type=int, default=OPTIONS.size, help="how many times the logs of make test")
    parser.parse_args(namespace=OPTIONS)
    begin = time.monotonic()
    done = unittest.main(argv=sys.argv[:1], exit=False).result
    print(
        f"shards: {TALLY['processes']} shards of N = 1 to 8 at work at a time, {TALLY['killed']} times killed and "
        f"{TALLY['stopped']} times stopped by "
        f"SIGTERM and started again; {len(done.failures) + len(done.errors)} with differences; {time.monotonic() - begin:.0f} s"
    )
    sys.exit(not done.wasSuccessful())


if __name__ == "__main__":
    main()
