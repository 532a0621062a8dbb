#!/usr/bin/env python3
"""The version: what Scripts/version.sh tells of a checkout, and that every file that names the release names the same.

python3 Tests/Scripts/test_version.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CORRPARSE", ROOT / ".build" / "debug" / "corrparse")).resolve()
CHANGES = "# Changelog\n\n## Unreleased\n\n## [1.2.0] - 2026-12-01\n\n## [1.1.0] - 2026-11-30\n"


def told(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def last_release() -> str:
    return told(ROOT / "Scripts" / "version.sh", "--release").strip()


def files_of_release() -> list[str]:
    return told(ROOT / "Scripts" / "release.sh", "--files").split()


class Checkout:
    """A folder with the script and a changelog."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "Scripts").mkdir(parents=True)
        shutil.copy(ROOT / "Scripts" / "version.sh", folder / "Scripts")
        (folder / "CHANGELOG.md").write_text(CHANGES)

    def git(self, *arguments: str) -> str:
        names = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        done = subprocess.run(["git", *names, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a step")
        return "g" + self.git("rev-parse", "--short", "HEAD")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        kept = {name: value for name, value in os.environ.items() if name != "CORRPARSE_VERSION"}
        return subprocess.run(
            [self.folder / "Scripts" / "version.sh", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=kept | environment,
        )

    def version(self, **environment: str) -> str:
        done = self.run(**environment)
        return done.stdout.rstrip("\n") if done.returncode == 0 else done.stderr


class Version(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="corrparse version ")
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)

    def test_a_tarball_has_the_last_release(self) -> None:
        checkout = Checkout(self.place / "tarball")
        self.assertEqual(checkout.version(), "1.2.0")
        (checkout.folder / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
        self.assertIn("CHANGELOG.md has no release", checkout.version())

    def test_git_describes(self) -> None:
        checkout = Checkout(self.place / "checkout")
        checkout.git("init", "--quiet")
        first = checkout.commit()
        self.assertEqual(checkout.version(), f"1.2.0+{first}")
        checkout.git("tag", "v1.2.0")
        checkout.git("tag", "elsewhere")
        self.assertEqual(checkout.version(), "1.2.0")
        self.assertEqual(checkout.version(), "1.2.0", "a file that is edited is no other version")
        second = checkout.commit()
        self.assertEqual(checkout.version(), f"1.2.0-1-{second}")
        # A tarball that is unpacked within another repository has nothing to do with it.
        self.assertEqual(Checkout(checkout.folder / "vendor" / "corrparse").version(), "1.2.0")

    def test_a_build_that_sees_no_git_is_told(self) -> None:
        checkout = Checkout(self.place / "container")
        self.assertEqual(checkout.version(CORRPARSE_VERSION="1.3.0-2-gabc"), "1.3.0-2-gabc")
        for wrong in ('1"; exit', "v1", "1 2", "/1"):
            self.assertIn("no version", checkout.version(CORRPARSE_VERSION=wrong))

    def test_the_source_is_written_when_it_changes(self) -> None:
        checkout = Checkout(self.place / "source")
        source = self.place / "ProgramVersion.swift"
        self.assertEqual(checkout.run(str(source)).returncode, 0)
        self.assertIn('described = "1.2.0"', source.read_text())
        written = source.stat().st_mtime_ns
        checkout.run(str(source))
        self.assertEqual(source.stat().st_mtime_ns, written)
        checkout.run(str(source), CORRPARSE_VERSION="1.2.1")
        self.assertIn('described = "1.2.1"', source.read_text())

    def test_the_program_has_a_version_of_the_last_release(self) -> None:
        release = re.escape(last_release())
        wanted = rf"^corrparse {release}(-[0-9]+-g[0-9a-f]+|\+g[0-9a-f]+)? \(grammar 1, "
        self.assertRegex(told(PROGRAM, "--version"), wanted)


class Release(unittest.TestCase):
    def test_every_file_that_names_the_release_names_the_last(self) -> None:
        files = files_of_release()
        self.assertGreater(len(files), 8)
        for name in files:
            with self.subTest(file=name):
                marks = r'(?:corrparse[: ]|[vV]ersion: |VERSION=|newTag: |__version__ = ")'
                named = re.findall(marks + r"(\d+\.\d+\.\d+)", (ROOT / name).read_text())
                self.assertEqual(set(named), {last_release()})

    def test_a_release_is_cut(self) -> None:
        with tempfile.TemporaryDirectory(prefix="corrparse release ") as name:
            checkout = Checkout(Path(name))
            shutil.copy(ROOT / "Scripts" / "release.sh", checkout.folder / "Scripts")
            for file in files_of_release():
                (checkout.folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / file, checkout.folder / file)
            changes = f"# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## [{last_release()}] - 2026-11-30\n"
            (checkout.folder / "CHANGELOG.md").write_text(changes)
            script = checkout.folder / "Scripts" / "release.sh"
            for wrong in ("1.2", "v99.0.0", last_release(), "0.9.9"):
                self.assertEqual(subprocess.run([script, wrong], check=False, capture_output=True).returncode, 64, wrong)
            self.assertEqual((checkout.folder / "CHANGELOG.md").read_text(), changes)
            environment = os.environ | {"SOURCE_DATE_EPOCH": "1800000000"}
            done = subprocess.run([script, "99.10.0"], check=True, capture_output=True, text=True, env=environment)
            self.assertIn("git tag", done.stdout)
            cut = "## Unreleased\n\n## [99.10.0] - 2027-01-15\n\n### Added\n\n- A thing.\n"
            self.assertIn(cut, (checkout.folder / "CHANGELOG.md").read_text())
            self.assertEqual(checkout.version(), "99.10.0")
            self.assertIn("image: corrparse:99.10.0\n", (checkout.folder / "k8s" / "cronjob.yaml").read_text())
            module = (checkout.folder / "python" / "corrparse_block" / "corrparse_block.py").read_text()
            self.assertIn('__version__ = "99.10.0"\n', module)
            self.assertIn('corrparse 99.10.0" "User', (checkout.folder / "docs" / "corrparse.1").read_text())


if __name__ == "__main__":
    unittest.main()
