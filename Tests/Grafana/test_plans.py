#!/usr/bin/env python3
"""No query of a dashboard or alert reads a table of a million verdicts from end to end.

  Scripts/with-postgres.sh python3 Tests/Grafana/test_plans.py

Plans are made, not run. What the planner decides by is a table's size on disk and its statistics: so a year of 20,000 verdicts
gets fifty times as many pages, which are holes in the files, and statistics to match. The functions behind the golden signals and
the state show no plan here; Tests/WriterTests/SupervisionPlanTests.swift counts the rows that they read. `make long
WHAT=panels` runs everything on real rows.
"""

import contextlib
import datetime
import json
import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "Grafana"), str(ROOT / "Scripts"), str(ROOT / "grafana")]

import checks
import generate
import grafana_sql
import libpq
import seeded

VERDICTS, TIMES = 20_000, 50
PAGE, SEGMENT = 8192, 1 << 30
DAYS = 30


def grow(owner, times):
    """Makes the large tables and their indexes look as if they had so many times the rows. Nothing may read them afterwards."""
    folder = pathlib.Path(owner.run("SHOW data_directory").rows[0][0])
    names = ", ".join(f"'corrparse.{table}'::regclass" for table in sorted(checks.LARGE))
    for table in checks.LARGE:
        # A vacuum would give the pages back.
        owner.run(f"ALTER TABLE corrparse.{table} SET (autovacuum_enabled = false)")
    # How many sources there are does not change with the rows of each.
    for table in checks.LARGE:
        owner.run(f"""
          DO $$ BEGIN EXECUTE format('ALTER TABLE corrparse.{table} ALTER COLUMN source_id SET (n_distinct = %s)',
            (SELECT greatest(1, count(DISTINCT source_id)) FROM corrparse.{table})); END $$""")
    owner.run("ANALYZE")
    owner.run("CHECKPOINT")
    relations = owner.run(f"""
      SELECT c.oid, pg_relation_filepath(c.oid), pg_relation_size(c.oid) FROM pg_class AS c
      WHERE c.oid IN ({names}) OR c.oid IN (SELECT i.indexrelid FROM pg_index AS i WHERE i.indrelid IN ({names}))""").rows
    for oid, path, size in relations:
        grown = int(size) * times
        assert grown <= SEGMENT, f"{path} would need a second file"
        os.truncate(folder / path, grown)
        owner.run(f"UPDATE pg_class SET relpages = {grown // PAGE}, reltuples = reltuples * {times} WHERE oid = {oid}")


def setUpModule():
    global OWNER, READER, NOW, LEADING
    program = os.environ.get("CORRPARSE") or generate.default_program()
    NOW = datetime.datetime.now(grafana_sql.UTC).replace(minute=0, second=0, microsecond=0)
    owner, reader = seeded.make(os.environ["CORRPARSE_TEST_DATABASE"], program, "grafana_plans")
    seeded.fill(owner, program, VERDICTS, NOW, awkward=False, rough=True)
    OWNER, READER = libpq.Connection(owner), libpq.Connection(reader)
    LEADING = checks.leading_columns(OWNER)


def tearDownModule():
    OWNER.close()
    READER.close()


def queries(connection):
    """Name and SQL of every panel, variable and alert, over the last days, everything chosen."""
    made = {}
    start = NOW - datetime.timedelta(days=DAYS)
    for path in sorted((ROOT / "grafana" / "dashboards").glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        values = {}
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                text = grafana_sql.expand(variable["query"], start, NOW, values)
                made[f"{board['title']}: variable {variable['name']}"] = text
                options = [row[0] for row in connection.run(text).rows]
                chosen = options if variable["multi"] else ("launch__discovery" if variable["name"] == "dag" else options[0])
                values[variable["name"]] = grafana_sql.Variable(chosen, variable["multi"])
        for panel, target in checks.queries(board):
            made[f"{board['title']}: {panel['title']} {target['refId']}"] = grafana_sql.expand(
                target["rawSql"], start, NOW, values, panel.get("interval")
            )
    for path in sorted((ROOT / "grafana" / "provisioning" / "alerting").glob("*.yaml")):
        for group in seeded.read_yaml(path)["groups"]:
            for rule in group["rules"]:
                for data in rule["data"]:
                    if data["model"].get("rawSql"):
                        made[f"alert {rule['uid']}"] = data["model"]["rawSql"]
    return made


def plan(connection, query):
    return json.loads(connection.run("EXPLAIN (FORMAT JSON) " + query).rows[0][0])[0]["Plan"]


def read_whole(connection, query):
    """The large tables that a query reads from end to end."""
    return checks.scans(plan(connection, query), LEADING)


class Plans(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Variables are asked while the tables are still what they are.
        cls.queries = queries(READER)
        grow(OWNER, TIMES)

    @contextlib.contextmanager
    def without(self, *indexes):
        """A transaction of the reader's role and settings in which these indexes are not there."""
        OWNER.run("BEGIN")
        try:
            for index in indexes:
                OWNER.run(f"DROP INDEX corrparse.{index}")
            OWNER.run(f"SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off; SET LOCAL ROLE {seeded.READER}")
            yield OWNER
        finally:
            OWNER.run("ROLLBACK")

    def test_the_planner_takes_the_tables_for_large(self):
        rows = plan(OWNER, "SELECT * FROM corrparse.record")["Plan Rows"]
        self.assertGreater(rows, 900_000)
        self.assertEqual(read_whole(OWNER, "SELECT * FROM corrparse.record"), {"record"})

    def test_no_query_reads_a_whole_table(self):
        self.assertGreater(len(self.queries), 60)
        read = {name: sorted(found) for name, query in self.queries.items() if (found := read_whole(READER, query))}
        self.assertEqual(read, {})

    def test_a_query_whose_index_is_gone_is_refused(self):
        for name, indexes, tables in [
            ("Run drill-down: What does every record say? A", ["record_dag_id_run_id_idx"], {"record"}),
            ("Pipeline Health: How many records could not be classified? A", ["record_observed_at_idx"], {"record"}),
            (
                "Testing & Backtest: Which strategies have the chosen codes? A",
                ["record_observed_at_idx", "record_crypto_observed_at_idx", "record_dag_id_run_id_idx"],
                {"record"},
            ),
        ]:
            with self.subTest(query=name):
                with self.without() as connection:
                    self.assertEqual(read_whole(connection, self.queries[name]), set())
                with self.without(*indexes) as connection:
                    self.assertGreaterEqual(read_whole(connection, self.queries[name]), tables)

    def test_walking_an_index_is_reading_the_table(self):
        leading = {"i": "crypto"}

        def found(**more):
            return checks.scans({"Node Type": "Index Only Scan", "Relation Name": "record", "Index Name": "i", **more}, leading)

        self.assertEqual(found(), {"record"})
        self.assertEqual(found(**{"Index Cond": "(observed_at > now())"}), {"record"})
        self.assertEqual(found(**{"Index Cond": "((crypto = 'x'::text) AND (observed_at > now()))"}), set())
        walk = {"Node Type": "Index Scan", "Relation Name": "record", "Index Name": "i"}
        self.assertEqual(checks.scans({"Node Type": "Limit", "Plans": [walk]}, leading), set())
        self.assertEqual(
            checks.scans({"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [walk]}]}, leading), {"record"}
        )


if __name__ == "__main__":
    unittest.main()
