"""The dashboards. A panel's title is the question of the manual that it answers; its description names the manual's
section and, in «», the manual's own words.

Queries read the schema diagnostics only. A list of a variable is compared as `= ANY (ARRAY[…]::text[])`, which stays
valid where a variable has no value at all, as on an empty database. What has no time of its own (state, signals) is
shown as of the end of the chosen range, so that the same panels tell how things stood at any instant.
"""

from .infra import infra
from .overview import overview
from .pipeline import pipeline
from .registry import registry
from .run import run
from .testing import testing


def write(reference, settings):
    """File name to dashboard."""
    return {
        "mlops-overview.json": overview(reference, settings),
        "testing-backtest.json": testing(reference, settings),
        "pipeline-health.json": pipeline(reference, settings),
        "infra-monitoring.json": infra(reference, settings),
        "model-registry.json": registry(reference, settings),
        "run-drill-down.json": run(reference, settings),
    }
