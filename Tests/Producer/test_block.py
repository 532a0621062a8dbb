#!/usr/bin/env python3
"""python/corrparse_block: what it prints of each value, and what it leaves out. Expected values are of 1-correlation-data.

python3 Tests/Producer/test_block.py
"""

from __future__ import annotations

import enum
import io
import logging
import os
import threading
import unittest
from decimal import Decimal
from fractions import Fraction
from unittest import mock

from producer import Warnings, block


class Phase(enum.Enum):
    TESTING = "testing"


class Group(str, enum.Enum):
    DEFI = "defi"


class Fold(enum.IntEnum):
    THIRD = 3


class Broken:
    """A value all of whose methods fail."""

    def __repr__(self) -> str:
        raise RuntimeError("no text")

    def __ne__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = None


def read(values: object) -> tuple[dict[str, str], list[str]]:
    """The lines of the block between its markers, as written, and the warnings."""
    with Warnings() as messages:
        lines = block.correlation_data(values).split("\n")
    if lines == [""]:
        return {}, messages
    assert (lines[0], lines[-1]) == (block.HEADER, block.END), lines
    return dict(line.split("=", 1) for line in lines[1:-1]), messages


def logger_of(level: int) -> logging.Logger:
    logger = logging.getLogger(f"test.{level}")
    logger.setLevel(level)
    logger.propagate = False
    return logger


