"""2-log-envelopes, Envelopes: airflow3-console, whose context stands at the end of a message, and ui-download."""

from __future__ import annotations

import ast
import re

from times import Time

from .json_value import Members
from .recognised import Recognised, is_own_json_source, level_number, own_keys, task_of

CONTEXT_START = re.compile(r"[ \t]+\[([\w.\-]+)\](?=[ ]|\Z)")
UI_SUFFIX = re.compile(r"[ \t]+source=(\S*)(?:[ \t]+loc=(\S+?):\d+)?[ \t]*\Z")


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
