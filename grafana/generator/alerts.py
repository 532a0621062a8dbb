"""Alert rules as Grafana's provisioning files. Contact points and notification policies are the user's: route by the labels
severity (P0, P1, P2) and role.

Every query gives exactly one number, on an empty database too, and fires above its threshold. So "no data" can only mean
that the views are gone or shut: then P0 and the watch over ingests fire, for nobody would know otherwise; the rest
reports NoData or Error under its own severity. No text holds a dollar sign, which provisioning would take for a variable
of the environment.
"""

from .panels import DATASOURCE_TYPE, sql

DATASOURCE_UID = "corrparse"
FOLDER = "corrparse"
# The manual's severities (section 8): how fast, and how often Grafana looks.
REACTIONS = {
    "P0": ("Escalade immediate, platform owner", "1m"),
    "P1": ("Investigation dans l'heure, MLOps maintainer", "5m"),
    "P2": ("Investigation dans la journee, ML owner", "15m"),
}
PLATFORM, MLOPS, ML = "platform owner", "MLOps maintainer", "ML owner"
# Who reacts to a condition of the global state (sections 4 and 8), how severe it is, and for how long it has to hold.
# crypto_stale is P3, "traiter quand disponible": the dashboard shows it, nobody is called.
CONDITION_RULES = {
    "infra_critical": ("P0", PLATFORM, "2m"),
    "success_rate_critical": ("P1", MLOPS, "5m"),
    "no_passing_candidates": ("P1", MLOPS, "5m"),
    "core_crypto_stale": ("P2", ML, "15m"),
    "no_useful_strategy": ("P1", MLOPS, "5m"),
    "success_rate_low": ("P2", MLOPS, "15m"),
    "sortino_negative": ("P2", ML, "15m"),
    "crypto_stale": None,
}
# Signals whose critical bound calls somebody. Platform signals stand among the conditions; a slower run is P3 (section 8).
SIGNAL_RULES = {
    "infra_health": None,
    "pipeline_success_rate": None,
    "pipeline_latency": None,
    "f1_buy_delta_vs_baseline": ML,
    "screening_testing_gap": ML,
    "std_f1_buy": ML,
    "sortino": ML,
    "sl_pct": ML,
    "timeout_pct": ML,
    "model_freshness": ML,
    "challenger_count": ML,
}


class Rules:
    """Collects rules by severity group; knows the panels that show what a rule is about."""

    def __init__(self, dashboards, settings):
        self.groups = {"P0": [], "P1": [], "P2": [], "corrparse": []}
        self._settings = settings
        self._panels = {(d["uid"], panel["title"]): panel["id"] for d in dashboards.values() for panel in d["panels"]}

    def add(self, *, group, uid, title, query, severity, role, anchor, description, panel, wait, above=0, watch=False):
        loud = severity == "P0" or watch
        dashboard_uid, panel_title = panel
        expression = {
            "refId": "B",
            "datasource": {"type": "__expr__", "uid": "__expr__"},
            "type": "threshold",
            "expression": "A",
            "conditions": [{"evaluator": {"type": "gt", "params": [above]}}],
        }
        self.groups[group].append(
            {
                "uid": "corrparse-" + uid,
                "title": title,
                "condition": "B",
                "for": wait,
                "noDataState": "Alerting" if loud else "NoData",
                "execErrState": "Alerting" if loud else "Error",
                "dashboardUid": dashboard_uid,
                "panelId": self._panels[dashboard_uid, panel_title],
                "isPaused": False,
                "labels": {"severity": severity, "role": role.lower().replace(" ", "-"), "component": "corrparse"},
                "annotations": {
                    "summary": title,
                    "description": description + " Now: {{ .Values.A.Value }}.",
                    "reaction": f"{severity}: {REACTIONS[severity][0]}. Reacts here: {role}.",
                    "runbook_url": f"{self._settings.playbook}#{anchor}",
                },
                "data": [
                    {
                        "refId": "A",
                        "relativeTimeRange": {"from": 600, "to": 0},
                        "datasourceUid": DATASOURCE_UID,
                        "model": {
                            "refId": "A",
                            "datasource": {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID},
                            "editorMode": "code",
                            "format": "table",
                            "rawQuery": True,
                            "rawSql": sql(query),
                            "intervalMs": 1000,
                            "maxDataPoints": 100,
                        },
                    },
                    {"refId": "B", "relativeTimeRange": {"from": 0, "to": 0}, "datasourceUid": "__expr__", "model": expression},
                ],
            }
        )


