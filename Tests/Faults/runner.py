"""Runs the rounds of one kind and tells what differs."""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from stage import Result, Tally

PROGRESS_SECONDS = 300  # how often a long run says that it lives
print_lock = threading.Lock()


def say(text: str) -> None:
    with print_lock:
        print(text, flush=True)


class Runner:
    """Runs the rounds of one kind and prints the differences with what reproduces them."""

    def __init__(self, options: argparse.Namespace, kind: str):
        self.options, self.tally = options, Tally(kind)
        self.spoken = time.monotonic()

    def run(
        self,
        count: int,
        body: Callable[[random.Random, int], Result],
        parallel: int,
        faults: int = 0,
        share: tuple[int, int] = (1, 1),
    ) -> Tally:
        """At least so many rounds, or a share of them, and more until there have been so many faults that met the program."""
        kind, start = self.tally.kind, time.monotonic()
        part = range(share[0] - 1, count, share[1])

        def one(number: int) -> None:
            chance = random.Random(f"{self.options.seed} {kind} {number}")
            try:
                result = body(chance, number)
            except Exception as error:  # noqa: BLE001 -- a round that cannot be judged is a difference
                result = Result(problems=[f"{type(error).__name__}: {error}"])
            with print_lock:
                self.tally.add(result)
                progress = time.monotonic() - self.spoken > PROGRESS_SECONDS
                if progress:
                    self.spoken = time.monotonic()
            if progress:
                say(f"faults: {kind}: {self.tally.rounds} of {len(part)} rounds, {self.tally.different} with differences")
            if result.problems:
                where = f" ({result.note})" if result.note else ""
                say(
                    "\n".join(
                        [
                            f"faults: {kind} round {number}{where} differs; ended {result.status}, database {result.state}:",
                            *(f"  {line}" for line in result.problems[:30]),
                            f"  reproduce: Tests/Faults/faults.py {kind} --seed {self.options.seed} --only {number}",
                        ]
                    )
                )

        if self.options.only is not None:
            one(self.options.only)
        else:
            with ThreadPoolExecutor(parallel) as pool:
                list(pool.map(one, part))
                # A fault that comes when the program has ended already is no fault.
                while self.tally.faults < faults and self.tally.rounds < 4 * count:
                    list(pool.map(one, range(self.tally.rounds, self.tally.rounds + faults - self.tally.faults)))
            if self.tally.faults < faults:
                say(f"faults: {kind}: only {self.tally.faults} of {faults} faults met the program at work")
                self.tally.different += 1
        self.tally.seconds = time.monotonic() - start
        say(
            f"faults: {kind} is done: {self.tally.rounds} rounds, {self.tally.different} with differences, "
            f"{self.tally.seconds:.0f} s"
        )
        return self.tally
