"""Run drill-down: everything about one DAG run."""

from generator import boards
from generator import panels as p
from generator.reference import LOG_COLOURS, OUTCOME_COLOURS, SEVERITY_COLOURS

from .common import GATE_FIELDS, NO_PRIMARY, RUN, code_columns, latest_dag


def run(reference, settings):
    def whole(column):
        return f"SELECT {column} FROM diagnostics.run_diagnosis_v1 AS v WHERE {RUN} AND v.crypto IS NULL"

    state = p.stat(
        "Did the run succeed?",
        "Manual, section 6.1, step 3. From the latest attempts of its tasks.",
        whole("v.state"),
        field="state",
        text=True,
        anchor="PIPELINE_DEGRADED",
        mappings=p.mappings(OUTCOME_COLOURS),
    )
    primary = p.stat(
        "What is its primary diagnosis?",
        "Manual, section 7: « Chaque run de testing/backtest doit produire un diagnostic principal ».",
        whole("coalesce(v.primary_code, '(none)') AS primary_code"),
        field="primary_code",
        text=True,
        anchor="taxonomy",
        mappings=p.mappings(reference.diagnosis_colours),
    )
    severity = p.stat(
        "How severe is it?",
        "Manual, section 8. Of the worst record with that diagnosis.",
        whole("v.severity"),
        field="severity",
        text=True,
        anchor="severities",
        mappings=p.mappings(SEVERITY_COLOURS),
    )
    passed = p.stat(
        "How many candidates passed?",
        "Manual, section 9.3: « 0 candidats passes sur un run complet » is NO_CANDIDATES.",
        whole("v.passed"),
        field="passed",
        anchor="NO_CANDIDATES",
        unit="short",
        color={"mode": "fixed", "fixedColor": "text"},
    )
    candidates = p.stat(
        "Of how many candidates?",
        "Manual, section 9.3. The summary's count; without a summary, tested strategies.",
        whole("v.candidates"),
        field="candidates",
        anchor="NO_CANDIDATES",
        unit="short",
        color={"mode": "fixed", "fixedColor": "text"},
    )
    duration = p.stat(
        "How long did it take?",
        "Manual, section 9.5: « duree run > p95 + 30% ou > 3h absolu ».",
        whole("extract(epoch FROM v.ended_at - v.started_at) AS duration"),
        field="duration",
        anchor="pipeline_latency",
        unit="s",
        color={"mode": "fixed", "fixedColor": "text"},
    )
    cryptos = p.table(
        "What is the diagnosis of each crypto?",
        "Manual, section 7, and section 13: « Comparaison intra-crypto uniquement (ADR-27) ».",
        "SELECT v.crypto, v.primary_code, v.severity, v.passed, v.candidates, v.records, v.code_counts::text AS code_counts"
        f" FROM diagnostics.run_diagnosis_v1 AS v WHERE {RUN} AND v.crypto IS NOT NULL ORDER BY v.crypto",
        code_columns(reference),
        anchor="taxonomy",
    )
    codes = p.bar_chart(
        "How often was each code found?",
        "Manual, section 7. Records of the latest attempts by primary code; every finding of a record is in the table below.",
        f"""
        SELECT {NO_PRIMARY} AS primary_code, count(*) AS records
        FROM diagnostics.verdict_v1 AS v
        WHERE {RUN} AND v.latest_attempt
        GROUP BY 1
        ORDER BY 2 DESC, 1""",
        "primary_code",
        [p.by_name("primary_code", mappings=p.mappings(reference.diagnosis_colours))],
        anchor="taxonomy",
    )
    gates = p.bar_chart(
        "Which gates reject its strategies?",
        "Manual, section 9.3, verification 1: « Gate rejection reasons ». Tested strategies of the latest attempts.",
        f"""
        SELECT g.key AS gate, count(*) FILTER (WHERE g.value = 'fail') AS fail, count(*) FILTER (WHERE g.value = 'pass') AS pass
        FROM diagnostics.verdict_v1 AS v
        CROSS JOIN LATERAL jsonb_each_text(v.gates) AS g
        WHERE {RUN} AND v.latest_attempt
        GROUP BY g.key
        ORDER BY 2 DESC, 1""",
        "gate",
        [p.by_name(name, color={"mode": "fixed", "fixedColor": colour}) for name, colour in GATE_FIELDS.items()],
        anchor="NO_CANDIDATES",
    )
    records = p.table(
        "What does every record say?",
        "Manual, section 6.3: « qualite ML », « qualite financiere » and « coherence » of each tested strategy, with what was "
        "found in one sentence. The most severe first, at most 500.",
        f"""
        SELECT v.crypto, v.phase, v.horizon, v.sl, v.tp, v.fold, v.primary_code, v.severity, v.certainty, v.explanation, v.f1_buy,
          v.baseline_f1_buy, v.delta_points, v.precision_buy, v.recall_buy, v.buy_rate, v.action_rate, v.std_f1_buy,
          v.screening_gap, v.sortino, v.tp_pct, v.sl_pct, v.timeout_pct, v.n_trades, v.gates_passed,
          (SELECT string_agg(g.key || ' ' || g.value, ', ' ORDER BY g.value, g.key) FROM jsonb_each_text(v.gates) AS g) AS gates,
          v.useful, array_to_string(v.findings, ', ') AS findings, v.observed_at, v.source, v.line,
          v.dag_id, v.run_id, v.task_id, v.try_number, {p.AIRFLOW_COLUMNS.format("v")}
        FROM diagnostics.verdict_v1 AS v
        WHERE {RUN} AND v.latest_attempt
        ORDER BY array_position(ARRAY['P0', 'P1', 'P2', 'P3', 'none'], v.severity), v.observed_at, v.block
        LIMIT 500""",
        [
            *code_columns(reference),
            p.by_name("explanation", custom__width=500),
            *p.hidden("dag_id", "run_id", "task_id", "try_number", "task_path", "airflow_map_index"),
            p.by_name("source", links=p.AIRFLOW_LOG),
        ],
        anchor="taxonomy",
    )
    attempts = p.table(
        "What became of its tasks?",
        "Manual, section 9.5, verification 1: « Identifier le step bloquant dans Airflow ». Every attempt; a task's name leads "
        "to its log.",
        f"""
        SELECT v.task_id, v.map_index, v.try_number, v.latest_attempt, v.state, v.stated, v.started_at, v.ended_at,
          v.duration_seconds, v.dag_id, v.run_id, {p.AIRFLOW_COLUMNS.format("v")}
        FROM diagnostics.task_attempt_v1 AS v
        WHERE {RUN}
        ORDER BY v.started_at, v.task_id, v.map_index, v.try_number
        LIMIT 1000""",
        [
            p.coloured("state", OUTCOME_COLOURS, custom__width=110),
            p.by_name("duration_seconds", unit="s"),
            *p.hidden("dag_id", "run_id", "task_path", "airflow_map_index"),
            p.by_name("task_id", links=p.AIRFLOW_LOG),
        ],
        anchor="PIPELINE_DEGRADED",
    )
    sources = f"ANY (ARRAY(SELECT v.source FROM diagnostics.ingestion_v1 AS v WHERE {RUN}))"
    issues = p.table(
        "What could not be parsed?",
        "Manual, glossary, CORRELATION DATA: « interface stable (ADR-30) ». Issues of the run's logs.",
        f"""
        SELECT n.kind, n.key, n.raw, n.source, n.line, n.block, n.observed_at
        FROM diagnostics.issue_v1 AS n
        WHERE n.source = {sources}
        ORDER BY n.source, n.line
        LIMIT 200""",
        anchor="parse-issues",
    )
    logs = p.table(
        "Were its logs read whole?",
        "Manual, section 13 (ADR-25). The locations that the run's records come from.",
        f"""
        SELECT v.status, v.location, v.size_bytes, v.blocks, v.issues, v.ingested_at, v.error
        FROM diagnostics.ingestion_v1 AS v
        WHERE {RUN}
        ORDER BY v.location""",
        [p.coloured("status", LOG_COLOURS, custom__width=90), p.by_name("size_bytes", unit="bytes")],
        anchor="failed-logs",
    )
    dag = latest_dag("d.crypto IS NULL", "DAGs of which a run began in the range, the latest first")
    chosen = boards.query_variable(
        "run",
        "Run",
        """
        SELECT d.run_id
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE d.dag_id = ${dag:sqlstring} AND d.crypto IS NULL AND $__timeFilter(d.started_at)
        ORDER BY d.started_at DESC
        LIMIT 1000""",
        multi=False,
        description="Runs of that DAG which began in the range, the latest first",
    )
    return boards.dashboard(
        "corrparse-run",
        "Run drill-down",
        "Everything about one DAG run: what it found, why, and where the log is (manual, section 6.3).",
        [
            (
                "The run",
                [
                    [(state, 4, 5), (primary, 6, 5), (severity, 3, 5), (passed, 4, 5), (candidates, 4, 5), (duration, 3, 5)],
                    [(cryptos, 12, 9), (codes, 6, 9), (gates, 6, 9)],
                ],
            ),
            ("Records", [[(records, 24, 14)]]),
            ("Tasks and logs", [[(attempts, 24, 9)], [(issues, 12, 8), (logs, 12, 8)]]),
        ],
        [dag, chosen],
        settings,
    )