class Values(unittest.TestCase):
    """One value under one key."""

    def test_numbers_are_printed_exactly_and_without_exponents(self) -> None:
        for key, value, text in (
            ("f1_buy", 0.55, "0.55"),
            ("f1_buy", 0.1 + 0.2, "0.30000000000000004"),
            ("f1_buy", 1e-05, "0.00001"),
            ("f1_buy", 1, "1"),
            ("f1_buy", " 0.55 ", "0.55"),
            ("f1_buy", "55.1%", "55.1%"),
            ("f1_buy", ".5", "0.5"),
            ("f1_buy", Decimal("0.123456789012345678"), "0.123456789012345678"),
            ("sortino", -0.32, "-0.32"),
            ("sortino", -0.0, "0"),
            ("sortino", Decimal("1E+3"), "1000"),
            ("sortino", Decimal("-1E-30"), "-0." + "0" * 29 + "1"),
            ("sl", Decimal("0.80"), "0.80"),
            ("n_trades", 655, "655"),
            ("n_trades", 655.0, "655"),
            ("fold", Fold.THIRD, "3"),
            ("fold", "all", "all"),
            ("sl_pct", "58.1%", "58.1%"),
            ("sl_pct", 58.1, "58.1%"),
            ("sl_pct", 0, "0%"),
            ("cpu_pct", 93.5, "93.5%"),
            ("cpu_pct", "0.5%", "0.5%"),
        ):
            with self.subTest(key=key, value=value):
                self.assertEqual(read({key: value}), ({key: text}, []))

    def test_words_and_truth_values(self) -> None:
        for key, value, text in (
            ("crypto", "SOLUSDC", "SOLUSDC"),
            ("crypto", "SOL#", '"SOL#"'),
            ("group", Group.DEFI, "defi"),
            ("model_version", 3, "3"),
            ("horizon", "H12", "H12"),
            ("phase", Phase.TESTING, "testing"),
            ("complete", True, "True"),
            ("complete", "no", "no"),
            ("gates", True, "pass"),
            ("gates", "PASS", "pass"),
            ("gates", {"f1": True, "sortino": "FAIL", "n": 0}, "f1:pass,sortino:fail,n:fail"),
            ("gates", "f1: ok, sortino: ✗", "f1:pass,sortino:fail"),
        ):
            with self.subTest(key=key, value=value):
                self.assertEqual(read({key: value}), ({key: text}, []))

    def test_what_is_no_value_is_left_out_in_silence(self) -> None:
        for value in (None, float("nan"), Decimal("NaN"), Decimal("sNaN"), "None", "nan", "N/A", "-", ""):
            with self.subTest(value=value):
                self.assertEqual(read({"crypto": value, "f1_buy": value, "sl": 1}), ({"sl": "1"}, []))

    def test_what_corrparse_would_not_take_is_left_out_with_a_warning(self) -> None:
        for key, value, why in (
            ("f1_buy", 1.7, "1.7 is not in 0 ... 1"),
            ("f1_buy", -0.1, "is not in 0 ... 1"),
            ("f1_buy", "0,55", "is no finite decimal"),
            ("f1_buy", "1_0", "is no finite decimal"),
            ("f1_buy", "\u0660.\u0665", "is no finite decimal"),
            ("f1_buy", float("inf"), "is no finite decimal"),
            ("f1_buy", True, "is no number but a bool"),
            ("f1_buy", Fraction(1, 3), "is no number but a Fraction"),
            ("f1_buy", 1j, "is no number but a complex"),
            ("f1_buy", [0.5], "is no single value"),
            ("f1_buy", b"0.5", "is no single value"),
            ("f1_buy", Decimal(1) / 3, "round it"),
            ("sortino", 1e15, "is 10^15 or more"),
            ("sortino", Decimal("1E+400"), "is 10^15 or more"),
            ("sortino", 1e-31, "30 digits after the point"),
            ("sortino", "3%", "without percent sign"),
            ("sortino", 10**5000, "int raises ValueError"),
            ("sl", 0, "is not over 0"),
            ("n_trades", 3.5, "is no whole number"),
            ("n_trades", -1, "is no whole number"),
            ("fold", "last", "is no finite decimal"),
            ("horizon", "H04", "is not H1 ... H99"),
            ("horizon", 4, "is not H1 ... H99"),
            ("phase", "Testing", "is not screening"),
            ("crypto", "SOL USDC", "has a blank"),
            ("crypto", "a=b", "has a blank"),
            ("crypto", "it's", "has a blank"),
            ("crypto", "SOL;", "has a blank"),
            ("crypto", "SOL|", "has a blank"),
            ("crypto", "x" * 129, "over 128 letters"),
            ("crypto", "a\x1b[31mb", "control character"),
            ("crypto", "sol\ud800", "control character"),
            ("crypto", "***", "masks secrets"),
            ("sl_pct", 158, "is not in 0 ... 100"),
            ("sl_pct", 0.5, "fraction or percent points"),
            ("pvc_pct", 0.5, "fraction or percent points"),
            ("pvc_pct", 1, "fraction or percent points"),
            ("note", "a\rf1_buy=0.9", "control character"),
            ("note", "see === CORRELATION DATA ===", "text of a header"),
            ("note", "x=== END CORRELATION DATA ===", "text of a header"),
            ("level", "x", "belongs to the logger"),
            ("two words", "x", "no letter followed by"),
            (3, "x", "key that is no text"),
            ("f1_buy", Broken(), "Broken raises RuntimeError"),
            ("note", Broken(), "Broken raises RuntimeError"),
        ):
            with self.subTest(key=key, value=type(value).__name__):
                texts, messages = read({key: value, "theta": 0.5})
                self.assertEqual(texts, {"theta": "0.5"})
                self.assertEqual(len(messages), 1)
                self.assertIn(why, messages[0])

    def test_extras_keep_their_text(self) -> None:
        for value, text in (
            ("plain", "plain"),
            ("two words", '"two words"'),
            ("", '""'),
            ('say "hi"\\n', '"say \\"hi\\"\\\\n"'),
            ("a\nb\tc", '"a\\nb\\tc"'),
            ("a,b=c", '"a,b=c"'),
            ("a,", '"a,"'),
            ("a,last_fold_", '"a,last_fold_"'),
            ("None", "None"),
            (0.1, "0.1"),
            (float("inf"), "inf"),
            (["a", 1], "\"['a', 1]\""),
        ):
            with self.subTest(value=value):
                self.assertEqual(read({"sl": 1, "note": value}), ({"sl": "1", "note": text}, []))


