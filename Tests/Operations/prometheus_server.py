"""A real Prometheus over metrics that promtool puts into its database. It can be killed and started again."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable

import program


def series(name: str, labels: str, times: range, value: Callable[[int], float]) -> str:
    """Samples of one series, in the text format; times are seconds since 1970."""
    return "".join(f"{name}{{{labels}}} {value(at)} {at}\n" for at in times)


class Prometheus:
    """On a port of its own, the same after each start, over a folder of its own."""

    def __init__(self, metrics: str):
        self.root = program.folder()
        self.port = program.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.origin = f"prometheus 127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        text = program.write(self.root, "metrics.txt", metrics + "# EOF\n")
        program.write(self.root, "prometheus.yml", "global: {}\n")
        subprocess.run(
            [program.tool("promtool"), "tsdb", "create-blocks-from", "openmetrics", str(text), str(self.root / "data")],
            check=True,
            stdout=subprocess.DEVNULL,
            env=program.environment(),
        )
        self.start()

    def start(self) -> None:
        """Returns when it answers."""
        options = ["--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{self.port}"]
        options += [f"--config.file={self.root}/prometheus.yml", f"--storage.tsdb.path={self.root}/data"]
        log = self.root / "server.log"
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [program.tool("prometheus"), *options], stdout=file, stderr=file, env=program.environment()
            )
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(self.url + "/-/ready", timeout=5):
                return
            time.sleep(0.05)
        raise AssertionError(log.read_text())

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self) -> None:
        self.kill()
        shutil.rmtree(pathlib.Path(self.root), ignore_errors=True)
