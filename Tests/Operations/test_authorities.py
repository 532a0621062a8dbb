#!/usr/bin/env python3
"""Prometheus servers and Pushgateways with certificates of a private authority, and with certificates that are not to be taken.

Scripts/with-postgres.sh python3 Tests/Operations/test_authorities.py
"""

from __future__ import annotations

import contextlib
import http.server
import json
import pathlib
import shutil
import ssl
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import metrics
import program
import tls
from program import run

# Certificate of the server: what is said of it, by a program that knows our authority and its revocation list.
REFUSED = {
    "expired": ("certificate has expired", "the server needs a new certificate"),
    "revoked": ("certificate revoked", "the server needs a new certificate"),
    "not-yet-valid": ("certificate is not yet valid", "check the clock of this machine"),
    "wrong-host": ("subject name", "use a name or address that stands in the certificate"),
    "wrong-ca": ("unable to get local issuer certificate", "--ca-file, CURL_CA_BUNDLE or SSL_CERT_FILE"),
}


def setUpModule():
    global STAGE, CERTIFICATES
    STAGE = metrics.Stage()
    unittest.addModuleCleanup(STAGE.close)
    folder = program.folder()
    unittest.addModuleCleanup(shutil.rmtree, folder)
    CERTIFICATES = tls.Certificates(folder / "certificates")
    CERTIFICATES.make("revoked", "DNS:localhost")
    CERTIFICATES.revoke("revoked")


@contextlib.contextmanager
def server(certificate: str):
    """Answers a Prometheus's queries and takes what is pushed; gives its address and the paths that it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = {"status": "success", "data": {"resultType": "scalar", "result": [1774699200, "7"]}}
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # handshakes that the other side gives up

    httpd = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES[f"{certificate}.crt"], CERTIFICATES[f"{certificate}.key"])
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"https://localhost:{httpd.server_port}", asked
    finally:
        httpd.shutdown()
        httpd.server_close()


def ways(file: str) -> list[tuple[list[str], dict[str, str]]]:
    return [(["--ca-file", file], {}), ([], {"CURL_CA_BUNDLE": file}), ([], {"SSL_CERT_FILE": file})]


class Authorities(unittest.TestCase):
    def observe(self, url: str, *more: str, **settings: str):
        return run("observe", "prometheus", "--dry-run", "--url", url, *more, **settings)

    def push(self, url: str, *more: str, **settings: str):
        return STAGE.ingest("--pushgateway", url, *more, str(STAGE.logs), **settings)

    def test_a_private_authority_is_taken_from_each_place(self) -> None:
        with server("good") as (url, asked):
            for more, settings in ways(CERTIFICATES["ours.ca.crt"]):
                with self.subTest(more=more, settings=settings):
                    done = self.observe(url, *more, **settings)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    done = self.push(url, *more, **settings)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertNotIn("not pushed", done.stderr)
            self.assertEqual(sum("/metrics/job/" in path for path in asked), 3)

    def test_it_is_not_taken_unnamed(self) -> None:
        with server("good") as (url, asked):
            done = self.observe(url)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn("--ca-file, CURL_CA_BUNDLE or SSL_CERT_FILE", done.stderr)
            done = self.push(url)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("--ca-file, CURL_CA_BUNDLE or SSL_CERT_FILE", done.stderr)
            self.assertEqual(asked, [])

    def test_the_option_counts_before_the_environment_and_that_in_curls_order(self) -> None:
        ours, theirs = CERTIFICATES["ours.ca.crt"], CERTIFICATES["theirs.ca.crt"]
        with server("good") as (url, _):
            for status, more, settings in (
                (0, ["--ca-file", ours], {"CURL_CA_BUNDLE": theirs, "SSL_CERT_FILE": theirs}),
                (0, [], {"CURL_CA_BUNDLE": ours, "SSL_CERT_FILE": theirs}),
                (78, [], {"CURL_CA_BUNDLE": theirs, "SSL_CERT_FILE": ours}),
                (78, ["--ca-file", theirs], {"CURL_CA_BUNDLE": ours}),
            ):
                with self.subTest(more=more, settings=settings):
                    self.assertEqual(self.observe(url, *more, **settings).returncode, status)

    def test_a_certificate_that_is_not_taken_is_called_what_it_is(self) -> None:
        for certificate, words in REFUSED.items():
            with self.subTest(certificate=certificate), server(certificate) as (url, asked):
                for more, settings in ways(CERTIFICATES["with-lists.crt"]):
                    done = self.observe(url, *more, **settings)
                    self.assertEqual(done.returncode, 78, done.stderr)
                    for text in words:
                        self.assertIn(text, done.stderr)
                done = self.push(url, "--ca-file", CERTIFICATES["with-lists.crt"])
                self.assertEqual(done.returncode, 0, done.stderr)
                for text in words:
                    self.assertIn(text, done.stderr)
                self.assertEqual(asked, [])

    def test_a_good_certificate_is_taken_beside_a_revocation_list(self) -> None:
        with server("good") as (url, _):
            self.assertEqual(self.observe(url, "--ca-file", CERTIFICATES["with-lists.crt"]).returncode, 0)

    def test_a_revoked_certificate_without_a_list_is_a_good_one(self) -> None:
        """Why the list has to be given: nothing else says it."""
        with server("revoked") as (url, _):
            self.assertEqual(self.observe(url, "--ca-file", CERTIFICATES["ours.ca.crt"]).returncode, 0)

    def test_a_file_that_is_none_is_found_before_anything_is_done(self) -> None:
        key = CERTIFICATES["good.key"]
        with server("good") as (url, asked):
            for file, words in (("/no/such", "/no/such: it cannot be read: No such file"), (key, "it holds no certificate")):
                with self.subTest(file=file):
                    for done in (self.observe(url, "--ca-file", file), self.push(url, "--ca-file", file)):
                        self.assertEqual(done.returncode, 64, done.stderr)
                        self.assertIn(f"--ca-file: {words}" if file == "/no/such" else words, done.stderr)
                    for variable in ("CURL_CA_BUNDLE", "SSL_CERT_FILE"):
                        for done in (self.observe(url, **{variable: file}), self.push(url, **{variable: file})):
                            self.assertEqual(done.returncode, 78, done.stderr)
                            self.assertIn(f"{variable}: ", done.stderr)
                            self.assertIn(words, done.stderr)
                            self.assertNotIn("logs read", done.stderr)
            # Where nothing is asked by TLS, the file does not matter.
            self.assertEqual(STAGE.ingest(str(STAGE.logs), SSL_CERT_FILE=file).returncode, 0)
            self.assertEqual(asked, [])

    def test_the_real_pushgateway_over_tls(self) -> None:
        folder = program.folder()
        self.addCleanup(shutil.rmtree, folder)
        pair = {"cert_file": CERTIFICATES["good.crt"], "key_file": CERTIFICATES["good.key"]}
        web = program.write(folder, "web.yml", json.dumps({"tls_server_config": pair}))
        gateway = program.Pushgateway(folder, f"--web.config.file={web}")
        self.addCleanup(gateway.close)
        url = gateway.url.replace("http://127.0.0.1", "https://localhost")
        done = self.push(url, "--ca-file", CERTIFICATES["ours.ca.crt"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("not pushed", done.stderr)
        self.assertIn("not pushed", self.push(url).stderr)


if __name__ == "__main__":
    unittest.main()
