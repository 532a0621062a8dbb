"""2-log-envelopes, Envelopes: what one line starts, for the envelopes that are no JSON."""

from __future__ import annotations

import ast
import re

import times
from events import Recognised, own_keys, recognise_json, text_record
from objects import Dead, Literal, Members, More, parse_json, read_value
from tasks import is_own_json_source, level_number, task_of

STAMP = times.STAMP.replace("(", "(?:").replace("(?:?:", "(?:")
TEXT_PREFIX = re.compile(rf"\[({STAMP})\] \{{([^}}]*):(\d+)\}} (Level \S+|[A-Za-z]+) -(?: |\Z)", re.ASCII)
PASTED_PREFIX = re.compile(
    r"\[(\d{4}-\d\d-\d\d), (\d\d:\d\d:\d\d(?:[.,]\d+)?) ([^\]\s]+)\] \{([^}]*):(\d+)\} (Level \S+|[A-Za-z]+) -(?: |\Z)", re.ASCII
)
# structlog's levels. "Behind a time with `T` the level is padded to nine characters."
CONSOLE_LEVEL = "debug|info|warning|warn|error|exception|critical|notset"
CONSOLE_PREFIX = re.compile(rf"({STAMP}) \[((?:{CONSOLE_LEVEL}) *)\](?: |\Z)", re.ASCII)
UI_PREFIX = re.compile(rf"(?:\[({STAMP})\] )?(DEBUG|INFO|WARNING|ERROR|CRITICAL) - ", re.ASCII)
UI_SUFFIX = re.compile(r"[ \t]+source=(\S*)(?:[ \t]+loc=(\S+?):\d+)?[ \t]*\Z")
CONTEXT_START = re.compile(r"[ \t]+\[([\w.\-]+)\](?=[ ]|\Z)")


def recognise(text: str, custom: LineFormat | None = None) -> list[Recognised]:
    if custom:
        found = custom.recognise(text)
        if found:
            return [found]
    match = TEXT_PREFIX.match(text)
    if match:
        stamp, file, _, level = match.groups()
        return [text_record(file, level, stamp, text[match.end() :])]
    match = PASTED_PREFIX.match(text)
    if match:
        return [pasted_record(match, text[match.end() :])]
    match = CONSOLE_PREFIX.match(text)
    if match and ("T" not in match.group(1) or len(match.group(2)) >= 9):
        return [console_record(match.group(2).rstrip(" "), match.group(1), text[match.end() :])]
    match = UI_PREFIX.match(text)
    if match:
        return [ui_record(match.group(2), match.group(1), text[match.end() :])]
    if text.lstrip(" \t").startswith("{"):
        members = parse_json(text)
        if members is not None:
            return recognise_json(members)
    return []


def pasted_record(match: re.Match, message: str) -> Recognised:
    """airflow2-ui: "a zone other than UTC, GMT or an offset leaves the line without a time"."""
    day, clock, zone, file, _, level = match.groups()
    offset = "Z" if zone in ("UTC", "GMT") else zone
    return text_record(file, level, f"{day}T{clock}{offset}", message)


# ------------------------------------------------------------------ airflow3-console
def console_record(level: str, stamp: str, rest: str) -> Recognised:
    found = Recognised([rest], ("console", None), level_number(level), times.parse(stamp), "console", stamp, airflow3=True)
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
    found.file, found.logger = filename, logger
    found.own = not found.channel and is_own_json_source(logger, filename)
    found.keys = own_keys(Members((k, python_value(v), 0) for k, v in pairs))
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
    if text.startswith("{"):
        try:
            value = read_value(text)
        except (Dead, More):
            return text
        return value if isinstance(value, Members) else text
    if text[:1] in ("'", '"'):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text
        return value if isinstance(value, str) else text
    return Literal(text)


# ------------------------------------------------------------------ ui-download
def ui_record(level: str, stamp: str | None, rest: str) -> Recognised:
    found = Recognised([rest], ("ui", None), level_number(level), times.parse(stamp), "ui", stamp, airflow3=True, untimed=True)
    drop_ui_suffix(found, 0)
    return found


def drop_ui_suffix(found: Recognised, index: int) -> bool:
    """Takes the source off a message's last line; False when it has none."""
    match = UI_SUFFIX.search(found.messages[index])
    if match:
        source, file = match.groups()
        found.messages[index] = found.messages[index][: match.start()]
        found.stream, found.file, found.logger = ("ui", file), file, source
        found.channel = found.late = source in ("task.stdout", "task.stderr")
        found.own = not found.channel and is_own_json_source(source, file)
        found.kind = "json"  # complete
    return bool(match)


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
            record = text_record(file, level or "", found.get("asctime"), found["message"])
        else:
            own = name is not None and name.startswith("airflow.") and name != "airflow.task"
            record = Recognised(
                [found["message"]],
                ("custom", name),
                level_number(level),
                times.parse(found.get("asctime")),
                "text",
                time_text=found.get("asctime"),
                own=own,
                prints=True,
            )
        return record
