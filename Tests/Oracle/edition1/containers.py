"""2-log-envelopes, Envelopes: from bytes to the lines that a task wrote, without what containerd and docker put around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import times
from times import Time

from . import grammar, json_value
from .json_value import Members

END_OF_FILE = 1 << 62
CRI = re.compile(rb"(\S+) (stdout|stderr) ([FP]) (.*)", re.DOTALL)


@dataclass
class PhysicalLine:
    number: int  # 1-based
    offset: int  # 0-based, of its first byte, in the decompressed log
    end: int  # of the byte after its LF
    text: str  # CR before LF dropped
    whole: bool  # ends in LF


def physical_lines(data: bytes) -> list[PhysicalLine]:
    lines, offset = [], 0
    while offset < len(data):
        newline = data.find(b"\n", offset)
        end = len(data) if newline < 0 else newline + 1
        body = data[offset : end if newline < 0 else newline]
        if newline >= 0 and body.endswith(b"\r"):
            body = body[:-1]
        lines.append(PhysicalLine(len(lines) + 1, offset, end, body.decode("utf-8", "surrogateescape"), newline >= 0))
        offset = end
    return lines


@dataclass
class ContentLine:
    """A line as the task wrote it, with the physical line on which it begins."""

    text: str
    at: PhysicalLine
    end: int
    whole: bool
    container: str | None = None
    time: Time | None = None


def content_lines(lines: list[PhysicalLine]) -> list[ContentLine]:
    """cri and docker-json taken off: pieces of one stream joined."""
    out: list[ContentLine] = []
    pieces: dict[str, tuple[bytes, PhysicalLine, Time | None]] = {}

    def piece(stream: str, body: bytes, line: PhysicalLine, time: Time | None, last: bool) -> None:
        before, first, _ = pieces.pop(stream, (b"", line, None))
        body = before + body
        if last and line.whole:
            if body.endswith(b"\r"):
                body = body[:-1]
            out.append(ContentLine(body.decode("utf-8", "surrogateescape"), first, line.end, True, stream, time))
        else:
            pieces[stream] = (body, first, time)

    for line in lines:
        cri = CRI.fullmatch(line.text.encode("utf-8", "surrogateescape"))
        if cri and (time := times.parse(cri.group(1).decode("utf-8", "surrogateescape"))):
            piece(cri.group(2).decode(), cri.group(4), line, time, cri.group(3) == b"F")
            continue
        if line.text.startswith("{") and '"log"' in line.text:
            try:
                value = json_value.parse_json(line.text)
            except ValueError:
                value = None
            members = dict(value) if isinstance(value, Members) else {}
            if json_value.is_string(members.get("log")) and json_value.is_string(members.get("stream")):
                log = grammar.to_bytes(members["log"])
                ends = log.endswith(b"\n")
                whole = PhysicalLine(line.number, line.offset, line.end, line.text, True)
                piece(members["stream"], log[:-1] if ends else log, whole, times.parse(members.get("time")), ends)
                continue
        out.append(ContentLine(line.text, line, line.end, line.whole))
    for stream, (body, first, time) in pieces.items():
        out.append(ContentLine(body.decode("utf-8", "surrogateescape"), first, END_OF_FILE, False, stream, time))
    return out
