#!/usr/bin/env python3
"""python/corrparse_block with values of the real numpy and pandas, and with the real structlog. Scripts/producer-tests.sh runs it
with numpy 1 and with numpy 2.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import subprocess
import sys
import unittest
from decimal import Decimal

import numpy
import pandas
import structlog

from producer import MODULE, RECIPES, Warnings, block, linted, parsed


def read(values: object) -> tuple[dict[str, str], list[str]]:
    with Warnings() as messages:
        lines = block.correlation_data(values).split("\n")
    return dict(line.split("=", 1) for line in lines[1:-1]), messages


class Values(unittest.TestCase):
    def test_scalars_are_printed_as_the_number_that_they_show(self) -> None:
        for value, text in (
            (numpy.float64(0.1) + numpy.float64(0.2), "0.30000000000000004"),
            (numpy.float32(0.1), "0.1"),
            (numpy.float16(0.1), "0.1"),
            (numpy.longdouble("0.5"), "0.5"),
            (numpy.float64(1e-7), "0.0000001"),
            (numpy.array(0.25), "0.25"),
            (numpy.array(0.1, dtype="float32"), "0.1"),
            (numpy.str_("0.5"), "0.5"),
            (pandas.Series([0.1], dtype="float32")[0], "0.1"),
            (pandas.Series([0.1], dtype="Float64")[0], "0.1"),
            (pandas.Series([Decimal("0.1")])[0], "0.1"),
        ):
            with self.subTest(value=repr(value), type=type(value)):
                self.assertEqual(read({"f1_buy": value}), ({"f1_buy": text}, []))
        for name in ("int8", "int16", "int32", "int64", "uint8", "uint64"):
            self.assertEqual(read({"n_trades": numpy.dtype(name).type(7)}), ({"n_trades": "7"}, []))
        self.assertEqual(read({"n_trades": pandas.Series([7], dtype="Int64")[0]}), ({"n_trades": "7"}, []))

    def test_every_narrow_float_is_read_back_from_its_text(self) -> None:
        draw = numpy.random.default_rng(1)
        for value in draw.random(2000, dtype=numpy.float32):
            text = read({"f1_buy": value})[0]["f1_buy"]
            self.assertEqual(numpy.float32(text), value)
            self.assertEqual(Decimal(text), Decimal(str(value)))

    def test_words_truth_values_and_gates(self) -> None:
        frame = pandas.DataFrame({"crypto": pandas.Categorical(["SOLUSDC"]), "ok": [True]})
        self.assertEqual(read({"crypto": frame["crypto"][0]}), ({"crypto": "SOLUSDC"}, []))
        self.assertEqual(read({"crypto": numpy.str_("SOLUSDC")}), ({"crypto": "SOLUSDC"}, []))
        self.assertEqual(read({"complete": numpy.bool_(True)}), ({"complete": "True"}, []))
        gates = {"f1": numpy.bool_(True), "sortino": numpy.float64(-0.3) > 0, "n": frame["ok"][0]}
        self.assertEqual(read({"gates": gates}), ({"gates": "f1:pass,sortino:fail,n:pass"}, []))

    def test_what_is_no_value_is_left_out_in_silence(self) -> None:
        missing = (
            *(numpy.nan, numpy.float32("nan"), numpy.array(numpy.nan), numpy.datetime64("NaT"), numpy.datetime64("NaT", "ns")),
            *(numpy.ma.masked, numpy.ma.array(0.5, mask=True)[()], pandas.NA, pandas.NaT),
            pandas.Series([None], dtype="Float64")[0],
        )
        for value in missing:
            with self.subTest(value=repr(value)):
                self.assertEqual(read({"f1_buy": value, "crypto": value, "note": value, "sl": 1}), ({"sl": "1"}, []))

    def test_what_is_no_single_number_is_left_out_with_a_warning(self) -> None:
        refused = (
            *(numpy.array([0.5]), pandas.Series([0.5]), pandas.DataFrame({"a": [1]}), numpy.bool_(True), numpy.complex128(1)),
            *(numpy.inf, numpy.float32("inf"), numpy.datetime64("2026-03-28"), numpy.void(b"x")),
            *(pandas.Timestamp("2026-03-28"), pandas.Timedelta("1h"), pandas.Interval(0, 1)),
        )
        for value in refused:
            with self.subTest(value=repr(value)):
                texts, messages = read({"f1_buy": value, "sl": 1})
                self.assertEqual(texts, {"sl": "1"})
                self.assertEqual(len(messages), 1)

    def test_times_are_kept_as_extras(self) -> None:
        texts, messages = read(
            {"sl": 1, "began": pandas.Timestamp("2026-03-28T02:14"), "day": numpy.datetime64("2026-03-28", "ns")}
        )
        self.assertEqual(texts, {"sl": "1", "began": '"2026-03-28 02:14:00"', "day": "2026-03-28T00:00:00.000000000"})
        self.assertEqual(messages, [])

    def test_rows_of_a_frame_come_back_exactly(self) -> None:
        draw = numpy.random.default_rng(2)
        frame = pandas.DataFrame(
            {
                "crypto": ["SOLUSDC", "ETHUSDC"] * 50,
                "f1_buy": draw.random(100),
                "std_f1_buy": draw.random(100, dtype=numpy.float32),
                "sortino": draw.normal(size=100),
                "n_trades": draw.integers(0, 10**6, 100),
                "sl_pct": draw.uniform(2, 100, 100),
            }
        )
        frame.loc[3, "sortino"] = None
        log = io.StringIO()
        for _, row in frame.iterrows():
            block.print_correlation_data(row, file=log, strict=True)
        self.assertEqual(linted(log.getvalue()), (0, ""))
        for row, record in zip(frame.to_dict("records"), parsed(log.getvalue())):
            expected = {
                key: value if key == "crypto" else Decimal(str(value)) for key, value in row.items() if pandas.notna(value)
            }
            self.assertEqual(record["record"], expected)


class Structlog(unittest.TestCase):
    def test_the_recipe_prints_blocks_that_corrparse_takes(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(MODULE), "CORRPARSE_BLOCK_STRICT": "1"}
        done = subprocess.run(
            [sys.executable, str(RECIPES / "with_structlog.py")], check=True, capture_output=True, text=True, env=environment
        )
        self.assertEqual([record["record"]["horizon"] for record in parsed(done.stdout)], ["H4", "H5"])
        self.assertEqual(linted(done.stdout)[1].count("structured_header"), 1)

    def test_keys_come_back_from_json_and_from_the_console(self) -> None:
        values = {"crypto": "SOLUSDC", "f1_buy": numpy.float32(0.1), "gates": {"f1": True}, "note": 'it\'s "two" words', "é": 1}
        for renderer in (structlog.processors.JSONRenderer(), structlog.dev.ConsoleRenderer(colors=False)):
            out = io.StringIO()
            stamp = structlog.processors.TimeStamper(fmt="iso")
            processors = [structlog.processors.add_log_level, stamp, renderer]
            log = structlog.wrap_logger(structlog.PrintLogger(out), processors=processors).bind(logger="airflow.task")
            with Warnings() as messages:
                log.info(block.HEADER, **block.correlation_data_json(values))
            self.assertEqual(len(messages), 1)
            records = parsed(out.getvalue())
            self.assertEqual(json.dumps(records[0]["record"], default=str), '{"crypto": "SOLUSDC", "f1_buy": "0.1"}')
            self.assertEqual(records[0]["gates"], {"f1": "pass"})
            self.assertEqual(records[0]["extras"], {"note": 'it\'s "two" words'})


if __name__ == "__main__":
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "pandas", "structlog"))
    print(f"frameworks: {versions}", file=sys.stderr)
    unittest.main()
