"""2-log-envelopes, Envelopes: which envelope a line has, and what it starts."""

from __future__ import annotations

import re

import times

from . import json_value
from .console import console_record, ui_record
from .custom_format import LineFormat
from .json_value import Members
from .recognised import Recognised, is_own_json_source, level_number, own_keys, task_of, text_record

TEXT_PREFIX = re.compile(rf"\[{times.STAMP}\] \{{([^}}]*):(\d+)\}} (Level \S+|[A-Za-z]+) -(?: |\Z)", re.ASCII)
CONSOLE_PREFIX = re.compile(rf"{times.STAMP} \[([a-z]+) *\](?: |\Z)", re.ASCII)
UI_PREFIX = re.compile(rf"(?:\[{times.STAMP}\] )?(DEBUG|INFO|WARNING|ERROR|CRITICAL) - ", re.ASCII)


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
            value = json_value.parse_json(text)
        except ValueError:
            return []
        if isinstance(value, Members):
            return recognise_json(value)
    return []


def recognise_json(members: Members) -> list[Recognised]:
    value = dict(members)
    if json_value.is_string(value.get("event")) and "timestamp" in value:
        return [event_record(members)]
    if json_value.is_string(value.get("message")) and "asctime" in value:
        return [elastic_record(members)]
    content = value.get("content")
    if isinstance(content, list):
        return [event_record(e) for e in content if isinstance(e, Members) and json_value.is_string(dict(e).get("event"))]
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
