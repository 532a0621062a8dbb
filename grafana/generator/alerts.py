"""Alert rules as Grafana's provisioning files. Contact points and notification policies are the user's (../examples has some):
route by the labels severity (P0 … P3) and role.

A rule has one row for each subject (a crypto, a DAG, an infra input, …), which is named by labels: one alert and one
notification each. Texts such as the evidence are no labels, for an alert with other labels is another alert: the number that
is judged comes by a second query with the same labels, and stands in the annotations.

A row's value is 1 where the subject is in trouble, 0 where it is not, and null where nobody knows. A null is "no data" for
this subject alone, and it keeps its state: what rings goes on ringing when the data stop, and ends when somebody sees it well.
Grafana gives null a meaning in time series only (in a table it would be no number, which is under every threshold), hence
the column time. A subject whose row is missing is taken for well after two evaluations, so every query gives a row at least,
and a subject leaves only when it is gone. P0 has no nulls: its queries look at the last that was seen, and "no data" can only
mean that the database cannot be asked. Then P0 and the watch over ingests fire, for nobody would know otherwise.

No text holds a dollar sign, which provisioning would take for a variable of the environment.
"""

from .alert_rules import FOLDER, KNOWN_DAYS, ML, MLOPS, PLATFORM, REACTIONS, Rules
from .alerts_itself import itself
from .reference import number_text

