"""The manifests as objects: as their files stand, and as kustomize renders them."""

from __future__ import annotations

import functools
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import checks

ROOT = Path(__file__).resolve().parents[2]
if importlib.util.find_spec("yaml") is None:
    # Debian's own Python has it, by Scripts/install-dependencies.sh test.
    sys.path.append("/usr/lib/python3/dist-packages")
import yaml


def documents(text: str) -> list[dict]:
    return [document for document in yaml.safe_load_all(text) if document]


def has_kustomize() -> bool:
    return (
        bool(shutil.which("kubectl"))
        and subprocess.run(["kubectl", "kustomize", "--help"], check=False, capture_output=True).returncode == 0
    )


@functools.cache
def render(folder: str) -> list[dict]:
    done = subprocess.run(["kubectl", "kustomize", folder], check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"kubectl kustomize {folder}: {done.stderr}")
    return documents(done.stdout)


def as_written() -> list[dict]:
    """The base as its files stand, in the order of the kustomization."""
    names = documents((ROOT / "k8s" / "kustomization.yaml").read_text())[0]["resources"]
    return [document for name in names for document in documents((ROOT / "k8s" / name).read_text())]


def role() -> list[dict]:
    """What Airflow needs to start jobs; not a part of the base."""
    return documents((ROOT / "k8s" / "airflow-role.yaml").read_text())


def one(objects: list[dict], name: str) -> dict:
    return next(thing for thing in objects if checks.named(thing) == name)


def expanded(arguments: list[str], environment: dict[str, str]) -> list[str]:
    """Arguments with $(NAME) replaced, as the kubelet does it."""
    return [re.sub(r"\$\((\w+)\)", lambda match: environment[match[1]], argument) for argument in arguments]
