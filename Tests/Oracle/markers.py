"""1-correlation-data, Grammar: header, end, near-miss, section, and what one message line is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import grammar
from grammar import BLANKS, QUOTES, Pair

HEADER = re.compile(r"=== CORRELATION DATA(?: v([0-9]+))? ===(?: (.+))?", re.DOTALL)
END = "=== END CORRELATION DATA ==="
MARK = re.compile(rf"=== CORRELATION DATA|{END}")
NEAR_MISS = re.compile(r"=+[ \t]*CORRELATION DATA", re.IGNORECASE)
WORDS = "begin|start|end|v|info"
NEAR_WORDS = re.compile(rf"(?:{WORDS})*correlationdata(?:{WORDS})*")
DASHES = re.compile(r"-{2,}(.*?)-{2,}", re.DOTALL)
BRACKETS = re.compile(r"\[(.+)\]", re.DOTALL)
TITLE = re.compile(rf"{grammar.KEY}[ \t]*:")
BARE_TOKEN = re.compile(r"""[^\s,;|=:"'`()\[\]{}]+""")


@dataclass
class Header:
    version: int
    pairs: list[Pair]
    text: str


@dataclass
class Body:
    """A body-line. `pairs` is empty for a section, `{}`, a lone `event=correlation_data`, and an array of objects."""

    pairs: list[Pair]
    section: bool = False
    several: bool = False
    tail: bool = False  # the line ends with its last value, which may have been cut there
    gates_go_on: bool = False  # it ends with `gates` and a separator: more gates may follow
    cut_key: bool = False  # the first key is what a cut left of it and of the line before


def parse_header(text: str) -> Header | None:
    match = HEADER.fullmatch(text)
    if not match:
        return None
    pairs: list[Pair] = []
    if match.group(2):
        if mark(match.group(2)):  # "… is a near-miss header and no header"
            return None
        # "The pairs of a header follow the rules of a body-line."
        found = grammar.parse_equals(match.group(2))
        if found is None:
            return None
        pairs = found
    return Header(int(match.group(1) or 1), pairs, text)


def is_end(text: str) -> bool:
    return text == END


def mark(text: str) -> re.Match | None:
    """The text of a header's beginning or of an end marker."""
    return MARK.search(text)


def glued(text: str) -> re.Match | None:
    """1-correlation-data, Near-miss headers: such a text on a line that is no header and no end marker."""
    return None if is_end(text) or parse_header(text) else mark(text)


def end_and_header(text: str) -> list[str]:
    """ "A line that is wholly an end marker and, directly behind it or behind blanks, a header is these two message lines." """
    header = text.removeprefix(END).lstrip(BLANKS)
    return [END, header] if text.startswith(END) and parse_header(header) else [text]


def is_rule(text: str) -> bool:
    """A line of `=`: banner before the first body-line, end marker after it."""
    return bool(re.fullmatch(r"={3,}", text))


def is_near_miss(text: str) -> bool:
    """1-correlation-data, Near-miss headers."""
    if is_end(text) or parse_header(text):
        return False
    letters = "".join(c.lower() for c in text if c.isalpha()) if len(text) < 10_000 else ""
    return bool(NEAR_MISS.match(text) or NEAR_WORDS.fullmatch(letters))


def grouping(text: str) -> str | None:
    """What stands in brackets or between dashes."""
    match = DASHES.fullmatch(text) if text.startswith("--") else BRACKETS.fullmatch(text)
    return match.group(1) if match else None


def is_section(text: str) -> bool:
    """`section`: its text is not empty, holds no quote, "=", "{" or ",", and does not begin with a known key and ":"."""
    if re.fullmatch(r"-{2,}", text):
        return True
    inner = grouping(text)
    if not inner or any(c in inner for c in QUOTES + "={,"):
        return False
    first = grammar.FIRST.match(inner.strip(BLANKS))
    return not (first and first.group(2) == ":" and grammar.is_known(first.group(1)))


def parse_line(text: str) -> Body | None:
    """The body-line that a stripped message line is (objects apart), or None."""
    if is_section(text):
        return Body([], section=True)
    pairs = grammar.parse_line_pairs(text)
    if pairs is not None:
        return ending(pairs, text)
    inner = grouping(text)
    if inner:
        # "… is read without the brackets or dashes if pairs remain"
        pairs = grammar.parse_line_pairs(inner.strip(BLANKS))
        if pairs:
            return Body(pairs)
    return None


