"""2-log-envelopes, Envelopes and Task attempt: from bytes to log records.

A record is what one logging call wrote. Records come out in the order in which they begin; any recognised line ends
the text record before it (of the same container stream).
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

import grammar
import times
from grammar import ANSI, Members, Pair
from times import Time

JSON_LINE_LIMIT = 4 * 1024 * 1024
WARNING = 30
LEVELS = {
    "NOTSET": 0,
    "DEBUG": 10,
    "INFO": 20,
    "WARNING": 30,
    "WARN": 30,
    "ERROR": 40,
    "EXCEPTION": 40,
    "CRITICAL": 50,
    "FATAL": 50,
}
CONTEXT_KEYS = {
    "ti_id",
    "dag_id",
    "task_id",
    "run_id",
    "map_index",
    "try_number",
    "logger",
    "filename",
    "lineno",
    "level",
    "timestamp",
    "chan",
    "loc",
    "event",
}
IDENTITY_KEYS = ("ti_id", "workload_id", "log_id", "dag_id", "run_id", "task_id", "map_index", "try_number")


@dataclass
class PhysicalLine:
    number: int  # 1-based
    offset: int  # 0-based, of its first byte, in the decompressed log
    end: int  # of the byte after its LF
    text: str  # CR before LF dropped
    whole: bool  # ends in LF


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


def level_number(name: str | None) -> int | None:
    if not isinstance(name, str):
        return None
    match = re.fullmatch(r"Level (\d+)", name)
    return int(match.group(1)) if match else LEVELS.get(name.upper())


# ----------------------------------------------------------------------------- failure lines (2-log-envelopes, Outcome)
OWN_FILES = {
    "taskinstance.py",
    "local_task_job_runner.py",
    "local_task_job.py",
    "standard_task_runner.py",
    "timeout.py",
    "task_runner.py",
    "supervisor.py",
}


def is_failure_text(text: str, keys: dict) -> bool:
    match = re.match(r"(?:Immediate failure requested\. )?Marking task as ([A-Z_]+)(?:\.|\Z)", text)
    if match:
        return match.group(1) not in ("SUCCESS", "SKIPPED")
    match = re.match(r"Task exited with return code (-?\d+)(?: \(|\.|\Z)", text)
    if match:
        return int(match.group(1)) != 0
    if text in ("Workload finished", "Task finished"):
        return keys.get("final_state") not in ("success", "skipped", None)
    return bool(
        re.fullmatch(
            r"Task failed with exception|Process terminated by signal(\..*)?|Process timed out(, PID: \d+)?"
            r"|Task exited|Pausing task as DEFERRED(\..*)?",
            text,
        )
    )


def is_own_json_source(logger, filename) -> bool:
    if not isinstance(logger, str) or not (logger in ("task", "supervisor") or logger.startswith("airflow.")):
        return False
    return filename is None or filename in OWN_FILES


# ----------------------------------------------------------------------------- recognition
TEXT_PREFIX = re.compile(rf"\[{times.STAMP}\] \{{([^}}]*):(\d+)\}} (Level \S+|[A-Za-z]+) -(?: |\Z)", re.ASCII)
CONSOLE_PREFIX = re.compile(rf"{times.STAMP} \[([a-z]+) *\](?: |\Z)", re.ASCII)
UI_PREFIX = re.compile(rf"(?:\[{times.STAMP}\] )?(DEBUG|INFO|WARNING|ERROR|CRITICAL) - ", re.ASCII)
UI_SUFFIX = re.compile(r"[ \t]+source=(\S*)(?:[ \t]+loc=(\S+?):\d+)?[ \t]*\Z")
CONTEXT_START = re.compile(r"[ \t]+\[([\w.\-]+)\](?=[ ]|\Z)")
CRI = re.compile(rb"(\S+) (stdout|stderr) ([FP]) (.*)", re.DOTALL)


@dataclass
class Recognised:
    """What one line starts."""

    messages: list[str]
    stream: tuple
    level: int | None
    time: Time | None
    kind: str  # text, json, console (finished by its context), ui
    keys: list[Pair] = field(default_factory=list)
    scalars: dict = field(default_factory=dict)
    own: bool = False
    prints: bool = False
    channel: bool = False
    late: bool = False


def recognise(text: str, custom: LineFormat | None = None) -> list[Recognised]:
    if custom:
        found = custom.recognise(text)
        if found:
            return [found]
    match = TEXT_PREFIX.match(text)
    if match:
        file, level = match.group(9), match.group(11)
        return [text_record(file, level, times.from_match(re.match(times.STAMP, text[1:])), text[match.end() :])]
    match = CONSOLE_PREFIX.match(text)
    if match:
        return [console_record(match.group(9), times.from_match(re.match(times.STAMP, text)), text[match.end() :])]
    match = UI_PREFIX.match(text)
    if match:
        time = times.from_match(re.match(times.STAMP, text[1:])) if text.startswith("[") else None
        return [ui_record(match.group(9), time, text[match.end() :])]
    if text.lstrip(" \t").startswith("{"):
        try:
            value = grammar.parse_json(text)
        except ValueError:
            return []
        if isinstance(value, Members):
            return recognise_json(value)
    return []


def text_record(file: str, level: str, time: Time | None, message: str) -> Recognised:
    prints = file == "logging_mixin.py"
    stream = ("text", file, level) if prints else ("text", file)
    return Recognised([message], stream, level_number(level), time, "text", own=file in OWN_FILES, prints=prints, channel=prints)


def is_string(value) -> bool:
    return isinstance(value, str) and not isinstance(value, grammar.Literal)


def recognise_json(members: Members) -> list[Recognised]:
    value = dict(members)
    if is_string(value.get("event")) and "timestamp" in value:
        return [event_record(members)]
    if is_string(value.get("message")) and "asctime" in value:
        return [elastic_record(members)]
    content = value.get("content")
    if isinstance(content, list):
        return [event_record(e) for e in content if isinstance(e, Members) and is_string(dict(e).get("event"))]
    return []


def event_record(members: Members) -> Recognised:
    """airflow3-json and the elements of api-json."""
    value = dict(members)
    logger, chan, filename = value.get("logger"), value.get("chan"), value.get("filename")
    channel = chan in ("stdout", "stderr") or logger in ("task.stdout", "task.stderr")
    scalars = {k: v for k, v in members if not isinstance(v, list)}
    own = not channel and is_own_json_source(logger, filename)
    return Recognised(
        value["event"].split("\n"),
        ("json", str(logger), str(chan), str(filename), task_of(scalars)),
        level_number(value.get("level")),
        times.parse(value.get("timestamp")),
        "json",
        keys=own_keys(members),
        scalars=scalars,
        own=own,
        channel=channel,
        late=channel,
    )


def elastic_record(members: Members) -> Recognised:
    """airflow2-json: as airflow2-text, from `filename` and `levelname`."""
    value = dict(members)
    scalars = {k: v for k, v in members if not isinstance(v, list)}
    found = text_record(
        str(value.get("filename", value.get("name"))), str(value.get("levelname")), times.parse(value["asctime"]), ""
    )
    found.messages, found.kind = value["message"].split("\n"), "json"
    found.stream, found.scalars = ("elastic", *found.stream[1:], task_of(scalars)), scalars
    return found


# ------------------------------------------------------------------ airflow3-console
def console_record(level: str, time: Time | None, rest: str) -> Recognised:
    found = Recognised([rest], ("console", None), level_number(level), time, "console")
    finish_console(found, 0, logger_alone=True)
    return found


def finish_console(found: Recognised, index: int, logger_alone: bool) -> bool:
    """Takes the padding and the context off a message's last line; False when it has none."""
    text = found.messages[index]
    split = split_context(text, logger_alone)
    if split is None:
        return False
    message, logger, pairs = split
    found.messages[index] = message
    found.kind = "json"  # complete
    scalars = dict(pairs)
    filename = scalars["loc"].rsplit(":", 1)[0] if "loc" in scalars else None
    found.channel = found.late = logger in ("task.stdout", "task.stderr")
    found.stream, found.scalars = ("console", logger, task_of(scalars)), scalars
    found.own = not found.channel and is_own_json_source(logger, filename)
    found.keys = own_keys(Members((k, python_value(v)) for k, v in pairs))
    return True


