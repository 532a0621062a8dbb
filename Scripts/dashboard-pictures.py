#!/usr/bin/env python3
"""Draws what each dashboard shows, from its JSON and its queries, on a made-up year of data: docs/dashboards/NAME.svg.

  Scripts/with-postgres.sh Scripts/dashboard-pictures.py

They are drawings, not screenshots: place, title, kind and data of each panel are right, the looks are not Grafana's. A test
compares their titles with the dashboards.
"""

import datetime
import html
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("Tests/Grafana", "Scripts", "grafana")]

import checks
import generate
import grafana_sql
import libpq
import seeded

PICTURES = ROOT / "docs" / "dashboards"
COLUMN, LINE, MARGIN, HEAD = 50, 30, 6, 46
WIDTH = 24 * COLUMN
PALETTE = ("#3274D9", "#E0752D", "#56A64B", "#A352CC", "#C4162A", "#8F9BA8", "#E0B400", "#37872D", "#5794F2", "#B877D9")
STYLE = """<style>
text { font: 11px system-ui, sans-serif; fill: #1c2128; } .head { font-weight: 600; font-size: 12px; } .faint { fill: #656d76; }
.big { font-size: 22px; font-weight: 600; text-anchor: middle; } .title { font-size: 17px; font-weight: 600; }
</style>"""


class Drawing:
    """Collects the elements of a picture."""

    def __init__(self):
        self.elements = []

    def text(self, x, y, value, kind="", colour=None, room=None):
        """A text, cut to the room that it has: 7 px a character, 8 in a head."""
        value, wide = str(value), 8 if kind == "head" else 7
        if room is not None and len(value) * wide > room:
            value = value[: max(1, int(room / wide) - 1)] + "…"
        fill = f' style="fill:{colour}"' if colour else ""
        self.elements.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}"{fill}>{html.escape(value)}</text>')

    def box(self, x, y, width, height, fill, stroke="none"):
        self.elements.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0, width):.1f}" height="{max(0, height):.1f}" fill="{fill}"'
            f' stroke="{stroke}"/>'
        )

    def line(self, points, colour, dashed=False):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        self.elements.append(f'<polyline points="{path}" fill="none" stroke="{colour}"{dash}/>')


def shown(value, kind):
    """A value as a reader sees it."""
    if value is None:
        return ""
    if kind in checks.TIMES:
        return datetime.datetime.fromtimestamp(checks.instant(value), grafana_sql.UTC).strftime("%Y-%m-%d %H:%M")
    if kind in checks.NUMBERS:
        return f"{float(value):.4g}"
    if kind == "bool":
        return "true" if value == "t" else "false"
    return value


def colours(panel, column=None):
    """Texts to colours, of a panel or of one of its columns."""
    found = {}
    properties = [{"id": "mappings", "value": panel["fieldConfig"]["defaults"].get("mappings", [])}]
    properties += [
        p
        for o in panel["fieldConfig"]["overrides"]
        if column is None or o["matcher"]["options"] == column
        for p in o["properties"]
    ]
    for prop in properties:
        if prop["id"] == "mappings":
            for mapping in prop["value"]:
                found.update({text: shown["color"] for text, shown in mapping["options"].items()})
    return found


def series_colours(panel, names):
    fixed = {
        o["matcher"]["options"]: p["value"]["fixedColor"]
        for o in panel["fieldConfig"]["overrides"]
        for p in o["properties"]
        if p["id"] == "color"
    }
    return {name: fixed.get(name, PALETTE[i % len(PALETTE)]) for i, name in enumerate(names)}


