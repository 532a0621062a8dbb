#!/usr/bin/env python3
"""One fault at a time in every block of a log: `faults.py [--corrparse PATH] [--step N] [LOG…]`.

A line is folded or chunked at a character, the log ends there, a foreign line or a word comes in between, a line is lost or
doubled. The property: a field may become absent with an issue, never another value, and nothing is lost without an issue.
Exit 1 where it does not hold; without LOG the logs in Tests/Corpus.

What no reader can know is excused: what a lost line held, what stands behind the end of a log, a block whose header is broken
where no end marker is left, and a name that is cut in the last line of a block without one. A field that was absent may appear
where a line of the log says so: its header or a foreign line before it is gone, or text behind its value.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import grammar
import gunzip
import markers
import ndjson
import oracle
import values
from comparison import load
from differential import Runner
from faulty_logs import Entry, Fault, block_lines, encode, entries_of, faults_at

CORPUS = Path(__file__).resolve().parent.parent / "Corpus"
KINDS = ("fold", "chunk", "end", "foreign", "word", "doubled", "lost")
BATCH = 200
BEHIND = 12  # lines behind a block that are kept
SAID = re.compile(rf"(?:\A|(?<=[\s,;|]))({grammar.KEY})[ \t]*[=:][ \t]*\"?([^\s,;|\"]+)")
Reader = Callable[[list[bytes]], list[list[dict]]]


def ask_oracle(logs: list[bytes]) -> list[list[dict]]:
    return [[load(ndjson.dump(line)) for line in oracle.parse_bytes("x.log", data)] for data in logs]


def ask_program(command: list[str], folder: Path) -> Reader:
    runner = Runner(command, folder, 120)

    def read(logs: list[bytes]) -> list[list[dict]]:
        names = [f"{number}.log" for number in range(len(logs))]
        for name, data in zip(names, logs, strict=True):
            (folder / name).write_bytes(data)
        lines, wrong = runner.run(names)
        if wrong:
            raise SystemExit(wrong)
        return [lines[name] for name in names]

    return read


# ----------------------------------------------------------------------------- the property
def fields(record: dict) -> dict:
    return {**record["record"], **({"gates": record["gates"]} if "gates" in record else {})}


def issues(line: dict) -> Counter:
    return Counter((issue["kind"], issue.get("key")) for issue in line["issues"])


def issue_keys(line: dict) -> set[str]:
    return {issue["key"] for issue in line["issues"] if "key" in issue}


def lost_on_purpose(fault: Fault) -> set[str]:
    """What a line that is gone held: no reader can know."""
    if not fault.takes:
        return set()
    text = grammar.strip_message_line(fault.text)
    body = markers.parse_line(text)
    members = {grammar.normal(key) for key in re.findall(r"[\"'](\w+)[\"']\s*:", text)}  # a line of an object
    return {pair.normal for pair in body.pairs} if body else members


def said_by(entries: list[Entry]) -> dict[str, set[str]]:
    """key: the values that the message lines give it."""
    out: dict[str, set[str]] = {}
    for entry in entries:
        for key, value in SAID.findall(entry.message):
            out.setdefault(grammar.normal(key), set()).add(plain(value))
    return out


def plain(text: str) -> str:
    """A number in its shortest form; another text as it is."""
    try:
        return values.plain(values.parse_number(text))
    except values.Bad:
        return text


def may_differ(key: str, wanted, found, fault: Fault) -> bool:
    """A name that is cut in a block without marker; another line that gives the key, where the one that gave it is lost."""
    if key in grammar.TEXT_FIELDS and not fault.marked and wanted.startswith(found):
        return True
    return key in lost_on_purpose(fault) and plain(str(found)) in fault.said.get(key, ())


def says_something(found: dict, fault: Fault) -> bool:
    """Of the block as a whole, or of a key of the line that the fault is in, whether or not it said so before."""
    keys = {grammar.normal(key) for key, _ in SAID.findall(fault.text)}
    return any("key" not in issue or issue["key"] in keys for issue in found["issues"])


def header_is_gone(fault: Fault) -> bool:
    """No trace of it is left."""
    header = markers.parse_header(grammar.strip_message_line(fault.text))
    return header is not None and not fault.marked


def violations(fault: Fault, before: list[dict], after: list[dict]) -> list[str]:
    out: list[str] = []
    old = {int(line["line"]): line for line in before if "record" in line}
    new: dict[int, list[dict]] = {}
    for line in after:
        if "record" in line:
            # A header behind the place of the cut may have got a line of its own.
            number = int(line["line"])
            behind = number > fault.line or (number == fault.line and fault.added < 0)
            was = max(fault.line, number - fault.added) if behind else number
            new.setdefault(was, []).append(line)
    spoken = sum((issues(line) for line in after), Counter()) - sum((issues(line) for line in before), Counter())
    excused = lost_on_purpose(fault)
    for number, line in old.items():
        if fault.cuts and number > fault.line:
            continue
        found = next((one for one in new.get(number, []) if one["record"] or not line["record"]), None)
        found = found or next(iter(new.get(number, [])), None)
        wanted = fields(line)
        if found is None:
            if not spoken and not fault.cuts and not header_is_gone(fault):
                out.append(f"block at line {number}: lost without an issue")
            continue
        told = issues(found) - issues(line) or says_something(found, fault)
        for key, value in wanted.items():
            if key not in fields(found):
                if key not in excused and not told and not spoken and not fault.cuts:
                    out.append(f"{key} at line {number}: lost without an issue")
            elif fields(found)[key] != value and not may_differ(key, value, fields(found)[key], fault):
                out.append(f"{key} at line {number}: {fields(found)[key]}, not {value}")
        out += [
            f"{key} at line {number}: {value}, was absent"
            for key, value in fields(found).items()
            if key not in wanted and plain(str(value)) not in fault.said.get(key, ()) and key not in issue_keys(line)
        ]
    return out


def neighbourhood(entries: list[Entry], start: int) -> tuple[list[Entry], range]:
    """(the lines around the block whose header stands at `start`, which of them are its own)."""
    lines = block_lines(entries, start)
    first = start
    while first and not entries[first].begins:
        first -= 1
    return entries[first : lines.stop + BEHIND], range(start - first, lines.stop - first)


def check(name: str, data: bytes, read: Reader, step: int, share: int, shown: int) -> Counter:
    entries = entries_of(data)
    if entries is None:
        return Counter()
    (before,) = read([encode([entry.write() for entry in entries])])
    tally: Counter = Counter()
    for record in before:
        if "record" in record and fields(record):
            around, lines = neighbourhood(entries, int(record["line"]) - 1)
            marked = record["end"] == "explicit" and any(markers.END in around[index].message for index in lines)
            found = [f for index in lines for f in faults_at(around, index, step, marked)]
            said = said_by(around)
            for fault in found:
                fault.said = said
            tally += check_block(name, around, found[::share], read, shown - tally["violations"])
    return tally


def check_block(name: str, around: list[Entry], found: list[Fault], read: Reader, shown: int) -> Counter:
    tally: Counter = Counter()
    (before,) = read([encode([entry.write() for entry in around])])
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        for fault, after in zip(batch, read([fault.data for fault in batch]), strict=True):
            tally[fault.kind] += 1
            wrong = violations(fault, before, after)
            if wrong:
                tally[f"{fault.kind}: {'silent' if 'lost' in wrong[0] else 'wrong'}"] += 1
                tally["violations"] += 1
                if tally["violations"] <= shown:
                    print(f"{name}: {fault.kind} in line {fault.text[:60]!r}: {wrong[0]}")
    return tally


def logs_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and re.search(r"\.(log|ndjson|txt)(\.gz)?\Z", path.name))


def print_table(tally: Counter) -> None:
    print(f"{'fault':<10}{'tried':>9}{'another value':>15}{'silent loss':>13}")
    for kind in KINDS:
        print(f"{kind:<10}{tally[kind]:>9}{tally[f'{kind}: wrong']:>15}{tally[f'{kind}: silent']:>13}")
    print(f"{'all':<10}{sum(tally[kind] for kind in KINDS):>9}{tally['violations']:>15} violations")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corrparse", help="ask the program instead of the oracle")
    arguments.add_argument("--step", type=int, default=1, help="at every which character a line is cut")
    arguments.add_argument("--share", type=int, default=1, help="every which fault is tried")
    arguments.add_argument("--shown", type=int, default=20, help="violations shown a log")
    arguments.add_argument("--samples", type=Path, help="a folder: all logs below it as well")
    arguments.add_argument("logs", nargs="*", type=Path, default=sorted(CORPUS.glob("*/*/input.log*")))
    options = arguments.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    tally: Counter = Counter()
    with tempfile.TemporaryDirectory() as folder:
        command = options.corrparse.split() if options.corrparse else []
        read = ask_program([str(Path(command[0]).resolve()), *command[1:]], Path(folder)) if command else ask_oracle
        for log in options.logs + (logs_below(options.samples) if options.samples else []):
            name = f"{log.parent.name}/{log.name}"
            tally += check(name, gunzip.read(log.read_bytes()).data, read, options.step, options.share, options.shown)
    print_table(tally)
    return 1 if tally["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
