"""What has to be true of the generated files and of what their queries answer. Each check returns what is wrong, in words;
an empty list is a pass. The tests also hand them broken files, to see that they can fail."""

import datetime
import math
import re

NUMBERS = {"int2", "int4", "int8", "numeric", "float4", "float8"}
TEXTS = {"text", "varchar", "bpchar", "name"}
TIMES = {"timestamptz", "timestamp", "date"}
# What a query may name after FROM and JOIN beside diagnostics and its own WITH.
DATASOURCE = {"type": "grafana-postgresql-datasource", "uid": "${datasource}"}
PROMETHEUS = {"type": "prometheus", "uid": "${prometheus}"}
FUNCTIONS = {"unnest", "jsonb_each_text", "lateral"}


def asked(panel):
    """A panel's title without the value that it is repeated for: what the documents call it."""
    return panel["title"].split(" (${")[0]


def queries(board):
    """(panel, target) for every SQL query of a dashboard."""
    return [(panel, target) for panel in board["panels"] for target in panel.get("targets", []) if "rawSql" in target]


def structure(board):
    """Ids, the grid, data sources, titles, descriptions."""
    wrong = []
    ids = [panel["id"] for panel in board["panels"]]
    if len(ids) != len(set(ids)):
        wrong.append("panels share an id")
    cells = {}
    for panel in board["panels"]:
        grid = panel["gridPos"]
        if grid["x"] < 0 or grid["w"] < 1 or grid["h"] < 1 or grid["x"] + grid["w"] > 24:
            wrong.append(f"{panel['title']}: outside the grid")
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                if (x, y) in cells:
                    wrong.append(f"{panel['title']} lies on {cells[x, y]}")
                    break
                cells[x, y] = panel["title"]
        if panel["type"] == "row":
            continue
        if not asked(panel).endswith("?"):
            wrong.append(f"{panel['title']}: asks no question")
        if "Manual, " not in panel["description"]:
            wrong.append(f"{panel['title']}: does not say where the manual asks it")
        if not panel["links"]:
            wrong.append(f"{panel['title']}: has no playbook")
        if not panel["targets"]:
            wrong.append(f"{panel['title']}: has no query")
        source = PROMETHEUS if any("expr" in target for target in panel["targets"]) else DATASOURCE
        if any(item.get("datasource") != source for item in [panel, *panel["targets"]]):
            wrong.append(f"{panel['title']}: a data source of its own, or none")
        refs = [target["refId"] for target in panel["targets"]]
        if len(refs) != len(set(refs)):
            wrong.append(f"{panel['title']}: queries share a refId")
    names = [variable["name"] for variable in board["templating"]["list"]]
    for panel, target in queries(board):
        used = re.findall(r"\$\{(\w+)", target["rawSql"])
        wrong += [f"{panel['title']}: variable {name} does not exist" for name in used if name not in names]
    return wrong


def reads(sql):
    """What the query reads that is neither of the schema diagnostics nor its own."""
    own = set(re.findall(r"(?:WITH|,)\s*(\w+) AS (?:MATERIALIZED )?\(", sql))
    named = re.findall(r"\b(?:FROM|JOIN)\s+(?:LATERAL\s+)?([\w.]+)", re.sub(r"extract\(\w+ FROM |DISTINCT FROM ", "", sql))
    wrong = [
        f"reads {name}"
        for name in named
        if not name.startswith("diagnostics.") and name not in own and name.lower() not in FUNCTIONS
    ]
    if "corrparse." in sql:
        wrong.append("names the schema corrparse")
    return wrong


def anchors(board_or_rules_text, document):
    """Playbook links whose anchor docs/operations.md lacks. Anchors that a row gives are checked with the rows."""
    found = set(re.findall(r'<a id="([^"]+)">', document))
    linked = set(re.findall(r"(?:\$\{playbook\}|/operations/)#([\w-]+)", board_or_rules_text))
    return [f"docs/operations.md has no anchor {a}" for a in sorted(linked - found)]


def instant(text):
    """Seconds since 1970 of a timestamptz as text of an ISO date style, or of a number."""
    if re.fullmatch(r"-?[\d.]+", text):
        return float(text)
    if re.search(r"[+-]\d\d$", text):
        text += ":00"
    return datetime.datetime.fromisoformat(text).timestamp()


def answer(panel, target, result):
    """Whether the rows fit the panel."""
    wrong = []
    kinds = dict(zip(result.columns, result.types, strict=True))
    if len(kinds) != len(result.columns) or "?column?" in kinds:
        wrong.append(f"columns without names of their own: {result.columns}")
    for name, kind in kinds.items():
        if kind not in NUMBERS | TEXTS | TIMES | {"bool"}:
            wrong.append(f"{name} is of type {kind or 'unknown'}")
        if kind in NUMBERS and any(v is not None and not math.isfinite(float(v)) for v in result.column(name)):
            wrong.append(f"{name} has a value that is no finite number")
    numbers = [name for name, kind in kinds.items() if kind in NUMBERS]
    texts = [name for name, kind in kinds.items() if kind in TEXTS]
    wrong += {
        "timeseries": _series,
        "stat": _stat,
        "bargauge": _bars,
        "barchart": _bars,
        "histogram": _histogram,
        "state-timeline": _states,
        "table": _table,
    }[panel["type"]](panel, result, kinds, numbers, texts)
    if (panel["type"] == "timeseries") != (target["format"] == "time_series"):
        wrong.append(f"format {target['format']} in a {panel['type']}")
    return wrong


