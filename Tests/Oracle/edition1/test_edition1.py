"""Cases for the oracle itself; every expectation is derived by hand from the sentence named with it."""

from __future__ import annotations

import gzip
import struct
import unittest
import zlib
from decimal import Decimal

from . import grammar, oracle

H, E = "=== CORRELATION DATA ===", "=== END CORRELATION DATA ==="
T = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - "
P = "[2026-03-28T02:14:07.123+0000] {logging_mixin.py:1} INFO - "
W = "[2026-03-28T02:14:08.123+0000] {a.py:1} WARNING - "
F = "[2026-03-28T02:14:08.123+0000] {taskinstance.py:1} ERROR - Task failed with exception\n"


def run(text: str | bytes, source: str = "x.log") -> list[dict]:
    return oracle.parse_bytes(source, text.encode() if isinstance(text, str) else text)


def bare(*lines: str) -> dict:
    return run("\n".join([H, *lines, E]) + "\n")[0]


def kinds(line: dict) -> list[tuple]:
    return sorted((i["kind"], i.get("key")) for i in line["issues"])


class Grammar(unittest.TestCase):
    def pairs(self, text):
        body = grammar.parse_line(text)
        return None if body is None else [(p.key, p.text) for p in body.pairs]

    def test_page_1_examples(self):
        self.assertEqual(self.pairs("recall_buy= sortino=0.3"), [("recall_buy", ""), ("sortino", "0.3")])
        self.assertEqual(self.pairs("f1_buy=0.55 # best"), [("f1_buy", "0.55 # best")])
        self.assertEqual(self.pairs("n_trades=1 204"), [("n_trades", "1 204")])
        self.assertEqual(
            self.pairs("gates=f1:pass,sortino:fail n_trades=5"), [("gates", "f1:pass,sortino:fail"), ("n_trades", "5")]
        )
        self.assertEqual(self.pairs("f1_buy=1, sl=2;tp=3 | x=4,"), [("f1_buy", "1"), ("sl", "2"), ("tp", "3"), ("x", "4")])
        self.assertIsNone(self.pairs("Note: all done"))
        self.assertEqual(self.pairs("Note: done"), [("Note", "done")])
        self.assertEqual(self.pairs("crypto:SOL USD"), [("crypto", "SOL USD")])
        self.assertIsNone(self.pairs("note:SOL"))
        self.assertIsNone(self.pairs("loss=0.3 after 3 epochs"))
        self.assertEqual(self.pairs(r'note="a \"b\" c=1" sl=2'), [("note", 'a "b" c=1'), ("sl", "2")])
        self.assertIsNone(self.pairs("level=info crypto=SOLUSDC"))
        self.assertEqual(self.pairs("event=correlation_data crypto=SOLUSDC"), [("crypto", "SOLUSDC")])
        self.assertEqual(self.pairs("- sl: 2"), [("sl", "2")])
        self.assertEqual(self.pairs("--- ml ---"), [])
        self.assertEqual(self.pairs("[ml]"), [])
        self.assertIsNone(self.pairs("-- ml"))


