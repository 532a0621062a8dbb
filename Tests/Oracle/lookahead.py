"""1-correlation-data: what a line is for an open block, and what the lines behind a foreign one say."""

from __future__ import annotations

from dataclasses import replace

import grammar
import markers
from blocks import END_OF_INPUT, MAX_BYTES, Block
from grammar import Pair
from markers import Body, Token
from objects import Object, may_begin, read_object, shape
from streams import Item, suspends
from tasks import same_task

CLAIM_LINES = 64


class Lookahead:
    """The lines of one stream; nothing here changes anything."""

    def __init__(self, items: list[Item]):
        self.items = items
        self.grave = False  # the line before that is the open block's stands in a record of WARNING or above
        self.first_of = {item.record.number: index for index, item in enumerate(items) if item.first}
        self.block: Block | None = None  # the open one
        self.dead: set[int] = set()  # lines behind the first of an object that proved none

    # ------------------------------------------------------------------ lines
    def next_written(self, index: int) -> int | None:
        """The next item from `index` on that is a line with text or a failure line."""
        while index < len(self.items):
            item = self.items[index]
            if item.failure or item.line.text:
                return index
            index += 1
        return None

    def end_of_record(self, index: int) -> int:
        record = self.items[index].record
        while index < len(self.items) and self.items[index].record is record and not self.items[index].failure:
            index += 1
        return index

    def ends(self, item: Item, block: Block) -> bool:
        """A failure line that ends the block."""
        return item.failure and not block.late and same_task(block.header_record.identity, item.record.identity)

    def body_at(self, index: int) -> tuple[Body, list[int]] | None:
        """(the body-line that begins with the line at `index`, the items it takes)."""
        line = self.items[index].line
        if index in self.dead or self.items[index].damaged:
            return None
        if may_begin(line.text):
            found, taken = self.collected(index)
            if found:
                return Body(found.pairs, several=found.several), taken
            self.dead.update(taken[1:])  # "its lines are foreign"
        if line.cut:
            return None
        body = markers.parse_line(line.text)
        if body is None:
            return None
        token = self.cut_key(index)
        if token:
            # "Its first key is the key that they spell together."
            key = markers.spelled_together(token, line.text) or token + body.pairs[0].key
            body.pairs[0], body.cut_key = replace(body.pairs[0], key=key), True
        return body, [index]

    def before(self, index: int) -> str:
        """The line before in the stream, as far as it may hold the beginning of a key: "a record that suspends the block holds
        none" but behind a line of the same level, nor does "the rest of a line whose group marker was taken off"."""
        for position in range(index - 1, -1, -1):
            line = self.items[position].line
            if line and line.text:
                if self.items[position].damaged:
                    return ""
                token = line.grouped and markers.is_bare_token(line.text)
                return "" if token or self.holds_no_token(position) else line.text
        return ""

    def cut_key(self, index: int) -> str | None:
        """ "A pair whose key may be cut is not read": the token that the line before ends in."""
        begins = markers.begins_with_cut_key(self.items[index].line.text)
        return markers.cut_key(self.before(index)) if begins else None

    def spelled_with_token(self, index: int) -> str | None:
        """The key that "its beginning and the bare token that the line before it is spell together"."""
        before = self.before(index)
        token = grammar.without_bullet(before)
        return markers.spelled_together(token, self.items[index].line.text) if markers.is_bare_token(before) else None

    def object_at(self, index: int) -> tuple[Body, list[int]] | None:
        found, taken = self.collected(index)
        return (Body(found.pairs, several=found.several), taken) if found else None

    def collected(self, index: int) -> tuple[Object | None, list[int]]:
        """ "An object stands on one message line, or is spread over the lines of one record", on a line stream over the next
        records. "A header, a marker line or a failure line that ends the block is a line that cannot carry an object on." """
        taken: list[int] = []
        texts: list[str] = []
        record, size = self.items[index].record, 0
        for position in range(index, len(self.items)):
            item = self.items[position]
            if item.failure:
                if self.block and self.ends(item, self.block):
                    break
                continue
            text = item.line.text
            carries_on = item.record is record or record.line_stream
            if item.damaged or not carries_on or markers.parse_header(text) or markers.is_end(text):
                break
            if item.before or item.glued:  # "a line with the text of one"
                break
            if not text:
                continue
            far = shape([*texts, text])
            if far == "none":
                break
            taken.append(position)
            texts.append(text)
            size += item.line.bytes + 1
            if far == "closed":
                return read_object(texts), taken
            if size > MAX_BYTES:
                break
        return None, taken

    def begins_unclosed(self, index: int) -> bool:
        """Whether a foreign line begins an object that "proves none" behind it."""
        text = self.items[index].line.text
        return not self.items[index].damaged and may_begin(text) and shape([text]) == "open" and not self.object_at(index)

    def kind(self, index: int):
        """(kind, what, items taken) of the line at `index` for an open block."""
        line = self.items[index].line
        if self.items[index].glued:
            return "near", None, [index]
        if self.items[index].damaged or self.items[index].before:
            return "other", None, [index]
        header = markers.parse_header(line.text)
        if header:
            return "header", header, [index]
        if markers.is_end(line.text):
            return "end", None, [index]
        if markers.is_rule(line.text):
            return "rule", None, [index]
        if markers.is_near_miss(line.text):
            return "near", None, [index]
        if line.bytes > MAX_BYTES:
            key = grammar.first_key(line.text)
            return ("long", key, [index]) if key else ("other", None, [index])
        found = self.body_at(index)
        return ("body", *found) if found else ("other", None, [index])

    def is_near(self, index: int) -> bool:
        """A near-miss header, where a block is open."""
        item = self.items[index]
        return item.glued or (markers.is_near_miss(item.line.text) and not item.line.cut)

    def holds_no_token(self, index: int) -> bool:
        """ "a record that suspends the block holds none, unless the body-line stands in a record of WARNING or above too" """
        return self.is_suspending(index) and not self.grave

    def is_suspending(self, index: int) -> bool:
        """Whether the line belongs to a record that suspends: "decided at its first line". A record that holds lines of the block
        does not."""
        record = self.items[index].record
        if self.block and record.number in self.block.records:
            return False
        first = self.first_of.get(record.number)
        return first is not None and suspends(record) and self.kind(first)[0] in ("near", "other")

    # ------------------------------------------------------------------ keys
    def all_new(self, block: Block, pairs: list[Pair]) -> bool:
        return bool(pairs) and all(block.is_new(pair.key) for pair in pairs)

    def begins_with_all_new(self, block: Block, index: int) -> bool:
        """ "Begins with means that every key of the record's first body-line is known and new." """
        kind, what, _ = self.kind(index)
        return kind == "body" and self.all_new(block, what.pairs)

    def begins_with_new(self, block: Block, index: int) -> bool:
        """A line that "begins with a known key not yet in the block"."""
        line = self.items[index].line
        if self.items[index].damaged:
            return False
        spelled = self.spelled_with_token(index)
        if spelled and block.is_new(spelled):
            return True
        if line.cut or line.bytes > MAX_BYTES:
            key = grammar.first_key(line.text)
            return key is not None and block.is_new(key)
        kind, what, _ = self.kind(index)
        return kind == "body" and bool(what.pairs) and block.is_new(what.pairs[0].key)

    # ------------------------------------------------------------------ behind a foreign line
    def window(self, block: Block, foreign: int, only: object = None) -> tuple[list[int], int | None]:
        """(the lines that are looked at, the end marker among them). `only`: the record in which a marker counts."""
        looked: list[int] = []
        for index in range(foreign + 1, len(self.items)):
            item = self.items[index]
            if item.failure:
                if self.ends(item, block):
                    break
                continue
            if self.counted(looked) == CLAIM_LINES:
                break
            text = item.line.text
            if markers.is_end(text):
                return looked, index if only is None or item.record is only else None
            if markers.parse_header(text) or self.is_near(index) or markers.is_rule(text):
                break
            looked.append(index)
        return looked, None

    def counted(self, looked: list[int]) -> int:
        """What stands before a glued text is no line of its own."""
        return sum(not self.items[index].before for index in looked)

    def glued_behind(self, block: Block, foreign: int) -> int | None:
        """The line with a glued text that ends what is looked at."""
        looked, marker = self.window(block, foreign)
        after = max([foreign, *looked]) + 1
        while after < len(self.items) and self.items[after].failure and not self.ends(self.items[after], block):
            after += 1
        if marker is not None or self.counted(looked) == CLAIM_LINES or after == len(self.items):
            return None
        return after if self.items[after].glued else None

    def decided_at(self, block: Block, foreign: int) -> int:
        """The end of the line that decides: the one that ends the look-ahead, else the last that it looks at."""
        looked, marker = self.window(block, foreign)
        index = (marker or max([foreign, *looked]) + 1) - (self.counted(looked) == CLAIM_LINES)
        while index < len(self.items) and self.items[index].failure and not self.ends(self.items[index], block):
            index += 1
        if index >= len(self.items):
            return END_OF_INPUT
        item = self.items[index]
        return (item.record.lines[0] if item.failure else item.line).at.end

    def next_record(self, index: int) -> list[int]:
        """The lines of the stream's next record, up to a header or a marker."""
        start = self.next_written(index)
        if start is None or self.items[start].failure:
            return []
        out: list[int] = []
        for position in range(start, self.end_of_record(start)):
            text = self.items[position].line.text
            if markers.parse_header(text) or markers.is_end(text) or markers.is_rule(text) or self.is_near(position):
                break
            if text:
                out.append(position)
        return out

    def next_decides_at(self, index: int, following: list[int]) -> int:
        """Where it is decided what became of a block that ended with its record: in the next one, or at a header in it."""
        start = self.next_written(index)
        if start is None:
            return END_OF_INPUT
        item = self.items[start]
        if item.failure:
            return item.record.lines[0].at.end
        after = following[-1] + 1 if following else start
        if after < self.end_of_record(start):
            return self.items[after].line.at.end
        return END_OF_INPUT if item.record.ended_at is None else item.record.ended_at

    # ------------------------------------------------------------------ cut values
    def token(self, block: Block, index: int) -> Token | None:
        """The bare token that the foreign line at `index` is or begins with, where the block's last value may go on in it."""
        item = self.items[index]
        if block.tail is None or item.line.grouped or self.holds_no_token(index):
            return None
        if block.gates_go_on:
            return Token(item.line.text) if self.gates_go_on(block, index) else None
        if block.tail.pair.normal == "gates" and markers.begins_with_separator(item.line.text):
            return Token(item.line.text)
        token = markers.bare_token(item.line.text)
        if token and item.before:
            token.pairs = []
        return token

    def gates_go_on(self, block: Block, index: int) -> bool:
        """ "Behind `gates` whose line ends in a separator, so is a line that begins with a gate's name and `:`"."""
        line = self.items[index].line
        return block.gates_go_on and not line.grouped and markers.begins_with_gate(line.text)

    def goes_on(self, block: Block, index: int) -> bool:
        """ "a body-line of pairs as the next line, or, among the lines that *Claimed blocks* looks at, a known key not yet in the
        block or an end marker with its text, whether that marker claims or not" """
        if self.items[index].before:
            # With an end marker the block goes on.
            return markers.mark(self.items[index + 1].line.text).group() == markers.END
        looked, marker = self.window(block, index)
        written = [i for i in looked if self.items[i].line.text]
        if written:
            kind, what, _ = self.kind(written[0])
            if kind == "body" and what.pairs:
                return True
        return marker is not None or any(self.begins_with_new(block, i) for i in written)

    def is_cut(self, block: Block, token: Token, index: int) -> bool:
        """Whether the block's last value may have been cut before the token of the line at `index`."""
        pair = block.tail.pair
        if pair.normal == "gates":
            return True
        if pair.normal in grammar.NUMBER_FIELDS:
            return markers.spells_number(pair.raw + token.text)
        return token.more or self.goes_on(block, index)
