"""What `ingest` and `backfill` make of a bucket: the same database as of the same tree on disk, whatever happens on the way."""

from __future__ import annotations

import gzip
import os
import random
import re
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import stand_in
from harness import BACKFILL, PROGRAM, Database, DatabaseTest, StoreTest, environment, log, short_tree, things, trees, write
from store import BUCKET, Fault, Request, Thing, at_request

LONG = bool(os.environ.get("CORRPARSE_LONG"))


class LedgerTest(DatabaseTest):
    def test_a_cut_at_every_request_of_a_session_changes_nothing(self) -> None:
        tree = short_tree()
        wanted = self.from_disk(tree)
        self.assertIn("notes of today", wanted["logs"])
        clean = self.store(things(tree), page=3)
        database = Database()
        self.backfill(database, "s3://logs/prod", store=clean)
        self.same(database.contents(), wanted)
        count = len(clean.requests)
        self.assertGreaterEqual(count, 9)
        for number in range(1, count + 1):
            with self.subTest(request=number):
                store = self.store(things(tree), page=3)
                store.fault = at_request(number, Fault(cut=-1 if number % 2 else 250, reset=number % 3 == 0))
                database = Database()
                self.backfill(database, "s3://logs/prod", store=store)
                self.same(database.contents(), wanted)

    def test_an_outage_leaves_nothing_that_a_later_run_does_not_mend(self) -> None:
        tree = short_tree()
        wanted = self.from_disk(tree)
        for first in (1, 2, 5, 8) if LONG else (2, 7):
            with self.subTest(first=first):
                store = self.store(things(tree), page=3)
                store.fault = lambda n, _, first=first: Fault(cut=-1 if n % 2 else 100) if n >= first else None
                database = Database()
                result = self.run_program(
                    *BACKFILL, "s3://logs/prod", "--database", database.url, store=store, CORRPARSE_RETRIES="1"
                )
                self.assertIn(result.status, (65, 69, 75), result.errors)
                store.fault = lambda n, request: None
                self.backfill(database, "s3://logs/prod", store=store)
                self.same(database.contents(), wanted)

    def test_unchanged_objects_are_not_read(self) -> None:
        store = self.store(things(short_tree()))
        database = Database()
        self.backfill(database, "s3://logs/prod", store=store)
        before = database.ask("SELECT xmin, * FROM corrparse.log ORDER BY log_id")
        store.requests.clear()
        result = self.backfill(database, "s3://logs/prod/", store=store)
        self.assertEqual(store.keys_read(), [], result.errors)
        self.assertEqual(database.ask("SELECT xmin, * FROM corrparse.log ORDER BY log_id"), before)
        key = next(key for key in store.things if key.endswith("notes of today.log"))
        for changed in (Thing(store.things[key].content, tag='"another"'), Thing(log("notes", 5))):
            store.things[key] = changed
            store.requests.clear()
            self.backfill(database, "s3://logs/prod", store=store)
            # Twice: what has no identity by its key is looked at for it first.
            self.assertEqual({k for k in store.keys_read() if store.things[k].content}, {key})

    def test_an_attempt_on_a_volume_and_in_a_bucket_is_one_source(self) -> None:
        tree = short_tree()
        wanted = self.from_disk(tree)
        database = Database()
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), tree, dict.fromkeys(tree, 1774663200.0))
            self.backfill(database, folder)
        store = self.store(
            {"prod/" + re.sub("[:+]", lambda m: f"%{ord(m[0]):02X}", name): Thing(content) for name, content in tree.items()}
        )
        self.backfill(database, "s3://logs/prod", store=store)
        found = database.contents()
        self.assertEqual(found["verdicts"], wanted["verdicts"])
        self.assertEqual(database.ask("SELECT count(*) FROM corrparse.source"), f"{len(tree) - 2}\n")
        self.assertEqual(database.ask("SELECT count(*) FROM corrparse.log"), f"{2 * (len(tree) - 2)}\n")

    def test_a_longer_upload_of_the_same_key_replaces_its_rows(self) -> None:
        name = trees.path("r")
        database = Database()
        store = self.store({name: Thing(log("r", 2, finished=False), modified=time.time())})
        self.backfill(database, "s3://logs", store=store)
        store.things[name] = Thing(log("r", 2, finished=False) + log("r", 5), modified=time.time())
        self.backfill(database, "s3://logs", store=store)
        self.same(database.contents(), self.from_disk({name: store.things[name].content}))

    def test_an_object_replaced_while_it_is_read_is_read_anew(self) -> None:
        name = trees.path("r")
        store = self.store({name: Thing(log("r", 4))})

        def fault(_: int, request: Request) -> Fault | None:
            if request.key and len(store.keys_read()) == 1:
                return Fault(cut=700)
            if "range" in request.headers:
                store.things[name] = Thing(log("other", 3))
            return None

        store.fault = fault
        database = Database()
        self.backfill(database, "s3://logs", store=store)
        self.same(database.contents(), self.from_disk({name: log("other", 3)}))
        store.requests.clear()
        self.backfill(database, "s3://logs", store=store)
        self.assertEqual(store.keys_read(), [])

    def test_a_deleted_object_is_a_log_that_cannot_be_read(self) -> None:
        tree = {trees.path(str(n)): log(str(n)) for n in range(3)}
        store = self.store(things(tree))
        gone = "prod/" + trees.path("1")
        store.fault = lambda n, request: Fault(status=404, code="NoSuchKey") if request.key == gone else None
        database = Database()
        result = self.backfill(database, "s3://logs/prod", store=store, status=65)
        self.assertIn(f"{gone}: there is no such object", result.errors)
        self.assertEqual(
            database.ask("SELECT status, count(*) FROM corrparse.log GROUP BY 1 ORDER BY 1"), "complete|2\nfailed|1\n"
        )

    def test_a_body_that_is_always_cut_is_stored_so_far_and_read_again(self) -> None:
        tree = {trees.path("1"): log("1", 6)}
        store = self.store(things(tree))
        store.fault = lambda n, request: Fault(cut=0) if "range" in request.headers else Fault(cut=900) if request.key else None
        database = Database()
        self.backfill(database, "s3://logs/prod", store=store, status=65)
        self.assertEqual(database.ask("SELECT status, size_bytes FROM corrparse.log"), "truncated|\n")
        store.fault = lambda n, request: None
        self.backfill(database, "s3://logs/prod", store=store)
        self.same(database.contents(), self.from_disk(tree))

    def test_only_the_prefixes_of_the_wanted_dags_are_listed(self) -> None:
        tree = short_tree() | {f"dag_id=other{n}/run_id=r/task_id=t/attempt=1.log": log(str(n)) for n in range(5)}
        store = self.store(things(tree))
        database = Database()
        self.backfill(database, "s3://logs/prod", "--dag", "other3", "--dag", "other1", store=store)
        path = "run_id=r/task_id=t/attempt=1.log"
        # Several logs are read at a time, so that either may come first.
        self.assertEqual(sorted(store.keys_read()), [f"prod/dag_id=other{n}/{path}" for n in (1, 3)])
        prefixes = {
            r.query["prefix"]
            for r in store.requests
            if r.key is None and "delimiter" not in r.query and "max-keys" not in r.query
        }
        self.assertEqual(prefixes, {"prod/dag_id=other1/", "prod/dag_id=other3/", "prod/other/", "prod/scheduler/"})

    def test_a_listing_that_is_split_finds_every_log_once(self) -> None:
        chance = random.Random(7)
        database = Database()
        split = 0
        for number in range(60 if LONG else 20):
            names = [
                f"dag_id={name}" for name in chance.sample(["a", "a!", "a0", "a b", "ü", "b", "b%2F", "z"], chance.randint(1, 8))
            ]
            keys = {
                f"prod/{name}/run_id=r{n}/task_id=t/attempt=1.log" for name in names for n in range(chance.choice([1, 2, 9, 30]))
            }
            keys |= {f"prod/{chance.choice('acz')}{n}.log" for n in range(chance.choice([0, 0, 4]))}
            store = self.store({key: Thing(b"x") for key in keys}, page=chance.choice([5, 10, 50]))
            told = self.expect(0, *BACKFILL, "s3://logs/prod", "--dry-run", "--database", database.url, store=store)
            with self.subTest(number=number):
                found = re.findall(r"s3://logs/(prod/.*?\.log)", told.output)
                self.assertEqual(sorted(found), sorted(keys))
            split += any("start-after" in request.query for request in store.requests)
        self.assertGreater(split, 5)

    def test_folders_are_listed_at_the_same_time(self) -> None:
        tree = {f"dag_id={name}/run_id=r{n}/task_id=t/attempt=1.log": log(name) for name in "abc" for n in range(9)}
        store = self.store(things(tree), page=5)
        both = threading.Barrier(2, timeout=20)
        waiting = threading.Semaphore(2)

        def meet(_: int, request: Request) -> None:
            # The first two that ask for a folder's objects wait for each other.
            if (
                request.key is None
                and request.query.get("prefix", "").startswith("prod/dag_id=")
                and waiting.acquire(blocking=False)
            ):
                both.wait()

        store.fault = meet
        database = Database()
        self.backfill(database, "s3://logs/prod", store=store, CORRPARSE_BUCKET_TIMEOUT="30")
        self.assertFalse(both.broken)
        self.assertFalse(waiting.acquire(blocking=False))
        self.same(database.contents(), self.from_disk(tree))

    def test_shards_are_disjoint_and_whole(self) -> None:
        tree = {trees.path(str(n)): log(str(n)) for n in range(12)}
        store = self.store(things(tree))
        database = Database()
        for shard in range(3):
            self.backfill(database, "s3://logs/prod", "--shard", f"{shard}/3", store=store)
        self.assertEqual(sorted(store.keys_read()), sorted("prod/" + name for name in tree))
        self.same(database.contents(), self.from_disk(tree))

    def test_named_objects_and_prefixes_are_ingested(self) -> None:
        tree = short_tree()
        store = self.store(things(tree))
        database = Database()
        first, *_ = tree
        self.expect(0, "ingest", f"s3://logs/prod/{first}", "s3://logs/prod/other", "--database", database.url, store=store)
        self.assertEqual(database.ask("SELECT count(*) FROM corrparse.source"), "2\n")
        store.requests.clear()
        self.expect(0, "ingest", f"s3://logs/prod/{first}", "--database", database.url, store=store)
        self.assertEqual(store.keys_read(), [])
        self.expect(65, "ingest", "s3://logs/prod/nothing", "--database", database.url, store=store)
        self.expect(65, "ingest", "s3://logs/prod/nothing/", "--database", database.url, store=store)

    def test_a_signal_while_the_store_is_silent_ends_with_143_and_stores_what_was_read(self) -> None:
        tree = {trees.path(str(n)): log(str(n)) for n in range(4)}
        store = self.store(things(tree))
        store.fault = lambda n, request: Fault(cut=50, stall=60) if request.key and "_3/" in request.key else None
        database = Database()
        process = subprocess.Popen(
            [PROGRAM, *BACKFILL, "s3://logs/prod", "--database", database.url],
            env=environment(store, CORRPARSE_BUCKET_TIMEOUT="50", CORRPARSE_JOBS="1"),
            stderr=subprocess.DEVNULL,
        )
        while len(store.keys_read()) < 4:
            time.sleep(0.01)
        process.terminate()
        self.assertEqual(process.wait(timeout=20), 143)
        store.fault = lambda n, request: None
        self.backfill(database, "s3://logs/prod", store=store)
        self.same(database.contents(), self.from_disk(tree))


