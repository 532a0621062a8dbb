"""2-log-envelopes, Envelopes: what stands around a whole line and leaves a line behind it. cri, docker-json, timestamps,
kubectl-prefix, compose, json-export."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import grammar
import markers
import times
from events import as_dict, is_string
from grammar import ANSI
from objects import Members, parse_json
from recognise import LineFormat, recognise
from tasks import IDENTITY_KEYS
from times import Time

END_OF_FILE = 1 << 62
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class PhysicalLine:
    number: int  # 1-based
    offset: int  # 0-based, of its first byte, in the decompressed log
    end: int  # of the byte after its LF
    text: str  # CR before LF dropped
    whole: bool  # ends in LF


@dataclass
class ContentLine:
    """A line as the task wrote it, with the physical line on which it begins."""

    text: str
    at: PhysicalLine
    end: int
    whole: bool
    container: tuple = ()
    lane: tuple = ()  # all that stands around it, times that tell no source included
    time: Time | None = None
    time_text: str | None = None
    scalars: dict = field(default_factory=dict)  # what a json-export names of the task
    length: int = 0  # bytes of the physical line


def physical_lines(data: bytes) -> list[PhysicalLine]:
    lines, offset = [], 0
    while offset < len(data):
        newline = data.find(b"\n", offset)
        end = len(data) if newline < 0 else newline + 1
        body = data[offset : end if newline < 0 else newline]
        if body.endswith(b"\r"):
            body = body[:-1]
        if offset == 0:
            body = body.removeprefix(BYTE_ORDER_MARK)
        lines.append(PhysicalLine(len(lines) + 1, offset, end, body.decode("utf-8", "surrogateescape"), newline >= 0))
        offset = end
    return lines


# ----------------------------------------------------------------------------- forms
CRI = re.compile(r"(\S+) (stdout|stderr) ([FP]) (.*)", re.DOTALL)
RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (.*)", re.ASCII | re.DOTALL)
POD = re.compile(r"\[(pod/[^/\s\]]+/[^/\s\]]+)\] (.*)", re.DOTALL)
COMPOSE = re.compile(r"([A-Za-z0-9_.\-]+)[ \t]+\|(?: (.*)|\Z)", re.DOTALL)
TEXT_MEMBERS = ("message", "log", "msg", "textPayload", "line", "@message", "_raw")
NESTING = ("_source", "jsonPayload", "fields")
SOURCE_MEMBERS = (
    "stream pod container logger name ti_id log_id dag_id run_id task_id map_index try_number "
    "kubernetes.pod_name kubernetes.container_name"
).split()
TIME_MEMBERS = ("timestamp", "@timestamp", "time")


def cri(text: str) -> re.Match | None:
    match = CRI.fullmatch(text)
    return match if match and times.parse(match.group(1)) else None


def docker(text: str) -> dict | None:
    """ "JSON object with `log`, `stream` and no member but `time` and `attrs`"."""
    value = as_dict(parse_json(text)) if text.startswith("{") and '"log"' in text else {}
    good = is_string(value.get("log")) and is_string(value.get("stream")) and set(value) <= {"log", "stream", "time", "attrs"}
    return value if good else None


@dataclass
class Export:
    text: str
    container: tuple
    time_text: str | None
    scalars: dict


def export(text: str) -> Export | None:
    """json-export, of an object that is none of the other JSON envelopes."""
    members = parse_json(text.strip(" \t")) if text.lstrip(" \t").startswith("{") else None
    if members is None or docker(text) or recognise(text):
        return None
    top = as_dict(members)
    if any(grammar.is_known(k) and grammar.normal(k) != "group" for k in top):
        return None
    places = [top, *(as_dict(top[n]) for n in NESTING if isinstance(top.get(n), Members))]
    texts = [place[name] for place in places for name in TEXT_MEMBERS if is_string(place.get(name))]
    if len(texts) != 1:
        return None
    found: dict = {}
    for name in SOURCE_MEMBERS:
        for place in places:
            value = member(place, name)
            if value is not None and name not in found:
                found[name] = value
    stamps = [place[name] for place in places for name in TIME_MEMBERS if name in place]
    stamp = stamps[0] if stamps and is_string(stamps[0]) and RFC3339.fullmatch(stamps[0] + " ") else None
    scalars = {k: found[k] for k in IDENTITY_KEYS if k in found}
    return Export(texts[0], tuple((k, str(v)) for k, v in found.items()), stamp, scalars)


def member(place: dict, name: str):
    value = place.get(name)
    if value is None and "." in name:
        outer, inner = name.split(".")
        value = as_dict(place.get(outer)).get(inner)
    return None if isinstance(value, list) else value


def joined(*pieces: str) -> str:
    """ "A cut may fall within a character" (log-formats, Containers): bytes are joined, not characters."""
    return b"".join(map(grammar.to_bytes, pieces)).decode("utf-8", "surrogateescape")


# ----------------------------------------------------------------------------- unwrapping
class Wrappers:
    """What a log has shown so far of its prefixes, and pieces of lines that are not whole yet."""

    def __init__(self, custom: LineFormat | None):
        self.custom = custom
        self.names: set[tuple] = set()  # prefixes that are known
        self.stamped: set[tuple] = set()  # a log, or a prefix in it, that has a time before every line
        self.pieces: dict[tuple, ContentLine] = {}

    def stands(self, text: str, key: bool = True) -> bool:
        """ "by itself any other envelope, a header, an end marker or", with `key`, "begins with a known key"."""
        if markers.stands_out(text, key) or cri(text) or docker(text) or recognise(text, self.custom):
            return True
        return bool(export(text)) or self.prefix(text, ()) is not None

    def prefix(self, text: str, lane: tuple) -> tuple[str, str] | None:
        """(the prefix's text, the line behind it)."""
        for form in (POD, COMPOSE):
            match = form.fullmatch(text)
            if not match or (form is COMPOSE and grammar.is_known(match.group(1))):
                continue
            name, rest = match.group(1), match.group(2) or ""
            stamp = RFC3339.fullmatch(rest)
            key = form is POD
            if (*lane, name) in self.names or self.stands(rest, key) or (stamp and self.stands(stamp.group(2), key)):
                self.names.add((*lane, name))
                return name, rest
        return None

    def unwrap(self, line: ContentLine) -> list[ContentLine]:
        """The lines that a line leaves when everything around it is taken off; none where a piece waits for the next."""
        text = line.text = ANSI.sub("", line.text)
        found = cri(text)
        if found:
            stamp, stream, part, rest = found.groups()
            return self.piece(line, stream, rest, stamp, part == "F" and line.whole)
        value = docker(text)
        if value:
            # "`log`, split at LF, the last piece joined with the next until it ends in LF"
            whole, out = replace(line, whole=True), []
            for one in re.findall(r"[^\n]*\n|[^\n]+", value["log"]):
                out += self.piece(whole, value["stream"], one.removesuffix("\n"), value.get("time"), one.endswith("\n"))
            return out
        if recognise(text, self.custom):
            return [line]
        stamped = RFC3339.fullmatch(text)
        if stamped and (line.lane in self.stamped or self.stands(stamped.group(2))):
            self.stamped.add(line.lane)
            return self.unwrap(self.inner(line, stamped.group(2), "timestamps", stamp=stamped.group(1)))
        named = self.prefix(text, line.lane)
        if named:
            return self.unwrap(self.inner(line, named[1], named[0], container=(named[0],)))
        exported = export(text)
        if exported:
            out: list[ContentLine] = []
            whole = replace(line, whole=True)
            for one in exported.text.removesuffix("\n").split("\n"):
                inner = self.inner(whole, one, exported.container, (exported.container,), exported.time_text)
                inner.scalars = {**line.scalars, **exported.scalars}
                out += self.unwrap(inner)
            return out
        return [line]

    def inner(self, line: ContentLine, text: str, lane, container: tuple = (), stamp: str | None = None) -> ContentLine:
        inner = replace(line, text=text, lane=(*line.lane, lane), container=(*line.container, *container))
        if times.parse(stamp):
            inner.time, inner.time_text = times.parse(stamp), stamp
        return inner

    def piece(self, line: ContentLine, stream: str, text: str, stamp, last: bool) -> list[ContentLine]:
        inner = self.inner(line, text, stream, (stream,), stamp if is_string(stamp) else None)
        before = self.pieces.pop(inner.lane, None)
        if before:
            inner = replace(before, text=joined(before.text, text), end=line.end, whole=line.whole)
        if not last:
            self.pieces[inner.lane] = replace(inner, whole=False, end=END_OF_FILE)
            return []
        inner.text = inner.text.removesuffix("\r")
        return self.unwrap(inner)

    def rest(self) -> list[ContentLine]:
        out: list[ContentLine] = []
        while self.pieces:
            _, line = self.pieces.popitem()
            out = self.unwrap(line) + out
        return out


def content_lines(lines: list[PhysicalLine], custom: LineFormat | None) -> list[ContentLine]:
    wrappers = Wrappers(custom)
    out: list[ContentLine] = []
    for line in lines:
        out += wrappers.unwrap(ContentLine(line.text, line, line.end, line.whole, length=line.end - line.offset))
    return out + wrappers.rest()
