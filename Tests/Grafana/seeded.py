"""The databases of the tests and benchmarks: migrated by the program, with a year of data (Benchmarks/year-of-data.sql),
read as a login role that is in corrparse_reader and in nothing else."""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "grafana")]

import generate
import libpq

READER = "grafana_reader"


def read_yaml(path):
    """A YAML file as Debian's PyYAML reads it, which knows nothing of the generator; it belongs to Debian's own Python."""
    script = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"
    with pathlib.Path(path).open("rb") as file:
        return json.loads(subprocess.run(["/usr/bin/python3", "-c", script], stdin=file, check=True, capture_output=True).stdout)


# Names that break what is not quoted: an apostrophe in everything that a variable can hold.
AWKWARD = """
  INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
  VALUES ('awkward', 'launch__o''hare', 'manual__o''clock', 'step', -1, 1, '');
  INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated,
    started_at, ended_at)
  SELECT source_id, dag_id, run_id, task_id, map_index, try_number, 'unknown', false,
    now() - interval '5 hours', now() - interval '4 hours'
  FROM corrparse.source WHERE name = 'awkward';
  INSERT INTO corrparse.record (
    source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from, dag_id, run_id, task_id,
    map_index, try_number, crypto, f1_buy, baseline_f1_buy, sortino, tp_pct, sl_pct, timeout_pct, n_trades, gates)
  SELECT source_id, 1, 1, 0, 1, 'explicit', now() - interval '4 hours', 'log', dag_id, run_id, task_id, map_index, try_number,
    'O''NEILUSDC', 0.6, 0.5, -1, 10, 60, 30, 9, '{"it''s": "fail"}'
  FROM corrparse.source WHERE name = 'awkward';
"""


def make(server, program, name):
    """An empty, migrated database, and how its reader connects."""
    database = generate.migrated(server, program, name)
    with libpq.Connection(database) as owner:
        if not owner.run(f"SELECT FROM pg_roles WHERE rolname = '{READER}'").rows:
            owner.run(f"CREATE ROLE {READER} LOGIN IN ROLE corrparse_reader")
            # As docs/operations.md says.
            owner.run(f"ALTER ROLE {READER} SET random_page_cost = 1.1; ALTER ROLE {READER} SET jit = off")
    return database, f"{database} user={READER}"


def fill(database, program, verdicts, ending, awkward=True, seed=1, rough=False):
    """A year of data until the instant, judged by the program's own classifier, or roughly and at once."""
    script = ROOT / "Benchmarks" / "year-of-data.sql"
    subprocess.run(
        [
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--variable",
            f"verdicts={verdicts}",
            "--variable",
            f"ending={ending.isoformat()}",
            "--variable",
            f"seed={seed}",
            "--variable",
            f"judged={int(rough)}",
            "--file",
            str(script),
            database,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    if awkward:
        with libpq.Connection(database) as owner:
            owner.run(AWKWARD)
    if not rough:
        subprocess.run(
            [program, "reclassify", "--database", database], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    with libpq.Connection(database) as owner:
        # As every command that writes ends.
        owner.run("SELECT corrparse.refresh_run_diagnoses(1000000)")
        owner.run("VACUUM (ANALYZE)")