class StandInTest(StoreTest):
    """moto's server, which many others test with as well."""

    def test_thousands_of_objects_give_the_same_database_as_the_tree_on_disk(self) -> None:
        count = 5000 if LONG else 200
        tree = {
            name: content
            for n in range(count)
            for name, content in [
                (trees.path(f"{n:05}") + ".gz", gzip.compress(log(str(n), 1 + n % 3), mtime=0))
                if n % 3
                else (trees.path(f"{n:05}"), log(str(n), 1 + n % 3))
            ]
        }
        url, client = stand_in.start(self)
        for name, content in tree.items():
            client.put_object(Bucket=BUCKET, Key="prod/" + name, Body=content)
        times: dict[str, float] = {}
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            times |= {found["Key"].removeprefix("prod/"): found["LastModified"].timestamp() for found in page["Contents"]}
        in_bucket, on_disk = Database(), Database()
        arguments = (*BACKFILL, "s3://logs/prod", "--database", in_bucket.url)
        start = time.monotonic()
        self.expect(0, *arguments, AWS_ENDPOINT_URL=url, CORRPARSE_BUCKET_TIMEOUT="30")
        middle = time.monotonic()
        second = self.expect(0, *arguments, AWS_ENDPOINT_URL=url, CORRPARSE_BUCKET_TIMEOUT="30")
        end = time.monotonic()
        self.assertIn(f"0 logs read, {count} unchanged", second.errors)
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), tree, times)
            self.expect(0, *BACKFILL, folder, "--database", on_disk.url)
        found, wanted = in_bucket.contents(), on_disk.contents()
        for table, content in wanted.items():
            self.assertEqual(found[table], content, table)
        self.assertEqual(len(wanted["logs"].splitlines()), count)
        print(
            f"{count} objects of moto's server: {middle - start:.1f} s, again {end - middle:.1f} s, the same database as from "
            "disk"
        )


if __name__ == "__main__":
    unittest.main(verbosity=1)
