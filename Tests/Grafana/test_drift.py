#!/usr/bin/env python3
"""diagnostics.drift_at against numpy: the population stability index of made records, whose values are known here."""

import pathlib
import sys
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]

import databases
import seeded

CRYPTO = "DRIFTUSDC"
DAY = 24
QUANTITIES = ("f1_gain", "buy_rate", "sortino")


def setUpModule():
    global DATA
    DATA = databases.opened()


def index(reference, current):
    """Written from the specification (3-classification, Drift)."""
    edges = np.quantile(reference, np.arange(1, 10) / 10)

    def shares(values):
        counted = np.bincount(np.searchsorted(edges, values, side="right"), minlength=10)
        return np.maximum(counted / len(values), 0.0001)

    r, c = shares(reference), shares(current)
    return float(np.sum((c - r) * np.log(c / r)))


class Drift(unittest.TestCase):
    def setUp(self):
        DATA.owner.run("BEGIN")
        self.addCleanup(DATA.owner.run, "ROLLBACK")
        self.random = np.random.default_rng(24)

    def attempt(self, hours_ago, rows, dag="launch__discovery", run="r", try_number=1, phase="testing", first=1):
        """A task attempt with records: each of f1_buy, baseline_f1_buy, buy_rate, sortino, n_trades, as exact texts or None."""
        name = f"{dag}/{run}/{hours_ago}/{try_number}"
        source = DATA.owner.run(f"""
          INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
          VALUES ('{name}', '{dag}', '{run}{hours_ago}', 'step', -1, {try_number}, '') RETURNING source_id""").rows[0][0]
        DATA.owner.run(f"""
          INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated,
            started_at, ended_at)
          VALUES ({source}, '{dag}', '{run}{hours_ago}', 'step', -1, {try_number}, 'success', true,
            now() - interval '{hours_ago} hours', now() - interval '{hours_ago} hours')""")
        for begin in range(0, len(rows), 1000):
            values = ",".join(
                f"({begin + i + first},{','.join('NULL' if v is None else str(v) for v in row)})"
                for i, row in enumerate(rows[begin : begin + 1000])
            )
            DATA.owner.run(f"""
              INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at,
                observed_from, dag_id, run_id, task_id, map_index, try_number, crypto, phase, f1_buy, baseline_f1_buy, buy_rate,
                sortino, n_trades)
              SELECT {source}, v.block, 1, 0, 1, 'explicit', now() - interval '{hours_ago} hours', 'log', '{dag}',
                '{run}{hours_ago}', 'step', -1, {try_number}, '{CRYPTO}', '{phase}', v.f1::numeric, v.base::numeric,
                v.rate::numeric, v.sortino::numeric, v.trades::bigint
              FROM (VALUES {values}) AS v (block, f1, base, rate, sortino, trades)""")
        return int(source)

    def made(self, count, gain, rate, sortino):
        """Records around these means, with the digits that logs have."""
        f1 = np.round(0.5 + gain + 0.05 * self.random.standard_normal(count), 4)
        rates = np.round(np.clip(rate + 0.05 * self.random.standard_normal(count), 0, 1), 1)
        sortinos = np.round(sortino + self.random.standard_normal(count), 2)
        return [(f, 0.5, r, s, 9) for f, r, s in zip(f1, rates, sortinos, strict=True)]

    def told(self, instant="now()"):
        DATA.owner.run(f"SET LOCAL ROLE {seeded.READER}")
        rows = DATA.owner.run(f"SELECT * FROM diagnostics.drift_at({instant}) WHERE crypto = '{CRYPTO}'").rows
        DATA.owner.run("RESET ROLE")
        return {row[1]: row[2:] for row in rows}

    @staticmethod
    def values(rows, quantity):
        if quantity == "f1_gain":
            return [(float(f) - float(b)) * 100 for f, b, *_ in rows if f is not None and b is not None]
        if quantity == "buy_rate":
            return [float(row[2]) for row in rows if row[2] is not None]
        return [float(row[3]) for row in rows if row[3] is not None and row[4] != 0]

    def same_as_numpy(self, told, reference, current):
        for quantity in QUANTITIES:
            r, c = self.values(reference, quantity), self.values(current, quantity)
            expected = index(np.round(r, 6), np.round(c, 6))
            number, counted_r, counted_c, status, _ = told[quantity]
            self.assertEqual((int(counted_r), int(counted_c)), (len(r), len(c)), quantity)
            self.assertAlmostEqual(float(number), expected, places=3, msg=quantity)
            self.assertEqual(status, "critical" if expected > 0.25 else "warning" if expected >= 0.1 else "ok", quantity)

    def test_equal_shifted_tied_and_absent_values(self):
        """A little of everything: the gain stays, buy_rate (of few values) moves, Sortino goes elsewhere, and some are absent."""
        reference = [*self.made(400, 0.05, 0.3, 1), *[(0.6, None, 0.3, 5, 0)] * 20, *[(None, 0.5, None, None, None)] * 7]
        current = [*self.made(300, 0.05, 0.36, -1), *[(0.6, None, 0.3, 5, 0)] * 10]
        self.attempt(20 * DAY, reference)
        self.attempt(2 * DAY, current)
        told = self.told()
        self.same_as_numpy(told, reference, current)
        self.assertEqual(told["f1_gain"][3], "ok")
        self.assertEqual(told["sortino"][3], "critical")

    def test_what_does_not_count(self):
        reference, current = self.made(60, 0.05, 0.3, 1), self.made(60, 0.05, 0.3, 1)
        self.attempt(20 * DAY, reference)
        self.attempt(2 * DAY, self.made(60, 0.4, 0.9, 9), try_number=1)
        self.attempt(2 * DAY, current, try_number=2)
        self.attempt(3 * DAY, self.made(60, 0.4, 0.9, 9), phase="screening")
        self.attempt(3 * DAY, self.made(60, 0.4, 0.9, 9), dag="launch__retrain")
        self.attempt(37 * DAY, self.made(60, 0.4, 0.9, 9))
        self.same_as_numpy(self.told(), reference, current)

    def test_windows_and_fewer_than_fifty(self):
        self.attempt(7 * DAY, self.made(50, 0.05, 0.3, 1))
        self.attempt(7 * DAY - 1, self.made(49, 0.05, 0.3, 1))
        for number, reference, current, status, reason in self.told().values():
            self.assertEqual((number, reference, current, status), (None, "50", "49", "unknown"))
            self.assertEqual(reason, "49 records of the last 7 days against 50 of the 30 days before; 50 are needed of each")
        self.attempt(1, self.made(1, 0.05, 0.3, 1))
        self.assertNotIn("unknown", [row[3] for row in self.told().values()])

    def test_a_crypto_without_records_is_unknown(self):
        DATA.owner.run(f"INSERT INTO corrparse.universe (crypto, crypto_group) VALUES ('{CRYPTO}', 'new')")
        self.assertEqual({row[:4] for row in self.told().values()}, {(None, "0", "0", "unknown")})

    def test_of_many_records_every_nth_is_read(self):
        reference, current = self.made(50000, 0.05, 0.3, 1), self.made(6000, 0.05, 0.4, 0)
        first, second = self.attempt(20 * DAY, reference), self.attempt(2 * DAY, current)
        told = self.told()
        stride = int(told["sortino"][4].split("one of ")[1].split()[0])
        self.assertGreaterEqual(stride, 2)

        def read(source, rows):
            return rows[source % stride :: stride]

        self.same_as_numpy(told, read(first, reference), read(second, current))


if __name__ == "__main__":
    unittest.main()
