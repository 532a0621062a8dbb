#!/usr/bin/env python3
"""sslmode=verify-full against servers that are, and are not, who they should be.

python3 Tests/Operations/test_tls.py
"""

from __future__ import annotations

import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
import tls

FAILED = "certificate verify failed; sslrootcert must hold the authority"
# Certificate of the server: exit status and what stands on stderr. Written from 5-command-line, Exit codes: 78 is configuration.
SERVERS = {
    "good": (0, ""),
    "wrong-host": (78, 'server certificate for "db.example" does not match host name "localhost"; connect by a name'),
    "wrong-ca": (78, FAILED),
    "expired": (78, FAILED),
    "not-yet-valid": (78, FAILED),
    "self-signed": (78, FAILED),
    None: (78, "server does not support SSL, but SSL was required; turn TLS on in the server"),
}


def setUpModule():
    global FOLDER, CERTIFICATES, SERVER, LOGS
    FOLDER = program.folder()
    unittest.addModuleCleanup(shutil.rmtree, FOLDER)
    CERTIFICATES = tls.Certificates(FOLDER / "certificates")
    SERVER = tls.Server(FOLDER, CERTIFICATES)
    unittest.addModuleCleanup(SERVER.close)
    done = program.run("migrate", "up", DATABASE_URL=SERVER.local)
    assert done.returncode == 0, done.stderr
    LOGS = FOLDER / "logs"
    program.write(LOGS, program.LOG, program.block(7) + program.END)


def ways(mode: str = "verify-full", authority: str | None = None) -> list[tuple[list[str], dict[str, str]]]:
    """The same connection as a URL in the environment, as an argument, as pairs, and as libpq's variables."""
    authority = authority or CERTIFICATES["ours.ca.crt"]
    url = f"postgresql://postgres@localhost:{SERVER.port}/postgres?sslmode={mode}&sslrootcert={authority}"
    pairs = f"host=localhost port={SERVER.port} user=postgres dbname=postgres sslmode={mode} sslrootcert={authority}"
    variables = {
        "PGHOST": "localhost",
        "PGPORT": str(SERVER.port),
        "PGUSER": "postgres",
        "PGDATABASE": "postgres",
        "PGSSLMODE": mode,
        "PGSSLROOTCERT": authority,
    }
    password = {"PGPASSWORD": tls.PASSWORD}
    return [
        ([], {"DATABASE_URL": url} | password),
        (["--database", url], password),
        ([], {"DATABASE_URL": pairs} | password),
        ([], variables | password),
    ]


def commands() -> list[list[str]]:
    return [
        ["migrate", "up"],
        ["ingest", "--retries", "0", str(LOGS)],
        ["backfill", "--retries", "0", "--since", "2020-01-01", "--log-root", str(LOGS)],
        ["universe", "list"],
    ]


