"""The pictures of docs/ are those of the map of modules and of the migrated database."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts"))

import pictures


class Pictures(unittest.TestCase):
    def test_they_are_current(self) -> None:
        if "CORRPARSE_TEST_DATABASE" not in os.environ:
            self.fail("run through Scripts/with-postgres.sh")
        done = subprocess.run([ROOT / "Scripts" / "pictures.py", "--check"], check=False, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_name_stands_behind_all_that_it_knows(self) -> None:
        arrows = {"a": set(), "b": {"a"}, "c": {"a"}, "d": {"b", "a"}}
        self.assertEqual(pictures.depths(arrows), {"a": 0, "b": 1, "c": 1, "d": 2})

    def test_two_that_refer_to_each_other_do_not_stand_behind_one_another_for_ever(self) -> None:
        self.assertEqual(
            pictures.depths({"log": {"source"}, "source": {"log"}, "record": {"source"}}), {"log": 1, "source": 0, "record": 1}
        )

    def test_an_arrow_that_a_longer_way_says_is_left_out(self) -> None:
        arrows = {"a": set(), "b": {"a"}, "c": {"a", "b"}}
        self.assertEqual(pictures.reduced(arrows), {"a": set(), "b": {"a"}, "c": {"b"}})

    def test_a_table_shows_its_keys_first_and_how_many_columns_are_left(self) -> None:
        columns = [
            ("first", False, False),
            *[(f"c{n}", False, False) for n in range(8)],
            ("id", True, False),
            ("of", False, True),
        ]
        self.assertEqual(pictures.shown(columns), ["id *", "of", "first", "c0", "c1", "c2", "c3", "and 4 more"])


if __name__ == "__main__":
    unittest.main()
