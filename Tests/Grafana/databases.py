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
STRATEGIES = 4000
# A registry as an observation of MLflow stores it: a champion, challengers, and a contradiction.
REGISTRY = """
  INSERT INTO corrparse.model_observation (origin, observed_at, began_at, models, versions, warnings, link_url)
  SELECT 'mlflow test', now() - a, now() - a - interval '1 minute', 2, 4, '{two champions of x}', 'https://mlflow.example'
  FROM (VALUES (interval '400 days'), (interval '1 hour')) AS v (a);
  INSERT INTO corrparse.registered_model (origin, model, seen_at, cryptos)
  SELECT 'mlflow test', m, now() - interval '400 days', ARRAY[c] FROM (VALUES ('btc', 'BTCUSDC'), ('x', 'ETHUSDC')) AS v (m, c);
  INSERT INTO corrparse.model_version (origin, model, version, seen_at, created_at, crypto, role, reason, aliases, link_path,
    champion_since)
  SELECT 'mlflow test', v.model, v.version, now() - interval '400 days', now() - interval '410 days', v.crypto, v.role, v.reason,
    '{a}', '/m', CASE v.role WHEN 'champion' THEN now() - interval '400 days' END
  FROM (
    VALUES
      ('btc', 1, 'BTCUSDC', 'champion', 'alias champion'), ('btc', 2, 'BTCUSDC', 'challenger', 'newer than champion 1'),
      ('x', 1, 'ETHUSDC', NULL, 'two champions'), ('x', 2, 'ETHUSDC', 'other', 'older')
  ) AS v (model, version, crypto, role, reason)"""
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
        connection.run(REGISTRY)
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
