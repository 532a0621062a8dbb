#!/usr/bin/env python3
"""Checks what sources and documents refer to: pages of the specification with their headings, and links between documents.

A page is named `3-classification`, with a heading `3-classification, Runs`, in comments and in text alike. A heading begins
with a capital letter, so a small letter behind the comma goes on with the sentence.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPECIFICATION = ROOT / "docs/specification"
# Released migrations never change, their current text repeats their comments, and logs are data.
LEFT_ALONE = re.compile(
    r"schema/(current/|migrations/v00(0\d|10)_)|Tests/Corpus/.*\.(log|ndjson|gz)$|Fuzz/(Seeds|Findings)/|demo/logs/|Tests/Samples/"
)
BY_NUMBER = re.compile(r"\bpages? [1-6]\b", re.IGNORECASE)
# Two optional tests read more sample logs where these lie beside the checkout.
OUTSIDE = re.compile(r"\.\./(shared|samples|field|runs|design)/")
MAY_LOOK_OUTSIDE = {"Tests/TestSupport/SampleLogs.swift", "Tests/Faults/trees.py", "Scripts/check-references.py"}
COMMENT = re.compile(r"^[ \t]*(?:///?|#+|--|\*)[ \t]?", re.MULTILINE)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
DEFINITION = re.compile(r"^\[([^\]\n]+)\]: (\S+)$", re.MULTILINE)


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in names.decode().split("\0") if name and not LEFT_ALONE.search(name)]


def text_of(path: Path) -> str | None:
    try:
        return path.read_text()
    except (UnicodeDecodeError, OSError):
        return None


def without_code(markdown: str) -> str:
    return re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)


def headings(markdown: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", without_code(markdown), flags=re.MULTILINE)


def anchors(markdown: str) -> set[str]:
    """As GitHub makes them of headings, and those that a document sets itself."""
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(markdown)}
    return slugs | set(re.findall(r'<a id="([^"]+)">', markdown))


def names_of_headings(text: str, pages: dict[str, list[str]]) -> list[str]:
    """Names of pages whose heading is none of the page's. A name may be broken over two lines of a comment."""
    plain = re.sub(r"\s+", " ", COMMENT.sub("", text))
    found = []
    for match in re.finditer(rf"(?<![\w/-])({'|'.join(pages)}), (?=\*?[A-Z])\*?([^\]]{{1,60}})", plain):
        page, rest = match.groups()
        if not any(re.match(re.escape(heading) + r"(?!\w)", rest) for heading in pages[page]):
            found.append(f"{page} has no heading that begins: {rest[:40]}")
    return found


def broken_links(path: Path, text: str) -> list[str]:
    prose = without_code(text)
    defined = dict(DEFINITION.findall(prose))
    labels = re.findall(r"\[((?:\d|log)-[a-z-]+[^\]\n]*)\](?![(:])", prose)
    found = [f"[{label}] is defined nowhere" for label in labels if label not in defined]
    for target in LINK.findall(prose) + list(defined.values()):
        name, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", name):
            continue
        to = (path.parent / name).resolve() if name else path
        if not to.exists():
            found.append(f"{target}: no such file")
        elif anchor and to.suffix == ".md" and anchor not in anchors(to.read_text()):
            found.append(f"{target}: no such heading")
    return found


def main() -> int:
    pages = {path.stem: headings(path.read_text())[1:] for path in sorted(SPECIFICATION.glob("*-*.md"))}
    wrong = []
    for path in tracked():
        text = text_of(path)
        if text is None:
            continue
        name = str(path.relative_to(ROOT))
        complaints = names_of_headings(text, pages)
        if name != "Scripts/check-references.py":
            for number, line in enumerate(text.split("\n"), 1):
                if BY_NUMBER.search(line):
                    complaints.append(f"line {number} names a page by its number: {line.strip()[:80]}")
                if OUTSIDE.search(line) and name not in MAY_LOOK_OUTSIDE:
                    complaints.append(f"line {number} refers to a file outside the project: {line.strip()[:80]}")
        if path.suffix == ".md":
            complaints += broken_links(path, text)
        wrong += [f"  {name}: {complaint}" for complaint in complaints]
    if wrong:
        print("references that lead nowhere (names are `3-classification, Runs`: docs/specification/README.md):", file=sys.stderr)
        print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
