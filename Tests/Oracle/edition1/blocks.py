"""1-correlation-data and 2-log-envelopes, Blocks in envelopes: from log records to blocks, how each ended, and what is wrong
with them."""

from __future__ import annotations

import re

from . import grammar
from .block import END_OF_INPUT, MAX_BYTES, Block, Issue, Occurrence, Stream, body_at, is_end
from .grammar import Body, Header, Pair
from .interleaving import mark_interleaved, mark_replays
from .recognised import WARNING
from .records import Log, MessageLine, Record, same_task

MAX_LINES = 256
MAX_OPEN = 64


class Parser:
    def __init__(self, log: Log, complete: bool):
        self.log = log
        self.complete = complete
        self.streams: dict[tuple, Stream] = {}
        self.blocks: list[Block] = []
        self.source_issues: list[Issue] = [Issue("line_too_long", at=line) for line in log.skipped]
        self.failure_seen = False

    # ------------------------------------------------------------------ whole log
    def run(self) -> None:
        for record in self.log.records:
            if record.failure:
                self.failure(record)
            self.feed(record)
        for block in self.open_blocks():
            self.end_of_input(block)
        for stream in self.streams.values():
            mark_interleaved(stream.blocks)
        mark_replays(self.blocks)

    def open_blocks(self) -> list[Block]:
        return sorted((s.block for s in self.streams.values() if s.block), key=lambda b: b.number)

    def failure(self, record: Record) -> None:
        """The page: "Failure lines end every open block of the same task instance (of any, where lines name none)"."""
        self.failure_seen = True
        for block in self.open_blocks():
            if block.late or not same_task(block.identity, record.identity):
                continue
            if block.awaiting and len(block.records) == 1:
                self.close(block, "record_end", record.lines[0].at.end, directly_after=True)
            else:
                block.issues.append(Issue("incomplete_block", at=block.at))
                self.close(block, "failure", record.lines[0].at.end, directly_after=True)

    def end_of_input(self, block: Block) -> None:
        last = self.log.records[-1]
        # "A block that lies in one record ends `record_end`, whatever follows": not one that lies in more; nor, where the
        # log was cut, one whose record may have been.
        whole = len(block.records) == 1 and (self.complete or last.number not in block.records or last.whole_when_read)
        if block.awaiting and whole:
            self.close(block, "record_end", END_OF_INPUT)
            return
        if not self.complete or (block.late and self.failure_seen):
            block.issues.append(Issue("incomplete_block", at=block.at))
        self.close(block, "end_of_input", END_OF_INPUT)

    # ------------------------------------------------------------------ blocks
    def open(self, header: Header, line: MessageLine, record: Record, stream: Stream) -> Block:
        cut = stream.block
        block = Block(
            len(self.blocks) + 1,
            header,
            line.at,
            record.number,
            record.stream,
            record.late,
            record.identity,
            record.time,
            record.time or stream.last_time,
        )
        if cut:
            if cut.header_record != record.number and not cut.suspended:
                cut.cut_by = block
            self.close(cut, "other_line" if cut.suspended else "new_header", line.at.end)
        others = self.open_blocks()
        if len(others) >= MAX_OPEN:
            self.close(others[0], "limit", line.at.end, directly_after=True)
        block.touched.append(line.at)
        block.records.add(record.number)
        if not line.cut:
            self.add_pairs(block, header.pairs, record, line)
        stream.block = block
        stream.blocks.append(block)
        self.blocks.append(block)
        return block

    def close(self, block: Block, end: str, offset: int, directly_after: bool = False) -> None:
        stream = self.streams[block.stream]
        block.end, block.ended_at, block.suspended, block.awaiting = end, offset, None, False
        stream.block = None
        stream.just_after = directly_after

    def add_pairs(self, block: Block, pairs: list[Pair], record: Record, line: MessageLine) -> None:
        block.pending = None
        for pair in pairs:
            block.occurrences.append(Occurrence(pair, record.number, line.at))
        if pairs and pairs[-1].empty:
            block.pending = block.occurrences[-1]

    def lose(self, block: Block, kind: str, key: str, line: MessageLine) -> None:
        block.issues.append(Issue(kind, grammar.normal(key), line.at, line.text))
        block.lost_keys.setdefault(grammar.normal(key), kind)

    # ------------------------------------------------------------------ one record
    def starts_with_new_known_keys(self, block: Block, lines: list[MessageLine], index: int) -> bool:
        found = body_at(lines, index)
        if not found or not found[0].pairs:
            return False
        keys = [pair.normal for pair in found[0].pairs]
        return all(k in grammar.KNOWN and k not in block.normal_keys() and k not in block.lost_keys for k in keys)

    def rejoins(self, block: Block, record: Record, written: list[MessageLine]) -> bool:
        """`crypto=` and, in the next record of the stream, one bare token."""
        if not (record.prints and block.pending and not written[0].cut and all(line.cut for line in written[1:])):
            return False
        text = written[0].text
        if any(b in text for b in grammar.BLANKS) or text.startswith('"') or is_end(text) or grammar.is_rule(text):
            return False
        return grammar.parse_header(text) is None and grammar.parse_line(text) is None and not text.startswith("{")

    def join(self, block: Block, line: MessageLine, record: Record) -> None:
        if block.body_bytes + line.bytes > MAX_BYTES:
            block.issues.append(Issue("block_too_long", at=line.at))
            self.close(block, "limit", line.at.end)
            return
        occurrence = block.pending
        joined = Pair(occurrence.pair.key, line.text, line.text)
        occurrence.pair = joined
        block.issues.append(Issue("rejoined_pair", joined.normal, occurrence.at, line.text))
        block.body.append(line.text)
        block.body_bytes += line.bytes
        block.records.add(record.number)
        block.touched.append(line.at)
        block.pending = None

    def feed(self, record: Record) -> None:
        stream = self.streams.setdefault(record.stream, Stream())
        written = [line for line in record.lines if line.text]
        if written:
            self.feed_lines(record, stream, written)
        if record.time:
            stream.last_time = record.time

    def feed_lines(self, record: Record, stream: Stream, written: list[MessageLine]) -> None:
        lines, index, first = record.lines, record.lines.index(written[0]), written[0]
        block = stream.block
        interrupting = False
        if block and not first.cut:
            if self.rejoins(block, record, written):
                self.join(block, first, record)
                block.awaiting = block.one_record
                return
            if block.awaiting:
                if self.starts_with_new_known_keys(block, lines, index):
                    block.awaiting = False
                else:
                    self.close(block, "record_end", first.at.end, directly_after=True)
            elif block.suspended:
                ends = is_end(first.text) or (grammar.is_rule(first.text) and block.body_lines)
                if ends or self.starts_with_new_known_keys(block, lines, index):
                    block.issues.append(Issue("interrupted", at=block.suspended.at, raw=block.suspended.text))
                    block.suspended = None
                elif grammar.parse_header(first.text):
                    pass  # opens a block: the suspended one ended before
                elif self.suspends(record):
                    interrupting = True
                else:
                    self.close(block, "other_line", first.at.end)
            elif self.suspends(record) and self.kind(lines, index)[0] in ("near", "other"):
                block.suspended = first
                interrupting = True
        while index < len(lines):
            index += self.line(record, stream, lines, index, interrupting and stream.block is block)
        block = stream.block
        if block and block.one_record and not block.awaiting and not block.suspended:
            known = record.ended_at is not None or self.complete
            if record.prints:
                block.awaiting = True
            elif known:
                at = record.ended_at if record.ended_at is not None else END_OF_INPUT
                self.close(block, "record_end", at, directly_after=True)

    def suspends(self, record: Record) -> bool:
        return record.level is not None and record.level >= WARNING and not record.channel

    def kind(self, lines: list[MessageLine], index: int):
        """(kind, what, number of message lines) of the line at `index` for an open block."""
        text = lines[index].text
        header = grammar.parse_header(text)
        if header:
            return "header", header, 1
        if is_end(text):
            return "end", None, 1
        if grammar.is_rule(text):
            return "rule", None, 1
        if lines[index].bytes > MAX_BYTES:
            key = grammar.first_key(text)
            return ("long", key, 1) if key else ("other", None, 1)
        found = body_at(lines, index)
        if found:
            return "body", found[0], found[1]
        return ("near" if grammar.NEAR_MISS.match(text) else "other"), None, 1

    def line(self, record: Record, stream: Stream, lines: list[MessageLine], index: int, interrupting: bool) -> int:
        """Takes the message line at `index`; returns how many it took."""
        line, block = lines[index], stream.block
        if not line.text:
            return 1
        if line.cut and not (block and not interrupting and line.text.startswith("{") and body_at(lines, index)):
            self.cut_line(record, stream, lines, index)
            return 1
        if block is None or interrupting:
            header = grammar.parse_header(line.text)
            if header:
                self.header(header, line, record, stream)
            elif grammar.NEAR_MISS.match(line.text):
                self.source_issues.append(Issue("unrecognised_header", at=line.at, raw=line.text))
                stream.just_after = False
            elif not interrupting:
                if is_end(line.text):
                    if not stream.just_after:
                        self.source_issues.append(Issue("orphan_end", at=line.at, raw=line.text))
                else:
                    stream.just_after = False
            return 1
        kind, what, count = self.kind(lines, index)
        if kind == "header":
            self.header(what, line, record, stream)
        elif kind == "end":
            block.touched.append(line.at)
            self.close(block, "explicit", line.at.end, directly_after=True)
        elif kind == "rule":
            if block.body_lines:
                block.touched.append(line.at)
                self.close(block, "explicit", line.at.end, directly_after=True)
        elif kind == "long":
            self.lose(block, "line_too_long", what, line)
            block.touched.append(line.at)
            block.records.add(record.number)
            block.one_record |= record.number == block.header_record
            block.pending = None
        elif kind == "body":
            self.body(block, what, record, lines[index : index + count])
        else:
            if kind == "near":
                self.source_issues.append(Issue("unrecognised_header", at=line.at, raw=line.text))
            self.close(block, "other_line", line.at.end)
        return count

    def body(self, block: Block, body: Body, record: Record, taken: list[MessageLine]) -> None:
        size = sum(line.bytes for line in taken)
        if block.body_lines + 1 > MAX_LINES or block.body_bytes + size > MAX_BYTES:
            block.issues.append(Issue("block_too_long", at=taken[0].at))
            self.close(block, "limit", taken[-1].at.end)
            return
        block.body_lines += 1
        block.body_bytes += size
        block.body += [line.text for line in taken]
        block.touched += [line.at for line in taken]
        block.records.add(record.number)
        block.one_record |= record.number == block.header_record
        self.add_pairs(block, body.pairs, record, taken[0])

    def header(self, header: Header, line: MessageLine, record: Record, stream: Stream) -> None:
        block = self.open(header, line, record, stream)
        alone = [other for other in record.lines if other.text] == [line]
        if alone and not line.cut and any(grammar.is_known(pair.key) for pair in record.keys):
            # "A structured header … is complete in itself."
            block.body_lines = 1
            block.body = [repr([(p.key, p.text) for p in record.keys])]
            if sum(grammar.byte_length(f"{p.key}={p.text} ") for p in record.keys) > MAX_BYTES:
                block.issues.append(Issue("block_too_long", at=line.at))
                self.close(block, "limit", line.at.end)
                return
            self.add_pairs(block, record.keys, record, line)
            block.pending = None
            self.close(block, "record_end", line.at.end, directly_after=True)

    def cut_line(self, record: Record, stream: Stream, lines: list[MessageLine], index: int) -> None:
        """The page: "Nothing is read from a line that may be cut"; unless it is a header or a full end marker it ends nothing."""
        line, block = lines[index], stream.block
        header = grammar.parse_header(line.text)
        if header:
            self.header(header, line, record, stream)
        elif is_end(line.text):
            if block:
                if block.awaiting and line is next(other for other in lines if other.text):
                    self.close(block, "record_end", line.at.end)
                else:
                    if block.suspended:
                        block.issues.append(Issue("interrupted", at=block.suspended.at, raw=block.suspended.text))
                    self.close(block, "explicit", END_OF_INPUT)
        elif block:
            if re.match(r"event[ \t]*=[ \t]*\"?correlation_data", line.text, re.IGNORECASE):
                return
            body = grammar.parse_line(line.text)
            known = grammar.first_key(line.text)
            key = body.pairs[0].key if body and body.pairs else known
            if key is None:
                return
            if (block.awaiting or block.suspended) and grammar.normal(key) in block.normal_keys():
                return
            self.lose(block, "incomplete_block", key, line)
