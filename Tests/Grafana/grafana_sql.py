"""What Grafana makes of a query before PostgreSQL sees it, after its sources (10.4 and 11): the browser puts in variables
(public/app/features/templating, packages/grafana-sql), the server intervals and macros (pkg/tsdb/
grafana-postgresql-datasource: sqleng/sql_engine.go, macros.go). Written from reading them; nothing is copied."""

import datetime
import re

UTC = datetime.timezone.utc
# The steps that Grafana rounds an interval to, in seconds.
ROUND_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class MacroError(Exception):
    """Grafana would show this instead of sending the query."""


class Variable:
    """A dashboard variable with its value: a text, or a list for one with several."""

    def __init__(self, value, is_multi):
        self.value, self.is_multi = value, is_multi

    def text(self, form):
        if form == "sqlstring":
            return sql_literals(self.value)
        if form == "raw":
            return self.value if isinstance(self.value, str) else ",".join(self.value)
        if form == "csv":
            return self.value if isinstance(self.value, str) else ",".join(self.value)
        if form is not None:
            raise MacroError(f"format {form} is not known here")
        # Without a format an SQL data source quotes lists, and single values only if there could be several.
        if isinstance(self.value, str) and not self.is_multi:
            return self.value.replace("'", "''")
        return sql_literals(self.value)


def sql_literals(value):
    """Quoted, quotes doubled, a comma between."""
    return ",".join("'" + v.replace("'", "''") + "'" for v in ([value] if isinstance(value, str) else value))


def instant_text(instant):
    """Go's RFC3339Nano, in UTC."""
    text = instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{instant.microsecond:06d}".rstrip("0")
    return text + ("." + fraction if fraction else "") + "Z"


def interval_seconds(text):
    """30s, 5m, 1d and the like."""
    match = re.fullmatch(r"'?(\d+)([smhdw])'?", text)
    if not match:
        raise MacroError(f"error parsing interval {text}")
    return int(match[1]) * UNITS[match[2]]


def interval_of(start, end, at_least=None, points=1000):
    """The interval that Grafana chooses for a panel of so many points."""
    wanted = (end - start).total_seconds() / points
    seconds = next((step for step in ROUND_STEPS if step >= wanted), ROUND_STEPS[-1])
    return max(seconds, interval_seconds(at_least) if at_least else 0)


def interval_text(seconds):
    for unit in "wdhms":
        if unit != "w" and seconds % UNITS[unit] == 0:
            return f"{seconds // UNITS[unit]}{unit}"
    raise AssertionError(seconds)


def with_variables(text, variables):
    """$name, ${name} and ${name:format}; a name that is no variable stays, as it may be a macro or Grafana's own."""

    def replace(match):
        name, form = (match[1], None) if match[1] else (match[2], match[3])
        return variables[name].text(form) if name in variables else match[0]

    return re.sub(r"\$(\w+)|\$\{(\w+)(?::(\w+))?\}", replace, text)


def expand(query, start, end, variables, at_least=None, zone="utc"):
    """The SQL that arrives at PostgreSQL. The zone is the dashboard's: utc, or the browser's by its name."""
    text = with_variables(query, {"__timezone": Variable(zone, False), **variables})
    seconds = interval_of(start, end, at_least)
    text = text.replace("$__interval_ms", str(seconds * 1000)).replace("$__interval", interval_text(seconds))
    text = text.replace("$__unixEpochFrom()", str(int(start.timestamp())))
    text = text.replace("$__unixEpochTo()", str(int(end.timestamp())))

    def macro(match):
        name, given = match[1], [a.strip(" ") for a in match[2].split(",")]
        # $__timeGroup directly before a comma names its column, as it did before Grafana 5.3.
        if name == "__timeGroup" and text[match.end() : match.end() + 1] == ",":
            name = "__timeGroupAlias"
        return macro_text(name, given, start, end)

    return re.sub(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)", macro, text)


def macro_text(name, given, start, end):
    column = given[0]
    low, high = instant_text(start), instant_text(end)
    if name in ("__timeGroup", "__timeGroupAlias", "__unixEpochGroup", "__unixEpochGroupAlias"):
        if len(given) < 2:
            raise MacroError(f"macro {name} needs time column and interval and optional fill value")
        seconds = interval_seconds(given[1])
        inner = f"extract(epoch from {column})" if name.startswith("__timeGroup") else f"({column})"
        return f"floor({inner}/{seconds})*{seconds}" + (' AS "time"' if name.endswith("Alias") else "")
    known = {
        "__time": f'{column} AS "time"',
        "__timeEpoch": f'extract(epoch from {column}) as "time"',
        "__timeFilter": f"{column} BETWEEN '{low}' AND '{high}'",
        "__timeFrom": f"'{low}'",
        "__timeTo": f"'{high}'",
        "__unixEpochFilter": f"{column} >= {int(start.timestamp())} AND {column} <= {int(end.timestamp())}",
        "__unixEpochNanoFilter": f"{column} >= {int(start.timestamp())}000000000 AND {column} <= {int(end.timestamp())}000000000",
        "__unixEpochNanoFrom": f"{int(start.timestamp())}000000000",
        "__unixEpochNanoTo": f"{int(end.timestamp())}000000000",
    }
    if name not in known:
        raise MacroError(f'unknown macro "{name}"')
    return known[name]
