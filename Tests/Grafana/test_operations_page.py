#!/usr/bin/env python3
"""docs/operations.md names only what there is: panels, columns, anchors, commands with their options, rules and labels."""

import json
import pathlib
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]

import checks
import databases

PAGE = ROOT / "docs" / "operations.md"


def setUpModule():
    global DATA, TEXT
    DATA = databases.opened()
    TEXT = PAGE.read_text(encoding="utf-8")


def sections():
    """Anchor to text, for each incident: up to the next heading."""
    incidents = TEXT.split("## Incidents", 1)[1].split("## corrparse itself", 1)[0]
    parts = re.split(r'<a id="([A-Z_]+)"></a>\n### ', incidents)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


class Page(unittest.TestCase):
    def test_links_within_the_page(self):
        anchors = set(re.findall(r'<a id="([^"]+)">', TEXT))
        headings = {
            re.sub(r"[^a-z0-9 -]", "", line.lower()).strip().replace(" ", "-")
            for line in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
        }
        self.assertEqual(set(re.findall(r"\]\(#([^)]+)\)", TEXT)) - anchors - headings, set())
        # An anchor stands once, and what it is above is its own section.
        self.assertEqual(len(re.findall(r'<a id="([^"]+)">', TEXT)), len(anchors))
        self.assertEqual(re.findall(r'<a id="[^"]+"></a>\n\n', TEXT), [])

    def test_every_incident_names_a_panel_that_shows_it(self):
        titles = {checks.asked(panel) for board in DATA.boards.values() for panel in board["panels"]}
        for code, text in sections().items():
            named = set(re.findall(r'"([A-Z][^"]*\?)"', text.replace("\n", " ")))
            # A code without panels of its own sends to another one.
            self.assertTrue(named or re.search(r"\]\(#[A-Z_]+\)", text), code)
            self.assertEqual(named - titles, set(), code)

    def test_columns_in_incidents_are_shown_by_a_panel_that_the_incident_names(self):
        fields = {c for row in DATA.full.run("SELECT * FROM diagnostics.verdict_v1 LIMIT 0").columns for c in [row]}
        queries = {
            checks.asked(panel): " ".join(t["rawSql"] for t in panel["targets"])
            for board in DATA.boards.values()
            for panel, _ in checks.queries(board)
        }
        for code, text in sections().items():
            shown = " ".join(queries.get(title, "") for title in re.findall(r'"([A-Z][^"]*\?)"', text.replace("\n", " ")))
            for name in re.findall(r"`([a-z][a-z0-9_]+)`", text):
                if name in fields and shown:
                    self.assertRegex(shown, rf"\b{name}\b", f"{code}: no panel that it names shows {name}")
            for names in re.findall(r"\(columns ([a-z_, ]+)\)", text.replace("\n", " ")):
                for name in names.split(", "):
                    self.assertRegex(shown, rf"\b{name}\b", f"{code}: no panel that it names shows {name}")

    def test_commands_and_their_options(self):
        found = set(re.findall(r"(?:`|^|\n)corrparse ((?:[a-z]+(?:-[a-z]+)*)(?: [a-z]+)?(?: [^`\n]*)?)(?:`|\n)", TEXT))
        self.assertGreater(len(found), 5)
        for command in found:
            words = command.split()
            names = [words[0], *(words[1:2] if words[0] in ("observe", "migrate", "universe", "test-dag", "corpus") else [])]
            help_text = subprocess.run([DATA.program, *names, "--help"], check=False, capture_output=True, text=True)
            self.assertEqual(help_text.returncode, 0, command)
            for option in re.findall(r"--[a-z][a-z-]+", command):
                self.assertIn(option, help_text.stdout, command)

    def test_pictures_have_the_panels_of_their_dashboards(self):
        for path in sorted((ROOT / "grafana" / "dashboards").glob("*.json")):
            board = json.loads(path.read_text(encoding="utf-8"))
            picture = xml.etree.ElementTree.parse(ROOT / "docs" / "dashboards" / f"{path.stem}.svg").getroot()
            heads = [e.text for e in picture.iter("{http://www.w3.org/2000/svg}text") if e.get("class") == "head"]
            # A head is cut where its panel is narrow, and names the value that it is repeated for.
            titles = [checks.asked(p) for p in board["panels"]]
            shown = [t for t in titles if any(h.startswith(t) or t.startswith(h[:-1]) for h in heads)]
            self.assertEqual(shown, titles, "run Scripts/dashboard-pictures.py")
            self.assertIn(f"(dashboards/{path.stem}.svg)", TEXT)

    def test_dashboards_and_alerts_are_in_its_tables(self):
        rows = re.findall(r"^\| ([A-Z][^|]*?) \|", TEXT.split("A panel's title", 1)[0], re.MULTILINE)
        self.assertEqual(sorted(rows), sorted(board["title"] for board in DATA.boards.values()))
        alerts = TEXT.split("## Alerts\n", 1)[1].split("## Provisioning", 1)[0]
        for uid, rule in DATA.rules.items():
            self.assertIn(rule["labels"]["severity"], alerts, uid)
            condition = rule["labels"].get("condition")
            if condition:
                self.assertIn(f"`{condition}`", alerts, uid)


if __name__ == "__main__":
    unittest.main()
