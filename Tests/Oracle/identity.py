"""2-log-envelopes, Identity: the task that a path names, and lines that contradict it."""

from __future__ import annotations

import re
from urllib.parse import unquote

import times
from records import Log, Record

PATHS = [
    re.compile(
        r"(?:.*/)?dag_id=(?P<dag_id>[^/]+)/run_id=(?P<run_id>[^/]+)/task_id=(?P<task_id>[^/]+)/(?:map_index=(?P<map_index>-?\d+)/)?"
        r"attempt=(?P<try_number>\d+)\.log(?:\.trigger\.\d+\.log)?(?:\.gz)?",
        re.DOTALL,
    ),
    # "the older `dag/task/date/N.log` and `map_N`"
    re.compile(
        r"(?:.*/)?(?P<dag_id>[^/]+)/(?P<task_id>[^/]+)/(?P<run_id>\d{4}-\d\d-\d\dT[^/]+)/(?:(?P<map_index>\d+)_)?"
        r"(?P<try_number>\d+)\.log(?:\.gz)?",
        re.DOTALL,
    ),
]
PARTS = ("dag_id", "run_id", "task_id", "map_index", "try_number")
MARKING = re.compile(r"(?:Immediate failure requested\. )?Marking task as [A-Z_]+\. (.*)")
INSTANCE = re.compile(r"<TaskInstance: ([^.\s]+)\.(\S+) (\S+)(?: map_index=(-?\d+))?")
STARTING = re.compile(r"Starting attempt (\d+) of \d+")


def of_path(path: str, bucket: bool = False) -> dict | None:
    """ "URL-decoded in bucket keys"."""
    for form in PATHS:
        match = form.fullmatch(unquote(path) if bucket else path)
        if not match:
            continue
        found = match.groupdict()
        out: dict = {"dag_id": found["dag_id"], "run_id": found["run_id"], "task_id": found["task_id"]}
        if found["map_index"] is not None and int(found["map_index"]) >= 0:
            out["map_index"] = int(found["map_index"])
        out["try_number"] = int(found["try_number"])
        return out
    return None


def named_by(record: Record) -> dict:
    """ "A line names a task by its keys, or because it is one of Airflow 2's own messages"."""
    out = named_by_keys(record)
    # "Nothing is read from a line that may be cut."
    if out or not record.own or record.lines[0].cut:
        return out
    text = record.lines[0].text
    match = MARKING.match(text)
    if match:
        named = dict(re.findall(r"(\w+)=([^,\s]+)", match.group(1)))
        return {part: named[part] for part in PARTS if part in named}
    match = STARTING.match(text)
    if match:
        return {"try_number": match.group(1)}
    match = INSTANCE.search(text)
    if match:
        named = dict(zip(("dag_id", "task_id", "run_id", "map_index"), match.groups(), strict=True))
        return {part: value for part, value in named.items() if value is not None}
    return {}


def of_parts(parts: dict) -> dict | None:
    """A task as the output shows it; None unless every part but the map index is there."""
    if not {"dag_id", "run_id", "task_id", "try_number"} <= set(parts) or not str(parts["try_number"]).isdigit():
        return None
    out: dict = {part: str(parts[part]) for part in ("dag_id", "run_id", "task_id")}
    if int(parts.get("map_index", -1)) >= 0:
        out["map_index"] = int(parts["map_index"])
    out["try_number"] = int(parts["try_number"])
    return out


def of_lines(log: Log) -> dict | None:
    """ "else from lines that carry it": where all of them name one attempt."""
    found: dict = {}
    for record in log.records:
        for part, value in named_by(record).items():
            if found.setdefault(part, value) != value:
                return None
    return of_parts(found)


def of_record(record: Record) -> dict | None:
    """Where the lines of a file carry more than one, "each record takes its identity from its header's line"."""
    return of_parts(named_by_keys(record))


def named_by_keys(record: Record) -> dict:
    """Elasticsearch's `log_id` is `dag-task-run-map-try` (log-formats, JSON for Elasticsearch); each of them may hold dashes."""
    out = {part: str(record.scalars[part]) for part in PARTS if record.scalars.get(part) is not None}
    begin = f"{out.get('dag_id')}-{out.get('task_id')}-"
    log_id = str(record.scalars.get("log_id", ""))
    match = re.fullmatch(r"(.+?)-(-?\d+)-(\d+)", log_id[len(begin) :], re.DOTALL) if log_id.startswith(begin) else None
    return {**dict(zip(("run_id", "map_index", "try_number"), match.groups(), strict=True)), **out} if match else out


def conflict(task: dict, log: Log) -> str | None:
    """The first part of the first line that differs from the path."""
    path = {"map_index": -1, **task}
    for record in log.records:
        named = named_by(record)
        for part in PARTS:
            if (
                part in named
                and named[part] != str(path[part])
                and not (part == "run_id" and same_instant(named[part], path[part]))
            ):
                return part
    return None


def same_instant(run_id: str, date: str) -> bool:
    """ "Lines that name a run with that instant in its run_id do not contradict." """
    moment = times.parse(date)
    return moment is not None and times.inside_run_id(run_id) == moment
