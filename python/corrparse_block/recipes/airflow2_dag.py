"""A DAG of Airflow 2 whose tasks tell what they tested: one by logging, one by print."""

import logging

import pendulum
from airflow.decorators import dag, task
from corrparse_block import log_correlation_data, print_correlation_data


@dag(start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), schedule=None, catchup=False)
def tell_what_was_tested():
    @task
    def by_logging():
        values = {"crypto": "SOLUSDC", "horizon": "H4", "f1_buy": 0.5512, "baseline_f1_buy": 0.4871}
        log_correlation_data(values, logger=logging.getLogger("airflow.task"))

    @task
    def by_print():
        print_correlation_data({"crypto": "ETHUSDC", "horizon": "H5", "f1_buy": 0.5512, "baseline_f1_buy": 0.4871})

    by_logging() >> by_print()


tell_what_was_tested()
