#!/usr/bin/env python3
"""Runs corrparse and the oracle on generated logs and shows where they differ.

`differential.py --corrparse PATH --seed N --count K`: prints the first differences (limit 10), each with the seed and
the number of its log, shrunk to the lines that matter; exit 1 on any. `--log I` looks at one log only.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import generate
import gunzip
import ndjson
import oracle
from comparison import difference, load

BATCH = 100
MAX_TRIES = 400  # runs of corrparse that shrinking one log may cost


class Runner:
    def __init__(self, corrparse: list[str], root: Path, timeout: float):
        self.corrparse, self.root, self.timeout = corrparse, root, timeout

    def run(self, paths: list[str]) -> tuple[dict[str, list[dict]], str | None]:
        """({path: lines}, what went wrong)."""
        out: dict[str, list[dict]] = {path: [] for path in paths}
        try:
            done = subprocess.run(
                [*self.corrparse, "parse", "--format", "ndjson", *paths],
                check=False,
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.timeout,
            )
        except subprocess.TimeoutExpired:
            return out, f"no end within {self.timeout} s"
        wrong = None
        if done.returncode not in (0, 65):
            wrong = f"exit {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-600:]}"
        try:
            text = done.stdout.decode("utf-8")
            for line in text.split("\n"):
                if line:
                    loaded = load(line)
                    if loaded.get("source") not in out:
                        return out, f"unknown source {loaded.get('source')!r}"
                    out[loaded["source"]].append(loaded)
        except (ValueError, TypeError, AttributeError) as error:
            wrong = wrong or f"output is no NDJSON: {error}"
        return out, wrong


def oracle_lines(path: str, data: bytes) -> list[dict]:
    return [load(ndjson.dump(line)) for line in oracle.parse_bytes(path, data)]


def compare_one(runner: Runner, path: str, data: bytes, options) -> list[str]:
    target = runner.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    lines, wrong = runner.run([path])
    out = [f"    {wrong}"] if wrong else []
    return out + difference(oracle_lines(path, data), lines[path], options)


def what(differences: list[str]) -> set[str]:
    """What differs, whichever the block: shrinking must not stray to another difference."""
    return {re.sub(r"^\s*(block \d+ )?", "", line).split(": oracle", 1)[0].split(".not_evaluated", 1)[0] for line in differences}


def shrink(runner: Runner, path: str, data: bytes, options, differences: list[str]) -> bytes:
    """Fewest physical lines that still differ so; of an archive its content, when that differs too."""
    wanted = what(differences[:1])

    def differs(candidate: bytes) -> bool:
        return bool(wanted & what(compare_one(runner, path, candidate, options)))

    if data[:2] == gunzip.MAGIC:
        content = gunzip.read(data).data
        if content[:2] == gunzip.MAGIC or not differs(content):
            return data
        data = content
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    lines = [line for line in lines if line]
    size, tries = max(1, len(lines) // 2), 0
    while tries < MAX_TRIES:
        at, shrunk = 0, False
        while at < len(lines) and tries < MAX_TRIES:
            candidate = lines[:at] + lines[at + size :]
            tries += 1
            if candidate and differs(b"".join(candidate)):
                lines, shrunk = candidate, True
            else:
                at += size
        if not shrunk:
            if size == 1:
                break
            size //= 2
    return b"".join(lines)


def show(data: bytes) -> str:
    if data[:2] == b"\x1f\x8b":
        return f"      (gzip, {len(data)} bytes)"

    def printable(line: str) -> str:
        return line if line.isprintable() else line.encode("unicode_escape").decode()

    lines = data.decode("utf-8", "backslashreplace").split("\n")
    shown = [f"      {n:4} {printable(line[:230])}{' …' if len(line) > 230 else ''}" for n, line in enumerate(lines[:60], 1)]
    return "\n".join(shown)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corrparse", required=True, help="the executable (with arguments, split at blanks)")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--count", type=int, default=500)
    arguments.add_argument("--first", type=int, default=0)
    arguments.add_argument("--log", type=int, help="one log only")
    arguments.add_argument("--ambiguous", action="store_true", help="also inputs of READINGS.md, Known differences")
    arguments.add_argument("--envelopes", type=lambda t: t.split(","), help="as for generate.py")
    arguments.add_argument("--strict", action="store_true", help="line, offset and raw of issues too")
    arguments.add_argument("--order", action="store_true", help="the order of records too")
    arguments.add_argument("--without", action="append", default=[], help="leave out what begins so, e.g. 'verdict.' or 'offset'")
    arguments.add_argument("--ignore-kind", action="append", default=[], help="leave out issues of this kind")
    arguments.add_argument("--limit", type=int, default=10)
    arguments.add_argument("--timeout", type=float, default=120)
    arguments.add_argument("--no-shrink", action="store_true")
    arguments.add_argument("--keep", type=Path, help="write the logs that differ here")
    options = arguments.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    command = options.corrparse.split()
    command[0] = str(Path(command[0]).resolve()) if Path(command[0]).exists() else command[0]
    indexes = [options.log] if options.log is not None else range(options.first, options.first + options.count)
    found = compared = 0
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(command, Path(folder), options.timeout)
        for start in range(0, len(indexes), BATCH):
            logs = [
                (index, *generate.generate(options.seed, index, options.ambiguous, options.envelopes))
                for index in indexes[start : start + BATCH]
            ]
            for _, path, data in logs:
                (runner.root / path).parent.mkdir(parents=True, exist_ok=True)
                (runner.root / path).write_bytes(data)
            lines, wrong = runner.run([path for _, path, _ in logs])
            for index, path, data in logs:
                compared += 1
                differences = difference(oracle_lines(path, data), lines[path], options)
                if wrong:
                    differences = compare_one(runner, path, data, options)
                if not differences:
                    continue
                found += 1
                print(f"seed {options.seed} log {index}: {path}")
                if not options.no_shrink:
                    print("\n".join(["  as generated:", *differences[:3], "  shrunk:"]))
                    smallest = shrink(runner, path, data, options, differences)
                    differences = compare_one(runner, path, smallest, options) or differences
                else:
                    smallest = data
                print("\n".join(differences[:12]) + "\n" + show(smallest) + "\n")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"seed{options.seed}_log{index}.log").write_bytes(smallest)
                if found >= options.limit:
                    print(f"{compared} logs compared, stopped at {found} differences")
                    return 1
    print(f"{compared} logs compared, {found} differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
