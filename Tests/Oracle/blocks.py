"""1-correlation-data: a block, what it holds, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import grammar
from grammar import Pair
from markers import Body, Header
from records import MessageLine, Record
from wrappers import PhysicalLine

MAX_LINES = 256
MAX_BYTES = 64 * 1024
END_OF_INPUT = 1 << 62


@dataclass
class Occurrence:
    pair: Pair
    record: int
    at: PhysicalLine


@dataclass
class Issue:
    kind: str
    key: str | None = None
    at: PhysicalLine | None = None
    raw: str | None = None
    block: int | None = None


@dataclass
class Block:
    header: Header
    at: PhysicalLine
    header_record: Record
    observed: object  # the header record's time; of a bare header the last time seen before it in its stream
    number: int = 0
    occurrences: list[Occurrence] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    lost_keys: dict[str, str] = field(default_factory=dict)  # normal key: issue kind that made it absent
    body: list[str] = field(default_factory=list)
    body_lines: int = 0
    data_lines: int = 0  # body-lines that are no sections
    unread_lines: int = 0  # lines that begin with a key and are not read
    body_bytes: int = 0
    records: set[int] = field(default_factory=set)
    touched: list[PhysicalLine] = field(default_factory=list)
    one_record: bool = False  # its first body-line stands in the header's own record
    awaiting: bool = False  # … of a print stream: a second write may follow
    pending: Occurrence | None = None  # `crypto=` at the end of a record: the rest may follow
    tail: Occurrence | None = None  # the last value of the line before, which ended its line: it may have been cut there
    gates_go_on: bool = False  # … or which is `gates` with a separator behind it: more gates may follow
    joined: bool = False  # … or which is the token of a joined pair
    end: str | None = None
    ended_at: int = END_OF_INPUT
    cut_by: Block | None = None
    interleaved: bool = False
    replay: bool = False

    @property
    def supported(self) -> bool:
        return self.header.version == 1

    @property
    def late(self) -> bool:
        return self.header_record.late

    @property
    def cut_short(self) -> bool:
        return any(issue.kind == "cut_short" for issue in self.issues)

    def normal_keys(self) -> list[str]:
        """Once each, in order."""
        return list(dict.fromkeys(occurrence.pair.normal for occurrence in self.occurrences))

    def is_new(self, key: str) -> bool:
        """Known, and not yet in the block."""
        folded = grammar.normal(key)
        return folded in grammar.KNOWN and folded not in self.lost_keys and folded not in self.normal_keys()

    def add_pairs(self, pairs: list[Pair], records: list[int], places: list[PhysicalLine]) -> None:
        """`records` and `places`: of each line of the body-line."""
        self.no_tail()
        for pair in pairs:
            self.occurrences.append(Occurrence(pair, records[pair.line], places[pair.line]))

    def no_tail(self) -> None:
        self.pending = self.tail = None
        self.gates_go_on = self.joined = False

    def mark_end_of_line(self, body: Body) -> None:
        """Of a line that was read: what its last value may go on in."""
        last = self.occurrences[-1]
        self.pending = last if last.pair.empty else None
        self.tail = last if body.tail or body.gates_go_on else None
        self.gates_go_on = body.gates_go_on

    def lose(self, kind: str, key: str, line: MessageLine) -> None:
        self.unread_lines += 1
        self.issues.append(Issue(kind, grammar.normal(key), line.at, line.text))
        self.lost_keys.setdefault(grammar.normal(key), kind)

    def lose_tail(self) -> None:
        """1-correlation-data, Cut values: "The value is absent with `cut_value`." """
        if self.tail:
            self.lose_value(self.tail)

    def lose_value(self, occurrence: Occurrence) -> None:
        key = occurrence.pair.normal
        if key not in grammar.DROPPED:
            self.issues.append(Issue("cut_value", key, occurrence.at, occurrence.pair.raw))
            self.lost_keys.setdefault(key, "cut_value")

    def mark_cut_short(self) -> None:
        if not self.cut_short:
            self.issues.append(Issue("cut_short", at=self.at, raw=self.header.text))
