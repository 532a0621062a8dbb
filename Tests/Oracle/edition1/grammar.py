"""1-correlation-data, Grammar: what one message line is, apart from any block.

Slow and obvious on purpose: every rule of the page is one short function, in the order of the page.
Text is `str` decoded with `surrogateescape`, so that bytes which are no UTF-8 stay visible until a value is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .json_value import Members, parse_json

# ----------------------------------------------------------------------------- text
# 2-log-envelopes, How prefixes and lines are read: "ANSI sequences are removed before recognition": CSI, OSC, and the
# short escapes of ECMA-48.
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-Z\\^_`-~])")
BLANKS = " \t"


def strip_message_line(text: str) -> str:
    """A message line as the grammar sees it: CR at its end, ANSI, blanks at both ends removed."""
    text = ANSI.sub("", text)
    text = text.removesuffix("\r")
    return text.strip(BLANKS)


def byte_length(text: str) -> int:
    return len(to_bytes(text))


def to_bytes(text: str) -> bytes:
    """The bytes of a text; a lone surrogate of a JSON escape counts as a byte that is no UTF-8."""
    out = bytearray()
    for character in text:
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            out.append(code - 0xDC00)
        elif 0xD800 <= code <= 0xDFFF:
            out.append(0xFF)
        else:
            out += character.encode("utf-8")
    return bytes(out)


def clean(text: str) -> tuple[str, bool]:
    """(text with U+FFFD for what is no UTF-8, whether anything was replaced)."""
    if not any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        return text, False
    return to_bytes(text).decode("utf-8", "replace"), True


# ----------------------------------------------------------------------------- keys
ALIASES = {
    "symbol": "crypto",
    "pair": "crypto",
    "sortino_ratio": "sortino",
    "tp%": "tp_pct",
    "sl%": "sl_pct",
    "timeout%": "timeout_pct",
}
TEXT_FIELDS = ["crypto", "group", "timeframe", "strategy_id", "model_version"]
SMALL_INTEGERS = ["n_folds", "n_trades", "n_candidates", "n_passed", "oom_kills", "pods_down"]
UNIT_FIELDS = [
    "f1_buy",
    "baseline_f1_buy",
    "precision_buy",
    "recall_buy",
    "buy_rate",
    "action_rate",
    "std_f1_buy",
    "screening_f1_buy",
    "last_fold_f1_buy",
    "theta",
]
EXIT_SHARES = ["tp_pct", "sl_pct", "timeout_pct"]
PERCENT_FIELDS = [*EXIT_SHARES, "success_rate", "pvc_pct", "cpu_pct"]
FIELDS = [
    *TEXT_FIELDS,
    "horizon",
    "phase",
    "fold",
    "sl",
    "tp",
    *SMALL_INTEGERS,
    *UNIT_FIELDS,
    "sortino",
    *PERCENT_FIELDS,
    "complete",
]
DROPPED = {"delta_f1"}
KNOWN = {*FIELDS, "gates", *DROPPED}


def normal(key: str) -> str:
    """Keys are matched without regard to case; `-` equals `_`; then the aliases."""
    lowered = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in key).replace("-", "_")
    return ALIASES.get(lowered, lowered)


def is_known(key: str) -> bool:
    return normal(key) in KNOWN


KEY = r"[A-Za-z][A-Za-z0-9_.\-]*%?"
FIRST = re.compile(rf"({KEY})[ \t]*([=:])")
PAIR_START = re.compile(rf"({KEY})[ \t]*=")
# The page: "Separators separate only where a `key=` or the end of the line follows."
SEPARATOR = re.compile(rf"(?:[ \t]*[,;|][ \t]*|[ \t]+)(?={KEY}[ \t]*=)|[ \t]*[,;|]?[ \t]*\Z")
BULLET = re.compile(r"[-*•][ \t]+")
ORDINARY_LINE_KEYS = {"event", "level", "msg", "ts", "time"}


@dataclass
class Pair:
    key: str  # as logged
    text: str  # the value, unquoted
    raw: str  # the value as logged
    broken: bool = False  # began with a quote and is no quoted value
    empty: bool = False  # nothing at all after the `=`, which ended its line
    gates: list | None = None  # JSON only: [(name, text)]

    @property
    def normal(self) -> str:
        return normal(self.key)


@dataclass
class Body:
    """A body-line. `pairs` is empty for a section, `{}` and a lone `event=correlation_data`."""

    pairs: list[Pair]


def quoted_end(text: str, start: int) -> int | None:
    """Position after the quote that closes the one at `start`, or None."""
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == '"':
            return position + 1
        else:
            position += 1
    return None


def unquote(raw: str) -> str:
    r"""`"…"` with \" \\ \n \t; any other backslash stays as it is."""
    out, position, inner = [], 0, raw[1:-1]
    escapes = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
    while position < len(inner):
        if inner[position] == "\\" and position + 1 < len(inner) and inner[position + 1] in escapes:
            out.append(escapes[inner[position + 1]])
            position += 2
        else:
            out.append(inner[position])
            position += 1
    return "".join(out)


