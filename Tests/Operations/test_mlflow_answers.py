#!/usr/bin/env python3
"""Answers that an MLflow server or something before it may give, and what `observe mlflow` makes of them. What real servers
answered is in Tests/MLflow/recorded; the real servers themselves are asked by `make long WHAT=mlflow`.

  Scripts/with-postgres.sh python3 Tests/Operations/test_mlflow_answers.py
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import pathlib
import threading
import unittest
import urllib.parse
from typing import ClassVar

import program

RECORDED = pathlib.Path(__file__).resolve().parents[1] / "MLflow/recorded"
SEARCHES = {"registered-models": "registered_models", "model-versions": "model_versions"}
HTML = b"<!doctype html><title>404 Not Found</title>"
SECRET = "c4nary"


def offset(token: str) -> int:
    """Of a token as MLflow makes them; 0 for those that a test made up."""
    try:
        return json.loads(base64.b64decode(token))["offset"]
    except ValueError:
        return 0


class Registry(http.server.BaseHTTPRequestHandler):
    """Pages of the recorded lists, as MLflow's SQL store gives them: tokens are offsets."""

    version = "3.17.2"
    # What stands before `/api/2.0/mlflow`, and whether only `ajax-api` is served there.
    prefix = ""
    ajax_only = False
    authorization: str | None = None
    # Called with the list's name, the query and its page; gives status, body and whether it is JSON; none for the page.
    fault = staticmethod(lambda name, query, page: None)
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        roots = {f"{self.prefix}/ajax-api/2.0/mlflow"} | (set() if self.ajax_only else {f"{self.prefix}/api/2.0/mlflow"})
        root, _, rest = url.path.rpartition("/mlflow/")
        name = rest.removesuffix("/search")
        if root + "/mlflow" not in roots or name not in SEARCHES:
            self.answer(404, HTML)
            return
        self.asked.append(f"{name} {url.query}")
        if self.authorization and self.headers.get("Authorization") != self.authorization:
            self.answer(401, b"You are not authenticated.")
            return
        page = self.page(name, query)
        status, body = self.fault(name, query, page) or (200, page)
        self.answer(status, body if isinstance(body, bytes) else json.dumps(body).encode())

    def page(self, name: str, query: dict) -> dict:
        recorded = json.loads((RECORDED / self.version / f"{name}.json").read_text())[SEARCHES[name]]
        first = offset(query.get("page_token", ""))
        last = first + int(query["max_results"])
        page = {SEARCHES[name]: recorded[first:last]}
        if last < len(recorded):
            page["next_page_token"] = base64.b64encode(json.dumps({"offset": last}).encode()).decode()
        return page

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # One that is too long is not taken to its end.
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.database = program.Database()

    def setUp(self) -> None:
        self.change(version="3.17.2", prefix="", ajax_only=False, authorization=None, fault=lambda *_: None, asked=[])

    def change(self, **settings: object) -> None:
        for name, value in settings.items():
            setattr(Registry, name, staticmethod(value) if name == "fault" else value)

    def observe(self, *options: str, path: str = "", user: str = "", **settings: str):
        url = f"http://{user}127.0.0.1:{self.server.server_port}{path}"
        return program.run("observe", "mlflow", "--url", url, *options, DATABASE_URL=self.database.connection(), **settings)

    def stored(self) -> list[str]:
        return self.database.column("SELECT count(*) FROM corrparse.model_observation")[0]

    def refused(self, status: int, *words: str) -> None:
        """The run ends so, tells these words, and stores nothing."""
        before = self.stored()
        done = self.observe()
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(self.stored(), before)

    def test_both_servers_are_read_whole(self) -> None:
        for version in ("2.8.1", "3.17.2"):
            with self.subTest(version):
                self.change(version=version)
                done = self.observe("--link-url", f"https://ann:{SECRET}@mlflow.example/ui/")
                self.assertEqual(done.returncode, 0, done.stderr)
                told = json.loads(done.stdout)
                expected = {"champion": 4, "challenger": 9, "former": 0, "rejected": 2, "archived": 2, "other": 1}
                expected["unknown"] = 3
                self.assertEqual({key: told[key] for key in expected}, expected)
                self.assertEqual((told["models"], told["versions"]), (8, 21))
                self.assertNotIn(SECRET, done.stderr)
        self.assertEqual(
            self.database.column(
                "SELECT url FROM diagnostics.model_version_v1 WHERE model = 'pte_SOLUSDC' AND role = 'champion'"
            ),
            ["https://mlflow.example/ui/#/models/pte_SOLUSDC/versions/4"],
        )
        # SOLUSDC-ETHUSDC could be of either, ADAUSDC has two champions, and BONKUSDC no version.
        self.assertEqual(
            self.database.column(
                "SELECT concat_ws(' ', scope, coalesce(trim_scale(value)::text, '?'), status) FROM diagnostics.golden_signal_v1 "
                "WHERE signal = 'challenger_count' ORDER BY scope COLLATE \"C\""
            ),
            ["ADAUSDC ? unknown", "BONKUSDC 0 ok", "BTCUSDC 3 ok", "ETHUSDC ? unknown", "SOLUSDC ? unknown", "XRPUSDC 2 ok"],
        )
        # The same again changes nothing but the header.
        rows = "SELECT count(*) FROM corrparse.model_version"
        before = self.database.column(rows)
        self.assertEqual(self.observe("--link-url", "https://mlflow.example/ui").returncode, 0)
        self.assertEqual(self.database.column(rows), before)

    def test_dry_run_stores_nothing(self) -> None:
        before = self.stored()
        done = self.observe("--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 22)
        self.assertEqual(self.stored(), before)

    def test_pages(self) -> None:
        """Empty pages with a next one, an empty token at the end, and pages of two."""

        def small(name, query, _):
            recorded = Registry.page(Registry, name, query | {"max_results": "2"})
            if query.get("page_token") == base64.b64encode(b'{"offset": 4}').decode():
                del recorded[SEARCHES[name]]
            return 200, {"next_page_token": ""} | recorded

        self.change(fault=small)
        done = self.observe("--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        # The two models and the two versions of the page without a list are missing, and nothing behind it.
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["versions"], 19)

    def test_pages_that_are_too_long_are_asked_for_smaller(self) -> None:
        def long(_, query, __):
            return (200, b" " * (33 << 20)) if int(query["max_results"]) > 100 else None

        self.change(fault=long)
        done = self.observe("--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["versions"], 21)
        self.change(fault=lambda *_: (200, b" " * (33 << 20)))
        self.refused(65, "more than an answer may be long")

    def test_versions_are_read_again_where_aliases_changed_meanwhile(self) -> None:
        seen = []

        def moved(name, _, page):
            seen.append(name)
            if seen.count("registered-models") > 1:
                for model in page.get("registered_models", []):
                    if model["name"] == "pte_SOLUSDC":
                        model["aliases"] = [{"alias": "champion", "version": "5"}]
            return 200, page

        self.change(fault=moved)
        done = self.observe("--dry-run")
        self.assertEqual(seen, ["registered-models", "model-versions", "registered-models", "model-versions"])
        champions = [line for line in map(json.loads, done.stdout.splitlines()) if line.get("role") == "champion"]
        self.assertIn(("pte_SOLUSDC", 5), [(line["model"], line["version"]) for line in champions])

    def test_pages_that_do_not_move_on(self) -> None:
        self.change(fault=lambda _, __, page: (200, page | {"next_page_token": "c3R1Y2s="}))
        self.refused(69, "do not move on")

    def test_more_than_is_read(self) -> None:
        def endless(_, query, __):
            made = int(query.get("page_token", "0"))
            models = [{"name": f"m{made + n}", "creation_timestamp": 1} for n in range(1000)]
            return 200, {"registered_models": models, "next_page_token": str(made + 1000)}

        self.change(fault=endless)
        self.refused(65, "more than 20000 models")

    def test_a_server_in_trouble_is_asked_again(self) -> None:
        failures = [(503, b"busy"), (429, b"slow down")]
        self.change(fault=lambda *_: failures.pop() if failures else None)
        self.assertEqual(self.observe("--dry-run").returncode, 0)
        self.change(fault=lambda *_: (503, b"busy"))
        self.refused(69, "answers 503")
        self.assertEqual(len(Registry.asked), 3 + 2 + 3)

    def test_what_is_no_mlflow(self) -> None:
        for body in (HTML, b"[]", b"null", b'{"status": "success"}', b'{"registered_models": [{"name": 7}]}', b"{" * 100_000):
            with self.subTest(body[:40]):
                self.change(fault=lambda *_, body=body: (200, body))
                self.refused(78, "not as an MLflow server does")
        self.change(fault=lambda *_: (404, HTML))
        self.refused(78, "is that its base URL?")

    def test_refusals(self) -> None:
        host = f"127.0.0.1:{self.server.server_port}"
        error = {"error_code": "FEATURE_DISABLED", "message": "Workspaces are not enabled"}
        for answer, status, words in (
            ((403, b"Permission denied"), 77, ["no right to read"]),
            ((403, b"Invalid Host header - possible DNS rebinding attack detected"), 78, ["--allowed-hosts", host]),
            ((500, error), 78, ["Workspaces are not enabled"]),
            ((404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Workspace 'x' not found"}), 78, ["Workspace 'x'"]),
            ((400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "no\x1b[31m"}), 78, ["no\\u{1b}[31m"]),
        ):
            with self.subTest(answer):
                self.change(fault=lambda *_, answer=answer: answer)
                self.refused(status, *words)

    def test_prefixes(self) -> None:
        self.change(prefix="/mlflow", ajax_only=True)
        for path in ("/mlflow", "/mlflow/", "/mlflow/#/models"):
            with self.subTest(path):
                self.assertEqual(self.observe("--dry-run", path=path).returncode, 0)
        self.assertEqual(self.observe("--dry-run").returncode, 78)

    def test_users_and_tokens(self) -> None:
        def basic(user):
            return "Basic " + base64.b64encode(user.encode()).decode()

        folder = program.folder()
        token, password = program.write(folder, "token", f"{SECRET}-t\n"), program.write(folder, "password", f"{SECRET} p\n")
        user = {"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": f"{SECRET}-v"}
        bearer = {"MLFLOW_TRACKING_TOKEN": f"{SECRET}-e"}
        for expected, options, settings in (
            (basic(f"ann:{SECRET}-v"), [], user),
            # As MLflow's client: the user goes before the token, and a name alone is no user.
            (basic(f"ann:{SECRET}-v"), [], user | bearer),
            (f"Bearer {SECRET}-e", [], bearer),
            (f"Bearer {SECRET}-e", [], bearer | {"MLFLOW_TRACKING_USERNAME": "ann"}),
            (f"Bearer {SECRET}-t", ["--bearer-token-file", str(token)], user),
            (basic(f"bob:{SECRET} p"), ["--user", "bob", "--password-file", str(password)], user | bearer),
        ):
            with self.subTest(expected):
                self.change(authorization=expected)
                done = self.observe("--dry-run", *options, **settings)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn(SECRET, done.stdout + done.stderr)
        self.change(authorization=basic(f"carl:{SECRET}-u"))
        self.assertEqual(self.observe("--dry-run", user=f"carl:{SECRET}-u@").returncode, 0)
        done = self.observe("--dry-run", user=f"carl:{SECRET}-x@")
        self.assertEqual(done.returncode, 77)
        self.assertIn("MLFLOW_TRACKING_USERNAME", done.stderr)
        self.assertNotIn(SECRET, done.stderr)

    def test_variables(self) -> None:
        url = f"http://127.0.0.1:{self.server.server_port}"
        settings = {"DATABASE_URL": self.database.connection()}
        done = program.run("observe", "mlflow", "--dry-run", MLFLOW_TRACKING_URI=url, MLFLOW_WORKSPACE="team-a", **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f'"origin":"mlflow 127.0.0.1:{self.server.server_port} workspace team-a"', done.stdout)
        for variables in (
            {"MLFLOW_WORKSPACE": "a\r\nX-Other: b"},
            {"MLFLOW_TRACKING_INSECURE_TLS": "true", "MLFLOW_TRACKING_SERVER_CERT_PATH": "/no/such"},
        ):
            with self.subTest(variables):
                done = program.run("observe", "mlflow", "--dry-run", "--url", url, **settings, **variables)
                self.assertEqual(done.returncode, 78, done.stderr)


if __name__ == "__main__":
    unittest.main()
