#!/usr/bin/env python3
"""Makes Airflow task logs to measure with: the same bytes for the same arguments.

logs.py text|json BYTES BYTES_PER_BLOCK OUT[.gz] [SEED]

Ordinary lines are those of one stretch of 20,000, over and over: what lies further apart than the 32 KiB that deflate looks back
compresses no better. Blocks differ from each other, so that none is a replay.
"""

from __future__ import annotations

import random
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WORDS = "training fold evaluating features candle window model score epoch loss batch sampler gradient ratio".split()
BLOCK = """=== CORRELATION DATA ===
crypto=SOLUSDC
horizon=H4
sl=0.8
tp=1.5
fold={fold}
f1_buy={f1:.17f}
baseline_f1_buy=0.4751
precision_buy=0.3857
recall_buy=0.4656
buy_rate=0.0611
std_f1_buy=0.0129
sortino=-1.084
tp_pct=46.2
sl_pct=39.7
timeout_pct=14.1
n_trades=655
gates=f1:fail,sortino:fail
screening_f1_buy=0.5768
last_fold_f1_buy=0.5661
n_candidates=53
n_passed=5
=== END CORRELATION DATA ==="""
# What Airflow 2 writes last, so that a log is done and no run has to look at it again; Airflow 3 writes nothing of the kind.
TEXT_ENDING = (
    "Marking task as SUCCESS. dag_id=launch__discovery, task_id={task}, "
    "execution_date={date}T{clock}, start_date=20260328T021400, end_date=20260328T021500"
)
GZIP_LEVEL = 6


@dataclass(frozen=True)
class Attempt:
    """The attempt with a number; a run has a hundred tasks. Its log names it as its path does, so that no log has a conflict."""

    number: int

    @property
    def date(self) -> str:
        return f"2026-{3 + self.number // 280_000:02d}-{1 + self.number // 10_000 % 28:02d}"

    @property
    def clock(self) -> str:
        return f"{self.number // 100 % 100 // 60:02d}:{self.number // 100 % 60:02d}:00"

    @property
    def run(self) -> str:
        return f"manual__{self.date}T{self.clock}+00:00"

    @property
    def task(self) -> str:
        return f"t{self.number % 100}.test_step"

    @property
    def path(self) -> str:
        """Where Airflow puts the log."""
        return f"dag_id=launch__discovery/run_id={self.run}/task_id={self.task}/attempt=1.log.gz"

    @property
    def names(self) -> str:
        """What each line of JSON says of the run and the task."""
        return f'"run_id":"{self.run}","task_id":"{self.task}"'

    @property
    def ending(self) -> str:
        return TEXT_ENDING.format(task=self.task, date=self.date.replace("-", ""), clock=self.clock.replace(":", ""))


# Lines are made as this attempt writes them; in the logs of others its names are replaced.
FIRST = Attempt(0)


def clock(number: int, digits: int) -> str:
    fraction = f"{number % 1000:03d}".ljust(digits, "0")
    return f"2026-03-28T{number // 3_600_000 % 24:02d}:{number // 60_000 % 60:02d}:{number // 1000 % 60:02d}.{fraction}"


def text_line(number: int, file: str, message: str) -> str:
    return f"[{clock(number, 3)}+0000] {{{file}}} INFO - {message}\n"


def json_line(number: int, file: str, message: str) -> str:
    name, line = file.split(":")
    return (
        f'{{"timestamp":"{clock(number, 6)}Z","level":"info","event":"{message}","logger":"root",'
        '"ti_id":"01a206fb-4567-7f24-9650-e694bdf0f160","try_number":1,"map_index":-1,'
        f'{FIRST.names},"dag_id":"launch__discovery",'
        f'"filename":"{name}","lineno":{line}}}\n'
    )


class Generator:
    """Logs of one kind, one after another."""

    def __init__(self, kind: str, seed: int = 7):
        self.kind, self.chance = kind, random.Random(seed)
        self.line = {"text": text_line, "json": json_line}[kind]
        self.blocks = 0
        lines = []
        for number in range(20_000):
            message = " ".join(self.chance.choice(WORDS) for _ in range(6)) + f" {self.chance.random():.5f}"
            lines.append(self.line(number, f"trainer.py:{self.chance.randint(10, 400)}", message).encode())
        self.filler = b"".join(lines)
        starts, position = [], 0
        for line in lines:
            starts.append(position)
            position += len(line)
        self.starts = starts

    def pieces(self, size: int, per_block: int, attempt: Attempt) -> Iterator[bytes]:
        """A log of about so many bytes, piece by piece."""
        first, names = FIRST.names.encode(), attempt.names.encode()
        for piece in self.of_first(size, per_block):
            yield piece if attempt == FIRST else piece.replace(first, names)
        if self.kind == "text":
            yield self.line(82_000_000, "taskinstance.py:1138", attempt.ending).encode()

    def of_first(self, size: int, per_block: int) -> Iterator[bytes]:
        """The same with the names of the first attempt, and without the log's ending."""
        written, next_block, place = 0, per_block, self.chance.randrange(len(self.starts))
        while written < size:
            room = min(next_block, size) - written
            if room > 0:
                start = self.starts[place]
                piece = self.filler[start : start + room]
                # Up to the end of a line, or of the stretch.
                if start + room < len(self.filler):
                    piece += self.filler[start + room : self.filler.index(b"\n", start + room) + 1]
                place = (place + piece.count(b"\n")) % len(self.starts)
                written += len(piece)
                yield piece
            if written >= next_block:
                next_block += per_block
                piece = self.block()
                written += len(piece)
                yield piece

    def block(self) -> bytes:
        self.blocks += 1
        text = BLOCK.format(fold=self.blocks % 5, f1=self.chance.random())
        first = self.blocks * 40
        return "".join(
            self.line(first + number, "launch_discovery.py:137", message) for number, message in enumerate(text.split("\n"))
        ).encode()

    def write(self, path: Path, size: int, per_block: int, number: int = 0) -> None:
        """Writes an attempt's log, compressed where its name says so: a long one by gzip beside this program."""
        pieces = self.pieces(size, per_block, Attempt(number))
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        if not path.name.endswith(".gz"):
            with part.open("wb") as out:
                out.writelines(pieces)
        elif size > 10_000_000:
            with part.open("wb") as out:
                gzip = subprocess.Popen(["gzip", "-n", f"-{GZIP_LEVEL}"], stdin=subprocess.PIPE, stdout=out)
                assert gzip.stdin
                gzip.stdin.writelines(pieces)
                gzip.stdin.close()
                if gzip.wait() != 0:
                    raise SystemExit(f"gzip failed on {path}")
        else:
            packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
            part.write_bytes(packer.compress(b"".join(pieces)) + packer.flush())
        part.rename(path)


def tree(folder: Path, kind: str, count: int, size: int, per_block: int) -> Path:
    """A log root with so many logs; made once and kept."""
    done = folder / "done"
    if not done.exists():
        generator = Generator(kind)
        for number in range(count):
            generator.write(folder / "logs" / Attempt(number).path, size, per_block, number)
        done.touch()
    return folder / "logs"


def one(folder: Path, kind: str, size: int, per_block: int) -> Path:
    """One log; made once and kept."""
    path = folder / FIRST.path
    if not path.exists():
        Generator(kind).write(path, size, per_block)
    return path


def main() -> None:
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    kind, size, per_block, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    generator = Generator(kind, int(sys.argv[5]) if len(sys.argv) == 6 else 7)
    generator.write(out, size, per_block)
    print(f"{generator.blocks} blocks")


if __name__ == "__main__":
    main()
