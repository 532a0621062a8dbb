"""What the dashboards share: fields of their queries, the colours of codes, and the variables."""

from generator import boards
from generator import panels as p
from generator.reference import SEVERITY_COLOURS, STATUS_COLOURS

# The end of the range, but never the future: a state of then would be made of what is not yet known.
AT = "least($__timeTo()::timestamptz, now())"
DAGS = "ANY (ARRAY[${dag:sqlstring}]::text[])"
CRYPTOS = "ANY (ARRAY[${crypto:sqlstring}]::text[])"
# The day of an instant in the dashboard's time zone.
DAY = "date_trunc('day', {}, '$__timezone')"
CODES = "ANY (ARRAY[${code:sqlstring}]::text[])"
RUN = "v.dag_id = ${dag:sqlstring} AND v.run_id = ${run:sqlstring}"
GATE_FIELDS = {"fail": STATUS_COLOURS["critical"], "pass": STATUS_COLOURS["ok"]}
NO_PRIMARY = "coalesce(v.primary_code, CASE v.certainty WHEN 'certain' THEN '(all clear)' ELSE '(unclassified)' END)"


def code_fields(reference):
    """A series or column for each code, in the code's colour."""
    return [
        p.by_name(code, color={"mode": "fixed", "fixedColor": colour}) for code, colour in reference.diagnosis_colours.items()
    ]


def code_columns(reference, name="primary_code"):
    playbook = p.playbook_link("${__data.fields." + name + "}", "Playbook of this code")
    return [
        p.coloured(name, reference.diagnosis_colours, links=[playbook]),
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


def latest_dag(runs, description):
    """One DAG, the first of which is what a dashboard opens with: the one that ran last. runs: a condition on run diagnoses."""
    return boards.query_variable(
        "dag",
        "DAG",
        f"""
        SELECT d.dag_id
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE {runs} AND $__timeFilter(d.started_at)
        GROUP BY d.dag_id
        ORDER BY max(d.started_at) DESC, d.dag_id""",
        multi=False,
        description=description,
    )


def every_dag():
    """DAGs that have run, from the signals, which know them without a search."""
    return boards.query_variable(
        "dag",
        "DAG",
        f"""
        SELECT s.scope FROM diagnostics.golden_signals_at({AT}) AS s
        WHERE s.signal = 'pipeline_latency' ORDER BY 1""",
        description="DAGs that have run, and the test DAGs",
    )


def testing_dags():
    """DAGs whose runs say something of cryptos."""
    return boards.query_variable(
        "dag",
        "DAG",
        """
        SELECT DISTINCT d.dag_id
        FROM diagnostics.run_diagnosis_v1 AS d
        WHERE d.crypto IS NOT NULL AND $__timeFilter(d.started_at)
        ORDER BY 1""",
        description="DAGs with records of a crypto in the range; each has charts of its own",
    )


def variables(dag, codes=False, group=True):
    """The DAG's variable, group, crypto and code; cryptos from the signals, which know them without a search."""
    made = [dag]
    if group:
        made += [
            boards.query_variable(
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
            boards.query_variable(
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
            boards.query_variable(
                "code",
                "Code",
                "SELECT t.code FROM diagnostics.taxonomy_v1 AS t WHERE t.is_current ORDER BY t.position",
                refresh=1,
                description="Codes of the taxonomy (manual, section 7)",
            )
        )
    return made
