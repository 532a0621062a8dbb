"""Every request that corrparse sends is held against botocore: the same path, the same parameters, and the same signature, byte
for byte. Stand-in servers take unsigned requests, so their yes would prove nothing."""

from __future__ import annotations

import datetime
import re
import unittest
import urllib.parse

import botocore.auth
import botocore.session
from botocore.config import Config

from harness import SECRET, TOKEN, Database, StoreTest, log
from store import BUCKET, Fault, Request, Thing

NAMES = [
    "plain",
    "with blank",
    "colon:00+00:00",
    "a=b&c=d",
    "plus+plus",
    "per%cent",
    "%41",
    "%2F",
    "ünï-код-日本",
    "a//b",
    "/lead",
    "dots/../up/./here",
    "tilde~star*",
    "quote'\"()!",
    "semi;comma,at@",
    "back\\slash",
    "hash#query?x=y",
    "<xml>&amp;",
    "trail /",
]


class Oracle:
    """What botocore would have sent."""

    def __init__(
        self,
        endpoint: str | None,
        style: str = "path",
        region: str = "eu-central-1",
        keys: tuple[str, str, str | None] = ("AKIACANARY", SECRET, TOKEN),
    ):
        session = botocore.session.Session()
        session.set_config_variable("config_file", "/nonexistent")
        self.client = session.create_client(
            "s3",
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
            aws_session_token=keys[2],
            config=Config(s3={"addressing_style": style}, response_checksum_validation="when_required"),
        )
        self.sent: list[object] = []
        self.client.meta.events.register("before-send.s3", self.keep)

    def keep(self, request: object, **_: object) -> object:
        self.sent.append(request)
        raise Kept

    def request(self, found: Request) -> object:
        """The request for what a recorded one asks for, signed at the same second."""
        stamp = datetime.datetime.strptime(found.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        botocore.auth.get_current_datetime = lambda remove_tzinfo=True: stamp
        try:
            if found.key is None:
                query = found.query
                more = {
                    "ContinuationToken": query.get("continuation-token"),
                    "Delimiter": query.get("delimiter"),
                    "StartAfter": query.get("start-after"),
                    "MaxKeys": int(query["max-keys"]) if "max-keys" in query else None,
                }
                self.client.list_objects_v2(
                    Bucket=BUCKET,
                    Prefix=query["prefix"],
                    EncodingType=query["encoding-type"],
                    **{name: value for name, value in more.items() if value is not None},
                )
            elif found.method == "HEAD":
                self.client.head_object(Bucket=BUCKET, Key=found.key)
            else:
                more = {"Range": found.headers.get("range"), "IfMatch": found.headers.get("if-match")}
                self.client.get_object(
                    Bucket=BUCKET, Key=found.key, **{name: value for name, value in more.items() if value is not None}
                )
        except Kept:
            pass
        return self.sent[-1]


class Kept(Exception):
    pass


class SigningTest(StoreTest):
    def compare(self, oracle: Oracle, found: Request) -> None:
        wanted = oracle.request(found)
        url = urllib.parse.urlsplit(wanted.url)
        path, _, query = found.target.partition("?")
        self.assertEqual(path, url.path)
        self.assertEqual(found.headers["host"], url.netloc)
        self.assertEqual(sorted(query.split("&")), sorted(url.query.split("&")), found.target)
        headers = {name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in wanted.headers.items()}
        for name in ("authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "range", "if-match"):
            self.assertEqual(found.headers.get(name), headers.get(name), f"{name} of {found.method} {found.target}")

    def test_keys_are_signed_as_botocore_signs_them(self) -> None:
        store = self.store({f"prod/{name}/x {name}.log": Thing(log(name)) for name in NAMES}, page=3)
        read = self.expect(0, "parse", "s3://logs/prod", store=store)
        self.assertEqual(read.output.count('"source":'), 2 * len(NAMES))
        for name in NAMES:
            self.expect(0, "parse", f"s3://logs/prod/{name}/x {name}.log", store=store)
        oracle = Oracle(store.url)
        self.assertGreater(len(store.requests), 3 * len(NAMES))
        self.assertTrue(any("continuation-token" in request.query for request in store.requests))
        for request in store.requests:
            self.compare(oracle, request)

    def test_listings_that_are_split_are_signed(self) -> None:
        store = self.store(
            {f"prod/{name}/x {name} {number}.log": Thing(log(name)) for name in NAMES for number in range(5)}, page=24
        )
        database = Database()
        self.expect(
            0,
            "backfill",
            "--since",
            "2000-01-01",
            "--log-root",
            "s3://logs/prod",
            "--dry-run",
            "--database",
            database.url,
            store=store,
        )
        lists = [request for request in store.requests if request.key is None]
        # A page that ends within a folder whose name has to be encoded.
        self.assertTrue(any(re.search("[^ -~]|[ %+&]", request.query.get("start-after", "")) for request in lists))
        oracle = Oracle(store.url)
        for request in lists:
            self.compare(oracle, request)

    def test_prefixes_delimiters_and_ranges_are_signed(self) -> None:
        store = self.store({"prod/dag_id=a b/x.log": Thing(log("a")), "prod/dag_id=c/x.log": Thing(log("c", padding=900))})
        store.fault = lambda number, request: Fault(cut=5000) if request.key and "range" not in request.headers else None
        self.expect(0, "parse", "s3://logs/prod/dag_id=c/x.log", "s3://logs/prod/dag_id=a b", store=store)
        asked = [request for request in store.requests if "range" in request.headers]
        self.assertTrue(asked and all("if-match" in request.headers for request in asked), "nothing was resumed")
        oracle = Oracle(store.url)
        for request in store.requests:
            self.compare(oracle, request)

    def test_heads_are_signed(self) -> None:
        store = self.store({"x y.log": Thing(log("x"))})
        store.fault = lambda number, request: None if request.key else Fault(status=403, code="AccessDenied")
        self.expect(0, "parse", "s3://logs/x y.log", store=store)
        heads = [request for request in store.requests if request.method == "HEAD"]
        self.assertEqual(len(heads), 1)
        self.compare(Oracle(store.url), heads[0])

    def test_a_bucket_in_the_host_name_is_signed(self) -> None:
        store = self.store({"a b/x.log": Thing(log("a"))})
        url = f"http://localhost:{store.port}"
        self.expect(0, "parse", "s3://logs/a b", store=store, AWS_ENDPOINT_URL=url, CORRPARSE_S3_ADDRESSING="virtual")
        self.assertEqual({request.headers["host"] for request in store.requests}, {f"logs.localhost:{store.port}"})
        for request in store.requests:
            self.compare(Oracle(url, "virtual"), request)

    def test_keys_without_a_token_are_signed(self) -> None:
        store = self.store({"x.log": Thing(log("a"))})
        self.expect(0, "parse", "s3://logs/x.log", store=store, AWS_SESSION_TOKEN="", AWS_REGION="us-gov-west-1")
        for request in store.requests:
            self.compare(Oracle(store.url, region="us-gov-west-1", keys=("AKIACANARY", SECRET, None)), request)

    def test_an_endpoint_below_a_path_is_signed(self) -> None:
        store = self.store({"x.log": Thing(log("a"))})
        store.base = "/object/store"
        self.expect(0, "parse", "s3://logs/x.log", store=store, AWS_ENDPOINT_URL_S3=store.url + "/object/store/")
        for request in store.requests:
            self.compare(Oracle(store.url + "/object/store"), request)


if __name__ == "__main__":
    unittest.main(verbosity=1)
