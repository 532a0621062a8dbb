#!/usr/bin/env python3
"""The map of modules: what Scripts/check-modules.py accepts, and each thing that it refuses.

python3 Tests/Scripts/test_check_modules.py
"""

from __future__ import annotations

import copy
import importlib.util
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
specification = importlib.util.spec_from_file_location("check_modules", ROOT / "Scripts" / "check-modules.py")
check = importlib.util.module_from_spec(specification)
specification.loader.exec_module(check)

DOCUMENT = """
Before it.

| module | may import |
|---|---|
| every module | `Glibc` |
| `CLow`, `Model` | nothing |
| `Reader` | `Model`, `CLow`, `SystemPackage` |
| `program` | `Model`, `Reader`, `FoundationEssentials` |

After it: `Reader` is no row.
"""
PACKAGE = {
    "targets": [
        {"name": "CLow", "dependencies": []},
        {"name": "Model", "dependencies": []},
        {
            "name": "Reader",
            "dependencies": [
                {"byName": ["Model", None]},
                {"byName": ["CLow", None]},
                {"product": ["SystemPackage", "swift-system", None, None]},
            ],
        },
        {"name": "program", "dependencies": [{"byName": ["Model", None]}, {"target": ["Reader", None]}]},
    ]
}
FILES = {
    "CLow/low.c": "#include <stdio.h>\n",
    "Model/Record.swift": "/// A record.\n///     import Reader\npublic struct Record {}\n",
    "Reader/Files/File.swift": """public import Model
#if HAS_LOW
  private import CLow
#endif
import struct SystemPackage.FilePath
""",
    "program/Main.swift": """@testable import Model
import Glibc
@preconcurrency public import Reader
import FoundationEssentials
""",
}


class Modules(unittest.TestCase):
    def found(self, files: dict[str, str] = FILES, document: str = DOCUMENT, package: dict = PACKAGE) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            sources = Path(folder) / "Sources"
            for name, text in files.items():
                (sources / name).parent.mkdir(parents=True, exist_ok=True)
                (sources / name).write_text(text)
            return check.problems(check.map_of(document), check.imports_of(sources), check.targets_of(package))

    def test_what_is_as_the_map_says_passes(self) -> None:
        self.assertEqual(self.found(), [])

    def test_an_import_that_the_map_does_not_allow(self) -> None:
        self.assertEqual(
            self.found(FILES | {"Model/Sub/Upwards.swift": "import Reader\n"}),
            ["Sources/Model/Sub/Upwards.swift imports Reader; the map lets Model import nothing"],
        )

    def test_foundation_anywhere(self) -> None:
        [problem] = self.found(FILES | {"Reader/Other.swift": "  internal import Foundation\n"})
        self.assertIn("Sources/Reader/Other.swift imports Foundation; ", problem)

    def test_an_arrow_that_nothing_needs(self) -> None:
        files = FILES | {"Reader/Files/File.swift": "import Model\nimport SystemPackage\n"}
        self.assertEqual(self.found(files), ["the map lets Reader import CLow, and nothing there does"])

    def test_package_and_map_differ(self) -> None:
        package = copy.deepcopy(PACKAGE)
        package["targets"][1]["dependencies"] = [{"byName": ["CLow", None]}]
        del package["targets"][2]["dependencies"][0]
        self.assertEqual(
            self.found(package=package),
            [
                "Package.swift lets Model depend on CLow, the map does not",
                "the map lets Reader import Model, Package.swift does not",
            ],
        )

    def test_modules_without_a_row_and_rows_without_a_module(self) -> None:
        found = self.found({**FILES, "New/New.swift": ""}, DOCUMENT.replace("`CLow`, `Model` |", "`CLow`, `Model`, `Old` |"))
        self.assertEqual(found, ["the map has no row for New", "the map has a row for Old, which is not in Sources"])

    def test_a_module_that_is_no_target(self) -> None:
        self.assertEqual(
            self.found({**FILES, "Stray/Stray.swift": ""}, DOCUMENT.replace("`CLow`, `Model` |", "`CLow`, `Model`, `Stray` |")),
            ["Stray is no target of Package.swift"],
        )

    def test_a_document_without_the_map(self) -> None:
        for document in ("no table", DOCUMENT.replace("may import", "imports"), DOCUMENT.replace("`CLow`, ", "`Model`, ")):
            with self.assertRaises(ValueError):
                check.map_of(document)


if __name__ == "__main__":
    unittest.main()
