"""Pipeline health: runs, attempts, logs."""

from generator import boards
from generator import panels as p
from generator.reference import LOG_COLOURS, OUTCOME_COLOURS, STATUS_COLOURS, number

from .common import AT, DAGS, DAY, every_dag, variables


def pipeline(reference, settings):
    whole_runs = f"FROM diagnostics.run_diagnosis_v1 AS run\n        WHERE run.crypto IS NULL AND run.dag_id = {DAGS}"
    success = p.bar_gauge(
        "Do the pipelines succeed?",
        "Manual, section 2, pipeline_success_rate: « Taux de succes glissant (7j) ». Per DAG and over all, as of the end of "
        f"the range. Bounds: {reference.bounds_text('pipeline_success_rate')}.",
        f"""
        SELECT s.scope AS dag, s.value AS success_rate FROM diagnostics.golden_signals_at({AT}) AS s
        WHERE s.signal = 'pipeline_success_rate' AND s.value IS NOT NULL AND (s.scope = 'all' OR s.scope = {DAGS})
        ORDER BY s.scope <> 'all', 1""",
        anchor="pipeline_success_rate",
        unit="percent",
        decimals=1,
        min=0,
        max=100,
        thresholds={"mode": "absolute", "steps": reference.steps("pipeline_success_rate")},
    )
    latency = p.table(
        "Does a run take longer than usual?",
        "Manual, section 2, pipeline_latency: « Duree glissante vs p95 historique ». The last finished run of each DAG "
        f"against the p95 of those before it. Bounds: {reference.bounds_text('pipeline_latency')} (p95: times the p95; "
        "duration: seconds).",
        f"""
        SELECT s.status, s.scope AS dag, s.value AS duration, s.reason, s.observed_at
        FROM diagnostics.golden_signals_at({AT}) AS s
        WHERE s.signal = 'pipeline_latency' AND s.scope = {DAGS}
        ORDER BY array_position(ARRAY['critical', 'warning', 'unknown', 'ok'], s.status), s.scope""",
        [p.coloured("status", STATUS_COLOURS, custom__width=90), p.by_name("duration", unit="s", custom__width=100)],
        anchor="pipeline_latency",
    )
    outcomes = p.time_series(
        "Do the nights' runs finish, and how?",
        "Manual, section 6.1, step 3: « runs de la nuit termines », « taux d'echec dans la norme ». Runs of the DAG per"
        " day by state.",
        f"""
        SELECT {DAY.format("run.started_at")} AS "time", run.state AS metric, count(*) AS value
        {whole_runs} AND $__timeFilter(run.started_at)
        GROUP BY 1, 2
        ORDER BY 1, 2""",
        [p.by_name(name, color={"mode": "fixed", "fixedColor": colour}) for name, colour in OUTCOME_COLOURS.items()],
        "PIPELINE_DEGRADED",
        bars=True,
        interval="1d",
    )
    three_hours = number(reference.bound("pipeline_latency", "warning", "duration")["bound"])
    durations = p.time_series(
        "Do durations drift?",
        "Manual, section 6.1, step 3: « pas de derive de duree »; section 9.5: « duree run > p95 + 30% ou > 3h absolu ». A "
        f"point for each finished run of the DAG; the dashed line is the p{reference.settings['latency_percentile']} of the "
        f"{reference.settings['latency_hours']} h before the end of the range.",
        [
            f"""
        SELECT run.started_at AS "time", run.dag_id AS metric, extract(epoch FROM run.ended_at - run.started_at) AS value
        {whole_runs} AND $__timeFilter(run.started_at) AND run.state IN ('success', 'failed')
        ORDER BY 1, 2""",
            f"""
        WITH usual AS (
          SELECT run.dag_id, percentile_cont({int(reference.settings["latency_percentile"]) / 100})
            WITHIN GROUP (ORDER BY extract(epoch FROM run.ended_at - run.started_at)::double precision) AS p95
          FROM diagnostics.run_diagnosis_v1 AS run
          WHERE run.crypto IS NULL AND run.dag_id = {DAGS} AND run.state IN ('success', 'failed') AND run.started_at IS NOT NULL
            AND run.ended_at BETWEEN {AT} - interval '{reference.settings["latency_hours"]} hours' AND {AT}
          GROUP BY run.dag_id
          HAVING count(*) >= {reference.settings["latency_runs"]}
        )
        SELECT t.at AS "time", 'p95 ' || usual.dag_id AS metric, usual.p95 AS value
        FROM usual
        CROSS JOIN unnest(ARRAY[$__timeFrom()::timestamptz, $__timeTo()::timestamptz]) AS t (at)
        ORDER BY 1, 2""",
        ],
        [
            {
                "matcher": {"id": "byRegexp", "options": "/^p95 /"},
                "properties": [
                    {"id": "custom.drawStyle", "value": "line"},
                    {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}},
                    {"id": "custom.showPoints", "value": "never"},
                ],
            }
        ],
        "pipeline_latency",
        points=True,
        unit="s",
        steps=[{"color": STATUS_COLOURS["ok"], "value": None}, {"color": STATUS_COLOURS["warning"], "value": three_hours}],
    )
    failed = p.table(
        "Which task attempts failed?",
        "Manual, section 9.5, verification 1: « Identifier le step bloquant dans Airflow ». The newest failed attempts and "
        "those that are to be retried. A run's name leads to its dashboard and to the task's log in Airflow.",
        f"""
        SELECT a.ended_at, a.state, a.dag_id, a.run_id, a.task_id, a.map_index, a.try_number, a.latest_attempt,
          a.duration_seconds, {p.AIRFLOW_COLUMNS.format("a")}
        FROM diagnostics.task_attempt_v1 AS a
        WHERE a.dag_id = {DAGS}
          AND a.run_id = ANY (ARRAY(
            SELECT run.run_id {whole_runs} AND run.ended_at >= $__timeFrom() AND run.started_at <= $__timeTo()))
          AND $__timeFilter(a.ended_at) AND a.state IN ('failed', 'up_for_retry')
        ORDER BY a.ended_at DESC
        LIMIT 100""",
        [
            p.coloured("state", OUTCOME_COLOURS, custom__width=110),
            p.by_name("duration_seconds", unit="s"),
            *p.hidden("task_path", "airflow_map_index"),
            p.by_name("run_id", links=[p.RUN_LINK, *p.AIRFLOW_LOG]),
        ],
        anchor="PIPELINE_DEGRADED",
    )
    backlog = p.table(
        "Is there a backlog?",
        "Manual, section 6.1, step 3: « absence de backlog ». Runs of the range that have not finished, or of which nobody "
        "knows; the oldest first.",
        f"""
        SELECT run.started_at, run.state, run.dag_id, run.run_id, run.ended_at
        {whole_runs} AND $__timeFilter(run.started_at) AND run.state IN ('running', 'unknown')
        ORDER BY run.started_at
        LIMIT 100""",
        [p.coloured("state", OUTCOME_COLOURS, custom__width=100), p.by_name("run_id", links=[p.RUN_LINK])],
        anchor="pipeline_latency",
    )
    last_ingest = p.stat(
        "When were logs last stored?",
        "Manual, section 13: « Pas de fallback silencieux dans les diagnostics (ADR-25) »: without ingests everything here "
        f"grows old. The last log that was stored whole or is growing. Alert after {settings.ingest_hours} h.",
        """
        SELECT extract(epoch FROM max(i.ingested_at)) * 1000 AS last_ingest
        FROM diagnostics.ingestion_v1 AS i
        WHERE i.status IN ('complete', 'growing')""",
        field="last_ingest",
        unit="dateTimeFromNow",
        anchor="no-ingest",
        color={"mode": "fixed", "fixedColor": "text"},
    )
    unclassified = p.stat(
        "How many records could not be classified?",
        "Manual, section 13: « Pas de fallback silencieux dans les diagnostics (ADR-25) ». Records of the 24 hours before the "
        "end of the range on which no rule could be decided.",
        f"""
        SELECT count(*) AS unclassified
        FROM diagnostics.verdict_v1 AS v
        WHERE v.observed_at > {AT} - interval '24 hours' AND v.observed_at <= {AT}
          AND v.latest_attempt AND v.certainty = 'unclassified'""",
        field="unclassified",
        anchor="unclassified-records",
        unit="short",
        thresholds={
            "mode": "absolute",
            "steps": [{"color": STATUS_COLOURS["ok"], "value": None}, {"color": STATUS_COLOURS["warning"], "value": 1}],
        },
    )
    ingests = p.time_series(
        "Are logs read without damage?",
        "Manual, section 13 (ADR-25). Logs per day by what their reading came to.",
        f"""
        SELECT {DAY.format("i.ingested_at")} AS "time", i.status AS metric, count(*) AS value
        FROM diagnostics.ingestion_v1 AS i
        WHERE $__timeFilter(i.ingested_at)
        GROUP BY 1, 2
        ORDER BY 1, 2""",
        [p.by_name(name, color={"mode": "fixed", "fixedColor": colour}) for name, colour in LOG_COLOURS.items()],
        "failed-logs",
        bars=True,
        interval="1d",
    )
    bad_logs = p.table(
        "Which logs need somebody?",
        "Manual, section 13 (ADR-25). The newest logs of the range that are truncated, corrupt or could not be read at all.",
        f"""
        SELECT i.ingested_at, i.status, i.location, i.error, i.dag_id, i.run_id, i.task_id, i.map_index, i.try_number,
          {p.AIRFLOW_COLUMNS.format("i")}
        FROM diagnostics.ingestion_v1 AS i
        WHERE $__timeFilter(i.ingested_at) AND i.status IN ('truncated', 'corrupt', 'failed')
        ORDER BY i.ingested_at DESC
        LIMIT 100""",
        [
            p.coloured("status", LOG_COLOURS, custom__width=90),
            *p.hidden("task_path", "airflow_map_index"),
            p.by_name("run_id", links=p.AIRFLOW_LOG),
        ],
        anchor="failed-logs",
    )
    issues = p.table(
        "What could not be parsed?",
        "Manual, glossary, CORRELATION DATA: « interface stable (ADR-30) ». What was wrong with blocks of the 50 newest logs "
        "of the range that have issues, by kind and key.",
        """
        SELECT n.kind, n.key, count(*) AS issues, count(DISTINCT n.source) AS logs, max(n.observed_at) AS latest,
          min(n.raw) AS example
        FROM diagnostics.issue_v1 AS n
        WHERE n.source = ANY (ARRAY(
          SELECT i.source FROM diagnostics.ingestion_v1 AS i
          WHERE $__timeFilter(i.ingested_at) AND i.issues > 0
          ORDER BY i.ingested_at DESC
          LIMIT 50))
        GROUP BY n.kind, n.key
        ORDER BY 3 DESC, 1, 2""",
        anchor="parse-issues",
    )
    return boards.dashboard(
        "corrparse-pipeline",
        "Pipeline Health",
        "Execution (manual, sections 5 and 6.1, step 3): success rate, durations, failed attempts, and corrparse's own health.",
        [
            ("Golden signals (manual, section 2)", [[(success, 8, 9), (latency, 16, 9)]]),
            (
                "Runs of each DAG",
                [
                    [(boards.repeated(outcomes, "dag"), 24, 8)],
                    [(boards.repeated(durations, "dag"), 24, 8)],
                    [(failed, 14, 9), (backlog, 10, 9)],
                ],
            ),
            (
                "corrparse itself",
                [[(last_ingest, 4, 8), (unclassified, 4, 8), (ingests, 16, 8)], [(bad_logs, 14, 9), (issues, 10, 9)]],
            ),
        ],
        variables(every_dag(), group=False),
        settings,
    )
