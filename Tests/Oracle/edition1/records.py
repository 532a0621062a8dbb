"""2-log-envelopes, Envelopes and Task attempt: from bytes to log records.

A record is what one logging call wrote. Records come out in the order in which they begin; any recognised line ends
the text record before it (of the same container stream).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from times import Time

from . import grammar
from .console import drop_ui_suffix, finish_console
from .containers import PhysicalLine, content_lines, physical_lines
from .custom_format import LineFormat
from .envelopes import recognise
from .grammar import ANSI, Pair
from .recognised import IDENTITY_KEYS, Recognised, is_failure_text

JSON_LINE_LIMIT = 4 * 1024 * 1024


@dataclass
class MessageLine:
    text: str  # as the grammar sees it
    at: PhysicalLine
    cut: bool  # may be cut: nothing is read from it
    bytes: int


@dataclass
class Record:
    number: int
    stream: tuple
    lines: list[MessageLine]
    level: int | None = None
    time: Time | None = None
    keys: list[Pair] = field(default_factory=list)  # a JSON event's own keys
    identity: dict = field(default_factory=dict)
    failure: bool = False
    bare: bool = False
    whole_when_read: bool = False  # JSON: complete with its line; text: only the next line shows its end
    ended_at: int | None = None  # offset behind the line that showed the end; None: end of input
    prints: bool = False  # print stream (2.x)
    channel: bool = False  # stdout or stderr of the task
    late: bool = False  # the same in Airflow 3


@dataclass
class Log:
    records: list[Record]
    skipped: list[PhysicalLine]  # JSON lines over the limit that hold a header
    last_line_cut: bool


def message_line(text: str, at: PhysicalLine, cut: bool) -> MessageLine:
    stripped = grammar.strip_message_line(text)
    return MessageLine(stripped, at, cut, grammar.byte_length(stripped))


def read_records(data: bytes, line_format: str | None = None) -> Log:
    custom = LineFormat(line_format) if line_format else None
    records: list[Record] = []
    skipped: list[PhysicalLine] = []
    unfinished: dict[str | None, tuple[Record, Recognised]] = {}  # by container stream
    cut_last = False
    for line in content_lines(physical_lines(data)):
        text = ANSI.sub("", line.text)
        container = () if line.container is None else (line.container,)
        is_content = text.lstrip(" \t").startswith('{"content"')
        if line.end - line.at.offset > JSON_LINE_LIMIT and text.lstrip(" \t").startswith("{") and not is_content:
            if "=== CORRELATION DATA" in text:
                skipped.append(line.at)
            continue
        found = recognise(text, custom)
        # The page: "a last physical line without LF (a JSON value that parses whole is not cut)"
        cut = not line.whole and not (found and found[0].kind == "json" and text.lstrip(" \t").startswith("{"))
        cut_last |= cut
        before = unfinished.get(line.container)
        if not found:
            if before:
                record, begun = before
                begun.messages.append(text)
                last = len(begun.messages) - 1
                if begun.kind == "console" and finish_console(begun, last, logger_alone=False):
                    record.whole_when_read, record.ended_at = True, line.end
                    del unfinished[line.container]
                elif begun.kind == "ui":
                    drop_ui_suffix(begun, last)
                record.lines.append(message_line(begun.messages[last], line.at, cut))
                settle(record, begun, container)
                continue
            records.append(
                Record(
                    len(records),
                    ("bare", *container),
                    [message_line(text, line.at, cut)],
                    time=line.time,
                    bare=True,
                    whole_when_read=True,
                    ended_at=line.end,
                )
            )
            continue
        if before:
            before[0].ended_at = line.end
            del unfinished[line.container]
        for one in found:
            record = Record(
                len(records), (), [message_line(m, line.at, cut) for m in one.messages], one.level, one.time or line.time
            )
            settle(record, one, container)
            records.append(record)
            if one.kind == "json":
                record.whole_when_read, record.ended_at = True, line.end
            else:
                unfinished[line.container] = (record, one)
    return Log(records, skipped, cut_last)


def settle(record: Record, found: Recognised, container: tuple) -> None:
    """What of a record may be known only from its last line."""
    record.stream = (*found.stream, *container)
    record.prints, record.channel, record.late = found.prints, found.channel, found.late
    record.identity = {k: found.scalars[k] for k in IDENTITY_KEYS if found.scalars.get(k) is not None}
    record.keys = found.keys
    record.failure = (
        found.own and not found.channel and not record.lines[0].cut and is_failure_text(record.lines[0].text, found.scalars)
    )


def same_task(a: dict, b: dict) -> bool:
    """False only where both name a task instance and they differ."""
    return all(str(a[k]) == str(b[k]) for k in IDENTITY_KEYS if k in a and k in b)
