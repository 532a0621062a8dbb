"""faults.py itself: the property holds on a block as the pages read it, and a reader that breaks it is found."""

from __future__ import annotations

import argparse
import contextlib
import io
import unittest

import damage_entries
import faults
import faulty_logs
from test_lines import E, H

T = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - "
BLOCK = (H, "crypto=SOL", "sl=1.5 tp=2", "theta=0.48", E)
LOG = "".join(T + line + "\n" for line in ("before", *BLOCK, "behind it")).encode()
OPTIONS = argparse.Namespace(step=1, share=1, seed="1", shown=1, print_logs=False)


def tried(read: faults.Reader) -> tuple[int, int]:
    """(faults, violations)"""
    with contextlib.redirect_stdout(io.StringIO()):
        tally = faults.check([("log", LOG)], read, OPTIONS)
    return sum(tally[kind] for kind in ("fold", "chunk", "end", "foreign", "word", "lost", "doubled")), tally["violations"]


class Faults(unittest.TestCase):
    def test_the_property_holds(self):
        count, wrong = tried(faults.ask_oracle)
        self.assertEqual(wrong, 0)
        # A line of n characters is cut at n - 1 places, in two ways. Beside it come four foreign lines, four words, the line
        # itself, or it is lost. The log ends behind every third character of it, its prefix included.
        ends = sum(len(range(1, len(T + line), 3)) for line in BLOCK)
        self.assertEqual(count, 2 * (23 + 9 + 10 + 9 + 27) + ends + 5 * (4 + 4 + 1 + 1))

    def test_a_wrong_value_is_found(self):
        read = faults.ask_oracle

        def careless(logs: list[bytes]) -> list[list[dict]]:
            """Takes `theta` for what the line says, however it was cut."""
            out = read(logs)
            for data, lines in zip(logs, out, strict=True):
                for line in lines:
                    if b"theta=0.4\n" in data and "record" in line:
                        line["record"]["theta"] = "0.4"
            return out

        self.assertGreater(tried(careless)[1], 0)

    def test_a_silent_loss_is_found(self):
        read = faults.ask_oracle

        def silent(logs: list[bytes]) -> list[list[dict]]:
            out = read(logs)
            for lines in out:
                for line in lines:
                    line["issues"] = []
            return out

        self.assertGreater(tried(silent)[1], 0)


class Entries(unittest.TestCase):
    """Lines as messages: each is written again as it was, and a fault stands where the message does."""

    def test_each_line_is_written_again(self):
        lines = [
            T + "crypto=SOL",
            "a later line",
            "[2026-03-28, 02:14:07 UTC] {a.py:1} INFO - sl=1",
            "[2026-03-28T02:14:07.1Z] INFO - sl=1 source=root loc=a.py:1",
            "2026-03-28T02:14:07.1Z [info     ] sl=1                 [root] loc=a.py:1",
            "2026-03-28T02:14:07.5Z stdout F sl=1",
            f"[pod/train-7c4/base] {T}sl=1",
            "train-1  | === CORRELATION DATA ===",
            "train-1  | sl=1",
            "[2026-03-28T02:14:07.123+0000] {pod_manager.py:4} INFO - [base] sl=1",
            '{"log": "sl=1\\n", "stream": "stdout"}',
            '{"timestamp": "2026-03-28T02:14:07Z", "event": "sl=1\\nf1_buy=\\ud800"}',
            '{"textPayload": "sl=1"}',
        ]
        data = "".join(line + "\n" for line in lines).encode()
        entries = damage_entries.entries_of(data)
        self.assertEqual(damage_entries.encode([entry.write() for entry in entries]), data)
        self.assertEqual([entry.message for entry in entries[2:7]], ["sl=1"] * 5)

    def test_an_answer_of_the_api_is_taken_apart(self):
        data = b'{"content":[{"timestamp":"T","event":"a"},{"event":"b"},{"timest'
        self.assertEqual([entry.message for entry in damage_entries.entries_of(data)], ["a", "b"])

    def test_a_fold_keeps_what_stands_around_the_message(self):
        data = b"[2026-03-28T02:14:07.1Z] INFO - sl=15 source=root loc=a.py:1\n"
        (entry,) = damage_entries.entries_of(data)
        folds = [fault.written for fault in faulty_logs.faults_in(entry, 0, 1, True) if fault.kind == "fold"]
        self.assertIn("[2026-03-28T02:14:07.1Z] INFO - sl=1\n5 source=root loc=a.py:1\n", folds)


if __name__ == "__main__":
    unittest.main()
