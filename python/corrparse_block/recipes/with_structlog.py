"""The same through structlog: the block as text, and as the keys of one event."""

import structlog
from corrparse_block import HEADER, correlation_data_json, log_correlation_data

structlog.configure(processors=[structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer()])
log = structlog.get_logger()
values = {"crypto": "SOLUSDC", "horizon": "H4", "f1_buy": 0.5512, "baseline_f1_buy": 0.4871}

log_correlation_data(values, logger=log)

keys = correlation_data_json({**values, "horizon": "H5"})
if keys:
    log.info(HEADER, **keys)
