"""2-log-envelopes, Envelopes: what a JSON line starts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import grammar
import times
from grammar import Pair
from objects import Literal, Members, pairs_of, parse_json
from tasks import OWN_FILES, is_own_json_source, level_number, task_of
from times import Time

CONTEXT_KEYS = set(
    "ti_id dag_id task_id run_id map_index try_number logger filename lineno level timestamp chan loc event".split()
)


@dataclass
class Recognised:
    """What one line starts."""

    messages: list[str]
    stream: tuple
    level: int | None
    time: Time | None
    kind: str  # text, json (complete with its line), console (until its context), ui
    time_text: str | None = None
    keys: list[Pair] = field(default_factory=list)  # of a structured header
    scalars: dict = field(default_factory=dict)
    file: str | None = None
    logger: str | None = None
    airflow3: bool = False
    own: bool = False
    prints: bool = False
    channel: bool = False
    late: bool = False
    loose: bool = False  # bare lines behind it are records of their own
    whole_json: bool = False  # a JSON value behind a pod's name, which parses whole: the line is not cut
    untimed: bool = False  # its time may be missing: then it counts as bare


def text_record(file: str, level: str, stamp: str | None, message: str) -> Recognised:
    prints = file == "logging_mixin.py"
    return Recognised(
        [message],
        ("text", file, level) if prints else ("text", file),
        level_number(level),
        times.parse(stamp),
        "text",
        time_text=stamp,
        file=file,
        own=file in OWN_FILES,
        prints=prints,
        channel=prints,
    )


def is_string(value) -> bool:
    return isinstance(value, str) and not isinstance(value, Literal)


def as_dict(members) -> dict:
    return {k: v for k, v, _ in members} if isinstance(members, Members) else {}


def scalars_of(members: Members) -> dict:
    return {k: v for k, v, _ in members if not isinstance(v, list)}


def recognise_json(members: Members) -> list[Recognised]:
    """ "A JSON object is taken as the first that fits of docker-json, api-json, airflow3-json, airflow2-json, json-export."
    The first and the last are wrappers.py's."""
    value = as_dict(members)
    content = value.get("content")
    if isinstance(content, list) and not isinstance(content, Members):
        return [event_record(e) for e in content if isinstance(e, Members) and is_string(as_dict(e).get("event"))]
    if is_string(value.get("event")) and "timestamp" in value:
        return [event_record(members)]
    if is_string(value.get("message")) and "asctime" in value:
        return [elastic_record(members)]
    return []


def event_record(members: Members) -> Recognised:
    """airflow3-json and the elements of api-json."""
    value = as_dict(members)
    logger, chan, filename = value.get("logger"), value.get("chan"), value.get("filename")
    channel = chan in ("stdout", "stderr") or logger in ("task.stdout", "task.stderr")
    scalars = scalars_of(members)
    stamp = value.get("timestamp")
    return Recognised(
        value["event"].split("\n"),
        ("json", str(logger), str(chan), str(filename), task_of(scalars)),
        level_number(value.get("level")),
        times.parse(stamp),
        "json",
        time_text=stamp if is_string(stamp) else None,
        keys=own_keys(members),
        scalars=scalars,
        file=filename if is_string(filename) else None,
        logger=logger if is_string(logger) else None,
        airflow3=True,
        own=not channel and is_own_json_source(logger, filename),
        channel=channel,
        late=channel,
        untimed=True,
    )


def elastic_record(members: Members) -> Recognised:
    """airflow2-json: as airflow2-text, from `filename` and `levelname`."""
    value, scalars = as_dict(members), scalars_of(members)
    stamp = value["asctime"] if is_string(value["asctime"]) else None
    found = text_record(str(value.get("filename", value.get("name"))), str(value.get("levelname")), stamp, "")
    found.messages, found.kind, found.untimed = value["message"].split("\n"), "json", True
    found.stream, found.scalars = ("elastic", *found.stream[1:], task_of(scalars)), scalars
    return found


def own_keys(members: Members) -> list[Pair]:
    """The keys of a header event that may be data: not the logger's context."""
    pairs: list[Pair] = []
    for key, value, _ in members:
        if key in CONTEXT_KEYS:
            continue
        found = pairs_of(Members([(key, value, 0)]))
        if found is not None:
            pairs += found
        elif grammar.is_known(key):  # "An array among usable keys is a malformed_pair"
            pairs.append(Pair(key, "", "", broken=True))
    return pairs


# ----------------------------------------------------------------------------- an API answer
ANSWER = re.compile(r'[ \t\r]*\{[ \t\r]*"content"[ \t\r]*:[ \t\r]*\[[ \t\r]*(?=\{)')
ELEMENT_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|"', re.DOTALL)


def end_of_element(text: str, start: int) -> int | None:
    """By its brackets and quotes."""
    depth = 0
    for match in ELEMENT_SIGN.finditer(text, start):
        if match.group() == '"':
            return None
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end()
    return None


def answer(text: str) -> tuple[list[Recognised], bool]:
    """ "An API answer is read element by element, each told by its brackets and quotes": (the elements that parse whole, whether
    the list has an end)."""
    match = ANSWER.match(text)
    out: list[Recognised] = []
    position = match.end() if match else len(text)
    while position < len(text):
        while text[position : position + 1] in (" ", "\t", ",", "\r"):
            position += 1
        if text[position : position + 1] != "{":
            return out, position < len(text)
        end = end_of_element(text, position)
        if end is None:
            break
        members = parse_json(text[position:end])
        if members is not None and is_string(as_dict(members).get("event")):
            out.append(event_record(members))
        elif not out:
            return [], True  # its first element is no record
        position = end
    return out, False
