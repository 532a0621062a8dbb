#!/usr/bin/env python3
"""`observe mlflow` against real servers of MLflow, by `make long WHAT=mlflow`, which runs this with each list beside this file:

Scripts/with-postgres.sh Scripts/python-tools.sh Tests/MLflow/requirements-2.8.1.txt python3 Tests/MLflow/test_mlflow.py
"""

from __future__ import annotations

import json
import threading
import unittest
import urllib.request

import mlflow_server
import program
from mlflow_server import Server

IS_3 = not mlflow_server.IS_2


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        self.database = program.Database()

    def serve(self, prefix: str = "", with_users: bool = False) -> Server:
        server = Server(prefix, with_users)
        self.addCleanup(server.close)
        return server

    def observe(self, url: str, *options: str, status: int = 0, **settings: str):
        settings.setdefault("DATABASE_URL", self.database.connection())
        done = program.run("observe", "mlflow", "--url", url, *options, timeout=300, **settings)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def versions(self, what: str, model: str) -> list[str]:
        return self.database.column(
            f"SELECT concat_ws(' ', {what}) FROM diagnostics.model_version_v1 WHERE model = '{model}' ORDER BY version"
        )

    def signal(self, crypto: str) -> str:
        (found,) = self.database.column(
            "SELECT concat_ws(' ', trim_scale(value), status) FROM diagnostics.golden_signal_v1 "
            f"WHERE signal = 'challenger_count' AND scope = '{crypto}'"
        )
        return found


class Story(Case):
    def test_an_empty_registry_is_unknown(self) -> None:
        server = self.serve()
        done = self.observe(server.url)
        self.assertIn("no registered model", done.stderr)
        self.assertEqual(self.signal("SOLUSDC"), "unknown")

    def test_roles_and_what_comes_of_them(self) -> None:
        server = self.serve()
        mlflow_server.story(server)
        self.observe(server.url, "--link-url", server.url)
        rows = self.database.column(
            "SELECT concat_ws(E'\\t', model, version, coalesce(crypto, '-'), coalesce(role, '-')) "
            "FROM diagnostics.model_version_v1"
        )
        expected = [
            f"{model}\t{version}\t{crypto or '-'}\t{role or '-'}"
            for (model, version), (crypto, role) in mlflow_server.roles().items()
        ]
        self.assertEqual(sorted(rows), sorted(expected))
        dangling = "BONKUSDC: the alias champion names version 1, which does not exist"
        warnings = self.database.column("SELECT unnest(warnings) FROM diagnostics.model_observation_v1")
        self.assertEqual(dangling in warnings, not IS_3)
        self.assertEqual(self.signal("BTCUSDC"), "3 ok")
        # Every link leads to a page of the server.
        for url in self.database.column("SELECT url FROM diagnostics.model_version_v1"):
            with urllib.request.urlopen(url, timeout=30) as page:
                self.assertEqual(page.status, 200)
        # The champion moves to 5 and back; 5 was champion and is no challenger.
        server.alias("pte_SOLUSDC", "champion", 5)
        self.observe(server.url)
        self.assertEqual(self.versions("version, role", "pte_SOLUSDC")[3:5], ["4 former", "5 champion"])
        server.alias("pte_SOLUSDC", "champion", 4)
        self.observe(server.url)
        self.assertEqual(self.versions("version, role", "pte_SOLUSDC")[3:5], ["4 champion", "5 former"])
        bounds = "champion_since > champion_since_earliest AND champion_since = observed_at"
        self.assertEqual(self.versions(bounds, "pte_SOLUSDC")[3], "t")
        # Nobody is champion; nothing newer than the last one waits.
        server.no_alias("pte_SOLUSDC", "champion")
        server.stage("pte_SOLUSDC", 1, "None")
        server.no_alias("pte_SOLUSDC", "challenger")
        self.observe(server.url)
        roles = ["1 other", "2 other", "3 rejected", "4 former", "5 former", "6 archived"]
        self.assertEqual(self.versions("version, role", "pte_SOLUSDC"), roles)
        # A rename carries the versions along, and what is known of them.
        server.ask("POST", "registered-models/rename", {"name": "pte_SOLUSDC", "new_name": "new_SOLUSDC"})
        self.observe(server.url)
        self.assertEqual(self.versions("version, role", "new_SOLUSDC"), roles)
        self.assertEqual(self.versions("version, role", "pte_SOLUSDC"), [])
        # A model that was deleted begins at 1 again.
        server.ask("DELETE", "registered-models/delete", {"name": "new_SOLUSDC"})
        server.model("new_SOLUSDC")
        for _ in range(5):
            server.version("new_SOLUSDC")
        self.observe(server.url)
        self.assertEqual(self.versions("version, role", "new_SOLUSDC"), [f"{n} challenger" for n in range(1, 6)])

    def test_prefixes(self) -> None:
        server = self.serve("/mlflow")
        done = self.observe(server.url + "/mlflow", "--dry-run")
        self.assertIn('"models":0', done.stdout)


