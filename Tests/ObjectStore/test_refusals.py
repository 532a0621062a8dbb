"""What a store refuses: what is said of it, what is read nevertheless, and what ends a run."""

from __future__ import annotations

import os
import unittest

from harness import BACKFILL, Database, DatabaseTest, log, things, trees
from store import Fault, Request, Store, Thing, endless_listings

LONG = bool(os.environ.get("CORRPARSE_LONG"))
DENIED = Fault(status=403, code="AccessDenied")


def tree(count: int, dag: str = trees.DAG) -> dict[str, bytes]:
    return {f"dag_id={dag}/run_id=r{n:05}/task_id=t/attempt=1.log": log(f"{dag}{n}") for n in range(count)}


class ListingTest(DatabaseTest):
    def refused(self, listing: Fault, head: Fault | None) -> Store:
        """A store that refuses to list; what it says to a HEAD is another thing."""
        store = self.store({"prod": Thing(log("x"))})
        store.fault = lambda n, request: listing if request.key is None else head
        return store

    def test_an_expired_token_is_no_wrong_configuration(self) -> None:
        store = self.refused(Fault(status=400, code="ExpiredToken"), Fault(status=400))
        result = self.expect(77, "parse", "s3://logs/prod", store=store)
        self.assertIn("ExpiredToken; get new keys", result.errors)
        self.assertEqual([r.method for r in store.requests], ["GET"])

    def test_a_user_without_rights_does_not_hear_that_nothing_is_there(self) -> None:
        for head in (Fault(status=404), Fault(status=403), Fault(status=400), Fault(cut=-1)):
            with self.subTest(head=head):
                result = self.expect(77, "parse", "s3://logs/prod", store=self.refused(DENIED, head))
                self.assertIn("it answers 403 AccessDenied; check that the keys may do s3:ListBucket", result.errors)
                self.assertNotIn("no such object", result.errors)

    def test_the_code_of_a_refused_listing_is_told(self) -> None:
        for status, code, exit_status in (
            (403, "SignatureDoesNotMatch", 77),
            (403, "InvalidAccessKeyId", 77),
            (403, "RequestTimeTooSkewed", 78),
            (404, "NoSuchBucket", 78),
        ):
            with self.subTest(code=code):
                store = self.refused(Fault(status=status, code=code), Fault(status=403))
                result = self.expect(exit_status, "parse", "s3://logs/prod", store=store)
                self.assertIn(f"it answers {status} {code}; ", result.errors)

    def test_an_answer_that_is_nested_or_long_without_end_is_refused(self) -> None:
        prefix = b"<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"
        for body, words in (
            (b"<a>" * 1_000_000, "its elements are nested more deeply than any listing's"),
            (prefix * 100_000, "a page of the listing names more than 10000 objects"),
            (b"<a></a>" * 1_500_000, "a page of the listing is too long"),
        ):
            with self.subTest(words=words):
                store = self.store()
                store.listing = lambda request, body=body: b"<ListBucketResult>" + body
                result = self.expect(78, "parse", "s3://logs/prod/", store=store)
                self.assertIn(f"{words}; is the endpoint an object store?", result.errors)
                self.assertEqual(len(store.requests), 1)

    def test_whoever_may_not_list_reads_what_is_named(self) -> None:
        self.assertIn('"block":1', self.expect(0, "parse", "s3://logs/prod", store=self.refused(DENIED, None)).output)

    def test_a_listing_that_does_not_move_on_ends_a_run_that_stores(self) -> None:
        for options in ((), ("--dag", "d")):
            for words, pages in endless_listings().items():
                with self.subTest(words=words, options=options):
                    store, database = self.store(), Database()
                    store.pages = pages
                    result = self.backfill(database, "s3://logs/x", *options, store=store, status=69)
                    self.assertIn(f"the object store's listing does not move on: {words}", result.errors)
                    self.assertLess(len(store.requests), 1050)


