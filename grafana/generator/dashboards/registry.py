"""Model Registry: versions, champions and challengers, as the last observation of MLflow saw them."""

from generator import boards
from generator import panels as p
from generator.reference import STATUS_COLOURS

from .common import AT

ROLE_COLOURS = {
    "champion": "#56A64B",
    "challenger": "#3274D9",
    "former": "#8F9BA8",
    "rejected": "#E02F44",
    "archived": "#B0B0B0",
    "other": "#808080",
    "unknown": "#FF780A",
}
MODEL_LINK = [p.link("This version in MLflow", "${__data.fields.url:raw}")]
VERSIONS = f"diagnostics.model_versions_at({AT})"


def registry(reference, settings):
    last = p.stat(
        "When was the registry last observed?",
        "Manual, section 6.4: « MLflow ». corrparse observe mlflow; challenger_count forgets what is older than a day.",
        f"SELECT extract(epoch FROM max(o.observed_at)) * 1000 AS observed FROM diagnostics.model_observation_v1 AS o"
        f" WHERE o.observed_at <= {AT}",
        field="observed",
        unit="dateTimeFromNow",
        anchor="registry",
        color={"mode": "fixed", "fixedColor": "text"},
    )
    challengers = p.table(
        "How many challengers wait?",
        "Manual, section 2, challenger_count: « Challengers enregistres non promus ». Per crypto. Bounds:"
        f" {reference.bounds_text('challenger_count')}.",
        f"""
        SELECT s.status, s.scope AS crypto, s.value AS challengers, s.reason
        FROM diagnostics.golden_signals_at({AT}) AS s
        WHERE s.signal = 'challenger_count'
        ORDER BY array_position(ARRAY['critical', 'warning', 'unknown', 'ok'], s.status), s.value DESC NULLS LAST, s.scope""",
        [p.coloured("status", STATUS_COLOURS, custom__width=90), p.by_name("challengers", custom__width=100)],
        anchor="challenger_count",
    )
    roles = p.table(
        "Who is champion, and who challenges?",
        "Manual, glossary: « challenger », « champion ». Of each crypto the champion and the challengers, with "
        "the reason for the role. A"
        " role is unknown where the registry contradicts itself.",
        f"""
        SELECT v.crypto, coalesce(v.role, 'unknown') AS role, v.model, v.version, v.age_days, v.champion_since, v.reason, v.url
        FROM {VERSIONS} AS v
        WHERE v.role IS NULL OR v.role IN ('champion', 'challenger')
        ORDER BY v.crypto, array_position(ARRAY['champion', 'challenger'], v.role), v.created_at DESC, v.model
        LIMIT 500""",
        [
            p.coloured("role", ROLE_COLOURS, custom__width=100),
            p.by_name("version", custom__width=70, links=MODEL_LINK),
            p.by_name("age_days", unit="d", decimals=1, custom__width=90),
            *p.hidden("url"),
        ],
        anchor="registry",
    )
    stale = p.table(
        "Whose model is stale?",
        "Manual, section 2, model_freshness: « Age du dernier modele utile », beside the age of the champion. Bounds:"
        f" {reference.bounds_text('model_freshness')}.",
        f"""
        SELECT s.status, s.scope AS crypto, s.value AS useful_days, c.model, c.version, c.age_days AS champion_days, s.reason
        FROM diagnostics.golden_signals_at({AT}) AS s
        LEFT JOIN {VERSIONS} AS c ON c.crypto = s.scope AND c.role = 'champion'
        WHERE s.signal = 'model_freshness'
        ORDER BY array_position(ARRAY['critical', 'warning', 'unknown', 'ok'], s.status), s.value DESC NULLS LAST, s.scope""",
        [
            p.coloured("status", STATUS_COLOURS, custom__width=90),
            p.by_name("useful_days", unit="d", decimals=1, custom__width=110),
            p.by_name("champion_days", unit="d", decimals=1, custom__width=120),
        ],
        anchor="model_freshness",
    )
    versions = p.table(
        "Which versions are there?",
        "Manual, section 5, Model Registry: « Versions, fraicheur, modeles actifs / stale ». The newest first, at most 1,000.",
        f"""
        SELECT v.created_at, v.crypto, v.model, v.version, coalesce(v.role, 'unknown') AS role, v.reason, v.stage,
          array_to_string(v.aliases, ', ') AS aliases, v.status, v.age_days, v.run_id, v.observed_at, v.url
        FROM {VERSIONS} AS v
        ORDER BY v.created_at DESC NULLS LAST, v.model, v.version DESC
        LIMIT 1000""",
        [
            p.coloured("role", ROLE_COLOURS, custom__width=100),
            p.by_name("version", custom__width=70, links=MODEL_LINK),
            p.by_name("age_days", unit="d", decimals=1, custom__width=90),
            *p.hidden("url"),
        ],
        anchor="registry",
    )
    doubts = p.table(
        "What does the registry contradict?",
        "Manual, section 13: « Pas de fallback silencieux dans les diagnostics (ADR-25) ». What the last "
        "observation of each server could"
        " not decide.",
        f"""
        SELECT o.observed_at, o.origin, w.warning
        FROM (
          SELECT DISTINCT ON (m.origin) m.observed_at, m.origin, m.warnings
          FROM diagnostics.model_observation_v1 AS m
          WHERE m.observed_at <= {AT}
          ORDER BY m.origin, m.observed_at DESC
        ) AS o
        CROSS JOIN LATERAL unnest(o.warnings) AS w (warning)
        ORDER BY o.origin, w.warning
        LIMIT 200""",
        anchor="registry",
    )
    return boards.dashboard(
        "corrparse-registry",
        "Model Registry",
        "The life of models (manual, sections 5 and 6.4): versions, champions, challengers, what is stale; as "
        "the last hourly observation"
        " of MLflow saw it.",
        [
            ("Lifecycle (manual, section 2)", [[(last, 5, 9), (challengers, 19, 9)], [(stale, 24, 9)]]),
            ("Models", [[(roles, 24, 10)], [(versions, 24, 12)], [(doubts, 24, 7)]]),
        ],
        [],
        settings,
        range_from="now-7d",
    )