def parse_pairs(text: str, wholly: bool) -> list[Pair] | None:
    """`pairs`. With `wholly`, None unless nothing but pairs is there; else loose text belongs to the value before it."""
    pairs: list[Pair] = []
    position = 0
    while position < len(text):
        match = PAIR_START.match(text, position)
        if not match:
            return None
        key, start = match.group(1), match.end()
        separator = SEPARATOR.match(text, start)
        if separator:
            pairs.append(Pair(key, "", "", empty=separator.end() == len(text)))
            position = separator.end()
            continue
        while text[start] in BLANKS:
            start += 1
        search_from, broken, quoted = start, False, False
        if text[start] == '"':
            close = quoted_end(text, start)
            if close is None:  # never read numbers out of an open quote
                broken, search_from = True, len(text)
            elif SEPARATOR.match(text, close):
                quoted, search_from = True, close
            else:
                broken, search_from = True, close
        end = search_from
        while not (separator := SEPARATOR.match(text, end)):
            end += 1
        raw = text[start:end]
        if wholly and (broken or (not quoted and any(b in raw for b in BLANKS))):
            return None
        pairs.append(Pair(key, unquote(raw) if quoted else raw, raw, broken=broken))
        position = separator.end()
    return pairs or None


def parse_colon(key: str, value: str) -> Pair:
    """A colon-pair: its value goes to the end of the line, quoted or not."""
    if value.startswith('"'):
        if quoted_end(value, 0) == len(value):
            return Pair(key, unquote(value), value)
        return Pair(key, value, value, broken=True)
    return Pair(key, value, value)


def is_event_marker(pair: Pair) -> bool:
    return pair.normal == "event" and pair.text == "correlation_data"


def parse_line(text: str) -> Body | None:
    """The body-line a stripped message line is (JSON apart), or None."""
    if is_section(text):
        return Body([])
    bullet = BULLET.match(text)
    if bullet:
        text = text[bullet.end() :]
    first = FIRST.match(text)
    if not first:
        return None
    key, operator = first.groups()
    if operator == ":":
        value = text[first.end() :]
        if is_known(key):
            return Body([parse_colon(key, value.strip(BLANKS))])
        if value[:1] not in (" ", "\t"):
            return None
        pair = parse_colon(key, value.strip(BLANKS))
        return None if any(b in pair.text for b in BLANKS) or pair.broken else Body([pair])
    if normal(key) in ORDINARY_LINE_KEYS:
        pairs = parse_pairs(text, wholly=False)
        if not (pairs and is_event_marker(pairs[0])):
            return None
        # "event=correlation_data is ignored": the rest of the line stands for itself.
        value_end = text.index("correlation_data", first.end()) + len("correlation_data")
        rest = text[value_end:].lstrip('"').lstrip(" \t,;|")
        if not rest:
            return Body([])
        pairs = parse_pairs(rest, wholly=not is_known(PAIR_START.match(rest).group(1)))
    else:
        pairs = parse_pairs(text, wholly=not is_known(key))
    if pairs is None:
        return None
    return Body([p for p in pairs if not is_event_marker(p)])


def first_key(text: str) -> str | None:
    """The known key a message line begins with (for lines too long to be read)."""
    bullet = BULLET.match(text)
    first = FIRST.match(text, bullet.end() if bullet else 0)
    return first.group(1) if first and is_known(first.group(1)) else None


def is_section(text: str) -> bool:
    return bool(re.fullmatch(r"-{2,}|-{2,}.*?[^-].*?-{2,}|\[.+\]", text, re.DOTALL))


def scalar_pair(key: str, value) -> Pair:
    if value is None:
        return Pair(key, "null", "null")
    if value is True or value is False:
        return Pair(key, "true" if value else "false", "true" if value else "false")
    return Pair(key, str(value), str(value))


def object_pairs(members: Members, sections: bool = True) -> list[Pair] | None:
    """Pairs of a json-object; None where a value is neither scalar, section of scalars nor `gates` as an object."""
    pairs: list[Pair] = []
    for key, value in members:
        if isinstance(value, Members):
            scalars = all(not isinstance(v, list) for _, v in value)
            if not (sections and scalars):
                return None
            if normal(key) == "gates":
                gates = [(name, scalar_pair(name, v).text) for name, v in value]
                text = ",".join(f"{name}:{v}" for name, v in gates)
                pairs.append(Pair(key, text, text, gates=gates))
            else:
                pairs += object_pairs(value, sections=False)
        elif isinstance(value, list):
            return None
        else:
            pairs.append(scalar_pair(key, value))
    return pairs


def parse_json_object(text: str) -> Body | None:
    if not text.startswith("{"):
        return None
    try:
        value = parse_json(text)
    except ValueError:
        return None
    if not isinstance(value, Members):
        return None
    pairs = object_pairs(value)
    return None if pairs is None else Body([p for p in pairs if not is_event_marker(p)])


# ----------------------------------------------------------------------------- header and end
HEADER = re.compile(r"=== CORRELATION DATA(?: v([0-9]+))? ===(?: (.+))?", re.DOTALL)
END = "=== END CORRELATION DATA ==="
NEAR_MISS = re.compile(r"=+[ \t]*CORRELATION DATA", re.IGNORECASE)


@dataclass
class Header:
    version: int
    pairs: list[Pair]
    text: str


def parse_header(text: str) -> Header | None:
    match = HEADER.fullmatch(text)
    if not match:
        return None
    pairs: list[Pair] = []
    if match.group(2):
        start = PAIR_START.match(match.group(2))
        found = start and parse_pairs(match.group(2), wholly=not is_known(start.group(1)))
        if not found:
            return None
        pairs = [p for p in found if not is_event_marker(p)]
    return Header(int(match.group(1) or 1), pairs, text)


def is_rule(text: str) -> bool:
    """A line of `=`: banner before the first body-line, end marker after it."""
    return bool(re.fullmatch(r"={3,}", text))