def split_context(text: str, logger_alone: bool) -> tuple[str, str, list[tuple[str, str]]] | None:
    """(message, logger, context). The leftmost ` [logger]` behind which nothing but `key=value` follows."""
    fallback = None
    for match in CONTEXT_START.finditer(text):
        rest = text[match.end() :]
        pairs = context_pairs(rest)
        if pairs is not None and (pairs or logger_alone):
            return text[: match.start()], match.group(1), pairs
        loose = re.match(r" \w+=", rest)
        if loose:
            fallback = (text[: match.start()], match.group(1), re.findall(r" (\w+)=(\S*)", rest))
    return fallback


def context_pairs(rest: str) -> list[tuple[str, str]] | None:
    pairs, position = [], 0
    rest = rest.rstrip(" ")
    while position < len(rest):
        match = re.compile(r" ([\w.\-]+%?)=").match(rest, position)
        if not match:
            return None
        end = value_end(rest, match.end())
        pairs.append((match.group(1), rest[match.end() : end]))
        position = end
    return pairs


def value_end(text: str, start: int) -> int:
    """Where a Python literal (quoted, bracketed, `<…>`) or a bare token ends."""
    closing = {"[": "]", "{": "}", "(": ")", "<": ">"}
    position, stack = start, []
    while position < len(text):
        character = text[position]
        if character in "'\"" and (stack or position == start):
            end = position + 1
            while end < len(text) and text[end] != character:
                end += 2 if text[end] == "\\" else 1
            position = end
        elif character in closing and (stack or position == start):
            stack.append(closing[character])
        elif stack and character == stack[-1]:
            stack.pop()
        elif character == " " and not stack:
            return position
        position += 1
    return min(position, len(text))


