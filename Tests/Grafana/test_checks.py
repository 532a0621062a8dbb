#!/usr/bin/env python3
"""The tests' own test: the expansion of macros, and each check with a file or answer that it must refuse."""

import copy
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


def setUpModule():
    global DATA
    DATA = databases.opened()


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
        return copy.deepcopy(DATA.boards["corrparse-overview"])

    def refused(self, change):
        board = self.board()
        change(board)
        self.assertNotEqual(checks.structure(board), [])

    def test_structure(self):
        self.refused(lambda b: b["panels"][2].update(id=b["panels"][1]["id"]))
        self.refused(lambda b: b["panels"][2]["gridPos"].update(x=0))
        self.refused(lambda b: b["panels"][-1]["gridPos"].update(x=8))
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
            DATA.full.run("SELECT count(*) FROM corrparse.record")
        self.assertEqual(caught.exception.sqlstate, "42501")

    def answer(self, kind, query, **more):
        panel = {
            "type": kind,
            "fieldConfig": {"overrides": more.get("overrides", [])},
            "options": {"reduceOptions": {"fields": "/^state$/"}, "xField": "gate"},
        }
        return checks.answer(
            panel, {"format": more.get("format", "time_series" if kind == "timeseries" else "table")}, DATA.full.run(query)
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
        good = """SELECT now() AS "time", x.crypto, x.value FROM (VALUES ('BTC'::text, 1), ('ETH', NULL)) AS x (crypto, value)"""
        self.assertEqual(checks.alert(DATA.full.run(good), keeps_last=True), [])
        self.assertEqual(checks.alert(DATA.full.run('SELECT now() AS "time", 1 AS value')), [])
        for query in (
            good,
            good.replace("NULL", "'NaN'::numeric"),
            good.replace("ETH", "BTC"),
            good.replace("'ETH'", "NULL"),
            good.replace("'ETH'", "''"),
            good.replace("NULL", "0") + " WHERE false",
            good.replace("NULL", "0").replace('AS "time"', "AS at"),
            good.replace("NULL", "0").replace("now()", "now() + random() * interval '1 h'"),
            good.replace("1)", "'x')"),
            "SELECT 1 AS value",
        ):
            self.assertNotEqual(checks.alert(DATA.full.run(query)), [], query)

    def test_anchors(self):
        self.assertNotEqual(checks.anchors("${playbook}#nowhere", '<a id="somewhere"></a>'), [])


if __name__ == "__main__":
    unittest.main()
