"""Infra Monitoring: the platform, as observers and blocks told it, and as Prometheus has it."""

from generator import boards
from generator import panels as p
from generator.reference import STATUS_COLOURS

from .common import AT

NAMESPACE = 'namespace=~"$namespace"'


def infra(reference, settings):
    def history(title, quote, column, anchor, unit, steps=None, **limits):
        return p.time_series(
            title,
            f"Manual, section 6.1, step 2: « {quote} ». As each observer told it, the highest of an interval"
            + (
                f"; bounds of infra_health: {reference.bounds_text('infra_health')}."
                if steps
                else "; the manual has no bound for it."
            ),
            f"""
            SELECT $__timeGroupAlias(o.observed_at, $__interval), o.origin AS metric, max(o.{column}) AS value
            FROM diagnostics.infra_observation_v1 AS o
            WHERE $__timeFilter(o.observed_at) AND o.origin = ANY (ARRAY[${{origin:sqlstring}}]::text[])
              AND o.{column} IS NOT NULL
            GROUP BY 1, 2
            ORDER BY 1, 2""",
            anchor=anchor,
            unit=unit,
            steps=steps,
            **limits,
        )

    seen = p.table(
        "How was the platform last seen?",
        "Manual, section 2, infra_health: « Saturation / OOM / PVC / disponibilite ». The last reading of "
        "each input by the end of "
        f"the range, however old, of the worst observer."
        f" Bounds: {reference.bounds_text('infra_health')}.",
        f"""
        SELECT i.status, i.input, i.reading, i.observed_at, i.origin
        FROM diagnostics.infra_last_seen_at({AT}) AS i
        ORDER BY array_position(ARRAY['critical', 'warning', 'unknown', 'ok'], i.status), i.input""",
        [p.coloured("status", STATUS_COLOURS, custom__width=90), p.by_name("reading", decimals=1, custom__width=90)],
        anchor="infra_health",
    )
    last = p.stat(
        "When did an observer last tell something?",
        "Manual, section 6.1, step 2. corrparse observe prometheus; infra_health forgets what is older than"
        f" {reference.settings['observation_hours']} h.",
        f"""
        SELECT extract(epoch FROM max(o.observed_at)) * 1000 AS last_observation
        FROM diagnostics.infra_observation_v1 AS o
        WHERE o.observed_at > {AT} - interval '30 days' AND o.observed_at <= {AT} AND o.origin LIKE 'prometheus %'""",
        field="last_observation",
        unit="dateTimeFromNow",
        anchor="no-observation",
        color={"mode": "fixed", "fixedColor": "text"},
    )
    kills = history(
        "Were pods killed for memory?",
        "absence d'OOMKill recent",
        "oom_kills",
        "INFRA_SATURATED",
        "short",
        reference.input_steps("infra_health", "oom_kills"),
    )
    pods = history(
        "Are pods down?",
        "pods critiques operationnels",
        "pods_down",
        "INFRA_SATURATED",
        "short",
        reference.input_steps("infra_health", "pods_down"),
    )
    volumes = history(
        "Is a volume full?",
        "PVC sous seuil d'alerte",
        "pvc_pct",
        "INFRA_SATURATED",
        "percent",
        reference.input_steps("infra_health", "pvc_pct"),
    )
    cpu = history(
        "Are the CPUs busy?",
        "saturation CPU/RAM sous seuils",
        "cpu_pct",
        "INFRA_SATURATED",
        "percent",
        reference.input_steps("infra_health", "cpu_pct"),
    )
    memory = history("How full is the memory?", "saturation CPU/RAM sous seuils", "memory_pct", "INFRA_SATURATED", "percent")
    phases = p.prometheus_series(
        "In which phase are the pods?",
        "Manual, section 6.1, step 2: « pods critiques operationnels ». From Prometheus (kube-state-metrics), in the namespace.",
        f"sum by (phase) (kube_pod_status_phase{{{NAMESPACE}}})",
        "{{phase}}",
        "INFRA_SATURATED",
    )
    restarts = p.prometheus_series(
        "Which pods restart?",
        "Manual, section 9.4: « Identifier le pod concerne dans Grafana Infra ». Restarts within an hour, from Prometheus.",
        f"sum by (pod) (increase(kube_pod_container_status_restarts_total{{{NAMESPACE}}}[1h])) > 0",
        "{{pod}}",
        "INFRA_SATURATED",
    )
    throttling = p.prometheus_series(
        "Which pods are throttled?",
        "Manual, section 6.5.5: « CPU/memory, throttling ». Share of CPU periods in which a pod had to wait, from Prometheus.",
        f"sum by (pod) (rate(container_cpu_cfs_throttled_periods_total{{{NAMESPACE}}}[5m]))"
        f" / sum by (pod) (rate(container_cpu_cfs_periods_total{{{NAMESPACE}}}[5m])) > 0",
        "{{pod}}",
        "INFRA_SATURATED",
        unit="percentunit",
    )
    limits = p.prometheus_series(
        "Which pods are near their memory limit?",
        "Manual, section 9.4: « Verifier la memoire consommee vs limits ». Working set against the limit, from Prometheus.",
        f'sum by (pod) (container_memory_working_set_bytes{{{NAMESPACE}, container!=""}})'
        f' / sum by (pod) (kube_pod_container_resource_limits{{{NAMESPACE}, resource="memory"}})',
        "{{pod}}",
        "INFRA_SATURATED",
        unit="percentunit",
    )
    return boards.dashboard(
        "corrparse-infra",
        "Infra Monitoring",
        "The platform (manual, sections 5, 6.1 step 2 and 9.4): pods, volumes, CPU, RAM, OOM kills. First what corrparse stored"
        " and judges, then Prometheus itself.",
        [
            ("What infra_health is judged by", [[(seen, 18, 7), (last, 6, 7)]]),
            ("As observed", [[(kills, 12, 8), (pods, 12, 8)], [(volumes, 8, 8), (cpu, 8, 8), (memory, 8, 8)]]),
            ("Prometheus itself", [[(phases, 12, 8), (restarts, 12, 8)], [(throttling, 12, 8), (limits, 12, 8)]]),
        ],
        [
            boards.datasource_variable("prometheus", "Prometheus", "prometheus"),
            boards.query_variable(
                "origin",
                "Observer",
                """
                SELECT DISTINCT o.origin FROM diagnostics.infra_observation_v1 AS o
                WHERE $__timeFilter(o.observed_at) ORDER BY 1""",
                description="Who told something of the platform in the range: Prometheus servers, and the blocks of DAGs",
            ),
            boards.text_variable("namespace", "Namespace", "cvntrade", "A regular expression, for the panels of Prometheus"),
        ],
        settings,
        range_from="now-7d",
    )