def python_value(text: str):
    """A context value as data: Python's quotes off, a dict as members, else the text."""
    if text[:1] in ("'", '"', "{"):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text
        if isinstance(value, dict):
            return Members((str(k), v if isinstance(v, (str, bool)) or v is None else str(v)) for k, v in value.items())
        return value
    return text


# ------------------------------------------------------------------ ui-download
def ui_record(level: str, time: Time | None, rest: str) -> Recognised:
    found = Recognised([rest], ("ui", None), level_number(level), time, "ui")
    drop_ui_suffix(found, 0)
    return found


def drop_ui_suffix(found: Recognised, index: int) -> None:
    match = UI_SUFFIX.search(found.messages[index])
    if match:
        source, file = match.groups()
        found.messages[index] = found.messages[index][: match.start()]
        found.stream = ("ui", file)
        found.channel = found.late = source in ("task.stdout", "task.stderr")
        found.own = not found.channel and is_own_json_source(source, file)


# ------------------------------------------------------------------ custom
class LineFormat:
    """Python's format string as in airflow.cfg."""

    def __init__(self, text: str):
        text = text.replace("%%(", "%(")
        head, mark, tail = text.partition("%(message)s")
        assert mark and not tail, "the message has to come last"
        pattern, position = "", 0
        for match in re.finditer(r"%\((\w+)\)([-0]?)(\d*)(?:\.\d+)?([sd])", head):
            pattern += re.escape(head[position : match.start()])
            name, left, width, _ = match.groups()
            one = {
                "asctime": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?",
                "levelname": r"[A-Za-z]+|Level \S+",
                "lineno": r"\d+",
                "process": r"\d+",
                "thread": r"\d+",
                "name": r"[^\s\]]+",
                "filename": r"[^:}]*?",
            }.get(name, r".*?")
            pad = " *" if width else ""
            pattern += f"{'' if left == '-' else pad}(?P<{name}>{one}){pad if left == '-' else ''}"
            position = match.end()
        pattern += re.escape(head[position:]) + "(?P<message>.*)"
        self.regex = re.compile(pattern, re.DOTALL | re.ASCII)

    def recognise(self, text: str) -> Recognised | None:
        match = self.regex.fullmatch(text)
        if not match:
            return None
        found = match.groupdict()
        file, name, level = found.get("filename"), found.get("name"), found.get("levelname")
        if file is not None:
            record = text_record(file, level or "", times.parse(found.get("asctime")), found["message"])
        else:
            own = name is not None and name.startswith("airflow.") and name != "airflow.task"
            record = Recognised(
                [found["message"]],
                ("custom", name),
                level_number(level),
                times.parse(found.get("asctime")),
                "text",
                own=own,
                prints=True,
            )
        return record


# ------------------------------------------------------------------ JSON keys, identity
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


# ------------------------------------------------------------------ containers
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
                value = grammar.parse_json(line.text)
            except ValueError:
                value = None
            members = dict(value) if isinstance(value, Members) else {}
            if is_string(members.get("log")) and is_string(members.get("stream")):
                log = grammar.to_bytes(members["log"])
                ends = log.endswith(b"\n")
                whole = PhysicalLine(line.number, line.offset, line.end, line.text, True)
                piece(members["stream"], log[:-1] if ends else log, whole, times.parse(members.get("time")), ends)
                continue
        out.append(ContentLine(line.text, line, line.end, line.whole))
    for stream, (body, first, time) in pieces.items():
        out.append(ContentLine(body.decode("utf-8", "surrogateescape"), first, END_OF_FILE, False, stream, time))
    return out


# ------------------------------------------------------------------ records
END_OF_FILE = 1 << 62


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
