#!/usr/bin/env python3
"""The made-up changes of examples/changes apply to this checkout, and CONTRIBUTING.md lists their files.

python3 Tests/Scripts/test_changes.py
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
specification = importlib.util.spec_from_file_location("changes", ROOT / "Scripts" / "changes.py")
changes = importlib.util.module_from_spec(specification)
sys.modules["changes"] = changes
specification.loader.exec_module(changes)


class Changes(unittest.TestCase):
    def test_they_apply_and_are_listed(self) -> None:
        done = subprocess.run([ROOT / "Scripts" / "changes.py"], check=False, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_there_is_one_of_each_kind_and_each_has_tests(self) -> None:
        found = changes.changes()
        self.assertEqual([change.name for change in found], ["code", "envelope", "field", "format"])
        for change in found:
            with self.subTest(change=change.name):
                self.assertTrue(change.tests)
                # A change is described, and tested.
                self.assertTrue(any(file.startswith("docs/specification/") for file in change.files))
                self.assertTrue(any(file.startswith("Tests/") for file in change.files))

    def test_a_patch_that_no_longer_applies_is_told_with_its_file(self) -> None:
        change = changes.changes()[-1]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for file in change.files:
                if (ROOT / file).exists():
                    (folder / file).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / file, folder / file)
            self.assertEqual(changes.obstacle(change, folder), "")
            moved = folder / "Sources/RecordFormats/RowPrinter.swift"
            moved.write_text(moved.read_text().replace("case .markdown:", "case .table:"))
            self.assertIn("format.patch no longer applies", changes.obstacle(change, folder))
            self.assertIn("RowPrinter.swift", changes.obstacle(change, folder))

    def test_a_list_that_is_not_current_is_found(self) -> None:
        found, text = changes.changes(), changes.DOCUMENT.read_text()
        self.assertEqual(changes.document_with(text, found), text)
        found[0].files.append("Sources/One/More.swift")
        self.assertIn("- `Sources/One/More.swift`", changes.document_with(text, found))


if __name__ == "__main__":
    unittest.main()
