#!/usr/bin/env python3
"""Draws docs/architecture.svg from the map of modules in CONTRIBUTING.md, and docs/schema.svg from the catalog of a migrated
database, so that neither can differ from what is there.

  Scripts/with-postgres.sh Scripts/pictures.py            writes what differs
  Scripts/with-postgres.sh Scripts/pictures.py --check    writes nothing; exit status 1 where a picture is not current

CORRPARSE names the program that migrates, by default the debug build.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import libpq

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("CORRPARSE", str(ROOT / ".build" / "debug" / "corrparse"))
# Pixels: a line of text, a box's width, the gaps between boxes.
LINE, WIDTH, COLUMN_GAP, ROW_GAP, MARGIN = 16, 216, 70, 22, 24
# Modules that the toolchain or a package brings; the picture shows our own.
SYSTEM_LIBRARIES = {
    "CZlib": "zlib",
    "CISAL": "ISA-L",
    "CLibPQ": "libpq",
    "CCurl": "libcurl",
    "CExpat": "expat",
    "CCrypto": "libcrypto",
}
# Of a table so many columns are shown, its keys first.
MOST_COLUMNS = 7
STYLE = """
text { font: 12px 'DejaVu Sans', Verdana, sans-serif; fill: #212529 }
.head { font-weight: bold } .note { fill: #5c636a; font-size: 11px } .title { font-size: 15px; font-weight: bold }
.box { fill: #ffffff; stroke: #495057 } .band { fill: #e7f1ff; stroke: #495057 }
.arrow { fill: none; stroke: #6c757d; marker-end: url(#tip) }
"""
TIP = """<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0 0L8 4L0 8z" fill="#6c757d"/></marker></defs>"""


@dataclass
class Box:
    """A box of the picture: a name in its head, lines below."""

    name: str
    lines: list[str] = field(default_factory=list)
    x: int = 0
    y: int = 0

    @property
    def height(self) -> int:
        return LINE * (len(self.lines) + 1) + 12


def depths(arrows: dict[str, set[str]]) -> dict[str, int]:
    """Of every name the length of the longest way along the arrows from it; 0 where none begins."""
    known: dict[str, int] = {}

    def depth(name: str, above: tuple[str, ...]) -> int:
        if name not in known:
            # An arrow back to where the way came from is no further step: log and source refer to each other.
            further = [depth(target, (*above, name)) for target in sorted(arrows.get(name, set()) - {*above, name})]
            known[name] = 1 + max(further, default=-1)
        return known[name]

    for name in sorted(arrows):
        depth(name, ())
    return known


def reduced(arrows: dict[str, set[str]]) -> dict[str, set[str]]:
    """Without the arrows that a longer way says, too."""

    def reaches(start: str, target: str) -> bool:
        return any(next_ == target or reaches(next_, target) for next_ in arrows.get(start, set()))

    return {
        name: {target for target in targets if not any(reaches(other, target) for other in targets - {target})}
        for name, targets in arrows.items()
    }


def placed(columns: list[list[Box]], top: int) -> int:
    """Gives the boxes their places, column beside column; returns where the lowest ends."""
    lowest = top
    for number, column in enumerate(columns):
        y = top
        for box in column:
            box.x, box.y = MARGIN + number * (WIDTH + COLUMN_GAP), y
            y += box.height + ROW_GAP
        lowest = max(lowest, y)
    return lowest


def drawn(box: Box) -> str:
    rows = [f'<rect class="box" x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="4"/>']
    rows.append(f'<rect class="band" x="{box.x}" y="{box.y}" width="{WIDTH}" height="{LINE + 6}" rx="4"/>')
    rows.append(f'<text class="head" x="{box.x + 8}" y="{box.y + LINE}">{escape(box.name)}</text>')
    for number, line in enumerate(box.lines):
        y = box.y + LINE * (number + 2) + 6
        rows.append(f'<text class="note" x="{box.x + 8}" y="{y}">{escape(line)}</text>')
    return "\n".join(rows)


def arrow(start: Box, end: Box) -> str:
    """From the side of a box to the nearer side of the other; in one column, around it."""
    from_y, to_y = start.y + LINE // 2 + 3, end.y + LINE // 2 + 3
    if start.x == end.x:
        x = start.x + WIDTH
        return f'<path class="arrow" d="M{x} {from_y} C{x + 40} {from_y} {x + 40} {to_y} {x} {to_y}"/>'
    left = start.x > end.x
    x1, x2 = (start.x, end.x + WIDTH) if left else (start.x + WIDTH, end.x)
    middle = (x1 + x2) // 2
    return f'<path class="arrow" d="M{x1} {from_y} C{middle} {from_y} {middle} {to_y} {x2} {to_y}"/>'


def picture(title: str, boxes: list[Box], arrows: list[tuple[Box, Box]], height: int) -> str:
    width = max(box.x for box in boxes) + WIDTH + MARGIN + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        TIP,
        f'<rect width="{width}" height="{height}" fill="#f8f9fa"/>',
        f'<text class="title" x="{MARGIN}" y="{MARGIN}">{escape(title)}</text>',
        *(arrow(start, end) for start, end in arrows),
        *(drawn(box) for box in boxes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def architecture() -> str:
    """The modules, each to the right of all that it knows."""
    specification = importlib.util.spec_from_file_location("check_modules", ROOT / "Scripts" / "check-modules.py")
    modules = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(modules)
    allowed = modules.map_of((ROOT / "CONTRIBUTING.md").read_text())
    # The others are system libraries, C without a module of Swift, and the row for every module.
    ours = {name for name in allowed if any((ROOT / "Sources" / name).glob("**/*.swift"))}
    arrows = {name: allowed[name] & ours for name in sorted(ours)}
    level = depths(arrows)
    boxes = {}
    for name in arrows:
        files = sorted((ROOT / "Sources" / name).iterdir())
        rooms = [path.name for path in files if path.is_dir() and path.suffix != ".docc"]
        libraries = [SYSTEM_LIBRARIES[library] for library in sorted(allowed[name]) if library in SYSTEM_LIBRARIES]
        boxes[name] = Box(name, wrapped(rooms) + ([f"with {', '.join(libraries)}"] if libraries else []))
    columns = [[boxes[name] for name in sorted(boxes) if level[name] == number] for number in range(max(level.values()) + 1)]
    lowest = placed(columns, 2 * MARGIN)
    lines = [(boxes[name], boxes[target]) for name, targets in sorted(reduced(arrows).items()) for target in sorted(targets)]
    return picture("The modules of corrparse: an arrow leads to what a module knows", list(boxes.values()), lines, lowest)


def wrapped(names: list[str], widest: int = 30) -> list[str]:
    lines: list[str] = []
    for name in names:
        if lines and len(lines[-1]) + len(name) + 2 <= widest:
            lines[-1] += ", " + name
        else:
            lines.append(name)
    return lines


TABLES = """
SELECT c.relname, a.attname, coalesce(a.attnum = ANY (p.conkey), false),
  EXISTS (SELECT FROM pg_constraint AS f WHERE f.conrelid = c.oid AND f.contype = 'f' AND a.attnum = ANY (f.conkey))
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_constraint AS p ON p.conrelid = c.oid AND p.contype = 'p'
WHERE c.relnamespace = 'corrparse'::regnamespace AND c.relkind = 'r'
ORDER BY c.relname COLLATE "C", a.attnum"""
REFERENCES = """
SELECT DISTINCT s.relname, t.relname
FROM pg_constraint AS f JOIN pg_class AS s ON s.oid = f.conrelid JOIN pg_class AS t ON t.oid = f.confrelid
WHERE f.contype = 'f' AND f.connamespace = 'corrparse'::regnamespace ORDER BY 1, 2"""


def schema(connection: libpq.Connection) -> str:
    """The tables of the schema corrparse with their keys, and which refer to which; below, those that refer to none."""
    columns_of: dict[str, list[tuple[str, bool, bool]]] = {}
    for table, column, is_key, is_reference in connection.run(TABLES).rows:
        columns_of.setdefault(table, []).append((column, is_key == "t", is_reference == "t"))
    arrows: dict[str, set[str]] = {}
    for table, target in connection.run(REFERENCES).rows:
        arrows.setdefault(table, set()).add(target)
        arrows.setdefault(target, set())
    boxes = {table: Box(table, shown(columns)) for table, columns in columns_of.items()}
    level = depths(arrows)
    joined = [[boxes[name] for name in sorted(arrows) if level[name] == number] for number in range(max(level.values()) + 1)]
    lowest = placed(joined, 2 * MARGIN)
    alone = [boxes[name] for name in sorted(boxes) if name not in arrows]
    width = max(len(joined), 4)
    lowest = placed([alone[number::width] for number in range(width)], lowest + ROW_GAP)
    lines = [(boxes[name], boxes[target]) for name, targets in sorted(arrows.items()) for target in sorted(targets)]
    title = "The tables of the schema corrparse: an arrow leads to the table that is referred to; keys are marked *"
    return picture(title, list(boxes.values()), lines, lowest)


def shown(columns: list[tuple[str, bool, bool]]) -> list[str]:
    """The lines of a table's box: key columns, references, the first of the others, and how many more there are."""
    ordered = sorted(columns, key=lambda column: (not column[1], not column[2]))
    lines = [name + (" *" if is_key else "") for name, is_key, _ in ordered[:MOST_COLUMNS]]
    more = len(columns) - len(lines)
    return lines + ([f"and {more} more"] if more > 0 else [])


def main() -> None:
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    server, name = os.environ["CORRPARSE_TEST_DATABASE"], f"pictures_{os.getpid()}"
    with libpq.Connection(server) as connection:
        connection.run(f"CREATE DATABASE {name}")
    database = libpq.with_database(server, name)
    subprocess.run([PROGRAM, "migrate", "up", "--database", database], check=True, stdout=subprocess.DEVNULL)
    with libpq.Connection(database) as connection:
        pictures = {"docs/architecture.svg": architecture(), "docs/schema.svg": schema(connection)}
    stale = [path for path, text in pictures.items() if not (ROOT / path).is_file() or (ROOT / path).read_text() != text]
    if check and stale:
        sys.exit(f"not current, run Scripts/with-postgres.sh Scripts/pictures.py: {', '.join(stale)}")
    for path in stale:
        (ROOT / path).write_text(pictures[path])
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
