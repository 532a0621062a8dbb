#!/usr/bin/env python3
"""Metrics and logs of runs, with the real promtool and the real Pushgateway.

Scripts/with-postgres.sh python3 Tests/Operations/test_metrics.py
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
from program import run

SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")
CODES = {
    "INFRA_SATURATED",
    "PIPELINE_DEGRADED",
    "NO_CANDIDATES",
    "ML_USELESS",
    "SCREENING_OVERFIT",
    "ML_UNSTABLE",
    "ML_MARGINAL",
    "EXECUTION_MISMATCH",
    "ML_EXPLOITABLE",
    "ML_SOLID",
    "SL_TOO_TIGHT",
    "TP_TOO_AMBITIOUS",
    "HORIZON_TOO_SHORT",
    "none",
}
# Written by hand; what else appears has to be added here and in docs/operations.md.
NAMES = {"corrparse_build_info"} | {
    f"corrparse_last_{name}"
    for name in (
        "run_timestamp_seconds",
        "run_duration_seconds",
        "run_exit_code",
        "run_logs_read",
        "run_logs_unchanged",
        "run_logs_failed",
        "run_blocks_found",
        "run_blocks",
        "run_records_deleted",
        "run_verdicts",
        "run_read_bytes",
        "completion_timestamp_seconds",
        "success_timestamp_seconds",
    )
}


def setUpModule():
    global DATABASE, FOLDER, LOGS, GATEWAY
    FOLDER = program.folder()
    DATABASE = program.Database()
    LOGS = FOLDER / "logs"
    # Three blocks, one of which stands there twice.
    program.write(LOGS, program.LOG, program.block(7) + program.block(8) + program.block(9) + program.block(9) + program.END)
    GATEWAY = program.Pushgateway(FOLDER)


def tearDownModule():
    GATEWAY.close()
    shutil.rmtree(FOLDER)


def samples(text: str) -> dict[tuple[str, str], float]:
    """Values by name and labels, `command` and what the Pushgateway adds left out."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#") or not line.startswith("corrparse_"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        kept = [part for part in (labels or "").split(",") if not part.startswith(("command=", "job=", "instance="))]
        found[name, ",".join(kept)] = float(value)
    return found


def ingest(*arguments: str, connection: str | None = None, **settings: str) -> subprocess.CompletedProcess:
    return run("ingest", *arguments, DATABASE_URL=connection or DATABASE.connection(), **settings)


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


class MetricsFile(unittest.TestCase):
    def setUp(self):
        self.file = FOLDER / f"{self.id()}.prom"

    def checked(self) -> dict[tuple[str, str], float]:
        """The file's samples, once promtool has nothing to say of it."""
        text = self.file.read_text()
        done = subprocess.run(
            [program.tool("promtool"), "check", "metrics"], check=False, input=text, text=True, capture_output=True
        )
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        self.assertEqual([p.name for p in FOLDER.iterdir() if p.suffix == ".tmp"], [])
        found = samples(text)
        self.assertLessEqual({name for name, _ in found}, NAMES)
        blocks = {labels: value for (name, labels), value in found.items() if name == "corrparse_last_run_blocks"}
        self.assertEqual(set(blocks), {f'result="{r}"' for r in ("stored", "unchanged", "replayed", "rejected")})
        self.assertEqual(sum(blocks.values()), found["corrparse_last_run_blocks_found", ""])
        self.assertEqual(
            {labels for name, labels in found if name == "corrparse_last_run_verdicts"}, {f'code="{c}"' for c in CODES}
        )
        self.assertIn('command="', text)
        return found

    def test_run_that_stores(self):
        database = program.Database()
        before = time.time()
        done = ingest("--metrics-file", str(self.file), str(LOGS), connection=database.connection())
        self.assertEqual(done.returncode, 0, done.stderr)
        found = self.checked()
        self.assertEqual({name for name, _ in found}, NAMES)
        expected = {
            "exit_code": 0,
            "logs_read": 1,
            "logs_unchanged": 0,
            "logs_failed": 0,
            "blocks_found": 4,
            "records_deleted": 0,
            "read_bytes": (LOGS / program.LOG).stat().st_size,
        }
        for name, value in expected.items():
            self.assertEqual(found[f"corrparse_last_run_{name}", ""], value, name)
        for result, value in (("stored", 3), ("unchanged", 0), ("replayed", 1), ("rejected", 0)):
            self.assertEqual(found["corrparse_last_run_blocks", f'result="{result}"'], value, result)
        verdicts = [value for (name, _), value in found.items() if name == "corrparse_last_run_verdicts"]
        self.assertEqual(sum(verdicts), 3)
        for name in ("run", "success", "completion"):
            self.assertTrue(before <= found[f"corrparse_last_{name}_timestamp_seconds", ""] <= time.time() + 1)
        self.assertGreater(found["corrparse_last_run_duration_seconds", ""], 0)
        # Who collects it is somebody else.
        self.assertEqual(self.file.stat().st_mode & 0o444, 0o444)

        # The same run again writes nothing, and says so.
        done = ingest("--metrics-file", str(self.file), str(LOGS), connection=database.connection())
        self.assertEqual(self.checked()["corrparse_last_run_logs_unchanged", ""], 1)

        # A failure keeps the time of the last success; a damaged log is a completion and no success.
        first = self.checked()
        success, completion = (
            ("corrparse_last_success_timestamp_seconds", ""),
            ("corrparse_last_completion_timestamp_seconds", ""),
        )
        done = ingest("--metrics-file", str(self.file), "--retries", "0", str(LOGS), connection="host=/nowhere password=c4nary")
        self.assertEqual(done.returncode, 69, done.stderr)
        failed = self.checked()
        self.assertEqual(failed["corrparse_last_run_exit_code", ""], 69)
        self.assertEqual((failed[success], failed[completion]), (first[success], first[completion]))
        self.assertNotIn("c4nary", self.file.read_text())
        damaged = program.write(
            FOLDER / "damaged", program.LOG.replace("attempt=1", "attempt=2") + ".gz", b"\x1f\x8b\x08\0\0\0\0\0\0\3garbage"
        )
        done = ingest("--metrics-file", str(self.file), str(damaged.parents[3]), connection=database.connection())
        self.assertEqual(done.returncode, 65, done.stderr)
        after = self.checked()
        self.assertEqual((after["corrparse_last_run_exit_code", ""], after["corrparse_last_run_logs_failed", ""]), (65, 1))
        self.assertEqual(after[success], first[success])
        self.assertGreater(after[completion], first[completion])

    def test_every_failure_is_told(self):
        other = program.Database(migrated=False)
        for arguments, settings, expected in (
            (["ingest", str(LOGS)], {"DATABASE_URL": other.connection()}, 78),
            (["ingest", "/no/such/file"], {"DATABASE_URL": DATABASE.connection()}, 65),
            (["backfill", "--since", "7d"], {"DATABASE_URL": DATABASE.connection()}, 64),
            (["backfill", "--since", "7d", "--log-root", "/no/such/folder"], {"DATABASE_URL": DATABASE.connection()}, 65),
            (["ingest", str(LOGS)], {"DATABASE_URL": DATABASE.connection(), "CORRPARSE_JOBS": "many"}, 78),
            (["ingest", str(LOGS)], {"DATABASE_URL": DATABASE.connection(user="nobody_of_ours")}, 77),
            (["ingest", str(LOGS)], {"DATABASE_URL": "postgresql://u:c4nary@[h/db"}, 78),
        ):
            self.file.unlink(missing_ok=True)
            done = run(*arguments, "--metrics-file", str(self.file), **settings)
            self.assertEqual(done.returncode, expected, done.stderr)
            self.assertEqual(self.checked()["corrparse_last_run_exit_code", ""], expected)
            self.assertNotIn("c4nary", self.file.read_text() + done.stderr)

    def test_run_that_a_signal_ends(self):
        # A piped log that never ends: the signal ends the program at once.
        process = subprocess.Popen(
            [program.PROGRAM, "ingest", "--stdin", "--source", "x", "--metrics-file", str(self.file)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=program.environment(DATABASE_URL=DATABASE.connection()),
        )
        process.stdin.write(program.block(7).encode())
        process.stdin.flush()
        query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{DATABASE.name}' AND application_name = 'corrparse'"
        for _ in range(500):
            if DATABASE.column(query) != ["0"]:
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 143)
        self.assertEqual(self.checked()["corrparse_last_run_exit_code", ""], 143)

    def test_file_that_cannot_be_written(self):
        folder = FOLDER / "a-folder"
        folder.mkdir()
        link = FOLDER / "link.prom"
        link.symlink_to("elsewhere")
        places = [FOLDER / "missing" / "x.prom", folder, link, pathlib.Path("/proc/x.prom"), pathlib.Path("/dev/null")]
        if os.getuid() != 0:
            places.append(pathlib.Path("/usr/x.prom"))
        for place in places:
            done = ingest("--metrics-file", str(place), str(LOGS))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("the metrics are not written: ", done.stderr)
            self.assertIn(str(place), done.stderr)
        self.assertEqual(str(link.readlink()), "elsewhere")
        self.assertTrue(pathlib.Path("/dev/null").is_char_device())

    def test_dry_run_has_none(self):
        done = run(
            "backfill",
            "--since",
            "7d",
            "--log-root",
            str(LOGS),
            "--dry-run",
            "--metrics-file",
            str(self.file),
            DATABASE_URL=DATABASE.connection(),
        )
        self.assertEqual(done.returncode, 64)
        done = run(
            "backfill",
            "--since",
            "7d",
            "--log-root",
            str(LOGS),
            "--dry-run",
            DATABASE_URL=DATABASE.connection(),
            CORRPARSE_PUSHGATEWAY="http://127.0.0.1:1",
        )
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("metrics", done.stderr)


class Documentation(unittest.TestCase):
    TEXT = (program.ROOT / "docs/operations.md").read_text()

    def test_every_metric_is_described(self):
        section = self.TEXT.split("### Metrics of the job")[1].split("###")[0].replace("`…_logs", "`corrparse_last_run_logs")
        self.assertEqual(set(re.findall(r"`(corrparse_[a-z_]+)", section)), NAMES)

    def test_alerts_are_rules(self):
        rules = re.search(r"```yaml\n(groups:\n  - name: corrparse\n.*?)```", self.TEXT, re.DOTALL).group(1)
        path = program.write(FOLDER, "rules.yml", rules)
        done = subprocess.run(
            [program.tool("promtool"), "check", "rules", str(path)], check=False, text=True, capture_output=True
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("3 rules found", done.stdout)


class Pushing(unittest.TestCase):
    def groups(self) -> set[str]:
        return set(re.findall(r"corrparse_last_run_exit_code\{(.*)\} ", GATEWAY.metrics()))

    def test_the_real_gateway(self):
        self.assertEqual(ingest("--pushgateway", GATEWAY.url, str(LOGS)).returncode, 0)
        first = samples(GATEWAY.metrics())
        self.assertEqual({name for name, _ in first} & NAMES, NAMES)
        self.assertIn('command="ingest",instance="",job="corrparse"', self.groups())
        # A failure leaves the time of the last success where it is.
        done = ingest("--retries", "0", str(LOGS), connection="host=/nowhere", CORRPARSE_PUSHGATEWAY=GATEWAY.url + "/")
        self.assertEqual(done.returncode, 69)
        self.assertNotIn("metrics", done.stderr)
        second = samples(GATEWAY.metrics())
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
                str(LOGS),
                "--shard",
                shard,
                "--pushgateway",
                GATEWAY.url,
                DATABASE_URL=DATABASE.connection(),
            )
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLessEqual({f'command="backfill",instance="",job="corrparse",shard="{i}-of-2"' for i in (0, 1)}, self.groups())
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
                ("gateway:9091", "the URL"),
                ("ftp://h", "http"),
                ("", None),
            ]
            for url, text in urls:
                credentials = url.replace("://", "://u:c4nary@")
                start = time.monotonic()
                done = ingest(str(LOGS), "--pushgateway", credentials)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertLess(time.monotonic() - start, 25)
                self.assertNotIn("c4nary", done.stderr + done.stdout)
                if text is not None:
                    self.assertIn("the metrics are not pushed: ", done.stderr)
                    self.assertIn(text, done.stderr)
            # Nor does it hide how a run ended.
            done = ingest("--retries", "0", str(LOGS), "--pushgateway", urls[0][0], connection="host=/nowhere")
            self.assertEqual(done.returncode, 69)

    def test_credentials_reach_the_server_alone(self):
        with server(status(200)) as (url, asked):
            self.assertEqual(ingest(str(LOGS), "--pushgateway", url.replace("://", "://u:c4nary@") + "/below").returncode, 0)
        ((path, headers, body),) = asked
        self.assertEqual(path, "/below/metrics/job/corrparse/command/ingest")
        self.assertEqual(headers["Authorization"], "Basic dTpjNG5hcnk=")
        self.assertIn("text/plain", headers["Content-Type"])
        self.assertIn(b"corrparse_last_run_exit_code", body)
        self.assertNotIn(b"c4nary", body)


