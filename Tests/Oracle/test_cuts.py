"""Cut keys, gates, joined pairs and objects, and what only the whole log tells. Derived by hand."""

from __future__ import annotations

import unittest
from decimal import Decimal

from test_claims import P, T, log, seen
from test_lines import E, H, bare, kinds, run

INTERRUPTED = ("interrupted", None)


class CutKeys(unittest.TestCase):
    def test_the_rest_of_a_key_is_another_key(self):
        line = run(log(H, "sl=1", "screening_", "f1_buy=0.61", "tp=2", E))[0]
        self.assertEqual(seen(line), ({"sl": 1, "tp": 2}, "explicit", [INTERRUPTED]))
        line = run(log(H, "sl=1", "screening_", "f1_buy=0.61", "done it"))[0]
        self.assertEqual(seen(line), ({"sl": 1}, "implicit:other_line", [("cut_short", None)]), "it begins with the whole key")
        line = run(log(H, "sl=1", "- my_", "theta=0.61", "done it"))[0]
        self.assertEqual(seen(line), ({"sl": 1}, "implicit:other_line", []), "which may be unknown")

    def test_behind_a_body_line(self):
        line = bare("sl=1 last_fold_", "f1_buy=0.61,tp=2")
        self.assertEqual(seen(line), ({"tp": 2}, "explicit", [("cut_value", "last_fold_f1_buy"), ("malformed_number", "sl")]))
        line = run(f"{H} sl=1, note=x last_fold_\nf1_buy=0.61\n{E}\n")[0]
        self.assertEqual(kinds(line), [("cut_value", "last_fold_f1_buy")])

    def test_what_is_no_such_token(self):
        for before in ("sl=5.", "note=x-", "-------", "sl=1 5.", "tp=2 x"):
            self.assertEqual(bare(before, "f1_buy=0.61")["record"].get("f1_buy"), Decimal("0.61"), before)
        self.assertEqual(bare("done_", "- f1_buy=0.61")["record"], {"f1_buy": Decimal("0.61")}, "behind a bullet it does not")

    def test_a_key_in_two_lines(self):
        line = run(log(H, "sl=1", "n_pas", "sed=12", "done it"))[0]
        self.assertEqual(seen(line), ({"sl": 1}, "implicit:other_line", [("cut_short", None)]))
        line = run(log(H, "n_passed=3", "n_pas", "sed=12", "done it"))[0]
        self.assertEqual(seen(line), ({"n_passed": 3}, "implicit:other_line", []), "not yet in the block")


class CutGates(unittest.TestCase):
    def test_behind_a_separator(self):
        for name in ("sortino", "n"):
            line = bare("gates=f1:pass,", f"{name}:fail theta=0.5", "sl=1")
            self.assertEqual((line.get("gates"), line["record"]), (None, {"sl": 1}), name)
            self.assertEqual(kinds(line), [("cut_value", "gates"), INTERRUPTED])
        self.assertEqual(bare("gates=f1:pass,", "sl=1")["gates"], {"f1": "pass"})
        self.assertEqual(bare("gates=f1:pass", "sortino: 1")["gates"], {"f1": "pass"}, "no separator")

    def test_in_a_last_line_that_may_be_cut(self):
        line = run(log(H, "gates=f1:pass,") + T + "sortino:fa")[0]
        self.assertEqual((line.get("gates"), kinds(line)), (None, [("cut_value", "gates")]))


