"""Prints CORRELATION DATA blocks in the strict form that corrparse reads (ADR-30, version 1).

    from corrparse_block import print_correlation_data

    print_correlation_data({"crypto": "SOLUSDC", "f1_buy": 0.5512, "sl_pct": "58.1%", "gates": {"f1": True, "sortino": False}})

A block is written at once, so that no other writer gets between its lines. Values may be Python's own, Decimal, enums, scalars of
numpy and pandas. None, NaN, NA and NaT are no values: their keys are left out. What corrparse would not take is left out too, and
one warning of the logger `corrparse_block` says which and why. With `strict=True`, or CORRPARSE_BLOCK_STRICT=1 in the
environment, it is a BlockError instead. Nothing else is raised, whatever the values are. A key that is nearly known is printed as
your own, with the same warning or error, for corrparse judges nothing by it.
"""

from __future__ import annotations

import enum
import logging
import os
import re
import struct
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any, Iterator

__version__ = "1.0.0"

HEADER = "=== CORRELATION DATA ==="
END = "=== END CORRELATION DATA ==="

_KINDS = {
    "name": "crypto group timeframe strategy_id model_version",
    "horizon": "horizon",
    "phase": "phase",
    "fold": "fold",
    "multiple": "sl tp",
    "count": "n_folds n_trades n_candidates n_passed oom_kills pods_down",
    "fraction": "f1_buy baseline_f1_buy precision_buy recall_buy buy_rate action_rate "
    "std_f1_buy screening_f1_buy last_fold_f1_buy theta",
    "decimal": "sortino",
    "exit": "tp_pct sl_pct timeout_pct",
    "percent": "success_rate pvc_pct cpu_pct",
    "gates": "gates",
    "boolean": "complete",
}
#: The keys that corrparse knows, with the kind of their values. Any other key is an extra, kept as text.
KEYS = {key: kind for kind, keys in _KINDS.items() for key in keys.split()}
_ALIASES = {"symbol": "crypto", "pair": "crypto", "sortino_ratio": "sortino"}
_ALIASES.update({"tp%": "tp_pct", "sl%": "sl_pct", "timeout%": "timeout_pct"})
#: Keys of your own that are nearly known ones: nothing is said of them. Add to it; of corrparse lint this is --allow-key.
OWN_KEYS: set[str] = set()
# Words that people print for those of the known keys.
_OTHER_WORDS = dict.fromkeys("percent percentage perc share".split(), "pct")
_OTHER_WORDS.update(dict.fromkeys("num nb count".split(), "n"), stoploss="sl", takeprofit="tp")
_OTHER_WORDS.update(dict.fromkeys("ticker coin asset instrument".split(), "crypto"))
_EXITS = _KINDS["exit"].split()
# A usable value of one of these makes a block a tested strategy's; without any it may be the summary of a run.
_STRATEGY = [key for key in _KINDS["fraction"].split() if key != "theta"] + ["sortino", *_EXITS, "n_trades"]
# A line that begins with one of these is an ordinary log line to corrparse, and ends the block.
_FOREIGN = set("event level msg ts time".split())
# What belongs to the logger in a structured event. The last three are instructions to it.
_CONTEXT = set("ti_id dag_id task_id run_id map_index try_number logger filename lineno timestamp chan loc".split())
_CONTEXT.update("exc_info stack_info stacklevel".split())
_PASS, _FAIL = {"pass", "ok", "true", "1", "✓"}, {"fail", "ko", "false", "0", "✗"}
_NO_VALUE = {"", "none", "null", "nan", "n/a", "-"}
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?\Z")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")
# Needs no quotes: nothing in it separates, ends a line, begins a quote or may be the rest of a key.
_BARE = re.compile(r"[A-Za-z0-9_.:/@+%,-]*[A-Za-z0-9:/@+%]\Z")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})
# Controls without an escape in the grammar, other ends of lines, and halves of characters. Terminals and collectors act on them.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# The keys whose values are words: what they have to be, and what is said where they are not.
_WORDS = {
    "name": ("[^\\s=,;|\"'`\u2018\u2019\u201c\u201d\xab\xbb]{1,128}", "has a blank, a quote, one of =,;| or over 128 letters"),
    "horizon": ("H[1-9][0-9]?", "is not H1 ... H99"),
    "phase": ("screening|testing|wfrb", "is not screening, testing or wfrb"),
    "boolean": ("(?i:true|false|yes|no|1|0)", "is neither true nor false"),
}
_NARROW = {"float16": "e", "float32": "f"}  # how struct packs them
_EITHER = "may be a fraction or percent points; write '{}' for a fraction, '{}' for percent points"
_MOST_LINES, _MOST_BYTES = 256, 64 << 10


