"""What the tests of Grafana read: a database with a year of data, one with nothing, and the files that are committed."""

import datetime
import functools
import json
import os
import pathlib
import sys
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]

import generate
import libpq
import seeded

GRAFANA = ROOT / "grafana"
# One for each attempt at least. With fewer the last run of the year, which ends now, has none with gates on one day in twenty.
STRATEGIES = 11_000
HOUR = datetime.timedelta(hours=1)


@dataclass
class Data:
    """`owner` and `full` are connections to the year, as its owner and as the read-only role; `empty` is the latter's to the
    other database."""

    program: str
    server: str
    owner: libpq.Connection
    full: libpq.Connection
    empty: libpq.Connection
    boards: dict
    rules: dict
    now: datetime.datetime


@functools.cache
def opened():
    """As few databases as possible, for they take the time: all modules of one run share them."""
    server = os.environ["CORRPARSE_TEST_DATABASE"]
    program = os.environ.get("CORRPARSE") or generate.default_program()
    now = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
    owner, reader = seeded.make(server, program, "grafana_full")
    seeded.fill(owner, program, STRATEGIES, now)
    with libpq.Connection(owner) as connection:
        # As an ingest does, and once before.
        connection.run("""SELECT corrparse.note_global_state();
          INSERT INTO corrparse.global_state_history (noted_at, state, triggered, unknown, reasons)
          VALUES (now() - interval '40 days', 'GREEN', '{}', '{}', '{}')""")
    boards = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((GRAFANA / "dashboards").glob("*.json"))]
    rules = [
        rule
        for path in sorted((GRAFANA / "provisioning" / "alerting").glob("*.yaml"))
        for group in seeded.read_yaml(path)["groups"]
        for rule in group["rules"]
    ]
    return Data(
        program,
        server,
        libpq.Connection(owner),
        libpq.Connection(reader),
        libpq.Connection(seeded.make(server, program, "grafana_empty")[1]),
        {board["uid"]: board for board in boards},
        {rule["uid"]: rule for rule in rules},
        now,
    )
