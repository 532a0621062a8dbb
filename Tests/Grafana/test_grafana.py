#!/usr/bin/env python3
"""Runs everything that Grafana would run against a real PostgreSQL, as the read-only role. No Grafana can be installed where
this is developed; what is not proven is what only its browser shows: how a panel looks.

  Scripts/with-postgres.sh python3 Tests/Grafana/test_grafana.py

CORRPARSE names the program; else the newest build of this checkout is used.
"""

import copy
import datetime
import json
import os
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "Grafana"), str(ROOT / "Scripts"), str(ROOT / "grafana")]

import checks
import generate
import grafana_sql
import libpq
import seeded
from generator import reference

STRATEGIES = 4000
HOUR = datetime.timedelta(hours=1)
QUOTED = {"dag": "launch__o'hare", "run": "manual__o'clock", "crypto": "O'NEILUSDC"}
GRAFANA = ROOT / "grafana"


def setUpModule():
    """Two databases, one with a year of data and one with nothing; as few as possible, for they take the time."""
    global PROGRAM, SERVER, FULL, FULL_OWNER, EMPTY, BOARDS, RULES, NOW
    SERVER = os.environ["CORRPARSE_TEST_DATABASE"]
    PROGRAM = os.environ.get("CORRPARSE") or generate.default_program()
    NOW = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
    owner, reader = seeded.make(SERVER, PROGRAM, "grafana_full")
    seeded.fill(owner, PROGRAM, STRATEGIES, NOW)
    FULL_OWNER, FULL = libpq.Connection(owner), libpq.Connection(reader)
    EMPTY = libpq.Connection(seeded.make(SERVER, PROGRAM, "grafana_empty")[1])
    BOARDS = {}
    for path in sorted((GRAFANA / "dashboards").glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        BOARDS[board["uid"]] = board
    RULES = {}
    for path in sorted((GRAFANA / "provisioning" / "alerting").glob("*.yaml")):
        for group in seeded.read_yaml(path)["groups"]:
            for rule in group["rules"]:
                RULES[rule["uid"]] = rule


def tearDownModule():
    for connection in (FULL_OWNER, FULL, EMPTY):
        connection.close()


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
        "hour": (NOW - 5 * HOUR, NOW - 4 * HOUR),
        "90 days": (NOW - 90 * 24 * HOUR, NOW + HOUR),
        "clock change": clock_change(NOW),
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


class Files(unittest.TestCase):
    def test_the_committed_files_are_current(self):
        settings = generate.arguments(["--database", SERVER, "--corrparse", PROGRAM])
        files = generate.generated(reference.read(FULL_OWNER), settings)
        found = {
            str(p.relative_to(GRAFANA)) for f in ("dashboards", "provisioning") for p in (GRAFANA / f).rglob("*") if p.is_file()
        }
        self.assertEqual(found, set(files))
        for path, text in files.items():
            self.assertTrue((GRAFANA / path).read_text(encoding="utf-8") == text, f"{path}: run grafana/generate.py")

    def test_a_threshold_that_changes_changes_the_files(self):
        settings = generate.arguments(["--database", SERVER, "--corrparse", PROGRAM])
        FULL_OWNER.run("BEGIN; UPDATE corrparse.signal_bound SET bound = 51 WHERE signal = 'sl_pct' AND status = 'critical'")
        files = generate.generated(reference.read(FULL_OWNER), settings)
        FULL_OWNER.run("ROLLBACK")
        changed = {p for p, text in files.items() if (GRAFANA / p).read_text(encoding="utf-8") != text}
        self.assertEqual(
            changed, {"dashboards/mlops-overview.json", "dashboards/testing-backtest.json", "provisioning/alerting/p2.yaml"}
        )

    def test_a_code_without_a_colour_is_refused(self):
        FULL_OWNER.run("""BEGIN; INSERT INTO corrparse.taxonomy
          SELECT taxonomy_version, 'NEW_CODE', layer, severity, condition, meaning, next_step, 99
          FROM corrparse.taxonomy LIMIT 1""")
        try:
            with self.assertRaisesRegex(SystemExit, "NEW_CODE"):
                reference.read(FULL_OWNER)
        finally:
            FULL_OWNER.run("ROLLBACK")

    def test_colours_differ(self):
        colours = list(reference.CODE_COLOURS.values())
        self.assertEqual(len(colours), len(set(colours)))

    def test_a_code_has_one_colour_everywhere(self):
        told = {}
        for board in BOARDS.values():
            for panel in board["panels"]:
                for prop in [p for o in panel.get("fieldConfig", {}).get("overrides", []) for p in o["properties"]]:
                    if prop["id"] == "mappings":
                        for text, shown in prop["value"][0]["options"].items():
                            if text in reference.CODE_COLOURS:
                                told.setdefault(text, set()).add(shown["color"])
        self.assertEqual(told, {code: {colour} for code, colour in reference.CODE_COLOURS.items()})

    def test_structure(self):
        for uid, board in BOARDS.items():
            self.assertEqual(checks.structure(board), [], uid)
            for panel, target in checks.queries(board):
                self.assertEqual(checks.reads(target["rawSql"]), [], panel["title"])
            for variable in board["templating"]["list"]:
                self.assertEqual(checks.reads(str(variable["query"])), [], variable["name"])
        self.assertEqual(sorted(BOARDS), ["corrparse-overview", "corrparse-pipeline", "corrparse-run", "corrparse-testing"])

    def test_playbooks_are_written(self):
        document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        for board in BOARDS.values():
            self.assertEqual(checks.anchors(json.dumps(board), document), [])
        self.assertEqual(checks.anchors(" ".join(r["annotations"]["runbook_url"] for r in RULES.values()), document), [])
        # Anchors that rows give: codes, signals and conditions.
        known = reference.read(FULL_OWNER)
        names = (
            [c["code"] for c in known.codes] + [s["signal"] for s in known.signals] + [c["condition"] for c in known.conditions]
        )
        found = set(re.findall(r'<a id="([^"]+)">', document))
        self.assertEqual([n for n in names if n not in found], [])

    def test_every_row_of_section_14_names_panels_that_exist(self):
        document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        section = document.split("## Section 14 of the manual", 1)[1].split("\n## ", 1)[0]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")][
            1:
        ]
        # The manual's words, in its order.
        self.assertEqual(
            [row[0].replace("`", "") for row in rows],
            [
                "f1_buy vs baseline_f1_buy",
                "screening_f1_buy vs last_fold_f1_buy",
                "tp_pct / sl_pct / timeout_pct",
                "Code diagnostic principal",
                "Etat global CVNTrade",
            ],
        )
        titles = {board["title"]: {panel["title"] for panel in board["panels"]} for board in BOARDS.values()}
        for element, panels in rows:
            for part in panels.split("; "):
                board, rest = part.split(", ", 1)
                named = re.findall('"([^"]+)"', rest)
                self.assertNotEqual(named, [], element)
                self.assertEqual(set(named) - titles[board], set(), element)

    def test_every_panel_that_the_page_names_exists(self):
        document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        titles = {panel["title"] for board in BOARDS.values() for panel in board["panels"]}
        self.assertEqual(set(re.findall(r'"([A-Z][^"\n]*\?)"', document)) - titles, set())

    def test_links_between_dashboards_lead_somewhere(self):
        for board in BOARDS.values():
            for uid in re.findall(r"/d/([\w-]+)", json.dumps(board)):
                self.assertIn(uid, BOARDS)
            for name in re.findall(r"&var-(\w+)=", json.dumps(board)):
                self.assertIn(name, [v["name"] for v in BOARDS["corrparse-run"]["templating"]["list"]])

    def test_every_panel_has_data_links_only_to_variables_that_exist(self):
        for uid, board in BOARDS.items():
            names = {v["name"] for v in board["templating"]["list"]}
            for used in re.findall(r"\$\{(\w+)", json.dumps([p.get("fieldConfig") for p in board["panels"]])):
                self.assertIn(used, names | {"__data", "__url_time_range"}, uid)

    def test_provisioning(self):
        source = seeded.read_yaml(GRAFANA / "provisioning/datasources/corrparse.yaml")["datasources"][0]
        self.assertEqual((source["type"], source["uid"]), ("grafana-postgresql-datasource", "corrparse"))
        self.assertTrue(source["secureJsonData"]["password"].startswith("$"), "a password in a file")
        provider = seeded.read_yaml(GRAFANA / "provisioning/dashboards/corrparse.yaml")["providers"][0]
        document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        self.assertIn(provider["options"]["path"], document)
        for name in re.findall(
            r"\$(CORRPARSE_\w+)", (GRAFANA / "provisioning/datasources/corrparse.yaml").read_text(encoding="utf-8")
        ):
            self.assertIn(name, document)


