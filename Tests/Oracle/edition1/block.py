"""A block and its stream, and what a line of its body is (1-correlation-data, Grammar)."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import grammar
from .containers import PhysicalLine
from .grammar import Body, Header, Pair
from .records import MessageLine

MAX_BYTES = 64 * 1024
END_OF_INPUT = 1 << 62


@dataclass
class Occurrence:
    pair: Pair
    record: int
    at: PhysicalLine


@dataclass
class Issue:
    kind: str
    key: str | None = None
    at: PhysicalLine | None = None
    raw: str | None = None
    block: int | None = None


@dataclass
class Block:
    number: int
    header: Header
    at: PhysicalLine
    header_record: int
    stream: tuple
    late: bool
    identity: dict
    time: object  # of the header record, None when it has none
    observed: object  # that, else the last time seen before in the stream
    occurrences: list[Occurrence] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    lost_keys: dict[str, str] = field(default_factory=dict)  # normal key: issue kind that made it absent
    body: list[str] = field(default_factory=list)
    body_lines: int = 0
    body_bytes: int = 0
    records: set[int] = field(default_factory=set)
    touched: list[PhysicalLine] = field(default_factory=list)
    one_record: bool = False  # its first body-line stands in the header's own record
    awaiting: bool = False  # … of a print stream: a second write may follow
    suspended: MessageLine | None = None
    pending: Occurrence | None = None  # `crypto=` at the end of a record: the rest may follow
    end: str | None = None
    ended_at: int = END_OF_INPUT
    cut_by: Block | None = None
    interleaved: bool = False
    replay: bool = False

    @property
    def supported(self) -> bool:
        return self.header.version == 1

    def normal_keys(self) -> list[str]:
        seen: list[str] = []
        for occurrence in self.occurrences:
            if occurrence.pair.normal not in seen:
                seen.append(occurrence.pair.normal)
        return seen


@dataclass
class Stream:
    block: Block | None = None
    blocks: list[Block] = field(default_factory=list)
    last_time: object = None
    just_after: bool = False  # nothing but blank lines since a block (or its forgiven second end marker)


def is_end(text: str) -> bool:
    return text == grammar.END


def json_extent(lines: list[MessageLine], start: int) -> tuple[Body, int] | None:
    """A JSON object on one message line, or spread over the lines of one record: (body, number of lines)."""
    text = ""
    for count, line in enumerate(lines[start:], 1):
        text += ("\n" if count > 1 else "") + line.text
        if count > 1 and grammar.parse_header(line.text):
            return None
        if text.rstrip().endswith("}"):
            body = grammar.parse_json_object(text)
            if body is not None:
                return body, count
    return None


def body_at(lines: list[MessageLine], index: int) -> tuple[Body, int] | None:
    text = lines[index].text
    if text.startswith("{"):
        return json_extent(lines, index)
    if lines[index].cut:
        return None
    body = grammar.parse_line(text)
    return (body, 1) if body is not None else None