def ending(pairs: list[Pair], text: str) -> Body:
    if not pairs:
        return Body(pairs)
    return Body(pairs, tail=text.endswith(pairs[-1].raw), gates_go_on=pairs[-1].normal == "gates" and text[-1] in ",;|")


def is_title(text: str) -> bool:
    """A key with `:` and nothing more."""
    return bool(TITLE.fullmatch(grammar.without_bullet(text)))


@dataclass
class Token:
    """1-correlation-data, Cut values: a bare token, alone or followed by a separator and `key=`."""

    text: str
    more: bool = False  # followed
    pairs: list[Pair] = field(default_factory=list)  # behind it, if they would be a body-line


def bare_token(text: str) -> Token | None:
    if grammar.byte_length(text) > grammar.MAX_LINE_BYTES:
        # "Of a line over 64 KiB the first 4 KiB decide", and pairs behind are not read.
        head = grammar.to_bytes(text)[:4096].decode("utf-8", "ignore")
        return Token(head) if BARE_TOKEN.fullmatch(head) else None
    match = BARE_TOKEN.match(text)
    if not match:
        return None
    rest = text[match.end() :]
    if not rest:
        return Token(match.group())
    separator = grammar.SEPARATOR.match(rest)
    if not separator or not separator.end():
        return None
    behind = rest[separator.end() :]
    return Token(match.group(), bool(behind), grammar.parse_equals(behind) or [])


def begins_with_separator(text: str) -> bool:
    return text[:1] in (",", ";", "|")


def begins_with_gate(text: str) -> bool:
    """ "a line that begins with a gate's name and `:`" (a name holds no blank, colon or `=`)"""
    return text[:1] not in ("{", "[") and bool(re.match(r"[^ \t:=]+[ \t]*:", text))


# ----------------------------------------------------------------------------- keys that may be cut
LAST_TOKEN = re.compile(BARE_TOKEN.pattern + r"\Z")


def is_bare_token(text: str) -> bool:
    return bool(BARE_TOKEN.fullmatch(grammar.without_bullet(text)))


def cut_key(before: str) -> str | None:
    """The bare token that holds a letter, ends in `_`, `-` or `.`, and is all of a line or stands behind a pair."""
    if is_bare_token(before):
        token = grammar.without_bullet(before)
    else:
        match = LAST_TOKEN.search(before)
        if not match or not is_behind_pair(before[: match.start()]):
            return None
        token = match.group()
    return token if token[-1] in "_-." and re.search("[A-Za-z]", token) else None


def is_behind_pair(text: str) -> bool:
    if text[-1:] not in (" ", "\t", ",", ";", "|") or text.rstrip(BLANKS)[-1:] in ("=", ":"):
        return False
    return bool(grammar.PAIR_START.search(text)) or grammar.first_key(text) is not None


def begins_with_cut_key(text: str) -> bool:
    """ "A line that begins with a known key (behind a bullet it does not)"."""
    first = grammar.FIRST.match(text)
    return bool(first) and grammar.is_known(first.group(1))


def spelled_together(token: str, text: str) -> str | None:
    """The key that a token and the beginning of the next line spell."""
    first = grammar.FIRST.match(grammar.without_bullet(token + text))
    return first.group(1) if first else None


# ----------------------------------------------------------------------------- numbers that may be cut
NUMBER_BEGIN = re.compile(r"[+-]?(?:\.?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]*)?%?)", re.ASCII)


def spells_number(text: str) -> bool:
    """Whether `text` is a number or percentage, or begins one."""
    return bool(text) and bool(NUMBER_BEGIN.fullmatch(text))


# ----------------------------------------------------------------------------- lines that are read in another way
GROUP = re.compile(r"::(?:end)?group::")


def stands_out(text: str, key: bool = True) -> bool:
    """What a line has to be to count where it follows a lone CR, or to make a prefix known: a header, an end marker or, with
    `key`, a line that begins with a known key."""
    text = grammar.strip_message_line(text)
    marks = parse_header(text) or is_end(text) or len(end_and_header(text)) == 2
    return bool(marks) or (key and grammar.first_key(text) is not None)


def redrawn(text: str) -> tuple[str, bool]:
    """2-log-envelopes, Group markers and redrawn lines: (the line as it is read, whether a group marker was taken off)."""
    text = grammar.ANSI.sub("", text).removesuffix("\r")
    grouped = False
    behind = text.rpartition("\r")[2]
    if "\r" in text and stands_out(behind):
        text = behind
    stripped = text.strip(BLANKS)
    marker = GROUP.match(stripped)
    if marker:
        stripped, grouped = stripped[marker.end() :].strip(BLANKS), True
    return stripped, grouped
