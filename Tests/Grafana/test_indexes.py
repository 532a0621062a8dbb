#!/usr/bin/env python3
"""Every index is used: by panels, state, report, ingest, observe, reclassify or prune. One that nothing uses costs each write.

  Scripts/with-postgres.sh python3 Tests/Grafana/test_indexes.py

An index that keeps a key is needed whether it is read or not.
"""

import datetime
import http.server
import os
import pathlib
import sys
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("Tests/Grafana", "Tests/Operations", "Scripts", "grafana")]

import generate
import grafana_sql
import libpq
import program as built
import seeded
import test_mlflow_answers
import test_plans

UNUSED = """
  SELECT s.indexrelname
  FROM pg_stat_user_indexes AS s JOIN pg_index AS i ON i.indexrelid = s.indexrelid
  WHERE s.schemaname = 'corrparse' AND s.idx_scan = 0 AND NOT i.indisunique
  ORDER BY 1
"""


class Indexes(unittest.TestCase):
    def corrparse(self, *arguments: str) -> None:
        done = built.run(*arguments, DATABASE_URL=self.database, timeout=300)
        self.assertIn(done.returncode, (0, 1, 2, 3), done.stderr)

    def observe_registry(self) -> None:
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), test_mlflow_answers.Registry) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.corrparse("observe", "mlflow", "--url", f"http://127.0.0.1:{server.server_port}")
            server.shutdown()

    def test_each_is_used(self):
        program = os.environ.get("CORRPARSE") or generate.default_program()
        now = datetime.datetime.now(grafana_sql.UTC).replace(minute=0, second=0, microsecond=0)
        self.database, reader = seeded.make(os.environ["CORRPARSE_TEST_DATABASE"], program, "grafana_indexes")
        seeded.fill(self.database, program, 20_000, now, awkward=False, rough=True)
        with libpq.Connection(self.database) as owner:
            owner.run("CREATE INDEX record_theta_idx ON corrparse.record (theta)")
            owner.run("ANALYZE")
            owner.run("SELECT pg_stat_reset()")
        test_plans.NOW = now
        with libpq.Connection(reader) as connection:
            for query in test_plans.queries(connection).values():
                connection.run(query)
        self.corrparse("state")
        self.corrparse("report", "--html", str(built.folder() / "report.html"))
        for _ in range(2):
            self.corrparse("ingest", str(ROOT / "demo" / "logs"))
        self.observe_registry()
        self.corrparse("reclassify")
        self.corrparse("prune", "--before", "300d", "--yes")
        # Sessions tell what they did when they end.
        found = []
        for _ in range(50):
            with libpq.Connection(self.database) as owner:
                found = [row[0] for row in owner.run(UNUSED).rows]
            if found == ["record_theta_idx"]:
                break
            time.sleep(0.1)
        self.assertEqual(found, ["record_theta_idx"])


if __name__ == "__main__":
    unittest.main()
