#!/usr/bin/env python3
"""CONTRIBUTING.md: the files, folders and types that it sends a reader to are there.

python3 Tests/Scripts/test_contributing.py
"""

from __future__ import annotations

import fnmatch
import re
import subprocess
import unittest
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
# Made by a build, a run or a finding, or of the system.
MADE = re.compile(r"\.build/|\.corrparse/|/|Fuzz/Findings/")
# Modules of others, which the map of modules names; check-modules.py holds that map against the imports.
FOREIGN = {"ArgumentParser", "FoundationEssentials", "Glibc", "Logging", "Synchronization", "SystemPackage"}


def problems(document: str, files: list[str], sources: str) -> list[str]:
    """The words in backticks that lead nowhere: paths, as `Tests/Corpus` or `*.swift`, and names of types, modules and files."""
    folders = {str(folder) for file in files for folder in PurePosixPath(file).parents}
    stems = {PurePosixPath(file).name.partition(".")[0] for file in files} | {PurePosixPath(folder).name for folder in folders}
    declared = set(re.findall(r"\b(?:struct|enum|class|protocol|actor) (\w+)", sources))
    found = []
    for word in sorted(set(re.findall(r"`([^`\s]+)`", re.sub(r"^```.*?^```", "", document, flags=re.MULTILINE | re.DOTALL)))):
        if re.fullmatch(r"[\w.*-]*/[\w./*+-]*|[\w*+-]+\.(swift|py|sh|md|c|h)", word):
            is_there = word.rstrip("/") in folders or fnmatch.filter(files, word) or fnmatch.filter(files, f"*/{word}")
            if not is_there and not MADE.match(word):
                found.append(word)
        elif re.fullmatch(r"[A-Z][a-z]\w*(\.\w+)?", word) and word.partition(".")[0] not in declared | stems | FOREIGN:
            found.append(word)
    return found


class Contributing(unittest.TestCase):
    def setUp(self) -> None:
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        self.files = [name for name in names.split("\0") if (ROOT / name).is_file()]
        swift = (name for name in self.files if name.endswith(".swift"))
        self.sources = "".join((ROOT / name).read_text() for name in swift)
        # The files of made-up changes are Scripts/changes.py's to hold.
        whole = (ROOT / "CONTRIBUTING.md").read_text()
        self.document = re.sub(r"<!-- changes: .*?<!-- end -->", "", whole, flags=re.DOTALL)

    def test_what_it_names_is_there(self) -> None:
        self.assertEqual(problems(self.document, self.files, self.sources), [])

    def test_what_is_gone_is_found(self) -> None:
        document = "`Sources/Gone`, `Gone.swift`, `GoneType`, `Tests/Corpus/Gone*.swift`; `Tests/Corpus`, `Makefile`"
        wanted = ["Gone.swift", "GoneType", "Sources/Gone", "Tests/Corpus/Gone*.swift"]
        self.assertEqual(problems(document, self.files, self.sources), wanted)
        # Nearly all that the document names is looked at.
        self.assertGreater(len(problems(self.document, [], "")), 100)


if __name__ == "__main__":
    unittest.main()
