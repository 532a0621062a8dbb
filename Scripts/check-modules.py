#!/usr/bin/env python3
"""Holds the map of modules in CONTRIBUTING.md against the imports of Sources and against the targets of Package.swift.

The map is the table with the heads `module` and `may import`. It is exact: a module imports what its row names, all of it and
nothing else, and Package.swift names the same for its target. The row `every module` is for modules of the toolchain, which
Package.swift does not name.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADS = ["module", "may import"]
EVERY = "every module"
NAME = re.compile(r"`(\w+)`")
IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:(?:public|package|internal|fileprivate|private)[ \t]+)?"
    r"import[ \t]+(?:(?:typealias|struct|class|enum|protocol|let|var|func)[ \t]+)?(\w+)",
    re.MULTILINE,
)
Names = Mapping[str, set[str]]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def map_of(document: str) -> dict[str, set[str]]:
    """The table, module to the modules that it may import. ValueError where there is none, or a row is there twice."""
    lines = document.splitlines()
    start = next((number for number, line in enumerate(lines) if cells(line) == HEADS), None)
    if start is None:
        raise ValueError(f"no table with the heads {' and '.join(HEADS)}")
    found: dict[str, set[str]] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        modules, allowed = cells(line)
        for name in [EVERY] if modules == EVERY else NAME.findall(modules):
            if name in found:
                raise ValueError(f"{name} has two rows")
            found[name] = set(NAME.findall(allowed))
    return found


def imports_of(sources: Path) -> dict[str, dict[str, str]]:
    """Module to what its files import, each with a file that does."""
    found: dict[str, dict[str, str]] = {folder.name: {} for folder in sorted(sources.iterdir()) if folder.is_dir()}
    for path in sorted(sources.rglob("*.swift")):
        module = path.relative_to(sources).parts[0]
        for name in IMPORT.findall(path.read_text()):
            found[module].setdefault(name, str(path.relative_to(sources.parent)))
    return found


def targets_of(package: dict) -> dict[str, set[str]]:
    """Target to its dependencies, targets and products alike, as `swift package dump-package` tells them."""
    return {
        target["name"]: {next(iter(dependency.values()))[0] for dependency in target["dependencies"]}
        for target in package["targets"]
    }


def problems(allowed: Names, imported: Mapping[str, Mapping[str, str]], targets: Names) -> list[str]:
    """What is wrong, in words."""
    rows = {module: names for module, names in allowed.items() if module != EVERY}
    everywhere = allowed.get(EVERY, set())
    wrong = [f"the map has no row for {module}" for module in imported if module not in rows]
    wrong += [f"the map has a row for {module}, which is not in Sources" for module in rows if module not in imported]
    # What Package.swift can name; the rest of a row is the toolchain's.
    known = set(targets).union(*targets.values())
    for module in sorted(rows.keys() & imported.keys()):
        files, row = imported[module], rows[module]
        wrong += [
            f"{files[name]} imports {name}; the map lets {module} import {', '.join(sorted(row)) or 'nothing'}"
            for name in sorted(files.keys() - row - everywhere)
        ]
        wrong += [f"the map lets {module} import {name}, and nothing there does" for name in sorted(row - files.keys())]
        if module not in targets:
            wrong.append(f"{module} is no target of Package.swift")
            continue
        wrong += [f"Package.swift lets {module} depend on {name}, the map does not" for name in sorted(targets[module] - row)]
        wrong += [
            f"the map lets {module} import {name}, Package.swift does not" for name in sorted(row & known - targets[module])
        ]
    return wrong


def main() -> int:
    # With ISA-L, whether it is installed here or not.
    dump = subprocess.run(
        ["swift", "package", "dump-package"],
        cwd=ROOT,
        env=os.environ | {"CORRPARSE_ISAL": "1"},
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    try:
        allowed = map_of((ROOT / "CONTRIBUTING.md").read_text())
    except ValueError as error:
        print(f"CONTRIBUTING.md: {error}", file=sys.stderr)
        return 1
    wrong = problems(allowed, imports_of(ROOT / "Sources"), targets_of(json.loads(dump)))
    if wrong:
        print("the map of modules in CONTRIBUTING.md is not what is there:", file=sys.stderr)
        print("\n".join(f"  {line}" for line in wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
