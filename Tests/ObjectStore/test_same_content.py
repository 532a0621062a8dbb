"""An equal entity tag is the same content: what is read again, and what is not."""

from __future__ import annotations

import time
import unittest

from harness import BACKFILL, Database, DatabaseTest, log, things, trees
from store import TIME, Fault, Thing


class SameContentTest(DatabaseTest):
    def test_logs_without_an_outcome_are_not_read_on_every_run(self) -> None:
        tree = {trees.path(f"r{n}"): log(f"r{n}", finished=False) for n in range(33)}
        store = self.store({"prod/" + name: Thing(content, modified=time.time()) for name, content in tree.items()})
        database = Database()
        self.backfill(database, "s3://logs/prod", store=store)
        self.assertEqual(database.ask("SELECT DISTINCT status FROM corrparse.log"), "growing\n")
        before = database.ask("SELECT xmin, * FROM corrparse.log ORDER BY log_id")
        store.requests.clear()
        result = self.backfill(database, "s3://logs/prod", store=store)
        self.assertEqual(store.keys_read(), [])
        self.assertIn("0 logs read, 33 unchanged, 0 failed", result.errors)
        self.assertEqual(database.ask("SELECT xmin, * FROM corrparse.log ORDER BY log_id"), before)
        self.backfill(database, "s3://logs/prod", "--force", store=store)
        self.assertEqual(len(store.keys_read()), 33)

    def test_a_log_that_grew_is_read_and_one_that_settled_once_more(self) -> None:
        name = trees.path("r")
        store = self.store({name: Thing(log("r", 2, finished=False), modified=trees.STILL_GROWING)})
        database = Database()
        for content, status in (
            (log("r", 2, finished=False), "growing"),
            (log("r", 4, finished=False), "growing"),
            (log("r", 4, finished=False) + log("r", 5), "complete"),
        ):
            store.things[name] = Thing(content, modified=trees.STILL_GROWING)
            for reads in (1, 0):
                store.requests.clear()
                self.backfill(database, "s3://logs", store=store)
                self.assertEqual(len(store.keys_read()), reads)
                self.assertEqual(database.ask("SELECT status FROM corrparse.log"), f"{status}\n")
            self.same({"verdicts": database.contents()["verdicts"]}, {"verdicts": self.from_disk({name: content})["verdicts"]})

    def test_a_log_without_an_outcome_is_complete_after_a_day(self) -> None:
        name = trees.path("r")
        tree = {name: log("r", 2, finished=False)}
        store = self.store({name: Thing(tree[name], modified=trees.STILL_GROWING)})
        database = Database()
        self.backfill(database, "s3://logs", store=store)
        store.things[name] = Thing(tree[name], modified=TIME)
        for reads in (1, 0):
            store.requests.clear()
            self.backfill(database, "s3://logs", store=store)
            self.assertEqual(len(store.keys_read()), reads)
        self.same(database.contents(), self.from_disk(tree))

    def test_a_time_in_seconds_and_one_in_milliseconds_are_one_time(self) -> None:
        # Without the right to list, the object's time comes from a head, which tells seconds.
        for finished in (True, False):
            store = self.store({"x.log": Thing(log("x", finished=finished), modified=TIME + 0.789)})
            heads = ("ingest", "s3://logs/x.log", "--database", Database().url)
            refused = lambda n, request: None if request.key else Fault(status=403, code="AccessDenied")  # noqa: E731
            for fault in (refused, lambda n, request: None, refused):
                store.fault = fault
                self.expect(0, *heads, store=store)
            self.assertEqual(len(store.keys_read()), 2, "for its identity, and for its blocks")
            # The other way round.
            store.requests.clear()
            heads = (*heads[:-1], Database().url)
            for fault in (lambda n, request: None, refused):
                store.fault = fault
                self.expect(0, *heads, store=store)
            self.assertEqual(len(store.keys_read()), 2)

    def test_the_same_bytes_uploaded_again_are_not_read_and_others_of_the_same_length_are(self) -> None:
        name = trees.path("r")
        first = log("r")
        other = first.replace(b"note=block_0", b"note=block_7")
        self.assertNotEqual(first, other)
        store = self.store(things({name: first}))
        database = Database()
        self.backfill(database, "s3://logs/prod", store=store)
        store.requests.clear()
        store.things["prod/" + name] = Thing(first, modified=TIME + 3600)
        self.assertIn(
            "unchanged\t",
            self.expect(0, *BACKFILL, "s3://logs/prod", "--dry-run", "--database", database.url, store=store).output,
        )
        self.backfill(database, "s3://logs/prod", store=store)
        self.assertEqual(store.keys_read(), [])
        store.things["prod/" + name] = Thing(other)
        self.backfill(database, "s3://logs/prod", store=store)
        self.same(database.contents(), self.from_disk({name: other}))


if __name__ == "__main__":
    unittest.main(verbosity=1)
