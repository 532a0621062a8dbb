"""A PgBouncer in transaction mode before the server of Scripts/with-postgres.sh."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

PORT = 6432


class Pooler:
    """Two server connections for each database, whatever the number of clients. Ends with its context."""

    def __init__(self, server: dict[str, str]):
        program = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not program:
            raise SystemExit("no pgbouncer found: run Scripts/install-dependencies.sh")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="corrparse-pooler.", dir="/tmp"))
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(f"""[databases]
* = host={server["host"]} port={server["port"]} user={server["user"]}
[pgbouncer]
listen_addr =
listen_port = {PORT}
unix_socket_dir = {self.folder}
auth_type = any
pool_mode = transaction
default_pool_size = 2
logfile = {self.folder}/log
""")
        account = []
        # It refuses to run as root, as the server does, whose socket only its user can open.
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
            account = ["runuser", "--user", "postgres", "--"]
        nothing = subprocess.DEVNULL
        self.process = subprocess.Popen(
            [*account, program, "--quiet", str(settings)], cwd="/", stdin=nothing, stdout=nothing, stderr=nothing
        )

    def __enter__(self) -> dict[str, str]:
        """The settings of a connection that differ from those of the server."""
        for _ in range(200):
            if (self.folder / f".s.PGSQL.{PORT}").exists():
                return {"host": str(self.folder), "port": str(PORT)}
            time.sleep(0.05)
        self.__exit__()
        raise SystemExit("pgbouncer did not start")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
