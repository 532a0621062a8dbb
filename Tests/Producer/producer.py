"""What the tests of the producer's module share: the module itself, and the built program to hold its blocks against."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "python" / "corrparse_block"
RECIPES = MODULE / "recipes"
PROGRAM = Path(os.environ.get("CORRPARSE", ROOT / ".build" / "debug" / "corrparse")).resolve()
sys.path.insert(0, str(MODULE))

import corrparse_block as block  # noqa: F401 (the tests take it from here)


class Warnings(logging.Handler):
    """Collects the module's warnings while it is entered, and shows them to nobody else."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []
        self.logger = logging.getLogger("corrparse_block")

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())

    def __enter__(self) -> list[str]:
        self.logger.addHandler(self)
        self.logger.propagate = False
        return self.messages

    def __exit__(self, *_: object) -> None:
        self.logger.removeHandler(self)
        self.logger.propagate = True


def corrparse(*arguments: str, log: str) -> subprocess.CompletedProcess:
    """The program with a log as its standard input, and without what a developer may have set for it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CORRPARSE")}
    return subprocess.run([str(PROGRAM), *arguments, "-"], input=log.encode(), check=False, capture_output=True, env=environment)


def parsed(log: str) -> list[dict]:
    """The records of a log, as corrparse reads them, with their numbers as exact decimals."""
    done = corrparse("parse", "--format", "ndjson", log=log)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return [json.loads(line, parse_float=Decimal) for line in done.stdout.decode().split("\n") if line]


def linted(log: str, *options: str) -> tuple[int, str]:
    """The exit status of `corrparse lint`, and all that it finds."""
    done = corrparse("lint", *options, log=log)
    return done.returncode, done.stdout.decode()
