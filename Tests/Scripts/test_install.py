"""What `make install` puts below a prefix works from there, and its target uninstall takes it away again."""

from __future__ import annotations

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CORRPARSE", ROOT / ".build" / "debug" / "corrparse")).resolve()
FILES = {
    "bin/corrparse",
    "share/bash-completion/completions/corrparse",
    "share/doc/corrparse/copyright",
    "share/fish/vendor_completions.d/corrparse.fish",
    "share/man/man1/corrparse.1.gz",
    "share/zsh/site-functions/_corrparse",
}


def run(*command: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


class Install(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="corrparse prefix ")
        self.addCleanup(folder.cleanup)
        self.prefix = Path(folder.name) / "usr local"
        done = run(ROOT / "Scripts" / "install.sh", PROGRAM, self.prefix)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_program_manual_completions_and_licence_are_there_and_work(self) -> None:
        self.assertEqual(files(self.prefix), FILES)
        self.assertEqual(run(self.prefix / "bin/corrparse", "--version").stdout, run(PROGRAM, "--version").stdout)
        page = run("gzip", "--decompress", "--stdout", self.prefix / "share/man/man1/corrparse.1.gz").stdout
        self.assertTrue(page.startswith(".TH CORRPARSE 1"))
        completion = self.prefix / "share/bash-completion/completions/corrparse"
        self.assertEqual(run("bash", "-n", completion).stderr, "")
        # bash completes by a function that the file gives to the command.
        self.assertIn("-F _corrparse corrparse", run("bash", "-c", 'source "$1"; complete -p corrparse', "_", completion).stdout)

    def test_removing_takes_these_files_and_no_others(self) -> None:
        other = self.prefix / "share/doc/corrparse/notes"
        other.write_text("somebody's own")
        done = run(ROOT / "Scripts" / "install.sh", "--remove", self.prefix)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(files(self.prefix), {"share/doc/corrparse/notes"})
        # Its own folder goes once it is empty; those that other programs have, too, stay.
        other.unlink()
        self.assertEqual(run(ROOT / "Scripts" / "install.sh", "--remove", self.prefix).returncode, 0)
        self.assertFalse(other.parent.exists())
        self.assertTrue((self.prefix / "share/doc").is_dir() and (self.prefix / "bin").is_dir())

    def test_a_relative_prefix_is_refused(self) -> None:
        """`make install PREFIX=try` installed into the checkout, without a word."""
        for program in (PROGRAM, "--remove"):
            done = run(ROOT / "Scripts" / "install.sh", program, "corrparse-try/local")
            self.assertEqual(done.returncode, 64)
            self.assertIn("give PREFIX from the root on", done.stderr)
        self.assertFalse((ROOT / "corrparse-try").exists())

    def test_without_a_program_nothing_is_installed(self) -> None:
        prefix = self.prefix.with_name("other")
        done = run(ROOT / "Scripts" / "install.sh", prefix / "missing", prefix)
        self.assertEqual(done.returncode, 64)
        self.assertIn("no program", done.stderr)
        self.assertFalse(prefix.exists())


if __name__ == "__main__":
    unittest.main()
