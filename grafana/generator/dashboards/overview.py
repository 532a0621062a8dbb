"""MLOps Overview: the morning check."""

from generator import boards
from generator import panels as p
from generator.reference import CONDITION_COLOURS, OUTCOME_COLOURS, STATE_COLOURS, STATUS_COLOURS

from .common import AT, CRYPTOS, DAGS, DAY, code_columns, code_fields, testing_dags, variables


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
        "Manual, section 7: « Chaque run de testing/backtest doit produire un diagnostic principal ». Runs of the DAG per day and"
        " primary diagnosis, counted per crypto (a run over six cryptos counts six times).",
        f"""
        SELECT {DAY.format("d.started_at")} AS "time", coalesce(d.primary_code, '(none)') AS metric, count(*) AS value
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE $__timeFilter(d.started_at) AND d.dag_id = {DAGS} AND d.crypto = {CRYPTOS}
        GROUP BY 1, 2
        ORDER BY 1, 2""",
        code_fields(reference),
        "taxonomy",
        bars=True,
        interval="1d",
    )
    useful = p.time_series(
        "How many useful candidates are there?",
        "Manual, section 6.1, step 4: « nouveaux candidats qualifies ». Strategies with a signal (ML_EXPLOITABLE or"
        " ML_SOLID), neither unstable nor overfit, that passed their gates, per day on which their run of the DAG began.",
        f"""
        SELECT {DAY.format("d.started_at")} AS "time", d.crypto AS metric, sum(d.useful) AS value
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
        "Manual, section 6.1, step 4: « pass rate dans la norme ». Passed among the DAG's candidates per day; read it in the "
        "context of the grid (section 11).",
        f"""
        SELECT {DAY.format("d.started_at")} AS "time", d.dag_id AS metric,
          100.0 * sum(d.passed) / nullif(sum(d.candidates), 0) AS value
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE $__timeFilter(d.started_at) AND d.dag_id = {DAGS} AND d.crypto IS NULL AND d.candidates > 0 AND d.passed IS NOT NULL
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
        [
            *code_columns(reference),
            p.coloured("state", OUTCOME_COLOURS, custom__width=90),
            p.by_name("run_id", links=[p.RUN_LINK]),
        ],
        anchor="taxonomy",
    )
    history = p.state_timeline(
        "How was the state before?",
        "Manual, section 0. The global state as ingests and observations noted it, over the range; what was triggered is in"
        " diagnostics.global_state_history_v1.",
        """
        SELECT greatest(h.since, $__timeFrom()::timestamptz) AS "time", h.state
        FROM diagnostics.global_state_history_v1 AS h
        WHERE h.since <= $__timeTo()::timestamptz AND coalesce(h.until, 'infinity') >= $__timeFrom()::timestamptz
        ORDER BY h.since""",
        STATE_COLOURS,
        anchor="global-state",
    )
    return boards.dashboard(
        "corrparse-overview",
        "MLOps Overview",
        "The morning check (manual, section 6.1): global state with its reasons, golden signals, results. Begin here.",
        [
            ("Global state (manual, section 0)", [[(state, 4, 8), (since, 4, 8), (reasons, 16, 8)], [(history, 24, 4)]]),
            ("Golden signals (manual, section 2)", [[(signals, 16, 11), (freshness, 8, 11)]]),
            (
                "Results (manual, section 6.1, step 4)",
                [
                    [(latest, 24, 9)],
                    [(boards.repeated(useful, "dag"), 24, 8)],
                    [(boards.repeated(primaries, "dag"), 24, 8)],
                    [(boards.repeated(pass_rate, "dag"), 24, 8)],
                ],
            ),
        ],
        variables(testing_dags()),
        settings,
    )
