"""Runs an image with podman and runc as a pod of k8s/ is run under the restricted Pod Security Standard: another user, root
mounted read-only, no capabilities, no new privileges, podman's seccomp profile. Only the network is the machine's own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

USER = 65532
PODMAN = str(Path(__file__).resolve().parents[2] / "Scripts" / "podman.sh")
CONFINED = [
    *("--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
    *(f"--user={USER}:{USER}", "--network=host"),
]


def podman(*arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    return subprocess.run([PODMAN, *arguments], check=check, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def pack(folder: Path, image: str) -> None:
    """An image with this root, and nothing said of user and entry point."""
    with subprocess.Popen(["tar", "--directory", str(folder), "--create", "."], stdout=subprocess.PIPE) as root:
        subprocess.run([PODMAN, "import", "--quiet", "-", image], check=True, stdin=root.stdout, stdout=subprocess.DEVNULL)


def unpack(image: str, folder: Path) -> None:
    """The whole root of an image as a folder."""
    name = podman("create", image).stdout.strip()
    folder.mkdir()
    with subprocess.Popen([PODMAN, "export", name], stdout=subprocess.PIPE) as export:
        subprocess.run(["tar", "--extract", "--directory", str(folder)], check=True, stdin=export.stdout)
    podman("rm", name)


class Container:
    """A run of an image. LOGS is mounted at /logs."""

    def __init__(self, image: str, logs: Path, command: list[str], environment: dict[str, str]):
        self.name = f"corrparse-{uuid.uuid4()}"
        self.number = logs.with_name(f"{self.name}.pid")
        self.process = subprocess.Popen(
            [
                *(PODMAN, "run", "--rm", f"--name={self.name}", f"--pidfile={self.number}", *CONFINED),
                *(f"--volume={logs}:/logs:ro", *(f"--env={name}={value}" for name, value in environment.items())),
                # As the command of a pod: in place of the image's own.
                *(f"--entrypoint={command[0]}", image, *command[1:]),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def first(self) -> int | None:
        """The number of process 1, as the machine counts it, once it is the program; None before, and when all is over."""
        try:
            number = int(self.number.read_text())
            return number if Path(f"/proc/{number}/comm").read_text().strip() == "corrparse" else None
        except (OSError, ValueError):
            return None

    def wait_for_start(self) -> int | None:
        while self.process.poll() is None:
            if first := self.first:
                return first
            time.sleep(0.002)
        return None

    def kill(self) -> None:
        if first := self.first:
            os.kill(first, signal.SIGKILL)
        podman("rm", "--force", "--ignore", self.name)
        self.process.kill()

    def finish(self) -> tuple[int, str, str]:
        try:
            output, errors = self.process.communicate(timeout=180)
        except subprocess.TimeoutExpired:
            self.kill()
            output, errors = self.process.communicate()
            errors += "\nhangs: ended after 180 s"
        self.number.unlink(missing_ok=True)
        return self.process.returncode, output, errors


def status_of(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def mounts_of(process: int) -> dict[str, list[str]]:
    """Where something is mounted, and how."""
    lines = Path(f"/proc/{process}/mountinfo").read_text().splitlines()
    return {fields[4]: fields[5].split(",") for fields in (line.split() for line in lines)}
