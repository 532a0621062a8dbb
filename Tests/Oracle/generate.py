#!/usr/bin/env python3
"""A seeded generator of hostile Airflow logs: `generate.py --seed N --count K --out DIR`.

Log number I of a seed is always the same bytes under the same relative path. Without `--ambiguous` it keeps to inputs
on which both programs agree; with it, also those of READINGS.md, Known differences (AMBIGUOUS in hostile_values.py).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hostile_field import FIELD_ENVELOPES, FieldGenerator
from hostile_values import DEFAULT_ENVELOPES, NEXT_ENVELOPES


def generate(seed: int, index: int, ambiguous: bool = False, envelopes: list[str] | None = None) -> tuple[str, bytes]:
    """(relative path, bytes) of log number `index` of a seed."""
    return FieldGenerator(seed, index, ambiguous, envelopes).log()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--count", type=int, default=10)
    arguments.add_argument("--first", type=int, default=0)
    arguments.add_argument("--ambiguous", action="store_true")
    arguments.add_argument(
        "--envelopes",
        type=lambda t: t.split(","),
        help=f"any of {DEFAULT_ENVELOPES + NEXT_ENVELOPES + FIELD_ENVELOPES} (default: a mix of the first four)",
    )
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    for index in range(options.first, options.first + options.count):
        path, data = generate(options.seed, index, options.ambiguous, options.envelopes)
        target = options.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
