"""What is measured with a database: its server is a throw-away one (Scripts/with-postgres.sh) with its durability settings at
their defaults, which waits for the disk as a real one does."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from measure import Cost, Series, by_turns, run

SERVER = os.environ.get("CORRPARSE_TEST_DATABASE", "")
TABLES = ["source", "source_head", "log", "record", "verdict", "issue", "task_outcome"]


def psql(database: str, *arguments: str) -> str:
    command = [
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--tuples-only",
        "--no-align",
        "--set",
        "ON_ERROR_STOP=1",
        *arguments,
        connection(database),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"psql: {done.stderr}")
    return done.stdout.strip()


def connection(database: str) -> str:
    if not SERVER:
        raise SystemExit("CORRPARSE_TEST_DATABASE is not set: run this by Scripts/with-postgres.sh")
    return f"{SERVER} dbname={database}"


def fresh(program: str, name: str) -> str:
    """An empty, migrated database."""
    psql("postgres", "--command", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", "--command", f"CREATE DATABASE {name}")
    subprocess.run(
        [program, "migrate", "up", "--database", connection(name)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    psql("postgres", "--command", "CHECKPOINT")
    return name


def columns(database: str, table: str) -> list[str]:
    return psql(
        database,
        "--command",
        f"SELECT attname FROM pg_attribute WHERE attrelid = 'corrparse.{table}'::regclass AND attnum > 0 "
        "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
    ).split("\n")


def key(database: str, table: str) -> list[str]:
    return psql(
        database,
        "--command",
        f"SELECT a.attname FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid "
        f"AND a.attnum = ANY (i.indkey) WHERE i.indrelid = 'corrparse.{table}'::regclass AND i.indisprimary",
    ).split("\n")


def merge_script(database: str, folder: Path) -> Path:
    """Exports the rows of a loaded database; gives a script that copies and merges them into another one, in one transaction."""
    script = ["BEGIN;"]
    for table in TABLES:
        names, keys = columns(database, table), key(database, table)
        values = [f"NULL::bigint AS {name}" if name == "feed_log_id" else name for name in names]
        file = folder / f"{table}.copy"
        psql(
            database,
            "--command",
            f"\\copy (SELECT {', '.join(values)} FROM corrparse.{table} ORDER BY {', '.join(keys)}) TO '{file}'",
        )
        others = [name for name in names if name not in keys]
        script += [
            f"CREATE TEMPORARY TABLE staged_{table} ON COMMIT DROP AS SELECT {', '.join(names)} FROM corrparse.{table} LIMIT 0;",
            f"\\copy staged_{table} FROM '{file}'",
            (
                f"INSERT INTO corrparse.{table} AS t ({', '.join(names)}) "
                f"OVERRIDING SYSTEM VALUE SELECT {', '.join(names)} FROM staged_{table} "
                f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in others)} "
                f"WHERE ({', '.join(f't.{name}' for name in others)}) "
                f"IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in others)});"
            ),
        ]
    feeds = folder / "feeds.copy"
    psql(database, "--command", f"\\copy (SELECT source_id, feed_log_id FROM corrparse.source) TO '{feeds}'")
    script += [
        "CREATE TEMPORARY TABLE feeds (source_id bigint, log_id bigint) ON COMMIT DROP;",
        f"\\copy feeds FROM '{feeds}'",
        "UPDATE corrparse.source AS s SET feed_log_id = f.log_id FROM feeds AS f WHERE f.source_id = s.source_id;",
        "COMMIT;",
    ]
    path = folder / "merge.sql"
    path.write_text("\n".join(script) + "\n")
    return path


def load(program: str, tree: Path, rounds: int) -> tuple[dict[str, Series], int]:
    """Loads the logs of a tree, and the rows that this gives by psql, by turns into empty databases. Also how many records there
    are."""
    folder = tree.parent / "rows"
    folder.mkdir(exist_ok=True)
    fresh(program, "loaded")
    run([program, "ingest", "--database", connection("loaded"), str(tree)])
    stored = int(psql("loaded", "--command", "SELECT count(*) FROM corrparse.record"))
    script = merge_script("loaded", folder)

    def ours() -> Cost:
        fresh(program, "ours")
        return run([program, "ingest", "--database", connection("ours"), str(tree)])

    def theirs() -> Cost:
        fresh(program, "theirs")
        cost = run(["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(script), connection("theirs")])
        if int(psql("theirs", "--command", "SELECT count(*) FROM corrparse.record")) != stored:
            raise SystemExit("psql has loaded other rows")
        return cost

    return by_turns({"corrparse": ours, "psql": theirs}, rounds, warm_up=False), stored


def rows_written(database: str) -> int:
    """So far, by any session that has told the statistics of it."""
    return int(psql(database, "--command", "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"))


def again(program: str, tree: Path, rounds: int) -> tuple[dict[str, Series], int]:
    """Backfills a tree that is in the database already, by turns with find. Also how many rows that wrote."""
    fresh(program, "again")
    backfill = [program, "backfill", "--since", "2000-01-01", "--database", connection("again"), "--log-root", str(tree)]
    run(backfill)
    psql("again", "--command", "VACUUM ANALYZE")
    time.sleep(1)  # a backend tells what it wrote at its end, or a second later
    before = rows_written("again")
    find = ["find", str(tree), "-type", "f", "-printf", "%s %T@ %p\n"]
    series = by_turns({"corrparse": backfill, "find": find}, rounds)
    time.sleep(1)
    return series, rows_written("again") - before
