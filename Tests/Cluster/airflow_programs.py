"""Airflow as its users have it, of one major version: installed below .build from the pinned list beside this file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def installed(major: str) -> Path:
    """The folder with Airflow's programs; installs them where the list is another one."""
    folder, wanted = ROOT / ".build" / "airflow" / major, ROOT / "Tests" / "Cluster" / f"airflow{major}.txt"
    noted = folder / "requirements.txt"
    if not noted.exists() or noted.read_text() != wanted.read_text():
        print(f"airflow: installing {wanted.name}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run(
            [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--requirement", str(wanted)],
            check=True,
        )
        noted.write_text(wanted.read_text())
    return folder / "bin"


def version(programs: Path) -> str:
    """What `airflow version` says."""
    done = subprocess.run([str(programs / "airflow"), "version"], check=False, capture_output=True, text=True)
    return done.stdout.split()[-1]
