"""Page 2, sections *Envelopes* and *Task attempt*: from bytes to log records.

A record is what one logging call wrote. Records come out in file order and never overlap: any recognised line ends
the text record before it.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field

import grammar
import times
from grammar import ANSI, Members, Pair
from times import Time

JSON_LINE_LIMIT = 4 * 1024 * 1024
WARNING = 30
LEVELS = {"NOTSET": 0, "DEBUG": 10, "INFO": 20, "WARNING": 30, "WARN": 30, "ERROR": 40, "EXCEPTION": 40, "CRITICAL": 50, "FATAL": 50}
CONTEXT_KEYS = {"ti_id", "dag_id", "task_id", "run_id", "map_index", "try_number", "logger", "filename", "lineno", "level",
                "timestamp", "chan", "loc", "event"}
IDENTITY_KEYS = ("ti_id", "workload_id", "log_id", "dag_id", "run_id", "task_id", "map_index", "try_number")


@dataclass
class PhysicalLine:
    number: int          # 1-based
    offset: int          # 0-based, of its first byte, in the decompressed log
    end: int             # of the byte after its LF
    text: str            # CR before LF dropped
    whole: bool          # ends in LF


@dataclass
class MessageLine:
    text: str            # as the grammar sees it
    at: PhysicalLine
    cut: bool            # may be cut: nothing is read from it
    bytes: int


@dataclass
class Record:
    number: int
    stream: tuple
    lines: list[MessageLine]
    level: int | None = None
    time: Time | None = None
    keys: list[Pair] = field(default_factory=list)   # a JSON event's own keys
    identity: dict = field(default_factory=dict)
    failure: bool = False
    bare: bool = False
    whole_when_read: bool = False                    # JSON: complete with its line; text: only the next line shows its end
    ended_at: int | None = None                      # offset behind the line that showed the end; None: end of input
    prints: bool = False                             # print stream (2.x)
    channel: bool = False                            # stdout or stderr of the task
    late: bool = False                               # the same in Airflow 3


def physical_lines(data: bytes) -> list[PhysicalLine]:
    lines, offset = [], 0
    while offset < len(data):
        newline = data.find(b"\n", offset)
        end = len(data) if newline < 0 else newline + 1
        body = data[offset:end if newline < 0 else newline]
        if newline >= 0 and body.endswith(b"\r"):
            body = body[:-1]
        lines.append(PhysicalLine(len(lines) + 1, offset, end, body.decode("utf-8", "surrogateescape"), newline >= 0))
        offset = end
    return lines


def level_number(name: str | None) -> int | None:
    if not isinstance(name, str):
        return None
    match = re.fullmatch(r"Level (\d+)", name)
    return int(match.group(1)) if match else LEVELS.get(name.upper())


# ----------------------------------------------------------------------------- failure lines (page 2, Outcome)
OWN_FILES = {"taskinstance.py", "local_task_job_runner.py", "local_task_job.py", "standard_task_runner.py", "timeout.py",
             "task_runner.py", "supervisor.py"}


def is_failure_text(text: str, keys: dict) -> bool:
    match = re.match(r"(?:Immediate failure requested\. )?Marking task as ([A-Z_]+)(?:\.|\Z)", text)
    if match:
        return match.group(1) not in ("SUCCESS", "SKIPPED")
    match = re.match(r"Task exited with return code (-?\d+)(?: \(|\.|\Z)", text)
    if match:
        return int(match.group(1)) != 0
    if text in ("Workload finished", "Task finished"):
        return keys.get("final_state") not in ("success", "skipped", None)
    return bool(re.fullmatch(r"Task failed with exception|Process terminated by signal(\..*)?|Process timed out(, PID: \d+)?"
                             r"|Task exited|Pausing task as DEFERRED(\..*)?", text))


def is_own_json_source(logger, filename) -> bool:
    if not isinstance(logger, str) or not (logger in ("task", "supervisor") or logger.startswith("airflow.")):
        return False
    return filename is None or filename in OWN_FILES


# ----------------------------------------------------------------------------- recognition
TEXT_PREFIX = re.compile(rf"\[{times.STAMP}\] \{{([^}}]*):(\d+)\}} (Level \S+|[A-Za-z]+) -(?: |\Z)", re.ASCII)


@dataclass
class Recognised:
    """What one physical line starts."""
    messages: list[str]
    stream: tuple
    level: int | None
    time: Time | None
    kind: str                                        # text or json
    keys: list[Pair] = field(default_factory=list)
    scalars: dict = field(default_factory=dict)
    own: bool = False
    prints: bool = False
    channel: bool = False
    late: bool = False


def recognise(text: str) -> Recognised | None:
    match = TEXT_PREFIX.match(text)
    if match:
        file, level = match.group(9), match.group(11)
        return text_record(file, level, times.from_match(re.match(times.STAMP, text[1:])), text[match.end():])
    if text.lstrip(" \t").startswith("{"):
        try:
            value = grammar.parse_json(text)
        except ValueError:
            return None
        if isinstance(value, Members):
            return recognise_json(value)
    return None


def text_record(file: str, level: str, time: Time | None, message: str) -> Recognised:
    prints = file == "logging_mixin.py"
    stream = ("text", file, level) if prints else ("text", file)
    return Recognised([message], stream, level_number(level), time, "text", own=file in OWN_FILES, prints=prints, channel=prints)


def recognise_json(members: Members) -> Recognised | None:
    value = dict(members)
    event = value.get("event")
    if isinstance(event, str) and not isinstance(event, grammar.Literal) and "timestamp" in value:
        logger, chan, filename = value.get("logger"), value.get("chan"), value.get("filename")
        channel = chan in ("stdout", "stderr") or logger in ("task.stdout", "task.stderr")
        scalars = {k: v for k, v in members if not isinstance(v, list)}
        own = not channel and is_own_json_source(logger, filename)
        return Recognised(event.split("\n"), ("json", str(logger), str(chan), str(filename), task_of(scalars)),
                          level_number(value.get("level")), times.parse(value.get("timestamp")), "json",
                          keys=own_keys(members), scalars=scalars, own=own, channel=channel, late=channel)
    return None


def own_keys(members: Members) -> list[Pair]:
    """The keys of a header event that may be data: not the logger's context."""
    pairs: list[Pair] = []
    for key, value in members:
        if key in CONTEXT_KEYS:
            continue
        found = grammar.object_pairs(Members([(key, value)]))
        if found is not None:
            pairs += found
        elif grammar.is_known(key):
            pairs.append(Pair(key, "", "", broken=True))
    return pairs


