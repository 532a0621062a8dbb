#!/usr/bin/env python3
"""The made-up changes of examples/changes apply to this checkout, and CONTRIBUTING.md lists their files.

python3 Tests/Scripts/test_changes.py
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts"))
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

    def refreshed(self, name: str, words: dict[str, str]) -> dict[str, str]:
        """The files of a made-up change, carried over behind a real one like it that has other words and took its numbers."""
        change = next(change for change in changes.changes() if change.name == name)
        folder = Path(tempfile.mkdtemp(prefix="corrparse-changes."))
        self.addCleanup(shutil.rmtree, folder)
        root, patch, text = folder / "checkout", folder / change.path.name, change.path.read_text()
        for file in filter(lambda file: (ROOT / file).exists(), change.files):
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, root / file)
        self.commit(root)
        for made_up, real in words.items():
            text = changes.patch_merge.on_new_lines(text, made_up, real)
        patch.write_text(text)
        self.assertEqual(changes.git("apply", patch, folder=root).stderr, "")
        for migration in set(re.findall(r"v\d{4}_drift", text)):
            (root / "schema/migrations").mkdir(parents=True)
            (root / "schema/migrations" / f"{migration}.sql").touch()
        self.commit(root)
        patch.write_text(change.path.read_text())
        mine = changes.change_of(patch)
        self.assertIn("no longer applies", changes.obstacle(mine, root))
        self.assertEqual(changes.refresh(mine, root, folder / "mending"), [])
        self.assertEqual(changes.obstacle(mine, root), "")
        self.assertEqual(changes.change_of(patch).tests, change.tests)
        self.assertEqual(changes.git("apply", patch, folder=root).stderr, "")
        return {file: (root / file).read_text() for file in changes.change_of(patch).files}

    def test_a_real_field_leaves_a_made_up_one_that_applies_with_one_command(self) -> None:
        files = self.refreshed("field", {"slippage": "drift"})
        names = files["Sources/LogModel/FieldKey.swift"]
        self.assertIn('"drift_bps",\n    "slippage_bps",', names)
        self.assertIn("case .sortino, .driftBps, .slippageBps: .anyDecimal", names)
        # Which columns are last but these two, a real field may change.
        pages = [line for line in files["docs/specification/4-database.md"].splitlines() if "slippage_bps" in line]
        self.assertTrue(any(", drift_bps, slippage_bps" in line for line in pages), pages)
        steps = re.findall(r"STEP\(v(\d+)_(\w+)\)", files["Sources/CMigrations/migrations.c"])
        self.assertEqual([name for _, name in steps[-2:]], ["drift", "slippage"])
        self.assertEqual([int(number) for number, _ in steps], list(range(1, len(steps) + 1)))

    def test_a_real_code_leaves_a_made_up_one_that_applies_with_one_command(self) -> None:
        words = {"PODS_DOWN": "THETA_HIGH", "podsDown": "thetaHigh", "pods-down": "theta-high"}
        files = self.refreshed("code", words)
        self.assertRegex(files["Sources/Diagnosis/DiagnosisCode.swift"], r'case thetaHigh = "THETA_HIGH"\n  case podsDown = ')
        number = max(int(of) for file in files for of in re.findall(r"Taxonomy\+Version(\d+)", file))
        self.assertIn(f"version{number - 1}, version{number}]", files["Sources/Diagnosis/Taxonomy.swift"])
        self.assertIn(f"version{number - 1}.rules", files[f"Sources/Diagnosis/Taxonomy+Version{number}.swift"])
        self.assertIn(f'"taxonomy": {number}', files["Tests/Oracle/classify.py"])
        self.assertEqual(files["Tests/Corpus/codes/pods-down/expected.ndjson"].count(f'"taxonomy":{number},'), 2)

    def commit(self, root: Path) -> None:
        who = ("-c", "user.name=tests", "-c", "user.email=tests@localhost")
        for arguments in (("init", "--quiet"), ("add", "--all"), (*who, "commit", "--quiet", "--message", "one")):
            self.assertEqual(changes.git(*arguments, folder=root).stderr, "")

    def test_words_that_both_sides_change_are_left_to_mend(self) -> None:
        for ours, theirs, merged, is_whole in [
            ("[a, b]\n", "[a, c]\n", "[a, b, c]\n", True),
            ("(a)\n", "{a}\n", "", False),
            ("version 2\n", "version 3\n", "version 3\n", True),
            ("version 4\n", "version 3\n", "", False),
        ]:
            base = "[a]\n" if "a" in ours else "version 1\n"
            text, decided = changes.patch_merge.merged(ours, base, theirs, {("2", "3")})
            self.assertEqual(decided, is_whole, text)
            if is_whole:
                self.assertEqual(text, merged)
            else:
                self.assertIn("<<<<<<< checkout\n", text)

    def test_a_list_that_is_not_current_is_found(self) -> None:
        found, text = changes.changes(), changes.DOCUMENT.read_text()
        self.assertEqual(changes.document_with(text, found), text)
        found[0].files.append("Sources/One/More.swift")
        self.assertIn("- `Sources/One/More.swift`", changes.document_with(text, found))


if __name__ == "__main__":
    unittest.main()
