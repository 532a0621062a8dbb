#!/usr/bin/env python3
"""Runs corrparse and the oracle on generated logs and shows where they differ.

`differential.py --corrparse PATH --seed N --count K`: prints the first differences (limit 10), each with the seed and
the number of its log, shrunk to the lines that matter; exit 1 on any. `--log I` looks at one log only.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import generate
import grammar
import gunzip
import ndjson
import oracle

BATCH = 100
# Which line such an issue stands on, and which text is its raw, the specification leaves open.
UNPLACED = ("trailing_garbage", "damaged_source", "identity_conflict")
ABSENT_ANYWAY = ("duplicate_key", "line_too_long")
MAX_TRIES = 400  # runs of corrparse that shrinking one log may cost
RECORD_ORDER = [
    "source",
    "line",
    "offset",
    "block",
    "observed_at",
    "task",
    "grammar",
    "end",
    "record",
    "gates",
    "extras",
    "issues",
    "verdict",
]
VERDICT_ORDER = [
    "taxonomy",
    "primary",
    "certainty",
    "severity",
    "findings",
    "ml",
    "execution",
    "infra",
    "delta_points",
    "not_evaluated",
    "explanation",
]


class Number(str):
    """A JSON number as it was written: the shortest form is part of the contract."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def load(line: str) -> dict:
    return json.loads(line, parse_float=Number, parse_int=Number)


def issue_key(issue: dict, strict: bool):
    fields = ["kind", "key", "block"]
    if strict and issue["kind"] not in UNPLACED:
        fields += ["line", "offset"]
        if "key" in issue and issue["kind"] not in ("incomplete_block", "line_too_long"):
            fields.append("raw")
    if issue["kind"] == "identity_conflict":
        fields.remove("key")  # READINGS.md, Known differences
    # The page does not say how an issue writes the key of an extra: as logged or folded.
    return tuple((f, grammar.normal(str(issue[f])) if f == "key" else str(issue[f])) for f in fields if f in issue)


def comparable(lines: list[dict], strict: bool, without: list[str], ignored: list[str]) -> dict[str, object]:
    """A flat map from a path such as `block 3 record.f1_buy` to what is there."""
    flat: dict[str, object] = {}
    carrying = {
        str(line["block"]) for line in lines if "verdict" in line and any(i["kind"] == "damaged_source" for i in line["issues"])
    }

    def put(path, value):
        if not any(path.split(" ", 2)[-1].startswith(w) for w in without):
            flat[path] = value

    for line in lines:
        issues = line["issues"]
        if ("block" in line and "record" in line) or "verdict" in line:
            name = f"block {line['block']}"
            if name + " line" in flat:
                put(f"{name} printed", "twice")
            order = [k for k in RECORD_ORDER if k in line]
            if [k for k in line if k in RECORD_ORDER] != order or [k for k in line if k not in RECORD_ORDER]:
                put(f"{name} key order", list(line))
            verdict = dict(line["verdict"])
            if list(verdict) != [k for k in VERDICT_ORDER if k in verdict]:
                put(f"{name} verdict key order", list(verdict))
            for key in ("line", "offset", "grammar", "end", "observed_at", "task"):
                if key in line:
                    value = line[key]
                    if key == "task":  # the oracle shows no `part`; printing it is no difference
                        value = {k: v for k, v in value.items() if k != "part"}
                    put(f"{name} {key}", value)
            for key, value in line.get("record", {}).items():
                put(f"{name} record.{key}", value)
            if line.get("gates"):
                put(f"{name} gates", list(line["gates"].items()))
            if line.get("extras"):
                put(f"{name} extras", list(line["extras"].items()))
        else:
            name, verdict = "source", {}
            # A source's line may repeat the damage that a record carries itself.
            issues = [
                i
                for i in issues
                if i["kind"] not in ignored and not (i["kind"] == "damaged_source" and str(i.get("block")) in carrying)
            ]
            if issues or line.get("status") != "complete":
                put("source status", line.get("status"))
        twice = {issue.get("key") for issue in issues if issue["kind"] in ABSENT_ANYWAY}
        for issue in issues:
            # What else is wrong with such a key is nobody's business: it is absent already.
            if issue["kind"] in ignored or (issue.get("key") in twice and issue["kind"] not in ABSENT_ANYWAY):
                continue
            # An unknown key of a cut line: whether it is one depends on what was cut off.
            if issue["kind"] != "incomplete_block" or "key" not in issue or grammar.is_known(issue["key"]):
                put(f"{name} issue {issue_key(issue, strict)}", "present")
        for key, value in verdict.items():
            if key == "not_evaluated":
                for entry in value:
                    # One `why` for several inputs, or for one with several issues, may be any of theirs.
                    sure = len(entry["lacks"]) == 1 and not twice & set(entry["lacks"])
                    put(f"{name} verdict.not_evaluated.{entry['rule']}", (entry.get("lacks"), entry.get("why") if sure else "…"))
            elif key != "explanation":
                put(f"{name} verdict.{key}", value)
    return flat


