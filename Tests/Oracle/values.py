"""1-correlation-data, Record and Issues: from the texts of a block to typed fields."""

from __future__ import annotations

import re
from decimal import Context, Decimal, getcontext

from grammar import BLANKS, EXIT_SHARES, FIELDS, NUMBER_FIELDS, PERCENT_FIELDS, QUOTES, TEXT_FIELDS, Pair, clean

EXACT = Context(prec=2000)
getcontext().prec = 200  # sums and differences are exact too
HUNDRED = Decimal(100)
NUMBER = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?")
MISSING = {"none", "null", "nan", "+nan", "-nan", "n/a", "-", ""}
NON_FINITE = {"inf", "infinity"}
# White_Space of Unicode; a name holds none of any kind.
SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
PASS = {"pass", "ok", "true", "1", "✓"}
FAIL = {"fail", "ko", "false", "0", "✗"}
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


# "What Python prints of its number types is read as the number inside."
PRINTED = re.compile(r"np\.(?:float(?:16|32|64)|u?int(?:8|16|32|64))\(([^()]*)\)|Decimal\('([^'()]*)'\)", re.ASCII)


class Bad(Exception):
    """The issue kind that makes a field absent."""

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


def unwrap(text: str) -> str:
    """The number inside what Python prints of a number type; `text` itself where it is none."""
    match = PRINTED.fullmatch(text)
    if not match:
        return text
    inner = match.group(1) if match.group(1) is not None else match.group(2)
    if inner.lower().lstrip("+-") == "nan":
        raise Bad("missing_value")
    return inner


def parse_number(text: str) -> Decimal:
    """Exact decimal; digits and exponents as 1-correlation-data, Numbers limits them."""
    text = unwrap(text)
    match = NUMBER.fullmatch(text)
    if not match:
        if text.lstrip("+-").lower() in NON_FINITE and len(text) - len(text.lstrip("+-")) <= 1:
            raise Bad("non_finite")
        raise Bad("malformed_number")
    _, mantissa, exponent = match.groups()
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0")
    significant = (whole + fraction).lstrip("0")
    if len(significant) > 18:
        raise Bad("malformed_number")
    if not significant:
        return Decimal(0)
    if exponent and len(exponent.lstrip("+-").lstrip("0")) > 4:
        raise Bad("out_of_range")
    number = Decimal(text)
    if abs(number) >= Decimal(10) ** 15:
        raise Bad("out_of_range")
    stripped = EXACT.normalize(number)
    if -stripped.as_tuple().exponent > 30:
        raise Bad("out_of_range")
    return number


def check_present(text: str) -> None:
    if "***" in text:
        raise Bad("masked_value")
    if text.lower() in MISSING:
        raise Bad("missing_value")


def without_percent_sign(field: str, text: str) -> str:
    """ "of numbers with a `%` behind too: `nan%`" """
    return text[:-1] if field in NUMBER_FIELDS and text.endswith("%") and text != "%" else text


def parse_integer(text: str) -> Decimal:
    number = parse_number(text)
    if number != number.to_integral_value() or number < 0:
        raise Bad("out_of_range")
    return number


def parse_text(text: str) -> str:
    """One pair of single quotes around the whole is taken off first."""
    if len(text) >= 2 and text[0] == text[-1] == "'":
        text = text[1:-1]
        check_present(text)
    if not 1 <= len(text) <= 128 or any(c in text for c in SPACES + "=,;|\x1b" + QUOTES):
        raise Bad("malformed_pair")
    return text


def parse_gate_items(items: list[tuple[str, str]]) -> dict[str, str]:
    gates: dict[str, str] = {}
    for name, status in ((name.strip(BLANKS), status.strip(BLANKS).lower()) for name, status in items):
        result = "pass" if status in PASS else "fail" if status in FAIL else None
        if not name or any(c in name for c in BLANKS + ":,=") or name in gates or result is None:
            raise Bad("malformed_pair")
        gates[name] = result
    return gates