class Blocks(unittest.TestCase):
    """Several values together."""

    def test_keys_are_printed_as_corrparse_compares_them(self) -> None:
        texts, messages = read({"Symbol": "SOLUSDC", "F1-Buy": 0.5, "tp%": "30%", "Fold-Name": "x", "delta_f1": 3})
        self.assertEqual(texts, {"crypto": "SOLUSDC", "f1_buy": "0.5", "tp_pct": "30%", "Fold-Name": "x"})
        self.assertEqual(messages, [])

    def test_two_values_of_one_key_are_both_left_out(self) -> None:
        texts, messages = read({"crypto": "SOLUSDC", "pair": "ETHUSDC", "symbol": "SOLUSDC", "sl": 1})
        self.assertEqual(texts, {"sl": "1"})
        both = "'pair' is left out: 'ETHUSDC' is another value of the key that 'crypto' gives, which is left out too"
        self.assertIn(both, messages[0])
        self.assertEqual(read({"crypto": "SOLUSDC", "pair": "SOLUSDC"}), ({"crypto": "SOLUSDC"}, []))
        self.assertEqual(read({"a-b": "1", "A_B": "2", "sl": 1})[0], {"sl": "1"})

    def test_groups_are_taken_apart_one_level_deep(self) -> None:
        values = {"crypto": "SOLUSDC", "ml": {"f1_buy": 0.55, "gates": {"f1": True}}, "run": {"note": "x"}}
        self.assertEqual(read(values), ({"crypto": "SOLUSDC", "f1_buy": "0.55", "gates": "f1:pass", "note": "x"}, []))
        self.assertEqual(read({"sl": {"a": 1}, "tp": 1})[0], {"tp": "1"})

    def test_the_unit_of_the_exit_shares_is_decided_for_all_three(self) -> None:
        shares = ("tp_pct", "sl_pct", "timeout_pct")
        for given, printed in (
            ((30.2, 58.1, 11.7), ("30.2%", "58.1%", "11.7%")),
            ((0.302, 0.581, 0.117), ("30.2%", "58.1%", "11.7%")),
            ((0.5, 99, 0.5), ("0.5%", "99%", "0.5%")),
            ((0, 0, 0), ("0%", "0%", "0%")),
            ((1, 0, 0), ("100%", "0%", "0%")),
            (("0.5%", 0.2, 0.3), ("0.5%", None, None)),
            ((0.3, 0.3, 0.3), (None, None, None)),
            ((0.3, 0.7, None), (None, None, None)),
            ((0.3, 0.7, -1), (None, None, None)),
            ((0.3, 158, 0.2), (None, None, None)),
            ((30.2, 0.581, 11.7), ("30.2%", None, "11.7%")),
            ((None, 58.1, 0.117), (None, "58.1%", None)),
            (("30.2%", 58.1, 0.117), ("30.2%", "58.1%", None)),
            ((0, 58.1, 41.9), ("0%", "58.1%", "41.9%")),
        ):
            with self.subTest(given=given):
                texts = read(dict(zip(shares, given)))[0]
                self.assertEqual(tuple(texts.get(key) for key in shares), printed)

    def test_a_lost_value_that_would_change_the_verdict_is_printed_as_none(self) -> None:
        for values, expected in (
            ({"f1_buy": 0.5, "gates": {"f1": "maybe"}}, {"f1_buy": "0.5", "gates": "None"}),
            ({"f1_buy": 0.5, "gates": None}, {"f1_buy": "0.5", "gates": "None"}),
            ({"f1_buy": 0.5, "gates": {}}, {"f1_buy": "0.5", "gates": "None"}),
            ({"f1_buy": 0.5, "gates": {"f1": float("nan")}}, {"f1_buy": "0.5", "gates": "None"}),
            ({"f1_buy": 0.5, "gates": "f1:pass,f1:fail"}, {"f1_buy": "0.5", "gates": "None"}),
            (
                {"n_passed": 0, "n_candidates": 9, "complete": "partly"},
                {"n_passed": "0", "n_candidates": "9", "complete": "None"},
            ),
            # Without f1_buy it would be the summary of a run that passed nobody.
            (
                {"n_passed": 0, "n_candidates": 9, "f1_buy": float("nan")},
                {"n_passed": "0", "n_candidates": "9", "f1_buy": "None"},
            ),
            ({"n_passed": 0, "f1_buy": None, "sortino": 1}, {"n_passed": "0", "sortino": "1"}),
            ({"n_passed": 0, "tp_pct": 0.3}, {"n_passed": "0", "tp_pct": "None"}),
        ):
            with self.subTest(values=values):
                texts, messages = read(values)
                self.assertEqual(texts, expected)
                self.assertEqual(bool(messages), "None" in expected.values())

    def test_a_block_is_as_long_as_corrparse_takes_it(self) -> None:
        texts, messages = read({**{f"x{n}": n for n in range(300)}, "crypto": "SOLUSDC"})
        self.assertEqual(len(texts), 256)
        self.assertEqual(texts["crypto"], "SOLUSDC")
        self.assertIn("'x255' on are left out", messages[0])
        texts, _ = read({"a": "x" * 40_000, "b": "y" * 40_000, "c": "z"})
        self.assertEqual(list(texts), ["a"])

    def test_without_a_value_there_is_no_block(self) -> None:
        for values in ({}, {"f1_buy": None}, {"f1_buy": "x"}, None, 3, ["crypto"]):
            with self.subTest(values=values):
                texts, messages = read(values)
                self.assertEqual(texts, {})
                self.assertIn("there is no block", messages[0])

    def test_the_keys_of_an_event_leave_those_of_the_logger_alone(self) -> None:
        with Warnings() as messages:
            keys = block.correlation_data_json(
                {"crypto": "SOL", "f1_buy": 0.5, "note": "two words", "task_id": "t", "event": "x"}
            )
        self.assertEqual(keys, {"crypto": "SOL", "f1_buy": "0.5", "note": "two words"})
        self.assertIn("'task_id' is left out", messages[0])
        with Warnings() as messages:
            self.assertEqual(block.correlation_data_json({"note": "x"}), {})
        self.assertIn("no value of a known key", messages[0])


