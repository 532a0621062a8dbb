"""An independent, slow and obvious reading of 1-correlation-data, 2-log-envelopes and 3-classification:
`oracle.py [--line-format F] FILE…` prints the lines of 5-command-line, NDJSON.

What it leaves out on purpose: `explanation`, and an `observed_at` that only the file's modification time could give.
"""

from __future__ import annotations

import re
from pathlib import Path

import gunzip
import times

from . import ndjson, records
from .block import END_OF_INPUT, Issue
from .blocks import Parser

PATH = re.compile(
    r"(?:.*/)?dag_id=([^/]+)/run_id=([^/]+)/task_id=([^/]+)/(?:map_index=(-?\d+)/)?"
    r"attempt=(\d+)\.log(?:\.trigger\.\d+\.log)?(?:\.gz)?",
    re.DOTALL,
)


def identity_of_path(path: str) -> dict | None:
    match = PATH.fullmatch(path)
    if not match:
        return None
    dag, run, task, index, attempt = match.groups()
    out: dict = {"dag_id": dag, "run_id": run, "task_id": task}
    if index is not None and int(index) >= 0:
        out["map_index"] = int(index)
    out["try_number"] = int(attempt)
    return out


def conflicts(task: dict, identity: dict) -> bool:
    """Path and line disagree; an unmapped task is -1 in lines and absent in paths."""
    path = {"map_index": -1, **task}
    return any(str(identity[k]) != str(path[k]) for k in path if k in identity)


def parse_bytes(source: str, raw: bytes, line_format: str | None = None) -> list[dict]:
    content = gunzip.read(raw)
    complete = content.status == "complete"
    log = records.read_records(content.data, line_format)
    parser = Parser(log, complete)
    parser.run()
    task = identity_of_path(source)
    fallback = times.inside_run_id(task["run_id"]) if task else None

    lines: list[tuple[tuple[int, int], dict]] = []
    late_damage: int | None = None
    for block in parser.blocks:
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
        lines.append(
            (
                (printed, block.number),
                ndjson.record_object(source, block, damaged, task, observed.rfc3339() if observed else None),
            )
        )
    issues = list(parser.source_issues)
    if task and any(conflicts(task, record.identity) for record in log.records):
        issues.append(Issue("identity_conflict"))
    if content.trailing_garbage:
        issues.append(Issue("trailing_garbage"))
    if late_damage is not None:
        issues.append(Issue("damaged_source", block=late_damage))
    out = [line for _, line in sorted(lines, key=lambda pair: pair[0])]
    if issues or not complete:
        out.append({"source": source, "status": content.status, "issues": [ndjson.issue_object(i) for i in issues]})
    return out


def parse_file(path: str, line_format: str | None = None) -> list[dict]:
    return parse_bytes(path, Path(path).read_bytes(), line_format)
