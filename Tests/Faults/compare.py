#!/usr/bin/env python3
"""Compares the whole database of corrparse with a reference, and checks what must hold in every one.

`compare.py REFERENCE DATABASE`: two connection strings. Prints the differences, exit 1 on any.

Every table and view of the schemas corrparse and diagnostics counts, found in the catalogue, so that a new one cannot be
forgotten. Generated keys are replaced by what they stand for (a source by its name, a log by its location), and the
times at which rows were written are left out. Signals and global state are read as of an instant instead of now. All is read
in one snapshot.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from postgres import Session

# When a row was written is another time in every run.
WRITTEN_AT = {"ingested_at", "updated_at", "applied_at", "stored_at", "noted_at"}
# Generated keys, and how a row is found by them.
SURROGATES = {("corrparse.source", "source_id"), ("corrparse.log", "log_id"), ("corrparse.run_change", "run_change_id")}
GENERATED = {"source_id", "log_id", "feed_log_id", "best_source_id", "run_change_id", "first_run"}
# A log that no longer began as it did is stored as a further part, and its ledger row is that part's.
NOT_ROTATED_AWAY = (
    "NOT EXISTS (SELECT FROM corrparse.source AS r WHERE (r.dag_id, r.run_id, r.task_id, r.map_index, r.try_number) = "
    "(s.dag_id, s.run_id, s.task_id, s.map_index, s.try_number) AND r.part LIKE 'rotated.%')"
)
# What issue_v1 says of a refused reading, which has no other time, is observed when it was written.
OBSERVED_WHEN_WRITTEN = {"diagnostics.issue_v1": "kind IN ('shorter_reread', 'damaged_reread')"}
# Views at now() say something else every second: they are read as of an instant, at the end of what the generated logs tell.
INSTANT = "'2026-03-28 04:00+00'::timestamptz"
AS_OF_INSTANT = {
    "diagnostics.golden_signal_v1": f"diagnostics.golden_signals_at({INSTANT})",
    "diagnostics.global_state_condition_v1": f"diagnostics.global_state_conditions_at({INSTANT})",
    "diagnostics.global_state_v1": f"diagnostics.global_state_at({INSTANT})",
    "diagnostics.drift_v1": f"diagnostics.drift_at({INSTANT})",
}
# How often the state was noted depends on how often a run ended; what was noted last does not. Reasons tell ages.
LAST_STATE = "SELECT state, triggered, unknown FROM corrparse.global_state_history ORDER BY noted_at DESC LIMIT 1"
LAST_ROW_ONLY = {
    "corrparse.global_state_history": f"({LAST_STATE})",
    "diagnostics.global_state_history_v1": "(SELECT state FROM diagnostics.global_state_history_v1 ORDER BY since DESC LIMIT 1)",
}
# Derived from another column, and long.
DERIVED = {"name_digest", "location_digest"}

NAMED = (
    "(SELECT s.name || CASE WHEN s.is_identified THEN '' ELSE ' (not identified)' END FROM corrparse.source AS s WHERE "
    "s.source_id = t.{})"
)
NAMED_SOURCE = NAMED.format("source_id")

# Of several logs with the same bytes any one stands for all.
NAMED_FEED = (
    '(SELECT min(l.location COLLATE "C") FROM corrparse.log AS f JOIN corrparse.log AS l ON l.source_id = f.source_id '
    "AND l.fingerprint = f.fingerprint AND l.status = f.status WHERE f.log_id = t.feed_log_id)"
)


class Unknown(Exception):
    """The schema has something that the checker would compare wrongly."""


@dataclass
class Dump:
    """The rows of each relation, sorted, as JSON; and those of each source, by its name as JSON."""

    relations: dict[str, list[str]]
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Relation(NamedTuple):
    """The query for a table's or view's rows: its name, the source the row belongs to, the row."""

    query: str
    is_table: bool


def relations_of(ask) -> dict[str, Relation]:
    """Every table and view there is."""
    unknown = [
        row
        for row in ask(
            "SELECT attrelid::regclass || ' ' || attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid "
            "WHERE attidentity <> '' AND relnamespace IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace)"
        )
        if tuple(row.split(" ")) not in SURROGATES
    ]
    if unknown:
        raise Unknown(f"generated keys that the checker does not know: {', '.join(unknown)}")
    columns: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, str] = {}
    for row in ask(
        "SELECT n.nspname || '.' || c.relname, c.relkind, a.attname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = "
        "c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE n.nspname "
        "IN ('corrparse', 'diagnostics') AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1"
    ):
        relation, kind, column = row.split("\t")
        columns[relation].add(column)
        kinds[relation] = kind
    relations = {}
    for relation, names in columns.items():
        dropped = ", ".join(sorted(names & (WRITTEN_AT | GENERATED | DERIVED)))
        row = f"to_jsonb(t) - '{{{dropped}}}'::text[]" if dropped else "to_jsonb(t)"
        source = NAMED_SOURCE if "source_id" in names else "NULL::text"
        if "source_id" in names and relation != "corrparse.source":
            row += f" || jsonb_build_object('source_id', {NAMED_SOURCE})"
        if "best_source_id" in names:
            row += f" || jsonb_build_object('best_source_id', {NAMED.format('best_source_id')})"
        if "feed_log_id" in names:
            row += f" || jsonb_build_object('feed_log_id', {NAMED_FEED})"
        place = AS_OF_INSTANT.get(relation) or LAST_ROW_ONLY.get(relation) or relation
        if relation in OBSERVED_WHEN_WRITTEN:
            row = f"CASE WHEN {OBSERVED_WHEN_WRITTEN[relation]} THEN {row} - 'observed_at' ELSE {row} END"
        relations[relation] = Relation(
            f"SELECT '{relation}' AS relation, to_json({source})::text AS source, {row} AS content FROM {place} AS t",
            kinds[relation] in "rp",
        )
    return relations


def snapshot(ask, relations: dict[str, Relation], tables_only: bool = False) -> Dump:
    """Reads everything in one transaction, so that a server process still at work cannot show half of its own."""
    chosen = {name: relation for name, relation in relations.items() if relation.is_table or not tables_only}
    statement = "faults_tables" if tables_only else "faults_whole"
    # Planning takes longer than running it on a small database: once in a session.
    if not ask(f"SELECT 1 FROM pg_prepared_statements WHERE name = '{statement}'"):
        ask(
            f"SET TimeZone = 'UTC'; SET jit = off; SET plan_cache_mode = force_generic_plan; PREPARE {statement} AS\n"
            + "\nUNION ALL\n".join(relation.query for relation in chosen.values())
            + "\nORDER BY 1, 3, 2"
        )
    rows: dict[str, list[str]] = {name: [] for name in chosen}
    by_source: dict[str, list[str]] = defaultdict(list)
    for line in ask(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; EXECUTE {statement}; COMMIT"):
        relation, source, content = line.split("\t")
        rows[relation].append(content)
        if source and chosen[relation].is_table:
            by_source[source].append(f"{relation} {content}")
    return Dump(rows, {name: tuple(contents) for name, contents in by_source.items()})


def readable(content: str) -> str:
    """A row as people read it: only what is set, on one line."""
    row = json.loads(content)
    return ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(row.items()) if value is not None)


def differences(reference: Dump, found: Dump, limit: int = 12) -> list[str]:
    """What is missing (-) and what should not be there (+), relation by relation; empty where they are equal."""
    lines: list[str] = []
    for relation in sorted(reference.relations.keys() | found.relations.keys()):
        expected, actual = reference.relations.get(relation), found.relations.get(relation)
        if expected == actual:
            continue
        if expected is None or actual is None:
            lines.append(f"{relation}: only in the {'database' if expected is None else 'reference'}")
            continue
        lines.append(f"{relation}: {len(expected)} rows expected, {len(actual)} found")
        changed = [
            line for line in difflib.unified_diff(expected, actual, lineterm="", n=0) if line[:2] not in ("--", "++", "@@")
        ]
        lines += [f"  {line[0]} {readable(line[1:])[:400]}" for line in changed[:limit]]
        if len(changed) > limit:
            lines.append(f"  … and {len(changed) - limit} more")
    return lines


# What may never be in a database, whatever happened: a query each that finds the offending rows.
INVARIANTS = {
    "a record without its source": (
        "SELECT r.source_id, r.block FROM corrparse.record AS r LEFT JOIN corrparse.source AS s USING (source_id) WHERE "
        "s.source_id IS NULL"
    ),
    "a source without a ledger row": (
        "SELECT s.name FROM corrparse.source AS s WHERE NOT EXISTS (SELECT FROM corrparse.log AS l WHERE l.source_id = "
        f"s.source_id) AND {NOT_ROTATED_AWAY}"
    ),
    "a source that is fed by another source's log": (
        "SELECT s.name FROM corrparse.source AS s JOIN corrparse.log AS l ON l.log_id = s.feed_log_id WHERE l.source_id <> "
        f"s.source_id AND {NOT_ROTATED_AWAY}"
    ),
    "records of a source that nothing feeds": "SELECT s.name FROM corrparse.source AS s WHERE s.feed_log_id IS NULL "
    "AND EXISTS (SELECT FROM corrparse.record AS r WHERE r.source_id = s.source_id)",
    "a record without exactly one verdict under the current taxonomy": (
        "SELECT r.source_id, r.block FROM corrparse.record AS r LEFT JOIN corrparse.verdict AS v ON v.source_id = r.source_id "
        "AND v.block = r.block AND v.taxonomy_version = (SELECT taxonomy_version FROM corrparse.current_taxonomy) GROUP BY 1, "
        "2 HAVING count(v.*) <> 1"
    ),
    "a verdict without its record": (
        "SELECT v.source_id, v.block FROM corrparse.verdict AS v LEFT JOIN corrparse.record AS r USING (source_id, block) "
        "WHERE r.block IS NULL"
    ),
    "an issue of a block that is not there": (
        "SELECT i.source_id, i.block FROM corrparse.issue AS i LEFT JOIN corrparse.record AS r USING (source_id, block) WHERE "
        "i.block > 0 AND r.block IS NULL"
    ),
    "issues of one block not numbered from 1": (
        "SELECT source_id, block FROM corrparse.issue GROUP BY 1, 2 HAVING max(ordinal) <> count(*) OR min(ordinal) <> 1"
    ),
    "a feed whose ledger row counts other blocks than there are records": (
        "SELECT s.name, l.blocks - l.replays, (SELECT count(*) FROM corrparse.record AS r WHERE r.source_id = s.source_id) "
        "FROM corrparse.source AS s JOIN corrparse.log AS l ON l.log_id = s.feed_log_id WHERE l.refusal IS NULL AND "
        "l.fingerprint = s.feed_fingerprint AND l.blocks - l.replays <> (SELECT count(*) FROM corrparse.record AS r WHERE "
        "r.source_id = s.source_id)"
    ),
    "a feed whose ledger row counts other issues than there are": (
        "SELECT s.name, l.issues, (SELECT count(*) FROM corrparse.issue AS i WHERE i.source_id = s.source_id) FROM "
        "corrparse.source AS s JOIN corrparse.log AS l ON l.log_id = s.feed_log_id WHERE l.refusal IS NULL AND l.fingerprint = "
        "s.feed_fingerprint AND l.issues <> (SELECT count(*) FROM corrparse.issue AS i WHERE i.source_id = s.source_id)"
    ),
    "an attempt without an outcome row": "SELECT s.name FROM corrparse.source AS s WHERE s.is_identified "
    "AND NOT EXISTS (SELECT FROM corrparse.task_outcome AS o WHERE o.source_id = s.source_id)",
    "a ledger row that diagnostics.ingestion_v1 does not show": (
        "SELECT l.location FROM corrparse.log AS l LEFT JOIN diagnostics.ingestion_v1 AS i USING (location) GROUP BY 1 HAVING "
        "count(i.location) <> 1"
    ),
    "a stored diagnosis that is another than its run's records give": (
        "(SELECT d.dag_id, d.run_id FROM (SELECT d.* FROM corrparse.run_diagnosis AS d EXCEPT SELECT c.* FROM "
        "corrparse.run_diagnosis AS k CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id) AS c) AS d WHERE NOT "
        "EXISTS (SELECT FROM corrparse.run_change AS c WHERE c.dag_id = d.dag_id AND c.run_id = d.run_id))"
    ),
    "another number of records than of verdicts in diagnostics.verdict_v1": (
        "SELECT r, v FROM (SELECT count(*) AS r FROM corrparse.record) AS r, (SELECT count(*) AS v FROM "
        "diagnostics.verdict_v1) AS v WHERE r <> v"
    ),
}


def broken_invariants(ask) -> list[str]:
    answer = ask(
        " UNION ALL ".join(
            f"(SELECT '{name.replace(chr(39), chr(39) * 2)}: ' || q.found FROM (SELECT found::text FROM ({query} LIMIT 3) AS "
            "found) AS q)"
            for name, query in INVARIANTS.items()
        )
    )
    return [f"invariant: {line}" for line in answer]


def sources_in_between(found: Dump, allowed: list[Dump]) -> list[str]:
    """The sources whose rows are none of their allowed states; one that is absent is in the state of having no rows."""
    lines = []
    for name in sorted(set(found.sources).union(*(dump.sources for dump in allowed))):
        rows = found.sources.get(name, ())
        states = [dump.sources.get(name, ()) for dump in allowed]
        if rows not in states:
            nearest = min(states, key=lambda state: len(set(state) ^ set(rows)))
            lines.append(f"{name}: neither the old state nor the new one ({len(rows)} rows; against the nearest state:")
            changed = [f"  - {row}" for row in nearest if row not in rows] + [f"  + {row}" for row in rows if row not in nearest]
            lines += [line[:400] for line in changed[:8]]
    return lines


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    dumps, problems = [], []
    for connection in sys.argv[1:]:
        session = Session(connection)
        dumps.append(snapshot(session.ask, relations_of(session.ask)))
        problems += broken_invariants(session.ask)
        session.close()
    problems += differences(*dumps)
    print(
        "\n".join(problems)
        or f"equal: {sum(map(len, dumps[0].relations.values()))} rows in {len(dumps[0].relations)} tables and views"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