def _series(panel, result, kinds, numbers, texts):
    del panel
    wrong = []
    if kinds.get("time") not in TIMES | NUMBERS:
        return ["no column time"]
    if texts != ["metric"] or [n for n in numbers if n != "time"] != ["value"]:
        wrong.append(f"not time, metric and value: {kinds}")
    times = result.column("time")
    if None in times:
        return [*wrong, "a row without a time"]
    instants = [instant(t) for t in times]
    if instants != sorted(instants):
        wrong.append("time does not ascend")
    if len(set(zip(instants, result.column("metric"), strict=True))) != len(instants) and kinds["time"] in NUMBERS:
        wrong.append("a group has two values at one time")
    return wrong


def _stat(panel, result, kinds, numbers, texts):
    del numbers, texts
    wrong = [] if len(result.rows) <= 1 else ["more than one row"]
    field = panel["options"]["reduceOptions"]["fields"].strip("/^$")
    return wrong if field in kinds else [*wrong, f"field {field} is not there"]


def _bars(panel, result, kinds, numbers, texts):
    del kinds
    wrong = (
        []
        if len(texts) == 1 and numbers and len(texts) + len(numbers) == len(result.columns)
        else [f"not one name and its values: {result.columns}"]
    )
    if panel["type"] == "barchart" and texts != [panel["options"]["xField"]]:
        wrong.append(f"xField is {panel['options']['xField']}")
    if texts and len(set(result.column(texts[0]))) != len(result.rows):
        wrong.append("a name has two bars")
    return wrong


def _histogram(panel, result, kinds, numbers, texts):
    del panel, kinds, texts
    return [] if numbers == result.columns else [f"not only numbers: {result.columns}"]


def _states(panel, result, kinds, numbers, texts):
    del panel, numbers
    times = result.column("time") if "time" in kinds else []
    wrong = [] if kinds.get("time") in TIMES and len(texts) == 1 and len(kinds) == 2 else [f"not a time and a text: {kinds}"]
    return wrong if times == sorted(times, key=instant) else [*wrong, "time does not ascend"]


def _table(panel, result, kinds, numbers, texts):
    del result, numbers, texts
    wrong = []
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["id"] == "byName" and override["matcher"]["options"] not in kinds:
            wrong.append(f"an override for the column {override['matcher']['options']}, which is not there")
        for prop in override["properties"]:
            if prop["id"] == "links":
                used = [name for link in prop["value"] for name in re.findall(r"__data\.fields\.(\w+)", link["url"])]
                wrong += [f"a link with the column {name}, which is not there" for name in used if name not in kinds]
    return wrong


def alert(result, keeps_last=False):
    """Rows of one time, with texts that name a subject and one number each; a null only where the rule then keeps its state."""
    kinds = dict(zip(result.columns, result.types, strict=True))
    wrong = []
    if result.columns[0] != "time" or result.columns[-1] != "value" or len(kinds) != len(result.columns):
        return [f"not time, labels and value: {result.columns}"]
    labels = result.columns[1:-1]
    if kinds["time"] not in TIMES or kinds["value"] not in NUMBERS or any(kinds[name] not in TEXTS for name in labels):
        wrong.append(f"types {kinds}")
    if not result.rows:
        wrong.append("no row, so that the alert would end")
    if len({row[0] for row in result.rows}) > 1:
        wrong.append("several times")
    subjects = [row[1:-1] for row in result.rows]
    if len(subjects) != len(set(subjects)):
        wrong.append("a subject twice")
    if any(not name for subject in subjects for name in subject):
        wrong.append("a subject without a name")
    for value in result.column("value"):
        if value is None and not keeps_last:
            wrong.append("a null")
        elif value is not None and kinds["value"] in NUMBERS and not math.isfinite(float(value)):
            wrong.append(f"the value {value}")
    return wrong


# Tables that grow with every record; the others grow with tasks.
LARGE = {"record", "verdict", "issue"}


def leading_columns(connection):
    """The first column of each index, by the index's name."""
    return dict(
        connection.run("""
      SELECT c.relname, pg_get_indexdef(i.indexrelid, 1, true) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
      WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'corrparse')""").rows
    )


def scans(plan, leading, limited=False):
    """Large tables that a plan (EXPLAIN, FORMAT JSON) reads from end to end. An index without a condition on its first column is
    walked from end to end, too, unless a LIMIT ends it."""
    name, first = plan["Node Type"], leading.get(plan.get("Index Name"), "")
    walks = (
        name in ("Index Scan", "Index Only Scan") and not limited and not re.search(rf"\b{first}\b", plan.get("Index Cond", ""))
    )
    found = {plan.get("Relation Name")} & LARGE if name == "Seq Scan" or walks else set()
    limited = name == "Limit" or (limited and name in ("Nested Loop", "Subquery Scan", "Result"))
    return found.union(*(scans(inner, leading, limited) for inner in plan.get("Plans", [])))