class Panels(unittest.TestCase):
    def run_board(self, connection, uid, span, choose, filled=False):
        """Runs everything of a dashboard; returns rows by panel and query."""
        start, end = span
        board = BOARDS[uid]
        values, problems = variables(connection, board, start, end, choose)
        self.assertEqual(problems, [], uid)
        rows = {}
        for panel, target in checks.queries(board):
            query = grafana_sql.expand(target["rawSql"], start, end, values, panel.get("interval"))
            try:
                result = connection.run(query)
            except libpq.Error as error:
                self.fail(f"{uid}, {panel['title']}: {error}\n{query}")
            self.assertEqual(checks.answer(panel, target, result), [], f"{uid}, {panel['title']}\n{query}")
            if filled:
                self.assertNotEqual(result.rows, [], f"{uid}, {panel['title']}: shows nothing\n{query}")
            rows[panel["title"], target["refId"]] = result
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

        for uid in BOARDS:
            for name, span in ranges().items():
                with self.subTest(uid=uid, range=name):
                    rows = self.run_board(FULL, uid, span, every, filled=name == "90 days" and uid != "corrparse-run")
                    if name == "clock change":
                        FULL.run("SET TIME ZONE 'Europe/Paris'")
                        paris = self.run_board(FULL, uid, span, every)
                        FULL.run("SET TIME ZONE 'UTC'")
                        self.assertEqual(instants(paris), instants(rows))
                        # The zone did change what the server writes, so the comparison compares something.
                        self.assertNotEqual([r.rows for r in paris.values()], [r.rows for r in rows.values()])

    def test_one_value_quotes_and_nothing(self):
        for uid in BOARDS:
            for choose in (one, quoted, nothing):
                with self.subTest(uid=uid, choose=choose.__name__):
                    self.run_board(FULL, uid, ranges()["90 days"], choose)

    def test_quotes_find_what_they_name(self):
        rows = self.run_board(FULL, "corrparse-run", ranges()["90 days"], quoted)
        self.assertEqual(rows["What does every record say?", "A"].column("crypto"), ["O'NEILUSDC"])
        self.assertEqual(rows["Which gates reject its strategies?", "A"].rows, [("it's", "1", "0")])

    def test_a_run_of_the_year_fills_its_dashboard(self):
        # The last finished discovery run; its issues panel may be empty.
        found = FULL.run("""SELECT run_id FROM diagnostics.issue_v1 WHERE dag_id = 'launch__discovery' AND key = 'sortino'
          AND observed_at > now() - interval '80 days' ORDER BY observed_at DESC LIMIT 1""").rows[0][0]

        def choose(name, options, multi):
            del multi
            self.assertIn({"dag": "launch__discovery", "run": found}[name], options)
            return {"dag": "launch__discovery", "run": found}[name]

        self.run_board(FULL, "corrparse-run", ranges()["90 days"], choose, filled=True)

    def test_an_empty_database(self):
        for uid in BOARDS:
            rows = self.run_board(EMPTY, uid, ranges()["90 days"], every)
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

        def test_dags(name, options, multi):
            return (
                [o for o in options if o in ("launch__discovery", "launch__backtesting", "launch__walkforward")]
                if name == "dag"
                else every(name, options, multi)
            )

        rows = self.run_board(FULL, "corrparse-testing", ranges()["90 days"], test_dags)
        began = dict(
            FULL_OWNER.run("""SELECT c.crypto, r.started_at
          FROM (SELECT DISTINCT crypto FROM corrparse.record) AS c, corrparse.crypto_run_at(now(), c.crypto, 1) AS r""").rows
        )
        for title, signal in titles.items():
            newest = {metric: (time, value) for time, metric, value in rows[title, "A"].rows}
            told = dict(FULL.run(f"SELECT scope, value FROM diagnostics.golden_signal_v1 WHERE signal = '{signal}'").rows)
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
        runs = FULL.run("""
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
        told = FULL.run(
            "SELECT dag_id, run_id, started_at, ended_at, state FROM diagnostics.run_diagnosis_v1 WHERE crypto IS NULL ORDER "
            "BY 1, 2"
        )
        self.assertEqual(runs, told.rows)
        self.assertEqual(set(told.column("state")), {"success", "failed", "unknown"})


# For every rule: what makes it fire. Times are the seeded year's; all are undone.
LAST_RUNS = "observed_at > now() - interval '3 days' AND f1_buy IS NOT NULL"
FIRE = {
    "infra-critical": "INSERT INTO corrparse.infra_observation VALUES (now(), 'test', 5, 0, 50, 50)",
    "pipeline-blocked": "UPDATE corrparse.task_outcome SET state = 'failed' WHERE ended_at > now() - interval '2 days'",
    "success-rate-critical": "UPDATE corrparse.task_outcome SET state = 'failed' WHERE ended_at > now() - interval '4 days'",
    # Every fifth run, whatever the hour: 80 % succeed.
    "success-rate-low": """UPDATE corrparse.task_outcome SET state = 'success' WHERE ended_at > now() - interval '8 days';
      UPDATE corrparse.task_outcome SET state = 'failed' WHERE (dag_id, run_id) IN (
        SELECT r.dag_id, r.run_id
        FROM (
          SELECT o.dag_id, o.run_id, row_number() OVER (ORDER BY max(o.ended_at)) AS place FROM corrparse.task_outcome AS o
          WHERE o.ended_at > now() - interval '8 days' GROUP BY o.dag_id, o.run_id
        ) AS r
        WHERE r.place % 5 = 0)""",
    "no-passing-candidates": """UPDATE corrparse.record SET n_passed = 0 WHERE n_passed IS NOT NULL;
      UPDATE corrparse.record SET gates = '{"f1": "fail"}'
      WHERE observed_at > now() - interval '5 days' AND f1_buy IS NOT NULL""",
    "no-candidates": """UPDATE corrparse.record SET gates = '{"f1": "fail"}'
      WHERE observed_at > now() - interval '5 days' AND f1_buy IS NOT NULL;
      UPDATE corrparse.task_outcome SET state = 'success';
      -- Whatever the hour, a test run has ended within a day and is not still said to run.
      UPDATE corrparse.task_outcome SET started_at = now() - interval '3 hours', ended_at = now() - interval '2 hours'
      WHERE ended_at > now() - interval '2 days'""",
    "core-crypto-stale": "UPDATE corrparse.record SET gates = '{\"f1\": \"fail\"}' WHERE crypto = 'BTCUSDC'",
    "no-useful-strategy": 'UPDATE corrparse.record SET gates = \'{"f1": "fail"}\'',
    "sortino-negative": f"UPDATE corrparse.record SET sortino = -1 WHERE {LAST_RUNS}",
    "f1-buy-delta-vs-baseline": f"UPDATE corrparse.record SET baseline_f1_buy = f1_buy WHERE {LAST_RUNS}",
    "screening-testing-gap": f"UPDATE corrparse.record SET last_fold_f1_buy = 0.1, screening_f1_buy = 0.41 WHERE {LAST_RUNS}",
    "std-f1-buy": f"UPDATE corrparse.record SET std_f1_buy = 0.11 WHERE {LAST_RUNS}",
    "sortino": f"UPDATE corrparse.record SET sortino = -0.01, n_trades = 9 WHERE {LAST_RUNS}",
    "sl-pct": f"UPDATE corrparse.record SET sl_pct = 50.1, n_trades = 9 WHERE {LAST_RUNS}",
    "timeout-pct": f"UPDATE corrparse.record SET timeout_pct = 40.1, n_trades = 9 WHERE {LAST_RUNS}",
    "model-freshness": 'UPDATE corrparse.record SET gates = \'{"f1": "fail"}\'',
    "no-ingest": "UPDATE corrparse.log SET ingested_at = ingested_at - interval '27 hours'",
    "unclassified-records": "UPDATE corrparse.verdict SET certainty = 'unclassified'",
    "failed-logs": "UPDATE corrparse.log SET status = 'corrupt'",
}
# Nothing observes challengers, so nothing can make it fire.
CANNOT_FIRE = {"challenger-count"}
# The opposite, where the year may have left it firing.
CALM = """
  UPDATE corrparse.log SET status = 'complete'; UPDATE corrparse.verdict SET certainty = 'certain';
  UPDATE corrparse.task_outcome SET state = 'success' WHERE state <> 'unknown';
  UPDATE corrparse.record SET gates = '{"f1": "pass"}', f1_buy = 0.9, baseline_f1_buy = 0.5, std_f1_buy = 0.01,
    screening_f1_buy = 0.9, last_fold_f1_buy = 0.9, sortino = 2, tp_pct = 60, sl_pct = 20, timeout_pct = 20, n_trades = 50
  WHERE f1_buy IS NOT NULL;
  UPDATE corrparse.verdict SET primary_code = 'ML_SOLID', findings = ARRAY['ML_SOLID'];
  UPDATE corrparse.record SET n_passed = 1 WHERE n_passed IS NOT NULL;
  INSERT INTO corrparse.infra_observation VALUES (now(), 'calm', 0, 0, 50, 50)"""


class Alerts(unittest.TestCase):
    def value(self, connection, uid):
        query = next(d["model"]["rawSql"] for d in RULES[uid]["data"] if d["refId"] == "A")
        result = connection.run(grafana_sql.expand(query, NOW - HOUR, NOW, {}))
        self.assertEqual(checks.alert(result), [], uid)
        return float(result.rows[0][0])

    def fires(self, connection, uid):
        condition = next(d["model"]["conditions"][0] for d in RULES[uid]["data"] if d["refId"] == "B")
        self.assertEqual(condition["evaluator"]["type"], "gt")
        return self.value(connection, uid) > condition["evaluator"]["params"][0]

    def fires_after(self, uid, *changes):
        """As the reader's role in a transaction with the changes, which are undone."""
        FULL_OWNER.run("BEGIN")
        try:
            for change in changes:
                FULL_OWNER.run(change)
            FULL_OWNER.run(f"SET LOCAL ROLE {seeded.READER}")
            return self.fires(FULL_OWNER, uid)
        finally:
            FULL_OWNER.run("ROLLBACK")

    def test_an_empty_database_gives_a_number_and_only_the_missing_ingest_fires(self):
        fired = {uid for uid in RULES if self.fires(EMPTY, uid)}
        self.assertEqual(fired, {"corrparse-no-ingest"})

    def test_the_readers_role_may_ask_them_all(self):
        for uid in RULES:
            self.value(FULL, uid)

    def test_every_rule_fires_when_it_should_and_only_then(self):
        self.assertEqual({uid.removeprefix("corrparse-") for uid in RULES}, set(FIRE) | CANNOT_FIRE)
        FULL_OWNER.run("BEGIN")
        try:
            FULL_OWNER.run(CALM)
            FULL_OWNER.run(f"SET LOCAL ROLE {seeded.READER}")
            self.assertEqual([uid for uid in RULES if self.fires(FULL_OWNER, uid)], [])
        finally:
            FULL_OWNER.run("ROLLBACK")
        for name, change in FIRE.items():
            with self.subTest(rule=name):
                self.assertTrue(self.fires_after("corrparse-" + name, change))

    def test_rules_say_who_reacts_and_what_silence_means(self):
        for uid, rule in RULES.items():
            self.assertIn(rule["labels"]["severity"], ("P0", "P1", "P2"), uid)
            self.assertIn(rule["labels"]["role"], ("platform-owner", "mlops-maintainer", "ml-owner"), uid)
            loud = rule["labels"]["severity"] == "P0" or uid == "corrparse-no-ingest"
            self.assertEqual(
                (rule["noDataState"], rule["execErrState"]), ("Alerting", "Alerting") if loud else ("NoData", "Error"), uid
            )
            self.assertNotIn("contactPoint", json.dumps(rule))
            # Provisioning would replace it by a variable of the environment.
            self.assertNotIn("$", json.dumps(rule), uid)
            self.assertIn(rule["condition"], [d["refId"] for d in rule["data"]])
            for data in rule["data"]:
                self.assertEqual(checks.reads(data["model"].get("rawSql", "")), [], uid)
            board = BOARDS[rule["dashboardUid"]]
            self.assertIn(rule["panelId"], [panel["id"] for panel in board["panels"] if panel["type"] != "row"], uid)


class Expansion(unittest.TestCase):
    """The expansion itself, by hand from Grafana's sources and documentation."""

    def expand(self, text, **values):
        start = datetime.datetime(2026, 3, 29, 0, 30, tzinfo=grafana_sql.UTC)
        made = {name: grafana_sql.Variable(value, isinstance(value, list)) for name, value in values.items()}
        return grafana_sql.expand(text, start, start + 24 * HOUR, made)

    def test_macros(self):
        self.assertEqual(self.expand("$__timeFilter(t)"), "t BETWEEN '2026-03-29T00:30:00Z' AND '2026-03-30T00:30:00Z'")
        self.assertEqual(self.expand("$__timeGroup(t, 5m)"), "floor(extract(epoch from t)/300)*300")
        self.assertEqual(self.expand("$__timeGroup(t, '1h'), x"), 'floor(extract(epoch from t)/3600)*3600 AS "time", x')
        self.assertEqual(self.expand("$__timeGroupAlias(t, 1d)"), 'floor(extract(epoch from t)/86400)*86400 AS "time"')
        self.assertEqual(self.expand("$__timeGroupAlias(t, $__interval)"), 'floor(extract(epoch from t)/120)*120 AS "time"')
        self.assertEqual(self.expand("$__interval $__interval_ms"), "2m 120000")
        self.assertEqual(self.expand("$__unixEpochFilter(t)"), "t >= 1774744200 AND t <= 1774830600")
        self.assertEqual(self.expand("$__timeFrom()::timestamptz"), "'2026-03-29T00:30:00Z'::timestamptz")
        with self.assertRaises(grafana_sql.MacroError):
            self.expand("$__timeBetween(t)")

    def test_variables(self):
        self.assertEqual(self.expand("${a:sqlstring}", a="it's"), "'it''s'")
        self.assertEqual(self.expand("${a:sqlstring}", a=["x", "it's"]), "'x','it''s'")
        self.assertEqual(self.expand("[${a:sqlstring}]", a=[]), "[]")
        self.assertEqual(self.expand("'$a'", a="it's"), "'it''s'")
        self.assertEqual(self.expand("$a ${a}", a=["it's"]), "'it''s' 'it''s'")
        self.assertEqual(self.expand("${b}", a="x"), "${b}")


class Mutations(unittest.TestCase):
    """Each check, and a file or answer that it must refuse."""

    def board(self):
        return copy.deepcopy(BOARDS["corrparse-overview"])

    def refused(self, change):
        board = self.board()
        change(board)
        self.assertNotEqual(checks.structure(board), [])

    def test_structure(self):
        self.refused(lambda b: b["panels"][2].update(id=b["panels"][1]["id"]))
        self.refused(lambda b: b["panels"][2]["gridPos"].update(x=0))
        self.refused(lambda b: b["panels"][-1]["gridPos"].update(w=20))
        self.refused(lambda b: b["panels"][1]["targets"][0].pop("datasource"))
        self.refused(lambda b: b["panels"][1].update(datasource={"type": "prometheus", "uid": "x"}))
        self.refused(lambda b: b["panels"][1].update(title="State"))
        self.refused(lambda b: b["panels"][1]["targets"][0].update(rawSql="SELECT ${nobody}"))
        self.refused(lambda b: b["panels"][1].update(links=[]))

    def test_queries_outside_the_contract(self):
        for query in (
            "SELECT * FROM corrparse.record",
            "SELECT * FROM verdict_v1",
            "SELECT * FROM diagnostics.verdict_v1 v JOIN pg_class c ON true",
        ):
            self.assertNotEqual(checks.reads(query), [], query)
        with self.assertRaises(libpq.Error) as caught:
            FULL.run("SELECT count(*) FROM corrparse.record")
        self.assertEqual(caught.exception.sqlstate, "42501")

    def answer(self, kind, query, **more):
        panel = {
            "type": kind,
            "fieldConfig": {"overrides": more.get("overrides", [])},
            "options": {"reduceOptions": {"fields": "/^state$/"}, "xField": "gate"},
        }
        return checks.answer(
            panel, {"format": more.get("format", "time_series" if kind == "timeseries" else "table")}, FULL.run(query)
        )

    def test_answers(self):
        good = """SELECT t AS "time", 'a' AS metric, 1.5 AS value
          FROM generate_series(now() - interval '3 h', now(), '1 h') AS t ORDER BY 1"""
        self.assertEqual(self.answer("timeseries", good), [])
        self.assertNotEqual(self.answer("timeseries", good + " DESC"), [])
        self.assertNotEqual(self.answer("timeseries", good.replace("1.5", "'NaN'::numeric")), [])
        self.assertNotEqual(self.answer("timeseries", good.replace("1.5", "'Infinity'::float8")), [])
        self.assertNotEqual(self.answer("timeseries", good.replace("1.5", "'1.5'")), [])
        self.assertNotEqual(self.answer("timeseries", good.replace('t AS "time"', 'NULL::timestamptz AS "time"')), [])
        self.assertNotEqual(self.answer("timeseries", good.replace('"time"', '"at"')), [])
        self.assertNotEqual(self.answer("timeseries", good, format="table"), [])
        self.assertEqual(self.answer("stat", "SELECT 'GREEN' AS state"), [])
        self.assertNotEqual(self.answer("stat", "SELECT 'GREEN' AS status"), [])
        self.assertNotEqual(self.answer("stat", "VALUES ('a'), ('b')"), [])
        self.assertEqual(self.answer("barchart", "SELECT 'f1' AS gate, 1 AS fail"), [])
        self.assertNotEqual(self.answer("barchart", "SELECT 'f1' AS key, 1 AS fail"), [])
        self.assertNotEqual(self.answer("bargauge", "SELECT * FROM (VALUES ('a', 1), ('a', 2)) AS v (name, value)"), [])
        self.assertNotEqual(self.answer("histogram", "SELECT 'a' AS x"), [])
        self.assertNotEqual(self.answer("table", "SELECT '{}'::jsonb AS x"), [])
        self.assertNotEqual(self.answer("table", "SELECT 1"), [])
        broken = {"matcher": {"id": "byName", "options": "gone"}, "properties": []}
        self.assertNotEqual(self.answer("table", "SELECT 1 AS x", overrides=[broken]), [])
        link = {
            "matcher": {"id": "byName", "options": "x"},
            "properties": [{"id": "links", "value": [{"url": "/${__data.fields.gone}"}]}],
        }
        self.assertNotEqual(self.answer("table", "SELECT 1 AS x", overrides=[link]), [])

    def test_alerts(self):
        self.assertEqual(checks.alert(FULL.run("SELECT 1 AS value")), [])
        for query in (
            "SELECT 1 AS value WHERE false",
            "VALUES (1), (2)",
            "SELECT 1, 2",
            "SELECT 'x'",
            "SELECT NULL::int",
            "SELECT 'NaN'::float8",
        ):
            self.assertNotEqual(checks.alert(FULL.run(query)), [], query)

    def test_anchors(self):
        self.assertNotEqual(checks.anchors("${playbook}#nowhere", '<a id="somewhere"></a>'), [])


if __name__ == "__main__":
    unittest.main()