class Writing(unittest.TestCase):
    """How a block gets out."""

    def test_strict_raises_what_would_be_left_out(self) -> None:
        bad, good = {"f1_buy": 1.7, "sl": 0}, {"f1_buy": 0.5, "sortino": None}
        with self.assertRaisesRegex(block.BlockError, "f1_buy.*sl"):
            block.correlation_data(bad, strict=True)
        with mock.patch.dict(os.environ, CORRPARSE_BLOCK_STRICT="1"):
            self.assertRaises(block.BlockError, block.print_correlation_data, bad, file=io.StringIO())
            self.assertIn("f1_buy=0.5", block.correlation_data(good))
            with Warnings() as messages:
                block.correlation_data(bad, strict=False)
        self.assertEqual(len(messages), 1)

    def test_print_writes_once_and_begins_a_line(self) -> None:
        file = mock.Mock()
        block.print_correlation_data({"sl": 1}, file=file)
        self.assertEqual(
            file.method_calls,
            [mock.call.write("\n=== CORRELATION DATA ===\nsl=1\n=== END CORRELATION DATA ===\n"), mock.call.flush()],
        )

    def test_a_file_that_cannot_be_written_ends_nothing(self) -> None:
        closed, ascii_only = io.StringIO(), io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        closed.close()
        for file in (closed, ascii_only, object()):
            with Warnings() as messages:
                block.print_correlation_data({"crypto": "é"}, file=file)
            self.assertIn("could not be printed", messages[0])

    def test_the_block_is_one_log_record(self) -> None:
        logger = logger_of(logging.INFO)
        stream = io.StringIO()
        logger.addHandler(logging.StreamHandler(stream))
        records = []
        logger.addFilter(lambda record: records.append(record) or True)
        block.log_correlation_data({"sl": 1, "note": "100 %s"}, logger=logger)
        self.assertEqual(stream.getvalue(), '=== CORRELATION DATA ===\nsl=1\nnote="100 %s"\n=== END CORRELATION DATA ===\n')
        self.assertEqual(len(records), 1)

    def test_a_logger_that_drops_the_block_is_told(self) -> None:
        with Warnings() as messages:
            block.log_correlation_data({"sl": 1}, logger=logger_of(logging.WARNING))
        self.assertIn("is above INFO", messages[0])

    def test_threads_that_print_at_once_do_not_mix(self) -> None:
        read_end, write_end = os.pipe()
        with os.fdopen(write_end, "w") as file:

            def produce(number: int) -> None:
                for fold in range(20):
                    block.print_correlation_data({"crypto": f"C{number}", "fold": fold}, file=file)

            threads = [threading.Thread(target=produce, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        with os.fdopen(read_end) as file:
            blocks = file.read().split("\n\n")
        found = {tuple(one.strip("\n").split("\n")) for one in blocks}
        expected = {(block.HEADER, f"crypto=C{n}", f"fold={fold}", block.END) for n in range(4) for fold in range(20)}
        self.assertEqual(found, expected)


if __name__ == "__main__":
    unittest.main()
