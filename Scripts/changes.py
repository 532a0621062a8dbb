#!/usr/bin/env python3
"""Four made-up changes, examples/changes/NAME.patch: a field, a code, an envelope and an output format, as people write them.
CONTRIBUTING.md lists their files, so that the list is what a change really takes.

  Scripts/changes.py                  fails where a patch no longer applies to this checkout, or CONTRIBUTING.md lists other files
  Scripts/changes.py --write          writes the list into CONTRIBUTING.md
  Scripts/changes.py --run [NAME…]    applies each patch, or the named ones, to a clone of the last commit below .build/changes,
                                      builds it, writes what the program writes, runs the tests that the patch names; long
  Scripts/changes.py --refresh [NAME…]
                                      carries the patches that no longer apply, or the named ones, over to this checkout, word
                                      by word and with free numbers (Scripts/patch_merge.py), and writes the list
  Scripts/changes.py --mended         writes the patch that --refresh has left to mend by hand, and refreshes the others

Before its first `diff` a patch says what it is for. A line `First:` is a command that writes what the build needs, a line `Then:`
one that writes what the program writes, a line `Test:` one that tests it. Commands find the program in CORRPARSE, and the one
without the change in CORRPARSE_BEFORE.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import patch_merge
from patch_merge import git

ROOT = Path(__file__).resolve().parent.parent
PATCHES = ROOT / "examples" / "changes"
DOCUMENT = ROOT / "CONTRIBUTING.md"
CLONE = ROOT / ".build" / "changes"
# A repository of the files of one patch, with the change in its work tree.
MENDING = ROOT / ".build" / "changes-to-mend"
BUILD = "swift build --build-tests"
PART = re.compile(r"(<!-- changes: written by Scripts/changes\.py -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass
class Change:
    """A patch, and what its head says."""

    name: str
    path: Path
    purpose: str
    first: list[str]
    then: list[str]
    tests: list[str]
    files: list[str]


def change_of(path: Path) -> Change:
    text = path.read_text()
    head = text[: text.index("diff --git ")].splitlines()
    commands = [
        [line.removeprefix(f"{word}: ") for line in head if line.startswith(f"{word}: ")] for word in ("First", "Then", "Test")
    ]
    files = re.findall(r"^diff --git a/(\S+) b/\S+$", text, re.MULTILINE)
    return Change(path.stem, path, head[0], *commands, files)


def changes() -> list[Change]:
    """The patches, in the order of their names."""
    return [change_of(path) for path in sorted(PATCHES.glob("*.patch"))]


def listed(change: Change) -> str:
    """What CONTRIBUTING.md says of a change."""
    lines = [f"**{change.purpose}** (`examples/changes/{change.path.name}`)", ""]
    lines += [f"- `{file}`" for file in change.files]
    lines += [f"- first `{command}`" for command in change.first]
    lines += [f"- build `{BUILD}`"]
    lines += [f"- then `{command}`" for command in [*change.then, "Scripts/changes.py --refresh"]]
    lines += [f"- test `{command}`" for command in change.tests]
    return "\n".join([*lines, ""])


def document_with(text: str, found: list[Change]) -> str:
    """CONTRIBUTING.md with the lists as they are to be."""
    part = "\n" + "\n".join(listed(change) for change in found) + "\n"
    written, count = PART.subn(lambda match: match[1] + part + match[2], text)
    if count != 1:
        raise SystemExit("CONTRIBUTING.md lacks <!-- changes: written by Scripts/changes.py --> … <!-- end -->")
    return written


def obstacle(change: Change, folder: Path) -> str:
    """Why a patch is none for a checkout; nothing where it is one."""
    done = git("apply", "--check", change.path, folder=folder)
    if done.returncode != 0:
        return f"examples/changes/{change.path.name} no longer applies:\n{done.stderr.rstrip()}"
    text = change.path.read_text()
    return (
        "" if patch_merge.renumbered(text, folder)[0] == text else f"examples/changes/{change.path.name}: its numbers are taken"
    )


def check() -> int:
    found = changes()
    wrong = [text for text in (obstacle(change, ROOT) for change in found) if text]
    text = DOCUMENT.read_text()
    if document_with(text, found) != text:
        wrong.append("CONTRIBUTING.md lists other files or commands than examples/changes")
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print(
            "Your change moved what the made-up changes change too. Run Scripts/changes.py --refresh and commit what it writes.",
            file=sys.stderr,
        )
    return 1 if wrong else 0


def clone() -> Path:
    """A checkout of the last commit, with what earlier runs built in it."""
    if not (CLONE / ".git").exists():
        subprocess.run(["git", "clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(CLONE)], check=True)
    head = git("rev-parse", "HEAD", folder=ROOT).stdout.strip()
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
        *change.first,
        f"{BUILD} --quiet",
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


def refresh(change: Change, root: Path = ROOT, mending: Path = MENDING) -> list[str]:
    """Writes a patch as it applies to the files of a checkout; gives the files that are left to mend, in a folder."""
    patch, numbers = patch_merge.renumbered(change.path.read_text(), root)
    shutil.rmtree(mending, ignore_errors=True)
    mending.mkdir(parents=True)
    git("init", "--quiet", folder=mending)
    (mending / ".git" / "change").write_text(change.name)
    after, left = {}, []
    for path, part in patch_merge.sections(patch).items():
        file = root / path
        ours = file.read_text() if file.exists() else None
        after[path] = patch_merge.applied(part, path, ours)
        if after[path] is None:
            found = patch_merge.base_of(part, path, root)
            after[path], is_decided = patch_merge.merged(ours, *found, numbers) if found and ours else (ours or part, False)
            left += [] if is_decided else [path]
        (mending / path).parent.mkdir(parents=True, exist_ok=True)
        if ours is not None:
            shutil.copy(file, mending / path)
    # What the patch changes is what is not in the index.
    git("add", "--all", folder=mending)
    for path, text in after.items():
        (mending / path).write_text(text)
    if not left:
        write_mended(change, mending)
    return left


def write_mended(change: Change, mending: Path = MENDING) -> None:
    """Writes a patch from a folder that `refresh` has filled, behind what the patch says before its first `diff`."""
    git("add", "--intent-to-add", "--all", folder=mending)
    text = change.path.read_text()
    difference = git("diff", "--no-color", "--unified=2", folder=mending).stdout
    change.path.write_text(text[: text.index("diff --git ")] + difference)


def refresh_all(wanted: list[Change]) -> int:
    for change in wanted:
        left = refresh(change)
        if left:
            name, folder = change.path.relative_to(ROOT), MENDING.relative_to(ROOT)
            print(f"{name}: your change and the made-up one change the same words of", *left, sep="\n  ", file=sys.stderr)
            print(
                f"Edit these in {folder} to what the made-up change makes of yours, then Scripts/changes.py --mended",
                file=sys.stderr,
            )
            return 1
        print(f"wrote {change.path.relative_to(ROOT)}")
    DOCUMENT.write_text(document_with(DOCUMENT.read_text(), changes()))
    return 0


def stale() -> list[Change]:
    """The patches that are none for this checkout."""
    return [change for change in changes() if obstacle(change, ROOT)]


def mended() -> int:
    note = MENDING / ".git" / "change"
    if not note.exists():
        print("nothing is left to mend; Scripts/changes.py --refresh goes before", file=sys.stderr)
        return 1
    change = next(change for change in changes() if change.name == note.read_text())
    files = git("ls-files", "--cached", "--others", folder=MENDING).stdout.splitlines()
    marked = [path for path in files if "<<<<<<< checkout\n" in (MENDING / path).read_text()]
    if marked:
        print(f"still to mend in {MENDING.relative_to(ROOT)}:", *marked, sep="\n  ", file=sys.stderr)
        return 1
    write_mended(change)
    return refresh_all(stale())


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
        case ["--refresh", *names]:
            return refresh_all([known[name] for name in names] or stale())
        case ["--mended"]:
            return mended()
        case _:
            print(__doc__, file=sys.stderr)
            return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
