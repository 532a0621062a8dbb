#!/usr/bin/env python3
"""docs/printing-blocks.md: its written parts are current and made of what the specification says, its examples are what they say,
and its recipes print blocks that corrparse takes. The recipes for structlog and Airflow are run by Scripts/producer-tests.sh.

python3 Tests/Producer/test_page.py
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from producer import MODULE, PROGRAM, RECIPES, ROOT, block, linted, parsed

specification = importlib.util.spec_from_file_location("producer_page", ROOT / "Scripts" / "producer-page.py")
page = importlib.util.module_from_spec(specification)
specification.loader.exec_module(page)
TEXTS = {name: (ROOT / name).read_text() for name in page.SOURCES}
PAGE = (ROOT / page.PAGE).read_text()


def changed(name: str, old: str, new: str) -> dict[str, str]:
    """The texts with one of them changed."""
    assert old in TEXTS[name], old
    return {**TEXTS, name: TEXTS[name].replace(old, new)}


class WrittenParts(unittest.TestCase):
    def test_the_page_is_current(self) -> None:
        self.assertEqual(page.written(PAGE, TEXTS), PAGE)
        self.assertEqual(len(page.PART.findall(PAGE)), len(re.findall("<!-- end -->", PAGE)))

    def test_every_recipe_is_on_the_page(self) -> None:
        shown = {match[2] for match in page.PART.findall(PAGE) if match[2]}
        self.assertEqual(shown, {str(path.relative_to(ROOT)) for path in RECIPES.glob("*.py")})

    def test_rows_say_what_the_specification_says(self) -> None:
        keys, issues = page.keys_table(TEXTS), page.issues_table(TEXTS)
        for row in (
            "| `sl` | decimal | multiples of ATR | > 0 | `sl=0.8` |  |",
            "| `fold` | integer | number of the fold | ≥ 0 or `all` | `fold=3` |  |",
            "| `sl_pct` | percent points | percent points, with `%` | 0 … 100 | `sl_pct=58.1%` | SL_TOO_TIGHT |",
            "| `n_passed` | integer | count | ≥ 0 | `n_passed=5` | NO_CANDIDATES |",
        ):
            self.assertIn(row + "\n", keys)
        self.assertRegex(keys, r"`f1_buy` .*\| ML_USELESS, ML_MARGINAL, EXECUTION_MISMATCH, ML_EXPLOITABLE, ML_SOLID \|\n")
        self.assertRegex(issues, r"`interleaved` \| .* \| all fields absent \| ")
        self.assertRegex(issues, r"`unit_inferred` \| .* \| informative: field used \| ")

    def test_a_changed_specification_changes_the_page(self) -> None:
        for name, old, new in (
            (page.DATA, "| sl, tp | decimal | > 0,", "| sl, tp | decimal | ≥ 0,"),
            (page.RULES, "| sl_pct > 50 |", "| sl_pct > 50 and n_trades > 9 |"),
            (page.DATA, "| informative: field used |", "| field absent |"),
        ):
            with self.subTest(new=new):
                self.assertNotEqual(page.written(PAGE, changed(name, old, new)), PAGE)

    def test_a_key_or_issue_that_one_place_alone_knows_is_refused(self) -> None:
        for name, old, new, what in (
            (page.DATA, "| sortino", "| calmar, sortino", "calmar"),
            (page.MODULE, '"decimal": "', '"decimal": "calmar ', "calmar"),
            (page.FIELDS, '"sortino",', '"sortino", "calmar",', "calmar"),
            (page.DATA, "| `cut_value` ", "| `cut_value`, `torn_value` ", "torn_value"),
            (page.ISSUES, "  case interleaved\n", '  case interleaved\n  case tornValue = "torn_value"\n', "torn_value"),
        ):
            with self.subTest(name=name), self.assertRaisesRegex(page.Problem, what):
                page.written(PAGE, changed(name, old, new))

    def test_a_key_that_stands_elsewhere_in_the_program_is_refused(self) -> None:
        # Outputs have the order of the one, and promise that of the other.
        with self.assertRaisesRegex(page.Problem, "another order"):
            page.written(PAGE, changed(page.FIELDS, '"crypto", "group",', '"group", "crypto",'))


class Examples(unittest.TestCase):
    def test_each_example_of_a_key_is_printed_as_it_stands_and_comes_back(self) -> None:
        examples = dict(pair.split("=", 1) for pair in page.EXAMPLES.split())
        text = block.correlation_data(examples, strict=True)
        self.assertEqual(text.split("\n")[1:-1], page.EXAMPLES.split())
        self.assertEqual(linted(text + "\n"), (0, ""))
        record = parsed(text + "\n")[0]
        self.assertEqual(record["record"].keys() | {"gates"}, examples.keys())
        self.assertEqual(record["issues"], [])

    def test_blocks_on_the_page_are_what_they_say(self) -> None:
        for document in (PAGE, (MODULE / "README.md").read_text()):
            blocks = re.findall(r"^```text ?(\w*)\n(=== CORR.*?)^```", document, re.MULTILINE | re.DOTALL)
            self.assertTrue(blocks)
            for form, text in blocks:
                self.assertEqual(linted(text)[0], 1 if form == "accepted" else 0, text)
                self.assertEqual(parsed(text)[0]["record"]["crypto"], "SOLUSDC")
        event = re.search(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1]
        self.assertEqual(str(parsed(event)[0]["record"]["f1_buy"]), "0.5512")

    def test_the_module_says_what_its_readme_says(self) -> None:
        code, printed = re.findall(
            r"^```(?:python|text)\n(.*?)^```", (MODULE / "README.md").read_text(), re.MULTILINE | re.DOTALL
        )
        self.assertEqual(self.ran("-c", code).strip("\n"), printed.strip("\n"))

    def test_the_recipes_for_print_and_logging_print_strict_blocks(self) -> None:
        for recipe, horizons in (("with_print.py", ["H1", "H4"]), ("with_logging.py", ["H4"])):
            log = self.ran(str(RECIPES / recipe))
            self.assertEqual([record["record"]["horizon"] for record in parsed(log)], horizons)
            self.assertEqual(linted(log), (0, ""))
        # The page shows what the first of them prints.
        shown = re.search(r"^```text strict\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1]
        self.assertIn(shown, self.ran(str(RECIPES / "with_print.py")))

    def test_the_workflow_ends_with_the_findings(self) -> None:
        workflow = re.search(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1]
        steps = re.findall(r"- run: (corrparse lint .*)", workflow)
        pairs = {"crypto": "SOLUSDC", "f1_buy": 0.55, "baseline_f1_buy": 0.48}
        good, bad = block.correlation_data(pairs), block.correlation_data({"crypto": "SOLUSDC", "f1_buy": 0.55})
        for log, statuses in ((good, [0, 0]), (bad, [0, 1])):
            with self.subTest(log=log), tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "task.log").write_text(log + "\n")
                done = [self.in_folder(folder, step) for step in steps]
                self.assertEqual([step.returncode for step in done], statuses)
                run = json.loads((Path(folder) / "lint.sarif").read_text())["runs"][0]
                self.assertEqual([result["ruleId"] for result in run["results"]], ["missing_key"] * statuses[1])
                self.assertEqual(done[1].stdout.startswith("::error file=task.log,line=1,"), bool(statuses[1]))

    def in_folder(self, folder: str, command: str) -> subprocess.CompletedProcess:
        """A step of a workflow, with the program on its PATH."""
        (Path(folder) / "corrparse").unlink(missing_ok=True)
        (Path(folder) / "corrparse").symlink_to(PROGRAM)
        environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", "-e", "-c", command], cwd=folder, check=False, capture_output=True, text=True, env=environment
        )

    def ran(self, *arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(MODULE), "CORRPARSE_BLOCK_STRICT": "1"}
        return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True, env=environment).stdout


if __name__ == "__main__":
    unittest.main()
