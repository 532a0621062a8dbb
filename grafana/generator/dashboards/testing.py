"""Testing & Backtest: the quality of the results, per crypto."""

from generator import boards
from generator import panels as p
from generator.reference import STATUS_COLOURS

from .common import (
    AT,
    CODES,
    CRYPTOS,
    DAGS,
    GATE_FIELDS,
    best_over_time,
    best_strategies,
    code_columns,
    code_fields,
    latest_dag,
    variables,
)


def testing(reference, settings):
    def signal_series(title, quote, signal, value, unit="short"):
        return p.time_series(
            title,
            f"Manual, section 2, {signal}: « {quote} ». Of the best strategy of the crypto in each run: of those that passed the "
            "highest Sortino."
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
            p.by_name("tp_pct", color={"mode": "fixed", "fixedColor": reference.code_colours["ML_EXPLOITABLE"]}),
            p.by_name("sl_pct", color={"mode": "fixed", "fixedColor": reference.code_colours["SL_TOO_TIGHT"]}),
            p.by_name("timeout_pct", color={"mode": "fixed", "fixedColor": reference.code_colours["HORIZON_TOO_SHORT"]}),
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
        "the latest run of the chosen DAG. All by sortino: 9.1; by n_trades: theta too high; by f1: 9.2.",
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

    def spread(title, quantity, value, where, anchor, unit):
        return p.histogram(
            title,
            f"Manual, section 6.3, level 1: « distribution F1/Sortino ». {quantity} of all strategies of the latest run of the "
            "chosen DAG (from 4,000 records on every second of a log, from 6,000 every third, and so on).",
            last_runs
            + f"""
      SELECT {value}
      FROM run
      JOIN diagnostics.verdict_v1 AS v ON v.dag_id = run.dag_id AND v.run_id = run.run_id
      WHERE v.latest_attempt AND v.crypto = {CRYPTOS} AND v.ml <> 'not_applicable' AND {where}
        AND v.block % greatest(1, run.records / 2000) = 0""",
            anchor=anchor,
            unit=unit,
        )

    qualified = p.table(
        "Which strategies qualify?",
        "Manual, section 6.3, level 1: « meilleures strategies qualifiees ». The useful strategies of the newest "
        "14 runs and cryptos of the range that have some, the highest Sortino first; those that passed "
        "no gates, or are unstable or overfit, are not among them.",
        f"""
        WITH run AS (
          SELECT d.dag_id, d.run_id, d.crypto, d.started_at
          FROM diagnostics.run_diagnosis_v1 AS d
          WHERE $__timeFilter(d.started_at) AND d.dag_id = {DAGS} AND d.crypto = {CRYPTOS} AND d.useful > 0
          ORDER BY d.started_at DESC, d.crypto
          LIMIT 14
        )
        SELECT s.crypto, s.horizon, s.phase, s.sl, s.tp, s.fold, s.delta_points, s.std_f1_buy, s.sortino, s.tp_pct, s.sl_pct,
          s.timeout_pct, s.n_trades, s.gates_passed, s.rank_in_run, s.primary_code, s.severity, s.certainty, run.started_at,
          s.dag_id, s.run_id, s.task_id, s.try_number, {p.AIRFLOW_COLUMNS.format("s")}
        FROM run
        JOIN diagnostics.strategy_v1 AS s ON s.dag_id = run.dag_id AND s.run_id = run.run_id AND s.crypto = run.crypto
        ORDER BY s.sortino DESC NULLS LAST, s.delta_points DESC NULLS LAST, run.started_at DESC, s.crypto, s.rank_in_run
        LIMIT 100""",
        [
            *code_columns(reference),
            *p.hidden("task_id", "try_number", "task_path", "airflow_map_index"),
            p.by_name("run_id", links=[p.RUN_LINK, *p.AIRFLOW_LOG]),
        ],
        anchor="qualified",
    )
    shares = p.time_series(
        "Which codes do its strategies have?",
        "Manual, section 7, per crypto (ADR-27). The shares of the primary codes among the strategies of each run of the chosen"
        " DAG. A panel for each chosen crypto.",
        f"""
        SELECT c.started_at AS "time", c.code AS metric, c.share AS value
        FROM diagnostics.code_share_v1 AS c
        WHERE $__timeFilter(c.started_at) AND c.dag_id = {DAGS} AND c.crypto = {CRYPTOS}
        ORDER BY 1, 2""",
        code_fields(reference),
        "taxonomy",
        bars=True,
        unit="percentunit",
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
            *code_columns(reference),
            *p.hidden("task_id", "try_number", "task_path", "airflow_map_index"),
            p.by_name("explanation", custom__width=600),
            p.by_name("run_id", links=[p.RUN_LINK, *p.AIRFLOW_LOG]),
        ],
        anchor="taxonomy",
    )
    drift = p.table(
        "Does anything drift?",
        "Manual, operational status: « Drift monitoring : cible ». The measure is ours: the population stability index of the 7"
        " days before the end of the range against the 30 days before those; from 0.1 on a warning, over 0.25 critical."
        " No effect on the global state. Compare within one crypto only (ADR-27).",
        f"""
        SELECT d.status, d.crypto, d.quantity, d.index AS psi, d.reason
        FROM diagnostics.drift_at({AT}) AS d
        WHERE d.crypto = {CRYPTOS}
        ORDER BY array_position(ARRAY['critical', 'warning', 'unknown', 'ok'], d.status), d.index DESC NULLS LAST, d.crypto,
          d.quantity""",
        [p.coloured("status", STATUS_COLOURS, custom__width=90), p.by_name("psi", decimals=3, custom__width=90)],
        anchor="drift",
    )
    return boards.dashboard(
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
                                "Does f1_buy beat its baseline?",
                                "f1_buy - baseline_f1_buy",
                                "f1_buy_delta_vs_baseline",
                                "delta_points",
                                "suffix: pts",
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
            ("Drift: are the last 7 days like the 30 days before?", [[(drift, 24, 9)]]),
            (
                "Strategies",
                [
                    [
                        (gates, 8, 9),
                        (
                            spread(
                                "How is the F1 gain spread?",
                                "f1_buy - baseline_f1_buy in percentage points,",
                                "v.delta_points",
                                "v.delta_points IS NOT NULL",
                                "ML_USELESS",
                                "suffix: pts",
                            ),
                            8,
                            9,
                        ),
                        (
                            spread(
                                "How is Sortino spread?",
                                "Sortino, where there were trades,",
                                "v.sortino",
                                "v.n_trades IS DISTINCT FROM 0 AND v.sortino IS NOT NULL",
                                "sortino",
                                "short",
                            ),
                            8,
                            9,
                        ),
                    ],
                    [(qualified, 24, 10)],
                    [(rejected, 24, 10)],
                ],
            ),
            ("Codes of each crypto, over time", [[(boards.repeated(shares, "crypto"), 24, 9)]]),
        ],
        variables(
            latest_dag("d.crypto IS NOT NULL", "DAGs with records of a crypto in the range; one, so that no chart mixes DAGs"),
            codes=True,
        ),
        settings,
    )
