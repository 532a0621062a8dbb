#!/usr/bin/env python3
"""Four made-up changes, examples/changes/NAME.patch: a field, a code, an envelope and an output format, as people write them.
CONTRIBUTING.md lists their files, so that the list is what a change really takes.

  Scripts/changes.py                  fails where a patch no longer applies to this checkout, or CONTRIBUTING.md lists other files
  Scripts/changes.py --write          writes the list into CONTRIBUTING.md
  Scripts/changes.py --run [NAME…]    applies each patch, or the named ones, to a clone of the last commit below .build/changes,
                                      builds it, writes what the program writes, runs the tests that the patch names; long
  Scripts/changes.py --refresh NAME   writes the patch anew where only lines around it have changed

Before its first `diff` a patch says what it is for. A line `Then:` is a command that writes files that are not in the patch, a
line `Test:` one that tests it. Commands find the program in CORRPARSE and the one without the change in CORRPARSE_BEFORE.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATCHES = ROOT / "examples" / "changes"
DOCUMENT = ROOT / "CONTRIBUTING.md"
CLONE = ROOT / ".build" / "changes"
PART = re.compile(r"(<!-- changes: written by Scripts/changes\.py -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass
class Change:
    """A patch, and what its head says."""

    name: str
    path: Path
    purpose: str
    then: list[str]
    tests: list[str]
    files: list[str]


def change_of(path: Path) -> Change:
    text = path.read_text()
    head = text[: text.index("diff --git ")].splitlines()
    commands = {
        word: [line.removeprefix(f"{word}: ") for line in head if line.startswith(f"{word}: ")] for word in ("Then", "Test")
    }
    files = re.findall(r"^diff --git a/(\S+) b/\S+$", text, re.MULTILINE)
    return Change(path.stem, path, head[0], commands["Then"], commands["Test"], files)


def changes() -> list[Change]:
    """The patches, in the order of their names."""
    return [change_of(path) for path in sorted(PATCHES.glob("*.patch"))]


def listed(change: Change) -> str:
    """What CONTRIBUTING.md says of a change."""
    lines = [f"**{change.purpose}** (`examples/changes/{change.path.name}`)", ""]
    lines += [f"- `{file}`" for file in change.files]
    lines += [f"- then `{command}`" for command in change.then]
    return "\n".join([*lines, ""])


def document_with(text: str, found: list[Change]) -> str:
    """CONTRIBUTING.md with the lists as they are to be."""
    part = "\n" + "\n".join(listed(change) for change in found) + "\n"
    written, count = PART.subn(lambda match: match[1] + part + match[2], text)
    if count != 1:
        raise SystemExit("CONTRIBUTING.md lacks <!-- changes: written by Scripts/changes.py --> … <!-- end -->")
    return written


def git(*arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess:
    return subprocess.run(["git", *map(str, arguments)], cwd=folder, check=False, capture_output=True, text=True)


def obstacle(change: Change, folder: Path) -> str:
    """Why a patch does not apply to a checkout; nothing where it does."""
    done = git("apply", "--check", change.path, folder=folder)
    return "" if done.returncode == 0 else f"examples/changes/{change.path.name} no longer applies:\n{done.stderr.rstrip()}"


def check() -> int:
    found = changes()
    wrong = [text for text in (obstacle(change, ROOT) for change in found) if text]
    text = DOCUMENT.read_text()
    if document_with(text, found) != text:
        wrong.append("CONTRIBUTING.md lists other files than examples/changes; Scripts/changes.py --write writes it")
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print("Scripts/changes.py --refresh NAME carries a patch over; make long WHAT=patches tries it", file=sys.stderr)
    return 1 if wrong else 0


def clone() -> Path:
    """A checkout of the last commit, with what earlier runs built in it."""
    if not (CLONE / ".git").exists():
        subprocess.run(["git", "clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(CLONE)], check=True)
    head = git("rev-parse", "HEAD").stdout.strip()
    for arguments in (["fetch", "--quiet", "--tags", "origin"], ["checkout", "--quiet", "--force", "--detach", head]):
        subprocess.run(["git", *arguments], cwd=CLONE, check=True)
    # Not what is ignored: the build.
    subprocess.run(["git", "clean", "--quiet", "--force", "-d"], cwd=CLONE, check=True)
    return CLONE


def run(change: Change) -> bool:
    """Whether a change applies, is formatted, builds and passes."""
    began, folder = time.monotonic(), clone()
    swift = [file for file in change.files if file.endswith(".swift")]
    environment = os.environ | {
        "CORRPARSE": str(folder / ".build" / "debug" / "corrparse"),
        "CORRPARSE_BEFORE": str(ROOT / ".build" / "debug" / "corrparse"),
        # The tools that this checkout has installed.
        "PATH": f"{ROOT / '.corrparse' / 'tools' / 'usr' / 'bin'}:{os.environ['PATH']}",
    }
    steps = [
        f"git apply {change.path}",
        f"swift format lint --strict {' '.join(swift)}",
        "swift build --build-tests --quiet",
        *change.then,
        *change.tests,
    ]
    for step in steps:
        print(f"{change.name}: {step}", flush=True)
        if subprocess.run(["bash", "-c", step], cwd=folder, env=environment, check=False).returncode != 0:
            print(f"{change.name}: failed after {time.monotonic() - began:.0f} s: {step}", file=sys.stderr)
            return False
    written = git("status", "--short", folder=folder).stdout.splitlines()
    seconds = time.monotonic() - began
    print(f"{change.name}: {len(change.files)} files, {len(written)} with those written; passed in {seconds:.0f} s")
    return True


def refresh(change: Change) -> int:
    folder = clone()
    done = git("apply", "--3way", change.path, folder=folder)
    if done.returncode != 0 or git("diff", "--check", folder=folder).returncode != 0:
        print(f"{done.stderr}Mend it in {folder}, then write the diff to {change.path} by hand.", file=sys.stderr)
        return 1
    git("add", "--all", folder=folder)
    text = change.path.read_text()
    difference = git("diff", "--cached", "--no-color", "--unified=2", folder=folder).stdout
    change.path.write_text(text[: text.index("diff --git ")] + difference)
    return 0


def main(arguments: list[str]) -> int:
    known = {change.name: change for change in changes()}
    unknown = [name for name in arguments[1:] if name not in known]
    if unknown:
        raise SystemExit(f"there is no change {', '.join(unknown)}; there are {', '.join(known)}")
    match arguments:
        case []:
            return check()
        case ["--write"]:
            DOCUMENT.write_text(document_with(DOCUMENT.read_text(), list(known.values())))
            return 0
        case ["--run", *names]:
            # Each is tried, whatever another one came to.
            passed = [run(known[name]) for name in names or known]
            return 0 if all(passed) else 1
        case ["--refresh", name]:
            return refresh(known[name])
        case _:
            print(__doc__, file=sys.stderr)
            return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
