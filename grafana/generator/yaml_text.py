"""YAML for provisioning files: dictionaries, lists, texts, numbers, booleans. Texts of several lines stand as blocks, all
others in double quotes, which YAML reads as JSON does."""

import json


def write(value, comment=""):
    """The document; the comment's lines stand above it."""
    head = "".join(f"# {line}\n" if line else "#\n" for line in comment.splitlines())
    return head + "\n".join(_lines(value, 0)) + "\n"


def _lines(value, depth):
    pad = "  " * depth
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{pad}{key}:", item, depth + 1)
    else:
        for item in value:
            if isinstance(item, dict):
                inner = list(_lines(item, depth + 1))
                yield f"{pad}- {inner[0].lstrip()}"
                yield from inner[1:]
            else:
                yield f"{pad}- {_scalar(item)}"


def _entry(head, item, depth):
    if isinstance(item, (dict, list)) and item:
        yield head
        yield from _lines(item, depth)
    elif isinstance(item, str) and "\n" in item:
        yield f"{head} |-"
        for line in item.split("\n"):
            yield "  " * depth + line if line else ""
    else:
        yield f"{head} {_scalar(item)}"


def _scalar(item):
    return json.dumps(item, ensure_ascii=False)