def write(reference, settings, dashboards):
    """File name to its content."""
    rules = Rules(dashboards, settings)
    overview = "corrparse-overview"
    signals_panel = (overview, "Which golden signals are out of bounds?")
    for condition in reference.conditions:
        name = condition["condition"]
        # A condition without an entry is a mistake, one with None a decision.
        if CONDITION_RULES[name] is None:
            continue
        severity, role, wait = CONDITION_RULES[name]
        rules.add(
            group=severity,
            uid=name.replace("_", "-"),
            title=f"{condition['contributes']}: {condition['meaning']}",
            query=f"""
            SELECT count(*) AS value
            FROM diagnostics.global_state_condition_v1 AS c
            WHERE c.condition = '{name}' AND c.status = 'triggered'""",
            severity=severity,
            role=role,
            anchor=name,
            description=f"Condition {name} of the global state (manual, section 0) is triggered; its evidence is in the panel.",
            panel=(overview, "Why: which conditions are triggered, which unknown?"),
            wait=wait,
        )
    rules.add(
        group="P0",
        uid="pipeline-blocked",
        title="The pipeline is blocked: runs fail and none succeeds",
        query=f"""
        SELECT CASE
            WHEN count(*) FILTER (WHERE run.state = 'failed') >= {reference.settings["recurrent_runs"]}
              AND count(*) FILTER (WHERE run.state = 'success') = 0 THEN 1
            ELSE 0
          END AS value
        FROM diagnostics.run_diagnosis_v1 AS run
        WHERE run.crypto IS NULL AND run.ended_at > now() - interval '24 hours'""",
        severity="P0",
        role=PLATFORM,
        anchor="pipeline-blocked",
        description="Manual, section 8, P0: « Pipeline completement bloque ». In the last 24 hours at least"
        f" {reference.settings['recurrent_runs']} runs finished and all of them failed.",
        panel=("corrparse-pipeline", "Do the nights' runs finish, and how?"),
        wait="5m",
    )
    rules.add(
        group="P1",
        uid="no-candidates",
        title="A complete run passed none of its candidates",
        query="""
        SELECT count(*) AS value
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE d.crypto IS NULL AND d.primary_code = 'NO_CANDIDATES' AND d.ended_at > now() - interval '24 hours'""",
        severity="P1",
        role=MLOPS,
        anchor="NO_CANDIDATES",
        description="Manual, section 8, P1: « 0 candidats sur run complet ». Runs that ended in the last 24 hours.",
        panel=(overview, "What came of the latest runs?"),
        wait="0s",
    )
    for signal in reference.signals:
        name = signal["signal"]
        role = SIGNAL_RULES[name]
        if role is None:
            continue
        bound = reference.bound(name, "critical")
        rules.add(
            group="P2",
            uid=name.replace("_", "-"),
            title=f"{name} is critical ({bound['comparison']} {float(bound['bound']):g})",
            query=f"""
            SELECT count(*) AS value
            FROM diagnostics.golden_signal_v1 AS s
            WHERE s.signal = '{name}' AND s.status = 'critical'""",
            severity="P2",
            role=role,
            anchor=name,
            description=f"Golden signal {name} (manual, section 2): how many cryptos are past the critical bound.",
            panel=signals_panel,
            wait="15m",
        )
    rules.add(
        group="corrparse",
        uid="no-ingest",
        title=f"No log was stored for {settings.ingest_hours} hours",
        query="""
        SELECT coalesce(extract(epoch FROM now() - max(i.ingested_at)) / 3600, 1000000) AS value
        FROM diagnostics.ingestion_v1 AS i
        WHERE i.status IN ('complete', 'growing')""",
        severity="P1",
        role=MLOPS,
        anchor="no-ingest",
        description=(
            "Hours since a log was stored whole or growing (1000000: never). The ingest job does not run, or Airflow writes no "
            "logs where it looks."
        ),
        panel=("corrparse-pipeline", "When were logs last stored?"),
        wait="10m",
        above=settings.ingest_hours,
        watch=True,
    )
    rules.add(
        group="corrparse",
        uid="unclassified-records",
        title="Records could not be classified",
        query="""
        SELECT count(*) AS value
        FROM diagnostics.verdict_v1 AS v
        WHERE v.observed_at > now() - interval '24 hours' AND v.latest_attempt AND v.certainty = 'unclassified'""",
        severity="P2",
        role=MLOPS,
        anchor="unclassified-records",
        description=(
            "Records of the last 24 hours on which no rule could be decided, for lack of readable fields (ADR-25: no silent "
            "fallback)."
        ),
        panel=("corrparse-pipeline", "How many records could not be classified?"),
        wait="0s",
    )
    rules.add(
        group="corrparse",
        uid="failed-logs",
        title="Logs could not be read whole",
        query="""
        SELECT count(*) AS value
        FROM diagnostics.ingestion_v1 AS i
        WHERE i.ingested_at > now() - interval '24 hours' AND i.status IN ('truncated', 'corrupt', 'failed')""",
        severity="P2",
        role=MLOPS,
        anchor="failed-logs",
        description="Logs of the last 24 hours that are truncated, corrupt or unreadable.",
        panel=("corrparse-pipeline", "Which logs need somebody?"),
        wait="0s",
    )
    intervals = {**{severity: interval for severity, (_, interval) in REACTIONS.items()}, "corrparse": "5m"}
    return {
        f"{group.lower()}.yaml": {
            "apiVersion": 1,
            "groups": [
                {
                    "orgId": 1,
                    "name": f"corrparse {group}" if group != "corrparse" else "corrparse itself",
                    "folder": FOLDER,
                    "interval": intervals[group],
                    "rules": made,
                }
            ],
        }
        for group, made in rules.groups.items()
    }
