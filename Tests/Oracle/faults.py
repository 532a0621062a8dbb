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
import itertools
import os
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grammar
import gunzip
import markers
import ndjson
import oracle
import values
from comparison import load
from damage_entries import Entry, encode, entries_of
from differential import Runner
from faulty_logs import Fault, block_lines, faults_in

TESTS = Path(__file__).resolve().parent.parent
CORPUS = TESTS / "Corpus"
KINDS = ("fold", "chunk", "end", "foreign", "word", "doubled", "lost")
BATCH = 200
BEHIND = 12  # lines behind a block that are kept
SAID = re.compile(rf"(?:\A|(?<=[\s,;|]))({grammar.KEY})[ \t]*[=:][ \t]*\"?([^\s,;|\"]+)")
Reader = Callable[[list[bytes]], list[list[dict]]]


def ask_oracle(logs: list[bytes]) -> list[list[dict]]:
    return [[load(ndjson.dump(line)) for line in oracle.parse_bytes("x.log", data)] for data in logs]


def ask_program(command: list[str], folder: Path) -> Reader:
    runner = Runner(command, folder, 600)

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
    """An issue of a key tells by its raw text what may be missing."""
    return Counter((issue["kind"], issue.get("key"), issue.get("raw") if "key" in issue else None) for issue in line["issues"])


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
    """A number in its shortest form, without a percent sign; another text as it is."""
    try:
        return values.plain(values.parse_number(text.removesuffix("%")))
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
    """No trace of it is left, or of one behind an end marker none that is looked for outside a block."""
    texts = markers.end_and_header(grammar.strip_message_line(fault.text))
    return markers.parse_header(texts[-1]) is not None and (len(texts) > 1 or not fault.marked)


def violations(fault: Fault, before: list[dict], after: list[dict]) -> list[str]:
    out: list[str] = []
    spoken = sum((issues(line) for line in after), Counter()) - sum((issues(line) for line in before), Counter())
    excused = lost_on_purpose(fault)
    left = blocks_by_line(fault, after)
    for line in before:
        if "record" not in line or (fault.cuts and int(line["line"]) > fault.line):
            continue
        number, wanted = int(line["line"]), fields(line)
        found = take_most_alike(left.get(number, []), wanted)
        if found is None:
            if wanted and not spoken and not fault.cuts and not header_is_gone(fault):
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


def blocks_by_line(fault: Fault, after: list[dict]) -> dict[int, list[dict]]:
    """The blocks of a log with a fault, each at the line where its header would stand without."""
    out: dict[int, list[dict]] = {}
    for line in after:
        if "record" in line:
            # A header behind the place of the cut may have got a line of its own.
            number = int(line["line"])
            behind = number > fault.line or (number == fault.line and fault.added < 0)
            was = max(fault.line, number - fault.added) if behind else number
            out.setdefault(was, []).append(line)
    return out


def take_most_alike(found: list[dict], wanted: dict) -> dict | None:
    """The block that has most of the wanted values, where several begin in one line. A doubled header has an empty one."""
    if not found:
        return None
    best = max(
        found, key=lambda line: (sum(fields(line).get(key) == value for key, value in wanted.items()), bool(line["record"]))
    )
    found.remove(best)
    return best


def neighbourhood(entries: list[Entry], start: int) -> tuple[list[Entry], range]:
    """(the lines around the block whose header stands at `start`, which of them are its own)."""
    lines = block_lines(entries, start)
    first = start
    while first and not entries[first].begins:
        first -= 1
    stop = lines.stop + BEHIND
    for index in range(lines.stop, min(stop, len(entries))):
        if any(markers.parse_header(grammar.strip_message_line(line)) for line in entries[index].message.split("\n")):
            # Half a block would look like that of a second writer.
            stop = max(stop, block_lines(entries, index).stop)
            break
    return entries[first:stop], range(start - first, lines.stop - first)


@dataclass
class Block:
    """A block with the lines around it, which are a log of their own."""

    name: str  # of its log
    written: list[str]
    faults: Iterable[Fault]  # made when they are asked for
    said: dict[str, set[str]]
    before: list[dict] = field(default_factory=list)  # what the lines give without a fault
    shown: int = 0


