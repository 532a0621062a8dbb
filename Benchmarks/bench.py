#!/usr/bin/env python3
"""Every bar of the specification (6-bars, Bars), measured: corrparse and its peers by turns in one run.

bench.py --corrparse PROGRAM [--static PROGRAM] [--quick] [BAR…]

Prints a table a bar, with medians and (least … most), and at the end one of all bars. Exit status 1 where a bar is missed; with
--quick, which takes a tenth of the data, only a program that fails ends with 1. Keeps what it made below .build/bench, and the
figures in results.json (quick.json), where those of the named bars take the place of earlier ones.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import database
import logs
from measure import Series, by_turns, ratio, run

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / ".build" / "bench"
# Runs a command with the packages of requirements.txt.
WITH_PACKAGES = [str(HERE.parent / "Scripts" / "python-tools.sh"), str(HERE / "requirements.txt")]
MB = 1_000_000
# So many bytes a block has in a dense log, and in one without blocks.
DENSE = MB // 50
NEVER = 10**12


@dataclass
class Verdict:
    """What came of one bar."""

    group: str
    bar: str
    allowed: str
    measured: str
    met: bool


class Bench:
    def __init__(self, options: argparse.Namespace):
        self.options, self.program = options, str(options.corrparse)
        self.scale = 10 if options.quick else 1
        self.rounds = 3 if options.quick else 5
        self.group = ""
        self.verdicts: list[Verdict] = []
        self.tables: dict[str, dict[str, dict[str, list[float]]]] = {}

    # What is printed.

    def table(self, title: str, series: dict[str, Series], what: tuple[str, ...] = ("cpu", "wall", "resident")) -> None:
        heads = {"cpu": "CPU s", "wall": "wall s", "resident": "MiB resident"}
        print(f"\n### {title}\n\n| program | {' | '.join(heads[one] for one in what)} |\n|---|{'---|' * len(what)}")
        for one in series.values():
            cells = [f"{max(one.values('resident')) / 1024:.0f}" if key == "resident" else one.show(key) for key in what]
            print(f"| {one.name} | {' | '.join(cells)} |", flush=True)
        self.tables[title] = {name: {key: one.values(key) for key in what} for name, one in series.items()}

    def bar(self, text: str, value: tuple[float, float, float], limit: float, sense: str = "≤") -> None:
        median, least, most = value
        met = median <= limit if sense == "≤" else median >= limit
        self.verdicts.append(Verdict(self.group, text, f"{sense} {limit:g}", f"{median:.3g} ({least:.3g} … {most:.3g})", met))

    # The bars.

    def one(self, kind: str, per_block: int) -> tuple[str, int]:
        """A log of 2 GB, made once and kept; and its size."""
        size = 2000 * MB // self.scale
        return str(logs.one(WORK / f"{kind}-{size // MB}-{per_block // 1000}", kind, size, per_block)), size

    def one_log(self, kind: str, per_block: int, limit: float | None, peers: int | None = 0) -> None:
        """`limit` bounds the CPU against igzip. `peers` is how many times faster than the Python script the program has to be; 0
        where no peers run. None: what is measured has no bar.
        """
        log, size = self.one(kind, per_block)
        commands = {
            "corrparse": [self.program, "parse", "--jobs", "1", log],
            "igzip -dc": ["igzip", "-dc", log],
            "zcat": ["zcat", log],
        }
        if peers != 0:
            commands |= {
                "igzip | grep | mawk": [
                    "sh",
                    "-c",
                    f"igzip -dc '{log}' | grep -F -A 23 -e '=== CORRELATION' | mawk -f '{HERE}/fields.awk'",
                ],
                "zcat | mawk": ["sh", "-c", f"zcat '{log}' | mawk -f '{HERE}/fields.awk'"],
                "Python gzip + re": [sys.executable, str(HERE / "peer.py"), log],
                "Python isal + re": [*WITH_PACKAGES, "python3", str(HERE / "peer.py"), "--isal", log],
                "zgrep (marker only)": ["zgrep", "-c", "=== CORRELATION DATA ===", log],
            }
            if shutil.which("rg"):
                commands["ripgrep -z (marker only)"] = ["rg", "-z", "-c", "=== CORRELATION DATA ===", log]
        series = by_turns(commands, self.rounds)
        name = f"{size // MB} MB of {kind} lines in one gzip, a block per {per_block // 1000} kB"
        self.table(f"parse, {name}", series)
        if limit:
            self.bar(f"parse, {name}: CPU against igzip", ratio(series["corrparse"], series["igzip -dc"], "cpu"), limit)
        if peers and per_block > DENSE:
            self.bar(
                "same: wall of the best shell pipeline against it",
                ratio(series["igzip | grep | mawk"], series["corrparse"], "wall"),
                2,
                "≥",
            )
        if peers:
            self.bar(
                "same: wall of the Python script against it",
                ratio(series["Python gzip + re"], series["corrparse"], "wall"),
                peers,
                "≥",
            )
        self.resident("parse, one log", series["corrparse"], 64)

    def resident(self, text: str, series: Series, limit: int) -> None:
        values = sorted(value / 1024 for value in series.values("resident"))
        self.bar(f"{text}: MiB resident", (values[-1], values[0], values[-1]), limit)

    def sparse(self) -> None:
        self.one_log("text", 2 * MB, 1.25, peers=7)

    def dense(self) -> None:
        self.one_log("text", DENSE, 2, peers=11)

    def json(self) -> None:
        self.one_log("json", 2 * MB, 1.5)

    def dense_json(self) -> None:
        self.one_log("json", DENSE, None, peers=None)

    def blocks(self) -> None:
        """What a block costs above the same bytes without blocks."""
        for kind in ("text", "json"):
            (dense, size), (plain, _) = self.one(kind, DENSE), self.one(kind, NEVER)
            commands = {name: [self.program, "parse", "--jobs", "1", log] for name, log in (("dense", dense), ("plain", plain))}
            series = by_turns(commands, self.rounds)
            self.table(f"parse, {kind}, with a block per 20 kB and without blocks", series, ("cpu", "wall"))
            count = size // DENSE
            ordinary = 1 - count * len(logs.Generator(kind).block()) / size
            pairs = zip(series["dense"].values("cpu"), series["plain"].values("cpu"), strict=True)
            costs = sorted(1e6 * (of_dense - ordinary * of_plain) / count for of_dense, of_plain in pairs)
            self.bar(f"a block of 24 {kind} lines: µs of CPU", (statistics.median(costs), costs[0], costs[-1]), 5)

    def two_cores(self) -> None:
        log, size = self.one("text", DENSE)
        series = by_turns({f"--jobs {jobs}": [self.program, "parse", "--jobs", str(jobs), log] for jobs in (1, 2)}, self.rounds)
        self.table(f"parse, one log of {size // MB} MB on two cores", series)
        self.bar(
            f"parse, one log of {size // MB} MB of dense text: wall of --jobs 2 against --jobs 1",
            ratio(series["--jobs 2"], series["--jobs 1"], "wall"),
            0.65,
        )
        self.resident("parse --jobs 2, one log", series["--jobs 2"], 64 + 16)

    def jobs(self) -> None:
        count = 2000 // self.scale
        tree = str(logs.tree(WORK / f"jobs-{count}", "text", count, MB, MB))
        series = by_turns({f"--jobs {jobs}": [self.program, "parse", "--jobs", str(jobs), tree] for jobs in (1, 2)}, self.rounds)
        self.table(f"parse, {count} logs of 1 MB", series)
        self.bar(
            f"parse, {count} logs of 1 MB: wall of --jobs 2 against --jobs 1",
            ratio(series["--jobs 2"], series["--jobs 1"], "wall"),
            0.55,
        )
        self.resident("parse --jobs 2", series["--jobs 2"], 64 + 16)

    def small(self) -> None:
        count = 20_000 // self.scale
        tree = logs.tree(WORK / f"small-{count}", "text", count, 50_000, 50_000)
        loop = WORK / "inflate-all"
        subprocess.run(["cc", "-O2", "-o", loop, HERE / "inflate-all.c", "-lisal"], check=True)
        names = WORK / "names"
        names.write_text("".join(f"{path}\n" for path in sorted(tree.rglob("*.gz"))))
        series = by_turns(
            {
                "corrparse": [self.program, "parse", "--jobs", "1", str(tree)],
                "C loop": ["sh", "-c", f"exec '{loop}' < '{names}'"],
            },
            self.rounds,
        )
        self.table(f"parse, {count} logs of 50 kB", series)
        self.bar(f"parse, {count} logs of 50 kB: CPU against the C loop", ratio(series["corrparse"], series["C loop"], "cpu"), 2)

    def ingest(self) -> None:
        records = 1_000_000 // self.scale
        tree = logs.tree(WORK / f"ingest-{records}", "text", records // 1000, MB * 3 // 2 + 500_000, 2000)
        series, stored = database.load(self.program, tree, rounds=self.rounds)
        self.table(f"ingest of {stored} records", series, ("cpu", "wall"))
        self.bar(
            f"ingest of {stored} records: wall against psql COPY and merge of the same rows",
            ratio(series["corrparse"], series["psql"], "wall"),
            1.2,
        )

    def again(self) -> None:
        count = 100_000 // self.scale
        tree = logs.tree(WORK / f"again-{count}", "text", count, 2_000, 1_000)
        series, written = database.again(self.program, tree, rounds=self.rounds)
        self.table(f"a second backfill of {count} logs", series)
        self.bar(f"a second backfill of {count} logs: wall against find", ratio(series["corrparse"], series["find"], "wall"), 8)
        self.bar("same: rows written", (written, written, written), 0)

    def start(self) -> None:
        series = by_turns({"corrparse": lambda: run([self.program, "--version"], alone=True)}, 20)
        self.table("--version", series, ("cpu", "wall"))
        milliseconds = sorted(1000 * value for value in series["corrparse"].values("cpu"))
        self.bar("start: ms of CPU", (1000 * series["corrparse"].median("cpu"), milliseconds[0], milliseconds[-1]), 15)

    def size(self) -> None:
        if not self.options.static:
            print("\nsize: not measured, as --static names no program")
            return
        stripped = WORK / "stripped"
        subprocess.run(["strip", "-o", stripped, self.options.static], check=True)
        mib = stripped.stat().st_size / (1 << 20)
        self.bar("stripped static program: MiB", (mib, mib, mib), 16)

    def linear(self) -> None:
        sizes = [size * MB // self.scale for size in (100, 1000, 10_000)]
        names = {f"{size // MB} MB": logs.one(WORK / f"text-{size // MB}-2000", "text", size, 2 * MB) for size in sizes}
        series = by_turns({name: [self.program, "parse", "--jobs", "1", str(log)] for name, log in names.items()}, self.rounds)
        self.table("parse, cost against size", series)
        first, second, third = series.values()
        for of, to in ((second, first), (third, second)):
            value = ratio(of, to, "cpu")
            self.bar(f"cost of ten times the bytes, {to.name} to {of.name}: at least", value, 9, "≥")
            self.bar(f"cost of ten times the bytes, {to.name} to {of.name}: at most", value, 11)
        self.resident("parse, the longest log", third, 64)

    def run(self, names: list[str]) -> int:
        print(
            f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
            f"{'a tenth of the data, ' if self.options.quick else ''}"
            f"medians of {self.rounds} rounds by turns, (least … most)"
        )
        for self.group in names:
            getattr(self, self.group)()
        print("\n### Bars\n\n| bar | allowed | measured | |\n|---|---|---|---|")
        for verdict in self.verdicts:
            print(f"| {verdict.bar} | {verdict.allowed} | {verdict.measured} | {'met' if verdict.met else 'MISSED'} |")
        self.keep(names)
        return 0 if self.options.quick or all(verdict.met for verdict in self.verdicts) else 1

    def keep(self, names: list[str]) -> None:
        """Writes the figures for plot.py, beside those of bars that were measured earlier and not now."""
        path = WORK / ("quick.json" if self.options.quick else "results.json")
        earlier = json.loads(path.read_text()) if path.exists() else {"tables": {}, "bars": []}
        bars = [bar for bar in earlier["bars"] if bar["group"] not in names] + [vars(verdict) for verdict in self.verdicts]
        bars.sort(key=lambda bar: BARS.index(bar["group"]))
        path.write_text(json.dumps({"tables": earlier["tables"] | self.tables, "bars": bars}, indent=1))


BARS = ["sparse", "dense", "json", "dense_json", "blocks", "two_cores", "jobs", "small", "ingest", "again"]
BARS += ["start", "size", "linear"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bars", nargs="*", metavar="BAR", choices=[[], *BARS], help=", ".join(BARS))
    parser.add_argument("--corrparse", type=Path, required=True)
    parser.add_argument("--static", type=Path, help="the program linked statically, for its size")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    options.corrparse = options.corrparse.resolve()
    WORK.mkdir(parents=True, exist_ok=True)
    return Bench(options).run(options.bars or BARS)


if __name__ == "__main__":
    sys.exit(main())
