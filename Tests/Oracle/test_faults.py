"""faults.py itself: the property holds on a block as the pages read it, and a reader that breaks it is found."""

from __future__ import annotations

import contextlib
import io
import unittest

import faults
from test_lines import E, H

T = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - "
LOG = "".join(T + line + "\n" for line in ("before", H, "crypto=SOL", "sl=1.5 tp=2", "theta=0.48", E, "behind it")).encode()


def tried(read: faults.Reader) -> tuple[int, int]:
    """(faults, violations)"""
    with contextlib.redirect_stdout(io.StringIO()):
        tally = faults.check("log", LOG, read, step=1, share=1, shown=1)
    return sum(tally[kind] for kind in ("fold", "chunk", "end", "foreign", "word", "lost", "doubled")), tally["violations"]


class Faults(unittest.TestCase):
    def test_the_property_holds(self):
        count, wrong = tried(faults.ask_oracle)
        self.assertEqual(wrong, 0)
        # A line of n characters is cut at n - 1 places, in three ways. Beside it come four foreign lines, four words, the line
        # itself, or it is lost.
        self.assertEqual(count, 3 * (23 + 9 + 10 + 9 + 27) + 5 * (4 + 4 + 1 + 1))

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


if __name__ == "__main__":
    unittest.main()