def draw_table(drawing, panel, result, area):
    x, y, width, height = area
    hidden = {
        o["matcher"]["options"] for o in panel["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "custom.hidden"
    }
    columns = [(i, name) for i, name in enumerate(result.columns) if name not in hidden][: max(1, int(width / 90))]
    widest = {i: max([len(name), *(len(shown(row[i], result.types[i])) for row in result.rows[:12])]) + 2 for i, name in columns}
    total = sum(min(w, 50) for w in widest.values())
    for i, name in columns:
        room = width * min(widest[i], 50) / total
        drawing.text(x, y + 10, name, "head", room=room - 6)
        mapped = colours(panel, name)
        for n, row in enumerate(result.rows[: int((height - 14) / 17)]):
            value = shown(row[i], result.types[i])
            drawing.text(x, y + 28 + 17 * n, value, colour=mapped.get(value), room=room - 6)
        x += room


def draw_stat(drawing, panel, result, area):
    x, y, width, height = area
    value = result.rows[0][0] if result.rows else None
    text = shown(value, result.types[0]) or "no data"
    if value is not None and panel["fieldConfig"]["defaults"].get("unit") == "dateTimeFromNow":
        text = datetime.datetime.fromtimestamp(float(value) / 1000, grafana_sql.UTC).strftime("%m-%d %H:%M")
    elif value is not None and panel["fieldConfig"]["defaults"].get("unit") == "s":
        text = f"{float(value) / 60:.0f} min"
    colour = colours(panel).get(text)
    if colour:
        drawing.box(x, y, width, height, colour)
    drawing.text(x + width / 2, y + height / 2 + 8, text, "big", colour="#ffffff" if colour else None)


def draw_bars(drawing, panel, result, area):
    x, y, width, height = area
    numbers = [i for i, kind in enumerate(result.types) if kind in checks.NUMBERS]
    name = next(i for i, kind in enumerate(result.types) if kind in checks.TEXTS)
    most = max([sum(float(row[i] or 0) for i in numbers) for row in result.rows] or [1]) or 1
    fill, mapped = series_colours(panel, [result.columns[i] for i in numbers]), colours(panel)
    for n, row in enumerate(result.rows[: int(height / 20)]):
        drawing.text(x, y + 13 + 20 * n, row[name], room=110)
        left = x + 115
        for i in numbers:
            long = (width - 165) * float(row[i] or 0) / most
            drawing.box(left, y + 3 + 20 * n, long, 13, mapped.get(row[name], fill[result.columns[i]]))
            left += long
        drawing.text(left + 4, y + 13 + 20 * n, " / ".join(shown(row[i], "numeric") for i in numbers), "faint")


def draw_histogram(drawing, panel, result, area):
    x, y, width, height = area
    del panel
    values = [float(row[0]) for row in result.rows if row[0] is not None]
    if not values:
        return
    low, high, count = min(values), max(values), 30
    bins = [0] * count
    for value in values:
        bins[min(count - 1, int((value - low) / ((high - low) or 1) * count))] += 1
    for i, number in enumerate(bins):
        tall = (height - 16) * number / max(bins)
        drawing.box(x + width * i / count, y + height - 14 - tall, width / count - 1, tall, PALETTE[0])
    drawing.text(x, y + height, f"{low:.3g}", "faint")
    drawing.text(x + width - 40, y + height, f"{high:.3g}", "faint")


def draw_states(drawing, panel, result, area, span):
    x, y, width, height = area
    start, end = (instant.timestamp() for instant in span)
    mapped = colours(panel)
    changes = [(checks.instant(time), state) for time, state in result.rows]
    for (time, state), (until, _) in zip(changes, [*changes[1:], (end, "")], strict=True):
        left, right = (x + width * (min(max(t, start), end) - start) / (end - start) for t in (time, until))
        drawing.box(left, y, right - left, height - 10, mapped.get(state, "#808080"))
        drawing.text(left + 4, y + height / 2, state, room=right - left)


def draw_series(drawing, panel, results, area, span):
    x, y, width, height = area
    start, end = (instant.timestamp() for instant in span)
    rows = [(checks.instant(t), metric, float(value)) for r in results for t, metric, value in r.rows if value is not None]
    names = sorted({metric for _, metric, _ in rows})
    fill = series_colours(panel, names)
    custom = panel["fieldConfig"]["defaults"]["custom"]
    stacked = custom["stacking"]["mode"] == "normal"
    tops = {}
    for time, _, value in rows:
        tops[time] = tops.get(time, 0) + value if stacked else max(tops.get(time, value), value)
    low, high = min([0, *(value for *_, value in rows)]), max([0, *tops.values()]) or 1
    tall = height - 28

    def place(time, value):
        return x + width * (time - start) / (end - start), y + tall - tall * (value - low) / ((high - low) or 1)

    steps = (
        panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
        if custom["thresholdsStyle"]["mode"] != "off"
        else []
    )
    for step in steps:
        if step["value"] is not None and low <= step["value"] <= high:
            drawing.line(
                [(x, place(start, step["value"])[1]), (x + width, place(start, step["value"])[1])], step["color"], dashed=True
            )
    below = {}
    for name in names:
        points = [(time, value) for time, metric, value in rows if metric == name]
        if custom["drawStyle"] == "bars":
            for time, value in points:
                left, top = place(time, below.get(time, 0) + value)
                left = min(max(left, x), x + width - width / 40)
                drawing.box(left, top, width / 40, tall * value / ((high - low) or 1), fill[name])
                below[time] = below.get(time, 0) + value
        else:
            drawing.line([place(*point) for point in points], fill[name])
    drawing.text(x, y + 9, f"{high:.3g}", "faint")
    left = x
    for name in names:
        if left + len(name) * 7 > x + width:
            break
        drawing.box(left, y + height - 12, 8, 8, fill[name])
        drawing.text(left + 11, y + height - 4, name, "faint")
        left += 24 + len(name) * 7


def copies(panel, values):
    """A panel with the variables that it is asked with; one that is repeated as often as it stands in its first line."""
    name, grid = panel.get("repeat"), panel["gridPos"]
    if not name:
        return [(panel, values)]
    chosen = values[name].value[: panel["maxPerRow"]]
    width = grid["w"] / max(1, len(chosen))
    return [
        (
            {
                **panel,
                "title": panel["title"].replace(f"${{{name}}}", value),
                "gridPos": {**grid, "x": grid["x"] + i * width, "w": width},
            },
            {**values, name: grafana_sql.Variable([value], True)},
        )
        for i, value in enumerate(chosen)
    ]


def draw(board, connection, span):
    """The picture of one dashboard, as text."""
    start, end = span
    drawing, values = Drawing(), {}
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            options = [row[0] for row in connection.run(grafana_sql.expand(variable["query"], start, end, values)).rows]
            single = "launch__discovery" if "launch__discovery" in options else (options or [""])[0]
            values[variable["name"]] = grafana_sql.Variable(options if variable["multi"] else single, variable["multi"])
    drawing.text(MARGIN, 22, board["title"], "title")
    drawing.text(MARGIN, 38, "A drawing from the dashboard's queries on made-up data, not a screenshot.", "faint")
    kinds = {"table": draw_table, "stat": draw_stat, "bargauge": draw_bars, "barchart": draw_bars, "histogram": draw_histogram}
    for panel, given in [copy for drawn in board["panels"] for copy in copies(drawn, values)]:
        grid = panel["gridPos"]
        x, y = grid["x"] * COLUMN + MARGIN, grid["y"] * LINE + HEAD + MARGIN
        width, height = grid["w"] * COLUMN - 2 * MARGIN, grid["h"] * LINE - 2 * MARGIN
        if panel["type"] == "row":
            drawing.text(x, y + 14, panel["title"], "head")
            continue
        drawing.box(x - 3, y - 3, width + 6, height + 6, "#ffffff", "#d8dee4")
        drawing.text(x + 4, y + 13, panel["title"], "head", room=width)
        area = (x + 6, y + 24, width - 12, height - 30)
        queries = [target["rawSql"] for target in panel["targets"] if "rawSql" in target]
        if not queries:
            drawing.text(area[0], area[1] + 20, "Series of Prometheus", "faint")
            continue
        results = [connection.run(grafana_sql.expand(q, start, end, given, panel.get("interval"))) for q in queries]
        if panel["type"] == "timeseries":
            draw_series(drawing, panel, results, area, span)
        elif panel["type"] == "state-timeline":
            draw_states(drawing, panel, results[0], area, span)
        else:
            kinds[panel["type"]](drawing, panel, results[0], area)
    height = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in board["panels"]) * LINE + HEAD + MARGIN
    label = html.escape(f"{board['title']}, a drawing")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">'
    return "\n".join([head, STYLE, f'<rect width="{WIDTH}" height="{height}" fill="#f4f5f7"/>', *drawing.elements, "</svg>", ""])


