"""What a recognised line says, whatever its envelope: failure lines (2-log-envelopes, Outcome), JSON keys and identity."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from times import Time

from . import grammar
from .grammar import Pair
from .json_value import Members

WARNING = 30
LEVELS = {
    "NOTSET": 0,
    "DEBUG": 10,
    "INFO": 20,
    "WARNING": 30,
    "WARN": 30,
    "ERROR": 40,
    "EXCEPTION": 40,
    "CRITICAL": 50,
    "FATAL": 50,
}
CONTEXT_KEYS = {
    "ti_id",
    "dag_id",
    "task_id",
    "run_id",
    "map_index",
    "try_number",
    "logger",
    "filename",
    "lineno",
    "level",
    "timestamp",
    "chan",
    "loc",
    "event",
}
IDENTITY_KEYS = ("ti_id", "workload_id", "log_id", "dag_id", "run_id", "task_id", "map_index", "try_number")
OWN_FILES = {
    "taskinstance.py",
    "local_task_job_runner.py",
    "local_task_job.py",
    "standard_task_runner.py",
    "timeout.py",
    "task_runner.py",
    "supervisor.py",
}


@dataclass
class Recognised:
    """What one line starts."""

    messages: list[str]
    stream: tuple
    level: int | None
    time: Time | None
    kind: str  # text, json, console (finished by its context), ui
    keys: list[Pair] = field(default_factory=list)
    scalars: dict = field(default_factory=dict)
    own: bool = False
    prints: bool = False
    channel: bool = False
    late: bool = False


def level_number(name: str | None) -> int | None:
    if not isinstance(name, str):
        return None
    match = re.fullmatch(r"Level (\d+)", name)
    return int(match.group(1)) if match else LEVELS.get(name.upper())


def is_failure_text(text: str, keys: dict) -> bool:
    match = re.match(r"(?:Immediate failure requested\. )?Marking task as ([A-Z_]+)(?:\.|\Z)", text)
    if match:
        return match.group(1) not in ("SUCCESS", "SKIPPED")
    match = re.match(r"Task exited with return code (-?\d+)(?: \(|\.|\Z)", text)
    if match:
        return int(match.group(1)) != 0
    if text in ("Workload finished", "Task finished"):
        return keys.get("final_state") not in ("success", "skipped", None)
    return bool(
        re.fullmatch(
            r"Task failed with exception|Process terminated by signal(\..*)?|Process timed out(, PID: \d+)?"
            r"|Task exited|Pausing task as DEFERRED(\..*)?",
            text,
        )
    )


def is_own_json_source(logger, filename) -> bool:
    if not isinstance(logger, str) or not (logger in ("task", "supervisor") or logger.startswith("airflow.")):
        return False
    return filename is None or filename in OWN_FILES


def text_record(file: str, level: str, time: Time | None, message: str) -> Recognised:
    prints = file == "logging_mixin.py"
    stream = ("text", file, level) if prints else ("text", file)
    return Recognised([message], stream, level_number(level), time, "text", own=file in OWN_FILES, prints=prints, channel=prints)


def own_keys(members: Members) -> list[Pair]:
    """The keys of a header event that may be data: not the logger's context."""
    pairs: list[Pair] = []
    for key, value in members:
        if key in CONTEXT_KEYS:
            continue
        found = grammar.object_pairs(Members([(key, value)]))
        if found is not None:
            pairs += found
        elif grammar.is_known(key):
            pairs.append(Pair(key, "", "", broken=True))
    return pairs


def task_of(scalars: dict) -> tuple | None:
    """Where a line names its task instance, that belongs to its source too."""
    for key in ("ti_id", "workload_id", "log_id"):
        if scalars.get(key) is not None:
            return (key, str(scalars[key]))
    named = tuple((k, str(scalars[k])) for k in IDENTITY_KEYS[3:] if scalars.get(k) is not None)
    return named or None
