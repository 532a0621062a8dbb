"""What the rounds of every kind share: the program, the states that a database may be in, and the judgement on a round."""

from __future__ import annotations

import random
import re
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import compare
import trees
from postgres import Database, Rewound, Server, environment, error_sentence

# Exit codes (5-command-line, Exit codes) that a fault may lead to: unreachable, try again later.
GIVEN_UP = (69, 75)
MOST_RERUNS = 5
PATIENCE = 180  # seconds for one run of the program; longer is a hang


@dataclass
class Outcome:
    status: int
    text: str
    seconds: float

    @property
    def sentence(self) -> str:
        return error_sentence(self.text)


class Program:
    """One run of corrparse in the background."""

    def __init__(self, binary: Path, arguments: list[str], connection: str, jobs: int | None = None, retries: int | None = None):
        self.start = time.monotonic()
        more = {"CORRPARSE_JOBS": str(jobs)} if jobs else {}
        if retries is not None:
            more["CORRPARSE_RETRIES"] = str(retries)
        self.process = subprocess.Popen(
            [str(binary), *arguments, "--database", connection],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment(**more),
        )

    def kill(self) -> None:
        self.process.kill()

    def finish(self) -> Outcome:
        try:
            _, errors = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, errors = self.process.communicate()
            return Outcome(-999, f"hangs: ended by the harness after {PATIENCE} s", PATIENCE)
        return Outcome(self.process.returncode, errors.decode(errors="replace"), time.monotonic() - self.start)


@dataclass
class Situation:
    """What a round starts from and must come to."""

    template: str  # the database to copy
    root: Path
    allowed: list[compare.Dump]  # every state that a source may be found in
    reference: compare.Dump
    status: int  # of an undisturbed run: 65 where the tree has damaged logs
    seconds: float  # that such a run takes


@dataclass
class Result:
    """What a round came to."""

    problems: list[str] = field(default_factory=list)
    happened: bool = True  # whether the fault met the program at work
    status: str = ""  # how the disturbed run ended
    reruns: int = 0  # that it took afterwards; 0 where the run itself came through
    state: str = ""  # of the database before them: old, new, or in between
    note: str = ""
    found: compare.Dump | None = None  # the tables after the disturbed run


