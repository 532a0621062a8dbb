"""Which reading of the pages a run compares with: the one switch.

Edition 1 is what the parser did before the field cases (folder edition1); edition 2 is the pages as they stand. READINGS.md says
how edition 1 is deleted once the parser follows edition 2.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass

TODAY = 1  # what the parser is, and what `make test` compares with


@dataclass(frozen=True)
class Edition:
    number: int
    parse: Callable[..., list[dict]]  # (source, bytes, line format or None) to the lines of NDJSON


def get(number: int = TODAY) -> Edition:
    # Imported when asked for: the modules of the oracle import this one.
    module = {1: "edition1.oracle", 2: "oracle"}[number]
    return Edition(number, importlib.import_module(module).parse_bytes)


def add_option(arguments: argparse.ArgumentParser) -> None:
    arguments.add_argument("--edition", type=int, choices=(1, 2), default=TODAY, help="the reading of the pages (editions.py)")