def allow_for_damage(a: dict, b: dict, ours: list[dict], theirs: list[dict]) -> None:
    """Which records were printed before their member proved damaged is a matter of buffers: corrparse may know earlier
    than the oracle grants it, and the first block concerned may be one that carries the damage itself."""
    path = "source issue (('kind', 'damaged_source'),"
    on_source = [
        any(i["kind"] == "damaged_source" for line in lines if "status" in line for i in line["issues"])
        for lines in (ours, theirs)
    ]
    if all(on_source):
        for flat in (a, b):
            for key in [k for k in flat if k.startswith(path)]:
                del flat[key]
    for line in ours:
        name = f"block {line.get('block')}"
        issue = f"{name} issue (('kind', 'damaged_source'),)"
        if on_source[0] and issue in b and issue not in a:
            del b[issue]
            a.pop(f"{name} verdict.certainty", None), b.pop(f"{name} verdict.certainty", None)


def allow_for_cuts(a: dict, b: dict) -> None:
    """Whether a block whose only body-line was cut or too long is an empty one is a matter of words."""
    for path in [p for p in {*a, *b} if "'empty_block'" in p]:
        name = path.split(" issue ")[0]
        unread = any(p.startswith(f"{name} issue") and "'line_too_long'" in p for p in {*a, *b})
        if unread or any(flat.get(f"{name} end") == "implicit:end_of_input" for flat in (a, b)):
            a.pop(path, None), b.pop(path, None)


def observed_only_there(ours: dict, theirs: dict) -> None:
    """The oracle knows no modification time."""
    for path in [p for p in theirs if p.endswith(" observed_at") and p not in ours]:
        del theirs[path]


def difference(ours: list[dict], theirs: list[dict], options) -> list[str]:
    a, b = (comparable(lines, options.strict, options.without, options.ignore_kind) for lines in (ours, theirs))
    observed_only_there(a, b)
    for path in [p for p in {*a, *b} if "'duplicate_key'" in p]:
        # A key that came in three records, twice in one of them: interleaved is enough to say.
        if all(path.split(" issue ")[0] + " issue (('kind', 'interleaved'),)" in flat for flat in (a, b)):
            a.pop(path, None), b.pop(path, None)
    allow_for_cuts(a, b)
    allow_for_damage(a, b, ours, theirs)
    out = [
        f"    {path}: oracle {a.get(path, '-')!r}, corrparse {b.get(path, '-')!r}"
        for path in sorted({*a, *b}, key=lambda p: (p.split(" issue ")[0], p))
        if a.get(path, "-") != b.get(path, "-")
    ]
    if options.order and not out:
        numbers = [[line.get("block", "source") for line in lines] for lines in (ours, theirs)]
        if [str(n) for n in numbers[0]] != [str(n) for n in numbers[1]]:
            out.append(f"    order of records: oracle {numbers[0]}, corrparse {numbers[1]}")
    return out


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
