"""1-correlation-data and 2-log-envelopes, Blocks in envelopes: the blocks of one stream, and how each ended."""

from __future__ import annotations

import re

import grammar
import markers
from blocks import END_OF_INPUT, MAX_BYTES, Block, Issue
from claims import Claims
from grammar import Pair
from markers import Header
from objects import may_begin
from records import MessageLine, Record
from streams import Item, suspends, written


class Scanner(Claims):
    # ------------------------------------------------------------------ the whole stream
    def run(self) -> None:
        index = 0
        while index < len(self.items):
            index = self.step(index)
            before = self.items[index - 1] if index else None
            if before and not before.failure and self.look.end_of_record(index - 1) == index:
                self.record_over(before.record, index)
        if self.block:
            self.end_of_input()

    def step(self, index: int) -> int:
        """Takes the line at `index`, and what belongs to it; returns where to go on."""
        item = self.items[index]
        if item.failure:
            self.failure(item)
            return index + 1
        if not item.line.text:
            return index + 1
        if self.block and item.first and not item.line.cut:
            after = self.record_begins(index)
            if after is not None:
                return after
        if item.line.cut and not (self.block and self.suspended is None and self.look.object_at(index)):
            return self.cut_line(index)
        if self.block is None:
            return self.outside(index)
        return self.inside(index)

    def outside(self, index: int) -> int:
        item = self.items[index]
        if item.damaged:  # "of every open block"
            if index in self.told and item.record.number not in self.log.told_damaged:
                self.log.told_damaged.add(item.record.number)  # once, of all streams
                self.issues.append(Issue("unrecognised_header", at=item.line.at, raw=item.line.text))
            return index + 1
        text = item.line.text
        header = markers.parse_header(text)
        if header:
            return self.open(header, index)
        if markers.is_end(text):
            if not self.just_after:
                self.issues.append(Issue("orphan_end", at=item.line.at, raw=text))
            return index + 1
        if markers.is_near_miss(text) or index in self.told:
            self.issues.append(Issue("unrecognised_header", at=item.line.at, raw=text))
        self.just_after = False
        return index + 1

    def inside(self, index: int) -> int:
        block, line = self.block, self.items[index].line
        kind, what, taken = self.look.kind(index)
        if kind == "header":
            return self.open(what, index)
        if kind == "end" or (kind == "rule" and block.body_lines):
            block.touched.append(line.at)
            self.close("explicit", line.at.end, directly_after=True)
        elif kind == "rule":
            block.no_tail()
        elif kind == "long":
            self.too_long(index, what)
        elif kind == "body" and not self.look.gates_go_on(block, index):
            self.body(what, taken)
        elif kind == "near":
            return self.near_miss(index)
        else:
            return self.foreign(index)
        return taken[-1] + 1

    def near_miss(self, index: int) -> int:
        """Behind a near-miss header nothing is looked at."""
        block, item = self.block, self.items[index]
        if self.suspended is not None:
            self.told.add(index)
            return self.foreign(self.suspended, token=False)
        if block.awaiting:
            self.close_with_record(index, item.line.at.end)
            return index
        if item.damaged and item.glued:
            self.object_is_open()
        if block.joined:
            block.lose_tail()
        self.told.add(index)
        self.close("other_line", item.line.at.end)
        return index

    # ------------------------------------------------------------------ records
    def record_begins(self, index: int) -> int | None:
        """What the beginning of a record means for the open block: where to go on, or None to take its lines one by one."""
        block, item = self.block, self.items[index]
        if self.rejoins(item):
            self.join(item)
            return self.look.end_of_record(index)
        if block.awaiting:
            if self.look.begins_with_all_new(block, index) and not self.look.gates_go_on(block, index):
                block.awaiting = False
            else:
                self.close_with_record(index, item.line.at.end)
            return None
        if self.suspended is not None:
            return self.after_suspension(index)
        if suspends(item.record) and self.look.kind(index)[0] == "other":
            return self.suspend(index, index)
        return None

    def suspend(self, index: int, start: int) -> int:
        if index == start:
            piece = self.look.token(self.block, index)
            cut = bool(piece) and self.look.is_cut(self.block, piece, index)
            # "the pairs behind its token count as the first line behind a foreign one"
            self.brings_new = cut and bool(piece.pairs) and self.block.is_new(piece.pairs[0].key)
            if cut:
                self.block.lose_tail()
        after = self.look.end_of_record(index)
        for position in range(index, after):
            text = self.items[position].line.text
            # "An end marker inside a suspending record claims as one behind it does"; near-miss: "the lines before are judged".
            near = self.look.is_near(position)
            if near and position > index and self.items[position - 1].before:
                self.suspended = start
                self.cut_line(position - 1)
            if markers.is_end(text) or markers.parse_header(text) or near:
                self.told.add(position)
                self.suspended = None
                return self.foreign(start, token=False)
        self.suspended = start
        return after

    def after_suspension(self, index: int) -> int | None:
        block, item, start = self.block, self.items[index], self.suspended
        text = item.line.text
        ends = markers.is_end(text) or (markers.is_rule(text) and block.body_lines)
        # A pair whose key may be cut does not resume the block.
        if ends or (self.look.begins_with_all_new(block, index) and not self.look.cut_key(index)):
            self.interrupt(start)
            self.suspended = None
            return None
        if suspends(item.record) and not markers.parse_header(text) and not self.look.is_near(index):
            return self.suspend(index, start)
        if self.look.is_near(index):
            self.told.add(index)
        self.suspended = None
        return self.foreign(start, token=False)

    def record_over(self, record: Record, index: int) -> None:
        block = self.block
        if block and block.one_record and not block.awaiting and self.suspended is None:
            if record.prints:
                block.awaiting = True
            elif record.ended_at is not None or self.complete:
                at = record.ended_at if record.ended_at is not None else END_OF_INPUT
                self.close_with_record(index, at)

    def close_with_record(self, index: int, at: int) -> None:
        """A block that ended with its record without its marker. `index`: where the stream goes on."""
        block = self.block
        following = self.look.next_record(index)
        gates = bool(following) and self.look.gates_go_on(block, following[0])
        brings = any(self.look.begins_with_new(block, i) for i in following[gates:])
        if gates or (following and self.look.kind(following[0])[0] == "other"):
            token = self.look.token(block, following[0])
            cut = bool(token) and self.look.is_cut(block, token, following[0])
            if cut:
                brings |= bool(token.pairs) and block.is_new(token.pairs[0].key)
            if block.joined or cut:
                block.lose_tail()
        if brings:
            block.mark_cut_short()
        self.close("record_end", max(at, self.look.next_decides_at(index, following)), directly_after=True)

    def rejoins(self, item: Item) -> bool:
        """`crypto=` and, in the next record of the stream, one bare token."""
        block, lines = self.block, written(item.record)
        if not (item.record.prints and block.pending) or any(line.cut != (line is not lines[0]) for line in lines):
            return False
        text = lines[0].text
        if lines[0].grouped or any(b in text for b in grammar.BLANKS) or text[0] in '"{':
            return False
        if markers.is_end(text) or markers.is_rule(text):
            return False
        return not markers.parse_header(text) and not markers.is_near_miss(text) and markers.parse_line(text) is None

    def join(self, item: Item) -> None:
        block, line = self.block, item.line
        if block.body_bytes + line.bytes > MAX_BYTES:
            block.issues.append(Issue("block_too_long", at=line.at, raw=line.text))
            self.close("limit", line.at.end)
            return
        occurrence = block.pending
        occurrence.pair = Pair(occurrence.pair.key, line.text, line.text)
        block.issues.append(Issue("rejoined_pair", occurrence.pair.normal, occurrence.at, line.text))
        block.body.append(line.text)
        block.body_bytes += line.bytes
        block.records.add(item.record.number)
        block.touched.append(line.at)
        block.no_tail()
        block.tail, block.joined = occurrence, True
        block.awaiting = block.one_record

    # ------------------------------------------------------------------ begin and end
    def open(self, header: Header, index: int) -> int:
        item = self.items[index]
        line, record, cut = item.line, item.record, self.block
        self.look.grave = suspends(record)
        # The time as text, seen before for a bare header.
        observed = record.time or (self.seen_before[record.number] if record.untimed else None)
        block = Block(header, line.at, record, observed)
        if cut:
            if self.suspended is not None:
                start, self.suspended = self.suspended, None
                return self.foreign(start, token=False)
            if cut.header_record is not record:
                cut.cut_by = block
            self.close("new_header", line.at.end)
        block.touched.append(line.at)
        block.records.add(record.number)
        self.look.block = block
        if not line.cut:
            block.add_pairs(header.pairs, [record.number], [line.at])
            if header.pairs:
                block.mark_end_of_line(markers.ending(header.pairs, line.text))
        self.block = block
        self.blocks.append(block)
        if written(record) == [line] and not line.cut and any(grammar.is_known(pair.key) for pair in record.keys):
            self.structured(record, line)
        return index + 1

    def structured(self, record: Record, line: MessageLine) -> None:
        """ "A structured header … is complete in itself." """
        block = self.block
        block.body_lines = block.data_lines = 1
        block.body = [repr([(p.key, p.text) for p in record.keys])]
        if sum(grammar.byte_length(f"{p.key}={p.text} ") for p in record.keys) > MAX_BYTES:
            block.issues.append(Issue("block_too_long", at=line.at, raw=line.text))
            self.close("limit", line.at.end)
            return
        block.add_pairs([Pair(p.key, p.text, p.raw, p.broken, gates=p.gates) for p in record.keys], [record.number], [line.at])
        self.close("record_end", line.at.end, directly_after=True)

    def failure(self, item: Item) -> None:
        """1-correlation-data, How a block ends: "Failure lines end every open block of the same task instance"."""
        block = self.block
        if not block or not self.look.ends(item, block):
            return
        at = item.record.lines[0].at.end
        if block.awaiting and len(block.records) == 1:
            self.close("record_end", at, directly_after=True)
        else:
            self.note_keys_behind()
            block.issues.append(Issue("incomplete_block", at=block.at, raw=block.header.text))
            self.close("failure", at, directly_after=True)

    def note_keys_behind(self) -> None:
        """ "A block still suspended … counts as open", and is cut short by what result 2 names."""
        if self.suspended is not None:
            looked, _ = self.look.window(self.block, self.suspended)
            if self.brings_new or any(self.items[i].line.text and self.look.begins_with_new(self.block, i) for i in looked):
                self.block.mark_cut_short()

    def end_of_input(self) -> None:
        block, last = self.block, self.log.records[-1]
        # "The end of a cut or damaged log does not end a multi-line record."
        whole = len(block.records) == 1 and (self.complete or last.number not in block.records or last.whole_when_read)
        if block.awaiting and whole:
            self.close("record_end", END_OF_INPUT)
            return
        if not self.complete or self.log.answer_cut or (block.late and self.failure_seen):
            block.issues.append(Issue("incomplete_block", at=block.at, raw=block.header.text))
        self.note_keys_behind()
        self.close("end_of_input", END_OF_INPUT)

    def cut_line(self, index: int) -> int:
        """ "Nothing is read from a line that may be cut"; unless it is a header or a full end marker it ends nothing."""
        block, item = self.block, self.items[index]
        text = item.line.text
        header = markers.parse_header(text)
        if header:
            return self.open(header, index)
        if not block:
            return index + 1
        if markers.is_end(text):
            if block.awaiting and item.first:
                self.close_with_record(index, item.line.at.end)
                return index + 1
            if self.suspended is not None:
                self.interrupt(self.suspended)
            self.close("explicit", END_OF_INPUT)
            return index + 1
        if re.match(r"event[ \t]*=[ \t]*\"?correlation_data", text, re.IGNORECASE):
            return index + 1
        if item.before and may_begin(text):
            if self.suspended is None and not block.awaiting:
                self.object_is_open()
            return index + 1
        key = grammar.first_key(text)
        if self.suspended is None and (self.look.gates_go_on(block, index) or (key is None and block.joined)):
            block.lose_tail()
            return index + 1
        if key is None:
            body = markers.parse_line(text)
            key = body.pairs[0].key if body and body.pairs else None
        if key is not None:
            if not ((block.awaiting or self.suspended is not None) and grammar.normal(key) in block.normal_keys()):
                block.lose("incomplete_block", key, item.line)
                if item.before:
                    for pair in markers.parse_line(text).pairs[1:]:
                        if grammar.is_known(pair.key):
                            block.lose("incomplete_block", pair.key, item.line)
        elif self.suspended is None:
            piece = self.look.token(block, index)
            if piece and self.look.is_cut(block, piece, index):
                block.lose_tail()
        return index + 1
