#!/usr/bin/env python3
"""Usage: producer-page.py            checks that the written parts of docs/printing-blocks.md are current
          producer-page.py --write    writes them anew

The tables of keys and issues come from the specification, the recipes from the files that the tests run. A key or an issue has to
be known to all: the specification, the program, the module for producers and this script.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/printing-blocks.md"
DATA, RULES = "docs/specification/1-correlation-data.md", "docs/specification/3-classification.md"
MODULE = "python/corrparse_block/corrparse_block.py"
FIELDS, ISSUES = "Sources/LogModel/FieldKey.swift", "Sources/LogModel/GrammarIssue.swift"
MEANINGS, LEDGER = "Sources/Ingest/IssueMeaning.swift", "Sources/Ingest/LedgerIssue.swift"
RULES_OF_LINT, FORMS = "Sources/Ingest/LintRule.swift", "Sources/LogModel/StyleNote.swift"
SOURCES = (DATA, RULES, MODULE, FIELDS, ISSUES, MEANINGS, LEDGER, RULES_OF_LINT, FORMS)
PART = re.compile(
    r"(<!-- (keys|issues|rules|file ([\w./-]+)): written by Scripts/producer-page\.py -->\n).*?(<!-- end -->)", re.DOTALL
)

# An example of each key, as a block holds it. Tests/Producer prints them and reads them back.
EXAMPLES = """
crypto=SOLUSDC group=defi timeframe=1h strategy_id=s-0042 model_version=2026-03-27 horizon=H4 phase=testing fold=3 sl=0.8 tp=1.5
n_folds=5 n_trades=655 n_candidates=53 n_passed=5 oom_kills=0 pods_down=0 f1_buy=0.5512 baseline_f1_buy=0.4871
precision_buy=0.3857 recall_buy=0.4656 buy_rate=0.0611 action_rate=0.1207 std_f1_buy=0.0129 screening_f1_buy=0.5768
last_fold_f1_buy=0.5661 theta=0.62 sortino=-0.32 tp_pct=30.2% sl_pct=58.1% timeout_pct=11.7% success_rate=92.5% pvc_pct=61.3%
cpu_pct=48.9% gates=f1:pass,sortino:fail complete=true
"""
# The unit of each kind of value; the kinds are those of the module.
UNITS = {
    "multiple": "multiples of ATR",
    "fraction": "fraction, or percent with `%`",
    "decimal": "ratio",
    "exit": "percent points, with `%`",
    "percent": "percent points, with `%`",
    "count": "count",
    "fold": "number of the fold",
}
# Where the specification's table says "as above".
EFFECTS = {
    "block_too_long": "the rest is not read",
    "incomplete_block": "the cut value is absent",
    "empty_block": "nothing to judge",
    "cut_short": "certainty at most provisional",
}


# A text of Swift, plain or raw, and the names that the cases of an enumeration have outside of the program.
TEXT = r'#?"((?:[^"\\]|\\.|"(?=[^\n]*"#))*)"#?'
CASE = re.compile(r'^ +case (\w+)(?: = "(\w+)")?$', re.MULTILINE)


class Problem(Exception):
    """What does not fit together, and what to do."""


def table(markdown: str, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, without its head."""
    section = re.search(rf"^#+ {heading}\n(.*?)(?=^#|\Z)", markdown, re.MULTILINE | re.DOTALL)
    lines = [line for line in (section[1] if section else "").split("\n") if line.startswith("|")]
    # The last cell may hold a bar.
    columns = lines[0].count("|") - 1 if lines else 0
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line[1:-1], maxsplit=columns - 1)] for line in lines[2:]]


def short(text: str) -> str:
    """A cell without what stands in parentheses, up to what is said of other texts."""
    return re.split(r"; |: | in any case", re.sub(r"\s*\([^)]*\)", "", text))[0].replace(", blanks allowed", "")


def fields(data: str) -> dict[str, tuple[str, str]]:
    """Type and range of each key, as the specification has them."""
    found = {}
    for names, kind, domain in table(data, "Record"):
        # `horizon; phase` are two fields with two domains in one row.
        groups = names.split("; ")
        for group, own in zip(groups, domain.split("; ") if len(groups) > 1 else [domain], strict=False):
            for name in group.split(", "):
                # `integer ≥ 0 or all` holds the range of `fold` too.
                plain, _, bounds = kind.partition(" ≥ ")
                found[name] = (re.sub("[()]", "", plain), short(f"≥ {bounds}" if bounds else own))
    return found


def kinds(module: str) -> dict[str, str]:
    """The kind of each key, from the module's source: nothing of it is run."""
    for statement in ast.parse(module).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "_KINDS":
            return {key: kind for kind, keys in ast.literal_eval(statement.value).items() for key in keys.split()}
    raise Problem(f"{MODULE} has no table _KINDS")


def codes(rules: str, keys: set[str]) -> dict[str, list[str]]:
    """The codes that are never found without a key, and those for which one of several keys suffices. delta is made of two. What
    "is not false" may be missing. Tests/DiagnosisTests/NeededKeysTests.swift tries every key absent."""
    found: dict[str, list[str]] = {}
    for code, _, condition, *_ in table(rules, "Rules"):
        suffices = " or " in condition
        needed = re.sub(r"\w+ is not false", "", condition).replace("delta", "f1_buy baseline_f1_buy")
        for key in re.findall(r"\w+", needed):
            # Without the version that a code is from.
            cell = f"{short(code)} (or another)" if suffices else short(code)
            if key in keys and cell not in found.setdefault(key, []):
                found[key].append(cell)
    return found


