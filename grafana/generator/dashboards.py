"""The four dashboards. A panel's title is the question of the manual that it answers; its description names the manual's
section and, in «», the manual's own words.

Queries read the schema diagnostics only. A list of a variable is compared as `= ANY (ARRAY[…]::text[])`, which stays
valid where a variable has no value at all, as on an empty database. What has no time of its own (state, signals) is
shown as of the end of the chosen range, so that the same panels tell how things stood at any instant.
"""

from . import panels as p
from .reference import (
    CODE_COLOURS,
    CONDITION_COLOURS,
    LOG_COLOURS,
    NO_CODE_COLOURS,
    OUTCOME_COLOURS,
    SEVERITY_COLOURS,
    STATE_COLOURS,
    STATUS_COLOURS,
    number,
)

# The end of the range, but never the future: a state of then would be made of what is not yet known.
AT = "least($__timeTo()::timestamptz, now())"
DAGS = "ANY (ARRAY[${dag:sqlstring}]::text[])"
CRYPTOS = "ANY (ARRAY[${crypto:sqlstring}]::text[])"
CODES = "ANY (ARRAY[${code:sqlstring}]::text[])"
RUN = "v.dag_id = ${dag:sqlstring} AND v.run_id = ${run:sqlstring}"
ALL_CODE_COLOURS = {**CODE_COLOURS, **NO_CODE_COLOURS}
GATE_FIELDS = {"fail": STATUS_COLOURS["critical"], "pass": STATUS_COLOURS["ok"]}
NO_PRIMARY = "coalesce(v.primary_code, CASE v.certainty WHEN 'certain' THEN '(all clear)' ELSE '(unclassified)' END)"


def code_fields():
    """A series or column for each code, in the code's colour."""
    return [p.by_name(code, color={"mode": "fixed", "fixedColor": colour}) for code, colour in ALL_CODE_COLOURS.items()]


def code_columns(name="primary_code"):
    return [
        p.coloured(name, ALL_CODE_COLOURS, links=[p.playbook_link("${__data.fields." + name + "}", "Playbook of this code")]),
        p.coloured("severity", SEVERITY_COLOURS, custom__width=80),
    ]


def best_strategies(columns):
    """The best strategy (3-classification, Useful and best strategies) of every chosen crypto in every chosen run that began in
    the range."""
    return f"""
        SELECT {columns}
        FROM diagnostics.best_strategy_v1 AS v
        WHERE $__timeFilter(v.started_at) AND v.dag_id = {DAGS} AND v.crypto = {CRYPTOS}"""


def best_over_time(column):
    """That strategy's value over the runs, a series for each crypto."""
    return (
        best_strategies(f'v.started_at AS "time", v.crypto AS metric, v.{column} AS value')
        + """
        ORDER BY 1, 2"""
    )


def variables(codes=False, group=True):
    """DAG, group, crypto and code; from the signals, which know the DAGs and cryptos there are without a search."""
    made = [
        p.query_variable(
            "dag",
            "DAG",
            f"""
        SELECT s.scope FROM diagnostics.golden_signals_at({AT}) AS s
        WHERE s.signal = 'pipeline_latency' ORDER BY 1""",
            description="DAGs that have run, and the test DAGs",
        )
    ]
    if group:
        made += [
            p.query_variable(
                "group",
                "Group",
                f"""
                SELECT DISTINCT coalesce(g.crypto_group, '(no group)')
                FROM diagnostics.golden_signals_at({AT}) AS s
                CROSS JOIN LATERAL (
                  SELECT v.crypto_group FROM diagnostics.verdict_v1 AS v
                  WHERE v.crypto = s.scope ORDER BY v.observed_at DESC LIMIT 1
                ) AS g
                WHERE s.signal = 'model_freshness' ORDER BY 1""",
                description="Groups of the universe (manual, section 11)",
            ),
            p.query_variable(
                "crypto",
                "Crypto",
                f"""
                SELECT s.scope
                FROM diagnostics.golden_signals_at({AT}) AS s
                CROSS JOIN LATERAL (
                  SELECT v.crypto_group FROM diagnostics.verdict_v1 AS v
                  WHERE v.crypto = s.scope ORDER BY v.observed_at DESC LIMIT 1
                ) AS g
                WHERE s.signal = 'model_freshness'
                  AND coalesce(g.crypto_group, '(no group)') = ANY (ARRAY[${{group:sqlstring}}]::text[])
                ORDER BY 1""",
                description="Cryptos of those groups that have records; compare within one crypto only (ADR-27)",
            ),
        ]
    if codes:
        made.append(
            p.query_variable(
                "code",
                "Code",
                "SELECT t.code FROM diagnostics.taxonomy_v1 AS t WHERE t.is_current ORDER BY t.position",
                refresh=1,
                description="Codes of the taxonomy (manual, section 7)",
            )
        )
    return made


