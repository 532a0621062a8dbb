#!/usr/bin/env python3
"""No password leaves in clear: servers that decline TLS, and what they are told by a program that nobody told anything.

python3 Tests/Operations/test_clear_password.py
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import socket
import struct
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program

PASSWORD = "c4nary-in-clear"
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
ASK_FOR_THE_PASSWORD = b"R" + struct.pack("!ii", 8, 3)
# A name of this machine that only its resolver knows to be one.
ELSEWHERE = "127.1"


class Thief:
    """A server that has no TLS and asks for the password in clear. Keeps every byte that it is sent."""

    def __init__(self):
        self.told = bytearray()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                with contextlib.suppress(OSError), client:
                    client.settimeout(10)
                    while data := client.recv(4096):
                        self.told += data
                        if data.startswith(b"p"):
                            break
                        client.sendall(b"N" if data == SSL_REQUEST else ASK_FOR_THE_PASSWORD)

    def close(self) -> None:
        self.socket.close()


class ClearPassword(unittest.TestCase):
    def setUp(self):
        self.thief = Thief()
        self.addCleanup(self.thief.close)
        self.folder = program.folder()
        self.addCleanup(shutil.rmtree, self.folder)

    def ways(self, host: str, mode: str | None) -> dict[str, dict[str, str]]:
        """One connection as a URL, as pairs, as libpq's variables and as a service; with an sslmode or without any."""
        port = self.thief.port
        service = f"[there]\nhost={host}\nport={port}\nuser=u\ndbname=d\npassword={PASSWORD}\n"
        path = program.write(self.folder, "services", service + (f"sslmode={mode}\n" if mode else ""))
        variables = {"PGHOST": host, "PGPORT": str(port), "PGUSER": "u", "PGDATABASE": "d", "PGPASSWORD": PASSWORD}
        return {
            "URL": {"DATABASE_URL": f"postgresql://u:{PASSWORD}@{host}:{port}/d" + (f"?sslmode={mode}" if mode else "")},
            "pairs": {
                "DATABASE_URL": f"host={host} port={port} user=u dbname=d password={PASSWORD}"
                + (f" sslmode={mode}" if mode else "")
            },
            "variables": variables | ({"PGSSLMODE": mode} if mode else {}),
            "a URL and variables": variables | {"DATABASE_URL": f"postgresql://{host}"} | ({"PGSSLMODE": mode} if mode else {}),
            "a service": {"PGSERVICEFILE": str(path), "PGSERVICE": "there"},
            "a named service": {"PGSERVICEFILE": str(path), "DATABASE_URL": "service=there"},
        }

    def run_all(self, host: str, mode: str | None, status: int, without: tuple[str, ...] = ()) -> bytes:
        """What the server was told in all ways together."""
        for way, settings in self.ways(host, mode).items():
            if way in without:
                continue
            with self.subTest(way=way, host=host, mode=mode):
                done = program.run("migrate", "status", **settings)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertNotIn(PASSWORD, done.stdout + done.stderr)
                if status == 78:
                    self.assertIn("server does not support SSL, but SSL was required", done.stderr)
                    if not mode:
                        self.assertIn("sslmode=disable", done.stderr)
        return bytes(self.thief.told)

    def test_a_server_that_declines_tls_gets_no_password_and_no_name(self):
        self.assertEqual(self.run_all(ELSEWHERE, None, 78), SSL_REQUEST * 6)

    def test_whoever_asks_for_tls_gets_it_on_this_machine_too(self):
        self.assertEqual(self.run_all("127.0.0.1", "require", 78), SSL_REQUEST * 6)

    def test_whoever_asks_for_less_gets_it(self):
        """And the thief would be told: without the default the password is gone."""
        # In a service file libpq's own default cannot be told from none, and counts as none.
        told = self.run_all(ELSEWHERE, "prefer", 69, without=("a service", "a named service"))
        self.assertEqual(told.count(PASSWORD.encode()), 4)

    def test_a_service_that_turns_tls_off_is_obeyed(self):
        told = self.run_all(ELSEWHERE, "disable", 69)
        self.assertEqual(told.count(PASSWORD.encode()), 6)
        self.assertNotIn(SSL_REQUEST, told)

    def test_a_service_that_asks_for_libpqs_default_gets_ours(self):
        for way in ("a service", "a named service"):
            done = program.run("migrate", "status", **self.ways(ELSEWHERE, "prefer")[way])
            self.assertEqual(done.returncode, 78, done.stderr)

    def test_this_machine_needs_no_tls(self):
        told = self.run_all("127.0.0.1", None, 69) + self.run_all("localhost", None, 69)
        self.assertIn(PASSWORD.encode(), told)

    def test_an_address_counts_before_a_name(self):
        pairs = f"port={self.thief.port} user=u dbname=d password={PASSWORD}"
        for hosts, status in (
            ("host=db.example hostaddr=127.0.0.1", 69),
            (f"host=127.0.0.1,{ELSEWHERE}", 78),
            (f"host={ELSEWHERE},/nowhere", 78),
        ):
            with self.subTest(hosts=hosts):
                done = program.run("migrate", "status", DATABASE_URL=f"{hosts} {pairs}")
                self.assertEqual(done.returncode, status, done.stderr)


if __name__ == "__main__":
    unittest.main()
