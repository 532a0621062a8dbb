"""Runs the root folder of Scripts/image-root.sh as a container engine runs an image under the restricted Pod Security
Standard: process 1 of its own PID name space, root mounted read-only, another user, no capabilities, no new privileges.
Only seccomp and the network are the machine's own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

USER = 65532

# $1 is the root, $2 the folder that /logs shows; then the command. Everything is mounted in a name space of its own.
ENTER = """
root=$1 logs=$2
shift 2
mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,noexec,mode=755 dev "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mount -o remount,ro "$root/dev"
mount --bind "$logs" "$root/logs"
mount -o remount,bind,ro "$root/logs"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs chroot --userspec=65532:65532 --groups= "$root" "$@"
"""
UNSHARE = ["unshare", "--mount", "--propagation", "private", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]


def why_not() -> str | None:
    """What keeps containers from being run here; None where nothing does."""
    if os.getuid() != 0:
        return "not root"
    done = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"], check=False, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stderr.strip()


class Container:
    def __init__(self, root: Path, logs: Path, command: list[str], environment: dict[str, str]):
        self.process = subprocess.Popen(
            [*UNSHARE, "sh", "-euc", ENTER, "sh", str(root), str(logs), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
        )

    @property
    def first(self) -> int | None:
        """The number of process 1, as the machine counts it, once it is the program; None before, and when all is over."""
        try:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "corrparse":
                return int(children[0])
        except OSError:
            pass
        return None

    def wait_for_start(self) -> int | None:
        while self.process.poll() is None:
            if first := self.first:
                return first
            time.sleep(0.002)
        return None

    def kill(self) -> None:
        # Not only unshare: a process that changes its user is not told any more that its parent ended.
        if first := self.first:
            os.kill(first, signal.SIGKILL)
        self.process.kill()

    def finish(self) -> tuple[int, str, str]:
        try:
            output, errors = self.process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            self.kill()
            output, errors = self.process.communicate()
            errors += "\nhangs: ended after 120 s"
        return self.process.returncode, output, errors


def status_of(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def mounts_of(process: int) -> dict[str, list[str]]:
    """Where something is mounted, and how."""
    lines = Path(f"/proc/{process}/mountinfo").read_text().splitlines()
    return {fields[4]: fields[5].split(",") for fields in (line.split() for line in lines)}
