"""JSON (RFC 8259) with numbers as they were written and duplicate keys kept."""

from __future__ import annotations

import json


class Literal(str):
    """A JSON number, true, false or null, as it was written."""

    __slots__ = ()


def is_string(value) -> bool:
    return isinstance(value, str) and not isinstance(value, Literal)


class Members(list):
    """A JSON object as its (key, value) pairs, in order, duplicates kept."""


def _no_constant(name: str):
    raise ValueError(name)


def parse_json(text: str):
    """RFC 8259 with numbers as written; ValueError otherwise."""
    try:
        return json.loads(text, object_pairs_hook=Members, parse_float=Literal, parse_int=Literal, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("too deep") from error
