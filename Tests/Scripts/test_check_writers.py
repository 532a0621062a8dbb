#!/usr/bin/env python3
"""The one way to the standard streams: what Scripts/check-writers.py refuses.

python3 Tests/Scripts/test_check_writers.py
"""

from __future__ import annotations

import importlib.util
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
specification = importlib.util.spec_from_file_location("check_writers", ROOT / "Scripts" / "check-writers.py")
check = importlib.util.module_from_spec(specification)
specification.loader.exec_module(check)


class Writers(unittest.TestCase):
    def findings(self, files: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            documents = dict.fromkeys(check.DOCUMENTS, "output.document(bytes)\n")
            for name, text in (documents | files).items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return check.findings(root)

    def test_the_project_has_one_way(self):
        self.assertEqual(check.findings(ROOT), [])

    def test_nothing_else_is_found(self):
        self.assertEqual(self.findings({"Sources/A/a.swift": "/// print(x) is not used.\nlet imprint = footprint(1)\n"}), [])
        writer = {"Sources/corrparse/Output/Diagnostics.swift": "FileDescriptor.standardError.writeAll(x)\n"}
        self.assertEqual(self.findings(writer), [])

    def test_every_way_past_it_is_found(self):
        for line in [
            "print(name)",
            "  debugPrint(name)",
            "dump(name)",
            'fputs("x", stderr)',
            "FileDescriptor.standardOutput.writeAll(bytes)",
            "try FileDescriptor.standardError.write(bytes)",
            "FileHandle.standardError.write(data)",
            "write(1, bytes, count)",
            "write(STDERR_FILENO, bytes, count)",
            'open("/dev/stdout", O_WRONLY)',
            'printf("%s", name);',
        ]:
            for name in ["Sources/corrparse/Commands/A.swift", "Sources/CThing/a.c"]:
                with self.subTest(line=line, name=name):
                    found = self.findings({name: f"\n{line}\n"})
                    self.assertEqual(len(found), 1)
                    self.assertTrue(found[0].startswith(f"{name}:2: "), found)

    def test_a_document_needs_a_format(self):
        found = self.findings({"Sources/corrparse/Commands/A.swift": "output.document(Array(name.utf8))\n"})
        self.assertEqual(len(found), 1)
        self.assertIn("Commands/A.swift:1: `document` escapes nothing", found[0])

    def test_a_format_that_is_gone_is_taken_out(self):
        found = self.findings({"Sources/corrparse/Output/StateJSON.swift": "\n"})
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0].startswith("Sources/corrparse/Output/StateJSON.swift: writes no document any more"))


if __name__ == "__main__":
    unittest.main()
