#!/usr/bin/env python3
"""A password that must appear nowhere: every way to give one, in every command, with everything that can go wrong.

python3 Tests/Operations/test_canary.py          # every ninth of them, as in make test
python3 Tests/Operations/test_canary.py --all    # all: some minutes
"""

from __future__ import annotations

import concurrent.futures
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
import tls

CANARY = "CaNaRy"
EVERY_PATH = False
# Parts that a message could be cut to are looked for too.
SECRETS = [CANARY, "canary", "CaNa", "NaRy", urllib.parse.quote("CaN%aRy"), "%43aNaRy"]


def setUpModule():
    global FOLDER, SERVER, LOGS, SERVICES, WRONG_SERVICES, PASSFILE, UNREACHABLE
    FOLDER = program.folder()
    unittest.addModuleCleanup(shutil.rmtree, FOLDER)
    certificates = tls.Certificates(FOLDER / "certificates")
    SERVER = tls.Server(FOLDER, certificates)
    unittest.addModuleCleanup(SERVER.close)
    SERVER.use("good")
    # A role whose password is the canary: it may connect, and nothing more.
    SERVER.run(f"CREATE ROLE powerless LOGIN PASSWORD '{CANARY}'")
    SERVER.run("CREATE DATABASE empty")
    for database in ("postgres", "edited", "future"):
        if database != "postgres":
            SERVER.run(f"CREATE DATABASE {database}")
        done = program.run("migrate", "up", DATABASE_URL=f"{SERVER.local} dbname={database}")
        assert done.returncode == 0, done.stderr
    program_database(SERVER, "edited", "UPDATE corrparse.migration SET checksum = '\\x00'")
    program_database(
        SERVER,
        "future",
        "INSERT INTO corrparse.migration SELECT version + 100, name || '_x', checksum, applied_at, program_version "
        "FROM corrparse.migration WHERE version = 1",
    )
    LOGS = FOLDER / "logs"
    program.write(LOGS, program.LOG, program.block(7) + program.END)
    UNREACHABLE = program.free_port()
    SERVICES = program.write(
        FOLDER, "services", f"[ours]\nhost=127.0.0.1\nport={SERVER.port}\nuser=postgres\npassword={CANARY}\n"
    )
    WRONG_SERVICES = program.write(FOLDER, "wrong-services", f"[ours]\nhost=127.0.0.1\npassword={CANARY}\n{CANARY}\nx={CANARY}\n")
    PASSFILE = program.write(FOLDER, "passfile", f"*:*:*:*:{CANARY}\n")
    PASSFILE.chmod(0o600)


def program_database(server, database, statement):
    with program.libpq.Connection(f"{server.local} dbname={database}") as connection:
        connection.run(statement)


