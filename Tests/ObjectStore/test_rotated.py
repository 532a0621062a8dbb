"""Logs of a handler with `max_bytes` in a bucket: `attempt=1.log.1`, `.2` are the earlier parts of `attempt=1.log`
and are read with it (2-log-envelopes, Identity)."""

from __future__ import annotations

import unittest

from harness import Database, DatabaseTest, log, things, trees
from store import Fault, Request, Thing


def rotated(run: str, parts: int, blocks: int = 6) -> dict[str, bytes]:
    """A log in so many parts, cut anywhere."""
    text = log(run, blocks)
    size = -(-len(text) // parts)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    names = [f".{number}" for number in range(parts - 1, 0, -1)] + [""]
    return {trees.path(run) + name: piece for name, piece in zip(names, pieces, strict=True)}


def tree() -> dict[str, bytes]:
    """Rotated logs among others whose names begin like theirs."""
    found = rotated("a", 3) | rotated("b", 12) | rotated("c", 2)
    found[trees.path("plain")] = log("plain")
    # No parts: a number with a zero before it, another kind of log, and a part without its log.
    return found | {
        trees.path("a") + ".01": b"x",
        trees.path("a") + ".trigger.7.log": log("trigger"),
        trees.path("a") + "-old": b"x",
        trees.path("gone") + ".1": log("gone"),
    }


class RotatedTest(DatabaseTest):
    def test_a_bucket_gives_what_a_volume_gives(self) -> None:
        wanted = self.from_disk(tree())
        self.assertIn("\t6\t0\t", wanted["logs"])
        for page in (1, 2, 3, 5, 1000):
            for jobs in ("1", "2"):
                with self.subTest(page=page, jobs=jobs):
                    store = self.store(things(tree()), page=page)
                    database = Database()
                    result = self.backfill(database, "s3://logs/prod", store=store, CORRPARSE_JOBS=jobs)
                    self.same(database.contents(), wanted)
                    self.assertIn("5 logs read, 0 unchanged, 0 failed", result.errors)
                    self.assertIn("3 files ignored", result.errors)
                    again = self.backfill(database, "s3://logs/prod", store=store)
                    self.assertIn("0 logs read, 5 unchanged, 0 failed", again.errors)

    def test_a_named_object_is_read_with_its_parts(self) -> None:
        store = self.store(things(rotated("a", 3)))
        whole = self.store(things({trees.path("a"): log("a", 6)}))
        name = f"s3://logs/prod/{trees.path('a')}"
        self.assertEqual(self.expect(0, "parse", name, store=store).output, self.expect(0, "parse", name, store=whole).output)

    def test_a_part_that_changes_has_the_log_read_again(self) -> None:
        store = self.store(things(rotated("a", 3)))
        database = Database()
        self.backfill(database, "s3://logs/prod", store=store)
        longer = things(rotated("a", 3, blocks=7))
        store.things.update(longer)
        self.assertIn("7 blocks = 1 stored + 6 unchanged", self.backfill(database, "s3://logs/prod", store=store).errors)
        self.assertIn("0 logs read, 1 unchanged", self.backfill(database, "s3://logs/prod", store=store).errors)

    def test_a_log_that_is_rotated_while_it_is_read_is_left_to_the_next_run(self) -> None:
        store = self.store(things(rotated("a", 2)))
        key = f"prod/{trees.path('a')}"
        database = Database()

        def rotate(_: int, request: Request) -> Fault | None:
            # Between listing and reading the parts are renamed and a new log begun.
            if request.key == f"{key}.1" and f"{key}.2" not in store.things:
                store.things[f"{key}.2"] = store.things[f"{key}.1"]
                store.things[f"{key}.1"] = store.things[key]
                store.things[key] = Thing(log("a", 7)[len(log("a", 6)) - len(trees.SUCCESS) :])
            return None

        store.fault = rotate
        first = self.backfill(database, "s3://logs/prod", store=store)
        self.assertIn("0 blocks = 0 stored", first.errors)
        self.assertEqual(database.ask("SELECT count(*) FROM corrparse.record"), "0\n")
        second = self.backfill(database, "s3://logs/prod", store=store)
        self.assertIn("1 log read, 0 unchanged, 0 failed", second.errors)

    def test_a_log_with_an_archived_part_is_passed_over_and_counted(self) -> None:
        found = things(rotated("a", 3))
        found[f"prod/{trees.path('a')}.2"].storage = "GLACIER"
        store = self.store(found)
        result = self.backfill(Database(), "s3://logs/prod", store=store)
        self.assertIn("0 logs read", result.errors)
        self.assertIn("archived", result.errors)


if __name__ == "__main__":
    unittest.main()
