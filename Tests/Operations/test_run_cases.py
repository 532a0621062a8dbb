#!/usr/bin/env python3
"""Every case of run_cases.md: its logs are written and ingested, and what the database tells is what the case expects.

Scripts/with-postgres.sh python3 Tests/Operations/test_run_cases.py [-k NUMBER]
"""

from __future__ import annotations

import contextlib
import pathlib
import re
import shutil
import sys
import unittest
from datetime import datetime, timedelta, timezone

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
import run_cases
from program import libpq

ALL = run_cases.cases()


class Stored:
    """A case in a database of its own, its times moved by so much."""

    def __init__(self, case: run_cases.Case, later: timedelta = timedelta(), backwards: bool = False):
        self.later, self.database, self.folder = later, program.Database(), program.folder()
        universe = ", ".join(f"({libpq.quoted(c)}, {libpq.quoted(g)})" for c, g in case.universe)
        dags = ", ".join(f"({libpq.quoted(d)})" for d in case.test_dags)
        statements = [
            "DELETE FROM corrparse.universe",
            f"INSERT INTO corrparse.universe (crypto, crypto_group) VALUES {universe}",
            "DELETE FROM corrparse.test_dag",
            f"INSERT INTO corrparse.test_dag (dag_id) VALUES {dags}",
        ]
        for time, told in case.observations:
            statements.append(
                f"INSERT INTO corrparse.infra_observation (observed_at, origin, {', '.join(told)}) "
                f"VALUES ('{(time + later).isoformat()}', 'prometheus', {', '.join(told.values())})"
            )
        self.ask("; ".join(statements))
        # All at once, or each by a run of its own from the last to the first.
        paths = [program.write(self.folder, a.path(), a.text(later)) for a in sorted(case.attempts, key=run_cases.Attempt.path)]
        for path in reversed(paths) if backwards else [self.folder]:
            done = self.corrparse("ingest", str(path))
            assert done.returncode == 0, done.stderr

    def close(self) -> None:
        shutil.rmtree(self.folder)

    def corrparse(self, *arguments: str):
        return program.run(*arguments, DATABASE_URL=self.database.connection())

    def ask(self, statement: str) -> list[tuple]:
        with contextlib.closing(libpq.Connection(self.database.connection())) as connection:
            return connection.run(statement).rows

    def time(self, text: str) -> str:
        return f"'{(run_cases.instant(text) + self.later).isoformat()}'::timestamptz"

    def answer(self, expectation: str) -> str:
        """The expectation with what the database says in its place."""
        if found := re.fullmatch(r"(run (\w+), (as a whole|\w+)): (.*)", expectation):
            crypto = "crypto IS NULL" if found[3] == "as a whole" else f"crypto = '{found[3]}'"
            names = [part.split()[0] for part in found[4].split(", ")]
            columns = ", ".join("primary_code" if name == "primary" else name for name in names)
            rows = self.ask(f"SELECT {columns} FROM diagnostics.run_diagnosis_v1 WHERE run_id = '{found[2]}' AND {crypto}")
            told = [f"{name} {value or 'null'}" for row in rows for name, value in zip(names, row, strict=True)]
            return f"{found[1]}: {', '.join(told)}"
        if found := re.fullmatch(r"(best strategy of (\w+) in (\w+)): .*", expectation):
            rows = self.ask(
                f"SELECT sortino FROM diagnostics.best_strategy_v1 WHERE crypto = '{found[2]}' AND run_id = '{found[3]}'"
            )
            return f"{found[1]}: the one with Sortino {', '.join(row[0] for row in rows)}"
        if found := re.fullmatch(r"(at (\S+ \S+) run (\w+) is) \w+", expectation):
            rows = self.ask(
                f"SELECT r.state FROM corrparse.source AS s, corrparse.run_at({self.time(found[2])}, s.dag_id, s.run_id) AS r "
                f"WHERE s.run_id = '{found[3]}'"
            )
            return f"{found[1]} {rows[0][0]}"
        if found := re.fullmatch(r"(at (\S+ \S+) condition (\w+)): \w+", expectation):
            rows = self.ask(
                f"SELECT status FROM diagnostics.global_state_conditions_at({self.time(found[2])}) WHERE condition = '{found[3]}'"
            )
            return f"{found[1]}: {rows[0][0]}"
        if found := re.fullmatch(r"(at (\S+ \S+) signal (\w+) of (\w+)): (\w+)(, value (.*))?", expectation):
            places = len((found[7] or "").partition(".")[2])
            rows = self.ask(
                f"SELECT status, round(value, {places}) FROM diagnostics.golden_signals_at({self.time(found[2])}) "
                f"WHERE signal = '{found[3]}' AND scope = '{found[4]}'"
            )
            return f"{found[1]}: {rows[0][0]}" + (f", value {rows[0][1]}" if found[6] else "")
        if found := re.fullmatch(r"(at (\S+ \S+) global state): \w+", expectation):
            return f"{found[1]}: {self.ask(f'SELECT state FROM diagnostics.global_state_at({self.time(found[2])})')[0][0]}"
        raise AssertionError(f"nobody knows how to ask: {expectation}")

    def answers(self, case: run_cases.Case) -> list[str]:
        return [self.answer(expectation) for expectation in case.expectations]


class RunCases(unittest.TestCase):
    maxDiff = None

    def test_the_file_has_every_case(self):
        self.assertEqual([case.title.partition(".")[0] for case in ALL], [str(n) for n in range(1, 19)])
        self.assertTrue(all(case.attempts and case.expectations for case in ALL))

    def expect(self, case: run_cases.Case) -> None:
        for backwards in (False, True):
            stored = Stored(case, backwards=backwards)
            self.addCleanup(stored.close)
            self.assertEqual(stored.answers(case), case.expectations)
            # While no run's diagnosis is stored, it is computed for the question.
            stored.ask(
                "INSERT INTO corrparse.run_change (dag_id, run_id) SELECT DISTINCT dag_id, run_id FROM corrparse.task_outcome; "
                "DELETE FROM corrparse.run_diagnosis"
            )
            self.assertEqual(stored.answers(case), case.expectations, "without stored diagnoses")

    def test_prune_keeps_what_the_present_is_judged_by(self):
        case = ALL[16]
        # The times are moved by whole seconds, so a day's age is that of the case to a few seconds.
        now = datetime.now(timezone.utc).replace(microsecond=0)
        stored = Stored(case, now - run_cases.NOON)
        self.addCleanup(stored.close)
        self.assertEqual(stored.answers(case), case.expectations)
        self.assertEqual(stored.corrparse("prune", "--before", "31d", "--yes").returncode, 64)
        done = stored.corrparse("prune", "--before", "38d", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(stored.answers(case), case.expectations)


def add(case: run_cases.Case) -> None:
    number, _, title = case.title.partition(". ")
    name = f"test_{int(number):02}_{re.sub('[^a-z0-9]+', '_', title.lower()).strip('_')}"
    setattr(RunCases, name, lambda self: self.expect(case))


for each in ALL:
    add(each)


if __name__ == "__main__":
    unittest.main()