def overview(reference, settings):
    state = p.stat(
        "What is the global state?",
        "Manual, section 0: « Toute session d'exploitation commence par determiner l'etat global ». The worst triggered condition"
        " decides; UNKNOWN where none is triggered and something is not known. As of the end of the range.",
        f"SELECT s.state FROM diagnostics.global_state_at({AT}) AS s",
        field="state",
        text=True,
        anchor="global-state",
        mappings=p.mappings(STATE_COLOURS),
    )
    since = p.stat(
        "Since when?",
        "Manual, section 0. Since an ingest first noted this state; else the end of the range.",
        f"SELECT extract(epoch FROM s.since) * 1000 AS since FROM diagnostics.global_state_at({AT}) AS s",
        field="since",
        unit="dateTimeFromNow",
        anchor="global-state",
        color={"mode": "fixed", "fixedColor": "text"},
    )
    reasons = p.table(
        "Why: which conditions are triggered, which unknown?",
        "Manual, section 0, « Regles de calcul ». Every condition with its evidence, the worst first; an unknown one is never"
        " taken for clear.",
        f"""
        SELECT c.contributes AS state, c.status, c.condition, c.evidence
        FROM diagnostics.global_state_conditions_at({AT}) AS c
        ORDER BY array_position(ARRAY['triggered', 'unknown', 'clear'], c.status),
          array_position(ARRAY['RED', 'ORANGE', 'YELLOW'], c.contributes), c.condition""",
        [
            p.coloured("state", STATE_COLOURS, custom__width=90),
            p.coloured("status", CONDITION_COLOURS, custom__width=90),
            p.by_name(
                "condition",
                custom__width=180,
                links=[p.playbook_link("${__data.fields.condition}", "What to do about this condition")],
            ),
        ],
        anchor="global-state",
    )
    signals = p.table(
        "Which golden signals are out of bounds?",
        "Manual, section 2: « Ces signaux sont le noyau de la supervision ». The worst first; unknown is a status of its own, "
        "with its reason. Bounds: "
        + "; ".join(f"{s['signal']}: {reference.bounds_text(s['signal'])}" for s in reference.signals)
        + ".",
        f"""
        SELECT s.status, s.signal, s.scope, s.value, s.unit, s.reason, s.observed_at
        FROM diagnostics.golden_signals_at({AT}) AS s
        ORDER BY array_position(ARRAY['critical', 'warning', 'unknown', 'ok'], s.status), s.signal, s.scope""",
        [
            p.coloured("status", STATUS_COLOURS, custom__width=90),
            p.by_name("scope", custom__width=160),
            p.by_name("value", decimals=3, custom__width=90),
            p.by_name("unit", custom__width=50),
            p.by_name(
                "signal", custom__width=210, links=[p.playbook_link("${__data.fields.signal}", "What to do about this signal")]
            ),
        ],
        anchor="golden-signals",
    )
    freshness = p.bar_gauge(
        "How old is each crypto's last useful model?",
        "Manual, section 2, model_freshness: « Age du dernier modele utile ». In days; a crypto without records has no bar."
        f" Bounds: {reference.bounds_text('model_freshness')}.",
        f"""
        SELECT s.scope AS crypto, s.value AS days FROM diagnostics.golden_signals_at({AT}) AS s
        WHERE s.signal = 'model_freshness' AND s.scope = {CRYPTOS} AND s.value IS NOT NULL
        ORDER BY s.value DESC""",
        anchor="model_freshness",
        unit="d",
        decimals=1,
        min=0,
        thresholds={"mode": "absolute", "steps": reference.steps("model_freshness")},
    )
    primaries = p.time_series(
        "What do the runs say, day by day?",
        "Manual, section 7: « Chaque run de testing/backtest doit produire un diagnostic principal ». Runs per day and primary"
        " diagnosis, counted per crypto (a run over six cryptos counts six times). Days are UTC.",
        f"""
        SELECT $__timeGroupAlias(d.started_at, $__interval), coalesce(d.primary_code, '(none)') AS metric, count(*) AS value
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE $__timeFilter(d.started_at) AND d.dag_id = {DAGS} AND d.crypto = {CRYPTOS}
        GROUP BY 1, 2
        ORDER BY 1, 2""",
        code_fields(),
        "taxonomy",
        bars=True,
        interval="1d",
    )
    useful = p.time_series(
        "How many useful candidates are there?",
        "Manual, section 6.1, step 4: « nouveaux candidats qualifies ». Strategies with a signal (ML_EXPLOITABLE or"
        " ML_SOLID), neither unstable nor overfit, that passed their gates, per day on which their run began. Days are UTC.",
        f"""
        SELECT $__timeGroupAlias(d.started_at, $__interval), d.crypto AS metric, sum(d.useful) AS value
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE $__timeFilter(d.started_at) AND d.dag_id = {DAGS} AND d.crypto = {CRYPTOS} AND d.useful > 0
        GROUP BY 1, 2
        ORDER BY 1, 2""",
        anchor="no_useful_strategy",
        bars=True,
        interval="1d",
    )
    pass_rate = p.time_series(
        "Is the pass rate normal?",
        "Manual, section 6.1, step 4: « pass rate dans la norme ». Passed among candidates per day and DAG; read it in the "
        "context of the grid (section 11). Days are UTC.",
        f"""
        SELECT $__timeGroupAlias(d.started_at, $__interval), d.dag_id AS metric,
          100.0 * sum(d.passed) / nullif(sum(d.candidates), 0) AS value
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE $__timeFilter(d.started_at) AND d.dag_id = {DAGS} AND d.crypto IS NULL AND d.candidates > 0
        GROUP BY 1, 2
        ORDER BY 1, 2""",
        anchor="NO_CANDIDATES",
        unit="percent",
        interval="1d",
    )
    latest = p.table(
        "What came of the latest runs?",
        "Manual, section 6.1, step 4: « fraicheur des derniers runs utiles ». The primary diagnosis of each whole run. A run's "
        "name leads to its own dashboard.",
        f"""
        SELECT d.started_at, d.dag_id, d.run_id, d.state, d.primary_code, d.severity, d.passed, d.candidates, d.records
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE $__timeFilter(d.started_at) AND d.dag_id = {DAGS} AND d.crypto IS NULL
        ORDER BY d.started_at DESC
        LIMIT 20""",
        [*code_columns(), p.coloured("state", OUTCOME_COLOURS, custom__width=90), p.by_name("run_id", links=[p.RUN_LINK])],
        anchor="taxonomy",
    )
    return p.dashboard(
        "corrparse-overview",
        "MLOps Overview",
        "The morning check (manual, section 6.1): global state with its reasons, golden signals, results. Begin here.",
        [
            ("Global state (manual, section 0)", [[(state, 4, 8), (since, 4, 8), (reasons, 16, 8)]]),
            ("Golden signals (manual, section 2)", [[(signals, 16, 11), (freshness, 8, 11)]]),
            (
                "Results (manual, section 6.1, step 4)",
                [[(primaries, 12, 9), (useful, 12, 9)], [(pass_rate, 8, 9), (latest, 16, 9)]],
            ),
        ],
        variables(),
        settings,
    )