def main():
    program = os.environ.get("CORRPARSE") or generate.default_program()
    now = datetime.datetime.now(grafana_sql.UTC).replace(minute=0, second=0, microsecond=0)
    owner, reader = seeded.make(os.environ["CORRPARSE_TEST_DATABASE"], program, "grafana_pictures")
    seeded.fill(owner, program, 20_000, now, awkward=False)
    with libpq.Connection(owner) as connection:
        connection.run("SELECT corrparse.note_global_state()")
        connection.run("""
          INSERT INTO corrparse.global_state_history (noted_at, state, triggered, unknown, reasons)
          SELECT
            now() - d * interval '1 day', (ARRAY['GREEN', 'YELLOW', 'GREEN', 'ORANGE', 'UNKNOWN'])[1 + d % 5], '{}', '{}', '{}'
          FROM generate_series(1, 40, 6) AS d""")
    PICTURES.mkdir(exist_ok=True)
    with libpq.Connection(reader) as connection:
        for path in sorted((ROOT / "grafana" / "dashboards").glob("*.json")):
            board = json.loads(path.read_text(encoding="utf-8"))
            picture = draw(board, connection, (now - datetime.timedelta(days=30), now))
            (PICTURES / f"{path.stem}.svg").write_text(picture, encoding="utf-8")
            print(f"drew docs/dashboards/{path.stem}.svg, {len(picture) // 1024} KB")


if __name__ == "__main__":
    main()
