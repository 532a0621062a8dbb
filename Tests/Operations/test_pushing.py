#!/usr/bin/env python3
"""Metrics pushed, to the real Pushgateway and to servers that are none.

Scripts/with-postgres.sh python3 Tests/Operations/test_pushing.py
"""

from __future__ import annotations

import contextlib
import http.server
import re
import subprocess
import threading
import time
import unittest

import metrics
import program
from program import run


def setUpModule():
    global STAGE, GATEWAY
    STAGE = metrics.Stage()
    GATEWAY = program.Pushgateway(STAGE.folder)


def tearDownModule():
    GATEWAY.close()
    STAGE.close()


@contextlib.contextmanager
def server(answer):
    """An HTTP server that is no Pushgateway; gives its URL and what it was asked."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((self.path, self.headers, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            answer(self)

        do_GET = do_PUT = do_POST

        def log_message(self, *_):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}", asked
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def status(code: int, body: bytes = b""):
    def answer(handler):
        handler.send_response(code)
        if code == 301:
            handler.send_header("Location", "/elsewhere")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class Pushing(unittest.TestCase):
    def groups(self) -> set[str]:
        return set(re.findall(r"corrparse_last_run_exit_code\{(.*)\} ", GATEWAY.metrics()))

    def test_the_real_gateway(self):
        self.assertEqual(STAGE.ingest("--pushgateway", GATEWAY.url, str(STAGE.logs)).returncode, 0)
        first = metrics.samples(GATEWAY.metrics())
        self.assertEqual({name for name, _ in first} & metrics.NAMES, metrics.NAMES)
        self.assertIn('command="ingest",instance="",job="corrparse"', self.groups())
        # A failure leaves the time of the last success where it is.
        done = STAGE.ingest(
            "--retries", "0", str(STAGE.logs), connection="host=/nowhere", CORRPARSE_PUSHGATEWAY=GATEWAY.url + "/"
        )
        self.assertEqual(done.returncode, 69)
        self.assertNotIn("metrics", done.stderr)
        second = metrics.samples(GATEWAY.metrics())
        self.assertEqual(second["corrparse_last_run_exit_code", ""], 69)
        self.assertEqual(
            second["corrparse_last_success_timestamp_seconds", ""], first["corrparse_last_success_timestamp_seconds", ""]
        )
        for shard in ("0/2", "1/2"):
            done = run(
                "backfill",
                "--since",
                "2020-01-01",
                "--log-root",
                str(STAGE.logs),
                "--shard",
                shard,
                "--pushgateway",
                GATEWAY.url,
                DATABASE_URL=STAGE.database.connection(),
            )
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLessEqual({f'command="backfill",instance="",job="corrparse",shard="{i}-of-2"' for i in (0, 1)}, self.groups())
        # Two environments that share a gateway.
        labelled = STAGE.ingest("--pushgateway", GATEWAY.url, "--pushgateway-label", "environment=staging", str(STAGE.logs))
        self.assertEqual(labelled.returncode, 0, labelled.stderr)
        self.assertIn('command="ingest",environment="staging",instance="",job="corrparse"', self.groups())
        for wrong in ("staging", "job=x", "a/b=c", "a=b/c", "=x", "1a=x"):
            self.assertEqual(STAGE.ingest("--pushgateway-label", wrong, str(STAGE.logs)).returncode, 64, wrong)
        done = subprocess.run(
            [program.tool("promtool"), "check", "metrics"], check=False, input=GATEWAY.metrics(), text=True, capture_output=True
        )
        self.assertEqual([line for line in (done.stdout + done.stderr).splitlines() if "corrparse" in line], [])

    def test_push_that_fails_is_a_warning(self):
        def slow(_handler):
            time.sleep(30)

        def cut(handler):
            handler.connection.close()

        with contextlib.ExitStack() as stack:
            urls = [
                (stack.enter_context(server(status(code, body)))[0], text)
                for code, body, text in (
                    (400, b"pushed metrics are invalid\nmore", "answers 400: pushed metrics are invalid"),
                    (500, b"", "answers 500"),
                    (404, b"not here", "answers 404"),
                    (301, b"", "answers 301"),
                    (401, b"\x1b[31mno", "answers 401: \\u{1b}[31mno"),
                )
            ]
            urls += [(stack.enter_context(server(slow))[0], "127.0.0.1"), (stack.enter_context(server(cut))[0], "127.0.0.1")]
            urls += [
                (f"http://127.0.0.1:{program.free_port()}", "127.0.0.1"),
                ("http://no-such-host.invalid", "no-such-host.invalid"),
            ]
            for url, text in urls:
                credentials = url.replace("://", "://u:c4nary@")
                start = time.monotonic()
                done = STAGE.ingest(str(STAGE.logs), "--pushgateway", credentials)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertLess(time.monotonic() - start, 25)
                self.assertNotIn("c4nary", done.stderr + done.stdout)
                self.assertIn("the metrics are not pushed: ", done.stderr)
                self.assertIn(text, done.stderr)
            # Nor does it hide how a run ended.
            done = STAGE.ingest("--retries", "0", str(STAGE.logs), "--pushgateway", urls[0][0], connection="host=/nowhere")
            self.assertEqual(done.returncode, 69)

    def test_address_that_is_none_is_refused_before_the_run(self):
        database = program.Database(migrated=False)
        for url, text in (
            ("u:c4nary@gateway:9091", "the URL has no scheme; write http:// or https:// before the host"),
            ("ftp://u:c4nary@h", "the URL must begin with http:// or https://"),
            ("http://", "the URL cannot be read: "),
            ("", "the URL has no scheme; write http:// or https:// before the host"),
        ):
            done = STAGE.ingest("--migrate", str(STAGE.logs), "--pushgateway", url, connection=database.connection())
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(f"Error: --pushgateway: {text}", done.stderr)
            self.assertIn("Usage: corrparse ingest ", done.stderr)
            self.assertNotIn("c4nary", done.stderr)
            if url:
                done = STAGE.ingest("--migrate", str(STAGE.logs), connection=database.connection(), CORRPARSE_PUSHGATEWAY=url)
                self.assertEqual(done.returncode, 78, done.stderr)
                self.assertIn(f"CORRPARSE_PUSHGATEWAY: {text}", done.stderr)
                self.assertNotIn("c4nary", done.stderr)
        self.assertEqual(database.column("SELECT count(*) FROM pg_namespace WHERE nspname = 'corrparse'"), ["0"])

    def test_credentials_reach_the_server_alone(self):
        with server(status(200)) as (url, asked):
            self.assertEqual(
                STAGE.ingest(str(STAGE.logs), "--pushgateway", url.replace("://", "://u:c4nary@") + "/below").returncode, 0
            )
        ((path, headers, body),) = asked
        self.assertEqual(path, "/below/metrics/job/corrparse/command/ingest")
        self.assertEqual(headers["Authorization"], "Basic dTpjNG5hcnk=")
        self.assertIn("text/plain", headers["Content-Type"])
        self.assertIn(b"corrparse_last_run_exit_code", body)
        self.assertNotIn(b"c4nary", body)


if __name__ == "__main__":
    unittest.main()