def testing(reference, settings):
    def signal_series(title, quote, signal, value, unit="short"):
        return p.time_series(
            title,
            f"Manual, section 2, {signal}: « {quote} ». Of the best strategy (highest Sortino) of the crypto in each run."
            f" Bounds: {reference.bounds_text(signal)}. Compare within one crypto only (ADR-27).",
            best_over_time(value),
            anchor=signal,
            steps=reference.steps(signal),
            unit=unit,
        )

    take_profit = reference.rule_bound("TP_TOO_AMBITIOUS", "tp_pct")
    bad, ok = STATUS_COLOURS["critical"], STATUS_COLOURS["ok"]
    tp = p.time_series(
        "Is the take-profit reached often enough?",
        "Manual, section 7, TP_TOO_AMBITIOUS: « Take-profit trop ambitieux ». Share of exits at the take-profit of the best "
        f"strategy of the crypto in each run. Condition of the code: {reference.code('TP_TOO_AMBITIOUS')['condition']}.",
        best_over_time("tp_pct"),
        anchor="TP_TOO_AMBITIOUS",
        unit="percent",
        steps=[{"color": bad, "value": None}, {"color": ok, "value": take_profit}],
    )
    exits = p.bar_chart(
        "How did the best strategies' trades end?",
        "Manual, section 9.1: « sl_pct, tp_pct, timeout_pct dans CORRELATION DATA ». Shares of exits of each crypto's best "
        "strategy in its latest run of the range. « Verifier si le pattern est specifique a une crypto ou generalise ».",
        best_strategies("DISTINCT ON (v.crypto) v.crypto, v.tp_pct, v.sl_pct, v.timeout_pct")
        + """
        ORDER BY v.crypto, v.started_at DESC""",
        "crypto",
        [
            p.by_name("tp_pct", color={"mode": "fixed", "fixedColor": CODE_COLOURS["ML_EXPLOITABLE"]}),
            p.by_name("sl_pct", color={"mode": "fixed", "fixedColor": CODE_COLOURS["SL_TOO_TIGHT"]}),
            p.by_name("timeout_pct", color={"mode": "fixed", "fixedColor": CODE_COLOURS["HORIZON_TOO_SHORT"]}),
        ],
        anchor="EXECUTION_MISMATCH",
        unit="percent",
    )
    last_runs = f"""
      WITH run AS (
        SELECT DISTINCT ON (d.dag_id) d.dag_id, d.run_id, d.records
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE $__timeFilter(d.started_at) AND d.dag_id = {DAGS} AND d.crypto IS NULL
        ORDER BY d.dag_id, d.started_at DESC
      )"""
    gates = p.bar_chart(
        "Which gates reject the strategies?",
        "Manual, section 9.3: « Gate rejection reasons dans Grafana > Testing & Backtest ». Strategies that failed the gate in "
        "the latest run of each chosen DAG. All by sortino: 9.1; by n_trades: theta too high; by f1: 9.2.",
        last_runs
        + f"""
      SELECT g.key AS gate, count(*) FILTER (WHERE g.value = 'fail') AS fail, count(*) FILTER (WHERE g.value = 'pass') AS pass
      FROM run
      JOIN diagnostics.verdict_v1 AS v ON v.dag_id = run.dag_id AND v.run_id = run.run_id
      CROSS JOIN LATERAL jsonb_each_text(v.gates) AS g
      WHERE v.latest_attempt AND v.crypto = {CRYPTOS}
      GROUP BY g.key
      ORDER BY 2 DESC, 1""",
        "gate",
        [p.by_name(name, color={"mode": "fixed", "fixedColor": colour}) for name, colour in GATE_FIELDS.items()],
        anchor="NO_CANDIDATES",
    )
    spread = p.histogram(
        "How are F1 gain and Sortino spread?",
        "Manual, section 6.3, level 1: « distribution F1/Sortino ». All strategies of the latest run of each chosen DAG (from "
        "4,000 records on every second of a log, from 6,000 every third, and so on): Sortino, and f1_buy - baseline_f1_buy in "
        "percentage points.",
        last_runs
        + f"""
      SELECT CASE WHEN v.n_trades IS DISTINCT FROM 0 THEN v.sortino END AS sortino, v.delta_points
      FROM run
      JOIN diagnostics.verdict_v1 AS v ON v.dag_id = run.dag_id AND v.run_id = run.run_id
      WHERE v.latest_attempt AND v.crypto = {CRYPTOS} AND v.ml <> 'not_applicable'
        AND v.block % greatest(1, run.records / 2000) = 0""",
        anchor="ML_USELESS",
    )
    best = p.table(
        "Which strategies are the best?",
        "Manual, section 6.3, level 1: « meilleures strategies qualifiees ». The best strategy of each crypto in each run of "
        "the range, the highest Sortino first.",
        best_strategies(
            "v.crypto, v.horizon, v.sl, v.tp, 100 * v.delta AS delta_points, v.sortino, v.gates_passed, v.useful, "
            "v.primary_code, v.severity,"
            " v.started_at, v.dag_id, v.run_id, v.explanation, v.task_id, v.try_number, " + p.AIRFLOW_COLUMNS.format("v")
        )
        + """
        ORDER BY v.sortino DESC NULLS LAST, v.delta DESC NULLS LAST, v.started_at DESC, v.crypto
        LIMIT 100""",
        [
            *code_columns(),
            *p.hidden("task_id", "try_number", "task_path", "airflow_map_index"),
            p.by_name("run_id", links=[p.RUN_LINK, *p.AIRFLOW_LOG]),
        ],
        anchor="EXECUTION_MISMATCH",
    )
    rejected = p.table(
        "Which strategies have the chosen codes?",
        "Manual, section 6.3, level 1: « motifs de rejet ». The newest strategies of the range whose primary is one of the "
        "chosen codes, with what was found in one sentence.",
        f"""
        SELECT v.observed_at, v.crypto, v.horizon, v.primary_code, v.severity, v.certainty, v.explanation, v.dag_id, v.run_id,
          v.task_id, v.try_number, {p.AIRFLOW_COLUMNS.format("v")}
        FROM diagnostics.verdict_v1 AS v
        WHERE $__timeFilter(v.observed_at) AND v.latest_attempt AND v.dag_id = {DAGS} AND v.crypto = {CRYPTOS}
          AND v.primary_code = {CODES}
        ORDER BY v.observed_at DESC
        LIMIT 100""",
        [
            *code_columns(),
            *p.hidden("task_id", "try_number", "task_path", "airflow_map_index"),
            p.by_name("explanation", custom__width=600),
            p.by_name("run_id", links=[p.RUN_LINK, *p.AIRFLOW_LOG]),
        ],
        anchor="taxonomy",
    )
    return p.dashboard(
        "corrparse-testing",
        "Testing & Backtest",
        "Quality of the results (manual, sections 5 and 6.3): machine learning, execution and coherence, per crypto only "
        "(ADR-27).",
        [
            (
                "Machine learning: does the model beat « always BUY »? (ADR-29)",
                [
                    [
                        (
                            signal_series(
                                "Does f1_buy beat its baseline?", "f1_buy - baseline_f1_buy", "f1_buy_delta_vs_baseline", "delta"
                            ),
                            8,
                            9,
                        ),
                        (
                            signal_series(
                                "Does screening agree with the last fold?",
                                "screening_f1_buy - last_fold_f1_buy",
                                "screening_testing_gap",
                                "screening_gap",
                            ),
                            8,
                            9,
                        ),
                        (
                            signal_series(
                                "Is the model stable between folds?", "Stabilite inter-fold", "std_f1_buy", "std_f1_buy"
                            ),
                            8,
                            9,
                        ),
                    ]
                ],
            ),
            (
                "Execution: does it earn money, and how do the trades end?",
                [
                    [
                        (signal_series("Is Sortino positive?", "KPI financier principal", "sortino", "sortino"), 12, 9),
                        (exits, 12, 9),
                    ],
                    [
                        (
                            signal_series(
                                "Is the stop-loss hit too often?", "Part des sorties stop-loss", "sl_pct", "sl_pct", "percent"
                            ),
                            8,
                            9,
                        ),
                        (tp, 8, 9),
                        (
                            signal_series(
                                "Do trades run out of time?", "Part des sorties timeout", "timeout_pct", "timeout_pct", "percent"
                            ),
                            8,
                            9,
                        ),
                    ],
                ],
            ),
            ("Strategies", [[(gates, 12, 9), (spread, 12, 9)], [(best, 24, 10)], [(rejected, 24, 10)]]),
        ],
        variables(codes=True),
        settings,
    )


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
        "Manual, section 6.1, step 3: « runs de la nuit termines », « taux d'echec dans la norme ». Runs per day by state; "
        "days are UTC.",
        f"""
        SELECT $__timeGroupAlias(run.started_at, $__interval), run.state AS metric, count(*) AS value
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
        f"point for each finished run; the lines of the same name are the p{reference.settings['latency_percentile']} of the "
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
        "Manual, section 13 (ADR-25). Logs per day by what their reading came to; days are UTC.",
        """
        SELECT $__timeGroupAlias(i.ingested_at, $__interval), i.status AS metric, count(*) AS value
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
    return p.dashboard(
        "corrparse-pipeline",
        "Pipeline Health",
        "Execution (manual, sections 5 and 6.1, step 3): success rate, durations, failed attempts, and corrparse's own health.",
        [
            ("Golden signals (manual, section 2)", [[(success, 8, 9), (latency, 16, 9)]]),
            ("Runs", [[(outcomes, 10, 9), (durations, 14, 9)], [(failed, 14, 9), (backlog, 10, 9)]]),
            (
                "corrparse itself",
                [[(last_ingest, 4, 8), (unclassified, 4, 8), (ingests, 16, 8)], [(bad_logs, 14, 9), (issues, 10, 9)]],
            ),
        ],
        variables(group=False),
        settings,
    )


