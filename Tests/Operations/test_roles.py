#!/usr/bin/env python3
"""Least privilege: what every role may do with every table, view, sequence and function, against a table written by hand.

  Scripts/with-postgres.sh python3 Tests/Operations/test_roles.py

Whatever a migration adds has to be added here: a table that nobody thought of is a failure.
"""

from __future__ import annotations

import contextlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
from program import libpq

# From 4-database, Migrations, and docs/database.md, "Roles". "logs" are what a log's reading writes.
LOGS = "source source_head log record verdict issue task_outcome run_diagnosis run_change".split()
KEPT = ("universe test_dag infra_observation global_state_history model_observation registered_model model_version").split()
REFERENCE = (
    "migration role_name taxonomy current_taxonomy golden_signal signal_bound state_condition supervision_setting playbook "
    "exit_bound rerun_setting"
).split()
INNER_VIEWS = "infra_reading judged_record known_run_diagnosis useful_strategy".split()
VIEWS = (
    "verdict_v1 verdict_all_v1 run_diagnosis_v1 best_strategy_v1 golden_signal_v1 global_state_condition_v1 global_state_v1 "
    "task_attempt_v1 issue_v1 ingestion_v1 taxonomy_v1 strategy_v1 code_share_v1 infra_observation_v1 global_state_history_v1 "
    "model_version_v1 model_observation_v1 next_step_v1 drift_v1 universe_v1 test_dag_v1"
).split()
# What a view of diagnostics calls for its readers, who may read nothing of corrparse.
FOR_VIEWS = {"diagnose_run", "next_step"}
# What only whoever migrates may call.
FOR_OWNERS = {"grant_to_roles", "use_roles"}
FUNCTIONS = [
    "golden_signals_at",
    "global_state_conditions_at",
    "global_state_subjects_at",
    "global_state_at",
    "infra_last_seen_at",
    "drift_at",
    "model_versions_at",
]
ROW_RIGHTS = ["SELECT", "INSERT", "UPDATE", "DELETE"]
RIGHTS = [*ROW_RIGHTS, "TRUNCATE", "REFERENCES", "TRIGGER"]
ROLES = ["corrparse_writer", "corrparse_reader", "stranger"]


def expected_relations() -> dict[tuple[str, str], set[str]]:
    """Rights by role and relation."""
    found = {}
    for name in LOGS + KEPT:
        found["corrparse_writer", f"corrparse.{name}"] = set(ROW_RIGHTS)
    for name in REFERENCE + INNER_VIEWS:
        found["corrparse_writer", f"corrparse.{name}"] = {"SELECT"}
    for name in VIEWS:
        found["corrparse_writer", f"diagnostics.{name}"] = {"SELECT"}
        found["corrparse_reader", f"diagnostics.{name}"] = {"SELECT"}
    for name in LOGS + KEPT + REFERENCE + INNER_VIEWS:
        found["corrparse_reader", f"corrparse.{name}"] = set()
    for name in LOGS + KEPT + REFERENCE + INNER_VIEWS:
        found["stranger", f"corrparse.{name}"] = set()
    for name in VIEWS:
        found["stranger", f"diagnostics.{name}"] = set()
    return found


def setUpModule():
    global OWNER, DATABASE
    DATABASE = program.Database()
    OWNER = libpq.Connection(DATABASE.connection())
    unittest.addModuleCleanup(OWNER.close)
    OWNER.run("CREATE ROLE stranger")
    unittest.addModuleCleanup(OWNER.run, "DROP ROLE stranger")


