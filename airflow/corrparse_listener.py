"""Has corrparse read a DAG's logs at the end of each run of every DAG, without a change of any. For Airflow 2 and 3: put this
file and corrparse_trigger.py into the plugins folder of the schedulers.

CORRPARSE_DAGS is a regular expression for the DAGs that count (by default all); the whole name has to match. What
corrparse_trigger.py says of rights and settings holds here, too, for the account of the scheduler.

The cluster's API is asked in a thread of its own, so that the scheduler does not wait. The thread takes ten seconds at most.
It is no daemon: a process that ends at once, as that of `airflow dags test`, waits for it.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

import corrparse_trigger

log = logging.getLogger(__name__)


@hookimpl
def on_dag_run_success(dag_run) -> None:
    begin(dag_run)


@hookimpl
def on_dag_run_failed(dag_run) -> None:
    begin(dag_run)


def begin(dag_run) -> None:
    """Never fails, since an exception of a listener would be one of the DAG run."""
    try:
        # Read here: the DAG run belongs to a session of this thread.
        dag_id = str(dag_run.dag_id)
        if re.fullmatch(os.environ.get("CORRPARSE_DAGS") or ".*", dag_id):
            threading.Thread(target=set_start, args=(dag_id,), name="corrparse", daemon=False).start()
    except Exception:
        log.warning("corrparse was not started; its schedule catches up", exc_info=True)


def set_start(dag_id: str) -> None:
    try:
        corrparse_trigger.start(dag_id)
    except Exception:
        log.warning("corrparse was not started; its schedule catches up", exc_info=True)


class CorrparsePlugin(AirflowPlugin):
    name = "corrparse"
    # A list, as Airflow declares it.
    listeners = [sys.modules[__name__]]  # noqa: RUF012