# Who reacts to a condition of the global state (sections 4 and 8), how severe it is, for how long it has to hold, the label
# that names a subject, and the reason, with the number that is judged for VALUE. crypto_stale is P3: the dashboard shows
# it, nobody is called.
CONDITION_RULES = {
    "infra_critical": ("P0", PLATFORM, "2m", "input", "{{ .Labels.input }} is VALUE, as last seen"),
    "success_rate_critical": (
        "P1",
        MLOPS,
        "5m",
        "dag_id",
        "VALUE % of the finished runs of 7 days succeeded ({{ .Labels.dag_id }} DAGs)",
    ),
    "no_passing_candidates": (
        "P1",
        MLOPS,
        "5m",
        "dag_id",
        "none of VALUE candidates passed in the last runs of {{ .Labels.dag_id }}",
    ),
    "core_crypto_stale": ("P2", ML, "15m", "crypto", "{{ .Labels.crypto }} has had no useful strategy for VALUE days"),
    "no_useful_strategy": ("P1", MLOPS, "5m", None, "no crypto has had a useful strategy for VALUE days"),
    "success_rate_low": (
        "P2",
        MLOPS,
        "15m",
        "dag_id",
        "VALUE % of the finished runs of 7 days succeeded ({{ .Labels.dag_id }} DAGs)",
    ),
    "sortino_negative": (
        "P2",
        ML,
        "15m",
        "crypto",
        "{{ .Labels.crypto }} has lost money in its last runs; Sortino is VALUE in the last one",
    ),
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


def condition_subjects(name, label):
    """What a condition is about. Infra inputs are taken as they were last seen."""
    if label == "input":
        return """
          SELECT i.input, CASE i.status WHEN 'critical' THEN 1 ELSE 0 END AS value, coalesce(i.reading, 0) AS measured
          FROM diagnostics.infra_last_seen_at(now()) AS i"""
    named = f"s.{label}, " if label else ""
    return f"""
      SELECT {named}CASE s.status WHEN 'triggered' THEN 1 WHEN 'clear' THEN 0 END AS value, s.value AS measured
      FROM diagnostics.global_state_subjects_at(now()) AS s
      WHERE s.condition = '{name}'"""


def write(reference, settings, dashboards):
    """File name to its content."""
    rules = Rules(dashboards, settings)
    overview = "corrparse-overview"
    signals_panel = (overview, "Which golden signals are out of bounds?")
    conditions_panel = (overview, "Why: which conditions are triggered, which unknown?")
    for condition in reference.conditions:
        name = condition["condition"]
        # A condition without an entry is a mistake, one with None a decision.
        if CONDITION_RULES[name] is None:
            continue
        severity, role, wait, label, reason = CONDITION_RULES[name]
        rules.add(
            uid=name.replace("_", "-"),
            title=f"{condition['contributes']}: {condition['meaning']}",
            label=label,
            labels={"condition": name},
            subjects=condition_subjects(name, label),
            severity=severity,
            role=role,
            anchor=name,
            reason=reason,
            description=f"Condition {name} of the global state (manual, section 0); the panel shows its whole evidence.",
            panel=conditions_panel,
            wait=wait,
        )
    recurrent = reference.settings["recurrent_runs"]
    rules.add(
        uid="pipeline-blocked",
        title="The pipeline is blocked: runs fail and none succeeds",
        subjects=f"""
          SELECT
            CASE WHEN count(*) FILTER (WHERE run.state = 'failed') >= {recurrent}
              AND count(*) FILTER (WHERE run.state = 'success') = 0 THEN 1 ELSE 0 END AS value,
            count(*) FILTER (WHERE run.state = 'failed') AS measured
          FROM diagnostics.run_diagnosis_v1 AS run
          WHERE run.crypto IS NULL
            AND run.ended_at > (
              SELECT max(l.ended_at) FROM diagnostics.run_diagnosis_v1 AS l
              WHERE l.crypto IS NULL AND l.ended_at <= now() AND l.state IN ('success', 'failed')
            ) - interval '24 hours'""",
        severity="P0",
        role=PLATFORM,
        anchor="pipeline-blocked",
        reason="all of the last VALUE runs failed",
        description=f"Manual, section 8, P0. In the 24 hours before the last run ended at least {recurrent} runs finished and all"
        " of them failed.",
        panel=("corrparse-pipeline", "Do the nights' runs finish, and how?"),
        wait="5m",
    )
    rules.add(
        uid="no-candidates",
        title="A complete run passed none of its candidates",
        label="dag_id",
        labels={"code": "NO_CANDIDATES"},
        subjects=f"""
          SELECT d.dag_id, CASE WHEN count(d.found) > 0 THEN 1 ELSE 0 END AS value, count(d.found) AS measured
          FROM (
            SELECT
              r.dag_id, r.ended_at, CASE WHEN r.primary_code = 'NO_CANDIDATES' THEN 1 END AS found,
              max(r.ended_at) OVER (PARTITION BY r.dag_id) AS last_at
            FROM diagnostics.run_diagnosis_v1 AS r
            WHERE r.crypto IS NULL AND r.ended_at > now() - interval '{KNOWN_DAYS} days' AND r.ended_at <= now()
              AND r.state IN ('success', 'failed')
          ) AS d
          WHERE d.ended_at > d.last_at - interval '24 hours'
          GROUP BY d.dag_id""",
        severity="P1",
        role=MLOPS,
        anchor="NO_CANDIDATES",
        reason="VALUE of the last runs of {{ .Labels.dag_id }} passed none of their candidates",
        description="Manual, section 8, P1. Runs of the DAG in the 24 hours before its last run ended.",
        panel=(overview, "What came of the latest runs?"),
        wait="0s",
    )
    for signal in reference.signals:
        name = signal["signal"]
        role = SIGNAL_RULES[name]
        if role is None:
            continue
        bound = reference.bound(name, "critical")
        past = f"{bound['comparison']} {number_text(bound['bound'])}"
        rules.add(
            uid=name.replace("_", "-"),
            title=f"{name} is critical ({past})",
            label="crypto",
            labels={"signal": name},
            subjects=f"""
              SELECT
                s.scope AS crypto, CASE s.status WHEN 'critical' THEN 1 WHEN 'unknown' THEN NULL ELSE 0 END AS value,
                s.value AS measured
              FROM diagnostics.golden_signals_at(now()) AS s
              WHERE s.signal = '{name}'""",
            severity="P2",
            role=role,
            anchor=name,
            reason=f"{{{{ .Labels.crypto }}}}: {name} is VALUE{' ' + signal['unit'] if signal['unit'] else ''}, critical {past}",
            description=f"Golden signal {name} (manual, section 2).",
            panel=signals_panel,
            wait="15m",
        )
    _drift(rules)
    itself(rules, settings, conditions_panel)
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
        if made
    }


def _drift(rules):
    for quantity, name in (("f1_gain", "The F1 gain"), ("buy_rate", "buy_rate"), ("sortino", "Sortino")):
        rules.add(
            uid=f"drift-{quantity.replace('_', '-')}",
            title=f"{name} drifts: the last 7 days are not like the 30 days before",
            label="crypto",
            labels={"quantity": quantity},
            subjects=f"""
              SELECT
                d.crypto, CASE d.status WHEN 'critical' THEN 1 WHEN 'unknown' THEN NULL ELSE 0 END AS value, d.index AS measured
              FROM diagnostics.drift_at(now()) AS d
              WHERE d.quantity = '{quantity}'""",
            severity="P3",
            role=ML,
            anchor="drift",
            reason=f"{{{{ .Labels.crypto }}}}: the population stability index of {quantity} is VALUE",
            description="Drift monitoring is the manual's open target; this measure and its bounds are corrparse's.",
            panel=("corrparse-testing", "Does anything drift?"),
            wait="0s",
        )
