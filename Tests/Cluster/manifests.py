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

COMPONENTS = ["migrate", "backfill", "observe", "observe-mlflow", "prune"]


def documents(text: str) -> list[dict]:
    return [document for document in yaml.safe_load_all(text) if document]


def has_kustomize() -> bool:
    return (
        bool(shutil.which("kubectl"))
        and subprocess.run(["kubectl", "kustomize", "--help"], check=False, capture_output=True).returncode == 0
    )


@functools.cache
def rendered(folder: Path | str, program: str = "kubectl") -> str:
    done = subprocess.run([program, "kustomize", str(folder)], check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{program} kustomize {folder}: {done.stderr}")
    return done.stdout


def render(folder: Path | str) -> list[dict]:
    return documents(rendered(folder))


def overlay_with(folder: Path, kind: str, components: list[str], top: str) -> Path:
    """A copy of everything below FOLDER, with these components added to the overlay as its comments say; the path of its
    kustomization TOP."""
    for name in ("k8s", "k8s-components", "k8s-overlays"):
        shutil.copytree(ROOT / name, folder / name)
    file = folder / "k8s-overlays" / kind / "hourly" / "kustomization.yaml"
    text = file.read_text().replace("components: []", "components:")
    for name in components:
        text = text.replace(f"#  - ../../../k8s-components/{name}\n", f"  - ../../../k8s-components/{name}\n")
    file.write_text(text)
    return folder / "k8s-overlays" / kind / top


def documented(part: str) -> str:
    """The YAML of docs/deployment.md that holds this part."""
    text = (ROOT / "docs" / "deployment.md").read_text()
    return next(block for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE) if part in block)


def written(folder: str) -> list[dict]:
    """The base or a component as its files stand, in the order of the kustomization."""
    names = documents((ROOT / folder / "kustomization.yaml").read_text())[0]["resources"]
    return [document for name in names for document in documents((ROOT / folder / name).read_text())]


def as_written() -> list[dict]:
    """The base and all that can be added to it, but what Airflow needs."""
    return [thing for folder in ("k8s", *(f"k8s-components/{name}" for name in COMPONENTS)) for thing in written(folder)]


def role() -> list[dict]:
    """What Airflow needs to start jobs."""
    return written("k8s-components/airflow")


def one(objects: list[dict], name: str) -> dict:
    return next(thing for thing in objects if checks.named(thing) == name)


def is_hook(thing: dict) -> bool:
    """Whether Helm applies it by itself, before or after the release."""
    return "helm.sh/hook" in thing["metadata"].get("annotations", {})


def egress(objects: list[dict]) -> list[dict]:
    """The rules by which pods get out, but for that of the name service and those of hooks."""
    policies = [thing for thing in objects if thing["kind"] == "NetworkPolicy" and not is_hook(thing)]
    rules = [rule for thing in policies for rule in thing["spec"]["egress"]]
    return [rule for rule in rules if rule["ports"][0]["port"] != 53]


def expanded(arguments: list[str], environment: dict[str, str]) -> list[str]:
    """Arguments with $(NAME) replaced, as the kubelet does it."""
    return [re.sub(r"\$\((\w+)\)", lambda match: environment[match[1]], argument) for argument in arguments]
