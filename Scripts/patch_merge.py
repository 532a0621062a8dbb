"""Carries a patch over to a checkout that has moved on (Scripts/changes.py --refresh).

A made-up change stands where every real one of its kind does: behind the last field, with the next number. So texts are merged
word by word, and what both sides put in at one place stays, the checkout's first. Taken numbers become the next free ones.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

PIECE = re.compile(r"\w+|[ \t]+|[^\w \t]")
CONFLICT = re.compile(r"<<<<<<< checkout\n(.*?)\|{7} before\n(.*?)=======\n(.*?)>>>>>>> patch\n", re.DOTALL)
# How many commits of a file are looked at for the one that its part was made for.
COMMITS = 200


def git(*arguments: str | Path, folder: Path, text: str | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(["git", *map(str, arguments)], cwd=folder, input=text, check=False, capture_output=True, text=True)


def sections(patch: str) -> dict[str, str]:
    """The part of each file."""
    parts = re.split(r"^(?=diff --git )", patch, flags=re.MULTILINE)[1:]
    return {part.split(" b/", 1)[0].removeprefix("diff --git a/"): part for part in parts}


def applied(part: str, path: str, before: str | None) -> str | None:
    """A file's text with its part of a patch, or None where that does not apply. `before` is None where there is no such file."""
    with tempfile.TemporaryDirectory(prefix="corrparse-patch.") as name:
        file = Path(name) / path
        file.parent.mkdir(parents=True)
        if before is not None:
            file.write_text(before)
        done = git("apply", "-", folder=Path(name), text=part)
        return file.read_text() if done.returncode == 0 else None


def base_of(part: str, path: str, root: Path) -> tuple[str, str] | None:
    """The newest version of a file in the history to which its part applies, without and with it."""
    commits = git("log", "--format=%H", f"--max-count={COMMITS}", "--", path, folder=root).stdout.split()
    for commit in commits:
        shown = git("show", f"{commit}:{path}", folder=root)
        after = applied(part, path, shown.stdout) if shown.returncode == 0 else None
        if after is not None:
            return shown.stdout, after
    return None


def merged_lines(ours: str, base: str, theirs: str) -> tuple[str, bool]:
    """The merge by lines, and whether it is without markers."""
    with tempfile.TemporaryDirectory(prefix="corrparse-patch.") as name:
        for label, text in (("checkout", ours), ("before", base), ("patch", theirs)):
            (Path(name) / label).write_text(text)
        done = git("merge-file", "-p", "--diff3", "checkout", "before", "patch", folder=Path(name))
        return done.stdout, done.returncode == 0


def merged(ours: str, base: str, theirs: str, numbers: set[tuple[str, str]] = frozenset()) -> tuple[str, bool]:
    """The text with both sides' changes, and whether all is decided; else it has markers. `numbers` are pairs of a number that is
    taken and the patch's own, which stays."""
    by_lines, is_decided = merged_lines(ours, base, theirs)
    if is_decided:
        return by_lines, True
    # A line for each word or sign.
    words, _ = merged_lines(
        *("".join(json.dumps(piece) + "\n" for piece in PIECE.findall(side)) for side in (ours, base, theirs))
    )
    for of_ours, of_base, of_theirs in CONFLICT.findall(words):
        if of_base and (of_ours, of_theirs) not in {(f'"{old}"\n', f'"{new}"\n') for old, new in numbers}:
            return by_lines, False
    words = CONFLICT.sub(lambda match: match[3] if match[2] else match[1] + match[3], words)
    return "".join(json.loads(line) for line in words.splitlines()), True


def on_new_lines(patch: str, pattern: str, text: str | Callable[[re.Match], str]) -> str:
    """The patch with something else in place of a pattern, in its new lines and the names of its files."""
    lines = patch.split("\n")
    return "\n".join(re.sub(pattern, text, line) if line.startswith(("+", "diff --git ")) else line for line in lines)


def taken(root: Path, files: str) -> list[int]:
    """The numbers that files of a checkout have in their names."""
    return [int(re.findall(r"\d+", path.name)[0]) for path in root.glob(files)]


def renumbered(patch: str, root: Path) -> tuple[str, set[tuple[str, str]]]:
    """The patch with free numbers for migrations and versions of the taxonomy, and pairs of the last version and its own."""
    migrations, versions = taken(root, "schema/migrations/v*.sql"), taken(root, "Sources/Diagnosis/Taxonomy+Version*.swift")
    for number in set(re.findall(r"^\+.*\bv(\d{4})_\w", patch, re.MULTILINE)):
        if int(number) in migrations:
            patch = on_new_lines(patch, rf"\bv{number}(?=_\w)", f"v{max(migrations) + 1:04}")
    numbers = set()
    head = patch[: patch.index("diff --git ")]
    judged = r'(?<="taxonomy":)\d+\b'
    if "Taxonomy+Version" not in patch:
        # The corpus is judged by the version that the checkout has.
        patch = head + "".join(
            on_new_lines(part, judged, str(max(versions, default=1))) if path.endswith("/expected.ndjson") else part
            for path, part in sections(patch).items()
        )
    for number in re.findall(r"^diff --git a/Sources/Diagnosis/Taxonomy\+Version(\d+)", patch, re.MULTILINE):
        if int(number) in versions:
            old, new = int(number), max(versions) + 1
            patch = head + "".join(
                # The version's own file names the one before it too.
                of_version(part, {old: new, old - 1: new - 1} if path.endswith(f"+Version{old}.swift") else {old: new})
                for path, part in sections(patch).items()
            )
            numbers.add((str(new - 1), str(new)))
    return patch, numbers


def of_version(part: str, numbers: dict[int, int]) -> str:
    """A file's part of a patch with other numbers for versions of the taxonomy."""
    named = r'((?:[Vv]ersion|VERSION|[Tt]axonomy)"?[: ]{0,2})(\d+)\b'
    return on_new_lines(part, named, lambda match: match[1] + str(numbers.get(int(match[2]), match[2])))
