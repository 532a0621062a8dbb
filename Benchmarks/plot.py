#!/usr/bin/env python3
"""Draws what bench.py measured: every bar as measured against allowed, and what the programs cost beside each other on one log.

plot.py RESULTS.json PICTURE.svg      bench.py leaves .build/bench/results.json, with --quick quick.json
"""

from __future__ import annotations

import json
import math
import re
import statistics
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROW, LEFT, WIDE, RIGHT = 24, 640, 360, 130
MET, MISSED, PEER, INK, FAINT = "#2b8a3e", "#c92a2a", "#868e96", "#212529", "#dee2e6"


@dataclass
class Row:
    """One line of a panel: where its middle, its ends and its text stand."""

    name: str
    middle: float
    least: float
    most: float
    text: str
    colour: str


def bars(results: dict) -> list[Row]:
    """Each bar as a share of what is allowed: at most 1 is met, whatever its sense."""
    rows, subject = [], ""
    for bar in results["bars"]:
        middle, least, most = map(float, re.fullmatch(r"(\S+) \((\S+) … (\S+)\)", bar["measured"]).groups())
        sense, limit = bar["allowed"].split()
        allowed = float(limit)
        name = bar["bar"]
        if name.startswith("same: "):
            name = f"{subject}: {name[6:]}"
        else:
            subject = name.split(": ")[0]
        if allowed == 0:
            continue
        share = [value / allowed if sense == "≤" else allowed / value for value in (middle, least, most)]
        rows.append(Row(name, share[0], *sorted(share[1:]), f"{middle:g} ({bar['allowed']})", MET if bar["met"] else MISSED))
    return rows


def peers(results: dict) -> tuple[str, list[Row]]:
    """The CPU time of every program on the log that most of them can read."""
    title, table = max(results["tables"].items(), key=lambda item: len(item[1]))
    rows = []
    for name, series in table.items():
        values = series["cpu"]
        middle = statistics.median(values)
        rows.append(Row(name, middle, min(values), max(values), f"{middle:.2f} s", MET if name == "corrparse" else PEER))
    return title, sorted(rows, key=lambda row: row.middle)


def panel(title: str, rows: list[Row], top: int, line_at: float | None) -> list[str]:
    """A heading, a logarithmic scale, and for each row a dot with whiskers."""
    low = math.log10(min(row.least for row in rows) * 0.8)
    high = math.log10(max([row.most for row in rows] + ([line_at] if line_at else [])) * 1.25)

    def place(value: float) -> float:
        return LEFT + WIDE * (math.log10(value) - low) / (high - low)

    bottom = top + 30 + ROW * len(rows)
    parts = [text(10, top + 16, title, weight="bold")]
    for power in range(math.floor(low), math.ceil(high) + 1):
        for digit in (1, 2, 5):
            value = digit * 10.0**power
            if low <= math.log10(value) <= high:
                parts += [
                    line(place(value), top + 26, place(value), bottom, FAINT),
                    text(place(value), bottom + 14, f"{value:g}", anchor="middle", colour=PEER),
                ]
    if line_at:
        parts.append(line(place(line_at), top + 22, place(line_at), bottom, INK))
    for number, row in enumerate(rows):
        middle = top + 40 + ROW * number
        parts += [
            text(LEFT - 12, middle + 4, row.name, anchor="end"),
            line(place(row.least), middle, place(row.most), middle, row.colour, 2),
            f'<circle cx="{place(row.middle):.1f}" cy="{middle}" r="4.5" fill="{row.colour}"/>',
            text(LEFT + WIDE + 10, middle + 4, row.text, colour=row.colour),
        ]
    return parts


def text(x: float, y: float, content: str, anchor: str = "start", weight: str = "normal", colour: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{colour}">{escape(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"/>'


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    results = json.loads(Path(sys.argv[1]).read_text())
    met = bars(results)
    title, programs = peers(results)
    second = 80 + ROW * len(met)
    height, width = second + 60 + ROW * len(programs), LEFT + WIDE + RIGHT
    parts = panel("Measured against allowed: median, least and most; left of the line a bar is met", met, 10, 1)
    parts += panel(f"CPU time: {title}", programs, second, None)
    Path(sys.argv[2]).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12"><rect width="{width}" height="{height}" fill="#fff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
