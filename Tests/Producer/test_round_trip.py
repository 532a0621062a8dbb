#!/usr/bin/env python3
"""From values through the module, and through corrparse, back to values: nothing comes back that was not given, and what is
printed is in the strict form. The values are drawn anew for each seed.

python3 Tests/Producer/test_round_trip.py [SEED]
"""

from __future__ import annotations

import io
import json
import random
import sys
import unittest
from decimal import Decimal
from typing import Any

from producer import Warnings, block, linted, parsed

SEED = int(sys.argv.pop()) if sys.argv[-1].isdigit() else 1
BLOCKS = 400
# Of each kind, what corrparse does not take: 1-correlation-data, Record, Numbers and Units.
REFUSED = {
    "name": ["a b", "a=b", "a,b", "a;", "|b", 'a"b', "“a”", "x" * 129, "***", "a\x00b"],
    "horizon": ["H0", "H04", "H100", "h4", 4],
    "phase": ["Testing", "train"],
    "fold": [-1, 0.5, "last", True],
    "multiple": [0, -1, "5%", "0,8"],
    "count": [-1, 2.5, "1 204", "3%", False],
    "fraction": [1.01, -0.01, "101%", "-1%", "0,55", True, Decimal(1) / 3],
    "decimal": [float("inf"), "1_0", 10**15, "5%", "tensor(0.5)"],
    "exit": [-1, 101, "101%", "58.1 %"],
    "percent": [0.5, 1, 101, -1, "101%"],
    "gates": [{}, {"f1": "maybe"}, "f1", "a:pass,a:pass", [1]],
    "boolean": ["maybe", 2, 0.5],
}
NO_VALUE = [None, float("nan"), Decimal("NaN"), "None", "nan"]
PIECES = [*'=,;|"\\ \n\t:%-{]#é✓\xa0a7', "f1_buy", "last_fold_", "none", "==="]


def decimal(draw: random.Random, low: int, high: int) -> tuple[Any, Decimal]:
    """A number between two whole ones, as one of Python's types, and what it is exactly."""
    shape = draw.randrange(4)
    if shape == 0:
        number = draw.uniform(low, high) * 10 ** (0 if low > 1 else -draw.choice((0, 0, 3, 9)))
        return number, Decimal(repr(number))
    places = draw.randrange(16)
    exact = Decimal(draw.randint(low * 10**places, high * 10**places)).scaleb(-places)
    return (exact, str(exact), exact.normalize())[shape - 1], exact


def drawn(draw: random.Random, kind: str) -> tuple[Any, Any]:
    """A value that corrparse takes, and how it comes back."""
    if kind in {"multiple", "decimal"}:
        return decimal(draw, 1 if kind == "multiple" else -5, 5)
    if kind == "fraction":
        given, exact = decimal(draw, 0, 1)
        return (f"{exact * 100:f}%", exact) if draw.randrange(5) == 0 else (given, exact)
    if kind in {"exit", "percent"}:
        given, exact = decimal(draw, 2, 100)
        return (f"{exact:f}%", exact) if draw.randrange(2) else (given, exact)
    if kind == "count" or (kind == "fold" and draw.randrange(4)):
        count = draw.choice((0, 1, 7, draw.randrange(10**15)))
        return draw.choice((count, float(count), str(count), Decimal(count))), count
    if kind == "gates":
        names = draw.sample(["f1", "sortino", "n-trades", "é", "x.y"], draw.randint(1, 4))
        results = {name: draw.choice((True, False)) for name in names}
        spelled = {name: draw.choice((result, int(result), ("KO", "ok")[result])) for name, result in results.items()}
        return spelled, results
    if kind == "boolean":
        truth = draw.choice((True, False))
        return draw.choice((truth, int(truth), ("No", "YES")[truth])), truth
    word = {
        "fold": ["all"],
        "horizon": ["H1", "H99", f"H{draw.randint(1, 99)}"],
        "phase": ["screening", "testing", "wfrb"],
        "name": ["SOLUSDC", "x", "last_fold_", "é\u2011ü", "-x-", "x" * 128, "C:\\n", "#1", "{a}", "[b]"],
    }[kind]
    text = draw.choice(word)
    return text, text


