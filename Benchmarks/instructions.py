#!/usr/bin/env python3
"""How many instructions the parser's inner paths take, counted by callgrind: the same on a busy machine as on a quiet one.

instructions.py --corrparse PROGRAM [--accept]

Each figure is the difference between a longer log and a shorter one, so that the program's start is left out. Exit status 1 where
a figure is more than a twentieth over what instructions.json allows; --accept writes the figures there. They hold for processors
with AVX2, which the search over chunks uses; on others nothing is compared.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import logs

LIMITS = Path(__file__).with_name("instructions.json")
TOLERANCE = 1.05
MB = 1_000_000
NEVER = 10**12


def count(program: Path, log: Path) -> int:
    """The instructions of one `parse`."""
    with tempfile.NamedTemporaryFile() as profile:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile.name}", program, "parse", "--jobs", "1", log],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    found = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit(f"valgrind: {done.stderr}")
    return int(found[1])


def measured(program: Path, folder: Path, kind: str, size: int, per_block: int) -> tuple[int, int, int]:
    """The instructions, bytes and blocks of a log."""
    log = folder / kind / f"{size}-{per_block}" / logs.FIRST.path.removesuffix(".gz")
    generator = logs.Generator(kind)
    generator.write(log, size, per_block)
    return count(program, log), log.stat().st_size, generator.blocks


def block_size(kind: str) -> int:
    return len(logs.Generator(kind).block())


def figures(program: Path, folder: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind in ("text", "json"):
        # The first block is a case of its own as well: much is made for it that is kept.
        plain = [measured(program, folder, kind, size, NEVER) for size in (MB, 3 * MB)]
        dense = [measured(program, folder, kind, size, MB // 50) for size in (MB, 3 * MB)]
        per_byte = (plain[1][0] - plain[0][0]) / (plain[1][1] - plain[0][1])
        instructions, size, blocks = (longer - shorter for shorter, longer in zip(*dense, strict=True))
        found[f"an ordinary byte of {kind} lines"] = per_byte
        found[f"a block of 24 {kind} lines"] = (instructions - per_byte * (size - blocks * block_size(kind))) / blocks
    return {name: round(value, 3 if value < 100 else 0) for name, value in found.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corrparse", type=Path, required=True)
    parser.add_argument("--accept", action="store_true")
    options = parser.parse_args()
    if os.uname().machine != "x86_64" or " avx2 " not in Path("/proc/cpuinfo").read_text():
        print("instructions: NOT COMPARED: this processor has no AVX2")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        # Valgrind gives up on the debug information that Swift writes.
        program = Path(folder) / "corrparse"
        subprocess.run(["strip", "--strip-debug", "-o", program, options.corrparse], check=True)
        found = figures(program, Path(folder))
    if options.accept:
        LIMITS.write_text(json.dumps(found, indent=1) + "\n")
    limits = json.loads(LIMITS.read_text())
    if limits.keys() != found.keys():
        raise SystemExit(f"{LIMITS.name} has other figures than are measured: run with --accept")
    print("\n### Instructions\n\n| path | counted | kept | |\n|---|---|---|---|")
    worse = False
    for name, value in found.items():
        over = value > limits[name] * TOLERANCE
        worse |= over
        print(f"| {name} | {value:g} | {limits[name]:g} | {'MORE' if over else ''} |")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
