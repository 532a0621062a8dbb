#!/usr/bin/env python3
"""The files under grafana/: what they say, that they are current, and that what they link to is written."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]
# At the end, for that folder has a test_alerts.py of its own.
sys.path.append(str(ROOT / "Tests" / "Operations"))

import checks
import databases
import generate
import program
import seeded
from databases import GRAFANA
from generator import reference

# Headings of docs/operations.md to the rows of the manual's tables and lists.
MANUAL = {
    "## Golden signals": [
        "infra_health",
        "pipeline_success_rate",
        "pipeline_latency",
        "f1_buy_delta_vs_baseline",
        "screening_testing_gap",
        "std_f1_buy",
        "sortino",
        "sl_pct",
        "timeout_pct",
        "model_freshness",
        "challenger_count",
    ],
    "### Section 5": [
        "MLOps Overview: etat global des modeles, screenings, pass rate",
        "Testing & Backtest: resultats testing, WFRB, gates, rejets",
        "Pipeline Health: duree des runs, taux de succes, HPO, anomalies",
        "Model Registry: versions, fraicheur, modeles actifs / stale",
        "Infra Monitoring: pods, CPU, RAM, PVC, OOMKill, saturation",
    ],
    "### Section 6.1": [
        "1: determiner l'etat global",
        "2: pods critiques operationnels",
        "2: absence d'OOMKill recent",
        "2: saturation CPU/RAM sous seuils",
        "2: PVC sous seuil d'alerte",
        "3: runs de la nuit termines",
        "3: taux d'echec dans la norme",
        "3: pas de derive de duree",
        "3: absence de backlog",
        "4: nouveaux candidats qualifies",
        "4: pass rate dans la norme",
        "4: fraicheur des derniers runs utiles",
    ],
    "### Section 14": [
        "f1_buy vs baseline_f1_buy",
        "screening_f1_buy vs last_fold_f1_buy",
        "tp_pct / sl_pct / timeout_pct",
        "Code diagnostic principal",
        "Etat global CVNTrade",
    ],
}


def setUpModule():
    global DATA
    DATA = databases.opened()


class Files(unittest.TestCase):
    def test_the_committed_files_are_current(self):
        settings = generate.arguments(["--database", DATA.server, "--corrparse", DATA.program])
        files = generate.generated(reference.read(DATA.owner, DATA.program), settings)
        found = {str(p.relative_to(GRAFANA)) for f in generate.FOLDERS for p in (GRAFANA / f).rglob("*") if p.is_file()}
        self.assertEqual(found, set(files))
        for path, text in files.items():
            self.assertTrue((GRAFANA / path).read_text(encoding="utf-8") == text, f"{path}: run grafana/generate.py")

    def test_a_threshold_that_changes_changes_the_files(self):
        settings = generate.arguments(["--database", DATA.server, "--corrparse", DATA.program])
        DATA.owner.run("BEGIN; UPDATE corrparse.signal_bound SET bound = 51 WHERE signal = 'sl_pct' AND status = 'critical'")
        files = generate.generated(reference.read(DATA.owner, DATA.program), settings)
        DATA.owner.run("ROLLBACK")
        changed = {p for p, text in files.items() if (GRAFANA / p).read_text(encoding="utf-8") != text}
        self.assertEqual(
            changed, {"dashboards/mlops-overview.json", "dashboards/testing-backtest.json", "provisioning/alerting/p2.yaml"}
        )

    def test_a_code_without_a_colour_is_refused(self):
        DATA.owner.run("""BEGIN; INSERT INTO corrparse.taxonomy
          SELECT taxonomy_version, 'NEW_CODE', layer, severity, condition, meaning, next_step, 99
          FROM corrparse.taxonomy ORDER BY taxonomy_version DESC LIMIT 1""")
        try:
            with self.assertRaisesRegex(SystemExit, "NEW_CODE"):
                reference.read(DATA.owner, DATA.program)
        finally:
            DATA.owner.run("ROLLBACK")

    def test_colours_differ(self):
        colours = list(reference.colours(DATA.program).values())
        codes = DATA.owner.run("SELECT DISTINCT code FROM corrparse.taxonomy").rows
        self.assertEqual(len(colours), len(codes))
        self.assertEqual(len(colours), len(set(colours)))

    def test_a_code_has_one_colour_everywhere(self):
        colours, told = reference.colours(DATA.program), {}
        for board in DATA.boards.values():
            for panel in board["panels"]:
                for prop in [p for o in panel.get("fieldConfig", {}).get("overrides", []) for p in o["properties"]]:
                    if prop["id"] == "mappings":
                        for text, shown in prop["value"][0]["options"].items():
                            if text in colours:
                                told.setdefault(text, set()).add(shown["color"])
        self.assertEqual(told, {code: {colour} for code, colour in colours.items()})

    def test_structure(self):
        for uid, board in DATA.boards.items():
            self.assertEqual(checks.structure(board), [], uid)
            for panel, target in checks.queries(board):
                self.assertEqual(checks.reads(target["rawSql"]), [], panel["title"])
            for variable in board["templating"]["list"]:
                self.assertEqual(checks.reads(str(variable["query"])), [], variable["name"])
        self.assertEqual(
            sorted(DATA.boards),
            [
                "corrparse-infra",
                "corrparse-overview",
                "corrparse-pipeline",
                "corrparse-registry",
                "corrparse-run",
                "corrparse-testing",
            ],
        )

    def test_playbooks_are_written(self):
        document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        for board in DATA.boards.values():
            self.assertEqual(checks.anchors(json.dumps(board), document), [])
        self.assertEqual(checks.anchors(" ".join(r["annotations"]["runbook_url"] for r in DATA.rules.values()), document), [])
        # Anchors that rows give: codes, signals and conditions.
        known = reference.read(DATA.owner, DATA.program)
        names = (
            [c["code"] for c in known.codes] + [s["signal"] for s in known.signals] + [c["condition"] for c in known.conditions]
        )
        found = set(re.findall(r'<a id="([^"]+)">', document))
        self.assertEqual([n for n in names if n not in found], [])

    def test_every_row_of_the_manuals_sections_names_panels_that_exist(self):
        document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        titles = {board["title"]: {checks.asked(panel) for panel in board["panels"]} for board in DATA.boards.values()}
        for heading, wanted in MANUAL.items():
            section = re.split(r"\n##", document.split(f"\n{heading}\n", 1)[1], maxsplit=1)[0]
            lines = [re.sub(r"<a id=[^>]*></a>", "", line) for line in section.splitlines() if line.startswith("| ")][1:]
            rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
            # The manual's words, in its order.
            self.assertEqual([row[0].replace("`", "") for row in rows], wanted, heading)
            for element, panels, *_ in rows:
                for part in panels.split("; "):
                    board, rest = part.split(", ", 1)
                    named = re.findall('"([^"]+)"', rest)
                    self.assertNotEqual(named, [], element)
                    self.assertEqual(set(named) - titles[board], set(), element)

    def test_every_panel_that_the_page_names_exists(self):
        document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        titles = {checks.asked(panel) for board in DATA.boards.values() for panel in board["panels"]}
        self.assertEqual(set(re.findall(r'"([A-Z][^"\n]*\?)"', document)) - titles, set())

    def test_prometheus_takes_the_expressions(self):
        expressions = [
            target["expr"].replace("$namespace", "cvntrade|x")
            for board in DATA.boards.values()
            for panel in board["panels"]
            for target in panel.get("targets", [])
            if "expr" in target
        ]
        self.assertGreater(len(expressions), 3)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            rules = [{"record": f"x:{i}", "expr": e} for i, e in enumerate(expressions)]
            json.dump({"groups": [{"name": "x", "rules": rules}]}, file)
            file.flush()
            done = subprocess.run(
                [program.tool("promtool"), "check", "rules", file.name], check=False, capture_output=True, text=True
            )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_links_between_dashboards_lead_somewhere(self):
        for board in DATA.boards.values():
            for uid in re.findall(r"/d/([\w-]+)", json.dumps(board)):
                self.assertIn(uid, DATA.boards)
            for name in re.findall(r"&var-(\w+)=", json.dumps(board)):
                self.assertIn(name, [v["name"] for v in DATA.boards["corrparse-run"]["templating"]["list"]])

    def test_every_panel_has_data_links_only_to_variables_that_exist(self):
        for uid, board in DATA.boards.items():
            names = {v["name"] for v in board["templating"]["list"]}
            for used in re.findall(r"\$\{(\w+)", json.dumps([p.get("fieldConfig") for p in board["panels"]])):
                self.assertIn(used, names | {"__data", "__url_time_range"}, uid)

    def test_provisioning(self):
        source = seeded.read_yaml(GRAFANA / "provisioning/datasources/corrparse.yaml")["datasources"][0]
        self.assertEqual((source["type"], source["uid"]), ("grafana-postgresql-datasource", "corrparse"))
        self.assertTrue(source["secureJsonData"]["password"].startswith("$"), "a password in a file")
        provider = seeded.read_yaml(GRAFANA / "provisioning/dashboards/corrparse.yaml")["providers"][0]
        document = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        self.assertIn(provider["options"]["path"], document)
        for name in re.findall(
            r"\$(CORRPARSE_\w+)", (GRAFANA / "provisioning/datasources/corrparse.yaml").read_text(encoding="utf-8")
        ):
            self.assertIn(name, document)


if __name__ == "__main__":
    unittest.main()