class BlockError(ValueError):
    """What corrparse would not take, all of it in one sentence. Raised in strict mode only."""


class _Refused(Exception):
    """Why a value cannot be printed."""


def correlation_data(values: Any, *, strict: bool | None = None) -> str:
    """The block as text, from header to end marker, without a last newline; empty where nothing is left to print.

    `values` is a dict, or has `items()` as a row of pandas has. Dicts in it group keys, one level deep; `gates` is one of names
    and results, a bool, or text. Percent points are numbers over 1, or texts with a percent sign.
    Write a newline behind the text, as print() does: a last line without one may be cut, and is not read.
    """
    texts = _read(values, strict)
    return "\n".join([HEADER, *(f"{key}={_written(text)}" for key, text in texts.items()), END]) if texts else ""


def print_correlation_data(values: Any, *, file: Any = None, strict: bool | None = None) -> None:
    """Prints the block to `file`, by default the standard output, with one write that begins on a new line."""
    block = correlation_data(values, strict=strict)
    stream = sys.stdout if file is None else file
    try:
        stream.write(f"\n{block}\n" if block else "")  # the first newline ends a line that another print has begun
        stream.flush()
    except Exception as error:  # noqa: BLE001 (a closed pipe or a full disk does not end a training run)
        _tell([f"the block could not be printed: {type(error).__name__}: {error!s:.200}"], strict)


def log_correlation_data(values: Any, *, logger: Any = None, strict: bool | None = None) -> None:
    """Logs the block with one call of `logger.info`. The logger is one of logging or structlog, by default the root logger."""
    block = correlation_data(values, strict=strict)
    logger = logging.getLogger() if logger is None else logger
    if isinstance(logger, logging.Logger) and not logger.isEnabledFor(logging.INFO):
        _tell([f"the block is not logged: the level of the logger {logger.name!r} is above INFO"], strict)
    elif block:
        # The record names the caller's line. For structlog the argument would be a key of the event.
        logger.info(block, **({"stacklevel": 2} if isinstance(logger, (logging.Logger, logging.LoggerAdapter)) else {}))


def correlation_data_json(values: Any, *, strict: bool | None = None) -> dict[str, str]:
    """The pairs as texts, for a structured event of Airflow 3: `log.info(HEADER, **correlation_data_json(values))`.

    Keys that the logger itself uses are left out. Empty where no known key has a value: then there must be no event.
    """
    return _read(values, strict, structured=True)


def _tell(problems: list[str], strict: bool | None) -> None:
    if os.environ.get("CORRPARSE_BLOCK_STRICT") == "1" if strict is None else strict:
        raise BlockError("; ".join(problems))
    logging.getLogger("corrparse_block").warning("%s", "; ".join(problems))


def _written(text: str) -> str:
    return text if _BARE.match(text) else f'"{text.translate(_ESCAPES)}"'