def run(reference, settings):
    del reference

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
        mappings=p.mappings(ALL_CODE_COLOURS),
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
        code_columns(),
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
        [p.by_name("primary_code", mappings=p.mappings(ALL_CODE_COLOURS))],
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
        SELECT v.crypto, v.horizon, v.sl, v.tp, v.fold, v.primary_code, v.severity, v.certainty, v.explanation, v.f1_buy,
          v.baseline_f1_buy, v.delta_points, v.std_f1_buy, v.screening_gap, v.sortino, v.tp_pct, v.sl_pct, v.timeout_pct,
          v.n_trades, v.gates_passed, v.useful, array_to_string(v.findings, ', ') AS findings, v.observed_at, v.source, v.line,
          v.dag_id, v.run_id, v.task_id, v.try_number, {p.AIRFLOW_COLUMNS.format("v")}
        FROM diagnostics.verdict_v1 AS v
        WHERE {RUN} AND v.latest_attempt
        ORDER BY array_position(ARRAY['P0', 'P1', 'P2', 'P3', 'none'], v.severity), v.observed_at, v.block
        LIMIT 500""",
        [
            *code_columns(),
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
    dag = variables(group=False)[0]
    dag.update(multi=False, includeAll=False, current={})
    chosen = p.query_variable(
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
    return p.dashboard(
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


def write(reference, settings):
    """File name to dashboard."""
    return {
        "mlops-overview.json": overview(reference, settings),
        "testing-backtest.json": testing(reference, settings),
        "pipeline-health.json": pipeline(reference, settings),
        "run-drill-down.json": run(reference, settings),
    }
