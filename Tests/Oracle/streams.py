"""2-log-envelopes, Sources and streams: the message lines of one source, in order, with the failure lines between them."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import markers
from blocks import MAX_BYTES
from records import MessageLine, Record
from tasks import WARNING, same_task


@dataclass
class Item:
    """One message line of a stream, or a failure line that stands here (in whichever stream)."""

    record: Record
    line: MessageLine | None
    first: bool = False  # the first line of its record that is not blank
    failure: bool = False
    damaged: bool = False  # what may be left of a record of this stream: foreign, whatever it holds
    before: bool = False  # what stands before a header's or an end marker's text on its line; it may be cut
    glued: bool = False  # the line itself: a near-miss header where a block is open


def suspends(record: Record) -> bool:
    """ "On stdout and stderr streams nothing suspends (their level is the channel's)." """
    return record.level is not None and record.level >= WARNING and not record.channel


def written(record: Record) -> list[MessageLine]:
    return [line for line in record.lines if line.text]


def streams_of(records: list[Record], failures: list[Record], damaged: list[Record], complete: bool) -> list[list[Record]]:
    found: dict[tuple, list[Record]] = {}
    for record in records:
        found.setdefault(record.stream, []).append(record)
    return [written_once(one, failures, damaged if one[0].of_json else [], complete) for one in found.values()]


def items_of(records: list[Record], failures: list[Record], damaged: list[Record]) -> list[Item]:
    """A failure line stands where it came, before the lines of its own record; a damaged line in every stream of JSON records."""
    out: list[Item] = []
    waiting = list(failures)
    if damaged and records[0].of_json:
        lost = []
        for record in damaged:
            line = record.lines[0]
            lost.append(Item(record, line, first=True, damaged=True, glued=bool(markers.mark(line.text))))
        merged = items_of(records, failures, [])
        return list(heapq.merge(merged, lost, key=arrival))
    for record in records:
        first = next(iter(written(record)), None)
        for line in record.lines:
            while waiting and (waiting[0].lines[0].arrival, waiting[0].number) <= (line.arrival, record.number):
                out.append(Item(waiting.pop(0), None, failure=True))
            out += glued_items(record, line, line is first)
    return out + [Item(record, None, failure=True) for record in waiting]


def glued_items(record: Record, line: MessageLine, first: bool) -> list[Item]:
    """A line, parted where a header's or an end marker's text is glued to another one on it."""
    mark = markers.glued(line.text)
    if line.cut or not mark:
        return [Item(record, line, first)]
    text = line.text[: mark.start()].strip(markers.BLANKS)
    if not text:
        return [Item(record, line, first, glued=True)]
    before = replace(line, text=text, cut=True, bytes=len(text.encode("utf-8", "surrogatepass")))
    return [Item(record, before, first, before=True), Item(record, line, glued=True)]


def arrival(item: Item) -> float:
    return (item.line or item.record.lines[0]).arrival


# ----------------------------------------------------------------------------- records written twice
def same(a: Record, b: Record) -> bool:
    """ "one that equals the record before it in its stream in time (as written), source and text, and, where it holds a header,
    in its keys"; never one without a time, one bare token, one with a line that may be cut, or one of 64 KiB and more."""
    if len(written(a)) == 1 and markers.BARE_TOKEN.fullmatch(written(a)[0].text):
        return False
    if any(line.cut for line in a.lines + b.lines) or sum(line.bytes + 1 for line in a.lines) > MAX_BYTES:
        return False
    texts = [[line.text for line in record.lines] for record in (a, b)]
    keys = header_at(a) is None or a.scalars == b.scalars
    return a.time is not None and a.time_text == b.time_text and texts[0] == texts[1] and keys


def header_at(record: Record) -> int | None:
    """Which of its written lines is a header, the first."""
    return next((i for i, line in enumerate(written(record)) if markers.parse_header(line.text)), None)


def fails_between(a: Record, b: Record, failures: list[Record]) -> bool:
    """ "Nothing is compared over a failure line that ends the stream's block." """
    return not a.late and any(
        a.lines[-1].arrival < failure.lines[0].arrival < b.lines[0].arrival and same_task(a.identity, failure.identity)
        for failure in failures
    )


def lies_between(a: Record, b: Record, damaged: list[Record]) -> bool:
    """ "records on both sides of it do not count as written twice" """
    return any(a.lines[-1].arrival < record.lines[0].arrival < b.lines[0].arrival for record in damaged)


def written_once(records: list[Record], failures: list[Record], damaged: list[Record], complete: bool) -> list[Record]:
    runs: list[list[Record]] = []
    for record in records:
        # "The record with which a cut or damaged log ends" may have gone on.
        whole = complete or record.ended_at is not None
        again = runs and whole and same(runs[-1][-1], record) and not fails_between(runs[-1][-1], record, failures)
        if again and not lies_between(runs[-1][-1], record, damaged):
            runs[-1].append(record)
        else:
            runs.append([record])
    out: list[Record] = []
    for index, run in enumerate(runs):
        at = header_at(run[0])
        if at is None:
            out.append(run[0])
        elif at == len(written(run[0])) - 1 and not holds_pairs(run[0], at):
            # "passed over only if the stream's next record comes as often too"
            after = runs[index + 1] if index + 1 < len(runs) else []
            as_often = len(after) == len(run) and not fails_between(run[-1], after[0], failures)
            as_often = as_often and not lies_between(run[-1], after[0], damaged)
            out += run[:1] if as_often else run
        else:
            out += run  # "is left to the rule of Replays"
    return out


def holds_pairs(record: Record, at: int) -> bool:
    header = markers.parse_header(written(record)[at].text)
    return bool(header.pairs) or any(pair.normal for pair in record.keys)
