"""What two readers of one log differ in, as far as the pages say."""

from __future__ import annotations

import json

import grammar

# Which line such an issue stands on, and which text is its raw, the specification leaves open.
UNPLACED = ("trailing_garbage", "damaged_source", "identity_conflict")
ABSENT_ANYWAY = ("duplicate_key", "line_too_long")
RECORD_ORDER = [
    "source",
    "line",
    "offset",
    "block",
    "observed_at",
    "task",
    "grammar",
    "end",
    "record",
    "gates",
    "extras",
    "issues",
    "verdict",
]
VERDICT_ORDER = [
    "taxonomy",
    "primary",
    "certainty",
    "severity",
    "findings",
    "ml",
    "execution",
    "infra",
    "delta_points",
    "not_evaluated",
    "explanation",
]


class Number(str):
    """A JSON number as it was written: the shortest form is part of the contract."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def load(line: str) -> dict:
    return json.loads(line, parse_float=Number, parse_int=Number)


def issue_key(issue: dict, strict: bool):
    fields = ["kind", "key", "block"]
    if strict and issue["kind"] not in UNPLACED:
        fields += ["line", "offset"]
        if "key" in issue and issue["kind"] not in ("incomplete_block", "line_too_long"):
            fields.append("raw")
    # The page does not say how an issue writes the key of an extra: as logged or folded.
    return tuple((f, grammar.normal(str(issue[f])) if f == "key" else str(issue[f])) for f in fields if f in issue)


def comparable(lines: list[dict], strict: bool, without: list[str], ignored: list[str]) -> dict[str, object]:
    """A flat map from a path such as `block 3 record.f1_buy` to what is there."""
    flat: dict[str, object] = {}
    carrying = {
        str(line["block"]) for line in lines if "verdict" in line and any(i["kind"] == "damaged_source" for i in line["issues"])
    }

    def put(path, value):
        if not any(path.split(" ", 2)[-1].startswith(w) for w in without):
            flat[path] = value

    for line in lines:
        issues = line["issues"]
        if ("block" in line and "record" in line) or "verdict" in line:
            name = f"block {line['block']}"
            if name + " line" in flat:
                put(f"{name} printed", "twice")
            order = [k for k in RECORD_ORDER if k in line]
            if [k for k in line if k in RECORD_ORDER] != order or [k for k in line if k not in RECORD_ORDER]:
                put(f"{name} key order", list(line))
            verdict = dict(line["verdict"])
            if list(verdict) != [k for k in VERDICT_ORDER if k in verdict]:
                put(f"{name} verdict key order", list(verdict))
            for key in ("line", "offset", "grammar", "end", "observed_at", "task"):
                if key in line:
                    value = line[key]
                    if key == "task":  # the oracle shows no `part`; printing it is no difference
                        value = {k: v for k, v in value.items() if k != "part"}
                    put(f"{name} {key}", value)
            for key, value in line.get("record", {}).items():
                put(f"{name} record.{key}", value)
            if line.get("gates"):
                put(f"{name} gates", list(line["gates"].items()))
            if line.get("extras"):
                put(f"{name} extras", list(line["extras"].items()))
        else:
            name, verdict = "source", {}
            # A source's line may repeat the damage that a record carries itself.
            issues = [
                i
                for i in issues
                if i["kind"] not in ignored and not (i["kind"] == "damaged_source" and str(i.get("block")) in carrying)
            ]
            if issues or line.get("status") != "complete":
                put("source status", line.get("status"))
        twice = {issue.get("key") for issue in issues if issue["kind"] in ABSENT_ANYWAY}
        for issue in issues:
            # What else is wrong with such a key is nobody's business: it is absent already.
            if issue["kind"] in ignored or (issue.get("key") in twice and issue["kind"] not in ABSENT_ANYWAY):
                continue
            # An unknown key of a cut line: whether it is one depends on what was cut off.
            if issue["kind"] != "incomplete_block" or "key" not in issue or grammar.is_known(issue["key"]):
                put(f"{name} issue {issue_key(issue, strict)}", "present")
        for key, value in verdict.items():
            if key == "not_evaluated":
                for entry in value:
                    # One `why` for several inputs, or for one with several issues, may be any of theirs.
                    sure = len(entry["lacks"]) == 1 and not twice & set(entry["lacks"])
                    put(f"{name} verdict.not_evaluated.{entry['rule']}", (entry.get("lacks"), entry.get("why") if sure else "…"))
            elif key != "explanation":
                put(f"{name} verdict.{key}", value)
    return flat


def allow_for_damage(a: dict, b: dict, ours: list[dict], theirs: list[dict]) -> None:
    """Which records were printed before their member proved damaged is a matter of buffers: corrparse may know earlier
    than the oracle grants it, and the first block concerned may be one that carries the damage itself."""
    path = "source issue (('kind', 'damaged_source'),"
    on_source = [
        any(i["kind"] == "damaged_source" for line in lines if "status" in line for i in line["issues"])
        for lines in (ours, theirs)
    ]
    if all(on_source):
        for flat in (a, b):
            for key in [k for k in flat if k.startswith(path)]:
                del flat[key]
    for line in ours:
        name = f"block {line.get('block')}"
        issue = f"{name} issue (('kind', 'damaged_source'),)"
        if on_source[0] and issue in b and issue not in a:
            del b[issue]
            a.pop(f"{name} verdict.certainty", None), b.pop(f"{name} verdict.certainty", None)


def allow_for_cuts(a: dict, b: dict) -> None:
    """Whether a block whose only body-line was cut or too long is an empty one is a matter of words."""
    for path in [p for p in {*a, *b} if "'empty_block'" in p]:
        name = path.split(" issue ")[0]
        issues = [p for p in {*a, *b} if p.startswith(f"{name} issue")]
        unread = any("'line_too_long'" in p or ("'incomplete_block'" in p and "'key'" in p) for p in issues)
        if unread or any(flat.get(f"{name} end") == "implicit:end_of_input" for flat in (a, b)):
            a.pop(path, None), b.pop(path, None)


def observed_only_there(ours: dict, theirs: dict) -> None:
    """The oracle knows no modification time."""
    for path in [p for p in theirs if p.endswith(" observed_at") and p not in ours]:
        del theirs[path]


def difference(ours: list[dict], theirs: list[dict], options) -> list[str]:
    a, b = (comparable(lines, options.strict, options.without, options.ignore_kind) for lines in (ours, theirs))
    observed_only_there(a, b)
    for path in [p for p in {*a, *b} if "'duplicate_key'" in p]:
        # A key that came in three records, twice in one of them: interleaved is enough to say.
        if all(path.split(" issue ")[0] + " issue (('kind', 'interleaved'),)" in flat for flat in (a, b)):
            a.pop(path, None), b.pop(path, None)
    allow_for_cuts(a, b)
    allow_for_damage(a, b, ours, theirs)
    out = [
        f"    {path}: oracle {a.get(path, '-')!r}, corrparse {b.get(path, '-')!r}"
        for path in sorted({*a, *b}, key=lambda p: (p.split(" issue ")[0], p))
        if a.get(path, "-") != b.get(path, "-")
    ]
    if options.order and not out:
        numbers = [[line.get("block", "source") for line in lines] for lines in (ours, theirs)]
        if [str(n) for n in numbers[0]] != [str(n) for n in numbers[1]]:
            out.append(f"    order of records: oracle {numbers[0]}, corrparse {numbers[1]}")
    return out
