#!/usr/bin/env python3
"""Compares the oracle's records of the sample logs with what their tasks really emitted.

`check_samples.py SAMPLES [--variant NAME …]`: prints each difference with the reason the documents give for it;
exit 1 when one has no reason.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import sys
from pathlib import Path

import grammar
import markers
import oracle
import values

DEFAULT = ["af26_default", "af211_default", "af33_default", "af211_es_json", "af211_custom", "af33_pod"]
CUSTOM_FORMAT = "%(asctime)s %(levelname)-8s [%(name)s] %(message)s"


def logs_of(samples: Path, variant: str, relative: Path) -> list[Path]:
    match = re.fullmatch(
        r"dag_id=([^/]+)/run_id=([^/]+)/task_id=([^/]+)/(?:map_index=(\d+)/)?attempt=(\d+)\.jsonl", str(relative)
    )
    dag, run, task, index, attempt = match.groups()
    root = samples / "logs" / variant
    if variant == "af211_custom":
        return [root / "logs" / dag / task / run.partition("__")[2] / f"{index + '_' if index else ''}{attempt}.log"]
    if variant == "af33_pod":
        # A resumed deferral is a second stdout of the same attempt.
        numbers = ["1", "2"] if task == "deferred.test_step" else [attempt]
        return [root / "tasks" / f"{task}.{f'map{index}.' if index else ''}{n}.stdout.log" for n in numbers]
    return [root / "logs" / relative.with_suffix(".log")]


def expected(entry: dict) -> dict:
    """What a reader should make of a truth entry: typed fields by the rules of 1-correlation-data, Record."""
    lines = entry["lines"]
    if entry["how"] == "structlog":
        lines = [f"{k}={v}" for k, v in entry["fields"].items()]
    record, bare = {}, {}
    pairs = {}
    for line in lines:
        for pair in markers.parse_line(grammar.strip_message_line(line)).pairs:
            pairs[pair.normal] = pair
    for key, pair in pairs.items():
        with contextlib.suppress(values.Bad):
            record[key], bare[key] = values.convert(key, pair)
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
        return "log-formats, Print in Airflow 2: os.write(1) and children that inherit stdout are not in a 2.x file"
    if variant.startswith("af2") and "forked multiprocessing child" in entry["note"]:
        return "log-formats, Print in Airflow 2: daemonic processes have no children in 2.x"
    if task == "threads.test_step" and entry["how"] in ("log", "print"):
        return "1-correlation-data, Interleaving: two threads on one stream are interleaved, all fields absent"
    if task == "masked.test_step":
        return "1-correlation-data, Issues: *** is masked_value"
    if entry["how"] == "bash" and "stderr" in entry["note"] and variant == "af211_es_json":
        return "the samples: shell fails before running in af211_es_json"
    if entry["how"] == "bash" and variant == "af211_es_json":
        return "the samples: shell fails before running in af211_es_json"
    return None


def why_extra(task: str, line: dict) -> str | None:
    kinds = {issue["kind"] for issue in line["issues"]}
    if task == "threads.test_step" and "interleaved" in kinds:
        return "1-correlation-data, Interleaving: interleaved block, recorded without fields"
    if task == "masked.test_step" and kinds == {"masked_value"}:
        return "1-correlation-data, Issues: masked fields are absent"
    return None


def check(samples: Path, variant: str) -> tuple[int, int, int]:
    root = samples / "truth" / variant
    total = explained = unexplained = 0
    for truth in sorted(root.rglob("*.jsonl")):
        relative = truth.relative_to(root)
        logs = logs_of(samples, variant, relative)
        if not all(log.exists() for log in logs):
            print(f"{variant}: no log for {relative}")
            continue
        task = re.search(r"task_id=([^/]+)", str(relative)).group(1)
        entries = [json.loads(line) for line in truth.read_text().splitlines()]
        line_format = CUSTOM_FORMAT if variant == "af211_custom" else None
        lines = [line for log in logs for line in oracle.parse_file(str(log), line_format)]
        left = [line for line in lines if "block" in line]
        total += len(entries)

        def report(reason, text, relative=relative):
            nonlocal explained, unexplained
            explained += reason is not None
            unexplained += reason is None
            print(
                f"{'explained' if reason else 'UNEXPLAINED'}: {variant} {relative}: {text}" + (f"  [{reason}]" if reason else "")
            )

        for entry in entries:
            want = expected(entry)
            found = next((line for line in left if actual(line) == want), None)
            if found is None:
                report(
                    why_missing(variant, task, entry), f"truth seq {entry['seq']} ({entry['how']}, {entry['note']}) has no record"
                )
                continue
            left.remove(found)
            explicit = found["end"] == "explicit"
            if explicit != entry["end_marker"] and entry["how"] != "structlog":
                report(None, f"truth seq {entry['seq']}: end marker {entry['end_marker']}, record ended {found['end']}")
            cut = any(i["kind"] == "incomplete_block" for i in found["issues"])
            if cut == entry["complete"]:
                report(
                    None, f"truth seq {entry['seq']}: complete {entry['complete']}, record ended {found['end']} {found['issues']}"
                )
        for line in left:
            report(
                why_extra(task, line),
                f"block {line['block']} at line {line['line']} ends {line['end']} has no truth: "
                f"{line['record']} {[i['kind'] for i in line['issues']]}",
            )
        for line in lines:
            if "status" in line:
                kinds = [i["kind"] for i in line["issues"]]
                reason = (
                    "1-correlation-data, Claimed blocks: end markers left over by interleaved threads"
                    if set(kinds) == {"orphan_end"} and task == "threads.test_step"
                    else None
                )
                report(reason, f"source issues {line}"[:400])
    return total, explained, unexplained


def wrapped(samples: Path) -> list[tuple[Path, Path]]:
    """(a log in another wrapping, the log it was made from)."""
    logs = samples / "logs"
    two = logs / "af211_default/logs/dag_id=launch__discovery/run_id=manual__2026-03-28T02:00:00+00:00"
    three = logs / "af33_default/logs/dag_id=launch__discovery/run_id=manual__2026-11-23T05:57:40.236115+00:00"
    pairs = [
        (logs / "cri/af211_multiline.cri.log", two / "task_id=multiline.test_step/attempt=1.log"),
        (logs / "cri/af211_test_step.cri.log", two / "task_id=test_step/attempt=1.log"),
        (logs / "cri/af33_pod_stdout.cri.log", logs / "af33_pod/tasks/test_step.1.stdout.log"),
        (logs / "cri/af33_test_step.cri.log", three / "task_id=test_step/attempt=1.log"),
        (logs / "docker_json/af211_multiline.json.log", two / "task_id=multiline.test_step/attempt=1.log"),
        (logs / "docker_json/af33_pod_stdout.json.log", logs / "af33_pod/tasks/test_step.1.stdout.log"),
        (logs / "docker_json/af33_test_step.json.log", three / "task_id=test_step/attempt=1.log"),
    ]
    for folder, root in (
        ("af211_default_ui_download", two),
        ("af33_default_api_download", three),
        ("af33_default_ui_download", three),
    ):
        for path in sorted((logs / folder).glob("*")) if (logs / folder).exists() else []:
            match = re.match(r"(.*test_step)\.map(-?\d+)\.attempt(\d+)", path.name)
            if match:
                task, index, attempt = match.groups()
                pairs.append(
                    (
                        path,
                        root / f"task_id={task}" / (f"map_index={index}" if int(index) >= 0 else "") / f"attempt={attempt}.log",
                    )
                )
    return pairs


def check_wrapped(samples: Path) -> int:
    """Each wrapped log gives the records of the log it was made from."""
    failed = 0
    for path, original in wrapped(samples):
        got, want = ([actual(line) for line in oracle.parse_file(str(p)) if "block" in line] for p in (path, original))
        missing = [record for record in want if record not in got]
        extra = [record for record in got if record not in want]
        if missing or extra or len(got) != len(want):
            reason = None
            if "threads" in path.name or ("ui_download" in str(path) and "oddvalues" in path.name):
                reason = "log-formats, Downloads of Airflow 2: the download cuts lines and drops repeated ones"
            failed += reason is None
            print(
                f"{'explained' if reason else 'UNEXPLAINED'}: {path.relative_to(samples)}: {len(got)} records for {len(want)}, "
                f"missing {len(missing)}, extra {len(extra)}" + (f"  [{reason}]" if reason else "")
            )
    print(f"wrapped logs: {len(wrapped(samples))} compared, {failed} unexplained")
    return failed


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("samples", type=Path, help="the folder that holds logs/ and truth/")
    arguments.add_argument("--variant", action="append")
    options = arguments.parse_args()
    failed = 0
    for variant in options.variant or DEFAULT:
        total, explained, unexplained = check(options.samples, variant)
        print(f"{variant}: {total} blocks of truth, {explained} differences explained, {unexplained} not")
        failed += unexplained
    if not options.variant:
        failed += check_wrapped(options.samples)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
