#!/usr/bin/env python3
"""python/corrparse_block: a key that is nearly known is told, as `corrparse lint` tells it.

python3 Tests/Producer/test_near_keys.py
"""

from __future__ import annotations

import os
import re
import unittest
from unittest import mock

from producer import Warnings, block, linted

# Keys of a producer's own, and known ones in other words.
WORDS = """
note seed precision_sell f1_sell theta_min gpu_pct timeout tp_percent stop_loss take_profit number_of_trades num_trades trades
folds ticker coin f1 std oom buy n rate pct sl_share stoploss takeprofit horizons gate gates_passed foldname fold_name phases
pp_pct xx_pct n_ candidates
"""


def slips() -> list[str]:
    """Each known key with every letter left out, doubled, changed or swapped with the next one, and with something at its end."""
    found = set(WORDS.split())
    for key in block.KEYS:
        found |= {key + "x", key + "_2", key + "_min", key.replace("_", ""), key.replace("_", "."), key.partition("_")[0]}
        for place in range(len(key)):
            before, letter, after = key[:place], key[place], key[place + 1 :]
            found |= {before + after, before + letter + letter + after, f"{before}q{after}"}
            found.add(before + after[:1] + letter + after[1:])
    # Others are no keys, or known ones in another spelling.
    known = {*block.KEYS, "symbol", "pair", "sortino_ratio", "delta_f1", "event", "level", "msg", "ts", "time"}
    return sorted(key for key in found - known if re.fullmatch(r"[a-z][a-z0-9_.]*", key))


def told(values: dict[str, object]) -> list[str]:
    """What the module asks about the keys of a block."""
    with Warnings() as messages:
        block.correlation_data(values)
    return re.findall(r"'(\S+)' is no key that corrparse knows; (did you mean .*?\?)", "; ".join(messages))


class NearKeys(unittest.TestCase):
    def test_strict_refuses_a_key_that_is_nearly_known(self) -> None:
        # It took f1buy and sortinoo without a word, and corrparse judged nothing.
        for key, known in (
            ("f1buy", "f1_buy"),
            ("sortinoo", "sortino"),
            ("Baseline-F1", "baseline_f1_buy"),
            ("trades", "n_trades"),
        ):
            with self.subTest(key=key):
                values = {"crypto": "SOLUSDC", key: 0.5}
                with self.assertRaisesRegex(block.BlockError, rf"'{key}' is no key .*; did you mean {known}\?"):
                    block.correlation_data(values, strict=True)
                with mock.patch.dict(os.environ, CORRPARSE_BLOCK_STRICT="1"):
                    self.assertRaises(block.BlockError, block.correlation_data_json, values)
                # It may be the producer's own, so it is printed all the same.
                with Warnings() as messages:
                    self.assertIn(f"\n{key}=0.5\n", block.correlation_data(values))
                self.assertEqual(len(messages), 1)

    def test_a_key_that_is_meant_so_is_allowed(self) -> None:
        values = {"crypto": "SOLUSDC", "GPU-pct": 40}
        self.assertTrue(told(values))
        with mock.patch.object(block, "OWN_KEYS", {"gpu_pct"}):
            self.assertIn("GPU-pct=40", block.correlation_data(values, strict=True))

    def test_other_words_are_no_mistake_beside_the_key_itself(self) -> None:
        self.assertEqual(told({"tp_percent": "30%", "tp_pct": "30%"}), [])
        self.assertEqual(told({"tp_percent": "30%", "tp_pct": None, "sl": 1}), [("tp_percent", "did you mean tp_pct?")])

    def test_the_module_asks_what_lint_asks(self) -> None:
        keys = slips()
        self.assertGreater(len(keys), 1000)
        log = "".join(f"{block.HEADER}\nsl=1\n{key}=x\n{block.END}\n" for key in keys)
        asked = re.findall(r":\d+: nearly_known_key: (\S+); (did you mean .*\?)$", linted(log)[1], re.MULTILINE)
        self.assertGreater(len(asked), 500)
        self.assertEqual([pair for key in keys for pair in told({"sl": 1, key: "x"})], asked)


if __name__ == "__main__":
    unittest.main()
