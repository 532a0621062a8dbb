"""2-log-envelopes, Outcome and Identity: levels, failure lines, and which task a line names."""

from __future__ import annotations

import re

WARNING = 30
IDENTITY_KEYS = ("ti_id", "workload_id", "log_id", "dag_id", "run_id", "task_id", "map_index", "try_number")
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


def level_number(name: str | None) -> int | None:
    if not isinstance(name, str):
        return None
    match = re.fullmatch(r"Level (\d+)", name)
    return int(match.group(1)) if match else LEVELS.get(name.upper())


# ----------------------------------------------------------------------------- failure lines (2-log-envelopes, Outcome)
OWN_FILES = {
    "taskinstance.py",
    "local_task_job_runner.py",
    "local_task_job.py",
    "standard_task_runner.py",
    "timeout.py",
    "task_runner.py",
    "supervisor.py",
}


def is_failure_text(text: str, keys: dict) -> bool:
    match = re.match(r"(?:Immediate failure requested\. )?Marking task as ([A-Z_]+)(?:\.|\Z)", text)
    if match:
        return match.group(1) in ("FAILED", "UP_FOR_RETRY", "DEFERRED")
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


def task_of(scalars: dict) -> tuple | None:
    """Where a line names its task instance, that belongs to its source too."""
    for key in ("ti_id", "workload_id", "log_id"):
        if scalars.get(key) is not None:
            return (key, str(scalars[key]))
    named = tuple((k, str(scalars[k])) for k in IDENTITY_KEYS[3:] if scalars.get(k) is not None)
    return named or None


def same_task(a: dict, b: dict) -> bool:
    """False only where both name a task instance and they differ."""
    return all(str(a[k]) == str(b[k]) for k in IDENTITY_KEYS if k in a and k in b)