class JSONLog(unittest.TestCase):
    def lines(self, text: str) -> list[dict]:
        """Every line is an object with the run's id."""
        found = [json.loads(line) for line in text.splitlines()]
        self.assertGreater(len(found), 0)
        for line in found:
            self.assertLessEqual({"time", "level", "run_id", "message"}, set(line))
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
            self.assertIn(line["level"], ("trace", "debug", "info", "notice", "warning", "error", "critical"))
            self.assertRegex(line["run_id"], r"^[0-9a-f]{16}$")
        self.assertEqual(len({line["run_id"] for line in found}), 1)
        return found

    def test_every_line_of_every_command(self):
        ids = set()
        for arguments, settings, expected in (
            (["ingest", str(LOGS), "--log-format", "json", "--log-level", "trace"], {}, 0),
            (["ingest", str(LOGS), "/no/such\x1b[31m\u202efile", "--log-format=json"], {}, 65),
            (["backfill", "--since", "7d", "--log-root", str(LOGS)], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
            (["backfill", "--since", "7d", "--log-root", str(LOGS), "--dry-run"], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
            (["ingest", str(LOGS), "--retries", "1"], {"CORRPARSE_LOG_FORMAT": "json", "DATABASE_URL": "host=/nowhere"}, 69),
            (["ingest", str(LOGS), "--metrics-file", "/proc/x"], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
            (["ingest", "--no-such-option"], {"CORRPARSE_LOG_FORMAT": "json"}, 64),
            (["ingest", "--log-format", "json"], {}, 64),
            (["reclassify", "--log-format", "json"], {}, 0),
            (["universe", "set", "BTCUSDC", "", "--log-format", "json"], {}, 64),
            (["-", "-v"], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
            (["lint", "-"], {"CORRPARSE_LOG_FORMAT": "json"}, 0),
        ):
            done = run(*arguments, **({"DATABASE_URL": DATABASE.connection()} | settings))
            self.assertEqual(done.returncode, expected, done.stderr)
            found = self.lines(done.stderr)
            ids.add(found[0]["run_id"])
        self.assertEqual(len(ids), 12)

    def test_summary_is_information_and_failure_an_error(self):
        found = self.lines(ingest(str(LOGS), "--log-format", "json").stderr)
        self.assertEqual([line["level"] for line in found if " blocks = " in line["message"]], ["info"])
        found = self.lines(ingest(str(LOGS), "--log-format", "json", "--retries", "0", connection="host=/nowhere").stderr)
        self.assertEqual(found[-1]["level"], "error")
        self.assertIn("/nowhere", found[-1]["message"])

    def test_context_of_a_message(self):
        found = self.lines(
            run(
                "backfill",
                "--since",
                "2020-01-01",
                "--log-root",
                str(LOGS),
                "--log-format",
                "json",
                "--log-level",
                "debug",
                DATABASE_URL=DATABASE.connection(),
            ).stderr
        )
        self.assertEqual([line["context"]["since"] for line in found if line["message"] == "window"], ["2020-01-01T00:00:00Z"])

    def test_text_stays_text(self):
        for settings in ({}, {"CORRPARSE_LOG_FORMAT": "text"}, {"CORRPARSE_LOG_FORMAT": ""}):
            self.assertTrue(ingest(str(LOGS), **settings).stderr.startswith("corrparse: "))
        self.assertTrue(ingest(str(LOGS), "--log-format", "text", CORRPARSE_LOG_FORMAT="json").stderr.startswith("corrparse: "))

    def test_format_that_is_none(self):
        done = ingest(str(LOGS), CORRPARSE_LOG_FORMAT="yaml")
        self.assertEqual(done.returncode, 78)
        self.assertIn("CORRPARSE_LOG_FORMAT is text or json, not 'yaml'", done.stderr)
        self.assertEqual(ingest(str(LOGS), "--log-format", "yaml").returncode, 64)


if __name__ == "__main__":
    unittest.main()
