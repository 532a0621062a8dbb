#!/usr/bin/env python3
"""What `make dist` makes: the package is installed by apt in a minimal Debian, the tarball is unpacked in it, and both programs
read a log there. `make long WHAT=dist` runs it, as root, with the folder of the files as argument."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOG = next((ROOT / "demo" / "logs").rglob("attempt=1.log"))


def run(*command: str | Path, text: str = "") -> str:
    done = subprocess.run([str(part) for part in command], input=text, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        sys.exit(f"{what}: {found!r} instead of {wanted!r}")


def main() -> None:
    dist = Path(sys.argv[1]).resolve()
    [package], [tarball] = dist.glob("*.deb"), dist.glob("*.tar.gz")
    run("sh", "-c", f"cd '{dist}' && sha256sum --check --strict SHA256SUMS")
    with tempfile.TemporaryDirectory(prefix="corrparse-dist.", dir="/var/tmp") as name:
        base = Path(name) / "root"
        run("debootstrap", "--variant=minbase", "bookworm", base)
        (base / "etc" / "resolv.conf").write_bytes(Path("/etc/resolv.conf").read_bytes())
        for file in (package, tarball):
            (base / "tmp" / file.name).write_bytes(file.read_bytes())

        def inside(*command: str, text: str = "") -> str:
            return run("chroot", base, "/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", *command, text=text)

        inside("apt-get", "update")
        inside("apt-get", "install", "--yes", "--no-install-recommends", f"/tmp/{package.name}")
        version = inside("corrparse", "--version")
        expect(
            "the package's version",
            inside("dpkg-query", "--show", "--showformat=${Version}", "corrparse"),
            version.split()[1].replace("-", "+"),
        )
        log = LOG.read_text()
        verdicts = inside("corrparse", text=log)
        if verdicts.count('"verdict"') < 5:
            sys.exit(f"the installed program does not read the demo's log: {verdicts[:500]}")
        inside("dpkg", "--verify", "corrparse")

        inside("tar", "--directory", "/tmp", "--extract", "--file", f"/tmp/{tarball.name}")
        unpacked = f"/tmp/{tarball.name.removesuffix('.tar.gz')}/bin/corrparse"
        expect("the tarball's version", inside(unpacked, "--version"), version)
        expect("the tarball's verdicts", inside(unpacked, text=log), verdicts)

        inside("apt-get", "purge", "--yes", "corrparse")
        left = [str(path) for path in (base / "usr").rglob("*corrparse*")]
        expect("files left behind by the package", left, [])
    print(f"dist: {package.name} installed by apt, used and purged in a minimal Debian; {tarball.name} unpacked and used there")


if __name__ == "__main__":
    main()