def strings() -> dict[str, str]:
    """Connection strings with the canary as the password: right ones that fail later, and wrong ones."""
    here, away = f"127.0.0.1:{SERVER.port}", f"127.0.0.1:{UNREACHABLE}"
    pairs = f"host=127.0.0.1 port={SERVER.port}"
    authorities = FOLDER / "certificates"
    return {
        "wrong password": f"postgresql://postgres:{CANARY}@{here}/postgres",
        "no rights": f"postgresql://powerless:{CANARY}@{here}/postgres",
        "no schema": f"postgresql://powerless:{CANARY}@{here}/empty",
        "edited migration": f"{SERVER.local} dbname=edited password={CANARY}",
        "newer schema": f"{SERVER.local} dbname=future password={CANARY}",
        "no database": f"{SERVER.local} dbname=none password={CANARY}",
        "no role": f"postgresql://none:{CANARY}@{here}/postgres",
        "nobody listens": f"postgresql://u:{CANARY}@{away}/x",
        "nobody listens, other scheme": f"postgres://u:{CANARY}@{away}/x",
        "no such host": f"postgresql://u:{CANARY}@no-such-host.invalid/x",
        "no such socket": f"host=/nowhere password={CANARY}",
        "password in the query": f"postgresql://u@{away}/x?password={CANARY}",
        "key's password": f"{pairs} sslpassword={CANARY} sslcert=/no/such sslkey=/no/such sslmode=require",
        "no authority": f"{pairs} password={CANARY} sslmode=verify-full sslrootcert=/no/such",
        "certificate of another": f"{pairs} password={CANARY} sslmode=verify-full sslrootcert={authorities}/theirs.ca.crt",
        "certificate of another host": f"{pairs} password={CANARY} sslmode=verify-full sslrootcert={authorities}/ours.ca.crt",
        "quoted": f"{pairs} user=postgres password='{CANARY} {CANARY}'",
        "not quoted": f"{pairs} password={CANARY} {CANARY}",
        "open quote": f"{pairs} password='{CANARY}",
        "no sign": f"{pairs} password {CANARY}",
        "slash": f"postgresql://u:x/{CANARY}@{away}/x",
        "at": f"postgresql://u:{CANARY}@{CANARY}@no-such-host.invalid/x",
        "question": f"postgresql://u:{CANARY}?{CANARY}@{away}/x",
        "hash": f"postgresql://u:{CANARY}#{CANARY}@{away}/x",
        "percent": f"postgresql://u:%ZZ{CANARY}@{away}/x",
        "percent-encoded": f"postgresql://u:%43aNaRy@{away}/x",
        "encoded percent": f"postgresql://u:CaN%25aRy@{away}/x",
        "colons": f"postgresql://u:{CANARY}:{CANARY}@{away}/x",
        "bracket": f"postgresql://u:{CANARY}@[h/x",
        "bad option": f"postgresql://u:{CANARY}@{here}/x?nonsense={CANARY}",
        "bad mode": f"{pairs} password={CANARY} sslmode=bogus",
        "bad port": f"postgresql://u:{CANARY}@127.0.0.1:99999/x",
        "password for a port": f"{pairs} password={CANARY} port={CANARY}",
        "bad number": f"{pairs} password={CANARY} connect_timeout=x",
        "no scheme": f"u:{CANARY}@{away}/x",
        "option of the server": f"{pairs} user=powerless dbname=postgres password={CANARY} options='-c nonsense=1'",
        "blank": f" postgresql://u:{CANARY}@{away}/x",
        "two hosts": f"host=127.0.0.1,/nowhere port={UNREACHABLE},1 password={CANARY}",
    }


def environments() -> dict[str, dict[str, str]]:
    """The canary in files and in libpq's own variables."""
    here = {"PGHOST": "127.0.0.1", "PGPORT": str(SERVER.port), "PGUSER": "postgres", "PGDATABASE": "postgres"}
    return {
        "PGPASSWORD": here | {"PGPASSWORD": CANARY},
        "PGPASSWORD, no server": here | {"PGPASSWORD": CANARY, "PGPORT": str(UNREACHABLE)},
        "PGPASSFILE": here | {"PGPASSFILE": str(PASSFILE)},
        "PGSERVICEFILE": {"PGSERVICEFILE": str(SERVICES), "PGSERVICE": "ours"},
        "PGSERVICEFILE, no such service": {"PGSERVICEFILE": str(SERVICES), "PGSERVICE": "theirs"},
        "PGSERVICEFILE, damaged": {"PGSERVICEFILE": str(WRONG_SERVICES), "PGSERVICE": "ours"},
    }


def commands() -> list[list[str]]:
    since = ["backfill", "--since", "2020-01-01", "--log-root", str(LOGS)]
    return [
        ["ingest", "--retries", "0", str(LOGS)],
        [*since, "--retries", "0"],
        [*since, "--dry-run"],
        ["ingest", "--retries", "0", "--migrate", str(LOGS)],
        ["migrate", "up"],
        ["migrate", "status"],
        ["migrate", "up", "--dry-run"],
        ["state"],
        ["state", "--format", "json"],
        ["report", "--html", "-"],
        ["universe", "list"],
        ["universe", "set", "BTCUSDC", "majors"],
        ["prune", "--before", "365d"],
        ["reclassify"],
    ]


