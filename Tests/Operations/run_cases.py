"""The scenarios of run_cases.md: their logs, observations and settings, and what 3-classification makes of them."""

from __future__ import annotations

import pathlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

FILE = pathlib.Path(__file__).with_name("run_cases.md")
# What run_cases.md calls now.
NOON = datetime(2026, 3, 28, 12, tzinfo=timezone.utc)
OUTCOMES = {
    "success": "{taskinstance.py:1138} INFO - Marking task as SUCCESS.",
    "FAILED": "{taskinstance.py:1138} INFO - Marking task as FAILED.",
    "UP_FOR_RETRY": "{taskinstance.py:1138} INFO - Marking task as UP_FOR_RETRY.",
    "killed (exit code -9)": "{local_task_job_runner.py:266} INFO - Task exited with return code -9",
    "none, the log stops": "{test_step.py:40} INFO - loading candles",
}


@dataclass
class Attempt:
    """A row of a case's table: one log."""

    dag: str
    run: str
    task: str
    attempt: str
    start: datetime
    end: datetime
    outcome: str
    blocks: list[tuple[datetime, str]]

    def path(self) -> str:
        task, _, mapped = self.task.rstrip("]").partition("[")
        index = f"map_index={mapped}/" if mapped else ""
        return f"dag_id={self.dag}/run_id={self.run}/task_id={task}/{index}attempt={self.attempt}.log"

    def text(self, later: timedelta) -> str:
        lines = [line(self.start + later, "{taskinstance.py:1225} INFO - Starting attempt")]
        for time, body in self.blocks:
            lines.append(line(time + later, "{logging_mixin.py:150} INFO - === CORRELATION DATA ==="))
            lines += [f"{pair}\n" for pair in body.split()]
            lines.append("=== END CORRELATION DATA ===\n")
        return "".join(lines) + line(self.end + later, OUTCOMES[self.outcome])


def line(time: datetime, text: str) -> str:
    return f"[{time:%Y-%m-%dT%H:%M:%S}.000+0000] {text}\n"


@dataclass
class Case:
    """One scenario with its expectations, which are the lines of its list as they stand."""

    title: str
    universe: list[tuple[str, str]]
    test_dags: list[str]
    attempts: list[Attempt] = field(default_factory=list)
    observations: list[tuple[datetime, dict[str, str]]] = field(default_factory=list)
    expectations: list[str] = field(default_factory=list)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def blocks(text: str) -> list[tuple[datetime, str]]:
    """A time without its year and a body of fields, several with a line break between them."""
    if text == "none":
        return []
    found = []
    for part in text.split("<br>"):
        time, body = re.fullmatch(r"(\d\d-\d\d \d\d:\d\d): `(.*)`", part).groups()
        found.append((instant(f"2026-{time}:00"), body))
    return found


def case(section: str) -> Case:
    title = section.split("\n", 1)[0]
    universe = re.search(r"^Universe: (.*?)\. Test DAGs: (.*)\.$", section, re.MULTILINE)
    found = Case(title, re.findall(r"(\w+) \(([\w-]+)\)", universe[1]), universe[2].split(", "))
    for row in re.findall(r"^\| (launch__.*) \|$", section, re.MULTILINE):
        dag, run, task, attempt, start, end, outcome, told = row.split(" | ")
        found.attempts.append(Attempt(dag, run, task, attempt, instant(start), instant(end), outcome, blocks(told)))
    for time, told in re.findall(r"^Prometheus at (.*?): `(.*)`$", section, re.MULTILINE):
        found.observations.append((instant(time), dict(pair.split("=") for pair in told.split())))
    found.expectations = re.findall(r"^- (.*)$", section, re.MULTILINE)
    return found


def cases() -> list[Case]:
    """All of them, in the order of the file."""
    return [case(section) for section in re.split(r"^## ", FILE.read_text(), flags=re.MULTILINE)[1:]]
