"""psql sessions, databases made from templates, and what has to run beside a server."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


# What the last round's server processes have still at hand must not come in afterwards. Waits until they are gone.
TERMINATE_OTHERS = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


class SQLFailure(Exception):
    """psql ended: a statement failed or the server went away."""


def programs() -> Path:
    """The folder of the newest installed server, as Scripts/postgres-common.sh chooses it. Debian's psql on PATH is a
    script that takes longer to start than a round's queries take."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "postgres").exists()]
    if not found:
        raise SystemExit("no PostgreSQL found: run Scripts/install-dependencies.sh")
    return max(found, key=lambda path: int(path.parent.name))


def environment(**more: str) -> dict[str, str]:
    """The caller's environment without anything that leads to another server."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PG") and k not in ("DATABASE_URL", "CORRPARSE_LOG_ROOT")}
    return kept | more


def server_account() -> list[str]:
    """What to put before a command that refuses to run as root."""
    return ["runuser", "--user", "postgres", "--"] if os.getuid() == 0 else []


class Session:
    """One psql that stays: starting it costs more than what it is asked."""

    END = "--end of answer--"

    def __init__(self, connection: str):
        # Not a pipe: nobody would read it while psql waits for its input.
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 -- close() closes it
        self.process = subprocess.Popen(
            [str(programs() / "psql"), "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", connection],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment(PGTZ="UTC", PGAPPNAME="faults"),
        )

    def ask(self, sql: str) -> list[str]:
        """Runs statements and returns the lines of their answers; raises SQLFailure with psql's words."""
        lines: list[str] = []
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{sql.rstrip().rstrip(';')};\n\\echo {self.END}\n".encode())
            self.process.stdin.flush()
        while line := self.process.stdout.readline():
            text = line.decode().rstrip("\n")
            if text == self.END:
                return lines
            lines.append(text)
        self.process.wait()
        self.errors.seek(0)
        raise SQLFailure(self.errors.read().decode().strip() or "psql ended without a word")

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        self.process.wait()
        self.errors.close()


def once(connection: str, sql: str) -> list[str]:
    session = Session(connection)
    try:
        return session.ask(sql)
    finally:
        session.close()


class Server:
    """The private server of Scripts/with-postgres.sh."""

    def __init__(self, connection: str | None = None):
        connection = connection or os.environ.get("CORRPARSE_TEST_DATABASE")
        if not connection:
            raise SystemExit("CORRPARSE_TEST_DATABASE is not set: run this by Scripts/with-postgres.sh")
        self.maintenance = connection
        self.settings = dict(part.split("=", 1) for part in connection.split())
        self.folder = Path(self.settings["host"])
        self.lock = threading.Lock()
        self.numbers = iter(range(1, 1_000_000))
        self.control: Session | None = None

    def connection(self, database: str, **other: object) -> str:
        return " ".join(f"{k}={v}" for k, v in (self.settings | {"dbname": database} | other).items())

    @property
    def socket(self) -> str:
        return f"{self.folder}/.s.PGSQL.{self.settings['port']}"

    def ask(self, sql: str) -> list[str]:
        """In the maintenance database; one at a time, as two CREATE DATABASE of one template refuse each other."""
        with self.lock:
            try:
                self.control = self.control or Session(self.maintenance)
                return self.control.ask(sql)
            except SQLFailure:
                self.forget()
                raise

    def forget(self) -> None:
        """Before or after a restart, which the session does not survive."""
        if self.control:
            self.control.close()
            self.control = None

    def create(self, template: str | None = None, name: str | None = None, tablespace: str | None = None) -> Database:
        name = name or f"round_{next(self.numbers):06}"  # of one length: the name is sent to the server
        self.ask(
            f"CREATE DATABASE {name}"
            + (f" TEMPLATE {template}" if template else "")
            + (f" TABLESPACE {tablespace}" if tablespace else "")
        )
        return Database(self, name)

    def survive_crashes(self) -> None:
        """After databases were copied. A copied sequence goes on without a word in the write-ahead log until the next
        checkpoint, and falls back when the server crashes before: a fault of the copy, not of the program."""
        self.ask("CHECKPOINT")

    def pg_ctl(self, *arguments: str) -> None:
        self.forget()
        done = subprocess.run(
            [
                *server_account(),
                str(programs() / "pg_ctl"),
                *arguments,
                "--wait",
                "--timeout=120",
                f"--pgdata={self.folder}/data",
                f"--log={self.folder}/log",
            ],
            check=False,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(LC_ALL="C.UTF-8"),
            text=True,
        )
        if done.returncode != 0:
            raise SQLFailure(f"pg_ctl {' '.join(arguments)}: {done.stdout.strip()}")


