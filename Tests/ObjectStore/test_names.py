"""Names of roots and keys as they are in the world."""

from __future__ import annotations

import tempfile
import unittest

from harness import Database, DatabaseTest, log, short_tree, things, trees
from store import BUCKET, Thing

ODD = ["a\x01b", "tab\there", "line\nend", "\x1f", "del\x7f", "50%", "100%zz", "%41", "%", "a%ffb"]


class RootTest(DatabaseTest):
    def test_an_object_named_like_the_root_hides_nothing(self) -> None:
        tree = short_tree()
        # Names between `prod` and `prod/`, too.
        for more in ({}, {f"prod-{n}/x.log": Thing(log("x")) for n in range(9)}):
            with self.subTest(more=len(more)):
                store = self.store({"prod": Thing(b"")} | things(tree) | more)
                database = Database()
                self.backfill(database, "s3://logs/prod", store=store)
                self.assertNotIn("prod", store.keys_read(), "a root is a folder")
                self.same(database.contents(), self.from_disk(tree))

                parsed = self.expect(0, "parse", "s3://logs/prod", store=store)
                plain = self.expect(0, "parse", "s3://logs/prod/", store=store)
                self.assertEqual(parsed.output, plain.output)
                self.assertGreater(parsed.output.count('"block":'), 40)
                self.assertIn("s3://logs/prod: an object and a prefix of this name; both are read", parsed.errors)

                database = Database()
                result = self.expect(0, "ingest", "s3://logs/prod", "--database", database.url, store=store)
                self.assertIn("s3://logs/prod: an object and a prefix of this name; both are read", result.errors)
                self.same({"verdicts": database.contents()["verdicts"]}, {"verdicts": self.from_disk(tree)["verdicts"]})
                self.assertIn("prod", store.keys_read())

    def test_an_object_beside_longer_names_is_one_object(self) -> None:
        store = self.store({"x": Thing(log("x")), "x-old/y.log": Thing(log("y")), "x.log": Thing(log("z"))})
        result = self.expect(0, "parse", "s3://logs/x", store=store)
        self.assertEqual(store.keys_read(), ["x"])
        self.assertNotIn("both", result.errors)

    def test_a_log_root_without_anything_below_is_told(self) -> None:
        store = self.store({"x.log": Thing(log("x"))})
        database = Database()
        # As a folder that is not there: the CronJob took 65 for a damaged log.
        result = self.backfill(database, "s3://logs/x.log", store=store, status=74)
        self.assertIn(
            "s3://logs/x.log/: the log root is not there: nothing lies below it; check bucket and prefix, then run again",
            result.errors,
        )
        self.expect(65, "ingest", "s3://logs/y/", "--database", database.url, store=store)

    def test_a_mistyped_key_is_answered_with_the_nearest_keys(self) -> None:
        store = self.store(things(short_tree()) | {"prod/day=1/x.log": Thing(log("x"))})
        for name, nearest in (
            ("prod/day=1/y.log", "prod/day=1/x.log"),
            ("prod/dya=1/x.log", "prod/day=1"),
            ("prdo/day=1/x.log", "prod"),
        ):
            result = self.expect(65, "parse", f"s3://logs/{name}", store=store)
            self.assertIn(f"s3://logs/{name}: there is no such object; did you mean s3://logs/{nearest}?", result.errors)
        result = self.expect(65, "parse", "s3://logs/quite/another", store=store)
        self.assertNotIn("did you mean", result.errors)

    def test_a_mistyped_local_root_leaves_no_row(self) -> None:
        database = Database()
        with tempfile.TemporaryDirectory() as folder:
            for root in (f"{folder}/lgos", f"{folder}/lgos/"):
                result = self.backfill(database, root, status=74)
                self.assertIn(f"{folder}/lgos: the log root is not there: No such file or directory; ", result.errors)
                self.expect(65, "ingest", root, "--database", database.url)
        self.assertEqual(database.ask("SELECT count(*) FROM corrparse.log"), "0\n")
        self.assertEqual(database.ask("SELECT count(*) FROM corrparse.source"), "0\n")


class NameTest(DatabaseTest):
    def test_a_key_with_a_control_character_or_a_stray_percent_is_read(self) -> None:
        tree = {f"{name}/x.log": log(name) for name in ODD}
        wanted = self.from_disk(tree)
        for page, tokens_are_keys in ((1, True), (2, True), (1000, False)):
            with self.subTest(page=page):
                store = self.store(things(tree), page=page)
                store.tokens_are_keys = tokens_are_keys
                database = Database()
                self.backfill(database, "s3://logs/prod", store=store)
                self.same(database.contents(), wanted)
                self.assertEqual(self.expect(0, "parse", "s3://logs/prod", store=store).output.count('"block":1,'), len(ODD))

    def test_a_prefix_with_a_control_character_is_listed(self) -> None:
        for name in ("a\x01b", "50%", "%41"):
            with self.subTest(name=name):
                store = self.store({f"prod/{name}/x.log": Thing(log("x"))})
                self.assertIn('"block":1', self.expect(0, "parse", f"s3://logs/prod/{name}", store=store).output)
                self.assertIn('"block":1', self.expect(0, "parse", f"s3://logs/prod/{name}/x.log", store=store).output)

    def test_a_stray_percent_in_a_name_is_the_name(self) -> None:
        # %ff is no character: the name is not URL-encoded.
        store = self.store({"dag_id=100%/run_id=a%ffb/task_id=t%2/attempt=1.log": Thing(log("x"))})
        database = Database()
        self.backfill(database, "s3://logs", store=store)
        self.assertEqual(database.ask("SELECT dag_id, run_id, task_id FROM diagnostics.task_attempt_v1"), "100%|a%ffb|t%2\n")

    def test_other_schemes_mean_the_same_bucket(self) -> None:
        tree = {trees.path("r"): log("r")}
        store = self.store(things(tree))
        database = Database()
        for scheme in ("s3a", "S3", "S3A", "s3n"):
            self.backfill(database, f"{scheme}://logs/prod", store=store)
            self.assertIn('"block":1', self.expect(0, "parse", f"{scheme}://logs/prod", store=store).output)
        self.assertEqual(database.ask("SELECT location FROM corrparse.log"), f"s3://logs/prod/{trees.path('r')}\n")

    def test_a_bucket_of_a_tenant_is_in_the_path(self) -> None:
        store = self.store({"x.log": Thing(log("x"))})
        result = self.expect(0, "parse", f"s3://acme:{BUCKET}/x.log", store=store, CORRPARSE_S3_ADDRESSING="virtual")
        self.assertIn(f'"source":"s3://acme:{BUCKET}/x.log"', result.output)
        self.assertEqual({r.target.partition("?")[0] for r in store.requests}, {"/acme%3Alogs", "/acme%3Alogs/x.log"})
        for name in ("s3://:logs/x", "s3://acme:/x", "s3://a:b:c/x"):
            self.expect(64, "parse", name, store=store)


if __name__ == "__main__":
    unittest.main(verbosity=1)