class ObjectTest(DatabaseTest):
    def refusing(self, contents: dict[str, bytes], refuses: str, fault: Fault) -> Store:
        """A store that does not give the objects in whose key a text stands."""
        store = self.store(things(contents))
        store.fault = lambda n, request: fault if request.key and refuses in request.key else None
        return store

    def count(self, database: Database) -> int:
        return int(database.ask("SELECT count(*) FROM corrparse.log"))

    def test_one_forbidden_object_is_told_and_the_rest_stored(self) -> None:
        contents = tree(6)
        store = self.refusing(contents, "r00002", DENIED)
        bad = next(key for key in store.things if "r00002" in key)
        database = Database()
        result = self.backfill(database, "s3://logs/prod", store=store, status=77)
        self.assertIn(f"s3://logs/{bad}: the object store refuses it: it answers 403 AccessDenied; ", result.errors)
        self.assertIn("s3:GetObject", result.errors)
        self.assertEqual(self.count(database), 5)
        store.fault = lambda n, request: None
        self.backfill(database, "s3://logs/prod", store=store)
        self.same(database.contents(), self.from_disk(contents))

    def test_a_policy_that_allows_one_dag_gives_that_dag(self) -> None:
        allowed = tree(4, "zeta")
        store = self.refusing(tree(60) | allowed, trees.DAG, DENIED)
        database = Database()
        self.backfill(database, "s3://logs/prod", store=store, status=77)
        self.same(database.contents(), self.from_disk(allowed))

    def test_six_archived_objects_do_not_stop_the_rest(self) -> None:
        # A tier that no listing names.
        archived, others = tree(6), tree(4, "zeta")
        store = self.refusing(archived | others, trees.DAG, Fault(status=403, code="InvalidObjectState"))
        database = Database()
        result = self.backfill(database, "s3://logs/prod", store=store, status=65, CORRPARSE_JOBS="1")
        self.assertEqual(result.errors.count("it is archived: it answers 403 InvalidObjectState; restore it"), 6)
        self.same(database.contents(), self.from_disk(others))
        # Restored, they have the same tags and times as before.
        store.fault = lambda n, request: None
        self.backfill(database, "s3://logs/prod", store=store)
        self.same(database.contents(), self.from_disk(archived | others))

    def test_objects_encrypted_with_a_customers_key_do_not_stop_the_rest(self) -> None:
        encrypted, others = tree(6), tree(4, "zeta")
        store = self.refusing(encrypted | others, trees.DAG, Fault(status=400, code="InvalidRequest"))
        database = Database()
        result = self.backfill(database, "s3://logs/prod", store=store, status=65, CORRPARSE_JOBS="1")
        self.assertEqual(result.errors.count("customer's key (SSE-C)"), 6)
        self.same(database.contents(), self.from_disk(others))

    def test_archived_objects_that_the_listing_names_are_passed_over_and_counted(self) -> None:
        archived, others = tree(6), tree(4, "zeta")
        for storage in ("GLACIER", "DEEP_ARCHIVE"):
            with self.subTest(storage=storage):
                store = self.refusing(archived | others, trees.DAG, Fault(status=403, code="InvalidObjectState"))
                for key in store.things:
                    store.things[key].storage = storage if trees.DAG in key else "GLACIER_IR"
                database = Database()
                planned = self.expect(0, *BACKFILL, "s3://logs/prod", "--dry-run", "--database", database.url, store=store)
                self.assertEqual(planned.output.count("archived\ts3://logs/prod/"), 6)
                self.assertIn("4 logs of ", planned.errors)
                result = self.backfill(database, "s3://logs/prod", store=store)
                self.assertIn("4 logs read, 0 unchanged, 0 failed", result.errors)
                self.assertIn("6 archived logs were passed over", result.errors)
                parsed = self.expect(0, "parse", "s3://logs/prod", store=store)
                self.assertEqual(parsed.output.count('"block":1,'), 4)
                self.assertIn("6 archived logs were passed over", parsed.errors)
                self.assertFalse([key for key in store.keys_read() if trees.DAG in key])
                self.same(database.contents(), self.from_disk(others))

    def test_an_archived_object_that_is_unchanged_is_unchanged(self) -> None:
        store = self.store(things(tree(3)))
        database = Database()
        self.backfill(database, "s3://logs/prod", store=store)
        for thing in store.things.values():
            thing.storage = "GLACIER"
        result = self.backfill(database, "s3://logs/prod", store=store)
        self.assertIn("0 logs read, 3 unchanged, 0 failed", result.errors)
        self.assertNotIn("archived", result.errors)

    def test_a_restored_object_is_read_when_it_is_named(self) -> None:
        store = self.store({"x.log": Thing(log("x"), storage="GLACIER")})
        self.assertIn('"block":1', self.expect(0, "parse", "s3://logs/x.log", store=store).output)

    def test_keys_that_are_not_accepted_end_the_run(self) -> None:
        cases = [
            (403, "InvalidAccessKeyId", 77),
            (403, "SignatureDoesNotMatch", 77),
            (400, "ExpiredToken", 77),
            (404, "NoSuchBucket", 78),
            (403, "RequestTimeTooSkewed", 78),
        ]
        for status, code, exit_status in cases:
            with self.subTest(code=code):
                store = self.refusing(tree(40), "attempt", Fault(status=status, code=code))
                database = Database()
                result = self.backfill(database, "s3://logs/prod", store=store, status=exit_status)
                self.assertIn(f"it answers {status} {code}; ", result.errors)
                self.assertIn("the object store is not asked for further logs", result.errors)
                self.assertLessEqual(len(store.keys_read()), 2, "one a thread")
                self.assertEqual(self.count(database), 0)
                store.requests.clear()
                self.expect(exit_status, "parse", "s3://logs/prod", store=store)
                self.assertLessEqual(len(store.keys_read()), 4)

    def test_keys_that_expire_during_a_run_leave_what_was_read(self) -> None:
        contents = tree(12)
        store = self.store(things(contents))
        store.fault = lambda n, request: Fault(status=400, code="ExpiredToken") if len(store.keys_read()) > 5 else None
        database = Database()
        self.backfill(database, "s3://logs/prod", store=store, status=77)
        self.assertGreaterEqual(self.count(database), 4)
        store.fault = lambda n, request: None
        self.backfill(database, "s3://logs/prod", store=store)
        self.same(database.contents(), self.from_disk(contents))

    @unittest.skipUnless(LONG, "10,000 objects are asked for")
    def test_a_store_that_refuses_everything_is_not_asked_for_everything(self) -> None:
        store = self.refusing(tree(10_500), "attempt", DENIED)
        database = Database()
        result = self.backfill(database, "s3://logs/prod", store=store, status=77, CORRPARSE_JOBS="1")
        self.assertIn("the object store is not asked for further logs", result.errors)
        self.assertEqual(len(store.keys_read()), 10_000)

    def test_a_store_that_is_busy_is_not_asked_for_everything(self) -> None:
        store = self.refusing(tree(40), "attempt", Fault(status=503, code="SlowDown"))
        self.backfill(Database(), "s3://logs/prod", store=store, status=75)
        self.assertLessEqual(len(store.keys_read()), 18, "three tries of three objects, two threads")

    def test_the_exit_status_is_the_gravest_refusals(self) -> None:
        def refuse(_: int, request: Request) -> Fault | None:
            if request.key is None or "r00003" in request.key:
                return None
            return DENIED if "r00002" in request.key else Fault(status=403, code="InvalidObjectState")

        for jobs in ("1", "2"):
            store = self.store(things(tree(4)))
            store.fault = refuse
            self.backfill(Database(), "s3://logs/prod", store=store, status=77, CORRPARSE_JOBS=jobs)
            self.expect(77, "parse", "s3://logs/prod", store=store, CORRPARSE_JOBS=jobs)


if __name__ == "__main__":
    unittest.main(verbosity=1)
