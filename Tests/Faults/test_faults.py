#!/usr/bin/env python3
"""The fault tests' own test: the checker finds what is wrong, and the faults are those that they claim to be.

To be run by Scripts/with-postgres.sh; CORRPARSE names the program, by default the debug build.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import compare
import rounds
import trees
from postgres import REPOSITORY, Database, Rewound, Server
from proxy import TO_CLIENT, TO_SERVER, Cut, Messages, Proxy
from stage import Outcome, Stage, unbalanced

BINARY = Path(os.environ.get("CORRPARSE", REPOSITORY / ".build" / "debug" / "corrparse")).resolve()
# Past foreign keys, so that what no constraint would let in can be tried.
UNCHECKED = "SET session_replication_role = replica; "


class FaultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory(prefix="corrparse-faults.", dir="/tmp")
        cls.server = Server()
        old, new = trees.mixed(1, many=0, samples_of=2)
        cls.stage = Stage(cls.server, BINARY, Path(cls.folder.name), "mixed", old, new)
        cls.full = cls.server.create("mixed_empty", name="finished")
        cls.stage.run_clean(cls.stage.arguments(None), cls.full, {65})
        cls.full.forget()
        cls.rewound = Rewound(cls.server.create("finished"))
        cls.small = Stage(cls.server, BINARY, Path(cls.folder.name), "small", *trees.small(), only_from_old=True)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.forget()
        cls.folder.cleanup()

    def changed(self, statement: str) -> tuple[list[str], list[str], list[str]]:
        """What the checker says when the finished database is changed so: differences, invariants, sources in between."""
        situation = self.stage.from_empty
        self.rewound.rewind()
        database = self.rewound.database
        database.ask(f"DISCARD TEMP; {UNCHECKED}{statement}; SET session_replication_role = origin")
        found = self.stage.dump(database)
        return (
            compare.differences(situation.reference, found),
            compare.broken_invariants(database.ask),
            compare.sources_in_between(found, situation.allowed),
        )

    def test_equal_databases_are_equal(self) -> None:
        self.assertEqual(self.changed("SELECT"), ([], [], []))
        # Neither generated keys nor the times of writing count.
        self.assertEqual(
            self.changed(
                "".join(
                    f"UPDATE corrparse.{t} SET source_id = source_id + "
                    f"1000{', updated_at = now()' if t in ('record', 'verdict', 'task_outcome') else ''};"
                    for t in ("record", "verdict", "issue", "task_outcome", "log", "source_head")
                )
                + "UPDATE corrparse.run_diagnosis SET best_source_id = best_source_id + 1000;"
                "CREATE TEMP TABLE s AS SELECT * FROM corrparse.source;DELETE FROM corrparse.source; INSERT INTO "
                "corrparse.source (source_id, name, dag_id, run_id, task_id, map_index, try_number, part, feed_log_id, "
                "feed_status, feed_bytes, feed_fingerprint, complete_bytes) OVERRIDING SYSTEM VALUE SELECT source_id + 1000, "
                "name, dag_id, run_id, task_id, map_index, try_number, part, feed_log_id, feed_status, feed_bytes, "
                "feed_fingerprint, complete_bytes FROM s"
            ),
            ([], [], []),
        )

    def test_a_changed_row_is_found_in_every_table(self) -> None:
        for table, change in {
            "source": "feed_bytes = feed_bytes + 1",
            "source_head": "digests = digests || '\\x00'",
            "log": "blocks = blocks + 1",
            "record": "f1_buy = f1_buy + 0.0001",
            "verdict": "explanation = explanation || '.'",
            "issue": "raw = raw || ' '",
            "task_outcome": "ended_at = ended_at + interval '1 microsecond'",
            "run_diagnosis": "records = records + 1",
            "universe": "crypto_group = 'x'",
            "migration": "name = name || 'x'",
        }.items():
            column = change.split(" ")[0]
            with self.subTest(table):
                differences, _, between = self.changed(
                    f"UPDATE corrparse.{table} SET {change} WHERE ctid = (SELECT ctid FROM corrparse.{table} WHERE {column} IS "
                    "NOT NULL LIMIT 1)"
                )
                self.assertTrue(any(line.startswith(f"corrparse.{table}:") for line in differences), differences)
                # The row as it should be and as it is.
                self.assertLessEqual({"  -", "  +"}, {line[:3] for line in differences})
                self.assertEqual(bool(between), table not in ("run_diagnosis", "universe", "migration"))

    def test_logs_with_the_same_bytes_stand_for_each_other(self) -> None:
        move = (
            "UPDATE corrparse.source AS s SET feed_log_id = l.log_id FROM corrparse.log AS l JOIN corrparse.log AS f USING "
            "(source_id) WHERE s.feed_log_id = f.log_id AND l.source_id = s.source_id AND l.log_id <> f.log_id AND "
            "l.fingerprint {} f.fingerprint RETURNING 1"
        )
        self.assertEqual(self.changed(move.format("=")), ([], [], []))
        self.assertTrue(self.changed(move.format("<>"))[0])

    def test_a_removed_row_is_found_in_every_table(self) -> None:
        for table in (
            "source",
            "log",
            "record",
            "verdict",
            "issue",
            "task_outcome",
            "universe",
            "taxonomy",
            "current_taxonomy",
            "migration",
        ):
            with self.subTest(table):
                differences, _, _ = self.changed(
                    f"DELETE FROM corrparse.{table} WHERE ctid = (SELECT max(ctid) FROM corrparse.{table})"
                )
                self.assertTrue(any(line.startswith(f"corrparse.{table}:") for line in differences), differences)

    def test_a_duplicated_row_is_found(self) -> None:
        for table, key in {"record": "block", "verdict": "block", "issue": "ordinal", "task_outcome": "try_number"}.items():
            with self.subTest(table):
                differences, _, between = self.changed(
                    f"CREATE TEMP TABLE one AS SELECT * FROM corrparse.{table} LIMIT 1; UPDATE one SET {key} = {key} + 1000; "
                    f"INSERT INTO corrparse.{table} SELECT * FROM one"
                )
                self.assertTrue(any(line.startswith(f"corrparse.{table}:") for line in differences), differences)
                self.assertTrue(between)
        # Without its key even a row that is the same to the last value.
        differences, _, _ = self.changed(
            f"ALTER TABLE corrparse.record DROP CONSTRAINT record_pkey CASCADE; {UNCHECKED}INSERT INTO corrparse.record SELECT "
            "* FROM corrparse.record LIMIT 1"
        )
        self.assertTrue(any(line.startswith("corrparse.record:") for line in differences), differences)

    def test_a_changed_view_and_a_table_of_its_own_are_found(self) -> None:
        with self.server.create("finished") as database:
            database.ask(
                "CREATE OR REPLACE VIEW diagnostics.taxonomy_v1 AS SELECT code, taxonomy_version, is_current_version AS "
                "is_current, layer, severity, condition, meaning, next_step || '!' AS next_step, position FROM (SELECT t.*, "
                "true AS is_current_version FROM corrparse.taxonomy AS t) AS t"
            )
            self.assertIn(
                "diagnostics.taxonomy_v1: 13 rows expected, 13 found",
                compare.differences(self.stage.from_empty.reference, self.stage.dump(database)),
            )
        with self.server.create("finished") as database:
            database.ask("CREATE TABLE corrparse.more (more_id bigint GENERATED ALWAYS AS IDENTITY)")
            with self.assertRaises(compare.Unknown):
                compare.relations_of(database.ask)
        with self.server.create("finished") as database:
            database.ask("CREATE TABLE diagnostics.more (a int)")
            found = compare.snapshot(database.ask, compare.relations_of(database.ask))
            self.assertEqual(
                compare.differences(self.stage.from_empty.reference, found), ["diagnostics.more: only in the database"]
            )

    def test_every_invariant_can_be_broken(self) -> None:
        one = "WHERE source_id = (SELECT min(source_id) FROM corrparse.record)"
        feed = f"WHERE log_id = (SELECT feed_log_id FROM corrparse.source {one})"
        with_issue = "USING (SELECT * FROM corrparse.issue WHERE block > 0 LIMIT 1) AS i"
        breaks = {
            "a record without its source": f"DELETE FROM corrparse.source {one}",
            "a source without a ledger row": f"DELETE FROM corrparse.log {one}",
            "a source that is fed by another source's log": f"UPDATE corrparse.log SET source_id = source_id + 1 {feed}",
            "records of a source that nothing feeds": f"UPDATE corrparse.source SET feed_log_id = NULL {one}",
            "a record without exactly one verdict under the current taxonomy": (
                f"DELETE FROM corrparse.verdict {one} AND block = 1"
            ),
            "a verdict without its record": f"DELETE FROM corrparse.record {one} AND block = 1",
            "an issue of a block that is not there": (
                f"DELETE FROM corrparse.record AS r {with_issue} WHERE r.source_id = i.source_id AND r.block = i.block"
            ),
            "issues of one block not numbered from 1": "UPDATE corrparse.issue SET ordinal = ordinal + 100",
            "a feed whose ledger row counts other blocks than there are records": (
                f"UPDATE corrparse.log SET blocks = blocks + 1 {feed}"
            ),
            "a feed whose ledger row counts other issues than there are": f"UPDATE corrparse.log SET issues = issues + 1 {feed}",
            "an attempt without an outcome row": "DELETE FROM corrparse.task_outcome",
            "a ledger row that diagnostics.ingestion_v1 does not show": f"DELETE FROM corrparse.source {one}",
            "a stored diagnosis that is another than its run's records give": (
                "UPDATE corrparse.run_diagnosis SET records = records + 1 WHERE crypto IS NULL"
            ),
            "another number of records than of verdicts in diagnostics.verdict_v1": f"DELETE FROM corrparse.verdict {one}",
        }
        self.assertEqual(breaks.keys(), compare.INVARIANTS.keys())
        for name, statement in breaks.items():
            with self.subTest(name):
                self.assertTrue(any(line.startswith(f"invariant: {name}: (") for line in self.changed(statement)[1]))

    def test_half_a_log_is_neither_old_nor_new(self) -> None:
        situation = self.stage.from_old
        self.assertEqual(len(situation.allowed), 4)
        with self.server.create("mixed_old") as database:
            self.assertEqual(compare.sources_in_between(self.stage.dump(database), situation.allowed), [])
            self.stage.run_clean(self.stage.arguments(None), database, {65})
            self.assertEqual(compare.sources_in_between(self.stage.dump(database), situation.allowed), [])
            database.ask(
                "DELETE FROM corrparse.record WHERE (source_id, block) IN (SELECT source_id, max(block) FROM corrparse.record "
                "GROUP BY 1 HAVING count(*) > 1 LIMIT 1)"
            )
            self.assertEqual(
                sum(
                    "neither the old state nor the new" in line
                    for line in compare.sources_in_between(self.stage.dump(database), situation.allowed)
                ),
                1,
            )

    def test_a_program_that_stores_wrongly_is_found(self) -> None:
        """A round with a program that loses a record, and with one that says it is done and is not."""
        situation = self.stage.from_empty
        honest = self.stage.binary
        loss = 'psql -Xq -d "$last" -c "DELETE FROM corrparse.record WHERE block = 2"'
        for script, words in {
            f'"{honest}" "$@"; s=$?; {loss}; exit $s': "corrparse.record:",
            'echo "corrparse: 3 blocks = 3 stored + 0 unchanged" >&2; exit 65': "after exit status 65",
            f'"{honest}" "$@"; exit 70': "ended with 70",
        }.items():
            program = Path(self.folder.name) / "corrparse"
            program.write_text(f'#!/bin/bash\nlast="${{!#}}"\n{script}\n')
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            self.stage.binary = program
            try:
                with self.subTest(words), self.server.create(situation.template) as database:
                    outcome = self.stage.start(self.stage.arguments(None), database.connection).finish()
                    result = self.stage.judge(situation, database, [outcome])
                    self.assertTrue(any(words in problem for problem in result.problems), result.problems)
            finally:
                self.stage.binary = honest

    def test_the_accounting_equation_is_checked(self) -> None:
        self.assertEqual(unbalanced(Outcome(0, "5 blocks = 2 stored + 1 unchanged + 2 replayed; none 5", 1)), [])
        self.assertEqual(unbalanced(Outcome(69, "", 1)), [])
        self.assertTrue(unbalanced(Outcome(0, "5 blocks = 2 stored + 1 unchanged + 1 replayed; none 5", 1)))
        self.assertTrue(unbalanced(Outcome(65, "done", 1)))

    def test_messages_are_divided_whatever_the_pieces(self) -> None:
        stream = b"S\0\0\0\x04" + b"C\0\0\0\x0bCOMMIT\0" + b"Z\0\0\0\x05I"
        for size in range(1, len(stream) + 1):
            messages = Messages()
            found = [m for i in range(0, len(stream), size) for m in messages.complete(stream[i : i + size])]
            self.assertEqual(found, [b"S\0\0\0\x04", b"C\0\0\0\x0bCOMMIT\0", b"Z\0\0\0\x05I"])

    def cut_session(self, cuts: rounds.Cuts, cut: Cut) -> tuple[Outcome, Proxy, Database]:
        database = self.small.rewound(cuts.situation)
        proxy = Proxy(self.server.socket, cut)
        outcome = cuts.session(database, proxy).finish()
        proxy.close()
        return outcome, proxy, database

    def test_cuts_come_where_they_are_ordered(self) -> None:
        cuts = rounds.Cuts(self.small)
        whole = cuts.whole
        self.assertGreater(len(whole.commits), 0)
        self.assertEqual(len(cuts.every()), sum(whole.bytes))
        # While connecting, which is not tried again.
        for direction in (TO_SERVER, TO_CLIENT):
            for count in (0, 1, 40):
                outcome, proxy, _ = self.cut_session(cuts, Cut(direction, count, lasting=True))
                self.assertTrue(proxy.measured.cut)
                self.assertEqual(proxy.measured.bytes[direction], count)
                self.assertEqual(outcome.status, 69)
        # With its answer withheld COMMIT happened, and nobody told the program; without its last byte it did not.
        self.assertEqual(len(cuts.after), len(whole.commits) + 1)
        self.assertNotEqual(cuts.after[0], cuts.after[1])
        result = cuts.round(Cut(commit=1, lasting=True))
        self.assertEqual((result.problems, result.status, result.reruns), ([], "69", 1))
        self.assertEqual(result.found, cuts.after[1])
        cuts.after[0] = cuts.after[1]
        result = cuts.round(Cut(TO_SERVER, whole.commits[0][0] - 1, lasting=True))
        self.assertTrue(any("right after the cut" in line for line in result.problems), result.problems)
        plan = cuts.plan(7, 600)
        self.assertEqual((len(plan), len(set(plan))), (600, 600))
        self.assertEqual(plan, cuts.plan(7, 600))

    def test_the_same_seed_gives_the_same_tree(self) -> None:
        self.assertEqual(trees.mixed(3), trees.mixed(3))
        self.assertNotEqual(trees.mixed(3), trees.mixed(4))

    def test_compare_exits_with_1_on_a_difference(self) -> None:
        compared = [sys.executable, str(Path(compare.__file__)), self.full.connection]
        with self.server.create("finished") as database:
            self.assertEqual(
                subprocess.run([*compared, database.connection], check=False, stdout=subprocess.DEVNULL).returncode, 0
            )
            database.ask("UPDATE corrparse.log SET error = 'x' WHERE log_id = (SELECT min(log_id) FROM corrparse.log)")
            done = subprocess.run([*compared, database.connection], check=False, stdout=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertIn("+ blocks=", done.stdout)


if __name__ == "__main__":
    unittest.main()