class Values(unittest.TestCase):
    def test_numbers(self):
        line = bare(
            "f1_buy=0,55",
            "sortino=\N{MINUS SIGN}0.3",
            "theta=np.float64(0.5)",
            "n_trades=3.0",
            "n_folds=3.5",
            "recall_buy=55.1%",
            "sl=1%",
        )
        self.assertEqual(line["record"], {"n_trades": 3, "recall_buy": Decimal("0.551")})
        self.assertEqual(
            kinds(line),
            [
                ("malformed_number", "f1_buy"),
                ("malformed_number", "sl"),
                ("malformed_number", "sortino"),
                ("malformed_number", "theta"),
                ("out_of_range", "n_folds"),
            ],
        )

    def test_digits(self):
        self.assertEqual(bare("sortino=0.123456789012345678")["record"]["sortino"], Decimal("0.123456789012345678"))
        self.assertEqual(kinds(bare("sortino=1.123456789012345678")), [("malformed_number", "sortino")])
        self.assertEqual(kinds(bare("sortino=1e15")), [("out_of_range", "sortino")])
        self.assertEqual(bare("sortino=1e-30")["record"]["sortino"], Decimal("1e-30"))
        self.assertEqual(kinds(bare("sortino=1e-31")), [("out_of_range", "sortino")])

    def test_units(self):
        self.assertEqual(
            bare("tp_pct=0.2", "sl_pct=0.5", "timeout_pct=0.3")["record"], {"tp_pct": 20, "sl_pct": 50, "timeout_pct": 30}
        )
        self.assertEqual(kinds(bare("tp_pct=0.2", "sl_pct=0.5")), [("unit_ambiguous", "sl_pct"), ("unit_ambiguous", "tp_pct")])
        self.assertEqual(bare("tp_pct=0.2", "sl_pct=50")["record"], {"tp_pct": Decimal("0.2"), "sl_pct": 50})
        self.assertEqual(bare("tp_pct=0", "cpu_pct=0")["record"], {"tp_pct": 0, "cpu_pct": 0})
        self.assertEqual(kinds(bare("cpu_pct=1")), [("unit_ambiguous", "cpu_pct")])

    def test_gates(self):
        self.assertEqual(bare("gates=PASS")["gates"], {"overall": "pass"})
        self.assertEqual(bare("gates=f1:ok, s:✗")["gates"], {"f1": "pass", "s": "fail"})
        self.assertEqual(kinds(bare("gates=f1:ok,f1:ko")), [("malformed_pair", "gates")])


class Blocks(unittest.TestCase):
    def test_interruption(self):
        body = f"{T}{H}\n{T}crypto=A\n{W}oops\nTraceback\n"
        self.assertEqual(run(body + f"{T}sl=2\n{T}{E}\n")[0]["record"], {"crypto": "A", "sl": 2})
        self.assertEqual(run(body + f"{T}crypto=A\n")[0]["end"], "implicit:other_line")
        self.assertEqual(kinds(run(body + F)[0]), [("incomplete_block", None)])

    def test_record_end_and_second_write(self):
        self.assertEqual(run(f"{T}{H}\ncrypto=A\n{T}sl=2\n")[0]["end"], "implicit:record_end")
        line = run(f"{P}{H}\ncrypto=A\n{P}sl=2\n{T}x\n")[0]
        self.assertEqual((line["record"], line["end"]), ({"crypto": "A", "sl": 2}, "implicit:end_of_input"))

    def test_rejoined(self):
        line = run(f"{P}{H}\n{P}crypto=\n{P}SOLUSDC\n{P}{E}\n")[0]
        self.assertEqual((line["record"], kinds(line)), ({"crypto": "SOLUSDC"}, [("rejoined_pair", "crypto")]))
        self.assertEqual(kinds(run(f"{T}{H}\n{T}crypto=\n{T}SOLUSDC\n")[0]), [("missing_value", "crypto")])

    def test_interleaving(self):
        same = run(f"{T}{H}\n{T}crypto=A\n{T}sl=1\n{T}{H}\n{T}crypto=B\n{T}sl=1\n{T}{E}\n")
        self.assertEqual([line["record"].get("crypto") for line in same], ["A", "B"])
        again = run(f"{T}{H}\n{T}crypto=A\n{T}crypto=B\n{T}{E}\n{T}{H}\n{T}crypto=C\n{T}{E}\n{T}{H}\ncrypto=D\n{T}x\n")
        self.assertEqual([line["record"] for line in again], [{}, {}, {"crypto": "D"}])
        self.assertEqual(kinds(run(f"{T}{H}\ncrypto=A\ncrypto=B\n{T}x\n")[0]), [("duplicate_key", "crypto")])

    def test_cut(self):
        line = run(f"{T}{H}\n{T}crypto=A\n{T}sl=2")[0]
        self.assertEqual(
            (line["record"], kinds(line), line["end"]), ({"crypto": "A"}, [("incomplete_block", "sl")], "implicit:end_of_input")
        )
        self.assertEqual(run(f"{T}{H}\n{T}crypto=A\n{T}{E}")[0]["end"], "explicit")

    def test_limit(self):
        self.assertEqual(bare(*[f"k{i}=1" for i in range(256)])["end"], "explicit")
        line = bare(*[f"k{i}=1" for i in range(257)])
        self.assertEqual((line["end"], kinds(line), len(line["extras"])), ("implicit:limit", [("block_too_long", None)], 256))

    def test_source_issues(self):
        self.assertEqual(kinds(run(f"x\n{E}\n")[-1]), [("orphan_end", None)])
        self.assertEqual(kinds(run("=== Correlation data\n")[-1]), [("unrecognised_header", None)])
        self.assertEqual(len(run(f"{H}\nsl=1\n{E}\n{E}\n")), 1)

    def test_replay(self):
        block = f"{T}{H}\n{T}crypto=A\n{T}{E}\n"
        self.assertEqual([line["block"] for line in run(block + block + block.replace("=A", "=B"))], [1, 3])
        self.assertEqual(len(run(f"{H}\nsl=1\n{E}\n" * 2)), 2)


