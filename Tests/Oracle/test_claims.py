"""Foreign lines, claims, suspension and cut values. Every expectation is derived by hand."""

from __future__ import annotations

import unittest
from decimal import Decimal

from test_lines import E, H, bare, kinds, run

T = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - "
P = "[2026-03-28T02:14:07.123+0000] {logging_mixin.py:1} INFO - "
W = "[2026-03-28T02:14:08.123+0000] {a.py:1} WARNING - "
F = "[2026-03-28T02:14:08.123+0000] {taskinstance.py:1} ERROR - Task failed with exception\n"


def log(*lines: str, prefix: str = T) -> str:
    return "".join((line if line.startswith("[2026") else prefix + line) + "\n" for line in lines)


def seen(line: dict) -> tuple:
    return line["record"], line["end"], kinds(line)


class Claims(unittest.TestCase):
    def test_the_marker_claims(self):
        line = run(log(H, "sl=1", "Evaluating", "tp=2", "Note: x=1 y", "theta=0.5", E))[0]
        self.assertEqual(seen(line), ({"sl": 1, "tp": 2, "theta": Decimal("0.5")}, "explicit", [("interrupted", None)]))
        self.assertEqual(line["issues"][0]["raw"], "Evaluating")

    def test_what_feeds_behind_a_foreign_line(self):
        line = run(log(H, "sl=1", "Evaluating it", "tp=2 note=x", "note=y", "theta=0.5", E))[0]
        self.assertEqual(line["record"], {"sl": 1, "theta": Decimal("0.5")}, "a line with an unknown key feeds nothing")
        self.assertNotIn("extras", line)
        again = run(log(H, "sl=1", "Evaluating it", "sl=2", E))[0]
        self.assertEqual(kinds(again), [("interleaved", None), ("interrupted", None)], "as on any other line")
        same = run(log(H, "sl=1", "Evaluating it", "sl=1", E))[0]
        self.assertEqual(seen(same), ({"sl": 1}, "explicit", [("interrupted", None)]))

    def test_how_far_it_looks(self):
        progress = [f"| {n}% |" for n in range(64)]
        self.assertEqual(run(log(H, "sl=1", *progress, E))[0]["end"], "explicit", "63 lines behind the first, and the marker")
        self.assertEqual(run(log(H, "sl=1", *progress, "| 45% |", E))[0]["end"], "implicit:other_line")
        for stop in ("=====", "=== Correlation Data ===", H):
            self.assertEqual(run(log(H, "sl=1", "Evaluating it", stop, E))[0]["end"], "implicit:other_line", stop)
        self.assertEqual(run(log(H, "sl=1", "Evaluating it") + F + log("tp=2", E))[0]["end"], "implicit:other_line")

    def test_title(self):
        line = run(log(H, "sl=1", "thresholds:", "f1_buy=0.5", E))[0]
        self.assertEqual(seen(line), ({"sl": 1}, "explicit", [("cut_short", None), ("interrupted", None)]))
        self.assertEqual(kinds(run(log(H, "sl=1", "thresholds:", "note=0.5", E))[0]), [("interrupted", None)])

    def test_cut_short(self):
        line = run(log(H, "f1_buy=0.6", "Evaluating it", "baseline_f1_buy=0.5", "the log goes on"))[0]
        self.assertEqual(seen(line), ({"f1_buy": Decimal("0.6")}, "implicit:other_line", [("cut_short", None)]))
        self.assertEqual({entry["why"] for entry in line["verdict"]["not_evaluated"]}, {"cut_short"})
        self.assertEqual(seen(run(log(H, "sl=1", "Evaluating it", "sl=2"))[0]), ({"sl": 1}, "implicit:other_line", []))

    def test_certainty_is_at_most_provisional(self):
        body = ["f1_buy=0.6", "baseline_f1_buy=0.5", "screening_f1_buy=0.6", "last_fold_f1_buy=0.6", "std_f1_buy=0.01"]
        body += ["sortino=1", "tp_pct=50", "sl_pct=30", "timeout_pct=20"]
        sure = run(log(H, *body, "Evaluating it", "the log goes on"))[0]
        self.assertEqual(sure["verdict"]["certainty"], "certain")
        short = run(log(H, *body, "Evaluating it", "theta=0.5"))[0]
        self.assertEqual(short["verdict"]["certainty"], "provisional")

    def test_two_writers(self):
        text = log(H, "sl=1", "Evaluating it", "tp=2", "x y", H, "sl=3", "Evaluating it", "tp=4", E)
        first, second, source = run(text)
        self.assertEqual((seen(first)[0], kinds(first)), ({"sl": 1}, [("cut_short", None)]))
        self.assertEqual((seen(second)[0], kinds(second)), ({"sl": 3}, [("cut_short", None)]), "no later block is claimed")
        self.assertEqual(kinds(source), [("orphan_end", None)])

    def test_a_record_that_holds_its_block(self):
        inside = run(f"{T}{H}\nsl=1\nEvaluating it\ntp=2\n{E}\n{T}x y\n")[0]
        self.assertEqual(seen(inside), ({"sl": 1, "tp": 2}, "explicit", [("interrupted", None)]))
        behind = run(f"{T}{H}\nsl=1\nEvaluating it\n{T}tp=2\n{T}{E}\n")[0]
        self.assertEqual(seen(behind), ({"sl": 1}, "implicit:other_line", [("cut_short", None)]))
        ended = run(f"{T}{H}\nsl=1\n{T}tp=2\n{T}{E}\n")[0]
        self.assertEqual(seen(ended), ({"sl": 1}, "implicit:record_end", [("cut_short", None)]))
        self.assertEqual(kinds(run(f"{T}{H}\nsl=1\n{T}sl=2\n")[0]), [])