def task_of(scalars: dict) -> tuple | None:
    """Where a line names its task instance, that belongs to its source too."""
    for key in ("ti_id", "workload_id", "log_id"):
        if scalars.get(key) is not None:
            return (key, str(scalars[key]))
    named = tuple((k, str(scalars[k])) for k in IDENTITY_KEYS[3:] if scalars.get(k) is not None)
    return named or None


def same_task(a: dict, b: dict) -> bool:
    """False only where both name a task instance and they differ."""
    return all(str(a[k]) == str(b[k]) for k in IDENTITY_KEYS if k in a and k in b)


@dataclass
class Log:
    records: list[Record]
    skipped: list[PhysicalLine]      # JSON lines over the limit that hold a header
    last_line_cut: bool


def message_line(text: str, at: PhysicalLine, cut: bool) -> MessageLine:
    stripped = grammar.strip_message_line(text)
    return MessageLine(stripped, at, cut, grammar.byte_length(stripped))


def read_records(data: bytes) -> Log:
    records: list[Record] = []
    skipped: list[PhysicalLine] = []
    open_text: Record | None = None
    cut_last = False
    for line in physical_lines(data):
        text = ANSI.sub("", line.text)
        if line.end - line.offset > JSON_LINE_LIMIT and text.lstrip(" \t").startswith("{"):
            if "=== CORRELATION DATA" in text:
                skipped.append(line)
            continue
        found = recognise(text)
        # "a last physical line without LF (a JSON value that parses whole is not cut)"
        cut = not line.whole and not (found and found.kind == "json")
        cut_last = cut
        if found is None:
            if open_text:
                open_text.lines.append(message_line(text, line, cut))
                continue
            records.append(Record(len(records), ("bare",), [message_line(text, line, cut)], bare=True,
                                  whole_when_read=True, ended_at=line.end))
            continue
        if open_text:
            open_text.ended_at = line.end
            open_text = None
        record = Record(len(records), found.stream, [message_line(m, line, cut) for m in found.messages], found.level, found.time,
                        prints=found.prints, channel=found.channel, late=found.late)
        record.identity = {k: found.scalars[k] for k in IDENTITY_KEYS if found.scalars.get(k) is not None}
        record.keys = found.keys
        record.failure = (found.own and not found.channel and not cut
                          and is_failure_text(record.lines[0].text, found.scalars))
        records.append(record)
        if found.kind == "text":
            open_text = record
        else:
            record.whole_when_read, record.ended_at = True, line.end
    return Log(records, skipped, cut_last)
