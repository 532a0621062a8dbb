#!/usr/bin/env python3
"""What the Makefile offers, and that documents and comments name targets that exist.

python3 Tests/Scripts/test_make.py
"""

from __future__ import annotations

import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In backticks, in quotes, or as a line of a code block of its own.
MENTION = re.compile(r"(?:[`']|^(?=make ))make ([a-z][\w-]*)(?:[ \n]+WHAT=([\w-]+))?", re.MULTILINE)
READ = {".md", ".sh", ".py", ".swift", ".txt", ".yaml", ""}


def make(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["make", *arguments], cwd=ROOT, check=False, capture_output=True, text=True)


def offered(*arguments: str) -> list[str]:
    return re.findall(r"^make (\S+(?: WHAT=\S+)?)", make(*arguments).stdout, re.MULTILINE)


class Make(unittest.TestCase):
    def test_help_lists_at_most_a_dozen_targets_and_all_are_there(self) -> None:
        targets = offered("help")
        self.assertLessEqual(len(targets), 12)
        self.assertLessEqual({"demo", "test", "lint", "build", "bench", "stop", "clean", "dashboards", "long"}, set(targets))
        for target in targets:
            self.assertEqual(make("--dry-run", target).returncode, 0, target)

    def test_long_lists_what_it_runs(self) -> None:
        listed = [target.removeprefix("long WHAT=") for target in offered("long")]
        phony = re.search(r"^LONG := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
        self.assertEqual(listed, phony)
        for what in listed:
            done = make("--dry-run", "long", f"WHAT={what}")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Scripts/install-dependencies.sh", done.stdout, what)

    def test_long_knows_no_other(self) -> None:
        done = make("long", "WHAT=nothing")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("there is no long 'nothing'", done.stderr)

    def test_what_is_written_about_make_is_there(self) -> None:
        everyday, long = set(offered("help")) | {"help"}, {target.partition("=")[2] for target in offered("long")}
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        found = 0
        for name in names:
            path = ROOT / name
            if path.suffix not in READ or not path.is_file() or name.startswith(("Tests/Corpus", "Tests/Samples", "Fuzz/Seeds")):
                continue
            for target, what in MENTION.findall(path.read_text(errors="replace")):
                found += 1
                self.assertIn(target, everyday, f"{name}: make {target}")
                if what:
                    self.assertIn(what, long, f"{name}: make {target} WHAT={what}")
        self.assertGreater(found, 50)


if __name__ == "__main__":
    unittest.main()