def is_doubted(key: str, given: Any, back: Any) -> bool:
    """Whether lint asks about a value that comes back as it was given: a hundredth may be a fraction printed with a sign."""
    return block.KEYS.get(key) == "fraction" and str(given).endswith("%") and 0 < back <= Decimal("0.01")


def values_of(draw: random.Random) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """What a producer gives, and the fields and extras that have to come back."""
    given: dict[str, Any] = {"sl": 1}
    fields: dict[str, Any] = {"sl": Decimal(1)}
    extras: dict[str, str] = {}
    for key, kind in block.KEYS.items():
        fate = draw.randrange(12)
        if key == "sl" or fate > 8:
            continue
        if fate == 0:
            given[key] = draw.choice(NO_VALUE)
        elif fate == 1:
            given[key] = draw.choice(REFUSED[kind])
        else:
            given[key], fields[key] = drawn(draw, kind)
    for number in range(draw.randrange(4)):
        extras[f"x{number}"] = "".join(draw.choice(PIECES) for _ in range(draw.randrange(6)))
    order = list({**given, **extras}.items())
    draw.shuffle(order)
    return dict(order), fields, extras


class RoundTrip(unittest.TestCase):
    def setUp(self) -> None:
        draw = random.Random(SEED)
        self.cases = [values_of(draw) for _ in range(BLOCKS)]

    def check(self, log: str) -> None:
        records = parsed(log)
        self.assertEqual(len(records), BLOCKS)
        for number, ((given, fields, extras), record) in enumerate(zip(self.cases, records)):
            back = {**record["record"], **record.get("extras", {})}
            if "gates" in record:
                back["gates"] = {name: result == "pass" for name, result in record["gates"].items()}
            expected = {**fields, **extras}
            for key in {**given, **back}:
                self.assertEqual(back.get(key), expected.get(key), f"seed {SEED}, block {number}: {key}={given.get(key)!r}")
            doubted = {("missing_value", key) for key in ("gates", "complete") if key in given and key not in fields}
            self.assertEqual({(issue["kind"], issue["key"]) for issue in record["issues"]}, doubted, given)

    def test_every_value_comes_back_as_it_was_given_or_not_at_all(self) -> None:
        log = io.StringIO()
        with Warnings():
            for given, _, _ in self.cases:
                print("an unfinished line", end="", file=log)
                block.print_correlation_data(given, file=log)
        self.check(log.getvalue())
        # Shares that are drawn are those of no one whole.
        status, findings = linted(log.getvalue(), "--allow", "share_sum")
        doubts = sum(record["issues"] != [] for record in parsed(log.getvalue()))
        self.assertGreater(doubts, 0)
        self.assertEqual({line.split(": ")[1] for line in findings.splitlines()}, {"missing_value", "doubtful_percent"})
        self.assertEqual(status, 1)

    def test_values_that_corrparse_takes_make_strict_blocks_without_a_warning(self) -> None:
        taken = [
            {
                key: given[key]
                for key in given
                if key in extras or (key in fields and not is_doubted(key, given[key], fields[key]))
            }
            for given, fields, extras in self.cases
        ]
        log = "\n".join(block.correlation_data(values, strict=True) for values in taken)
        self.assertEqual(linted(log + "\n", "--allow", "share_sum"), (0, ""))

    def test_the_keys_of_an_event_come_back_as_the_lines_do(self) -> None:
        lines = []
        with Warnings():
            for second, (given, _, _) in enumerate(self.cases):
                event = {
                    "timestamp": f"2026-03-28T02:{second // 60:02}:{second % 60:02}Z",
                    "level": "info",
                    "event": block.HEADER,
                }
                lines.append(json.dumps({**event, **block.correlation_data_json(given), "logger": "test"}))
        self.check("\n".join(lines) + "\n")


if __name__ == "__main__":
    unittest.main()
