#!/usr/bin/env python3
"""What Scripts/install-dependencies.sh would install, with an apt-get that only writes down what it is asked.

python3 Tests/Scripts/test_install_dependencies.py
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "Scripts" / "install-dependencies.sh"
HEADERS = "libcurl4-openssl-dev libexpat1-dev libisal-dev libpq-dev libssl-dev zlib1g-dev"
# What stands between the script and the machine: each of them in front of the real one on PATH.
STANDINS = {
    "swift": "exit 0",
    # Every package is there but libpq-dev, until it is installed.
    "dpkg-query": 'for name; do :; done; [ "$name" != libpq-dev ] || [ -e "$STATE/installed" ] || exit 1; echo installed',
    "apt-get": """echo "$*" >>"$STATE/asked"
case " $* " in
  *" --simulate "*) cat "$STATE/simulation" ;;
  *" install "*) touch "$STATE/installed" ;;
esac""",
    "sudo": '[ "$1" = -n ] && shift; exec "$@"',
}


class InstallDependencies(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name)
        (self.state / "simulation").write_text("Inst libpq-dev (15.20-0+deb12u1 Debian-Security:12 [amd64])\n")
        programs = self.state / "bin"
        programs.mkdir()
        for name, text in STANDINS.items():
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        self.path = f"{programs}:{os.environ['PATH']}"

    def run_script(self, *arguments: str, **more: str) -> subprocess.CompletedProcess:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CORRPARSE_")}
        environment = kept | {"PATH": self.path, "STATE": str(self.state)} | more
        return subprocess.run([SCRIPT, *arguments], env=environment, check=False, capture_output=True, text=True)

    def asked(self) -> list[str]:
        """What apt-get was asked to do, simulations left out."""
        file = self.state / "asked"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if "--simulate" not in line]

    def packages(self, *groups: str) -> set[str]:
        done = self.run_script("--packages", *groups)
        self.assertEqual(done.returncode, 0, done.stderr)
        return set(done.stdout.split())

    def test_the_demo_takes_headers_and_postgresql_alone(self) -> None:
        self.assertEqual(self.packages("build"), {*HEADERS.split(), "pkgconf", "git"})
        self.assertEqual(self.packages("demo"), {*HEADERS.split(), "pkgconf", "git", "postgresql"})

    def test_the_containerfile_installs_what_a_build_needs(self) -> None:
        """Not only what the base happens to bring: the image of Swift has the headers of expat, another base has not."""
        text = (ROOT / "Containerfile").read_text()
        command = re.search(r"--no-install-recommends(.*?)&&", text, re.DOTALL)[1]
        packages = command.replace("\\", " ").split()
        self.assertEqual(packages, sorted(packages))
        # strip, and the certificate authorities, are for Scripts/image-root.sh.
        self.assertEqual(set(packages), self.packages("build") | {"binutils", "ca-certificates"})

    def test_the_containerfile_is_given_every_script_that_the_build_names(self) -> None:
        """A linker script that .containerignore kept back let the link fail in the image alone."""
        given = set(re.findall(r"^!(Scripts/\S+)", (ROOT / ".containerignore").read_text(), re.MULTILINE))
        named, unread = set(), {"Containerfile"}
        while unread:
            found = set(re.findall(r"\bScripts/[\w.-]+\w", (ROOT / unread.pop()).read_text()))
            unread |= found - named
            named |= found
        self.assertGreater(len(named), 2)
        self.assertEqual(named - given, set())

    def test_lint_takes_its_linters(self) -> None:
        self.assertEqual(self.packages("lint"), {"git", "python3", "python3-venv", "shellcheck"})

    def test_groups_that_need_more(self) -> None:
        self.assertLessEqual(self.packages("demo") | {"chromium-headless-shell", "pgbouncer", "valgrind"}, self.packages("test"))
        self.assertLessEqual({"isal", "valgrind", "ripgrep"}, self.packages("bench"))
        self.assertNotIn("chromium-headless-shell", self.packages("bench"))

    def test_only_what_is_missing_is_installed_and_nothing_upgraded_or_removed(self) -> None:
        done = self.run_script("build")
        self.assertEqual(done.returncode, 0, done.stderr)
        [install] = self.asked()
        self.assertLessEqual({"--no-upgrade", "--no-remove", "--no-install-recommends"}, set(install.split()))
        self.assertEqual(install.split(" install ")[1], "libpq-dev")
        # The second time there is nothing to do.
        self.assertEqual(self.run_script("build").returncode, 0)
        self.assertEqual(len(self.asked()), 1)

    def test_an_upgrade_is_refused_unless_it_is_allowed(self) -> None:
        (self.state / "simulation").write_text(
            "Inst libpq5 [15.18-0+deb12u1] (15.20-0+deb12u1 Debian-Security:12 [amd64])\n"
            "Inst libpq-dev (15.20-0+deb12u1 Debian-Security:12 [amd64])\n"
        )
        done = self.run_script("build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("libpq5 from 15.18-0+deb12u1 to 15.20-0+deb12u1", done.stderr)
        self.assertIn("CORRPARSE_ALLOW_UPGRADE=1", done.stderr)
        self.assertEqual(self.asked(), [])
        self.assertEqual(self.run_script("build", CORRPARSE_ALLOW_UPGRADE="1").returncode, 0)
        self.assertEqual(len(self.asked()), 1)

    def test_nothing_is_installed_where_somebody_else_looks_after_packages(self) -> None:
        self.assertEqual(self.run_script("build", CORRPARSE_SKIP_INSTALL="1").returncode, 0)
        self.assertEqual(self.asked(), [])

    def test_a_group_that_does_not_exist(self) -> None:
        for arguments in (["everything"], ["--packages", "everything"], ["build", "everything"]):
            done = self.run_script(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn("there is no group 'everything'", done.stderr)


if __name__ == "__main__":
    unittest.main()