def check(logs: list[tuple[str, bytes]], read: Reader, options: argparse.Namespace) -> Counter:
    """Tries the faults of all blocks of some logs."""
    tally: Counter = Counter()
    blocks: list[Block] = []
    entries = [entries_of(data) for _, data in logs]
    found = read([encode([entry.write() for entry in lines]) for lines in entries])
    for (name, _), lines, records in zip(logs, entries, found, strict=True):
        blocks += [block_of(name, lines, record, options) for record in records if "record" in record and fields(record)]
    for group in batches(blocks):
        for block, before in zip(group, read([encode(block.written) for block in group]), strict=True):
            block.before = before
    for batch in batches((block, fault) for block in blocks for fault in block.faults):
        after = read([fault.log(block.written) for block, fault in batch])
        for (block, fault), records in zip(batch, after, strict=True):
            fault.said = block.said
            tally[fault.kind] += 1
            wrong = violations(fault, block.before, records)
            if wrong:
                tally[f"{fault.kind}: {'silent' if 'lost' in wrong[0] else 'wrong'}"] += 1
                tally["violations"] += 1
                show(block, fault, wrong[0], options)
    return tally


def block_of(name: str, entries: list[Entry], record: dict, options: argparse.Namespace) -> Block:
    around, lines = neighbourhood(entries, int(record["line"]) - 1)
    marked = record["end"] == "explicit" and any(markers.END in around[index].message for index in lines)
    faults = (fault for index in lines for fault in faults_in(around[index], index, options.step, marked))
    first = random.Random(f"{options.seed} {name} {record['line']}").randrange(options.share)
    chosen = itertools.islice(faults, first, None, options.share)
    return Block(name, [entry.write() for entry in around], chosen, said_by(around))


def batches(items: Iterable) -> Iterator[list]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, BATCH)):
        yield batch


def show(block: Block, fault: Fault, what: str, options: argparse.Namespace) -> None:
    block.shown += 1
    if block.shown <= options.shown:
        print(f"{block.name}: {fault.kind} in line {fault.text[:60]!r}: {what}")
        if options.print_logs:
            print(fault.log(block.written).decode("utf-8", "backslashreplace"))


def logs_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and re.search(r"\.(log|ndjson|txt)(\.gz)?\Z", path.name))


def chosen(logs: list[Path], options: argparse.Namespace) -> list[Path]:
    """A share of the logs, another one with another seed."""
    return [log for log in logs if not random.Random(f"{options.seed} {named(log)}").randrange(options.log_share)]


def named(log: Path) -> str:
    return f"{log.parent.name}/{log.name}"


def samples_root() -> Path:
    """The real logs: in CORRPARSE_SAMPLES, else `shared/samples` beside the checkout, else those of the repository."""
    folder = Path(os.environ.get("CORRPARSE_SAMPLES") or TESTS.parent.parent / "shared" / "samples")
    return (folder if folder.is_dir() else TESTS / "Samples") / "logs"


def print_table(tally: Counter) -> None:
    print(f"{'fault':<10}{'tried':>9}{'another value':>15}{'silent loss':>13}")
    for kind in KINDS:
        print(f"{kind:<10}{tally[kind]:>9}{tally[f'{kind}: wrong']:>15}{tally[f'{kind}: silent']:>13}")
    print(f"{'all':<10}{sum(tally[kind] for kind in KINDS):>9}{tally['violations']:>15} violations")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corrparse", help="ask the program instead of the oracle")
    arguments.add_argument("--step", type=int, default=1, help="at every which character a line is cut")
    arguments.add_argument("--share", type=int, default=1, help="every which fault of a block is tried")
    arguments.add_argument("--log-share", type=int, default=1, help="every which log is tried")
    arguments.add_argument("--seed", default="1", help="with --share and --log-share: which ones")
    arguments.add_argument("--shown", type=int, default=20, help="violations shown a block")
    arguments.add_argument("--print-logs", action="store_true", help="shows the faulty logs too")
    arguments.add_argument(
        "--samples",
        type=Path,
        nargs="?",
        const=samples_root(),
        help="all logs below a folder as well: the real ones, if none is named",
    )
    arguments.add_argument("logs", nargs="*", type=Path, default=sorted(CORPUS.glob("*/*/input.log*")))
    options = arguments.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    tally: Counter = Counter()
    # Small files by the thousand: in memory where the tests have a folder there.
    with tempfile.TemporaryDirectory(dir=os.environ.get("CORRPARSE_TEST_FOLDER")) as folder:
        command = options.corrparse.split() if options.corrparse else []
        read = ask_program([str(Path(command[0]).resolve()), *command[1:]], Path(folder)) if command else ask_oracle
        for logs in batches(chosen(options.logs + (logs_below(options.samples) if options.samples else []), options)):
            tally += check([(named(log), gunzip.read(log.read_bytes()).data) for log in logs], read, options)
    print_table(tally)
    print(f"step {options.step}, share 1/{options.share} of the faults, 1/{options.log_share} of the logs, seed {options.seed}")
    return 1 if tally["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
