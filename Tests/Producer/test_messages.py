#!/usr/bin/env python3
"""python/corrparse_block: what it says of values that it does not print. What it says to give instead is taken.

python3 Tests/Producer/test_messages.py
"""

from __future__ import annotations

import io
import logging
import re
import unittest

from producer import Warnings, block


class Table:
    """What a DataFrame of pandas is to the module: two dimensions, and columns as items."""

    ndim = 2

    def items(self) -> list[tuple[str, object]]:
        return [("crypto", ["SOLUSDC", "BTCUSDC"])]

    def __repr__(self) -> str:
        return "    crypto\n0  SOLUSDC\n1  BTCUSDC"


def told(values: object) -> str:
    """The one warning about some values, and one line of it."""
    with Warnings() as messages:
        block.correlation_data(values)
    assert len(messages) == 1, messages
    assert "\n" not in messages[0]
    return messages[0]


class Messages(unittest.TestCase):
    def test_a_value_of_which_the_unit_is_not_known_is_told_with_its_own_number(self) -> None:
        # It said "write '30.2%'" of any share, and "such as '0.5%'" of a rate of 0.925.
        for key, value, fraction, points in (
            ("sl_pct", 0.58, "58%", "0.58%"),
            ("success_rate", 0.925, "92.5%", "0.925%"),
            ("cpu_pct", 1, "100%", "1%"),
        ):
            self.assertIn(
                f"may be a fraction or percent points; write '{fraction}' for a fraction, '{points}' for percent points",
                told({key: value, "sl": 1}),
            )
            for text in (fraction, points):
                self.assertIn(f"{key}={text}\n", block.correlation_data({key: text}, strict=True))

    def test_a_fraction_beside_percent_points_is_refused(self) -> None:
        # It was printed as 0.117%.
        message = told({"sl_pct": 58.1, "timeout_pct": 0.117})
        self.assertIn("'timeout_pct' is left out: 0.117 may be a fraction", message)
        self.assertIn("write '11.7%' for a fraction", message)

    def test_what_a_number_with_a_percent_sign_may_look_like_is_told(self) -> None:
        # It said "without percent sign" of a blank before a sign that is allowed.
        message = told({"baseline_f1_buy": "48.71 %", "sl": 1})
        self.assertIn("is no finite decimal, such as 0.55 or '55.1%', without a blank", message)
        self.assertIn("such as 0.55, without percent sign", told({"sortino": "3%", "sl": 1}))
        self.assertIn("is not in 0 ... 1; write '48.7%' where it is percent points", told({"f1_buy": 48.7, "sl": 1}))
        self.assertNotIn("write", told({"f1_buy": 148.7, "sl": 1}))

    def test_both_keys_that_are_one_are_named(self) -> None:
        # The first was dropped without a word.
        for first, second in (("symbol", "crypto"), ("F1-Buy", "f1_buy")):
            message = told({first: "0.5", second: "0.6", "sl": 1})
            self.assertIn(f"'{second}' is left out: '0.6' is another value of the key that '{first}' gives", message)
            self.assertIn("which is left out too", message)

    def test_gates_are_told_once_and_with_the_form_that_is_taken(self) -> None:
        # It said that gates are left out, and that they are printed as None.
        message = told({"sl": 1, "gates": {"f1": "maybe"}})
        self.assertEqual(message.count("gates"), 1)
        self.assertIn("'gates' is printed as None (a block without it would be judged otherwise): ", message)
        self.assertIn("give {'f1': True, 'sortino': False}", message)
        self.assertIn("'gates' has no value and is printed as None", told({"sl": 1, "gates": None}))
        self.assertIn("gates=f1:pass,sortino:fail", block.correlation_data({"gates": {"f1": True, "sortino": False}}))

    def test_a_table_in_place_of_a_row_is_told_in_one_line(self) -> None:
        self.assertIn("is no dict, and no row of a table, such as df.iloc[0]", told(Table()))
        self.assertIn("'crypto' is left out: crypto 0 SOLUSDC 1 BTCUSDC is no single value", told({"crypto": Table(), "sl": 1}))

    def test_the_record_names_the_line_that_logs_the_block(self) -> None:
        # It named the module's own.
        stream = io.StringIO()
        logger = logging.getLogger("test.place")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter("{%(filename)s:%(lineno)d} %(message)s"))
        logger.addHandler(handler)
        block.log_correlation_data({"sl": 1}, logger=logger)
        block.log_correlation_data({"sl": 2}, logger=logging.LoggerAdapter(logger, {}))
        self.assertEqual(re.findall(r"{(.*?):\d+}", stream.getvalue()), ["test_messages.py"] * 2)


if __name__ == "__main__":
    unittest.main()