def same(what: str, expected: set[str], found: set[str], where: str) -> None:
    if expected != found:
        names = ", ".join(sorted(expected ^ found))
        raise Problem(f"{what} that the specification or {where} has alone: {names}")


def keys_table(texts: dict[str, str]) -> str:
    specified, of_module = fields(texts[DATA]), kinds(texts[MODULE])
    examples = dict(pair.split("=", 1) for pair in EXAMPLES.split())
    # The names are the texts of that file.
    names = re.findall(r'"(\w+)"', re.sub(r"//.*", "", texts[FIELDS]))
    same("keys", set(specified), set(of_module), MODULE)
    same("keys", set(specified), set(examples), "Scripts/producer-page.py")
    same("keys", set(specified) - {"gates"}, set(names), FIELDS)
    if [key for key in specified if key != "gates"] != names:
        raise Problem(f"the keys stand in another order in {DATA} than in {FIELDS}: a new one comes last in both")
    needed = codes(texts[RULES], set(specified))
    rows = ["| key | type | unit | range | example | codes that need it |", "|---|---|---|---|---|---|"]
    for key, (kind, domain) in specified.items():
        unit = UNITS.get(of_module[key], "")
        cells = [
            f"`{key}`",
            kind,
            unit,
            domain.removesuffix(f", {unit}"),
            f"`{key}={examples[key]}`",
            ", ".join(needed.get(key, [])),
        ]
        rows.append("| " + " | ".join(re.sub(r"(?<!\\)[|]", r"\\|", cell) for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def raw_names(source: str) -> dict[str, str]:
    """The names of an enumeration's cases outside of the program."""
    return {name: raw or name for name, raw in CASE.findall(source)}


def told(source: str, names: dict[str, str], where: str, call: str = "Meaning") -> dict[str, tuple[str, str, str]]:
    """What was seen, an example and the cure of each case, from the program's table."""
    labels = (r"example:\s*", r"cure:\s*") if call else ("", "")
    pattern = rf"case \.(\w+):\s*{call}\(\s*{TEXT},\s*{labels[0]}{TEXT},\s*{labels[1]}{TEXT}\s*\)"
    found = {
        names.get(name, name): tuple(text.replace('\\"', '"') for text in texts) for name, *texts in re.findall(pattern, source)
    }
    same("names", set(names.values()), set(found), where)
    return found


def meanings(texts: dict[str, str]) -> dict[str, tuple[str, str, str]]:
    """What was seen, an example and the cure of each issue; of the ledger's issues too, which no reading of a log alone shows."""
    table = texts[MEANINGS].partition("extension IssueKind")[2].partition("\nextension ")[0]
    return told(table, raw_names(texts[ISSUES]), MEANINGS) | told(texts[LEDGER], raw_names(texts[LEDGER]), LEDGER)


def rules_table(texts: dict[str, str]) -> str:
    """The rules of lint that are no issues: its own, and the forms of a block other than the strict one."""
    rules = told(texts[RULES_OF_LINT], raw_names(texts[RULES_OF_LINT]), RULES_OF_LINT, call="")
    forms = texts[MEANINGS].partition("extension StyleNote")[2]
    rules |= told(forms, raw_names(texts[FORMS]), MEANINGS)
    rows = ["| rule | finds | example | cure |", "|---|---|---|---|"]
    rows += [f"| `{name}` | {seen} | {code(example)} | {cure} |" for name, (seen, example, cure) in rules.items()]
    return "\n".join(rows) + "\n"


def code(example: str) -> str:
    """An example as code, unless it is a description in parentheses."""
    return example[1:-1] if example.startswith("(") else f"`{example}`"


def issues_table(texts: dict[str, str]) -> str:
    effects: dict[str, str] = {}
    for names, effect in table(texts[DATA], "Issues"):
        for kind in re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", names)):
            effects[kind] = EFFECTS.get(kind) or (effects[kind] + "; or " if kind in effects else "") + effect
    cures = meanings(texts)
    same("issues", set(effects), set(cures), MEANINGS)
    rows = ["| issue | what corrparse saw | what follows | cure |", "|---|---|---|---|"]
    rows += [f"| `{kind}` | {cures[kind][0]} | {effect} | {cures[kind][2]} |" for kind, effect in effects.items()]
    return "\n".join(rows) + "\n"


def written(page: str, texts: dict[str, str], root: Path = ROOT) -> str:
    """The page with its written parts as they have to be."""

    def part(match: re.Match) -> str:
        if match[2] == "keys":
            body = keys_table(texts)
        elif match[2] == "issues":
            body = issues_table(texts)
        elif match[2] == "rules":
            body = rules_table(texts)
        else:
            body = f"```python\n{(root / match[3]).read_text()}```\n"
        return match[1] + body + match[4]

    return PART.sub(part, page)


def main() -> int:
    texts = {name: (ROOT / name).read_text() for name in SOURCES}
    page = (ROOT / PAGE).read_text()
    try:
        wanted = written(page, texts)
    except Problem as problem:
        print(f"producer-page.py: {problem}", file=sys.stderr)
        return 1
    if sys.argv[1:] == ["--write"]:
        if wanted != page:
            (ROOT / PAGE).write_text(wanted)
            print(f"wrote {PAGE}")
    elif sys.argv[1:]:
        print(__doc__.rstrip(), file=sys.stderr)
        return 64
    elif wanted != page:
        print(f"{PAGE} is not current; Scripts/producer-page.py --write writes it", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
