"""The lines of a log as messages that can be written again: what the faults of faulty_logs.py are put into.

An answer of the API on one line is taken apart into its NDJSON form, and colours are taken off: both are read alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import grammar
from events import ANSWER
from recognise import CONSOLE_PREFIX, PASTED_PREFIX, TEXT_PREFIX, UI_PREFIX, UI_SUFFIX, recognise, split_context
from wrappers import NESTING, RFC3339, TEXT_MEMBERS, Wrappers, cri, docker, export

SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # the others stand for bytes that are no UTF-8
OBJECT = re.compile(r"[ \t,]*\{")
CONTAINER = re.compile(r"\[[^\]\s]+\] ")
Write = Callable[[str], str]


def dump(value: dict) -> str:
    """JSON as a writer has it. A lone surrogate is no character and has to stay an escape."""
    text = json.dumps(value, ensure_ascii=False)
    return SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def loaded(text: str) -> dict | None:
    try:
        value = json.loads(text) if text.startswith("{") else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


@dataclass
class Form:
    """How the lines of one record are written: what stands before its first one and behind its last one."""

    prefix: str = ""
    suffix: str = ""


@dataclass
class Entry:
    """A physical line: a message, or several in JSON, and all that stands around."""

    message: str
    begins: bool  # a record; else a later line of a text record
    ends: bool = True  # a record whose last line has a suffix
    form: Form = field(default_factory=Form)
    around: tuple[Write, ...] = ()  # what a collector or a pod's operator puts around each line, the outermost first
    event: Write | None = None  # JSON around the message

    def write(self, message: str | None = None, begins: bool | None = None, ends: bool | None = None) -> str:
        text = self.message if message is None else message
        if self.event is not None:
            return self.wrapped(self.event(text))
        before = self.form.prefix if (self.begins if begins is None else begins) else ""
        behind = self.form.suffix if (self.ends if ends is None else ends) else ""
        return "".join(self.wrapped(line) for line in f"{before}{text}{behind}".split("\n"))

    def wrapped(self, line: str) -> str:
        for around in reversed(self.around):
            line = around(line)
        return line + "\n"


class Reader:
    """Takes apart the lines of one log, one after the other."""

    def __init__(self):
        self.wrappers = Wrappers(None)
        self.unfinished: dict[str, Form] = {}  # the record of text in each container's stream

    def entry(self, text: str) -> Entry:
        around, container, text = self.unwrap(text)
        event = self.event(text)
        if event:
            self.unfinished.pop(container, None)
            return Entry(event[0], True, around=around, event=event[1])
        for pattern in (TEXT_PREFIX, PASTED_PREFIX, CONSOLE_PREFIX, UI_PREFIX):
            match = pattern.match(text)
            if match:
                form = self.unfinished[container] = Form(match.group())
                return self.line(text[match.end() :], form, pattern, begins=True, around=around)
        form = self.unfinished.get(container)
        if form is None:
            return Entry(text, True, around=around)
        console = CONSOLE_PREFIX.match(form.prefix)
        return self.line(text, form, CONSOLE_PREFIX if console else UI_PREFIX, begins=False, around=around)

    @staticmethod
    def line(text: str, form: Form, pattern: re.Pattern, begins: bool, around: tuple[Write, ...]) -> Entry:
        at = None
        if pattern is CONSOLE_PREFIX:
            split = split_context(text, logger_alone=begins)
            at = len(split[0]) if split else None
        elif pattern is UI_PREFIX and UI_PREFIX.match(form.prefix):
            found = UI_SUFFIX.search(text)
            at = found.start() if found else None
        if at is not None:
            form.suffix = text[at:]
        return Entry(text[:at], begins, at is not None, form, around)

    def unwrap(self, text: str) -> tuple[tuple[Write, ...], str, str]:
        """(what stands around the line, whose line it is, the line)."""
        around: list[Write] = []
        container = ""

        def before(prefix: str, name: str = "") -> None:
            nonlocal container
            around.append(lambda line: prefix + line)
            container += name

        while True:
            match = cri(text)
            value = None if match else docker(text)
            if match:
                before(text[: match.start(4)], match.group(2))
                text = match.group(4)
            elif value:
                around.append(into(loaded(text), "log", "\n" * value["log"].endswith("\n")))
                container += value["stream"]
                text = value["log"].removesuffix("\n")
            elif (match := TEXT_PREFIX.match(text)) and "pod_manager.py" in match.group(2):
                inner = CONTAINER.match(text, match.end())
                if not inner:
                    break
                before(text[: inner.end()], inner.group())
                text = text[inner.end() :]
            elif recognise(text):
                break
            elif (match := RFC3339.fullmatch(text)) and self.is_stamped(container, match.group(2)):
                before(text[: match.start(2)])
                text = match.group(2)
            elif named := self.wrappers.prefix(text, (container,)):
                before(text[: len(text) - len(named[1])], named[0])
                text = named[1]
            else:
                break
        return tuple(around), container, text

    def is_stamped(self, container: str, rest: str) -> bool:
        """Whether the lines of a container have a time before them: one of them showed it, or this one does."""
        if self.wrappers.stands(rest):
            self.wrappers.stamped.add(container)
        return container in self.wrappers.stamped

    @staticmethod
    def event(text: str) -> tuple[str, Write] | None:
        """(the message of a JSON line, the line around another message)."""
        value = loaded(text)
        if value is None:
            return None
        for member, beside in (("event", "timestamp"), ("message", "asctime")):
            if isinstance(value.get(member), str) and beside in value:
                return value[member], into(value, member)
        if not export(text):
            return None
        for nest in (None, *NESTING):
            place = value if nest is None else value.get(nest)
            member = next((m for m in TEXT_MEMBERS if isinstance(place, dict) and isinstance(place.get(m), str)), None)
            if member is not None and nest is None:
                return place[member], into(value, member)
            if member is not None:
                inner = into(place, member)
                return place[member], lambda message, nest=nest, inner=inner: dump({**value, nest: json.loads(inner(message))})
        return None


def into(value: dict, member: str, end: str = "") -> Write:
    """Writes a text into a member of an object."""
    return lambda text: dump({**value, member: text + end})


def physical_lines(data: bytes) -> list[str]:
    """The lines of a log; of an answer of the API its elements that are whole, each of which is one."""
    out: list[str] = []
    for line in data.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n"):
        text = grammar.ANSI.sub("", line.removesuffix("\r").removeprefix("\ufeff"))
        answer = ANSWER.match(text)
        if answer:
            out += [dump({"timestamp": None, **element}) for element in elements(text, answer.end())]
        else:
            out.append(text)
    return out


def elements(text: str, position: int) -> Iterator[dict]:
    """The objects of a list, as far as they are whole."""
    decoder = json.JSONDecoder()
    while match := OBJECT.match(text, position):
        try:
            element, position = decoder.raw_decode(text, match.end() - 1)
        except ValueError:
            return
        yield element


def entries_of(data: bytes) -> list[Entry]:
    reader = Reader()
    return [reader.entry(line) for line in physical_lines(data)]


def encode(lines: list[str]) -> bytes:
    return "".join(lines).encode("utf-8", "surrogateescape")
