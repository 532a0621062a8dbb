"""1-correlation-data: lines that feed the open block of a stream, and foreign lines with what the lines behind them say."""

from __future__ import annotations

import grammar
import markers
from blocks import MAX_BYTES, MAX_LINES, Block, Issue, Occurrence
from grammar import Pair
from lookahead import Lookahead
from markers import Body
from records import Log
from streams import Item, suspends


class Claims:
    def __init__(self, log: Log, items: list[Item], complete: bool, failure_seen: bool):
        self.log, self.items, self.complete, self.failure_seen = log, items, complete, failure_seen
        self.look = Lookahead(items)
        self.block: Block | None = None
        self.blocks: list[Block] = []
        self.issues: list[Issue] = []  # of the source
        self.suspended: int | None = None  # the first suspending line
        self.brings_new = False  # behind a token in that line stands a key that the block has not
        self.told: set[int] = set()  # lines with a glued text that are near-miss headers, because a block was open
        self.two_writers = False  # a foreign line left an unclaimed block `cut_short`
        self.just_after = False  # nothing but blank lines since a block (or its forgiven second end marker)
        self.seen_before: dict[int, object] = {}  # record: the last time seen before it in the stream
        last = None
        for item in items:
            if not item.failure:
                self.seen_before.setdefault(item.record.number, last)
                last = item.record.time or last

    def close(self, end: str, offset: int, directly_after: bool = False) -> None:
        block = self.block
        block.end, block.ended_at, block.awaiting = end, offset, False
        self.block, self.suspended, self.just_after = None, None, directly_after

    def object_is_open(self) -> None:
        block = self.block
        block.issues.append(Issue("incomplete_block", at=block.at, raw=block.header.text))

    def interrupt(self, index: int) -> None:
        line = self.items[index].line
        self.block.issues.append(Issue("interrupted", at=line.at, raw=line.text))

    # ------------------------------------------------------------------ lines of a block
    def body(self, body: Body, taken: list[int]) -> None:
        block, items = self.block, [self.items[i] for i in taken]
        self.look.grave = suspends(items[-1].record)
        sizes = [item.line.bytes for item in items]
        if block.body_lines + 1 > MAX_LINES or block.body_bytes + sum(sizes) > MAX_BYTES:
            # At the line that breaks the limit.
            at = next((i for i in range(len(sizes)) if block.body_bytes + sum(sizes[: i + 1]) > MAX_BYTES), 0)
            line = items[0 if block.body_lines + 1 > MAX_LINES else at].line
            block.issues.append(Issue("block_too_long", at=line.at, raw=line.text))
            self.close("limit", items[-1].line.at.end)
            return
        block.body_lines += 1
        block.data_lines += not body.section
        block.body_bytes += sum(sizes)
        block.body += [item.line.text for item in items]
        block.touched += [item.line.at for item in items]
        block.records |= {item.record.number for item in items}
        block.one_record |= items[0].record is block.header_record
        if body.several:
            block.issues.append(Issue("malformed_pair", at=items[0].line.at, raw=items[0].line.text))
        block.add_pairs(body.pairs, [item.record.number for item in items], [item.line.at for item in items])
        if body.cut_key:
            block.lose_value(block.occurrences[-len(body.pairs)])
        if len(body.pairs) > body.cut_key:
            block.mark_end_of_line(body)

    def too_long(self, index: int, key: str) -> None:
        block, item = self.block, self.items[index]
        block.lose("line_too_long", key, item.line)
        block.touched.append(item.line.at)
        block.records.add(item.record.number)
        block.one_record |= item.record is block.header_record
        block.no_tail()

    # ------------------------------------------------------------------ foreign lines
    def foreign(self, index: int, token: bool = True) -> int:
        """1-correlation-data, Claimed blocks. Returns where to go on."""
        block, item = self.block, self.items[index]
        piece = self.look.token(block, index) if token else None
        # "A foreign line inside such a record is claimed only by a marker in the same record."
        looked, marker = self.look.window(block, index, only=item.record if block.one_record else None)
        behind = piece.pairs if piece and self.look.is_cut(block, piece, index) else []
        new = bool(behind) and block.is_new(behind[0].key)
        new = new or any(self.items[i].line.text and self.look.begins_with_new(block, i) for i in looked)
        if block.joined or (piece and self.look.is_cut(block, piece, index)):
            block.lose_tail()
        block.no_tail()
        glued = self.look.glued_behind(block, index)
        if glued is not None:
            self.told.add(glued)
        if marker is not None and not self.two_writers:
            self.claim(index, behind, marker)
            return marker + 1
        if marker is not None or new:
            block.mark_cut_short()
            self.two_writers = True
        if self.look.begins_unclosed(index):
            self.object_is_open()
        self.close("other_line", self.look.decided_at(block, index))
        return index

    def claim(self, foreign: int, behind: list[Pair], marker: int) -> None:
        """ "The foreign lines stood inside the block." """
        block = self.block
        self.interrupt(foreign)
        title = markers.is_title(self.items[foreign].line.text)
        self.feed_behind(behind, foreign)
        index, is_foreign = foreign + 1, True  # the line before
        while index < marker:
            item = self.items[index]
            index += 1
            if item.failure or not item.line.text:
                continue
            if self.look.is_suspending(index - 1):
                block.no_tail()
                is_foreign = True
                continue
            kind, what, taken = self.look.kind(index - 1)
            index, was_foreign = taken[-1] + 1, is_foreign
            is_foreign = kind == "other" or self.look.gates_go_on(block, taken[0])
            is_foreign = is_foreign or (was_foreign and kind == "body" and what.cut_key)
            if kind == "body" and not is_foreign:
                self.feed_between(what, taken, title)
                if self.block is None:
                    return
            elif kind == "long":
                if not title and block.is_new(what):
                    self.too_long(taken[0], what)
                block.no_tail()
            else:
                piece = self.look.token(block, taken[0])
                if piece and self.look.is_cut(block, piece, taken[0]):
                    block.lose_tail()
                    self.feed_behind(piece.pairs, taken[0])
                block.no_tail()
                title |= markers.is_title(item.line.text)
        block.touched.append(self.items[marker].line.at)
        self.close("explicit", self.items[marker].line.at.end, directly_after=True)

    def feed_behind(self, pairs: list[Pair], index: int) -> None:
        """ "the pairs behind its token count as the first line behind a foreign one" """
        if pairs:
            self.feed_between(markers.ending(pairs, self.items[index].line.text), [index], title=False)

    def feed_between(self, body: Body, taken: list[int], title: bool) -> None:
        block, pairs = self.block, body.pairs
        block.no_tail()
        if title:
            # "Where known keys stood there the block gets `cut_short` too."
            if any(grammar.is_known(pair.key) for pair in pairs):
                block.mark_cut_short()
        elif self.look.all_new(block, pairs) or body.several:
            self.body(body, taken)
        elif all(grammar.is_known(pair.key) for pair in pairs):
            # "A known key that comes again with another text counts as on any other line."
            for pair in pairs:
                if pair.normal in block.normal_keys():
                    item = self.items[taken[pair.line]]
                    block.occurrences.append(Occurrence(pair, item.record.number, item.line.at))
                    block.records.add(item.record.number)
