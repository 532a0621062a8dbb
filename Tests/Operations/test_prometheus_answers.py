#!/usr/bin/env python3
"""Answers of a server that calls itself Prometheus, and what `observe` makes of the number in them.

python3 Tests/Operations/test_prometheus_answers.py
"""

from __future__ import annotations

import http.server
import json
import threading
import unittest

from program import run

# By the text format of Prometheus a number is decimal, or NaN, +Inf, -Inf; the last three are outside of every range.
NUMBERS = {"12": "12", "+5": "5", "12.5": "12.5", "1e1": "10", "1.5E+1": "15", ".5": "0.5"}
OUT_OF_RANGE = ["NaN", "+Inf", "-Inf", "-1", "1e3"]
# What `--at` takes, to the instant; UTC without a zone.
TIMES = {
    "2026-03-28": "2026-03-28T00:00:00Z",
    "2026-03-28T12:30": "2026-03-28T12:30:00Z",
    "2026-03-28 12:30": "2026-03-28T12:30:00Z",
    "2026-03-28T12:30Z": "2026-03-28T12:30:00Z",
    "2026-03-28T12:30+02:00": "2026-03-28T10:30:00Z",
    "2026-03-28T12:30:15": "2026-03-28T12:30:15Z",
}
NO_NUMBERS = ["0x10", "0X1p4", "inf", "Infinity", "nan", "-nan", "1_0", "1,5", " 12", "12 ", "", "twelve", "1e", "--1"]


class Handler(http.server.BaseHTTPRequestHandler):
    value = ""

    def do_GET(self) -> None:
        answer = {"status": "success", "data": {"resultType": "scalar", "result": [1774699200, self.value]}}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)

    def observe(self, value: str, *options: str):
        Handler.value = value
        return run("observe", "prometheus", "--dry-run", "--url", f"http://127.0.0.1:{self.server.server_port}", *options)

    def test_numbers(self) -> None:
        for text, number in NUMBERS.items():
            with self.subTest(text):
                done = self.observe(text)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f'"cpu_pct":{number},"memory_pct":{number}}}', done.stdout)

    def test_times(self) -> None:
        for text, instant in TIMES.items():
            with self.subTest(text):
                self.assertIn(f'{{"observed_at":"{instant}",', self.observe("1", "--at", text).stdout)
        for text in ("2026-03", "2026-03-28T12", "2026-03-28T25:00", "12:30"):
            with self.subTest(text):
                self.assertEqual(self.observe("1", "--at", text).returncode, 64)

    def test_numbers_out_of_range(self) -> None:
        for text in OUT_OF_RANGE:
            with self.subTest(text):
                self.assertNotIn("cpu_pct", self.observe(text).stdout)

    def test_what_is_no_number_is_no_answer(self) -> None:
        for text in NO_NUMBERS:
            with self.subTest(text):
                done = self.observe(text)
                self.assertEqual((done.returncode, done.stdout), (78, ""), done.stderr)


if __name__ == "__main__":
    unittest.main()
