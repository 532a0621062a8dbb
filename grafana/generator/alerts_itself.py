"""Rules on corrparse itself: what it does not know."""

from .alert_rules import KNOWN_DAYS, MLOPS

# How old the last observation of an observer may be: it is asked every ten, and infra_health forgets after an hour.
OBSERVER_MINUTES = 45
# That of a model registry, which is asked every hour; challenger_count forgets after a day.
REGISTRY_HOURS = 3
UNKNOWN_HOURS = 2


def itself(rules, settings, conditions_panel):
    """Adds the rules; the panel is that of the conditions."""
    last_ingest = "(SELECT max(l.ingested_at) FROM diagnostics.ingestion_v1 AS l WHERE l.ingested_at <= now())"
    rules.add(
        group="corrparse",
        uid="no-ingest",
        title=f"No log was stored for {settings.ingest_hours} hours",
        subjects="""
          SELECT
            coalesce(extract(epoch FROM now() - max(i.ingested_at)) / 3600, 1000000) AS value,
            coalesce(extract(epoch FROM now() - max(i.ingested_at)) / 3600, 1000000) AS measured
          FROM diagnostics.ingestion_v1 AS i
          WHERE i.status IN ('complete', 'growing') AND i.ingested_at <= now()""",
        severity="P1",
        role=MLOPS,
        anchor="no-ingest",
        reason="the last log was stored VALUE hours ago (1e+06: never)",
        description=(
            "Stored is a log that was read whole or is growing. The ingest job does not run, or Airflow writes no logs where it"
            " looks."
        ),
        panel=("corrparse-pipeline", "When were logs last stored?"),
        wait="10m",
        above=settings.ingest_hours,
        watch=True,
    )
    rules.add(
        group="corrparse",
        uid="no-observation",
        title=f"The platform was not observed for {OBSERVER_MINUTES} minutes",
        label="origin",
        subjects=f"""
          SELECT o.origin, extract(epoch FROM now() - max(o.observed_at)) / 60 AS value,
            extract(epoch FROM now() - max(o.observed_at)) / 60 AS measured
          FROM diagnostics.infra_observation_v1 AS o
          WHERE o.origin LIKE 'prometheus %' AND o.observed_at > now() - interval '{KNOWN_DAYS} days' AND o.observed_at <= now()
          GROUP BY o.origin
          UNION ALL
          SELECT 'any', e.minutes, e.minutes
          FROM (
            SELECT CASE WHEN count(o.origin) = 0 THEN 1000000 ELSE 0 END AS minutes
            FROM diagnostics.infra_observation_v1 AS o
            WHERE o.origin LIKE 'prometheus %' AND o.observed_at > now() - interval '{KNOWN_DAYS} days' AND o.observed_at <= now()
          ) AS e""",
        severity="P2",
        role=MLOPS,
        anchor="no-observation",
        reason="{{ .Labels.origin }} was last observed VALUE minutes ago (1e+06: never)",
        description=(
            "corrparse observe prometheus does not run, or gets no answer: infra_health becomes unknown after an hour. Alerts on"
            " what was last seen go on."
        ),
        panel=conditions_panel,
        wait="0s",
        above=OBSERVER_MINUTES,
    )
    rules.add(
        group="corrparse",
        uid="no-registry-observation",
        title=f"The model registry was not observed for {REGISTRY_HOURS} hours",
        label="origin",
        # Where no registry was ever observed nobody is missed. Where all observers are forgotten, 'any' rings.
        subjects=f"""
          SELECT o.origin, extract(epoch FROM now() - max(o.observed_at)) / 3600 AS value,
            extract(epoch FROM now() - max(o.observed_at)) / 3600 AS measured
          FROM diagnostics.model_observation_v1 AS o
          WHERE o.observed_at > now() - interval '{KNOWN_DAYS} days' AND o.observed_at <= now()
          GROUP BY o.origin
          UNION ALL
          SELECT 'any', e.hours, e.hours
          FROM (
            SELECT
              CASE WHEN max(o.observed_at) <= now() - interval '{KNOWN_DAYS} days'
                THEN extract(epoch FROM now() - max(o.observed_at)) / 3600 ELSE 0 END AS hours
            FROM diagnostics.model_observation_v1 AS o
            WHERE o.observed_at <= now()
          ) AS e""",
        severity="P2",
        role=MLOPS,
        anchor="no-registry-observation",
        reason="{{ .Labels.origin }}: the last whole observation of the model registry is VALUE hours old",
        description=(
            "corrparse observe mlflow does not run, or could not read the registry whole: challenger_count becomes unknown after"
            " a day."
        ),
        panel=("corrparse-registry", "When was the registry last observed?"),
        wait="0s",
        above=REGISTRY_HOURS,
    )
    rules.add(
        group="corrparse",
        uid="state-unknown",
        title=f"The global state has been UNKNOWN for {UNKNOWN_HOURS} hours",
        label="condition",
        subjects="""
          SELECT
            c.condition,
            CASE WHEN c.status = 'unknown' AND NOT bool_or(c.status = 'triggered') OVER () THEN 1 ELSE 0 END AS value,
            CASE WHEN c.status = 'unknown' THEN 1 ELSE 0 END AS measured
          FROM diagnostics.global_state_conditions_at(now()) AS c""",
        severity="P2",
        role=MLOPS,
        anchor="state-unknown",
        reason="condition {{ .Labels.condition }} is unknown, and none is triggered",
        description="Nobody can say that the platform is well. The panel says what is missing.",
        panel=conditions_panel,
        wait=f"{UNKNOWN_HOURS}h",
    )
    rules.add(
        group="corrparse",
        uid="unclassified-records",
        title="Records could not be classified",
        label="dag_id",
        subjects=f"""
          SELECT coalesce(v.dag_id, '(no DAG known)') AS dag_id, count(*) FILTER (WHERE v.certainty = 'unclassified') AS value,
            count(*) FILTER (WHERE v.certainty = 'unclassified') AS measured
          FROM diagnostics.verdict_v1 AS v
          WHERE v.observed_at > {last_ingest} - interval '24 hours' AND v.observed_at <= now()
            AND v.latest_attempt
          GROUP BY 1""",
        severity="P2",
        role=MLOPS,
        anchor="unclassified-records",
        reason="VALUE records of {{ .Labels.dag_id }} could not be classified",
        description=(
            "Records of the 24 hours before the last ingest on which no rule could be decided, for lack of readable fields"
            " (ADR-25)."
        ),
        panel=("corrparse-pipeline", "How many records could not be classified?"),
        wait="0s",
    )
    rules.add(
        group="corrparse",
        uid="failed-logs",
        title="Logs could not be read whole",
        label="dag_id",
        subjects=f"""
          SELECT coalesce(i.dag_id, '(no DAG known)') AS dag_id,
            count(*) FILTER (WHERE i.status IN ('truncated', 'corrupt', 'failed')) AS value,
            count(*) FILTER (WHERE i.status IN ('truncated', 'corrupt', 'failed')) AS measured
          FROM diagnostics.ingestion_v1 AS i
          WHERE i.ingested_at > {last_ingest} - interval '24 hours'
          GROUP BY 1""",
        severity="P2",
        role=MLOPS,
        anchor="failed-logs",
        reason="VALUE logs of {{ .Labels.dag_id }} are truncated, corrupt or unreadable",
        description="Logs of the 24 hours before the last ingest.",
        panel=("corrparse-pipeline", "Which logs need somebody?"),
        wait="0s",
    )
