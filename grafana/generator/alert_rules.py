"""How a rule is written: its queries, expressions, labels and texts. alerts.py says what the rules are, and why they are so."""

from dataclasses import dataclass, field

from . import boards
from .panels import DATASOURCE_TYPE, sql

DATASOURCE_UID = "corrparse"
FOLDER = "corrparse"
# The manual's severities (section 8): how fast, and how often Grafana looks.
REACTIONS = {
    "P0": ("escalate at once to the platform owner", "1m"),
    "P1": ("investigate within the hour, MLOps maintainer", "5m"),
    "P2": ("investigate within the day, ML owner", "15m"),
    "P3": ("when there is time", "1h"),
}
PLATFORM, MLOPS, ML = "platform owner", "MLOps maintainer", "ML owner"
# The number that is judged, in a text.
VALUE = '{{ printf "%.4g" .Values.E.Value }}'
# For how long an observer, or a DAG, is expected to go on after it was last seen.
KNOWN_DAYS = 30


def rows(label, subjects, column):
    """The query of a rule: one of the columns of the subjects, and a row that is always well, so that there is one."""
    named = f"s.{label}, " if label else ""
    query = sql(
        f"""
        WITH subject AS (
        SUBJECTS
        )
        SELECT now() AS "time", {named}s.{column} AS value
        FROM subject AS s"""
    )
    if label:
        query += "\nUNION ALL\nSELECT now(), 'none', 0\nORDER BY 1, 2"
    return query.replace("SUBJECTS", "\n".join("  " + line for line in sql(subjects).splitlines()))


def reduction(ref, of):
    """The last value of each series; a null stays one."""
    return {
        "refId": ref,
        "datasource": {"type": "__expr__", "uid": "__expr__"},
        "type": "reduce",
        "expression": of,
        "reducer": "last",
    }


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is to be said of a rule. `subjects` is a query with the column `label`, `value` (1, 0 or null; or a number that is
    compared with `above`) and `measured`, which is what VALUE in `reason` stands for. `labels` are the same for all subjects.
    Its group is its severity unless it is named. `watch`: it fires where the database cannot be asked."""

    uid: str
    title: str
    subjects: str
    severity: str
    role: str
    anchor: str
    reason: str
    description: str
    panel: tuple
    wait: str
    label: str | None = None
    labels: dict = field(default_factory=dict)
    above: float = 0
    watch: bool = False
    group: str | None = None


class Rules:
    """Collects rules by severity group; knows the panels that show what a rule is about."""

    def __init__(self, dashboards, settings):
        self.groups = {"P0": [], "P1": [], "P2": [], "P3": [], "corrparse": []}
        self._settings = settings
        self._panels = {(d["uid"], boards.asked(panel)): panel["id"] for d in dashboards.values() for panel in d["panels"]}

    def add(self, **fields):
        """Adds the rule of these fields."""
        rule = Rule(**fields)
        loud = rule.severity == "P0" or rule.watch
        dashboard_uid, panel_title = rule.panel
        reason = rule.reason.replace("VALUE", VALUE)
        threshold = {
            "refId": "C",
            "datasource": {"type": "__expr__", "uid": "__expr__"},
            "type": "threshold",
            "expression": "B",
            "conditions": [{"evaluator": {"type": "gt", "params": [rule.above]}}],
        }
        self.groups[rule.group or rule.severity].append(
            {
                "uid": "corrparse-" + rule.uid,
                "title": rule.title,
                "condition": "C",
                "for": rule.wait,
                "noDataState": "Alerting" if loud else "KeepLast",
                "execErrState": "Alerting" if loud else "KeepLast",
                "dashboardUid": dashboard_uid,
                "panelId": self._panels[dashboard_uid, panel_title],
                "isPaused": False,
                "labels": {
                    "severity": rule.severity,
                    "role": rule.role.lower().replace(" ", "-"),
                    "component": "corrparse",
                    **rule.labels,
                },
                "annotations": {
                    "summary": reason,
                    "description": f"{rule.title}. {rule.description}",
                    "reaction": f"{rule.severity}: {REACTIONS[rule.severity][0]}. Reacts here: {rule.role}.",
                    "runbook_url": f"{self._settings.playbook}#{rule.anchor}",
                },
                "data": [
                    self._query("A", rows(rule.label, rule.subjects, "value")),
                    self._expression(reduction("B", "A")),
                    self._expression(threshold),
                    self._query("D", rows(rule.label, rule.subjects, "measured")),
                    self._expression(reduction("E", "D")),
                ],
            }
        )

    @staticmethod
    def _query(ref, text):
        model = {
            "refId": ref,
            "datasource": {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID},
            "editorMode": "code",
            "format": "time_series",
            "rawQuery": True,
            "rawSql": text,
            "intervalMs": 1000,
            "maxDataPoints": 100,
        }
        return {"refId": ref, "relativeTimeRange": {"from": 600, "to": 0}, "datasourceUid": DATASOURCE_UID, "model": model}

    @staticmethod
    def _expression(model):
        return {"refId": model["refId"], "relativeTimeRange": {"from": 0, "to": 0}, "datasourceUid": "__expr__", "model": model}
