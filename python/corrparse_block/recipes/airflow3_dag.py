"""The same in Airflow 3, which has one way more: the keys of a structured event."""

import logging

import pendulum
import structlog
from airflow.sdk import dag, task
from corrparse_block import HEADER, correlation_data_json, log_correlation_data, print_correlation_data


@dag(start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), schedule=None, catchup=False)
def tell_what_was_tested():
    @task
    def by_logging():
        values = {"crypto": "SOLUSDC", "horizon": "H4", "f1_buy": 0.5512, "baseline_f1_buy": 0.4871}
        log_correlation_data(values, logger=logging.getLogger("airflow.task"))

    @task
    def by_print():
        print_correlation_data({"crypto": "ETHUSDC", "horizon": "H5", "f1_buy": 0.5512, "baseline_f1_buy": 0.4871})

    @task
    def by_keys():
        keys = correlation_data_json({"crypto": "BTCUSDC", "horizon": "H6", "f1_buy": 0.5512, "baseline_f1_buy": 0.4871})
        if keys:
            structlog.get_logger("airflow.task").info(HEADER, **keys)

    by_logging() >> by_print() >> by_keys()


tell_what_was_tested()
