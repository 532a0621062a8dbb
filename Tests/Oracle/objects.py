"""1-correlation-data, Objects: RFC 8259 with Python's additions, or what Python prints of a dict, over one line or several."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from grammar import BLANKS, Pair, is_event_marker, normal

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
WORDS = re.compile(r"true|false|null|NaN|-?Infinity|True|False|None|nan|-?inf")
# The page: "np.float64(0.55), np.float32(…), np.float16(…), np.int64(…) and the other integer widths, Decimal('0.55')"
REPR = re.compile(r"np\.(?:float(?:16|32|64)|u?int(?:8|16|32|64))\([^()\s]*\)|Decimal\('[^'()\s]*'\)", re.ASCII)
SPACE = " \t\r\n"
MAX_DEPTH = 64
JSON_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
PYTHON_ESCAPES = {"'": "'", '"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}


class More(Exception):
    """The text ends within the value, where a further line could go on."""


class Dead(Exception):
    """No further line can make a value of it."""


class Literal(str):
    """A number or a word, as it was written."""

    __slots__ = ()


class Members(list):
    """An object as its (key, value, line) triples, in order, duplicates kept."""


@dataclass
class Object:
    pairs: list[Pair]
    several: bool = False  # an array with more than one object: `malformed_pair`, feeds nothing


class Reader:
    def __init__(self, text: str):
        self.text, self.position, self.depth = text, 0, 0

    def space(self) -> None:
        while self.position < len(self.text) and self.text[self.position] in SPACE:
            self.position += 1
        if self.position == len(self.text):
            raise More

    def value(self):
        self.space()
        character = self.text[self.position]
        if character == "{":
            return self.nested(self.members)
        if character == "[":
            return self.nested(self.elements)
        if character in "\"'":
            return self.string()
        for form in (REPR, NUMBER, WORDS):
            match = form.match(self.text, self.position)
            if match and not re.match(r"[\w.(]", self.text[match.end() :]):
                self.position = match.end()
                return Literal(match.group())
        raise Dead

    def nested(self, read):
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Dead
        self.position += 1
        found = read()
        self.depth -= 1
        return found

    def members(self) -> Members:
        out = Members()
        self.space()
        if self.text[self.position] == "}":
            self.position += 1
            return out
        while True:
            self.space()
            if self.text[self.position] not in "\"'":
                raise Dead
            line = self.text.count("\n", 0, self.position)
            key = self.string()
            self.take(":")
            out.append((key, self.value(), line))
            if self.take(",}") == "}":
                return out

    def elements(self) -> list:
        out: list = []
        self.space()
        if self.text[self.position] == "]":
            self.position += 1
            return out
        while True:
            out.append(self.value())
            if self.take(",]") == "]":
                return out

    def take(self, allowed: str) -> str:
        self.space()
        character = self.text[self.position]
        if character not in allowed:
            raise Dead
        self.position += 1
        return character

    def string(self) -> str:
        """A JSON string, or what `repr()` writes; no control character, so no string goes over a line's end."""
        quote, out = self.text[self.position], []
        self.position += 1
        while self.position < len(self.text):
            character = self.text[self.position]
            self.position += 1
            if character == quote:
                return "".join(out)
            if character < " ":
                raise Dead
            out.append(self.escape() if character == "\\" else character)
        raise Dead

    def escape(self) -> str:
        match = re.compile(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|U([0-9A-Fa-f]{8})").match(self.text, self.position)
        if match:
            self.position = match.end()
            code = int(next(g for g in match.groups() if g), 16)
            low = re.compile(r"\\u([dD][c-fC-F][0-9A-Fa-f]{2})").match(self.text, self.position)
            if 0xD800 <= code < 0xDC00 and low:
                self.position = low.end()
                return chr(0x10000 + ((code - 0xD800) << 10) + int(low.group(1), 16) - 0xDC00)
            if code > 0x10FFFF:
                raise Dead
            return chr(code)
        character = self.text[self.position : self.position + 1]
        for escapes in (JSON_ESCAPES, PYTHON_ESCAPES):
            if character in escapes:
                self.position += 1
                return escapes[character]
        raise Dead


def read_value(text: str):
    """The one value that `text` is; raises More or Dead."""
    reader = Reader(text)
    value = reader.value()
    if text[reader.position :].strip(SPACE):
        raise Dead
    return value


WRITTEN = {None: "null", True: "true", False: "false"}


def written(value) -> str:
    """A scalar as the log writes it."""
    return WRITTEN[value] if value is None or isinstance(value, bool) else str(value)


def scalar_pair(key: str, value, line: int) -> Pair:
    return Pair(key, written(value), written(value), line=line)


def pairs_of(members: Members, sections: bool = True) -> list[Pair] | None:
    """None where a value is neither scalar, object of scalars nor `gates` as an object at the top."""
    pairs: list[Pair] = []
    for key, value, line in members:
        if isinstance(value, Members):
            if not sections or any(isinstance(v, list) for _, v, _ in value):
                return None
            if normal(key) == "gates":
                gates = [(name, written(v)) for name, v, _ in value]
                text = ",".join(f"{name}:{v}" for name, v in gates)
                pairs.append(Pair(key, text, text, gates=gates, line=line))
            else:
                pairs += pairs_of(value, sections=False)
        elif isinstance(value, list):
            return None
        else:
            pairs.append(scalar_pair(key, value, line))
    return pairs


def object_of(value) -> Object | None:
    """What a complete value means as a body-line."""
    if isinstance(value, Members):
        pairs = pairs_of(value)
        return None if pairs is None else Object([p for p in pairs if not is_event_marker(p)])
    if isinstance(value, list) and value and all(isinstance(v, Members) for v in value):
        found = [object_of(v) for v in value]
        if all(found):
            return found[0] if len(found) == 1 else Object([], several=True)
    return None


def read_object(lines: list[str]) -> Object | None:
    """What the lines are together; None where that is no object."""
    try:
        return object_of(read_value("\n".join(lines)))
    except (More, Dead):
        return None


# ----------------------------------------------------------------------------- the shape of an object that is not whole
SYMBOL = re.compile(
    r"""[ \t]*(?:(?P<sign>[{}\[\]:,])|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"|(?P<word>[A-Za-z0-9_.+\-]+(?:\([^)]*\))?))",
    re.ASCII,
)


def shape(lines: list[str]) -> str:
    """ "Its brackets, quotes, commas and colons tell how far it goes; whether its words are values is seen when it closes":
    `open`, `closed` or `none`."""
    stack, expected = [], "value"
    for line in lines:
        position, end = 0, len(line.rstrip(BLANKS))
        while position < end:
            match = SYMBOL.match(line, position)
            if not match or expected == "end":
                return "none"
            position = match.end()
            expected = after(match, stack, expected)
            if expected is None:
                return "none"
    return "closed" if expected == "end" else "open"


def after(match: re.Match, stack: list[str], expected: str) -> str | None:
    """What may come behind a sign, a string or a word; None where it may not come."""
    sign = match.group("sign")
    if sign in ("{", "["):
        stack.append(sign)
        return ("key" if sign == "{" else "value") if expected == "value" and len(stack) <= MAX_DEPTH else None
    if sign in ("}", "]"):
        empty = "key" if sign == "}" else "value"
        if not stack or stack.pop() != {"}": "{", "]": "["}[sign] or expected not in ("separator", empty):
            return None
        return "separator" if stack else "end"
    if sign == ":":
        return "value" if expected == "colon" else None
    if sign == ",":
        return ("key" if stack[-1] == "{" else "value") if expected == "separator" else None
    if expected == "key":
        return "colon" if match.group("string") else None
    return "separator" if expected == "value" and stack else None


def may_begin(text: str) -> bool:
    """An object, or an array of objects."""
    return text[:1] == "{" or (text[:1] == "[" and text[1:].lstrip(BLANKS)[:1] in ("", "{"))


# ----------------------------------------------------------------------------- JSON lines of the envelopes
def parse_json(text: str) -> Members | None:
    """A JSON object as (key, value, line) triples, strictly RFC 8259; None otherwise."""

    def no_constant(name: str):
        raise ValueError(name)

    try:
        value = json.loads(
            text,
            object_pairs_hook=lambda pairs: Members((k, v, 0) for k, v in pairs),
            parse_float=Literal,
            parse_int=Literal,
            parse_constant=no_constant,
        )
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Members) else None
