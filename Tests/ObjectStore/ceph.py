"""A whole Ceph on loopback, as the calling user: one monitor, one OSD in memory, and one gateway for S3 (radosgw), which verifies
signatures. `Scripts/unpack-ceph.sh` brings the programs; nothing is installed. What it stores is gone when it ends."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# The order of keys: with tokens of STS first, the gateway says AccessDenied to an unknown key and to a wrong signature.
CONFIGURATION = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{mon}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
mon warn on pool no redundancy = false
mon allow pool size one = true
mon max pg per osd = 2000
osd crush chooseleaf type = 0
ms bind ipv6 = false
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
pid file = {folder}/run/$name.pid
log file = {folder}/run/$name.log
erasure code dir = {libraries}/ceph/erasure-code
plugin dir = {libraries}/ceph
[mon]
mon data = {folder}/mon
mon cluster log file = {folder}/run/cluster.log
[osd]
osd objectstore = memstore
memstore device bytes = 2147483648
osd data = {folder}/osd
osd class dir = {libraries}/rados-classes
osd class load list = *
osd class default list = *
osd class update on start = false
osd crush update on start = false
osd max object name len = 1024
[client.rgw]
rgw frontends = beast tcp_nodelay=1 endpoint=127.0.0.1:{http} {tls}
rgw mime types file = {folder}/mime.types
rgw dns name = s3.localhost
rgw enable usage log = false
rgw s3 auth use sts = true
rgw s3 auth order = local, external, sts
rgw sts key = abcdefghijklmnop
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = testkey-1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
rgw thread pool size = 32
debug rgw = 1
"""


class Ceph:
    """The daemons. They end with this process, however it ends."""

    def __init__(self) -> None:
        self.root = Path(
            subprocess.run([REPOSITORY / "Scripts/unpack-ceph.sh"], check=True, stdout=subprocess.PIPE).stdout.decode().strip()
        )
        self.folder = Path(tempfile.mkdtemp(prefix="corrparse-ceph-"))
        self.libraries = self.root / "usr/lib/x86_64-linux-gnu"
        paths = [self.libraries, self.libraries / "ceph", self.root / "lib/x86_64-linux-gnu"]
        self.environment = os.environ | {
            "LD_LIBRARY_PATH": ":".join(map(str, paths)),
            "PYTHONPATH": str(self.root / "usr/lib/python3/dist-packages"),
            "CEPH_CONF": str(self.folder / "ceph.conf"),
        }
        mon, self.http, self.https = free_ports(3)
        self.url, self.secure_url = f"http://127.0.0.1:{self.http}", f"https://127.0.0.1:{self.https}"
        self.ca = self.folder / "ca.pem"
        self.daemons: list[subprocess.Popen] = []
        for name in ("mon", "osd", "run"):
            (self.folder / name).mkdir()
        (self.folder / "mime.types").touch()
        self.certify()
        fsid = str(uuid.uuid4())
        files = f"ssl_certificate={self.folder}/cert.pem ssl_private_key={self.folder}/key.pem"
        tls = f"ssl_endpoint=127.0.0.1:{self.https} {files}"
        (self.folder / "ceph.conf").write_text(
            CONFIGURATION.format(fsid=fsid, mon=mon, http=self.http, tls=tls, folder=self.folder, libraries=self.libraries)
        )
        monitors = self.folder / "monitors"
        self.run("monmaptool", "--create", "--clobber", "--fsid", fsid, "--addv", "a", f"[v1:127.0.0.1:{mon}]", monitors)
        self.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monitors)
        self.start("ceph-mon", "-i", "a")
        osd = str(uuid.uuid4())
        self.ceph("osd", "new", osd)
        self.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self.start("ceph-osd", "-i", "0")
        self.ceph("osd", "crush", "add", "osd.0", "1", "root=default", "host=localhost")
        self.await_until(lambda: "1 up" in self.ceph("osd", "stat"), "the OSD")
        self.start_gateway()

    def certify(self) -> None:
        """A CA of its own, and a certificate of it for localhost and the names below s3.localhost."""

        def openssl(*arguments: str) -> None:
            subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.folder)

        new = ("req", "-newkey", "rsa:2048", "-nodes")
        openssl(*new, "-x509", "-days", "2", "-subj", "/CN=corrparse-test-ca", "-keyout", "ca.key", "-out", "ca.pem")
        openssl(*new, "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem")
        (self.folder / "names").write_text("subjectAltName=DNS:localhost,DNS:s3.localhost,DNS:*.s3.localhost,IP:127.0.0.1")
        signed = ("-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
        openssl("x509", "-req", *signed, "-out", "cert.pem", "-extfile", "names")

    def run(self, program: str, *arguments: object) -> str:
        command = [str(self.root / "usr/bin" / program), *map(str, arguments)]
        done = subprocess.run(command, check=False, capture_output=True, env=self.environment, timeout=120)
        if done.returncode:
            raise AssertionError(f"{' '.join(command)}: {done.stderr.decode()}")
        return done.stdout.decode()

    def ceph(self, *arguments: str) -> str:
        """The command-line tool is in Debian's own Python."""
        command = ["/usr/bin/python3", str(self.root / "usr/bin/ceph"), *arguments]
        return subprocess.run(command, check=True, capture_output=True, env=self.environment, timeout=120).stdout.decode()

    def start(self, program: str, *arguments: str) -> subprocess.Popen:
        # Whatever ends this process ends the daemon.
        command = ["setpriv", "--pdeathsig", "KILL", str(self.root / "usr/bin" / program), "-f", *arguments]
        silent = subprocess.DEVNULL
        daemon = subprocess.Popen(command, env=self.environment, stdin=silent, stdout=silent, stderr=silent)
        self.daemons.append(daemon)
        return daemon

    def start_gateway(self) -> None:
        self.gateway = self.start("radosgw", "-n", "client.rgw")
        self.await_until(self.answers, "the gateway")

    def kill_gateway(self) -> None:
        self.gateway.kill()
        self.gateway.wait()
        self.daemons.remove(self.gateway)

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url, timeout=5).close()
            return True
        except OSError:
            return False

    def await_until(self, holds: object, what: str) -> None:
        for _ in range(600):
            if holds():
                return
            time.sleep(0.1)
        raise AssertionError(f"{what} does not come up: see {self.folder}/run")

    def admin(self, *arguments: str) -> dict:
        text = self.run("radosgw-admin", "-c", self.folder / "ceph.conf", *arguments)
        return json.loads(text) if text.strip() else {}

    def user(self, name: str, key: str, secret: str, *more: str) -> None:
        self.admin("user", "create", "--uid", name, "--display-name", name, "--access-key", key, "--secret-key", secret, *more)

    def close(self) -> None:
        for daemon in reversed(self.daemons):
            daemon.kill()
            daemon.wait()
        shutil.rmtree(self.folder)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [found.getsockname()[1] for found in sockets]
    for found in sockets:
        found.close()
    return ports
