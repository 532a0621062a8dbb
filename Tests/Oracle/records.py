"""2-log-envelopes, Envelopes: from bytes to log records.

A record is what one logging call wrote. Records come out in the order in which they begin; any recognised line ends
the text record before it (of the same container).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import grammar
import markers
from events import Recognised, answer
from grammar import Pair
from objects import parse_json
from recognise import LineFormat, drop_ui_suffix, finish_console, recognise
from tasks import IDENTITY_KEYS, is_failure_text, task_of
from times import Time
from wrappers import END_OF_FILE, ContentLine, PhysicalLine, content_lines, export, physical_lines

JSON_LINE_LIMIT = 4 * 1024 * 1024
DAMAGED = re.compile(r'[ \t]*\{[ \t]*("|\r?\Z)')
POD_MESSAGE = re.compile(r"\[([^\]\s]+)\] (.*)", re.DOTALL)


@dataclass
class MessageLine:
    text: str  # as the grammar sees it
    at: PhysicalLine
    cut: bool  # may be cut: nothing is read from it
    bytes: int
    grouped: bool = False  # a group marker was taken off
    arrival: float = 0  # in which order lines came


@dataclass
class Record:
    number: int
    stream: tuple
    lines: list[MessageLine]
    level: int | None = None
    time: Time | None = None
    time_text: str | None = None
    keys: list[Pair] = field(default_factory=list)  # a JSON event's own keys
    scalars: dict = field(default_factory=dict)
    identity: dict = field(default_factory=dict)
    failure: bool = False
    untimed: bool = False  # a missing time makes it as a bare one
    whole_when_read: bool = False  # JSON: complete with its line; text: only the next line shows its end
    ended_at: int | None = None  # offset behind the line that showed the end; None: end of input
    prints: bool = False  # print stream (2.x)
    channel: bool = False  # a stdout or stderr stream
    late: bool = False  # the same in Airflow 3
    line_stream: bool = False
    own: bool = False
    of_json: bool = False  # a JSON object, or in the lines of another envelope


@dataclass
class Log:
    records: list[Record]
    skipped: list[PhysicalLine]  # JSON lines over the limit that hold a header
    lines: list[PhysicalLine]
    answer_cut: bool = False
    damaged: list[Record] = field(default_factory=list)  # lines that may be what is left of JSON records
    told_damaged: set[int] = field(default_factory=set)  # those of them that are near-miss headers, by number


def message_lines(text: str, line: ContentLine, cut: bool) -> list[MessageLine]:
    """One, but for an end marker and a header on one line. The end marker has text behind it and is not cut."""
    stripped, grouped = markers.redrawn(text)
    texts = markers.end_and_header(stripped)
    return [MessageLine(one, line.at, cut and one is texts[-1], grammar.byte_length(one), grouped) for one in texts]


def is_pod_manager(found: Recognised) -> bool:
    """ "file `pod_manager.py`, or a logger with `pod_manager` as a dotted part in 3.x"."""
    return found.file == "pod_manager.py" or (found.airflow3 and "pod_manager" in str(found.logger).split("."))


def inside_pod(found: Recognised) -> list[Recognised]:
    """A message of KubernetesPodOperator that begins with `[CONTAINER] `: "the message behind it, read again as a line"."""
    match = POD_MESSAGE.fullmatch(found.messages[0]) if is_pod_manager(found) else None
    if not match:
        return [found]
    container, text = match.groups()
    inner = recognise(text)
    exported = export(text)
    if inner and inner[0].kind == "json":
        # An object is a record of its own, and so is each bare line behind it.
        inner[0].whole_json = True
        rest = [Recognised([message], (), None, None, "json") for message in found.messages[1:]]
        records = [inner[0], *rest]
        records[-1].loose = found.kind != "json"
    elif inner:
        records = inner[:1]
        records[0].messages += found.messages[1:]
    else:
        texts = exported.text.removesuffix("\n").split("\n") if exported else [text]
        records = [Recognised([*texts, *found.messages[1:]], (), None, None, found.kind)]
    for one in records:
        if one.time is None:
            one.time, one.time_text = found.time, found.time_text
        one.stream, one.scalars, one.file, one.logger = ("pod", container, task_of(found.scalars)), found.scalars, None, None
        one.own = one.prints = False
        one.channel, one.late = True, found.airflow3
    return records


class Reading:
    def __init__(self, custom: LineFormat | None):
        self.custom = custom
        self.log = Log([], [], [])
        self.unfinished: dict[tuple, tuple[Record, Recognised]] = {}  # by the wrappers around it
        self.arrivals = 0

    def take(self, line: ContentLine) -> None:
        self.arrivals += 1
        text = line.text
        json_line = text.lstrip(" \t").startswith("{")
        is_content = text.lstrip(" \t").startswith('{"content"')
        if line.length > JSON_LINE_LIMIT and line.at.text.lstrip(" \t").startswith("{") and not is_content:
            if "=== CORRELATION DATA" in text:
                self.log.skipped.append(line.at)
            return
        found, ended = answer(text) if is_content else ([], True)
        self.log.answer_cut |= not ended and bool(found)
        found = found or recognise(text, self.custom)
        # The page: "a last physical line without LF (a JSON value that parses whole is not cut)"
        cut = not line.whole and not (found and found[0].kind == "json" and json_line)
        before = self.unfinished.get(line.lane)
        if not found:
            if before:
                self.go_on(before, line, cut)
            else:
                self.damaged(line, cut)
                self.bare(line, cut)
            return
        if before:
            if not before[1].loose:
                before[0].ended_at = line.end
            if before[1].kind == "console":
                self.came(before[0], self.arrivals - 0.5)
            del self.unfinished[line.lane]
        for one in (inside for outside in found for inside in inside_pod(outside)):
            self.begin(one, line, cut and not one.whole_json)

    def begin(self, one: Recognised, line: ContentLine, cut: bool) -> None:
        parts = [part for message in one.messages for part in message_lines(message, line, cut)]
        record = Record(len(self.log.records), (), parts, one.level)
        self.came(record, END_OF_FILE if one.kind == "console" else self.arrivals)
        self.settle(record, one, line)
        self.log.records.append(record)
        if one.kind == "json" and not cut:
            record.whole_when_read, record.ended_at = True, line.end
        if one.kind != "json" or one.loose:
            self.unfinished[line.lane] = (record, one)

    def came(self, record: Record, arrival: float) -> None:
        """The lines of a console record come when its source is known."""
        for one in record.lines:
            one.arrival = arrival

    def go_on(self, before: tuple[Record, Recognised], line: ContentLine, cut: bool) -> None:
        record, begun = before
        if begun.loose:
            self.begin(replace(begun, messages=[line.text], keys=[], level=None), line, cut)
            return
        begun.messages.append(line.text)
        last = len(begun.messages) - 1
        if (begun.kind == "console" and finish_console(begun, last, logger_alone=False)) or (
            begun.kind == "ui" and drop_ui_suffix(begun, last)
        ):
            if not cut:
                record.whole_when_read, record.ended_at = True, line.end
            del self.unfinished[line.lane]
        added = message_lines(begun.messages[last], line, cut)
        record.lines += added
        if begun.kind == "json":
            self.came(record, self.arrivals)
        else:
            for one in added:
                one.arrival = END_OF_FILE if begun.kind == "console" else self.arrivals
        self.settle(record, begun, line)

    def damaged(self, line: ContentLine, cut: bool) -> None:
        """ "A physical line that begins with `{"` or is `{`, is no JSON object and goes on no record"."""
        if cut or line.container or not DAMAGED.match(line.text) or parse_json(line.text.strip(" \t")) is not None:
            return
        one = MessageLine(line.text.strip(" \t"), line.at, cut, grammar.byte_length(line.text), arrival=self.arrivals - 0.25)
        self.log.damaged.append(Record(-1 - len(self.log.damaged), (), [one], whole_when_read=True, ended_at=line.end))

    def bare(self, line: ContentLine, cut: bool) -> None:
        one = Recognised([line.text], ("bare",), None, None, "bare", scalars=line.scalars)
        record = Record(len(self.log.records), (), message_lines(line.text, line, cut), whole_when_read=True, ended_at=line.end)
        self.settle(record, one, line)
        record.line_stream = True
        self.came(record, self.arrivals)
        self.log.records.append(record)

    def settle(self, record: Record, found: Recognised, line: ContentLine) -> None:
        """What of a record may be known only from its last line."""
        record.stream = (*found.stream, *line.container, task_of(line.scalars))
        if found.time or not found.messages[1:]:
            record.time = found.time or line.time
            record.time_text = found.time_text if found.time else line.time_text
        record.untimed = found.untimed
        record.prints, record.channel, record.late = found.prints, found.channel, found.late
        record.line_stream = found.prints or found.channel or bool(line.container)
        record.of_json = found.kind == "json" or bool(line.container) or found.stream[:1] == ("pod",)
        record.scalars = {**line.scalars, **found.scalars}
        record.identity = {k: record.scalars[k] for k in IDENTITY_KEYS if record.scalars.get(k) is not None}
        record.keys, record.own = found.keys, found.own and not found.channel
        first = record.lines[0]
        record.failure = record.own and not first.cut and is_failure_text(first.text, found.scalars)


def read_records(data: bytes, line_format: str | None = None) -> Log:
    custom = LineFormat(line_format) if line_format else None
    reading = Reading(custom)
    reading.log.lines = physical_lines(data)
    for line in content_lines(reading.log.lines, custom):
        reading.take(line)
    return reading.log
