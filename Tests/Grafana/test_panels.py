#!/usr/bin/env python3
"""Runs what Grafana would run against a real PostgreSQL, as the read-only role. No Grafana can be installed where this is
developed; what is not proven is what only its browser shows: how a panel looks.

  Scripts/with-postgres.sh python3 -m unittest discover Tests/Grafana      everything in this folder
  Scripts/with-postgres.sh python3 Tests/Grafana/test_panels.py            this file

CORRPARSE names the program; else the newest build of this checkout is used.
"""

import datetime
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]

import checks
import databases
import grafana_sql
import libpq
from databases import HOUR

QUOTED = {"dag": "launch__o'hare", "run": "manual__o'clock", "crypto": "O'NEILUSDC"}


def setUpModule():
    global DATA
    DATA = databases.opened()


def clock_change(before):
    """A day and a half around the last time before an instant that clocks in Paris were changed."""
    last = [
        max(
            d
            for d in (datetime.datetime(year, month, day, 1, tzinfo=grafana_sql.UTC) for day in range(25, 32))
            if d.weekday() == 6
        )
        for year in (before.year - 1, before.year)
        for month in (3, 10)
    ]
    change = max(c for c in last if c < before - 24 * HOUR)
    return change - 18 * HOUR, change + 18 * HOUR


def ranges():
    return {
        "empty": (
            datetime.datetime(2001, 1, 1, tzinfo=grafana_sql.UTC),
            datetime.datetime(2001, 1, 1, 1, tzinfo=grafana_sql.UTC),
        ),
        "hour": (DATA.now - 5 * HOUR, DATA.now - 4 * HOUR),
        "90 days": (DATA.now - 90 * 24 * HOUR, DATA.now + HOUR),
        "clock change": clock_change(DATA.now),
    }


def variables(connection, board, start, end, choose):
    """Every variable's value in its order, each query with the values before it; choose picks from the options."""
    values, problems = {}, []
    for variable in board["templating"]["list"]:
        name = variable["name"]
        if variable["type"] == "query":
            result = connection.run(grafana_sql.expand(variable["query"], start, end, values))
            if len(result.columns) != 1 or result.types[0] not in checks.TEXTS:
                problems.append(f"{name}: {result.columns} {result.types}")
            options = [row[0] for row in result.rows]
            if None in options or len(options) != len(set(options)):
                problems.append(f"{name}: an option twice, or none: {options}")
            values[name] = grafana_sql.Variable(choose(name, options, variable["multi"]), variable["multi"])
    return values, problems


def every(name, options, multi):
    """All, or the first, as Grafana begins."""
    del name
    return options if multi else (options[0] if options else "")


def discovery(name, options, multi):
    """All, and of the DAGs, where it is one, a test DAG."""
    return "launch__discovery" if name == "dag" and not multi else every(name, options, multi)


def one(name, options, multi):
    """One value of each, which Grafana may hand over as a text."""
    del name, multi
    return options[0] if options else ""


def quoted(name, options, multi):
    """Values with an apostrophe, typed into the address."""
    value = QUOTED.get(name)
    return [value, *options[:1]] if value and multi else value or every(name, options, multi)


def nothing(name, options, multi):
    """No value at all."""
    del name, options
    return [] if multi else ""


