#!/usr/bin/env python3
"""Breaks corrparse's work on the database in every way that it can break, and compares what is stored afterwards.

`faults.py [KIND…] --corrparse PATH [--seed N] [--rounds N] [--every-cut] [--share I/N] [--only N] [--parallel N]`

Kinds: kills, terminate, concurrent, pooled, restart, diskfull, serverfull, cuts; without names all of them. Each starts a
PostgreSQL of its own by Scripts/with-postgres.sh. --rounds multiplies the rounds of `make test`; --share runs the I-th of N
equal parts of the cuts, I from 1, so that all of them can be run in several goes or on several machines; --only runs the one
with this number. Ends with a line per kind; exit 1 on any difference. A kind that cannot be run here, because no file system can
be mounted, says so in its line: NOT RUN.
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
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import rounds
import trees
from postgres import REPOSITORY, Pooler, Server
from runner import Runner, say
from stage import Stage, Tally

# How many rounds of each kind `make test` has time for; kills and cuts are what issue 4 asks for.
COUNTS = {"kills": 100, "cuts": 600, "terminate": 24, "concurrent": 4, "pooled": 4, "restart": 4, "diskfull": 4, "serverfull": 4}
# The kinds that share a server, and what it needs: the options of with-postgres.sh, a small disk.
GROUPS = [("kills", "terminate", "concurrent", "pooled"), ("cuts",), ("restart",), ("diskfull",), ("serverfull",)]
# Those in which the program mostly waits, for the server or for a new connection, run beside the others.
WAITING = {"cuts", "restart", "diskfull", "serverfull"}
SMALL_SERVER_MEGABYTES = 96
SMALL_TABLESPACE_MEGABYTES = 32


def inside(options: argparse.Namespace) -> int:
    """The kinds of one group, beside the server that the caller has started."""
    with tempfile.TemporaryDirectory(prefix="corrparse-faults.", dir="/tmp") as folder:
        server = Server()
        kinds = Kinds(options, server, Path(folder))
        tallies = [getattr(kinds, kind)(Runner(options, kind)) for kind in options.kinds]
        server.forget()
    with options.summary.open("a") as summary:
        summary.writelines(f"{tally.line()}\n" for tally in tallies)
    return 1 if any(tally.different for tally in tallies) else 0


class Kinds:
    """How the rounds of each kind are set up."""

    def __init__(self, options: argparse.Namespace, server: Server, folder: Path):
        self.options, self.server, self.folder = options, server, folder
        self.stages: dict[str, Stage] = {}

    def count(self, kind: str) -> int:
        return max(1, round(COUNTS[kind] * self.options.rounds))

    def stage(self, size: str) -> Stage:
        if size not in self.stages:
            seed = self.options.seed
            old, new = {
                "small": trees.small,
                "medium": lambda: trees.mixed(seed, many=0, samples_of=2),
                "large": lambda: trees.mixed(seed, logs_of_each=2),
            }[size]()
            self.stages[size] = Stage(
                self.server, self.options.corrparse, self.folder, size, old, new, only_from_old=size != "medium"
            )
        return self.stages[size]

    def kills(self, runner: Runner) -> Tally:
        medium, large, count = self.stage("medium"), self.stage("large"), self.count("kills")
        return runner.run(
            count,
            lambda chance, number: rounds.kill(large if number % 20 == 19 else medium, chance),
            self.options.parallel,
            faults=count,
        )

    def terminate(self, runner: Runner) -> Tally:
        stage, count = self.stage("medium"), self.count("terminate")
        return runner.run(count, lambda chance, _: rounds.terminate(stage, chance), self.options.parallel, faults=count // 2)

    def cuts(self, runner: Runner) -> Tally:
        cuts = rounds.Cuts(self.stage("small"))
        plan = cuts.plan(self.options.seed, None if self.options.every_cut else self.count("cuts"))
        whole = cuts.whole
        say(
            f"faults: cuts: the session has {whole.bytes[0]} bytes to the server and {whole.bytes[1]} to the client, "
            f"{len(whole.commits)} COMMITs, {whole.connections} connections"
        )
        if self.options.only is not None and self.options.only >= len(plan):
            raise SystemExit(f"there are {len(plan)} cuts")
        return runner.run(len(plan), lambda _, number: cuts.round(plan[number]), self.options.parallel, share=self.options.share)

    def concurrent(self, runner: Runner, pooler: Pooler | None = None) -> Tally:
        stage, variants = self.stage("medium"), [(2, True), (2, False), (4, False), (8, False)]
        return runner.run(
            self.count(runner.tally.kind),
            lambda chance, number: rounds.concurrent(stage, chance, pooler, *variants[number % len(variants)]),
            parallel=1,
        )

    def pooled(self, runner: Runner) -> Tally:
        pooler = Pooler(self.server)
        try:
            return self.concurrent(runner, pooler)
        finally:
            pooler.close()

    def restart(self, runner: Runner) -> Tally:
        stage, count = self.stage("medium"), self.count("restart")
        return runner.run(count, lambda chance, _: rounds.restart(stage, chance), parallel=1, faults=count)

    def diskfull(self, runner: Runner) -> Tally:
        disk = Path(self.options.disk)
        data = disk / "data"
        data.mkdir()
        if os.getuid() == 0:
            shutil.chown(data, "postgres")
        self.server.ask(f"CREATE TABLESPACE small LOCATION '{data}'")
        return self.full(runner, disk, "small")

    def serverfull(self, runner: Runner) -> Tally:
        return self.full(runner, Path(self.options.disk), None)

    def full(self, runner: Runner, disk: Path, tablespace: str | None) -> Tally:
        full = rounds.FullDisk(self.stage("medium"), disk, tablespace)
        count = self.count(runner.tally.kind)
        return runner.run(count, lambda chance, number: full.round(chance, number % 2 == 0), parallel=1, faults=count)


def outside(options: argparse.Namespace, arguments: list[str]) -> int:
    """Each group beside a server of its own, which is gone afterwards however this ends."""
    with tempfile.TemporaryDirectory(prefix="corrparse-faults.", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        summary = Path(folder) / "summary"
        summary.touch()
        say(f"faults: seed {options.seed}")
        groups = [[kind for kind in group if kind in options.kinds] for group in GROUPS]
        lanes = [[group for group in groups if group and (group[0] in WAITING) == waiting] for waiting in (False, True)]

        def run_lane(lane: list[list[str]]) -> list[bool]:
            return [run_group(options, arguments, group, Path(folder) / group[0], summary) for group in lane]

        # Every group runs, whatever came of the one before it.
        with ThreadPoolExecutor(len(lanes)) as pool:
            succeeded = [done for lane in pool.map(run_lane, lanes) for done in lane]
        say(summary.read_text().rstrip())
    return 0 if all(succeeded) else 1


def run_group(options: argparse.Namespace, arguments: list[str], kinds: list[str], disk: Path, summary: Path) -> bool:
    if ending.is_set():
        return False
    disk.mkdir()
    command, more = [str(REPOSITORY / "Scripts" / "with-postgres.sh")], {}
    size = {"diskfull": SMALL_TABLESPACE_MEGABYTES, "serverfull": SMALL_SERVER_MEGABYTES}.get(kinds[0])
    if size:
        reason = cannot_mount(disk)
        if reason:
            with summary.open("a") as file:
                file.write(f"faults: {kinds[0]:<11} NOT RUN: no file system can be mounted here ({reason})\n")
            return True
        # In a name space of its own: the mount is gone with its last process.
        command = [
            "unshare",
            "--mount",
            "sh",
            "-c",
            f'mount -t tmpfs -o size={size}m,mode=0755 tmpfs "$0" && exec "$@"',
            str(disk),
            *command,
        ]
    if kinds[0] == "restart":
        more["CORRPARSE_TEST_POSTGRES_OPTIONS"] = ""
    if kinds[0] == "serverfull":
        more["CORRPARSE_TEST_FOLDER"] = str(disk)
        # Small segments, so that the log as well runs out of space.
        more["CORRPARSE_TEST_INITDB_OPTIONS"] = "--wal-segsize=1"
        more["CORRPARSE_TEST_POSTGRES_OPTIONS"] = "-c fsync=off -c min_wal_size=2MB -c max_wal_size=4MB"
    process = subprocess.Popen(
        [
            *command,
            sys.executable,
            __file__,
            *arguments,
            *kinds,
            "--seed",
            str(options.seed),
            "--inside",
            "--summary",
            str(summary),
            "--disk",
            str(disk),
        ],
        env=os.environ | more,
    )
    running.append(process)
    process.wait()
    if process.returncode not in (0, 1):
        say(f"faults: {', '.join(kinds)} could not be run to the end (exit status {process.returncode})")
    return process.returncode == 0


running: list[subprocess.Popen] = []
ending = threading.Event()


def end(signal_number: int, _: object) -> None:
    """with-postgres.sh ends its command with itself; folders are removed on the way out."""
    ending.set()
    for process in running:
        if process.poll() is None:
            process.terminate()
    sys.exit(128 + signal_number)


def cannot_mount(folder: Path) -> str:
    done = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", str(folder)],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return done.stderr.strip() or "no reason given" if done.returncode != 0 else ""


def share(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text} is no share: it has the form I/N, with I from 1 to N")
    return int(part), int(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--corrparse", type=Path, default=REPOSITORY / ".build" / "debug" / "corrparse")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--rounds", type=float, default=1)
    parser.add_argument("--every-cut", action="store_true")
    parser.add_argument("--share", type=share, default=(1, 1), metavar="I/N")
    parser.add_argument("--only", type=int)
    parser.add_argument("--parallel", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--summary", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--disk", help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = [kind for kind in options.kinds if kind not in COUNTS]
    if unknown:
        parser.error(f"no kind {unknown[0]}; there are {', '.join(COUNTS)}")
    options.kinds = options.kinds or list(COUNTS)
    options.corrparse = options.corrparse.resolve()
    if not os.access(options.corrparse, os.X_OK):
        parser.error(f"no program {options.corrparse}: build it first, or name it with --corrparse")
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    if options.inside:
        return inside(options)
    arguments = ["--corrparse", str(options.corrparse), "--rounds", str(options.rounds), "--parallel", str(options.parallel)]
    arguments += ["--every-cut"] if options.every_cut else []
    arguments += ["--share", "{}/{}".format(*options.share)]
    arguments += ["--only", str(options.only)] if options.only is not None else []
    return outside(options, arguments)


if __name__ == "__main__":
    sys.exit(main())