class Database:
    """A database of one round; a context manager that drops it."""

    def __init__(self, server: Server, name: str):
        self.server, self.name = server, name
        self.session: Session | None = None

    @property
    def connection(self) -> str:
        return self.server.connection(self.name)

    def ask(self, sql: str) -> list[str]:
        try:
            self.session = self.session or Session(self.connection)
            return self.session.ask(sql)
        except SQLFailure:
            self.forget()
            raise

    def forget(self) -> None:
        if self.session:
            self.session.close()
            self.session = None

    def drop(self) -> None:
        self.forget()
        self.server.ask(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()


class Rewound:
    """A database that goes back to what it held when this was made: for hundreds of rounds over a few rows, where copying
    a whole database would take longer than the round."""

    def __init__(self, database: Database):
        self.database = database
        tables = database.ask(
            "SELECT relname FROM pg_class WHERE relnamespace = 'corrparse'::regnamespace AND relkind = 'r' ORDER BY 1"
        )
        columns = {
            table: database.ask(
                f"SELECT attname FROM pg_attribute WHERE attrelid = 'corrparse.{table}'::regclass AND attnum > 0 AND NOT "
                "attisdropped "
                "AND attgenerated = ''"
            )
            for table in tables
        }
        sequences = database.ask(
            "SELECT oid::regclass || ' ' || coalesce(pg_sequence_last_value(oid), 0) FROM pg_class "
            "WHERE relkind = 'S' AND relnamespace = 'corrparse'::regnamespace"
        )
        database.ask("CREATE SCHEMA saved;" + "".join(f"CREATE TABLE saved.{t} AS SELECT * FROM corrparse.{t};" for t in tables))
        self.script = f"{TERMINATE_OTHERS}; BEGIN; SET LOCAL session_replication_role = replica;"
        self.script += "".join(f"DELETE FROM corrparse.{t};" for t in tables)
        for table in tables:
            names = ", ".join(columns[table])
            self.script += f"INSERT INTO corrparse.{table} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM saved.{table};"
        for sequence in sequences:
            name, last = sequence.split()
            self.script += f"SELECT setval('{name}', {max(int(last), 1)}, {str(int(last) > 0).lower()});"
        self.script += "COMMIT"

    def rewind(self) -> None:
        self.database.ask(self.script)


class Pooler:
    """A PgBouncer in transaction pooling before a server, with fewer server connections than the clients of a round."""

    def __init__(self, server: Server, size: int = 3):
        program = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not program:
            raise SystemExit("no pgbouncer found: run Scripts/install-dependencies.sh")
        self.folder = Path(tempfile.mkdtemp(prefix="corrparse-pooler.", dir="/tmp"))
        self.server = server
        (self.folder / "pgbouncer.ini").write_text(f"""[databases]
* = host={server.folder} port={server.settings["port"]} user={server.settings["user"]}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {self.folder}
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 100
logfile = {self.folder}/log
""")
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.process = subprocess.Popen(
            [*server_account(), program, "--quiet", str(self.folder / "pgbouncer.ini")],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            if (self.folder / ".s.PGSQL.6432").exists():
                return
            time.sleep(0.05)
        self.close()
        raise SystemExit("pgbouncer did not start")

    def connection(self, database: str) -> str:
        return self.server.connection(database, host=self.folder, port=6432)

    def close(self) -> None:
        # runuser hands the signal on.
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def error_sentence(text: str) -> str:
    """What the program said last on stderr, without colours."""
    lines = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines() if line.strip()]
    return lines[-1] if lines else ""
