"""A block through the logging module: one record, whatever the threads beside it log."""

import logging
import sys

from corrparse_block import log_correlation_data

# In a task, Airflow has set logging up already.
logging.basicConfig(level=logging.INFO, format="[%(asctime)s] %(levelname)s - %(message)s", stream=sys.stdout)
log = logging.getLogger("discovery")

log_correlation_data({"crypto": "SOLUSDC", "horizon": "H4", "f1_buy": 0.5512, "baseline_f1_buy": 0.4871}, logger=log)
