#!/usr/bin/env python3
"""An independent, slow and obvious reading of 1-correlation-data, 2-log-envelopes and 3-classification:
`oracle.py [--line-format F] FILE…` prints the lines of 5-command-line, NDJSON.

What it leaves out on purpose: `explanation`, and an `observed_at` that only the file's modification time could give.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import aftermath
import contents
import gunzip
import identity
import ndjson
import records
import times
from blocks import END_OF_INPUT, Block, Issue
from scanner import Scanner
from streams import items_of, streams_of


def read_blocks(log: records.Log, complete: bool) -> tuple[list[Block], list[Issue]]:
    """(every block in the order of the headers, the issues of the source)."""
    failures = [record for record in log.records if record.failure]
    blocks: list[Block] = []
    issues = [Issue("line_too_long", at=line) for line in log.skipped]
    for stream in streams_of(log.records, failures, log.damaged, complete):
        scanner = Scanner(log, items_of(stream, failures, log.damaged), complete, bool(failures))
        scanner.run()
        aftermath.mark_interleaved(scanner.blocks)
        blocks += scanner.blocks
        issues += scanner.issues
    blocks = aftermath.number(blocks)
    aftermath.mark_replays(blocks)
    unread = aftermath.unread_header(log.lines, blocks, issues)
    return blocks, issues + ([unread] if unread else [])


def parse_bytes(source: str, raw: bytes, line_format: str | None = None) -> list[dict]:
    content = gunzip.read(raw)
    if contents.is_no_log(content.data):
        return [{"source": source, "status": "failed", "issues": []}]
    complete = content.status == "complete"
    log = records.read_records(content.data, line_format)
    blocks, issues = read_blocks(log, complete)
    path_task = identity.of_path(source)
    task = path_task or identity.of_lines(log)
    fallback = times.inside_run_id(task["run_id"]) if task else None

    lines: list[tuple[tuple[int, int], dict]] = []
    future: list[tuple[int, Issue]] = []
    late_damage: int | None = None
    for block in blocks:
        if block.replay:
            continue
        printed = max(block.ended_at, block.cut_by.ended_at if block.cut_by else 0)
        damaged = False
        for member in content.members:
            touches = any(line.offset < member.end and line.end > member.start for line in block.touched)
            if member.damaged and touches:
                if printed == END_OF_INPUT or printed > member.end:
                    damaged = True
                elif late_damage is None:
                    late_damage = block.number
        observed = block.observed or fallback
        if observed and observed.is_future(time.time()):
            future.append((block.number, Issue("future_time", at=block.at, raw=observed.rfc3339(), block=block.number)))
        of = task or identity.of_record(block.header_record)
        line = ndjson.record_object(source, block, damaged, of, observed.rfc3339() if observed else None)
        lines.append(((printed, block.number), line))
    key = identity.conflict(path_task, log) if path_task else None
    if key:
        issues.append(Issue("identity_conflict", key))
    if content.trailing_garbage:
        issues.append(Issue("trailing_garbage"))
    if late_damage is not None:
        issues.append(Issue("damaged_source", block=late_damage))
    if future:
        issues.append(min(future)[1])
    out = [line for _, line in sorted(lines, key=lambda pair: pair[0])]
    if issues or not complete:
        out.append({"source": source, "status": content.status, "issues": [ndjson.issue_object(i) for i in issues]})
    return out


def parse_file(path: str, line_format: str | None = None) -> list[dict]:
    return parse_bytes(path, Path(path).read_bytes(), line_format)


def main() -> int:
    sys.setrecursionlimit(5000)
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--line-format")
    arguments.add_argument("files", nargs="+", metavar="FILE")
    options = arguments.parse_args()
    failed = False
    for path in options.files:
        for line in parse_file(path, options.line_format):
            sys.stdout.write(ndjson.dump(line) + "\n")
            failed |= line.get("status") not in (None, "complete")
    return 65 if failed else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