class Stage:
    """A tree of logs, with databases for the states before, and references for the one after."""

    def __init__(
        self,
        server: Server,
        binary: Path,
        folder: Path,
        label: str,
        old: trees.Tree,
        new: trees.Tree,
        only_from_old: bool = False,
    ):
        self.server, self.binary, self.label = server, binary, label
        self.root = folder / label / "logs"
        self.local = threading.local()
        empty = server.create(name=f"{label}_empty")
        self.run_clean(["migrate", "up"], empty, {0})
        self.relations = compare.relations_of(empty.ask)
        empty.forget()
        trees.write(self.root, old)
        before = server.create(empty.name, name=f"{label}_old")
        self.run_clean(self.arguments(None), before, {0, 65})
        before.forget()
        self.from_old = self.situation(before, new)
        self.situations = [self.from_old]
        if not only_from_old:
            self.from_empty = self.situation(empty, new)
            self.situations = [self.from_old, self.from_old, self.from_empty]

    def situation(self, start: Database, new: trees.Tree) -> Situation:
        allowed = [self.dump(start)]
        start.forget()
        seconds = trees.second_locations(new)
        firsts = {name[:-3] for name in seconds}
        # A source with two locations may be found with one of them read and the other not.
        for without in (seconds, firsts, set()):
            trees.write(self.root, new, without)
            with self.server.create(start.name) as database:
                outcome = self.run_clean(self.arguments(None), database, {0, 65})
                allowed.append(self.dump(database))
                broken = compare.broken_invariants(database.ask)
                if broken:
                    raise SystemExit("the reference itself is broken:\n" + "\n".join(broken))
        return Situation(start.name, self.root, allowed, allowed[-1], outcome.status, outcome.seconds)

    def run_clean(self, arguments: list[str], database: Database, expected: set[int]) -> Outcome:
        outcome = Program(self.binary, arguments, database.connection).finish()
        if outcome.status not in expected:
            raise SystemExit(f"without any fault corrparse {' '.join(arguments)} exits with {outcome.status}:\n{outcome.text}")
        return outcome

    def arguments(self, chance: random.Random | None) -> list[str]:
        """A way to ingest the whole tree; without chance the plain one."""
        ways = [["ingest", str(self.root)], ["backfill", "--since", "2020-01-01", "--log-root", str(self.root)]]
        if chance is None:
            return ways[0]
        return chance.choice(ways) + chance.choice([[], [], ["--force"]])

    def choose(self, chance: random.Random) -> Situation:
        return chance.choice(self.situations)

    def rewound(self, situation: Situation) -> Database:
        """A database of this thread's own in the state before. For hundreds of rounds: copying one takes longer than a round
        over few logs. It goes with the server."""
        if not hasattr(self.local, "databases"):
            self.local.databases = {}
        if situation.template not in self.local.databases:
            self.local.databases[situation.template] = Rewound(self.server.create(situation.template))
        self.local.databases[situation.template].rewind()
        return self.local.databases[situation.template].database

    def dump(self, database: Database, tables_only: bool = False) -> compare.Dump:
        return compare.snapshot(database.ask, self.relations, tables_only)

    def start(
        self, arguments: list[str], connection: str, chance: random.Random | None = None, retries: int | None = None
    ) -> Program:
        return Program(self.binary, arguments, connection, chance.choice([None, 1, 2, 4]) if chance else 1, retries)

    def judge(
        self, situation: Situation, database: Database, outcomes: list[Outcome], may_end: tuple[int, ...] = GIVEN_UP
    ) -> Result:
        """After the disturbed runs: no log is half there; one more run brings the reference, or as many as it takes."""
        result = Result(status=", ".join(map(self.ending, outcomes)))
        finished = False
        for outcome in outcomes:
            finished = finished or outcome.status == situation.status
            if outcome.status not in (situation.status, *may_end):
                result.problems.append(f"the disturbed run ended with {outcome.status}: {outcome.sentence}")
            if outcome.status in GIVEN_UP and not outcome.sentence:
                result.problems.append(f"exit status {outcome.status} without a word on stderr")
            result.problems += unbalanced(outcome)
        found = result.found = self.dump(database, tables_only=True)
        result.problems += compare.sources_in_between(found, situation.allowed)
        result.state = (
            "old"
            if found.relations == tables(situation.allowed[0], found)
            else "new"
            if found.relations == tables(situation.reference, found)
            else "in between"
        )
        if finished:
            result.problems += [
                f"after exit status {situation.status}: {line}"
                for line in compare.differences(compare.Dump(tables(situation.reference, found)), found)
            ]
        for rerun in range(1, MOST_RERUNS + 1):
            again = self.start(self.arguments(None), database.connection).finish()
            result.problems += unbalanced(again)
            if again.status == situation.status:
                result.reruns = 0 if finished else rerun
                break
            if again.status not in GIVEN_UP or rerun == MOST_RERUNS:
                result.problems.append(f"rerun {rerun} ended with {again.status}: {again.sentence}")
                break
        result.problems += compare.differences(situation.reference, self.dump(database))
        result.problems += compare.broken_invariants(database.ask)
        return result

    @staticmethod
    def ending(outcome: Outcome) -> str:
        return f"signal {-outcome.status}" if outcome.status < 0 else str(outcome.status)


def tables(reference: compare.Dump, like: compare.Dump) -> dict[str, list[str]]:
    return {name: reference.relations[name] for name in like.relations}


def unbalanced(outcome: Outcome) -> list[str]:
    """The accounting equation of the summary (issue 4: blocks found = stored + unchanged + replayed + rejected)."""
    if outcome.status not in (0, 65):
        return []
    match = re.search(r"(\d+) blocks?(?: found)? = ((?:\d+ \w+(?: \+ )?)+)", outcome.text)
    if not match:
        return [f"exit status {outcome.status} without the accounting equation: {outcome.sentence}"]
    parts = [int(number) for number in re.findall(r"\d+", match[2])]
    return [] if int(match[1]) == sum(parts) else [f"the accounting equation does not hold: {match[0]}"]


@dataclass
class Tally:
    """What the rounds of a kind came to."""

    kind: str
    rounds: int = 0
    faults: int = 0
    different: int = 0
    statuses: Counter = field(default_factory=Counter)
    reruns: Counter = field(default_factory=Counter)
    states: Counter = field(default_factory=Counter)
    seconds: float = 0

    def add(self, result: Result) -> None:
        self.rounds += 1
        self.faults += result.happened
        self.different += bool(result.problems)
        if result.happened:
            self.statuses[result.status] += 1
            self.reruns[result.reruns] += 1
            self.states[result.state] += 1

    def line(self) -> str:
        def counts(counter: Counter) -> str:
            return ", ".join(f"{key}: {count}" for key, count in sorted(counter.items(), key=lambda item: str(item[0])))

        return (
            f"faults: {self.kind:<11} {self.rounds} rounds, {self.faults} faults, {self.different} with differences; "
            f"ended {{{counts(self.statuses)}}}, database {{{counts(self.states)}}}, reruns {{{counts(self.reruns)}}}; "
            f"{self.seconds:.0f} s"
        )
