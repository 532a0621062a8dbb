"""2-log-envelopes, Sources and streams: the message lines of one source, in order, with the failure lines between them."""

from __future__ import annotations

from dataclasses import dataclass

import markers
from records import MessageLine, Record
from tasks import WARNING


@dataclass
class Item:
    """One message line of a stream, or a failure line that stands here (in whichever stream)."""

    record: Record
    line: MessageLine | None
    first: bool = False  # the first line of its record that is not blank
    failure: bool = False


def suspends(record: Record) -> bool:
    """ "On stdout and stderr streams nothing suspends (their level is the channel's)." """
    return record.level is not None and record.level >= WARNING and not record.channel


def written(record: Record) -> list[MessageLine]:
    return [line for line in record.lines if line.text]


def streams_of(records: list[Record]) -> list[list[Record]]:
    found: dict[tuple, list[Record]] = {}
    for record in records:
        found.setdefault(record.stream, []).append(record)
    return [written_once(one) for one in found.values()]


def items_of(records: list[Record], failures: list[Record]) -> list[Item]:
    """A failure line stands before the lines of its own record."""
    out: list[Item] = []
    waiting = list(failures)
    for record in records:
        while waiting and waiting[0].number <= record.number:
            out.append(Item(waiting.pop(0), None, failure=True))
        first = next(iter(written(record)), None)
        out += [Item(record, line, line is first) for line in record.lines]
    return out + [Item(record, None, failure=True) for record in waiting]


# ----------------------------------------------------------------------------- records written twice
def same(a: Record, b: Record) -> bool:
    """ "one that equals the record before it in its stream in time, source, text and keys"; "records without a time are never
    passed over, and neither is a record that is one bare token"."""
    if len(written(a)) == 1 and markers.BARE_TOKEN.fullmatch(written(a)[0].text):
        return False
    texts = [[line.text for line in record.lines] for record in (a, b)]
    return a.time is not None and a.time == b.time and texts[0] == texts[1] and a.scalars == b.scalars


def header_at(record: Record) -> int | None:
    """Which of its written lines is a header, the first."""
    return next((i for i, line in enumerate(written(record)) if markers.parse_header(line.text)), None)


def written_once(records: list[Record]) -> list[Record]:
    runs: list[list[Record]] = []
    for record in records:
        if runs and same(runs[-1][-1], record):
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
            as_often = index + 1 < len(runs) and len(runs[index + 1]) == len(run)
            out += run[:1] if as_often else run
        else:
            out += run  # "is left to the rule of Replays"
    return out


def holds_pairs(record: Record, at: int) -> bool:
    header = markers.parse_header(written(record)[at].text)
    return bool(header.pairs) or any(pair.normal for pair in record.keys)
