"""Runs programs by turns and tells what they cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Cost:
    """One run: seconds of CPU (its children's included), seconds on the clock, KiB resident at most."""

    cpu: float
    wall: float
    resident: int


@dataclass
class Series:
    """All runs of one program."""

    name: str
    costs: list[Cost] = field(default_factory=list)

    def values(self, what: str) -> list[float]:
        return [getattr(cost, what) for cost in self.costs]

    def median(self, what: str) -> float:
        return statistics.median(self.values(what))

    def show(self, what: str) -> str:
        """`0.98 (0.96 … 1.02)`."""
        values = self.values(what)
        digits = 2 if min(values) >= 0.1 else 4
        return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} … {max(values):.{digits}f})"


Command = Sequence[str] | Callable[[], Cost]


def run(command: Sequence[str], expect: tuple[int, ...] = (0,), alone: bool = False) -> Cost:
    """Runs a program with its output thrown away; one that fails is no measurement. `alone` leaves out what it takes to learn its
    memory, which is a start of `time`: a millisecond or two of CPU, and matters for programs that do nothing."""
    # A child of this program counts this program's memory as its own: it is asked of a child of `time`.
    with tempfile.NamedTemporaryFile() as resident:
        asking = [] if alone else ["/usr/bin/time", "-q", "-f", "%M", "-o", resident.name]
        start = time.perf_counter()
        process = subprocess.Popen(
            [*asking, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        assert process.stderr
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in expect:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors.decode(errors='replace')}")
        return Cost(usage.ru_utime + usage.ru_stime, wall, 0 if alone else int(resident.read()))


def by_turns(commands: dict[str, Command], rounds: int, warm_up: bool = True) -> dict[str, Series]:
    """Runs each program once a round, so that what disturbs the machine disturbs all of them; before, once for the caches."""
    series = {name: Series(name) for name in commands}
    for number in range(-1 if warm_up else 0, rounds):
        for name, command in commands.items():
            cost = command() if callable(command) else run(command)
            if number >= 0:
                series[name].costs.append(cost)
    return series


def ratio(of: Series, to: Series, what: str) -> tuple[float, float, float]:
    """The median of the ratios of each round, with the least and the most."""
    ratios = [one / other for one, other in zip(of.values(what), to.values(what), strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)
