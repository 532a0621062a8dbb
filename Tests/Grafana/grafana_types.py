"""Reads JSON as the types of Grafana's own SDK, and says what they do not know: keys that are lost, values of another type."""

import enum
import json
import types
import typing

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins

register_default_plugins()


def problems(kind, given):
    """What is wrong with the JSON of one object of the SDK's class."""
    read = kind.from_json(given)
    made = json.loads(JSONEncoder().encode(read))
    return [*lost(given, made), *mistyped(read, kind)]


def lost(given, made, path=""):
    """Keys and values that do not come out as they went in."""
    if isinstance(given, dict) and isinstance(made, dict):
        found = [f"{path}.{key}: unknown" for key in given if key not in made]
        return found + [p for key in given if key in made for p in lost(given[key], made[key], f"{path}.{key}")]
    if isinstance(given, list) and isinstance(made, list):
        if len(given) != len(made):
            return [f"{path}: {len(given)} became {len(made)}"]
        return [p for i, (one, other) in enumerate(zip(given, made, strict=True)) for p in lost(one, other, f"{path}[{i}]")]
    return [] if given == made else [f"{path}: {given!r} became {made!r}"]


def mistyped(value, hint, path=""):
    """Values that are not of the type that the SDK declares."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        found = [mistyped(value, part, path) for part in parts if value is None or part is not types.NoneType]
        return [] if [] in found else min(found, key=len)
    if origin is typing.Literal:
        return [] if value in parts else [f"{path}: {value!r} is none of {parts}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [p for i, item in enumerate(value) for p in mistyped(item, parts[0], f"{path}[{i}]")]
    if origin is dict:
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no object"]
        return [p for key, item in value.items() for p in mistyped(item, parts[1], f"{path}.{key}")]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return [] if value in [member.value for member in hint] else [f"{path}: {value!r} is none of {list(hint)}"]
    if hint is float:
        return [] if isinstance(value, (int, float)) and not isinstance(value, bool) else [f"{path}: {value!r} is no number"]
    if hint in (str, int, bool, types.NoneType):
        return (
            []
            if isinstance(value, hint) and (hint is not int or not isinstance(value, bool))
            else [f"{path}: {value!r} is no {hint.__name__}"]
        )
    # Objects of plugins are declared as any object.
    if not hasattr(value, "from_json"):
        return []
    kind = type(value)
    hints = typing.get_type_hints(kind)
    return [
        p for name, part in hints.items() if hasattr(value, name) for p in mistyped(getattr(value, name), part, f"{path}.{name}")
    ]