def _read(values: Any, strict: bool | None, *, structured: bool = False) -> dict[str, str]:
    """The texts of what can be printed, in the order given. Tells what cannot."""
    found: dict[str, str | None] = {}
    spelled: dict[str, str] = {}
    lost: dict[str, int] = {}  # where in the problems it is told why; -1 where it is not
    problems: list[str] = []
    for given, value in _items(values, problems):
        name = ""
        try:
            name = _name_of(given, structured)
            if name == "delta_f1":
                continue  # corrparse derives it
            plain = _plain(value)
            text = None if plain is None else _text(KEYS.get(name, "extra"), plain)
            if text is None:
                lost.setdefault(name, -1)
            elif found.setdefault(name, text) != text:
                found[name] = None
                raise _Refused(f"is another value of the key that {spelled[name]!a} gives, which is left out too")
            spelled.setdefault(name, str.__str__(given))
        except Exception as error:  # noqa: BLE001 (a value's methods are anybody's; none of them ends a training run)
            lost[name] = len(problems)
            why = f"{_shown(value)} {error}" if isinstance(error, _Refused) else f"{type(value).__name__} raises {error!r:.80}"
            problems.append(f"{_shown(given)} is left out: {why}")
    texts = {name: text for name, text in found.items() if text is not None}
    _settle_shares(texts, lost, problems)
    _keep_doubts(texts, lost, problems)
    _fit(texts, problems)
    asked = texts.keys() - KEYS.keys() - {_folded(key) for key in OWN_KEYS}
    near = {name: " or ".join(_nearly(name, texts)) for name in texts if name in asked}
    problems += [f"{spelled[name]!a} is no key that corrparse knows; did you mean {keys}?" for name, keys in near.items() if keys]
    if not texts or (structured and not texts.keys() & KEYS.keys()):
        problems.append("there is no block, because no value of a known key is left" if structured else "there is no block left")
        texts = {}
    if problems:
        _tell(problems, strict)
    return {name if name in KEYS else spelled[name]: text for name, text in texts.items()}


def _items(values: Any, problems: list[str]) -> Iterator[tuple[Any, Any]]:
    """The keys and values, those of groups too."""
    try:
        if getattr(values, "ndim", 1) != 1:
            raise _Refused("a table has many rows")
        for key, value in list(values.items()):
            is_group = not (isinstance(key, str) and key.lower() in KEYS) and callable(getattr(value, "items", None))
            yield from list(value.items()) if is_group else [(key, value)]
    except Exception:  # noqa: BLE001 (whatever was given instead of a dict does not end a training run)
        problems.append(f"{_shown(values)} is no dict, and no row of a table, such as df.iloc[0]")


def _shown(value: Any) -> str:
    try:
        text = " ".join(ascii(value).split())
    except Exception:  # noqa: BLE001 (as above)
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:60] + "..."


def _name_of(given: Any, structured: bool) -> str:
    """The name by which corrparse compares the key: its case does not count, and - is _."""
    if not isinstance(given, str):
        raise _Refused("has a key that is no text")
    name = _ALIASES.get(_folded(given), _folded(given))
    if name not in KEYS and not _KEY.match(given):
        raise _Refused("has a key that is no letter followed by letters, digits, _, . and -")
    if name in _FOREIGN or (structured and name in _CONTEXT):
        raise _Refused("has a key that belongs to the logger; give it another name")
    return name


def _folded(key: str) -> str:
    return key.lower().replace("-", "_")


def _alike(left: str, right: str) -> int:
    """How many characters two texts begin with alike."""
    return next((place for place, (one, other) in enumerate(zip(left, right)) if one != other), min(len(left), len(right)))


