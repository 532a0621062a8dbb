#!/usr/bin/env python3
"""Compares the oracle's records of the sample logs with what their tasks really emitted.

`check_samples.py [SAMPLES] [--variant NAME …]`: prints each difference with the reason the documents give for it;
exit 1 when one has no reason.
"""
from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

import grammar
import oracle
import values

DEFAULT = ["af26_default", "af211_default", "af33_default", "af211_es_json", "af211_custom", "af33_pod"]
READ = {"af26_default", "af211_default", "af33_default", "af211_es_json"}


def expected(entry: dict) -> dict:
    """What a reader should make of a truth entry: typed fields by the rules of page 1."""
    lines = entry["lines"]
    if entry["how"] == "structlog":
        lines = [f"{k}={v}" for k, v in entry["fields"].items()]
    record, bare = {}, {}
    pairs = {}
    for line in lines:
        for pair in grammar.parse_line(grammar.strip_message_line(line)).pairs:
            pairs[pair.normal] = pair
    for key, pair in pairs.items():
        try:
            record[key], bare[key] = values.convert(key, pair)
        except values.Bad:
            pass
    gates = record.pop("gates", None)
    values.settle_percent(record, bare)
    if gates is not None:
        record["gates"] = gates
    return record


def actual(line: dict) -> dict:
    record = dict(line["record"])
    if "gates" in line:
        record["gates"] = line["gates"]
    return record


def why_missing(variant: str, task: str, entry: dict) -> str | None:
    if variant.startswith("af2") and entry["how"] in ("os.write", "subprocess"):
        return "FORMATS 2.4: os.write(1) and children that inherit stdout are not in a 2.x file"
    if variant.startswith("af2") and "forked multiprocessing child" in entry["note"]:
        return "FORMATS 2.4: daemonic processes have no children in 2.x"
    if task == "threads.test_step" and entry["how"] in ("log", "print"):
        return "page 1: two threads on one stream are interleaved, all fields absent"
    if task == "masked.test_step":
        return "page 1: *** is masked_value"
    if entry["how"] == "bash" and "stderr" in entry["note"] and variant == "af211_es_json":
        return "FORMATS: shell fails before running in af211_es_json"
    if entry["how"] == "bash" and variant == "af211_es_json":
        return "FORMATS: shell fails before running in af211_es_json"
    return None


def why_extra(variant: str, task: str, line: dict) -> str | None:
    kinds = {issue["kind"] for issue in line["issues"]}
    if task == "threads.test_step" and "interleaved" in kinds:
        return "page 1: interleaved block, recorded without fields"
    if task == "masked.test_step" and kinds == {"masked_value"}:
        return "page 1: masked fields are absent"
    return None


def check(samples: Path, variant: str) -> tuple[int, int, int]:
    root = samples / "truth" / variant
    total = explained = unexplained = 0
    for truth in sorted(root.rglob("*.jsonl")):
        relative = truth.relative_to(root)
        log = samples / "logs" / variant / "logs" / relative.with_suffix(".log")
        if not log.exists():
            print(f"{variant}: no log for {relative}")
            continue
        task = re.search(r"task_id=([^/]+)", str(relative)).group(1)
        entries = [json.loads(line) for line in truth.read_text().splitlines()]
        lines = oracle.parse_file(str(log))
        left = [line for line in lines if "block" in line]
        total += len(entries)

        def report(reason, text):
            nonlocal explained, unexplained
            explained += reason is not None
            unexplained += reason is None
            print(f"{'explained' if reason else 'UNEXPLAINED'}: {variant} {relative}: {text}" + (f"  [{reason}]" if reason else ""))

        for entry in entries:
            want = expected(entry)
            found = next((line for line in left if actual(line) == want), None)
            if found is None:
                report(why_missing(variant, task, entry), f"truth seq {entry['seq']} ({entry['how']}, {entry['note']}) has no record")
                continue
            left.remove(found)
            explicit = found["end"] == "explicit"
            if explicit != entry["end_marker"] and entry["how"] != "structlog":
                report(None, f"truth seq {entry['seq']}: end marker {entry['end_marker']}, record ended {found['end']}")
            cut = any(i["kind"] == "incomplete_block" for i in found["issues"])
            if cut == entry["complete"]:
                report(None, f"truth seq {entry['seq']}: complete {entry['complete']}, record ended {found['end']} {found['issues']}")
        for line in left:
            report(why_extra(variant, task, line), f"block {line['block']} at line {line['line']} ends {line['end']} has no truth: "
                                                   f"{line['record']} {[i['kind'] for i in line['issues']]}")
        for line in lines:
            if "status" in line:
                kinds = [i["kind"] for i in line["issues"]]
                reason = "page 1: end markers left over by interleaved threads" if set(kinds) == {"orphan_end"} and task == "threads.test_step" else None
                report(reason, f"source issues {line}"[:400])
    return total, explained, unexplained


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("samples", nargs="?", type=Path, default=Path("/work/shared/samples"))
    arguments.add_argument("--variant", action="append")
    options = arguments.parse_args()
    failed = 0
    for variant in options.variant or [v for v in DEFAULT if v in READ]:
        total, explained, unexplained = check(options.samples, variant)
        print(f"{variant}: {total} blocks of truth, {explained} differences explained, {unexplained} not")
        failed += unexplained
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
