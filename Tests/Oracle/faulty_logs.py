"""One fault at a time in the lines of a log, on the level of messages: what faults.py tries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import grammar
import markers
from recognise import CONSOLE_PREFIX, PASTED_PREFIX, TEXT_PREFIX
from wrappers import cri

FOREIGN = ["Evaluating fold 3 of 5", " 45%|####5     | 45/100 [00:03<00:04, 12.1it/s]", "thresholds:", "Note: sortino=9.25 later"]
WORDS = ["done", "871", "0.5", "USDC"]


@dataclass
class Entry:
    """A physical line as (what stands before the message, the message, how both are written)."""

    prefix: str  # of the record that it belongs to
    message: str
    begins: bool  # a record; else a later line of a text record
    event: dict | None = None  # JSON
    member: str = "event"

    def write(self, message: str | None = None, begins: bool | None = None) -> str:
        message = self.message if message is None else message
        if self.event is not None:
            return json.dumps({**self.event, self.member: message}, ensure_ascii=False) + "\n"
        return (self.prefix if (self.begins if begins is None else begins) else "") + message + "\n"


def entries_of(data: bytes) -> list[Entry] | None:
    """None for envelopes whose messages these faults cannot reach: containers, consoles, colours, the API."""
    out: list[Entry] = []
    prefix = ""
    for line in data.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n"):
        text = line.removesuffix("\r")
        event = loaded(text)
        plain = grammar.ANSI.sub("", text)
        if (
            CONSOLE_PREFIX.match(plain)
            or plain != text
            or "\\u001b" in text
            or cri(text)
            or (event and ("content" in event or "stream" in event))
        ):
            return None
        member = "event" if event and "event" in event else "message"
        match = next((m for form in (TEXT_PREFIX, PASTED_PREFIX) if (m := form.match(text))), None)
        if event is not None and isinstance(event.get(member), str):
            out.append(Entry("", event[member], True, event, member))
            prefix = ""
        elif match:
            prefix = match.group()
            out.append(Entry(prefix, text[match.end() :], True))
        else:
            out.append(Entry(prefix, text, begins=not prefix))
    return out


def loaded(text: str) -> dict | None:
    try:
        value = json.loads(text) if text.startswith("{") else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


@dataclass
class Fault:
    kind: str
    line: int  # 1-based, in the log as it was
    text: str  # of the message line that it is in
    data: bytes
    added: int = 0  # physical lines more (or less) behind it
    cuts: bool = False  # the log ends here
    takes: bool = False  # the message line is gone
    marked: bool = False  # its block has an end marker with its text
    said: dict[str, set[str]] = field(default_factory=dict)  # what the lines of the log say of each key


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


def faults_at(entries: list[Entry], index: int, step: int, marked: bool) -> Iterator[Fault]:
    """Every fault in the line at `index`; `step`: at every which character of it; `marked`: the block has an end marker."""
    entry = entries[index]
    number = index + 1

    def fault(kind: str, written: list[str], text: str, **more) -> Fault:
        lines = [e.write() for e in entries]
        lines[index : index + 1] = written
        return Fault(kind, number, text, encode(lines), len(written) - 1, marked=marked, **more)

    begins = 0
    parts = entry.message.split("\n")
    for part_number, part in enumerate(parts):
        for at in range(begins + 1, begins + len(part), step):
            before, behind = entry.message[:at], entry.message[at:]
            folded = entry.write(f"{before}\n{behind}")
            if entry.event is not None:
                yield fault("fold", [folded], part)
            else:
                yield Fault("fold", number, part, fault("", [folded], part).data, 1, marked=marked)
            yield fault("chunk", [entry.write(before), entry.write(behind, begins=True)], part)
            if entry.event is None:
                lines = [e.write() for e in entries[:index]] + [entry.write(before).removesuffix("\n")]
                yield Fault("end", number, part, encode(lines), cuts=True)
        if part.strip():
            until, behind = parts[: part_number + 1], parts[part_number + 1 :]

            def beside(text: str, until=until, behind=behind) -> list[str]:
                """`text` as a message line of its own behind this one."""
                alone = len(parts) == 1
                return [entry.write(), entry.write(text)] if alone else [entry.write("\n".join([*until, text, *behind]))]

            for kind, texts in (("foreign", FOREIGN), ("word", WORDS)):
                for text in texts:
                    yield fault(kind, beside(text), part)
            yield fault("doubled", beside(part), part)
            rest = until[:-1] + behind
            yield fault("lost", [entry.write("\n".join(rest))] if rest else [], part, takes=True)
        begins += len(part) + 1


def encode(lines: list[str]) -> bytes:
    return "".join(lines).encode("utf-8", "surrogateescape")