class Roles(unittest.TestCase):
    maxDiff = None

    def test_relations(self):
        rows = OWNER.run(f"""
            SELECT role, c.oid::regclass::text, r.name,
              has_schema_privilege(role, c.relnamespace, 'USAGE') AND has_table_privilege(role, c.oid, r.name)
            FROM pg_class AS c, unnest(ARRAY{ROLES}) AS role, unnest(ARRAY{RIGHTS}) AS r (name)
            WHERE c.relnamespace IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace)
              AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            """).rows
        got: dict[tuple[str, str], set[str]] = {}
        for role, relation, right, has in rows:
            got.setdefault((role, relation), set())
            if has == "t":
                got[role, relation].add(right)
        self.assertEqual(got, expected_relations())
        print(
            f"roles: {len(rows)} rights of {len(ROLES)} roles on {len(rows) // len(ROLES) // len(RIGHTS)} relations",
            file=sys.stderr,
        )

    def test_no_rights_on_columns_alone(self):
        self.assertEqual(
            OWNER.run("""
            SELECT attrelid::regclass, attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = attrelid
            WHERE c.relnamespace IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace) AND attacl IS NOT NULL""").rows,
            [],
        )

    def test_functions(self):
        """Those of corrparse read tables with the caller's rights; but for making grants, which is the owner's."""
        rows = OWNER.run(f"""
            SELECT role, p.pronamespace::regnamespace::text, p.proname,
              has_schema_privilege(role, p.pronamespace, 'USAGE') AND has_function_privilege(role, p.oid, 'EXECUTE'), p.prosecdef
            FROM pg_proc AS p, unnest(ARRAY{ROLES}) AS role
            WHERE p.pronamespace IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace)""").rows
        self.assertGreater(len(rows), 60)
        for role, schema, name, has, definer in rows:
            with self.subTest(role=role, function=f"{schema}.{name}"):
                if schema == "diagnostics":
                    self.assertIn(name, FUNCTIONS)
                    self.assertEqual((has, definer), ("f" if role == "stranger" else "t", "t"))
                else:
                    self.assertEqual(definer == "t", name in FOR_VIEWS)
                    self.assertEqual(has == "t", role == "corrparse_writer" and name not in FOR_OWNERS)

    def test_sequences_schemas_database(self):
        def rights(statement: str) -> set[tuple]:
            return {row[:-1] for row in OWNER.run(statement).rows if row[-1] == "t"}

        roles = f"unnest(ARRAY{ROLES}) AS role"
        self.assertEqual(
            rights(f"""SELECT role, c.oid::regclass::text, r.name, has_sequence_privilege(role, c.oid, r.name)
            FROM pg_class AS c, {roles}, unnest(ARRAY['USAGE', 'UPDATE']) AS r (name) WHERE relkind = 'S'"""),
            set(),
        )
        self.assertEqual(
            rights(f"""SELECT role, nspname, r.name, has_schema_privilege(role, n.oid, r.name)
            FROM pg_namespace AS n, {roles}, unnest(ARRAY['USAGE', 'CREATE']) AS r (name)
            WHERE nspname IN ('corrparse', 'diagnostics')"""),
            {
                ("corrparse_writer", "corrparse", "USAGE"),
                ("corrparse_writer", "diagnostics", "USAGE"),
                ("corrparse_reader", "diagnostics", "USAGE"),
            },
        )
        self.assertEqual(rights(f"SELECT role, has_database_privilege(role, current_database(), 'CREATE') FROM {roles}"), set())
        self.assertEqual(
            OWNER.run("""SELECT rolname FROM pg_roles WHERE rolname LIKE 'corrparse%' AND
            (rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)""").rows,
            [],
        )

    def test_the_server_says_the_same(self):
        """Every right is tried, in a transaction that is rolled back: what the catalog says is what happens."""
        tried = 0
        with contextlib.closing(libpq.Connection(DATABASE.connection())) as connection:
            for (role, relation), rights in expected_relations().items():
                column = OWNER.run(
                    f"SELECT attname FROM pg_attribute WHERE attrelid = '{relation}'::regclass AND attnum = 1"
                ).rows[0][0]
                for right, statement in (
                    ("SELECT", f"SELECT {column} FROM {relation} LIMIT 0"),
                    ("INSERT", f"INSERT INTO {relation} DEFAULT VALUES"),
                    ("UPDATE", f"UPDATE {relation} SET {column} = NULL WHERE false"),
                    ("DELETE", f"DELETE FROM {relation} WHERE false"),
                    ("TRUNCATE", f"TRUNCATE {relation}"),
                    ("DDL", f"ALTER TABLE {relation} ADD COLUMN x bigint"),
                    ("DDL", f"DROP TABLE {relation}"),
                ):
                    is_view = relation.startswith("diagnostics.") or relation.split(".")[1] in INNER_VIEWS
                    if is_view and right != "SELECT":
                        continue
                    # A table without rows has no identity to be updated: only whether it is refused counts.
                    connection.run(f"BEGIN; SET LOCAL ROLE {role}")
                    try:
                        connection.run(statement)
                        state = ""
                    except libpq.Error as error:
                        state = error.sqlstate
                    connection.run("ROLLBACK")
                    tried += 1
                    self.assertEqual(state == "42501", right not in rights or right == "DDL", (role, statement, state))
        print(f"roles: {tried} statements tried", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