class Many(Case):
    """1,200 versions of 40 models."""

    def test_many_versions_and_an_edit_between_pages(self) -> None:
        server = self.serve()
        names = [f"pte_{n:02}_SOLUSDC" for n in range(40)]
        for name in names:
            server.model(name)
            for _ in range(30):
                server.version(name)
            server.alias(name, "champion", 25)
        told = json.loads(self.observe(server.url).stdout)
        self.assertEqual((told["models"], told["versions"], told["champion"], told["challenger"]), (40, 1200, 40, 200))
        self.assertEqual(self.signal("SOLUSDC"), "200 critical")
        # What edits move to the front of the server's own order, while pages are read, is neither lost nor doubled.
        stop = threading.Event()

        def edit() -> None:
            number = 0
            while not stop.is_set():
                body = {"name": names[number % 40], "version": str(1 + number % 30), "description": f"edited {number}"}
                server.ask("PATCH", "model-versions/update", body)
                number += 1

        editor = threading.Thread(target=edit)
        editor.start()
        try:
            for _ in range(5):
                told = json.loads(self.observe(server.url, "--dry-run").stdout.splitlines()[-1])
                self.assertEqual((told["versions"], told["champion"], told["challenger"]), (1200, 40, 200))
        finally:
            stop.set()
            editor.join()


class Users(Case):
    def test_authentication_and_missing_rights(self) -> None:
        server = self.serve(with_users=True)
        server.model("pte_SOLUSDC")
        server.version("pte_SOLUSDC")
        server.model("pte_BTCUSDC")
        server.version("pte_BTCUSDC")
        server.alias("pte_BTCUSDC", "champion", 1)
        admin = {"MLFLOW_TRACKING_USERNAME": server.user[0], "MLFLOW_TRACKING_PASSWORD": server.user[1]}
        self.observe(server.url, **admin)
        self.assertEqual(self.signal("SOLUSDC"), "1 ok")
        for wrong in ({}, admin | {"MLFLOW_TRACKING_PASSWORD": "c4nary-wrong"}, {"MLFLOW_TRACKING_TOKEN": "c4nary-token"}):
            done = self.observe(server.url, status=77, **wrong)
            self.assertIn("MLFLOW_TRACKING_USERNAME", done.stderr)
            self.assertNotIn("c4nary", done.stderr)
        reader = {"MLFLOW_TRACKING_USERNAME": "reader", "MLFLOW_TRACKING_PASSWORD": "c4nary-of-the-reader"}
        server.reader("reader", reader["MLFLOW_TRACKING_PASSWORD"], "pte_BTCUSDC")
        # The server answers 200 with less. What is hidden is not known, and never 0.
        self.observe(server.url, **reader)
        self.assertEqual(self.signal("BTCUSDC"), "0 ok")
        self.assertEqual(self.signal("SOLUSDC"), "unknown")
        self.assertEqual(self.versions("coalesce(role, '?')", "pte_SOLUSDC"), [] if IS_3 else ["?"])


@unittest.skipUnless(IS_3, "from 3.5 on")
class Hosts(Case):
    def test_a_name_that_the_server_does_not_allow(self) -> None:
        server = self.serve()
        done = self.observe(f"http://mlflow:{server.port}", status=69)
        self.assertIn("mlflow", done.stderr)
        # `*.localhost` leads to this machine and is no name that the server allows.
        done = self.observe(f"http://mlflow.localhost:{server.port}", status=78)
        self.assertIn(f"--allowed-hosts 'mlflow.localhost:{server.port}'", done.stderr)

    def test_a_workspace_that_the_server_does_not_have(self) -> None:
        server = self.serve()
        done = self.observe(server.url, status=78, MLFLOW_WORKSPACE="team-a")
        self.assertIn("orkspace", done.stderr)


if __name__ == "__main__":
    unittest.main()