def parse_gates(pair: Pair) -> dict[str, str]:
    if pair.gates is not None:
        if not pair.gates:
            raise Bad("missing_value")
        if any("***" in name or "***" in status for name, status in pair.gates):
            raise Bad("masked_value")
        return parse_gate_items(pair.gates)
    check_present(pair.text)
    if ":" not in pair.text and "," not in pair.text:
        return parse_gate_items([("overall", pair.text)])
    items = []
    for item in pair.text.split(","):
        name, colon, status = item.partition(":")
        if not colon:
            raise Bad("malformed_pair")
        items.append((name, status))
    return parse_gate_items(items)


def convert(field: str, pair: Pair):
    """(value, bare) of one field before units are inferred; raises Bad."""
    text, invalid = clean(pair.text)
    if invalid:
        raise Bad("invalid_utf8")
    if pair.broken:
        raise Bad("malformed_pair" if field in TEXT_FIELDS or field in ("gates", "complete") else "malformed_number")
    if field == "gates":
        return parse_gates(pair), True
    check_present(without_percent_sign(field, text))
    kind = FIELDS[field]
    if kind == "text":
        return parse_text(text), True
    if kind == "horizon":
        if not re.fullmatch(r"H[1-9][0-9]?", text):
            raise Bad("out_of_range")
        return text, True
    if kind == "phase":
        if text not in ("screening", "testing", "wfrb"):
            raise Bad("out_of_range")
        return text, True
    if kind == "boolean":
        if text.lower() not in BOOLEANS:
            raise Bad("malformed_pair")
        return BOOLEANS[text.lower()], True
    if kind == "fold" and text.lower() == "all":
        return "all", True
    if kind in ("count", "fold"):
        return parse_integer(text), True
    percent = text.endswith("%")
    if percent and kind in ("decimal", "multiple"):
        raise Bad("malformed_number")
    if percent and PRINTED.fullmatch(text[:-1]):  # a `%` stands directly behind its number: `np.float64(0.5)%` is none
        raise Bad("malformed_number")
    number = parse_number(text[:-1] if percent else text)
    if kind == "multiple":
        if number <= 0:
            raise Bad("out_of_range")
    elif kind == "fraction":
        if percent:
            number = EXACT.divide(number, HUNDRED)
        if not 0 <= number <= 1:
            raise Bad("out_of_range")
    elif field in PERCENT_FIELDS and percent and not 0 <= number <= 100:
        raise Bad("out_of_range")
    return number, not percent


def settle_percent(values: dict[str, Decimal], bare: dict[str, bool]) -> list[tuple[str, str]]:
    """Units of bare percent fields. Changes `values` in place; returns (field, issue kind)."""
    issues: list[tuple[str, str]] = []
    # A negative share is out of range in any unit and tells nothing about the unit of the others.
    for field in PERCENT_FIELDS:
        if field in values and bare[field] and values[field] < 0:
            issues.append((field, "out_of_range"))
            del values[field]
    considered = [f for f in EXIT_SHARES if f in values and bare[f]]
    if any(values[f] > 1 for f in considered):
        pass  # all are percent points
    elif len(considered) == 3 and Decimal("0.95") <= sum(values[f] for f in considered) <= Decimal("1.05"):
        for field in considered:
            if values[field] != 0:
                values[field] = EXACT.multiply(values[field], HUNDRED)
                issues.append((field, "unit_inferred"))
    else:
        for field in considered:
            if values[field] != 0:
                issues.append((field, "unit_ambiguous"))
                del values[field]
    for field in (field for field in PERCENT_FIELDS if field not in EXIT_SHARES):
        if field in values and bare[field] and 0 < values[field] <= 1:
            issues.append((field, "unit_ambiguous"))
            del values[field]
    for field in PERCENT_FIELDS:
        if field in values and values[field] > 100:
            issues.append((field, "out_of_range"))
            del values[field]
    return issues


def plain(number: Decimal) -> str:
    """Shortest form without exponent."""
    if number == 0:
        return "0"
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text
