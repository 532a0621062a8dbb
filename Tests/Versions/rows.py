#!/usr/bin/env python3
"""The same logs into databases with odd settings of one server; every row that they then have, as text.

  Scripts/with-postgres.sh Tests/Versions/rows.py FILE [RESTORED]

Writes the rows to FILE, and ends with 1 where two settings have different rows. With RESTORED, a dump of another server in plain
SQL, the rows of the restored database are compared too. With DUMP=FILE in the environment the plain database is dumped there.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "Tests" / "Operations")]

import libpq
import pooler
import program
import run_cases

# What a reading, a clock or a sequence gives.
VOLATILE = (
    "source_id log_id feed_log_id best_source_id run_change_id ingested_at updated_at applied_at stored_at noted_at "
    "location_digest location modified_at program_version since until first_run"
).split()
INSTANTS = ["2026-03-28T12:00:00Z", "2026-11-24T00:00:00Z", "2020-01-01T00:00:00Z"]
# The settings of a database, and how it is made where that differs.
ODD = {
    "plain": ([], ""),
    "time zone": (["TimeZone = 'Asia/Kathmandu'"], ""),
    "date style": (["DateStyle = 'SQL, DMY'", "IntervalStyle = 'iso_8601'"], ""),
    "strings": (["standard_conforming_strings = off", "backslash_quote = off"], ""),
    "search path": (["search_path = trap, public"], ""),
    "serializable": (["default_transaction_isolation = 'serializable'"], ""),
    "collation": ([], "TEMPLATE template0 LOCALE 'C'"),
    # Through a pooler; so is what migrates the database.
    "pooler": ([], ""),
    "icu": ([], "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-u-co-phonebk' LOCALE 'C.UTF-8'"),
}
TRAPS = """
  CREATE SCHEMA trap; CREATE TABLE trap.record (x int); CREATE TABLE trap.source (x int);
  CREATE FUNCTION trap.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS $$ SELECT 'trap' $$;
  CREATE FUNCTION trap.coalesced(text) RETURNS text LANGUAGE sql AS $$ SELECT 'trap' $$
"""


class Database(program.Database):
    """One with settings of its own, filled from the logs."""

    def __init__(self, settings: list[str], making: str):
        super().__init__(migrated=False)
        self.admin = os.environ["CORRPARSE_TEST_DATABASE"]
        self.ask(f"DROP DATABASE {self.name}", self.admin)
        self.ask(f"CREATE DATABASE {self.name} ENCODING 'UTF8' {making}", self.admin)
        self.ask(TRAPS)
        for setting in settings:
            self.ask(f"ALTER DATABASE {self.name} SET {setting}", self.admin)

    def ask(self, statement: str, conninfo: str | None = None) -> list[tuple]:
        with contextlib.closing(libpq.Connection(conninfo or self.connection())) as connection:
            return connection.run(statement).rows

    def fill(self, logs: list[pathlib.Path], **other: str) -> None:
        """By these other settings of the connection."""
        # Twice: the second reading changes nothing.
        for arguments in (["migrate", "up"], ["ingest", *map(str, logs)], ["ingest", *map(str, logs)], ["reclassify"]):
            done = program.run(*arguments, DATABASE_URL=self.connection(**other))
            # Some of the cases end with a damaged log.
            assert done.returncode in (0, 65), (arguments, done.stderr)

    def rows(self) -> list[str]:
        """Every row of every table and view, and the signals and states of some instants."""
        drop = "::text[] - ".join(f"'{{{name}}}'" for name in VOLATILE) + "::text[]"
        relations = self.ask("""
          SELECT c.oid::regclass::text FROM pg_class AS c
          WHERE (c.relnamespace = 'corrparse'::regnamespace AND c.relkind = 'r'
              OR c.relnamespace = 'diagnostics'::regnamespace AND c.relkind = 'v')
            AND c.relname NOT IN ('golden_signal_v1', 'global_state_v1', 'global_state_condition_v1', 'drift_v1',
              'global_state_history', 'global_state_history_v1')""")
        found = []
        with contextlib.closing(libpq.Connection(self.connection())) as connection:
            # How values are printed is the session's; what they are is not.
            connection.run("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'")
            sources = [(f"{name}", f"SELECT to_jsonb(t) - {drop} FROM {name} AS t") for (name,) in relations]
            for at in INSTANTS:
                sources.extend(
                    (f"{name} {at}", f"SELECT to_jsonb(t) FROM diagnostics.{name}('{at}') AS t")
                    for name in (
                        "golden_signals_at",
                        "global_state_conditions_at",
                        "global_state_subjects_at",
                        "infra_last_seen_at",
                        "drift_at",
                    )
                )
                sources.append((f"state {at}", f"SELECT to_jsonb(t.state) FROM diagnostics.global_state_at('{at}') AS t"))
            for name, query in sources:
                found.extend(f"{name}\t{row[0]}" for row in connection.run(query).rows)
        return sorted(found)


def difference(name: str, rows: list[str], expected: list[str]) -> bool:
    """Whether they differ; shows the first rows that do."""
    if rows == expected:
        return False
    only = sorted(set(rows) ^ set(expected))
    first = "".join(f"\n  {row[:300]}" for row in only[:6])
    print(f"rows.py: {name} has other rows: {len(only)}, the first of them{first}", file=sys.stderr)
    return True


def logs() -> list[pathlib.Path]:
    folder = program.folder()
    for number, case in enumerate(run_cases.cases()):
        for attempt in case.attempts:
            path = f"dag_id={attempt.dag}/run_id={number}_{attempt.run}" + attempt.path().split(f"run_id={attempt.run}", 1)[1]
            program.write(folder, path, attempt.text(run_cases.timedelta()))
    return [ROOT / "demo" / "logs", folder]


def main(target: str, restored: str | None) -> int:
    with contextlib.closing(libpq.Connection(os.environ["CORRPARSE_TEST_DATABASE"])) as connection:
        server = int(connection.run("SHOW server_version_num").rows[0][0]) // 10_000
    files, expected, failed = logs(), None, False
    for name, (settings, making) in ODD.items():
        # Databases with ICU collations are there from PostgreSQL 15 on.
        if name == "icu" and server < 15:
            continue
        try:
            database = Database(settings, making)
        except libpq.Error as error:
            # Not every server is built with ICU.
            if "ICU is not supported" not in str(error):
                raise
            print(f"rows.py: {name} left out on {server}: {error}", file=sys.stderr)
            continue
        if name == "pooler":
            with pooler.Pooler(database.settings) as other:
                database.fill(files, **other)
        else:
            database.fill(files)
        rows = database.rows()
        if expected is None:
            expected = rows
            if "DUMP" in os.environ:
                with pathlib.Path(os.environ["DUMP"]).open("w") as dump:
                    subprocess.run(["pg_dump", "--no-owner", database.connection()], stdout=dump, check=True)
        failed |= difference(f"{name} on {server}", rows, expected)
    if restored:
        database = Database([], "")
        database.ask("DROP SCHEMA trap CASCADE")
        subprocess.run(
            ["psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", restored, database.connection()],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        failed |= difference(f"the restored dump on {server}", database.rows(), expected)
        # It is a database to work on. The same logs at another place are further rows of the ledger, and of nothing else.
        database.fill(files)
        after = sorted(set(database.rows()))
        failed |= difference(f"the restored dump on {server} after an ingest", after, sorted(set(expected)))
    pathlib.Path(target).write_text("\n".join(expected) + "\n")
    print(f"rows.py: {len(expected)} rows on PostgreSQL {server}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
