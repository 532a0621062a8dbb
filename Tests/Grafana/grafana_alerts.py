"""What Grafana makes of the answers of a rule's queries, after its sources (10.4 and 11: pkg/expr, pkg/services/ngalert/eval and
state): an instance for each set of labels, its states over evaluations, and the text of its annotations. Written from reading
them; nothing is copied."""

import math
import re

import grafana_sql

# So many evaluations without its row make an instance stale.
MISSING = 2
SECONDS = {"s": 1, "m": 60, "h": 3600}


def duration(text):
    """Seconds of 5m and the like."""
    return int(text[:-1]) * SECONDS[text[-1]]


def instances(result):
    """The last value of each series of a time series in long form: labels to a number, or None for a null."""
    names = [name for name in result.columns if name not in ("time", "value")]
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    return {tuple((name, row[name]) for name in names): None if row["value"] is None else float(row["value"]) for row in rows}


def queries(rule):
    """SQL by refId."""
    return {d["refId"]: d["model"]["rawSql"] for d in rule["data"] if "rawSql" in d["model"]}


def as_of(query, instant):
    """The query at another time than the server's: every rule says now() itself, and asks functions for an instant."""
    return query.replace("now()", f"'{grafana_sql.instant_text(instant)}'::timestamptz")


def is_past(rule, value):
    """Whether the rule's condition holds for a value; None where there is none."""
    models = {d["refId"]: d["model"] for d in rule["data"]}
    condition = models[rule["condition"]]
    reduce = models[condition["expression"]]
    assert (condition["type"], reduce["type"], reduce["reducer"]) == ("threshold", "reduce", "last")
    assert models[reduce["expression"]]["format"] == "time_series"
    evaluator = condition["conditions"][0]["evaluator"]
    assert evaluator["type"] == "gt"
    # NaN is over nothing.
    return None if value is None else not math.isnan(value) and value > evaluator["params"][0]


class Evaluation:
    """The instances of one rule over time."""

    def __init__(self, rule):
        self.rule, self.states, self._since, self._missed = rule, {}, {}, {}

    def evaluate(self, instant, answers):
        """Takes the values of an instant; returns what is notified: labels to firing or resolved."""
        before = {labels for labels, state in self.states.items() if state == "Alerting"}
        for labels, value in answers.items():
            self._missed.pop(labels, None)
            self._take(labels, is_past(self.rule, value), instant)
        for labels in [known for known in self.states if known not in answers]:
            self._missed[labels] = self._missed.get(labels, 0) + 1
            if self._missed[labels] >= MISSING:
                del self.states[labels], self._missed[labels]
        now = {labels for labels, state in self.states.items() if state == "Alerting"}
        return {**dict.fromkeys(now - before, "firing"), **dict.fromkeys(before - now, "resolved")}

    def _take(self, labels, past, instant):
        state = self.states.get(labels, "Normal")
        if past is None:
            past = {"KeepLast": state != "Normal", "Alerting": True, "OK": False}[self.rule["noDataState"]]
        if not past:
            self.states[labels] = "Normal"
            return
        if state == "Normal":
            self._since[labels] = instant
        held = (instant - self._since[labels]).total_seconds()
        self.states[labels] = "Alerting" if held >= duration(self.rule["for"]) else "Pending"


def text(template, labels, measured):
    """An annotation of an instance; refuses what the templates of the rules do not need."""
    given = dict(labels)

    def value(match):
        if match[1]:
            return given[match[1]]
        return f"{measured:.4g}"

    made = re.sub(r'\{\{ (?:\.Labels\.(\w+)|printf "%\.4g" \.Values\.E\.Value) \}\}', value, template)
    assert "{{" not in made, made
    return made
