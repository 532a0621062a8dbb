"""What `parse` makes of a store that fails: the same output as of the same tree on disk, or the exit code of
5-command-line, Exit codes."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import PROGRAM, SECRET, StoreTest, environment, log, short_tree, things, write
from store import Fault, Request, Thing, at_request, endless_listings

LONG = bool(os.environ.get("CORRPARSE_LONG"))
MOST_TRIES = 3  # CORRPARSE_RETRIES=2, see harness


class ReadingTest(StoreTest):
    def parsed_from_disk(self, tree: dict[str, bytes]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), tree, dict.fromkeys(tree, 1774663200.0))
            read = self.expect(0, "parse", folder)
            return read.output.replace(folder + "/", "s3://logs/prod/")

    def test_a_fault_at_every_request_changes_nothing(self) -> None:
        tree = short_tree()
        wanted = self.parsed_from_disk(tree)
        clean = self.store(things(tree), page=3)
        self.assertEqual(self.expect(0, "parse", "s3://logs/prod", store=clean).output, wanted)
        count = len(clean.requests)
        self.assertGreaterEqual(count, 8)
        faults = {
            "closed": Fault(cut=-1),
            "reset": Fault(cut=-1, reset=True),
            "no body": Fault(cut=0),
            "cut": Fault(cut=150),
            "cut late": Fault(cut=3000, reset=True),
            "stalled": Fault(cut=60, stall=2.5),
            "500": Fault(status=500),
            "SlowDown": Fault(status=503, code="SlowDown"),
            "429": Fault(status=429),
            "told too long": Fault(tells=1 << 20),
            "told too short": Fault(tells=100),
        }
        for name, fault in faults.items():
            for number in range(1, count + 1) if name == "cut" or LONG else (1, 4):
                with self.subTest(fault=name, request=number):
                    store = self.store(things(tree), page=3)
                    store.fault = at_request(number, fault)
                    self.assertEqual(self.expect(0, "parse", "s3://logs/prod", store=store, CORRPARSE_JOBS="1").output, wanted)

    def test_a_connection_cut_again_and_again_is_taken_up_where_it_ended(self) -> None:
        content = log("long", 60, padding=2000)
        store = self.store({"x.log": Thing(content)})
        store.fault = lambda n, request: Fault(cut=20_000) if request.key else None
        self.expect(0, "parse", "s3://logs/x.log", store=store)
        starts = [request.headers.get("range", "bytes=0-") for request in store.requests if request.key]
        self.assertEqual(starts, [f"bytes={n}-" for n in range(0, len(content), 20_000)])

    def test_a_store_that_ignores_ranges_is_read_through(self) -> None:
        content = log("long", 60, padding=2000)
        clean = self.expect(0, "parse", "s3://logs/x.log", store=self.store({"x.log": Thing(content)})).output
        store = self.store({"x.log": Thing(content)})
        store.fault = lambda n, request: (
            Fault(ignores_range=True) if "range" in request.headers else Fault(cut=20_000) if request.key else None
        )
        self.assertEqual(self.expect(0, "parse", "s3://logs/x.log", store=store).output, clean)

    def test_lasting_trouble_has_its_exit_code_and_bounded_requests(self) -> None:
        cases = [
            (Fault(cut=-1), 69, MOST_TRIES),
            (Fault(status=503, code="SlowDown"), 75, MOST_TRIES),
            (Fault(status=429), 75, MOST_TRIES),
            (Fault(cut=100), 65, MOST_TRIES),
            (Fault(tells=10), 65, MOST_TRIES),
            (Fault(status=403, code="AccessDenied"), 77, 1),
            (Fault(status=403, code="SignatureDoesNotMatch"), 77, 1),
            (Fault(status=400, code="ExpiredToken"), 77, 1),
            (Fault(status=404, code="NoSuchKey"), 65, 1),
            (Fault(status=301, code="PermanentRedirect", headers={"x-amz-bucket-region": "eu-west-3"}), 78, 1),
            (Fault(status=403, code="RequestTimeTooSkewed"), 78, 1),
            (Fault(status=418, code="Teapot"), 65, 1),
        ]
        for fault, status, tries in cases:
            with self.subTest(fault=fault):
                store = self.store({"x.log": Thing(log("x"))})
                store.fault = lambda _, request, first=fault: (
                    None if not request.key else Fault(cut=0) if first.cut == 100 and "range" in request.headers else first
                )
                result = self.expect(status, "parse", "s3://logs/x.log", store=store)
                self.assertLessEqual(len([r for r in store.requests if r.key]), tries + (1 if fault.cut == 100 else 0))
                self.assertIn("s3://logs/x.log: ", result.errors)
                if fault.status == 301:
                    self.assertIn("eu-west-3", result.errors)

    def test_trouble_with_the_listing_has_its_exit_code(self) -> None:
        cases = [
            (Fault(cut=-1), 69),
            (Fault(cut=100), 75),
            (Fault(status=500), 75),
            (Fault(status=403, code="AccessDenied"), 77),
            (Fault(status=404, code="NoSuchBucket"), 78),
        ]
        for fault, status in cases:
            with self.subTest(fault=fault):
                store = self.store({"a/x.log": Thing(log("x"))})
                store.fault = lambda _, __, always=fault: always
                self.expect(status, "parse", "s3://logs/a/", store=store)

    def test_a_truncated_object_gives_the_blocks_before_its_end(self) -> None:
        content = log("x", 8)
        store = self.store({"x.log": Thing(content)})
        half = len(content) // 2
        store.fault = lambda n, request: Fault(cut=0) if "range" in request.headers else Fault(cut=half) if request.key else None
        result = self.expect(65, "parse", "s3://logs/x.log", store=store)
        self.assertIn('"status":"truncated"', result.output)
        self.assertIn(f"byte {half}: the transfer ends before", result.errors)
        self.assertGreater(result.output.count('"block":'), 1)

    def test_an_object_replaced_while_it_is_read_is_growing(self) -> None:
        store = self.store({"x.log": Thing(log("x", 8))})

        def fault(_: int, request: Request) -> Fault | None:
            if request.key and "range" not in request.headers:
                return Fault(cut=500)
            if request.key:
                store.things["x.log"] = Thing(log("another", 8))
            return None

        store.fault = fault
        result = self.expect(0, "parse", "s3://logs/x.log", store=store)
        self.assertIn('"status":"growing"', result.output)
        self.assertIn("replaced while it was read", result.errors)

    def test_answers_that_are_no_listings_end_the_run(self) -> None:
        bomb = b"<!DOCTYPE a [<!ENTITY b 'bbbbbbbb'>]><ListBucketResult>&b;</ListBucketResult>"
        for body in (
            b"",
            b"<html><body>hello</body></html>",
            b"<ListBucketResult><Contents><Key>x.log</Key></Contents></ListBucketResult>",
            b"\x00\xff" * 500,
            b"<ListBucketResult>" + b"a" * (1 << 20),
            bomb,
            b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        ):
            with self.subTest(body=body[:40]):
                store = self.store()
                store.pages = lambda _, body=body: body
                result = self.run_program("parse", "s3://logs/x/", store=store)
                self.assertIn(result.status, (75, 78), result.errors)

    def test_a_listing_that_does_not_move_on_ends_the_run(self) -> None:
        for words, pages in endless_listings().items():
            with self.subTest(words=words):
                store = self.store()
                store.pages = pages
                result = self.expect(69, "parse", "s3://logs/x/", store=store)
                self.assertIn(f"the object store's listing does not move on: {words}; check the endpoint", result.errors)
                self.assertLess(len(store.requests), 1010)

    def test_a_long_listing_is_read_to_its_end(self) -> None:
        store = self.store({f"x/{n:05}.log": Thing(b"") for n in range(50)}, page=3)
        self.expect(0, "parse", "--jobs", "1", "s3://logs/x/", store=store)
        self.assertEqual(len(store.keys_read()), 50)

    def test_a_certificate_of_our_own_is_trusted_when_it_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = f"{folder}/certificate.pem", f"{folder}/key.pem"
            subprocess.run(
                [
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "rsa:2048",
                    "-nodes",
                    "-keyout",
                    key,
                    "-out",
                    certificate,
                    "-days",
                    "2",
                    "-subj",
                    "/CN=store",
                    "-addext",
                    "subjectAltName=IP:127.0.0.1",
                ],
                check=True,
                capture_output=True,
            )
            store = self.store({"x.log": Thing(log("x"))}, tls=(certificate, key))
            self.expect(0, "parse", "s3://logs/x.log", store=store, AWS_CA_BUNDLE=certificate)
            self.expect(78, "parse", "s3://logs/x.log", store=store)

    def test_a_pods_token_is_exchanged_for_keys(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "token").write_text("pod token\n".replace(" ", ""))
            store = self.store({"x.log": Thing(log("x"))})
            pod = {
                "AWS_ACCESS_KEY_ID": "",
                "AWS_SECRET_ACCESS_KEY": "",
                "AWS_SESSION_TOKEN": "",
                "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
                "AWS_WEB_IDENTITY_TOKEN_FILE": f"{folder}/token",
            }
            self.expect(0, "parse", "s3://logs/x.log", store=store, **pod)
            self.assertEqual(len([r for r in store.requests if r.method == "POST"]), 1, "kept for all clients")
            signed = [r for r in store.requests if r.method == "GET"]
            self.assertTrue(signed and all("Credential=ASIAPOD/" in r.headers["authorization"] for r in signed))
            self.assertTrue(all(r.headers["x-amz-security-token"] == "pod-session" for r in signed))

    def test_a_profile_of_the_shared_files_is_used(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = self.store({"x.log": Thing(log("x"))})
            Path(folder, "config").write_text(f"[profile logs]\nregion = eu-north-1\nendpoint_url = {store.url}\n")
            Path(folder, "credentials").write_text(f"[logs]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = {SECRET}\n")
            plain = {
                "AWS_ACCESS_KEY_ID": "",
                "AWS_SECRET_ACCESS_KEY": "",
                "AWS_SESSION_TOKEN": "",
                "AWS_REGION": "",
                "AWS_PROFILE": "logs",
                "AWS_CONFIG_FILE": f"{folder}/config",
                "AWS_SHARED_CREDENTIALS_FILE": f"{folder}/credentials",
            }
            self.expect(0, "parse", "s3://logs/x.log", **plain)
            self.assertIn("Credential=AKIAPROFILE/", store.requests[0].headers["authorization"])
            self.assertIn("/eu-north-1/s3/", store.requests[0].headers["authorization"])

    def test_a_million_keys_are_listed_in_constant_memory(self) -> None:
        # A part of them in `make test`; each page is one of 1,000 keys.
        def most(pages: int) -> int:
            store = self.store()
            page = "".join(
                f"<Contents><Key>prod/dag_id=d/run_id=r/task_id=t{n:0100}/attempt=1.txt</Key><LastModified>2026-03-28T02:00:00Z"
                f'</LastModified><ETag>"{n:032}"</ETag><Size>1</Size></Contents>'
                for n in range(1000)
            )

            def listing(request: Request) -> bytes:
                number = int(request.query.get("continuation-token", "0")) + 1
                more = (
                    f"<IsTruncated>true</IsTruncated><NextContinuationToken>{number}</NextContinuationToken>"
                    if number < pages
                    else ""
                )
                # Every page has keys of its own, as a store's have.
                return f"<ListBucketResult>{more}{page.replace('run_id=r/', f'run_id=r{number:04}/')}</ListBucketResult>".encode()

            store.pages = listing
            process = subprocess.Popen(
                [PROGRAM, "parse", "s3://logs/prod/"],
                env=environment(store, CORRPARSE_JOBS="1"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            with process.stderr:
                errors = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
            self.assertEqual(status, 0, errors)
            self.assertEqual(len(store.requests), pages)
            return usage.ru_maxrss

        few, many = most(3), most(1000 if LONG else 60)
        self.assertLess(many, few + 4096, "KiB resident: more keys take more memory")

    def test_a_signal_ends_a_run_that_waits_for_a_silent_store(self) -> None:
        store = self.store({"x.log": Thing(log("x"))})
        store.fault = lambda n, request: Fault(cut=0, stall=60) if request.key else None
        process = subprocess.Popen(
            [PROGRAM, "parse", "s3://logs/x.log"],
            env=environment(store, CORRPARSE_BUCKET_TIMEOUT="50"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not store.keys_read():
            time.sleep(0.01)
        process.terminate()
        self.assertEqual(process.wait(timeout=20), 143)


if __name__ == "__main__":
    unittest.main(verbosity=1)