def misplaced() -> list[tuple[list[str], dict[str, str]]]:
    """A password where none belongs, or for another server than the database."""
    url = f"postgresql://u:{CANARY}@127.0.0.1:{UNREACHABLE}/x"
    web = f"http://u:{CANARY}@127.0.0.1:{UNREACHABLE}"
    found = []
    for secret in (url, f"host=h password={CANARY}", f"u:{CANARY}@h/x", web):
        found += [
            ([*words, secret], {})
            for words in (
                ["parse"],
                ["ingest"],
                ["lint"],
                ["state"],
                ["migrate"],
                ["migrate", "up"],
                ["explain"],
                ["backfill", "--since"],
                ["backfill", "--since", "1d", "--log-root"],
                ["backfill", "--since", "1d", "--shard"],
                ["prune", "--before"],
                ["reclassify", "--taxonomy"],
                ["corpus", "verify"],
                ["report", "--html"],
                ["universe", "import"],
                ["ingest", "--jobs"],
                ["parse", "--line-format"],
                ["observe", "prometheus", "--dry-run", "--ca-file", "/no/such", "--url"],
                ["ingest", "--no-such-option"],
                ["no-such-command"],
                ["ingest", "--log-level"],
                ["ingest", "--log-format"],
                ["--no-such-option"],
                ["ingest", "/no/such", "--metrics-file"],
                ["parse", "--inflater"],
                ["observe", "prometheus", "--dry-run", "--bearer-token-file"],
            )
        ]
        found += [
            ([f"{words[-1]}={secret}"] if len(words) == 1 else [*words[:-1], f"{words[-1]}={secret}"], {})
            for words in (
                ["--databse"],
                ["state", "--databse"],
                ["ingest", "--jobs"],
                ["backfill", "--since"],
                ["ingest", "--log-format"],
            )
        ]
        found += [
            (["ingest", str(LOGS)], {name: secret})
            for name in (
                "CORRPARSE_JOBS",
                "CORRPARSE_RETRIES",
                "CORRPARSE_LOG_FORMAT",
                "CORRPARSE_LINE_FORMAT",
                "CORRPARSE_LOG_LEVEL",
                "CORRPARSE_INFLATER",
            )
        ]
        found += [(["backfill", "--since", "1d"], {"CORRPARSE_LOG_ROOT": secret})]
    for address in (
        web,
        f"http://u:{CANARY}@[",
        f"ftp://u:{CANARY}@h",
        f"http://u:{CANARY}@no-such-host.invalid/",
        f"u:{CANARY}@h",
    ):
        local = {"DATABASE_URL": SERVER.local}
        found += [
            (["observe", "prometheus", "--dry-run", "--timeout", "5", "--url", address], {}),
            (["observe", "prometheus", "--dry-run", "--timeout", "5"], {"PROMETHEUS_URL": address}),
            (["ingest", str(LOGS), "--pushgateway", address], local),
            (["ingest", str(LOGS)], local | {"CORRPARSE_PUSHGATEWAY": address}),
        ]
    return found


