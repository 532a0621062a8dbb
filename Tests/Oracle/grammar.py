"""1-correlation-data, Terms and Record: text, keys, and the pairs of one line.

Slow and obvious on purpose: every rule of the page is one short function, in the order of the page.
Text is `str` decoded with `surrogateescape`, so that bytes which are no UTF-8 stay visible until a value is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# ----------------------------------------------------------------------------- text
# CSI, OSC, and the short escapes of ECMA-48. "An escape sequence without its end is text."
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-Z\\^_`-~])")
BLANKS = " \t"
MAX_LINE_BYTES = 64 * 1024
QUOTES = "\"'`‘’“”«»"  # noqa: RUF001 - the page's own list


def strip_message_line(text: str) -> str:
    """A message line as the grammar sees it: ANSI, CR at its end, blanks at both ends removed."""
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
# The fields and their kinds, in the order of the table. What else the oracle and its generator know of fields comes from here.
FIELDS = {
    **dict.fromkeys(["crypto", "group", "timeframe", "strategy_id", "model_version"], "text"),
    "horizon": "horizon",
    "phase": "phase",
    "fold": "fold",
    **dict.fromkeys(["sl", "tp"], "multiple"),
    **dict.fromkeys(["n_folds", "n_trades", "n_candidates", "n_passed", "oom_kills", "pods_down"], "count"),
    **dict.fromkeys(["f1_buy", "baseline_f1_buy", "precision_buy", "recall_buy", "buy_rate", "action_rate"], "fraction"),
    **dict.fromkeys(["std_f1_buy", "screening_f1_buy", "last_fold_f1_buy", "theta"], "fraction"),
    "sortino": "decimal",
    **dict.fromkeys(["tp_pct", "sl_pct", "timeout_pct"], "exit share"),
    **dict.fromkeys(["success_rate", "pvc_pct", "cpu_pct"], "percent"),
    "complete": "boolean",
}
TEXT_FIELDS = [field for field, kind in FIELDS.items() if kind == "text"]
EXIT_SHARES = [field for field, kind in FIELDS.items() if kind == "exit share"]
PERCENT_FIELDS = [field for field, kind in FIELDS.items() if kind in ("exit share", "percent")]
NUMBER_FIELDS = {field for field, kind in FIELDS.items() if kind not in ("text", "horizon", "phase", "boolean")}
DROPPED = {"delta_f1"}
KNOWN = {*FIELDS, "gates", *DROPPED}


def normal(key: str) -> str:
    """Keys are matched without regard to case; `-` equals `_`; then the aliases."""
    lowered = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in key).replace("-", "_")
    return ALIASES.get(lowered, lowered)


def is_known(key: str) -> bool:
    return normal(key) in KNOWN


@dataclass
class Pair:
    key: str  # as logged
    text: str  # the value, unquoted
    raw: str  # the value as logged
    broken: bool = False  # began with a quote and is no quoted value
    empty: bool = False  # nothing at all after the `=`, which ended its line
    gates: list | None = None  # an object only: [(name, text)]
    line: int = 0  # which line of its body-line holds it (an object may have several)

    @property
    def normal(self) -> str:
        return normal(self.key)


# ----------------------------------------------------------------------------- pairs
KEY = r"[A-Za-z][A-Za-z0-9_.\-]*%?"
FIRST = re.compile(rf"({KEY})[ \t]*([=:])")
PAIR_START = re.compile(rf"({KEY})[ \t]*=")
# The page: "Separators separate only where a `key=` or the end of the line follows."
SEPARATOR = re.compile(rf"(?:[ \t]*[,;|][ \t]*|[ \t]+)(?={KEY}[ \t]*=)|[ \t]*[,;|]?[ \t]*\Z")
BULLET = re.compile(
    r"[-*•·–>→][ \t]+|[0-9]+[.)][ \t]+|\[(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL)\][ \t]+",  # noqa: RUF001 - the page's list
    re.IGNORECASE | re.ASCII,
)
TIGHT_BULLET = re.compile(r"[-*•·–>→]")  # noqa: RUF001 - the page's list
ORDINARY_LINE_KEYS = {"event", "level", "msg", "ts", "time"}


def without_bullet(text: str) -> str:
    """`bullet`: one a line; the blanks may be missing before a known key only (of a sign, as the grammar writes it)."""
    match = BULLET.match(text)
    if match:
        return text[match.end() :]
    if TIGHT_BULLET.match(text):
        first = FIRST.match(text, 1)
        if first and is_known(first.group(1)):
            return text[1:]
    return text


def first_key(text: str) -> str | None:
    """The known key that a line begins with, behind a bullet, with `=` or `:`."""
    first = FIRST.match(without_bullet(text))
    return first.group(1) if first and is_known(first.group(1)) else None


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
            if close is None:  # "A quote that does not close takes the rest of the line."
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
    return Pair(key, value, value, empty=not value)


def is_event_marker(pair: Pair) -> bool:
    return pair.normal == "event" and pair.text == "correlation_data"


EVENT_MARKER = re.compile(r'event[ \t]*=[ \t]*("?)correlation_data\1(?=[ \t,;|]|\Z)[ \t,;|]*', re.IGNORECASE)


def parse_equals(text: str) -> list[Pair] | None:
    """`pairs` as a body-line or a header may have them, the ignored marker taken out."""
    first = PAIR_START.match(text)
    if not first:
        return None
    marker = EVENT_MARKER.match(text)
    if marker:
        # "event=correlation_data is ignored": the rest of the line stands for itself.
        rest = text[marker.end() :]
        return parse_equals(rest) if rest else []
    if normal(first.group(1)) in ORDINARY_LINE_KEYS:
        return None
    pairs = parse_pairs(text, wholly=not is_known(first.group(1)))
    return None if pairs is None else [p for p in pairs if not is_event_marker(p)]


def parse_line_pairs(text: str) -> list[Pair] | None:
    """`[ bullet ] , ( pairs | colon-pair )`, or None."""
    text = without_bullet(text)
    first = FIRST.match(text)
    if not first:
        return None
    key, operator = first.groups()
    if operator == "=":
        return parse_equals(text)
    value = text[first.end() :]
    if is_known(key):
        return [parse_colon(key, value.strip(BLANKS))]
    if value[:1] not in (" ", "\t"):
        return None
    pair = parse_colon(key, value.strip(BLANKS))
    return None if any(b in pair.text for b in BLANKS) or pair.broken or not pair.raw else [pair]
