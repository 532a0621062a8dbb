#!/usr/bin/env python3
"""The steps of a migration: most have one, a transaction. CONTRIBUTING.md, The schema, says how the others are written.

Scripts/migration_steps.py FOLDER FILE…
  Writes each step into a file of its own: FOLDER/transaction/NAME.N.sql, and FOLDER/alone/NAME.N.sql for what runs in none.
"""

from __future__ import annotations

import pathlib
import re
import sys
from typing import NamedTuple

MARK = re.compile(r"^-- STEP (transaction|statement|index [a-z][a-z0-9_]*): .*\n", re.MULTILINE)


class Step(NamedTuple):
    """A transaction, or one statement that runs outside of any."""

    is_transaction: bool
    text: str


def steps(text: str) -> list[Step]:
    """In their order. What stands before the first mark belongs to the first step."""
    marks = list(MARK.finditer(text))
    if not marks:
        return [Step(True, text)]
    starts = [0, *(mark.start() for mark in marks[1:]), len(text)]
    return [
        Step(mark.group(1) == "transaction", text[start:end]) for mark, start, end in zip(marks, starts, starts[1:], strict=False)
    ]


def main(folder: str, files: list[str]) -> None:
    for file in map(pathlib.Path, files):
        for number, step in enumerate(steps(file.read_text()), 1):
            target = pathlib.Path(folder) / ("transaction" if step.is_transaction else "alone") / f"{file.stem}.{number}.sql"
            target.parent.mkdir(exist_ok=True)
            target.write_text(step.text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