class Canary(unittest.TestCase):
    numbers = itertools.count()

    def paths(self):
        """Arguments and environment of every run, each in text or in JSON, most with metrics and every level of the log."""
        forms = itertools.cycle((["--log-level", "trace"], ["--log-level", "trace", "--log-format", "json"]))
        for (name, string), command in itertools.product(strings().items(), commands()):
            more = next(forms)
            yield name, [*command, *more], {"DATABASE_URL": string}
            if command[0] in ("ingest", "universe", "migrate"):
                yield name, [*command, *more, "--database", string], {}
        for (name, settings), command in itertools.product(environments().items(), commands()):
            yield name, [*command, *next(forms)], settings
        for arguments, settings in misplaced():
            yield "misplaced", arguments, settings

    def check(self, path) -> tuple[int, list[str]]:
        name, arguments, settings = path
        metrics = FOLDER / f"{next(self.numbers)}.prom"
        if (
            arguments[0] in ("ingest", "backfill")
            and "--dry-run" not in arguments
            and "--metrics-file" not in arguments
            and name != "misplaced"
        ):
            arguments = [*arguments, "--metrics-file", str(metrics)]
        done = program.run(*arguments, folder=str(FOLDER), **settings)
        told = {"stdout": done.stdout, "stderr": done.stderr}
        if metrics.exists():
            told["metrics"] = metrics.read_text()
        leaks = [
            f"{name}: {place} of {arguments} {settings}: {text}"
            for place, text in told.items()
            if any(secret in text for secret in SECRETS)
        ]
        if "json" in arguments[-4:] and "--log-format" in arguments:
            for line in done.stderr.splitlines():
                try:
                    json.loads(line)
                except ValueError:
                    leaks.append(f"{name}: not JSON: {line}")
        return done.returncode, leaks

    def test_no_path_shows_it(self):
        paths = list(self.paths())
        if not EVERY_PATH:
            # A step that shares no divisor with the number of commands meets every string and every command.
            paths = paths[::9]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            results = list(pool.map(self.check, paths))
        leaks = [leak for _, found in results for leak in found]
        failed = sum(status != 0 for status, _ in results)
        print(
            f"canary: {len(paths)} runs, {failed} of which failed with {len({s for s, _ in results if s})} exit statuses; "
            f"{len(leaks)} show the password",
            file=sys.stderr,
        )
        self.assertEqual(leaks[:20], [])
        self.assertGreaterEqual(failed, 100)
        self.assertLessEqual({64, 69, 77, 78}, {status for status, _ in results})
        # Nor has any run left it in the name or the content of a file, or in the database.
        left = [
            path
            for path in FOLDER.rglob("*")
            if path.is_file()
            and path.parent != FOLDER / "certificates"
            and FOLDER / "cluster" not in path.parents
            and path not in (SERVICES, WRONG_SERVICES, PASSFILE)
        ]
        self.assertEqual([path for path in left if CANARY in path.name or CANARY.encode() in path.read_bytes()], [])
        for database in ("postgres", "edited", "future", "empty"):
            dump = subprocess.run(
                [SERVER.programs / "pg_dump", "--data-only", "--inserts", f"{SERVER.local} dbname={database}"],
                capture_output=True,
                text=True,
                check=True,
                env=program.environment(),
            ).stdout
            self.assertEqual([secret for secret in SECRETS if secret in dump], [])

    def test_the_process_title_hides_it(self):
        """Of a run that waits: for its standard input, for a server that says nothing."""
        secret = f"postgresql://postgres:{CANARY}@127.0.0.1:{SERVER.port}/postgres"
        silent = program.socket.create_server(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        waiting = [
            (["state", "--database", f"postgresql://u:{CANARY}@127.0.0.1:{port}/x"], {}),
            (["state", f"--database=postgres://u:{CANARY}@127.0.0.1:{port}/x"], {}),
            (["state", "--database", f"host=127.0.0.1 port={port} password={CANARY}"], {}),
            (["observe", "prometheus", "--dry-run", "--url", f"http://u:{CANARY}@127.0.0.1:{port}"], {}),
            (["-"], {"DATABASE_URL": secret, "PGPASSWORD": CANARY}),
        ]
        for arguments, settings in waiting:
            process = subprocess.Popen(
                [program.PROGRAM, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=program.environment(**settings),
            )
            try:
                proc = pathlib.Path(f"/proc/{process.pid}")
                for _ in range(500):
                    # It waits for a socket or its input once it sleeps.
                    if (proc / "stat").read_text().rsplit(")", 1)[1].split()[0] == "S" and len(
                        list((proc / "task").iterdir())
                    ) > 1:
                        break
                    time.sleep(0.01)
                time.sleep(0.2)
                self.assertIsNone(process.poll())
                for name in ("cmdline", "comm", "stat", "status"):
                    self.assertNotIn(CANARY.encode(), (proc / name).read_bytes(), (name, arguments))
                title = subprocess.run(
                    ["ps", "-ww", "-o", "args=", str(process.pid)], check=False, capture_output=True, text=True
                ).stdout
                self.assertNotIn(CANARY, title)
                self.assertIn("corrparse", title)
            finally:
                process.kill()
                process.communicate()
        silent.close()


if __name__ == "__main__":
    EVERY_PATH = "--all" in sys.argv
    unittest.main(argv=[argument for argument in sys.argv if argument != "--all"])
