"""A real S3 server that verifies signatures, Ceph's radosgw: `make long WHAT=ceph`."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import boto3
from botocore.client import BaseClient
from botocore.config import Config

from ceph import Ceph
from harness import BACKFILL, PROGRAM, Database, DatabaseTest, Result, environment, log, short_tree, trees, write
from identity_provider import IdentityProvider
from test_names import ODD

KEY, SECRET = "CEPHOWNER", "ceph-owner-secret"


class CephTest(DatabaseTest):
    """One gateway for all tests; each has a bucket of its own."""

    ceph: Ceph
    number = 0

    @classmethod
    def setUpClass(cls) -> None:
        cls.ceph = Ceph()
        cls.addClassCleanup(cls.ceph.close)
        placement = ("--placement-id", "default-placement", "--storage-class", "GLACIER")
        cls.ceph.admin("zonegroup", "placement", "add", "--rgw-zonegroup", "default", *placement)
        cls.ceph.admin("zone", "placement", "add", "--rgw-zone", "default", *placement, "--data-pool", "default.rgw.glacier.data")
        cls.ceph.user("owner", KEY, SECRET, "--caps", "roles=*;oidc-provider=*")
        cls.ceph.user("guest", "CEPHGUEST", "ceph-guest-secret")
        cls.ceph.user("boss", "CEPHTENANT", "ceph-tenant-secret", "--tenant", "acme")
        # The storage class is known to a gateway that starts.
        cls.ceph.kill_gateway()
        cls.ceph.start_gateway()

    def setUp(self) -> None:
        CephTest.number += 1
        self.bucket = f"logs-{CephTest.number}"
        self.client = self.connect()
        self.client.create_bucket(Bucket=self.bucket)

    def connect(self, key: str = KEY, secret: str = SECRET, service: str = "s3") -> BaseClient:
        settings = Config(request_checksum_calculation="when_required", response_checksum_validation="when_required")
        return boto3.client(
            service,
            endpoint_url=self.ceph.url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            region_name="us-east-1",
            config=settings,
        )

    def variables(self, **more: str) -> dict[str, str]:
        known = {"AWS_ENDPOINT_URL": self.ceph.url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        return known | {"AWS_SESSION_TOKEN": "", "CORRPARSE_BUCKET_TIMEOUT": "30", "CORRPARSE_RETRIES": "4"} | more

    def put(self, tree: dict[str, bytes], prefix: str = "prod/", **more: object) -> None:
        for name, content in tree.items():
            self.client.put_object(Bucket=self.bucket, Key=prefix + name, Body=content, **more)

    def root(self, prefix: str = "prod") -> str:
        return f"s3://{self.bucket}/{prefix}"

    def ingest(self, database: Database, *more: str, status: int = 0, root: str | None = None, **variables: str) -> Result:
        return self.backfill(database, root or self.root(), *more, status=status, **self.variables(**variables))

    def times(self, prefix: str = "prod/") -> dict[str, float]:
        found: dict[str, float] = {}
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            found |= {thing["Key"].removeprefix(prefix): thing["LastModified"].timestamp() for thing in page.get("Contents", [])}
        return found

    def disk(self, tree: dict[str, bytes]) -> dict[str, str]:
        return self.from_disk(tree, self.times())

    # Equality

    def test_the_samples_are_the_same_row_by_row_and_are_read_once(self) -> None:
        # Each variant of the samples has the same attempts, so each is a root of its own.
        variants: dict[str, dict[str, bytes]] = {"short": short_tree()}
        root = trees.samples_root()
        for file in sorted(root.rglob("*.log*")):
            variant, *rest = file.relative_to(root).parts
            variants.setdefault(variant, {})["/".join(rest)] = file.read_bytes()
        # One log after the other: several that name the same attempt are stored in their order.
        variables = self.variables(CORRPARSE_JOBS="1")
        growing = 0
        for variant, tree in variants.items():
            with self.subTest(variant=variant), tempfile.TemporaryDirectory() as folder:
                self.put(tree, prefix=f"{variant}/")
                write(Path(folder), tree, self.times(f"{variant}/"))
                on_disk, in_bucket = Database(), Database()
                # Some archives are damaged: 65.
                wanted = self.run_program(*BACKFILL, folder, "--database", on_disk.url, CORRPARSE_JOBS="1")
                self.assertIn(wanted.status, (0, 65), wanted.errors)
                again = (*BACKFILL, self.root(variant), "--database", in_bucket.url)
                self.expect(wanted.status, *again, **variables)
                self.same(in_bucket.contents(), on_disk.contents())
                # Logs that were just uploaded and have no outcome may still grow; their tags say that they did not.
                growing += int(in_bucket.ask("SELECT count(*) FROM corrparse.log WHERE status = 'growing'"))
                before = in_bucket.ask("SELECT xmin, * FROM corrparse.log ORDER BY log_id")
                self.assertIn("0 logs read, ", self.expect(wanted.status, *again, **variables).errors)
                self.assertEqual(in_bucket.ask("SELECT xmin, * FROM corrparse.log ORDER BY log_id"), before)
                wanted = self.run_program("parse", folder, CORRPARSE_JOBS="1")
                parsed = self.expect(wanted.status, "parse", self.root(variant), **variables)
                self.assertEqual(parsed.output, wanted.output.replace(folder + "/", self.root(variant) + "/"))
        self.assertGreater(growing, 0)
        print(f"{sum(map(len, variants.values()))} logs of radosgw: the same rows and lines as from disk")

    def test_an_upload_in_parts_is_one_object(self) -> None:
        name = trees.path("parts")
        content = log("parts", 40, padding=150_000)
        self.assertGreater(len(content), 10 << 20)
        upload = self.client.create_multipart_upload(Bucket=self.bucket, Key="prod/" + name)["UploadId"]
        whole = {"Bucket": self.bucket, "Key": "prod/" + name, "UploadId": upload}
        parts = []
        for number, start in enumerate(range(0, len(content), 5 << 20), 1):
            sent = self.client.upload_part(**whole, PartNumber=number, Body=content[start : start + (5 << 20)])
            parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self.client.complete_multipart_upload(**whole, MultipartUpload={"Parts": parts})
        database = Database()
        self.ingest(database)
        self.assertRegex(database.ask("SELECT entity_tag FROM corrparse.log"), '^"[0-9a-f]{32}-3"\n$')
        self.same(database.contents(), self.disk({name: content}))
        self.assertIn("0 logs read, 1 unchanged", self.ingest(database).errors)

    def test_versions_and_delete_markers_are_the_newest_state(self) -> None:
        enabled = {"Status": "Enabled"}
        self.client.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration=enabled)
        tree = {trees.path(str(n)): log(str(n), 2) for n in range(4)}
        self.put(tree)
        first, second, *_ = tree
        tree[first] = log("0", 5)
        self.put({first: tree[first]})
        self.client.delete_object(Bucket=self.bucket, Key="prod/" + second)
        del tree[second]
        database = Database()
        self.ingest(database)
        self.same(database.contents(), self.disk(tree))
        gone = self.expect(65, "parse", self.root("prod/" + second), **self.variables())
        self.assertIn("there is no such object", gone.errors)

    def test_odd_names_are_listed_over_pages(self) -> None:
        # A page of 1,000 keys ends at a name with a control character, which the token repeats.
        tree = {f"{name}/x.log": log(name) for name in ODD}
        fill = {f"a\x01c/{n:04}.log": b"" for n in range(1100)}
        self.put(tree | fill)
        database = Database()
        result = self.ingest(database)
        self.assertIn(f"{len(tree) + len(fill)} logs read, 0 unchanged, 0 failed", result.errors)
        for name in ODD:
            self.assertIn('"block":1', self.expect(0, "parse", self.root(f"prod/{name}"), **self.variables()).output)

    def test_an_object_named_like_the_root_hides_nothing(self) -> None:
        tree = short_tree()
        self.put(tree)
        self.put({"prod": b"", "prod-old/x.log": log("old")}, prefix="")
        database = Database()
        self.ingest(database)
        self.same(database.contents(), self.disk(tree))
        parsed = self.expect(0, "parse", self.root(), **self.variables())
        self.assertIn("an object and a prefix of this name; both are read", parsed.errors)
        self.assertEqual(parsed.output, self.expect(0, "parse", self.root("prod/"), **self.variables()).output)

    def test_a_bucket_of_a_tenant_is_read(self) -> None:
        theirs = self.connect("CEPHTENANT", "ceph-tenant-secret")
        theirs.create_bucket(Bucket="shared")
        theirs.put_object(Bucket="shared", Key="x.log", Body=log("x"))
        theirs.put_bucket_policy(Bucket="shared", Policy=policy("arn:aws:iam:::user/owner", "*", "shared"))
        self.assertIn('"block":1', self.expect(0, "parse", "s3://acme:shared/x.log", **self.variables()).output)
        keys = {"AWS_ACCESS_KEY_ID": "CEPHTENANT", "AWS_SECRET_ACCESS_KEY": "ceph-tenant-secret"}
        self.assertIn('"block":1', self.expect(0, "parse", "s3://shared/x.log", **self.variables(**keys)).output)

    # Refusals

    def test_what_is_refused_is_told_with_its_code(self) -> None:
        self.put({"x.log": log("x")})
        guest = {"AWS_ACCESS_KEY_ID": "CEPHGUEST", "AWS_SECRET_ACCESS_KEY": "ceph-guest-secret"}
        for changed, code, status in (
            ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "403 SignatureDoesNotMatch", 77),
            ({"AWS_ACCESS_KEY_ID": "NOBODY"}, "403 InvalidAccessKeyId", 77),
            (guest, "403 AccessDenied", 77),
        ):
            for root in ("prod", "prod/", "prod/x.log", "nothing"):
                with self.subTest(code=code, root=root):
                    result = self.expect(status, "parse", self.root(root), **self.variables(**changed))
                    self.assertIn(f"it answers {code}; ", result.errors)
                    self.expect(status, "ingest", self.root(root), "--database", Database().url, **self.variables(**changed))
        result = self.expect(78, "parse", "s3://no-such-bucket/x", **self.variables())
        self.assertIn("it answers 404 NoSuchBucket; check the bucket's name", result.errors)
        result = self.expect(65, "parse", self.root("nothing"), **self.variables())
        self.assertIn("there is no such object", result.errors)

    def test_a_policy_that_allows_one_dag_gives_that_dag(self) -> None:
        tree = {f"dag_id={dag}/run_id=r{n}/task_id=t/attempt=1.log": log(f"{dag}{n}") for dag in "abz" for n in range(6)}
        self.put(tree)
        self.client.put_bucket_policy(
            Bucket=self.bucket, Policy=policy("arn:aws:iam:::user/guest", "prod/dag_id=z/*", self.bucket)
        )
        guest = {"AWS_ACCESS_KEY_ID": "CEPHGUEST", "AWS_SECRET_ACCESS_KEY": "ceph-guest-secret"}
        database = Database()
        result = self.ingest(database, status=77, **guest)
        self.assertEqual(result.errors.count("it answers 403 AccessDenied; check that the keys may do s3:GetObject"), 12)
        self.same(database.contents(), self.disk({name: content for name, content in tree.items() if "dag_id=z" in name}))

    def test_archived_and_encrypted_objects_do_not_stop_the_rest(self) -> None:
        def part(dag: str) -> dict[str, bytes]:
            return {f"dag_id={dag}/run_id=r{n}/task_id=t/attempt=1.log": log(f"{dag}{n}") for n in range(6)}

        self.put(part("archived"), StorageClass="GLACIER")
        self.put(part("customer"), SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
        self.put(part("kms"), ServerSideEncryption="aws:kms", SSEKMSKeyId="testkey-1")
        self.put(part("plain"))
        database = Database()
        result = self.ingest(database, status=65, CORRPARSE_JOBS="1")
        self.assertIn("12 logs read, 0 unchanged, 6 failed", result.errors)
        self.assertIn("6 archived logs were passed over", result.errors)
        self.assertEqual(result.errors.count("customer's key (SSE-C)"), 6)
        self.same(database.contents(), self.disk(part("kms") | part("plain")))
        self.assertIn("0 logs read, 12 unchanged, 6 failed", self.ingest(database, status=65).errors)

    # Ways in

    def test_tls_with_a_private_authority(self) -> None:
        self.put({"x.log": log("x")})
        secure = self.variables(AWS_ENDPOINT_URL=self.ceph.secure_url)
        self.expect(0, "parse", self.root(), **secure, AWS_CA_BUNDLE=str(self.ceph.ca))
        self.assertIn("certificate", self.expect(78, "parse", self.root(), **secure).errors)

    def test_the_bucket_in_the_host_name(self) -> None:
        self.put({f"{name}/x.log": log(name) for name in ODD})
        url = {"AWS_ENDPOINT_URL": f"http://s3.localhost:{self.ceph.http}", "CORRPARSE_S3_ADDRESSING": "virtual"}
        parsed = self.expect(0, "parse", self.root(), **self.variables(**url))
        self.assertEqual(parsed.output, self.expect(0, "parse", self.root(), **self.variables()).output)
        self.assertEqual(parsed.output.count('"block":1,'), len(ODD))

    def test_a_pods_identity_is_exchanged_for_keys(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            provider = IdentityProvider(Path(folder))
            self.addCleanup(provider.close)
            iam = self.connect(service="iam")
            trusted = {"Url": provider.url, "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": [provider.fingerprint]}
            iam.create_open_id_connect_provider(**trusted)
            trust = {
                "Effect": "Allow",
                "Principal": {"Federated": [f"arn:aws:iam:::oidc-provider/{provider.name}"]},
                "Action": ["sts:AssumeRoleWithWebIdentity"],
                "Condition": {"StringEquals": {f"{provider.name}:app_id": "sts.amazonaws.com"}},
            }
            # The gateway takes a blank, which a form has as +, for the end of the document.
            document = json.dumps({"Version": "2012-10-17", "Statement": [trust]}, separators=(",", ":"))
            role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document)["Role"]["Arn"]
            iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=policy(None, "*", self.bucket))
            self.put({"x.log": log("x")})
            token = Path(folder, "token")
            pod = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_ROLE_ARN": role}
            pod["AWS_WEB_IDENTITY_TOKEN_FILE"] = str(token)
            token.write_text(provider.token("sts.amazonaws.com"))
            self.assertIn('"block":1', self.expect(0, "parse", self.root(), **self.variables(**pod)).output)
            for bad in (provider.token("sts.amazonaws.com", lifetime=-60), provider.token("another")):
                token.write_text(bad)
                result = self.expect(77, "parse", self.root(), **self.variables(**pod))
                self.assertIn("the web identity gives no keys", result.errors)

    # Kills

    def test_kills_of_the_gateway_change_nothing(self) -> None:
        chance = random.Random(3)
        tree = {
            f"dag_id=d{n % 7}/run_id=r{n:04}/task_id=t/attempt=1.log": log(str(n), 1 + n % 4, padding=n % 3 * 400)
            if n % 2
            else gzip.compress(log(str(n), 30), mtime=0)
            for n in range(1500)
        }
        self.put(tree)
        wanted = self.disk(tree)
        kills = 0
        for _ in range(4):
            database = Database()
            process = subprocess.Popen(
                [PROGRAM, *BACKFILL, self.root(), "--database", database.url],
                env=environment(None, **self.variables(CORRPARSE_RETRIES="30")),
                stderr=subprocess.PIPE,
            )
            reader = threading.Thread(target=process.stderr.read, daemon=True)
            reader.start()
            time.sleep(chance.uniform(0, 0.1))
            while process.poll() is None:
                self.ceph.kill_gateway()
                kills += 1
                time.sleep(chance.uniform(0, 0.5))
                self.ceph.start_gateway()
                time.sleep(chance.uniform(0.1, 1.5))
            reader.join()
            process.stderr.close()
            self.assertEqual(process.returncode, 0)
            self.same(database.contents(), wanted)
        self.assertGreater(kills, 4)
        print(f"{kills} kills of the gateway during 4 runs over {len(tree)} objects: the same database as from disk")


def policy(principal: str | None, keys: str, bucket: str) -> str:
    """Lets somebody list a bucket and read some of it; without a principal as a role's policy."""
    who = {"Principal": {"AWS": [principal]}} if principal else {}
    lists = {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [f"arn:aws:s3:::{bucket}"]} | who
    reads = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"arn:aws:s3:::{bucket}/{keys}"]} | who
    return json.dumps({"Version": "2012-10-17", "Statement": [lists, reads]}, separators=(",", ":"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
