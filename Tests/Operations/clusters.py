"""A PostgreSQL cluster of its own that can be stopped and started, a standby of it, and a PgBouncer before it."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import time

import program
from program import libpq


class Cluster:
    """Listens on a socket in its folder only."""

    PORT = 5432

    def __init__(self, folder: pathlib.Path, primary: Cluster | None = None, **variables: str):
        """The variables are those of the server's environment."""
        self.folder = folder
        self.variables = variables
        self.programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        folder.mkdir()
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        if primary:
            self.call(
                "pg_basebackup", f"--dbname={primary.local}", f"--pgdata={folder}/data", "-R", "--checkpoint=fast", "--no-sync"
            )
        else:
            self.call(
                "initdb",
                f"--pgdata={folder}/data",
                "--username=postgres",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--auth=trust",
            )
        self.start()
        self.local = f"host={folder} port={self.PORT} user=postgres dbname=postgres"

    def call(self, name: str, *arguments: str) -> None:
        account = ["runuser", "--user", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*account, str(self.programs / name), *arguments],
            check=True,
            cwd="/",
            env=program.environment(LC_ALL="C.UTF-8", **self.variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def start(self, *options: str) -> None:
        self.call(
            "pg_ctl",
            "start",
            "--silent",
            "--wait",
            f"--pgdata={self.folder}/data",
            f"--log={self.folder}/log",
            f"--options=-c listen_addresses= -c port={self.PORT} -c unix_socket_directories={self.folder} -c fsync=off "
            + " ".join(options),
        )

    def refuse(self) -> None:
        """Starts a server that lets nobody in, as one does that recovers from a crash; to be ended by `stop` and `accept`."""
        program.write(self.folder, "data/standby.signal", "")
        self.start("-c", "hot_standby=off")

    def accept(self) -> None:
        (self.folder / "data/standby.signal").unlink()
        self.start()

    def stop(self, mode: str = "immediate") -> None:
        self.call("pg_ctl", "stop", "--silent", f"--mode={mode}", f"--pgdata={self.folder}/data")

    def run(self, statement: str) -> list[tuple]:
        with contextlib.closing(libpq.Connection(self.local)) as connection:
            return connection.run(statement).rows


class Pooler:
    """A PgBouncer at its defaults before a cluster, but for the settings that are given."""

    PORT = 6432

    def __init__(self, folder: pathlib.Path, cluster: Cluster, **settings: str):
        found = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not found:
            raise SystemExit("no pgbouncer found: run Scripts/install-dependencies.sh")
        folder.mkdir()
        self.folder = folder
        lines = "".join(f"{name} = {value}\n" for name, value in ({"auth_type": "any"} | settings).items())
        program.write(
            folder,
            "pgbouncer.ini",
            f"[databases]\npostgres = host={cluster.folder} port={cluster.PORT} user=postgres\n[pgbouncer]\nlisten_addr =\n"
            f"listen_port = {self.PORT}\nunix_socket_dir = {folder}\nlogfile = {folder}/log\n{lines}",
        )
        account = []
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
            account = ["runuser", "--user", "postgres", "--"]
        self.process = subprocess.Popen(
            [*account, found, "--quiet", str(folder / "pgbouncer.ini")],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.connection = f"host={folder} port={self.PORT} user=postgres dbname=postgres"
        for _ in range(200):
            if (folder / f".s.PGSQL.{self.PORT}").exists():
                return
            time.sleep(0.05)
        self.close()
        raise AssertionError("pgbouncer did not start")

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def close(self) -> None:
        # runuser hands the signal on.
        self.process.terminate()
        self.process.wait()
