"""Where a password could be shown: every way to give one, and every command."""

from __future__ import annotations

import pathlib

import program
import tls

CANARY = "CaNaRy"


class Inputs:
    """A server whose `powerless` role has the canary as its password, and files of libpq that hold it."""

    def __init__(self, folder: pathlib.Path, server: tls.Server):
        self.folder, self.server = folder, server
        self.server.use("good")
        # A role whose password is the canary: it may connect, and nothing more.
        self.server.run(f"CREATE ROLE powerless LOGIN PASSWORD '{CANARY}'")
        self.server.run("CREATE DATABASE empty")
        for database in ("postgres", "edited", "future"):
            if database != "postgres":
                self.server.run(f"CREATE DATABASE {database}")
            done = program.run("migrate", "up", DATABASE_URL=f"{self.server.local} dbname={database}")
            assert done.returncode == 0, done.stderr
        change(self.server, "edited", "UPDATE corrparse.migration SET checksum = '\\x00'")
        change(
            self.server,
            "future",
            "INSERT INTO corrparse.migration SELECT version + 100, name || '_x', checksum, applied_at, program_version "
            "FROM corrparse.migration WHERE version = 1",
        )
        self.logs = self.folder / "logs"
        program.write(self.logs, program.LOG, program.block(7) + program.END)
        self.unreachable = program.free_port()
        self.services = program.write(
            self.folder, "services", f"[ours]\nhost=127.0.0.1\nport={self.server.port}\nuser=postgres\npassword={CANARY}\n"
        )
        self.wrong_services = program.write(
            self.folder, "wrong-services", f"[ours]\nhost=127.0.0.1\npassword={CANARY}\n{CANARY}\nx={CANARY}\n"
        )
        self.passfile = program.write(self.folder, "passfile", f"*:*:*:*:{CANARY}\n")
        self.passfile.chmod(0o600)

    def strings(self) -> dict[str, str]:
        """Connection strings with the canary as the password: right ones that fail later, and wrong ones."""
        here, away = f"127.0.0.1:{self.server.port}", f"127.0.0.1:{self.unreachable}"
        pairs = f"host=127.0.0.1 port={self.server.port}"
        authorities = self.folder / "certificates"
        return {
            "wrong password": f"postgresql://postgres:{CANARY}@{here}/postgres",
            "no rights": f"postgresql://powerless:{CANARY}@{here}/postgres",
            "no schema": f"postgresql://powerless:{CANARY}@{here}/empty",
            "edited migration": f"{self.server.local} dbname=edited password={CANARY}",
            "newer schema": f"{self.server.local} dbname=future password={CANARY}",
            "no database": f"{self.server.local} dbname=none password={CANARY}",
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
            "two hosts": f"host=127.0.0.1,/nowhere port={self.unreachable},1 password={CANARY}",
        }

    def environments(self) -> dict[str, dict[str, str]]:
        """The canary in files and in libpq's own variables."""
        here = {"PGHOST": "127.0.0.1", "PGPORT": str(self.server.port), "PGUSER": "postgres", "PGDATABASE": "postgres"}
        return {
            "PGPASSWORD": here | {"PGPASSWORD": CANARY},
            "PGPASSWORD, no server": here | {"PGPASSWORD": CANARY, "PGPORT": str(self.unreachable)},
            "PGPASSFILE": here | {"PGPASSFILE": str(self.passfile)},
            "PGSERVICEFILE": {"PGSERVICEFILE": str(self.services), "PGSERVICE": "ours"},
            "PGSERVICEFILE, no such service": {"PGSERVICEFILE": str(self.services), "PGSERVICE": "theirs"},
            "PGSERVICEFILE, damaged": {"PGSERVICEFILE": str(self.wrong_services), "PGSERVICE": "ours"},
        }

    def commands(self) -> list[list[str]]:
        since = ["backfill", "--since", "2020-01-01", "--log-root", str(self.logs)]
        return [
            ["ingest", "--retries", "0", str(self.logs)],
            [*since, "--retries", "0"],
            [*since, "--dry-run"],
            ["ingest", "--retries", "0", "--migrate", str(self.logs)],
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

    def misplaced(self) -> list[tuple[list[str], dict[str, str]]]:
        """A password where none belongs, or for another server than the database."""
        url = f"postgresql://u:{CANARY}@127.0.0.1:{self.unreachable}/x"
        web = f"http://u:{CANARY}@127.0.0.1:{self.unreachable}"
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
                    ["observe", "mlflow", "--dry-run", "--ca-file", "/no/such", "--url"],
                    ["observe", "mlflow", "--dry-run", "--url", "http://127.0.0.1:1", "--link-url"],
                    ["observe", "mlflow", "--dry-run", "--url", "http://127.0.0.1:1", "--bearer-token-file"],
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
                (["ingest", str(self.logs)], {name: secret})
                for name in (
                    "CORRPARSE_JOBS",
                    "CORRPARSE_RETRIES",
                    "CORRPARSE_LOG_FORMAT",
                    "CORRPARSE_LINE_FORMAT",
                    "CORRPARSE_PATH_TEMPLATE",
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
            local = {"DATABASE_URL": self.server.local}
            found += [
                (["observe", "prometheus", "--dry-run", "--timeout", "5", "--url", address], {}),
                (["observe", "prometheus", "--dry-run", "--timeout", "5"], {"PROMETHEUS_URL": address}),
                (["observe", "mlflow", "--dry-run", "--timeout", "5", "--url", address], {}),
                (["observe", "mlflow", "--dry-run", "--timeout", "5"], {"MLFLOW_TRACKING_URI": address}),
                (["ingest", str(self.logs), "--pushgateway", address], local),
                (["ingest", str(self.logs)], local | {"CORRPARSE_PUSHGATEWAY": address}),
            ]
        return found


def change(server, database, statement):
    with program.libpq.Connection(f"{server.local} dbname={database}") as connection:
        connection.run(statement)