class VerifyFull(unittest.TestCase):
    def test_matrix(self):
        tried = 0
        for certificate, (status, words) in SERVERS.items():
            SERVER.use(certificate)
            for command in commands():
                for more, settings in ways():
                    with self.subTest(certificate=certificate, command=command[0], way=more or list(settings)):
                        done = program.run(*command, *more, **settings)
                        tried += 1
                        self.assertEqual(done.returncode, status, done.stderr)
                        # Between what failed and what to do stands where the connection comes from.
                        for part in words.split("; "):
                            self.assertIn(part, done.stderr)
                        self.assertNotIn(tls.PASSWORD, done.stdout + done.stderr)
        print(f"TLS: {tried} runs with sslmode=verify-full against {len(SERVERS)} servers", file=sys.stderr)
        self.assertEqual(tried, 7 * 4 * 4)

    def test_only_the_good_one_was_sent_a_query(self):
        """Nothing of the matrix reached a server that is not trusted, whatever the program said of it."""
        SERVER.use("good")
        SERVER.run("ALTER SYSTEM SET log_connections = on")
        SERVER.run("SELECT pg_reload_conf()")
        for certificate in SERVERS:
            SERVER.use(certificate)
            log = SERVER.folder / "log"
            before = log.stat().st_size
            program.run("universe", "list", **ways()[0][1])
            with log.open("rb") as file:
                file.seek(before)
                said = file.read().decode()
            # Those by the socket are the test's own.
            self.assertEqual(
                "SSL enabled" in said and "connection authenticated" in said, certificate == "good", (certificate, said)
            )

    def test_weaker_modes_are_what_libpq_says(self):
        """verify-ca does not look at the name; that is why verify-full is the one to use."""
        SERVER.use("wrong-host")
        self.assertEqual(program.run("migrate", "status", **ways("verify-ca")[0][1]).returncode, 0)
        SERVER.use("wrong-ca")
        self.assertEqual(program.run("migrate", "status", **ways("verify-ca")[0][1]).returncode, 78)

    def test_authority_that_is_missing(self):
        SERVER.use("good")
        for more, settings in ways(authority="/no/such/ca.crt"):
            done = program.run("universe", "list", *more, **settings)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn('root certificate file "/no/such/ca.crt" does not exist', done.stderr)
            self.assertIn("sslrootcert", done.stderr)

    def test_client_keys_that_are_none(self):
        SERVER.use("good")
        certificate, key = CERTIFICATES["good.crt"], FOLDER / "client.key"
        key.write_bytes(pathlib.Path(CERTIFICATES["good.key"]).read_bytes())
        key.chmod(0o600)
        other = FOLDER / "other.key"
        other.write_bytes(pathlib.Path(CERTIFICATES["expired.key"]).read_bytes())
        other.chmod(0o600)
        garbage = program.write(FOLDER, "garbage", "no key\n")
        garbage.chmod(0o600)
        open_key = program.write(FOLDER, "open.key", key.read_bytes())
        open_key.chmod(0o644)
        for settings, words in (
            ({"PGSSLCERT": certificate, "PGSSLKEY": "/no/such"}, "private key file"),
            ({"PGSSLCERT": certificate, "PGSSLKEY": str(garbage)}, "could not load private key file"),
            ({"PGSSLCERT": certificate, "PGSSLKEY": str(open_key)}, "group or world access"),
            ({"PGSSLCERT": certificate, "PGSSLKEY": str(other)}, "key values mismatch"),
            ({"PGSSLCERT": str(garbage), "PGSSLKEY": str(key)}, "could not read certificate file"),
        ):
            for command in commands():
                with self.subTest(settings=settings, command=command[0]):
                    done = program.run(*command, **(ways()[0][1] | settings))
                    self.assertEqual(done.returncode, 78, done.stderr)
                    self.assertIn(words, done.stderr)
                    self.assertIn("sslcert and sslkey must name a client certificate and its key", done.stderr)

    def test_a_certificate_that_was_taken_back(self):
        CERTIFICATES.make("taken-back", "DNS:localhost")
        CERTIFICATES.revoke("taken-back")
        SERVER.own(CERTIFICATES.folder)
        SERVER.use("taken-back")
        settings = ways()[0][1]
        self.assertEqual(program.run("universe", "list", **settings).returncode, 0)
        done = program.run("universe", "list", **settings, PGSSLCRL=CERTIFICATES["ours.crl"])
        self.assertEqual(done.returncode, 78, done.stderr)
        for part in FAILED.split("; "):
            self.assertIn(part, done.stderr)
        self.assertIn("neither have expired nor be revoked", done.stderr)

    def test_wrong_password_over_tls(self):
        SERVER.use("good")
        done = program.run("universe", "list", **(ways()[0][1] | {"PGPASSWORD": "wr0ng"}))
        self.assertEqual(done.returncode, 77)
        self.assertNotIn("wr0ng", done.stderr)


if __name__ == "__main__":
    unittest.main()
