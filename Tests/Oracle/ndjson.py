"""5-command-line, NDJSON: the line of a record and of a source, key by key in the page's order."""

from __future__ import annotations

import json
from decimal import Decimal

import grammar
import values
from blocks import Block, Issue
from classify import verdict


def dump(value) -> str:
    if isinstance(value, Decimal):
        return values.plain(value)
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + dump(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def issue_object(issue: Issue) -> dict:
    out: dict = {"kind": issue.kind}
    if issue.key is not None:
        out["key"] = issue.key
    if issue.at is not None:
        out["line"], out["offset"] = issue.at.number, issue.at.offset
    if issue.raw is not None:
        text = grammar.clean(issue.raw)[0]
        out["raw"] = text.encode("utf-8")[:200].decode("utf-8", "ignore")
    if issue.block is not None:
        out["block"] = issue.block
    return out


def read_fields(block: Block):
    """(record, gates, extras, issues, field: issue kind that made it absent) of a block, units settled."""
    issues = list(block.issues)
    record: dict = {}
    extras: dict[str, str] = {}
    gates = None
    because: dict[str, str] = dict(block.lost_keys)
    bare: dict[str, bool] = {}
    if not block.supported:
        issues.append(Issue("unsupported_version", at=block.at, raw=block.header.text))
        return {}, None, {}, [i for i in issues if i.key is None], {}
    by_key: dict[str, list] = {}
    for occurrence in block.occurrences:
        by_key.setdefault(occurrence.pair.normal, []).append(occurrence)
    for key, found in by_key.items():
        if key in grammar.DROPPED:
            continue
        first = found[0]
        for b in found[1:]:
            # Each that says something else than the first.
            if b.pair.text != first.pair.text and b.record == first.record:
                issues.append(Issue("duplicate_key", key, b.at, b.pair.raw))
                because.setdefault(key, "duplicate_key")
        if key in because:
            continue
        if key not in grammar.KNOWN:
            text, invalid = grammar.clean(first.pair.text)
            extras[grammar.clean(first.pair.key)[0]] = text
            if invalid:
                issues.append(Issue("invalid_utf8", key, first.at, first.pair.raw))
            continue
        try:
            value, is_bare = values.convert(key, first.pair)
        except values.Bad as bad:
            issues.append(Issue(bad.kind, key, first.at, first.pair.raw))
            because[key] = bad.kind
            continue
        if key == "gates":
            gates = value
        else:
            record[key], bare[key] = value, is_bare
    for key, kind in values.settle_percent(record, bare):
        first = by_key[key][0]
        issues.append(Issue(kind, key, first.at, first.pair.raw))
        if kind != "unit_inferred":
            because[key] = kind
    record = {key: record[key] for key in grammar.FIELDS if key in record}
    return record, gates, extras, issues, because


def record_object(source: str, block: Block, damaged: bool, task: dict | None, observed: str | None) -> dict:
    record, gates, extras, issues, because = read_fields(block)
    at_header = {"at": block.at, "raw": block.header.text}
    if block.supported and not block.data_lines and not block.occurrences:
        issues.append(Issue("empty_block", **at_header))
    if block.interleaved:
        issues.append(Issue("interleaved", **at_header))
        because = dict.fromkeys([*record, *because], "interleaved")
        record, gates, extras = {}, None, {}
    if block.cut_short and "complete" not in record:
        because.setdefault("complete", "cut_short")
    if damaged:
        issues.append(Issue("damaged_source", **at_header))
    out: dict = {"source": source, "line": block.at.number, "offset": block.at.offset, "block": block.number}
    if observed:
        out["observed_at"] = observed
    if task:
        out["task"] = task
    out["grammar"], out["end"] = block.header.version, block.end if block.end == "explicit" else f"implicit:{block.end}"
    out["record"] = record
    if gates is not None:
        out["gates"] = gates
    if extras:
        out["extras"] = extras
    out["issues"] = [issue_object(i) for i in sorted(issues, key=lambda i: i.at.number if i.at else 0)]
    # "certainty is at most provisional", and what a block that was cut short lacks is absent for that reason.
    out["verdict"] = verdict(record, because, damaged or block.cut_short, "cut_short" if block.cut_short else "absent")
    return out