def _nearly(key: str, printed: dict[str, str]) -> list[str]:
    """The known keys that a key of nobody's is nearly, by the rule nearly_known_key of corrparse lint; at most three."""
    found = []
    for known in KEYS:
        same = _alike(key, known)
        rest = _alike(key[same:][::-1], known[same:][::-1])
        more, less = key[same : len(key) - rest], known[same : len(known) - rest]
        edits = 1 if len(more) == 2 and more == less[::-1] else max(len(more), len(less))
        # One lacks its end, or they differ in one place by two letters at most.
        is_slip = known.startswith(key) or max(len(more), len(less)) <= 2
        is_part = min(len(key), len(known)) >= 4 and (known.startswith(key) or key.startswith(known))
        if is_slip and (is_part or edits <= max(1, len(key) // 3)):
            found.append((edits, known))
    if found:
        return [known for _, known in sorted(found)[:3]]
    # Other words for a key are a mistake only where the key itself is missing.
    words = key.replace("stop_loss", "sl").replace("take_profit", "tp").replace("number_of", "n")
    name = "_".join(_OTHER_WORDS.get(word, word) for word in words.split("_") if word)
    meant = [known for known in (name, f"n_{name}") if known in KEYS][:1]
    meant = meant or [known for known in KEYS if len(key) > 1 and known.startswith(f"{key}_")]
    return [known for known in meant if known not in printed]


def _plain(value: Any) -> Any:
    """The value of Python inside an enum or a scalar, a narrow float as the decimal that it prints as. None: there is none."""
    value = value.value if isinstance(value, enum.Enum) else value
    if type(value).__name__ in {"NAType", "NaTType", "MaskedConstant"}:
        return None
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        value = float(value)
    elif getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        if getattr(value, "mask", False):
            return None
        kind, plain = str(value.dtype).rpartition(".")[2], value.item()
        if kind in _NARROW and abs(plain) < float("inf"):
            return Decimal(_shortest(plain, _NARROW[kind]))
        if kind.startswith(("float", "longdouble")) and not isinstance(plain, float):
            plain = Decimal(str(value))
        is_number = isinstance(plain, (bool, int, float, Decimal)) and not kind.startswith(("datetime", "timedelta"))
        if is_number or kind == "object":
            return _plain(plain)
    if isinstance(value, Decimal):
        return None if value.is_nan() else value
    return None if not getattr(value, "ndim", 0) and value != value else value  # noqa: PLR0124 (NaN differs from itself)


def _shortest(value: float, code: str) -> str:
    """The fewest digits from which a narrow float is read back."""
    texts = (f"{value:.{digits}g}" for digits in range(1, 17))
    return next(text for text in texts if struct.unpack(code, struct.pack(code, float(text)))[0] == value)


def _text(kind: str, value: Any) -> str | None:
    """The text of a value, as corrparse takes it for a key of this kind; None for a text that says that there is no value."""
    if kind == "gates":
        text = _gates(value)
    elif kind == "extra":
        text = str(value)
    elif getattr(value, "ndim", 0) or (hasattr(value, "__len__") and not isinstance(value, str)):
        raise _Refused("is no single value")
    else:
        text = str(value).strip(" \t")
        if text.lower() in _NO_VALUE:
            return None
        if kind in _WORDS and not re.fullmatch(_WORDS[kind][0], text):
            raise _Refused(_WORDS[kind][1])
        if kind not in _WORDS and (kind, text.lower()) != ("fold", "all"):
            if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
                raise _Refused(f"is no number but a {type(value).__name__}")
            text = _number(kind, text)
    if _CONTROL.search(text) or HEADER[:-4] in text or END in text or (kind != "extra" and "***" in text):
        raise _Refused("holds a control character, the text of a header or end marker, or ***, by which Airflow masks secrets")
    return text


def _gates(value: Any) -> str:
    value = value if hasattr(value, "items") else str(value)
    if isinstance(value, str):
        if (text := value.strip(" \t").lower()) in _PASS | _FAIL:
            return "pass" if text in _PASS else "fail"
        pairs = [part.partition(":")[::2] for part in value.split(",")]
    else:
        pairs = list(value.items())
    gates: dict[str, str] = {}
    for name, result in pairs:
        gate, text = str(name).strip(" \t"), str(_plain(result)).strip(" \t").lower()
        if not gate or gate in gates or re.search(r"[\s:=,\"]", gate) or text not in _PASS | _FAIL:
            raise _Refused("is no list of names, each once, with pass or fail; give {'f1': True, 'sortino': False}")
        gates[gate] = "pass" if text in _PASS else "fail"
    text = ",".join(f"{name}:{result}" for name, result in gates.items())
    if not gates or len(text.encode("utf-8", "replace")) > _MOST_BYTES // 4:
        raise _Refused("is empty or too long")
    return text


def _number(kind: str, text: str) -> str:
    """The number with all its digits and without an exponent."""
    is_percent, text = text.endswith("%"), text[: len(text) - text.endswith("%")]
    takes_percent = kind in {"fraction", "exit", "percent"}
    if not _NUMBER.match(text) or (is_percent and not takes_percent):
        percent = " or '55.1%', without a blank" if takes_percent else ", without percent sign" * is_percent
        raise _Refused(f"is no finite decimal, such as 0.55{percent}")
    number = Decimal(text) or Decimal(0)
    if number.copy_abs() >= 10**15 or number.adjusted() < -30:
        raise _Refused("is 10^15 or more, or has more than 30 digits after the point")
    text = format(number, "f")
    whole, _, part = text.lstrip("-").partition(".")
    if len((whole + part.rstrip("0")).lstrip("0")) > 18 or len(part.rstrip("0")) > 30:
        raise _Refused("has more than 18 significant digits, or 30 after the point; round it")
    if kind in {"count", "fold"}:
        if number < 0 or number != int(number):
            raise _Refused("is no whole number from 0")
        return str(int(number))
    highest = {"fraction": 1, "exit": 10**15, "percent": 100}.get(kind, 10**15) if not is_percent else 100
    if (number < 0 and kind != "decimal") or number > highest or (not number and kind == "multiple"):
        points = f"; write '{text}%' where it is percent points" if kind == "fraction" and 1 < number <= 100 else ""
        raise _Refused("is not over 0" if kind == "multiple" else f"is not in 0 ... {min(highest, 100)}{points}")
    if kind == "percent" and not is_percent and 0 < number <= 1:
        raise _Refused(_EITHER.format(*_percent(number)))
    return text + "%" * (is_percent or kind == "percent")


def _percent(number: Decimal) -> tuple[str, str]:
    """A fraction, and percent points, with the percent sign."""
    sign, digits, exponent = number.as_tuple()
    return f"{Decimal((sign, digits, int(exponent) + 2)):f}%", f"{number:f}%"


def _settle_shares(texts: dict[str, str], lost: dict[str, int], problems: list[str]) -> None:
    """Prints the exit shares in percent points. The unit of bare numbers is decided for all three together."""
    bare = {key: Decimal(texts[key]) for key in _EXITS if not texts.get(key, "%").endswith("%")}
    are_points = any(number > 1 for number in bare.values())
    whole = sum(map(Fraction, bare.values())) if len(bare) == 3 else 0
    for key, number in bare.items():
        # Of a number under 1 beside points the unit is known where all three are the shares of one whole.
        if (number > 1 or 95 <= whole <= 105 or not number) and number <= 100 if are_points else not number:
            texts[key] = f"{number:f}%"
        elif not are_points and Fraction(95, 100) <= whole <= Fraction(105, 100):
            texts[key] = _percent(number)[0]
        else:
            lost[key], why = len(problems), _EITHER.format(*_percent(number)) if number <= 1 else "is not in 0 ... 100"
            del texts[key]
            problems.append(f"{key!r} is left out: {number} {why}")


def _keep_doubts(texts: dict[str, str], lost: dict[str, int], problems: list[str]) -> None:
    """Prints None for a lost value without which corrparse would take the block for another than it is."""
    doubts = [key for key in ("gates", "complete") if key in lost and key not in texts]
    if {"n_candidates", "n_passed"} & texts.keys() and not texts.keys() & set(_STRATEGY):
        doubts += [key for key in lost if key in _STRATEGY][:1]
    for key in doubts:
        texts[key], told = "None", lost[key]
        if told < 0:
            problems.append(f"{key!r} has no value and is left out")
        problems[told] = problems[told].replace("left out", "printed as None (a block without it would be judged otherwise)", 1)


def _fit(texts: dict[str, str], problems: list[str]) -> None:
    """Leaves extras out behind which the block would be longer than corrparse takes it."""
    room, lines, left = _MOST_BYTES, _MOST_LINES, []
    for name in sorted(texts, key=lambda name: name not in KEYS):
        room, lines = room - len(f"{name}={_written(texts[name])}\n".encode()), lines - 1
        if name not in KEYS and (room < 0 or lines < 0):
            left.append(name)
            del texts[name]
    if left:
        problems.append(f"extras from {left[0]!r} on are left out: {_MOST_LINES} lines and {_MOST_BYTES} bytes are the most")
