#!/usr/bin/env python3
"""Whether time and memory stay bounded for any log (docs/specification, 6-bars, Bars): at most five times the instructions
for four times the input, and no more than 64 MiB.

bounds.py --corrparse PROGRAM [--long] [--only TITLE]…

Instructions are counted by callgrind, so that a busy machine changes nothing. Those of an empty log, the program's start, are
left out. Exit status 1 where a bound is broken. With --long the logs are larger: some gigabytes, one after the other.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import inputs

MOST_MEMORY = 64 << 20
MOST_GROWTH = 5.0
# Callgrind takes some fifty times as long as the program alone.
PATIENCE = 1200


class Measurement:
    """One kind of log at n and 4 n."""

    def __init__(self, program: Path, stripped: Path, folder: Path, kind: inputs.Input, is_long: bool):
        self.program, self.stripped, self.folder, self.kind = program, stripped, folder, kind
        self.n = kind.large if is_long else max(1, kind.large // 100)
        # Callgrind is too slow for the large logs.
        self.counted = kind.small * (4 if is_long else 1) if is_long or kind.is_counted else None

    def log(self, n: int) -> Path:
        log = self.folder / f"{self.kind.title.replace(' ', '-')}.{n}.log"
        # A process of its own: what a child has at its start counts as its memory, and large logs make a large process.
        with log.open("wb") as file:
            subprocess.run([sys.executable, inputs.__file__, self.kind.title, str(n)], check=True, stdout=file)
        return log

    def memory(self) -> int:
        """The most bytes that a `parse` of the larger log has resident."""
        log = self.log(4 * self.n)
        try:
            with subprocess.Popen(command(self.program, log), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
                _, status, usage = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
        finally:
            log.unlink()
        if child.returncode != 0:
            raise SystemExit(f"{self.kind.title}: parse ended with {child.returncode}")
        return usage.ru_maxrss * 1024

    def growth(self, start: int) -> float | None:
        """How many times the instructions the larger log takes; None where they are not counted."""
        if self.counted is None:
            return None
        counts = []
        for n in (self.counted, 4 * self.counted):
            log = self.log(n)
            try:
                counts.append(instructions(self.stripped, log) - start)
            finally:
                log.unlink()
        return counts[1] / counts[0]


class Files:
    """n and 4 n empty logs, in one folder or as arguments."""

    def __init__(self, title: str, n: int, *, are_arguments: bool):
        self.title, self.n, self.are_arguments = title, n, are_arguments

    def growth(self, stripped: Path, folder: Path, start: int) -> float:
        """How many times the instructions four times as many files take."""
        counts = []
        for n in (self.n, 4 * self.n):
            logs = folder / f"{self.title.replace(' ', '-')}.{n}"
            logs.mkdir()
            paths = [logs / f"{number}.log" for number in range(n)]
            for path in paths:
                path.touch()
            counts.append(instructions(stripped, *(paths if self.are_arguments else [logs])) - start)
        return counts[1] / counts[0]


def command(program: Path, *logs: Path) -> list[str]:
    return [str(program), "parse", "--jobs", "1", "--format", "ndjson", *map(str, logs)]


def instructions(program: Path, *logs: Path) -> int:
    """The instructions of one `parse`."""
    with tempfile.NamedTemporaryFile() as profile:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile.name}", *command(program, *logs)],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
        )
    found = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit(f"valgrind: {done.stderr}")
    return int(found[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corrparse", type=Path, required=True)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", action="append", metavar="TITLE")
    options = parser.parse_args()
    kinds = [kind for kind in inputs.INPUTS if not options.only or kind.title in options.only]
    # The parser of arguments is not optimised in a debug build.
    files = [
        Files("files in a folder", 5_000 if options.long else 200, are_arguments=False),
        Files("paths as arguments", 2_500 if options.long else 25, are_arguments=True),
    ]
    files = [some for some in files if not options.only or some.title in options.only]
    if not kinds and not files:
        raise SystemExit("there is no such input")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Valgrind gives up on the debug information that Swift writes.
        stripped = folder / "corrparse"
        subprocess.run(["strip", "--strip-debug", "-o", stripped, options.corrparse], check=True)
        empty = folder / "empty.log"
        empty.touch()
        start = instructions(stripped, empty)
        all_of_them = [Measurement(options.corrparse, stripped, folder, kind, options.long) for kind in kinds]
        # One after the other, so that no more than one large log lies on the disk.
        memory = [one.memory() for one in all_of_them]
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            growth = list(threads.map(lambda one: one.growth(start), all_of_them))
            growth_of_files = list(threads.map(lambda some: some.growth(stripped, folder, start), files))
    print("\n### Bounds\n\n| log | n | MiB at 4 n | n | instructions at 4 n / n | |\n|---|---|---|---|---|---|")
    broken = 0
    for one, most, times in zip(all_of_them, memory, growth, strict=True):
        words = [*(["MEMORY"] if most > MOST_MEMORY else []), *(["TIME"] if times and times > MOST_GROWTH else [])]
        broken += len(words)
        counted = f"{one.counted:,} | {times:.2f}" if times else " | "
        print(f"| {one.kind.title} | {one.n:,} | {most / (1 << 20):.1f} | {counted} | {' '.join(words)} |")
    for some, times in zip(files, growth_of_files, strict=True):
        broken += times > MOST_GROWTH
        print(f"| {some.title} | | | {some.n:,} | {times:.2f} | {'TIME' if times > MOST_GROWTH else ''} |")
    count = len(all_of_them) + len(files)
    print(f"\n{count} kinds of log, {broken} bounds broken; the program's start takes {start:,} instructions")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
