#!/usr/bin/env python3
"""The manual page names every variable that the program reads.

python3 Tests/Scripts/test_man_page.py
"""

from __future__ import annotations

import importlib.util
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
specification = importlib.util.spec_from_file_location("man_page", ROOT / "Scripts" / "man-page.py")
page = importlib.util.module_from_spec(specification)
specification.loader.exec_module(page)

READ = re.compile(r'(?:getenv\(|Environment\[|\bvariable\(|\bvariable = )"([A-Z][A-Z0-9_]+)"')
NAMED = re.compile(r'"((?:CORRPARSE|AWS|PG|SSL|CURL)_?[A-Z0-9_]+|[A-Z]+_URL)"')


class Variables(unittest.TestCase):
    def setUp(self):
        self.listed = {name for names, _ in page.ENVIRONMENT for name in names.split()}
        self.sources = {path: path.read_text() for path in (ROOT / "Sources").rglob("*.swift")}

    def test_what_the_sources_read_is_listed(self):
        read = {name for text in self.sources.values() for pattern in (READ, NAMED) for name in pattern.findall(text)}
        self.assertGreater(len(read), 25)
        self.assertEqual(read - self.listed, set())

    def test_what_is_listed_is_read(self):
        text = "".join(self.sources.values())
        # libpq and libcurl read their own.
        own = {name for name in self.listed if not name.startswith("PG") and not name.endswith("_proxy")}
        unread = {name for name in own if f'"{name}"' not in text}
        self.assertEqual(unread, set())

    def test_the_page_has_them(self):
        written = (ROOT / "docs" / "corrparse.1").read_text()
        missing = [name for name in sorted(self.listed) if f"\\fB{name}\\fR" not in written]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
