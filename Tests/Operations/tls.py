"""Certificates made by openssl, and a PostgreSQL of its own that listens on TCP with TLS and passwords."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import time

import program
from program import libpq

PASSWORD = "right-one"


def openssl(*arguments: str, folder: pathlib.Path) -> None:
    done = subprocess.run(["openssl", *arguments], check=False, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Certificates:
    """Two authorities, and server certificates of theirs: NAME.crt with NAME.key."""

    CONFIGURATION = """[ca]
default_ca = ours
[ours]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        folder.mkdir()
        program.write(folder, "ca.cnf", self.CONFIGURATION)
        program.write(folder, "index.txt", "")
        for authority in ("ours", "theirs"):
            openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                f"{authority}.ca.key",
                "-out",
                f"{authority}.ca.crt",
                "-days",
                "30",
                "-subj",
                f"/CN={authority}",
                folder=folder,
            )
        self.make("good", "DNS:localhost")
        self.make("wrong-host", "DNS:db.example")
        self.make("wrong-ca", "DNS:localhost", authority="theirs")
        self.make("expired", "DNS:localhost", start="20200101000000Z", end="20210101000000Z")
        self.make("not-yet-valid", "DNS:localhost", start="20400101000000Z", end="20410101000000Z")
        openssl(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "self-signed.key",
            "-out",
            "self-signed.crt",
            "-days",
            "30",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            folder=folder,
        )

    def make(
        self, name: str, alternative: str, authority: str = "ours", start: str = "20260101000000Z", end: str = "20990101000000Z"
    ):
        openssl(
            "req",
            "-new",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.csr",
            "-subj",
            "/CN=server",
            "-addext",
            f"subjectAltName={alternative}",
            folder=self.folder,
        )
        openssl(
            "ca",
            "-batch",
            "-config",
            "ca.cnf",
            "-cert",
            f"{authority}.ca.crt",
            "-keyfile",
            f"{authority}.ca.key",
            "-in",
            f"{name}.csr",
            "-out",
            f"{name}.crt",
            "-startdate",
            start,
            "-enddate",
            end,
            "-notext",
            folder=self.folder,
        )

    def revoke(self, name: str) -> None:
        """Takes a certificate of ours back; `with-lists.crt` is our authority with its revocation list."""
        authority = ("-config", "ca.cnf", "-cert", "ours.ca.crt", "-keyfile", "ours.ca.key")
        openssl("ca", *authority, "-revoke", f"{name}.crt", folder=self.folder)
        openssl("ca", *authority, "-gencrl", "-crldays", "30", "-out", "ours.crl", folder=self.folder)
        text = (self.folder / "ours.ca.crt").read_text() + (self.folder / "ours.crl").read_text()
        program.write(self.folder, "with-lists.crt", text)

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


class Server:
    """A cluster of its own. `use` changes the certificate, None turns TLS off."""

    def __init__(self, folder: pathlib.Path, certificates: Certificates):
        self.folder, self.certificates, self.port = folder / "cluster", certificates, program.free_port()
        self.programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.folder.mkdir()
        program.write(self.folder, "password", PASSWORD)
        if os.getuid() == 0:
            # The server's account has to come through.
            folder.chmod(0o755)
            shutil.chown(self.folder, "postgres")
            shutil.chown(self.folder / "password", "postgres")
            self.own(certificates.folder)
        self.call(
            "initdb",
            f"--pgdata={self.folder}/data",
            "--username=postgres",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            f"--pwfile={self.folder}/password",
        )
        self.call(
            "pg_ctl",
            "start",
            "--silent",
            "--wait",
            f"--pgdata={self.folder}/data",
            f"--log={self.folder}/log",
            f"--options=-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder} -c fsync=off",
        )
        self.local = f"host={self.folder} port={self.port} user=postgres dbname=postgres"

    def own(self, folder: pathlib.Path) -> None:
        """The server's account owns its keys."""
        if os.getuid() == 0:
            for key in folder.iterdir():
                shutil.chown(key, "postgres")

    def call(self, name: str, *arguments: str) -> None:
        account = ["runuser", "--user", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*account, str(self.programs / name), *arguments],
            check=True,
            cwd="/",
            env=program.environment(LC_ALL="C.UTF-8"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def run(self, statement: str):
        with contextlib.closing(libpq.Connection(self.local)) as connection:
            return connection.run(statement)

    def use(self, certificate: str | None) -> None:
        if certificate:
            self.run(f"ALTER SYSTEM SET ssl_cert_file = '{self.certificates[certificate + '.crt']}'")
            self.run(f"ALTER SYSTEM SET ssl_key_file = '{self.certificates[certificate + '.key']}'")
        self.run(f"ALTER SYSTEM SET ssl = {'on' if certificate else 'off'}")
        self.run("SELECT pg_reload_conf()")
        wanted = self.certificates[f"{certificate}.crt"] if certificate else "off"
        for _ in range(500):
            # A new server process has what the postmaster has.
            if self.run(f"SHOW {'ssl_cert_file' if certificate else 'ssl'}").rows[0][0] == wanted:
                return
            time.sleep(0.02)
        raise AssertionError("the server does not take the certificate")

    def close(self) -> None:
        self.call("pg_ctl", "stop", "--silent", "--mode=immediate", f"--pgdata={self.folder}/data")