class Damage(unittest.TestCase):
    text = f"{T}{H}\n{T}crypto=A\n{T}{E}\n{T}{H}\n{T}crypto=B\n".encode()

    def test_wrong_crc(self):
        data = bytearray(gzip.compress(self.text, mtime=0))
        data[-8] ^= 1
        first, second, source = run(bytes(data))
        self.assertEqual((kinds(first), kinds(second)), ([], [("damaged_source", None), ("incomplete_block", None)]))
        self.assertEqual(source, {"source": "x.log", "status": "corrupt", "issues": [{"kind": "damaged_source", "block": 1}]})

    def test_members(self):
        cut = len(self.text) // 2
        self.assertEqual(
            run(gzip.compress(self.text[:cut]) + gzip.compress(b"") + gzip.compress(self.text[cut:])), run(self.text)
        )
        self.assertEqual(run(gzip.compress(gzip.compress(self.text))), run(self.text))
        self.assertEqual(run(gzip.compress(self.text) + b"\0" * 9), run(self.text))
        self.assertEqual(kinds(run(gzip.compress(self.text) + b"x")[-1]), [("trailing_garbage", None)])
        self.assertEqual(run(gzip.compress(self.text)[:-3])[-1]["status"], "truncated")

    def test_inflate_gives_everything_before_the_damage(self):
        engine = zlib.compressobj(9, zlib.DEFLATED, -15)
        body = engine.compress(self.text) + engine.flush(zlib.Z_FULL_FLUSH) + b"\x07"  # a block of the reserved type
        data = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body + struct.pack("<II", 0, 0)
        lines = run(data)
        self.assertEqual([line.get("record", {}).get("crypto") for line in lines], ["A", "B", None])
        self.assertEqual(lines[-1]["status"], "corrupt")


class Verdicts(unittest.TestCase):
    def verdict(self, *lines):
        return bare(*lines)["verdict"]

    def test_thresholds(self):
        for f1, code in (
            ("0.5", "ML_USELESS"),
            ("0.5000001", "ML_MARGINAL"),
            ("0.55", "ML_MARGINAL"),
            ("0.5500001", "ML_EXPLOITABLE"),
            ("0.6", "ML_EXPLOITABLE"),
            ("0.6000001", "ML_SOLID"),
        ):
            self.assertEqual(self.verdict(f"f1_buy={f1}", "baseline_f1_buy=0.5", "sortino=1")["ml"], code)

    def test_three_values(self):
        clear = self.verdict("f1_buy=0.53", "baseline_f1_buy=0.5")
        self.assertNotIn("EXECUTION_MISMATCH", [e["rule"] for e in clear["not_evaluated"]])
        self.assertEqual(self.verdict("oom_kills=3", "cpu_pct=95")["severity"], "P0")
        self.assertEqual(self.verdict("cpu_pct=95")["severity"], "P1")
        no_trades = self.verdict("f1_buy=0.6", "baseline_f1_buy=0.5", "sortino=-1", "n_trades=0")
        self.assertIn({"rule": "EXECUTION_MISMATCH", "lacks": ["sortino"], "why": "no_trades"}, no_trades["not_evaluated"])
        self.assertEqual(self.verdict("n_passed=0", "n_candidates=5")["primary"], "NO_CANDIDATES")
        self.assertEqual(self.verdict("n_passed=0", "n_candidates=5", "complete=no")["certainty"], "certain")
        self.assertEqual(self.verdict("crypto=A")["certainty"], "unclassified")
        # "if all of them were made absent nothing applies"
        self.assertEqual(self.verdict("f1_buy=x", "n_passed=0", "n_candidates=5")["findings"], [])
