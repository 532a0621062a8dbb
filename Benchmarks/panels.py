#!/usr/bin/env python3
"""How long every query of every dashboard takes over 30 days, and whether one reads a whole table.

  make long WHAT=panels                      a million verdicts
  make long WHAT=panels VERDICTS=10000000    the full run (docs/performance.md)
  Benchmarks/panels.py --database 'host=… dbname=…'    a database that `--keep` left filled

Prints the median of the queries' times as the read-only role, slowest first, with All chosen in every variable. Exit status 1
where a plan scans a whole table of records, verdicts or issues, or, with --limit, where a median is over it.
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "Tests" / "Grafana"), str(ROOT / "Scripts"), str(ROOT / "grafana")]

import checks
import generate
import grafana_sql
import libpq
import seeded


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--verdicts", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--limit", type=float, help="milliseconds that no median may pass")
    parser.add_argument("--database", help="a filled database instead of a new one")
    parser.add_argument("--only", default="", help="panels whose titles contain this")
    given = parser.parse_args()
    now = datetime.datetime.now(grafana_sql.UTC).replace(minute=0, second=0, microsecond=0)
    if given.database:
        reader = f"{given.database} user={seeded.READER}"
    else:
        program = os.environ.get("CORRPARSE") or generate.default_program()
        owner, reader = seeded.make(os.environ["CORRPARSE_TEST_DATABASE"], program, "panels")
        began = time.monotonic()
        seeded.fill(owner, program, given.verdicts, now, awkward=False, rough=True)
        print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
    with libpq.Connection(reader) as connection:
        sys.exit(measure(connection, given, now))


def measure(connection, given, now):
    end = now
    start = end - datetime.timedelta(days=given.days)
    measured = []
    leading = checks.leading_columns(connection)
    for path in sorted((ROOT / "grafana" / "dashboards").glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        values = {}
        tasks = []
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                text = grafana_sql.expand(variable["query"], start, end, values)
                tasks.append((f"variable {variable['name']}", text))
                options = [row[0] for row in connection.run(text).rows]
                chosen = options if variable["multi"] else ("launch__discovery" if variable["name"] == "dag" else options[0])
                values[variable["name"]] = grafana_sql.Variable(chosen, variable["multi"])
        for panel, target in checks.queries(board):
            tasks.append(
                (
                    f"{panel['title']} {target['refId']}",
                    grafana_sql.expand(target["rawSql"], start, end, values, panel.get("interval")),
                )
            )
        for title, text in tasks:
            if given.only not in title:
                continue
            plan = json.loads(connection.run("EXPLAIN (FORMAT JSON) " + text).rows[0][0])[0]["Plan"]
            times = []
            for _ in range(given.runs):
                began = time.monotonic()
                rows = len(connection.run(text).rows)
                times.append(1000 * (time.monotonic() - began))
            measured.append((statistics.median(times), board["title"], title, rows, sorted(checks.scans(plan, leading))))
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"{'median ms':>9}  {'rows':>5}  panel or variable")
    for median, board, title, rows, whole in sorted(measured, reverse=True):
        print(f"{median:9.0f}  {rows:5}  {board}: {title}{'  SCANS ' + ', '.join(whole) if whole else ''}")
    failed = any(whole for *_, whole in measured)
    return 1 if failed or (given.limit and any(m[0] > given.limit for m in measured)) else 0


if __name__ == "__main__":
    main()