class CutValues(unittest.TestCase):
    def test_a_word_behind_a_joined_pair(self):
        line = run(log(H, "sl=", "871", "0.8", "tp=2", E, prefix=P))[0]
        self.assertEqual(seen(line), ({"tp": 2}, "explicit", [("cut_value", "sl"), INTERRUPTED, ("rejoined_pair", "sl")]))
        line = run(log(H, "tp=2", "crypto=", "SOL", "the log goes on", prefix=P))[0]
        self.assertEqual((line["record"], kinds(line)), ({"tp": 2}, [("cut_value", "crypto"), ("rejoined_pair", "crypto")]))
        line = run(log(H, "tp=2", "crypto=", "SOL", E, prefix=P))[0]
        self.assertEqual(line["record"], {"crypto": "SOL", "tp": 2})

    def test_a_joined_colon_pair(self):
        self.assertEqual(run(log(H, "timeframe:", "1h", E, prefix=P))[0]["record"], {"timeframe": "1h"})

    def test_pairs_behind_a_token_that_cuts_nothing(self):
        self.assertEqual(seen(run(log(H, "f1_buy=0.31", "Evaluating theta=0.5"))[0])[1:], ("implicit:other_line", []))

    def test_equal_halves_of_a_joined_token(self):
        line = run(log(H, "n_trades=", "8", "8", E, prefix=P))[0]
        self.assertEqual(line["record"], {}, "a record that is one bare token is never passed over")

    def test_where_the_block_goes_on(self):
        def crypto(*behind: str):
            return run(log(H, "sl=1", "crypto=SO", *behind))[0]["record"].get("crypto")

        self.assertIsNone(crypto("L note=a # b", "done it"), "`key=` in its line")
        self.assertIsNone(crypto("L", "note=a", "done it"), "a body-line as the next line")
        self.assertIsNone(crypto("L", "x y", "tp=2"), "a known key")
        self.assertEqual(crypto("L", "done it", "note=a"), "SO")
        self.assertEqual(crypto("L x"), "SO", "no token")
        line = run(log(f"{H}\nsl=1\nstrategy_id: s", "-1", E, prefix=P))[0]
        self.assertEqual(
            (line["end"], kinds(line)), ("implicit:record_end", [("cut_value", "strategy_id")]), "a marker, claiming or not"
        )

    def test_names_hold_no_separator(self):
        for value in ("SOL;hor", "SOL|hor"):
            self.assertEqual(kinds(bare(f"crypto={value}")), [("malformed_pair", "crypto")])


class Others(unittest.TestCase):
    def test_an_object_that_is_not_closed(self):
        for behind in (["done it"], []):
            line = run(log(H, "sl=1", '{"tp": 2,', *behind))[0]
            self.assertEqual(seen(line), ({"sl": 1}, "implicit:other_line", [("incomplete_block", None)]))
        self.assertEqual(kinds(run(log(H, "sl=1", "{'folds': [1]}", "done it"))[0]), [], "closed, and no body-line")
        self.assertEqual(kinds(run(log(H, "sl=1", '{"tp": 2,', E))[0]), [INTERRUPTED])

    def test_unread_header_beside_orphan_end(self):
        self.assertEqual([kinds(line) for line in run(log("x", E))], [[("orphan_end", None), ("unread_header", None)]])
        near = [kinds(line) for line in run(log("### CORRELATION DATA ###", E))]
        self.assertEqual(near, [[("orphan_end", None), ("unrecognised_header", None)]])

    def test_near_miss_before_anything_else(self):
        for text in ("correlation_data: 1", '{"correlation":"data"}'):
            self.assertEqual([kinds(line) for line in run(text + "\n")], [[("unrecognised_header", None)]], text)
            self.assertEqual(run(log(H, "sl=1", text, "tp=2"))[0]["end"], "implicit:other_line")

    def test_a_replay_is_of_one_stream(self):
        other = P.replace("logging_mixin", "b")
        block = [H, "sl=1", E]
        self.assertEqual(len(run(log(*block) + log(*block, prefix=other))), 2)
        self.assertEqual(len(run(log(*block) + log(*block))), 1)

    def test_a_word_and_a_bar(self):
        line = run(f"{H}\ntheta=0.\n5 | sl=1\n{E}\n")[0]
        self.assertEqual(seen(line), ({"sl": 1}, "explicit", [("cut_value", "theta"), INTERRUPTED]))


if __name__ == "__main__":
    unittest.main()
