"""moto's server, a stand-in for S3 that many others test with as well."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import unittest
from typing import Any

import boto3

from store import BUCKET


def start(test: unittest.TestCase) -> tuple[str, Any]:
    """Its address, and a client, for as long as the test runs; there is an empty bucket."""
    server = subprocess.Popen(
        [sys.executable, "-c", "from moto.server import main; main(['-H', '127.0.0.1', '-p', '0'])"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    reader = threading.Thread(target=server.stderr.read, daemon=True)
    for ending in (server.stderr.close, reader.join, server.wait, server.kill):
        test.addCleanup(ending)
    url = next(found[0] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
    reader.start()
    client = boto3.client("s3", endpoint_url=url, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    return url, client