class Suspension(unittest.TestCase):
    def test_resumes(self):
        line = run(log(H, "sl=1", f"{W}oops") + "Traceback\n" + log("tp=2", E))[0]
        self.assertEqual(seen(line), ({"sl": 1, "tp": 2}, "explicit", [("interrupted", None)]))

    def test_resolved_into_foreign_lines(self):
        line = run(log(H, "sl=1", f"{W}oops", "prose here", "tp=2", E))[0]
        self.assertEqual(
            (seen(line), line["issues"][0]["raw"]), (({"sl": 1, "tp": 2}, "explicit", [("interrupted", None)]), "oops")
        )
        line = run(log(H, "sl=1", f"{W}oops", "prose here", "tp=2"))[0]
        self.assertEqual(seen(line), ({"sl": 1}, "implicit:other_line", [("cut_short", None)]))
        line = run(log(H, "sl=1", f"{W}oops", "prose here"))[0]
        self.assertEqual(seen(line), ({"sl": 1}, "implicit:other_line", []))

    def test_a_header_behind_it_cuts_no_open_block(self):
        first, second = run(log(H, "sl=1", f"{W}oops", H, "tp=2", E))
        self.assertEqual((seen(first), kinds(second)), (({"sl": 1}, "implicit:other_line", []), []))

    def test_inside_the_suspending_record(self):
        line = run(log(H, "sl=1", f"{W}oops") + f"tp=9\n{E}\n" + log("x y"))[0]
        self.assertEqual(seen(line), ({"sl": 1}, "explicit", [("interrupted", None)]), "its lines are foreign; its marker claims")
        line = run(log(H, "sl=1", f"{W}oops") + "### CORRELATION DATA ###\n" + log("tp=2", E))[0]
        self.assertEqual(seen(line), ({"sl": 1}, "implicit:other_line", []))

    def test_open_at_a_failure_line(self):
        line = run(log(H, "sl=1", f"{W}oops") + F + log("tp=2", E))[0]
        self.assertEqual(seen(line), ({"sl": 1}, "implicit:failure", [("incomplete_block", None)]))

    def test_stderr_suspends_nothing(self):
        stderr = W.replace("a.py", "logging_mixin.py")
        line = run(log(H, "sl=1", "an error", "tp=2", E, prefix=stderr))[0]
        self.assertEqual(seen(line), ({"sl": 1, "tp": 2}, "explicit", [("interrupted", None)]))


class CutValues(unittest.TestCase):
    def cut(self, *lines: str) -> tuple:
        line = run(log(H, *lines))[0]
        return line["record"], [kind for kind in kinds(line) if kind[0] != "interrupted"]

    def test_numbers(self):
        for value, token in (("0.4", "871"), ("0.3", "e-05"), ("0.", "5"), ("1", "204"), ("5", "%")):
            self.assertEqual(self.cut("sl=1", f"theta={value}", token), ({"sl": 1}, [("cut_value", "theta")]), (value, token))
        for token in ("Evaluating...", "0.5.5", "8 more", "'871'"):
            self.assertEqual(self.cut("theta=0.4", token), ({"theta": Decimal("0.4")}, []), token)

    def test_pairs_behind_the_token(self):
        self.assertEqual(
            self.cut("sl_pct=5", "8.1,timeout_pct=11.7", E), ({"timeout_pct": Decimal("11.7")}, [("cut_value", "sl_pct")])
        )
        self.assertEqual(self.cut("sl_pct=5", "8.1,timeout_pct=11.7"), ({}, [("cut_short", None), ("cut_value", "sl_pct")]))

    def test_texts_only_where_the_block_goes_on(self):
        self.assertEqual(self.cut("crypto=SOL", "USDC"), ({"crypto": "SOL"}, []))
        self.assertEqual(self.cut("crypto=SOL", "USDC", E), ({}, [("cut_value", "crypto")]))
        self.assertEqual(self.cut("crypto=SOL", "USDC", "sl=1"), ({}, [("cut_short", None), ("cut_value", "crypto")]))

    def test_gates_in_any_case(self):
        for line in ("x", ",sortino:pass,n:fail"):
            self.assertEqual(self.cut("gates=f1:pass", line), ({}, [("cut_value", "gates")]))

    def test_after_a_block_that_ended_with_its_record(self):
        line = run(f"{T}{H}\nsl=1\ntheta=0.4\n{T}871\n")[0]
        self.assertEqual(seen(line), ({"sl": 1}, "implicit:record_end", [("cut_value", "theta")]))

    def test_what_holds_no_token(self):
        self.assertEqual(kinds(run(log(H, "theta=0.4", f"{W}871", E))[0]), [("interrupted", None)], "a record that suspends")
        self.assertEqual(kinds(run(log(H, "theta=0.4", "::group::871", E))[0]), [("interrupted", None)])
        self.assertEqual(kinds(bare("{'theta': 0.4}", "871")), [("interrupted", None)], "an object is complete")

    def test_a_joined_pair_is_not_cut(self):
        line = run(log(H, "crypto=", "SOL", E, prefix=P))[0]
        self.assertEqual((line["record"], kinds(line)), ({"crypto": "SOL"}, [("rejoined_pair", "crypto")]))


if __name__ == "__main__":
    unittest.main()