class Panels(unittest.TestCase):
    def run_board(self, connection, uid, span, choose, filled=False, zone="utc"):
        """Runs everything of a dashboard; returns rows by panel and query."""
        start, end = span
        board = DATA.boards[uid]
        values, problems = variables(connection, board, start, end, choose)
        self.assertEqual(problems, [], uid)
        rows = {}
        for panel, target in checks.queries(board):
            # A panel that is repeated is asked for one value at a time.
            repeated = {
                name: grafana_sql.Variable(v.value[0] if v.value and not isinstance(v.value, str) else v.value, v.is_multi)
                for name, v in values.items()
                if name == panel.get("repeat")
            }
            query = grafana_sql.expand(target["rawSql"], start, end, {**values, **repeated}, panel.get("interval"), zone)
            try:
                result = connection.run(query)
            except libpq.Error as error:
                self.fail(f"{uid}, {panel['title']}: {error}\n{query}")
            self.assertEqual(checks.answer(panel, target, result), [], f"{uid}, {panel['title']}\n{query}")
            if filled:
                self.assertNotEqual(result.rows, [], f"{uid}, {panel['title']}: shows nothing\n{query}")
            rows[checks.asked(panel), target["refId"]] = result
        return rows

    def test_all_values_over_every_range_and_in_paris_the_same_instants(self):
        def instants(rows):
            return {
                key: [
                    [checks.instant(v) if v and kind in checks.TIMES else v for v, kind in zip(row, result.types, strict=True)]
                    for row in result.rows
                ]
                for key, result in rows.items()
            }

        for uid in DATA.boards:
            for name, span in ranges().items():
                with self.subTest(uid=uid, range=name):
                    filled = name == "90 days" and uid != "corrparse-run"
                    rows = self.run_board(DATA.full, uid, span, discovery, filled=filled)
                    if name == "clock change":
                        DATA.full.run("SET TIME ZONE 'Europe/Paris'")
                        paris = self.run_board(DATA.full, uid, span, discovery)
                        DATA.full.run("SET TIME ZONE 'UTC'")
                        self.assertEqual(instants(paris), instants(rows))
                        # The zone did change what the server writes, so the comparison compares something.
                        self.assertNotEqual([r.rows for r in paris.values()], [r.rows for r in rows.values()])

    def test_a_day_is_one_of_the_dashboards_time_zone(self):
        """Runs per day: midnights are those of Paris, and no run is lost."""
        title = "Do the nights' runs finish, and how?"
        span = ranges()["90 days"]
        told = {
            zone: self.run_board(DATA.full, "corrparse-pipeline", span, every, zone=zone)[title, "A"].rows
            for zone in ("utc", "Europe/Paris")
        }
        totals = {zone: sum(int(value) for _, _, value in rows) for zone, rows in told.items()}
        self.assertEqual(len(set(totals.values())), 1)
        hours = {zone: {time[11:16] for time, _, _ in rows} for zone, rows in told.items()}
        self.assertEqual(hours["utc"], {"00:00"})
        self.assertLessEqual(hours["Europe/Paris"], {"22:00", "23:00"})
        self.assertNotEqual(hours["Europe/Paris"], set())

    def test_one_value_quotes_and_nothing(self):
        for uid in DATA.boards:
            for choose in (one, quoted, nothing):
                with self.subTest(uid=uid, choose=choose.__name__):
                    self.run_board(DATA.full, uid, ranges()["90 days"], choose)

    def test_quotes_find_what_they_name(self):
        rows = self.run_board(DATA.full, "corrparse-run", ranges()["90 days"], quoted)
        self.assertEqual(rows["What does every record say?", "A"].column("crypto"), ["O'NEILUSDC"])
        self.assertEqual(rows["Which gates reject its strategies?", "A"].rows, [("it's", "1", "0")])

    def test_a_run_of_the_year_fills_its_dashboard(self):
        # The last finished discovery run; its issues panel may be empty.
        found = DATA.full.run("""SELECT run_id FROM diagnostics.issue_v1 WHERE dag_id = 'launch__discovery' AND key = 'sortino'
          AND observed_at > now() - interval '80 days' ORDER BY observed_at DESC LIMIT 1""").rows[0][0]

        def choose(name, options, multi):
            del multi
            self.assertIn({"dag": "launch__discovery", "run": found}[name], options)
            return {"dag": "launch__discovery", "run": found}[name]

        self.run_board(DATA.full, "corrparse-run", ranges()["90 days"], choose, filled=True)

    def mixing(self, board, start, end):
        """Charts of a dashboard whose numbers of one DAG are others once a second DAG is chosen, too."""
        values, _ = variables(DATA.full, board, start, end, every)
        dags = values["dag"].value
        self.assertGreaterEqual(len(dags), 3)
        found = []
        for panel, target in checks.queries(board):
            if panel["type"] in ("table", "stat") or panel.get("repeat") == "dag":
                continue
            of_one, of_all = (
                DATA.full.run(
                    grafana_sql.expand(
                        target["rawSql"], start, end, {**values, "dag": grafana_sql.Variable(chosen, True)}, panel.get("interval")
                    )
                ).rows
                for chosen in (dags[:1], dags)
            )
            if not set(of_one) <= set(of_all):
                found.append(panel["title"])
        return found

    def test_no_chart_adds_up_dags(self):
        # Ages are those of the end of the range.
        repeated, span = [], (DATA.now - 90 * 24 * HOUR, DATA.now - HOUR)
        for uid, board in DATA.boards.items():
            if any(v["name"] == "dag" and v["multi"] for v in board["templating"]["list"]):
                self.assertEqual(self.mixing(board, *span), [], uid)
                repeated += [panel for panel in board["panels"] if panel.get("repeat") == "dag"]
                # The same without repetition is noticed.
                once = {**board, "panels": [{**p, "repeat": None} for p in board["panels"] if p.get("repeat") == "dag"]}
                self.assertNotEqual(self.mixing(once, *span), [], uid)
        for panel in repeated:
            self.assertIn("${dag}", panel["title"])
        self.assertEqual(
            sorted(checks.asked(panel) for panel in repeated),
            [
                "Do durations drift?",
                "Do the nights' runs finish, and how?",
                "How many useful candidates are there?",
                "Is the pass rate normal?",
                "What do the runs say, day by day?",
            ],
        )

    def test_an_empty_database(self):
        for uid in DATA.boards:
            rows = self.run_board(DATA.empty, uid, ranges()["90 days"], every)
            if uid == "corrparse-overview":
                self.assertEqual(rows["What is the global state?", "A"].rows, [("UNKNOWN",)])

    def test_best_strategy_is_the_golden_signals(self):
        """The newest point of the series is what the golden signal reads, where the crypto's last run has a strategy of it."""
        titles = {
            "Does f1_buy beat its baseline?": "f1_buy_delta_vs_baseline",
            "Does screening agree with the last fold?": "screening_testing_gap",
            "Is the model stable between folds?": "std_f1_buy",
            "Is Sortino positive?": "sortino",
            "Is the stop-loss hit too often?": "sl_pct",
            "Do trades run out of time?": "timeout_pct",
        }

        # A chart has one DAG; the signal looks at all test DAGs.
        rows = {}
        for dag in ("launch__discovery", "launch__backtesting", "launch__walkforward"):

            def of_dag(name, options, multi, dag=dag):
                return dag if name == "dag" else every(name, options, multi)

            for key, result in self.run_board(DATA.full, "corrparse-testing", ranges()["90 days"], of_dag).items():
                rows.setdefault(key, []).extend(result.rows)
        began = dict(
            DATA.owner.run("""SELECT c.crypto, r.started_at
          FROM (SELECT DISTINCT crypto FROM corrparse.record) AS c, corrparse.crypto_run_at(now(), c.crypto, 1) AS r""").rows
        )
        for title, signal in titles.items():
            newest = {metric: (time, value) for time, metric, value in sorted(rows[title, "A"], key=lambda row: row[0])}
            told = dict(DATA.full.run(f"SELECT scope, value FROM diagnostics.golden_signal_v1 WHERE signal = '{signal}'").rows)
            for crypto, (time, value) in newest.items():
                with self.subTest(panel=title, crypto=crypto):
                    if time == began[crypto]:
                        self.assertEqual(value and float(value), told[crypto] and float(told[crypto]))
                    else:
                        # A last run without a strategy of the crypto has no point, and the signal does not go back behind it.
                        self.assertLess(time, began[crypto])
                        self.assertIsNone(told[crypto])
            self.assertGreaterEqual(len(newest), 7)
            self.assertTrue(any(time == began[crypto] for crypto, (time, _) in newest.items()), title)

    def test_stored_runs_are_those_of_their_attempts(self):
        """What diagnostics.run_diagnosis_v1 says of runs is what their attempts come to."""
        runs = DATA.full.run("""
          SELECT a.dag_id, a.run_id, min(a.started_at), max(a.ended_at),
            CASE
              WHEN bool_or(a.state = 'unknown') FILTER (WHERE a.latest_attempt)
                AND NOT bool_or(a.state = 'failed') FILTER (WHERE a.latest_attempt) THEN 'unknown'
              WHEN max(a.ended_at) FILTER (WHERE a.latest_attempt) > now() - interval '30 minutes' THEN 'running'
              WHEN bool_or(a.state = 'failed') FILTER (WHERE a.latest_attempt) THEN 'failed'
              WHEN bool_and(a.state IN ('success', 'skipped')) FILTER (WHERE a.latest_attempt) THEN 'success'
              ELSE 'running'
            END AS state
          FROM diagnostics.task_attempt_v1 AS a GROUP BY a.dag_id, a.run_id ORDER BY 1, 2""").rows
        told = DATA.full.run(
            "SELECT dag_id, run_id, started_at, ended_at, state FROM diagnostics.run_diagnosis_v1 WHERE crypto IS NULL ORDER "
            "BY 1, 2"
        )
        self.assertEqual(runs, told.rows)
        self.assertEqual(set(told.column("state")), {"success", "failed", "unknown"})


if __name__ == "__main__":
    unittest.main()
