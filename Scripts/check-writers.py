#!/usr/bin/env python3
"""Holds the one way to standard output and standard error (5-command-line, Output): no source writes to them past the files that
escape what a terminal would obey, and nothing is written as it is but what a format has escaped by itself.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ITSELF = "Scripts/check-writers.py"

# The files that write to the descriptors.
STREAMS = {"Sources/corrparse/Output/StandardOutput.swift", "Sources/corrparse/Output/Diagnostics.swift"}
WRITING = re.compile(
    r"\bstandard(?:Output|Error)\b(?=\.write)|\b(?:print|debugPrint|dump|puts|fputs|putchar|fwrite|printf|fprintf|vfprintf|perror|psignal)\("
    r"|\bFileHandle\b|\bTextOutputStream\b|\bwrite\((?:1|2|STD\w+_FILENO)\b|/dev/(?:stdout|stderr|tty|fd)\b"
)

# The callers of StandardOutput.document, which escapes nothing, with the format that does.
DOCUMENTS = {
    "Sources/corrparse/Commands/ExplainCommand.swift": "JSON",
    "Sources/corrparse/Commands/MigrateCommand.swift": "the SQL of the program's migrations, which psql is to read",
    "Sources/corrparse/Commands/NextCommand.swift": "RecordFormats",
    "Sources/corrparse/Commands/ObserveCommand.swift": "JSON",
    "Sources/corrparse/Commands/ObserveMLflowCommand.swift": "JSON",
    "Sources/corrparse/Commands/ReportCommand.swift": "HTML",
    "Sources/corrparse/Corrparse.swift": "help, version and completions, which are the program's own",
    "Sources/corrparse/Output/LintWriter.swift": "JSON",
    "Sources/corrparse/Output/ListOutput.swift": "RecordFormats",
    "Sources/corrparse/Output/OrderedOutput.swift": "RecordFormats",
    "Sources/corrparse/Output/StateJSON.swift": "JSON",
}
DOCUMENT = re.compile(r"\.document\(")
COMMENT = re.compile(r"^\s*(?://|\*|/\*)")


def findings(root: Path) -> list[str]:
    found = []
    callers = set()
    sources = root / "Sources"
    for path in sorted([*sources.rglob("*.swift"), *sources.rglob("*.[ch]")]):
        name = str(path.relative_to(root))
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if COMMENT.match(line):
                continue
            if name not in STREAMS and (writing := WRITING.search(line)):
                found.append(f"{name}:{number}: `{writing[0]}` writes past StandardOutput and Diagnostics")
            if DOCUMENT.search(line) and name not in STREAMS:
                callers.add(name)
                if name not in DOCUMENTS:
                    found.append(f"{name}:{number}: `document` escapes nothing: use `line`, or name the format in {ITSELF}")
    found += [f"{name}: writes no document any more: take it out of {ITSELF}" for name in sorted(set(DOCUMENTS) - callers)]
    return found


def main() -> int:
    found = findings(ROOT)
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
