"""One fault at a time in the lines of a log, on the level of messages: what faults.py tries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import grammar
import markers
from damage_entries import Entry, encode

FOREIGN = ["Evaluating fold 3 of 5", " 45%|####5     | 45/100 [00:03<00:04, 12.1it/s]", "thresholds:", "Note: sortino=9.25 later"]
WORDS = ["done", "871", "0.5", "USDC"]


@dataclass
class Fault:
    kind: str
    line: int  # 1-based, in the log as it was
    text: str  # of the message line that it is in
    written: str  # in place of the physical line
    added: int = 0  # physical lines more (or less) behind it
    cuts: bool = False  # the log ends here
    takes: bool = False  # the message line is gone
    marked: bool = False  # its block has an end marker with its text
    said: dict[str, set[str]] = field(default_factory=dict)  # what the lines of the log say of each key

    def log(self, lines: list[str]) -> bytes:
        """The log with its fault."""
        behind = [] if self.cuts else lines[self.line :]
        return encode([*lines[: self.line - 1], self.written, *behind])


def block_lines(entries: list[Entry], start: int) -> range:
    """The physical lines of the block whose header stands at `start` (from 0): to its marker, or the next header."""
    for index in range(start, len(entries)):
        for line in entries[index].message.split("\n"):
            text = grammar.strip_message_line(line)
            if markers.is_end(text):
                return range(start, index + 1)
            if index > start and markers.parse_header(text):
                return range(start, index)
    return range(start, len(entries))


def faults_in(entry: Entry, index: int, step: int, marked: bool) -> Iterator[Fault]:
    """Every fault in the line at `index`; `step`: at every which character of it; `marked`: the block has an end marker."""

    def fault(kind: str, text: str, *written: str, **more) -> Fault:
        whole = "".join(written)
        return Fault(kind, index + 1, text, whole, whole.count("\n") - 1, marked=marked, **more)

    line = entry.write()
    for at in range(1, len(line) - 1, 3 * step):  # the archives are cut at every byte elsewhere (docs/reliability.md)
        yield Fault("end", index + 1, entry.message, line[:at], cuts=True)
    begins = 0
    parts = entry.message.split("\n")
    for number, part in enumerate(parts):
        for at in range(begins + 1, begins + len(part), step):
            before, behind = entry.message[:at], entry.message[at:]
            yield fault("fold", part, entry.write(f"{before}\n{behind}"))
            yield fault("chunk", part, entry.write(before, ends=True), entry.write(behind, begins=True))
        if part.strip():
            until, behind = parts[: number + 1], parts[number + 1 :]
            for kind, texts in (("foreign", FOREIGN), ("word", WORDS), ("doubled", [part])):
                for text in texts:
                    yield fault(kind, part, *beside(entry, text, until, behind))
            rest = until[:-1] + behind
            yield fault("lost", part, *([entry.write("\n".join(rest))] if rest else []), takes=True)
        begins += len(part) + 1


def beside(entry: Entry, text: str, until: list[str], behind: list[str]) -> list[str]:
    """`text` as a message line of its own behind the last of `until`."""
    if entry.event is not None and (len(until) > 1 or behind):
        return [entry.write("\n".join([*until, text, *behind]))]
    if entry.begins and not entry.ends and entry.form.suffix:
        # Further lines of the record follow.
        return [entry.write(), entry.write(text, begins=False)]
    if not entry.begins and entry.ends:
        return [entry.write(ends=False), entry.write(text)]
    return [entry.write(), entry.write(text)]
