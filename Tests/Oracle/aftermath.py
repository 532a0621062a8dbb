"""1-correlation-data, Interleaving and Unread headers; 2-log-envelopes, Replays: what only the whole log tells."""

from __future__ import annotations

import re
from fractions import Fraction

from blocks import Block, Issue
from wrappers import PhysicalLine

WORDS = "CORRELATION DATA"


def number(blocks: list[Block]) -> list[Block]:
    """ "`block` counts headers from 1." """
    ordered = sorted(blocks, key=lambda block: (block.at.offset, block.header_record.number))
    for count, block in enumerate(ordered, 1):
        block.number = count
    return ordered


def mark_interleaved(blocks: list[Block]) -> None:
    """The blocks of one stream, in order."""
    tainted = False
    for index, block in enumerate(blocks):
        if tainted and len(block.records) > 1:
            block.interleaved = True
        found = block.supported and repeats_across_records(block)
        if found:
            block.interleaved = True
        if block.cut_by is not None:
            follower = blocks[index + 1]
            assert follower is block.cut_by
            if not alike(block, follower):
                block.interleaved = follower.interleaved = True
                found = True
        tainted |= found


def repeats_across_records(block: Block) -> bool:
    """(a) a key that comes again with another text in another log record of the block."""
    return any(
        a.pair.normal == b.pair.normal and a.pair.text != b.pair.text and a.record != b.record
        for i, a in enumerate(block.occurrences)
        for b in block.occurrences[:i]
    )


def interpreted_keys(block: Block) -> list[str]:
    """Of a block of an unknown version "nothing in it is interpreted"."""
    return block.normal_keys() if block.supported else []


def alike(first: Block, second: Block) -> bool:
    """ "both blocks begin with the same key, end with the same key, and share at least three quarters of the longer one's keys
    in the same order"; "an empty block begins with no key, so it never passes"."""
    a, b = interpreted_keys(first), interpreted_keys(second)
    if not a or not b or a[0] != b[0] or a[-1] != b[-1]:
        return False
    return Fraction(longest_common_subsequence(a, b), max(len(a), len(b))) >= Fraction(3, 4)


def longest_common_subsequence(a: list[str], b: list[str]) -> int:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a, 1):
        for j, y in enumerate(b, 1):
            table[i][j] = table[i - 1][j - 1] + 1 if x == y else max(table[i - 1][j], table[i][j - 1])
    return table[-1][-1]


def mark_replays(blocks: list[Block]) -> None:
    """ "The same block twice in one source stream of a log"; "times are compared as texts, with a blank as `T` and `+00:00` as
    `Z`"."""
    seen = set()
    for block in blocks:
        record = block.header_record
        # Sections alone are no body.
        if record.time is None or not record.time_text or not (block.data_lines or block.occurrences or block.unread_lines):
            continue
        time = record.time_text.replace(" ", "T").replace("+00:00", "Z")
        identity = (record.stream, time, block.header.text, tuple(block.body))
        block.replay = identity in seen
        seen.add(identity)


# A byte of a word, and what is none.
WORD = r"[A-Za-z0-9_\x80-\U0010ffff]"
BEGINNING = re.compile(
    r"=== (?:END )?(?:CORRELATION[ \t]*(?P<end>$|[\r\x1b\"'\\\[]|source=)"
    rf"|(?:CORRELAT(?:IO?)?|CORRELATION D(?:AT?)?)(?P<other>$|(?!{WORD})))"
)
REST_END = re.compile(r"(?: v[0-9]+)? ===")


def ends_cut(line: PhysicalLine) -> bool:
    """ "a beginning of the words, `CORRELAT` or more, and the text ends there"; "the end of a last line without LF is none"."""
    return any(line.whole or match.end() < len(line.text) for match in BEGINNING.finditer(line.text))


def begins_cut(line: PhysicalLine) -> bool:
    """ "the rest of the words, `TION DATA` or more, and behind it ` ===`, …; and the text begins there"."""
    for length in range(len("TION DATA"), len(WORDS)):
        place = -1
        while (place := line.text.find(WORDS[-length:], place + 1)) >= 0:
            if REST_END.match(line.text, place + length) and begins_text(line.text[:place]):
                return True
    return False


def begins_text(before: str) -> bool:
    outer = before.rstrip(" \t")
    if not outer:
        return True
    if outer[-1] == "=":
        return False
    return outer != before or not re.match(WORD, outer[-1]) or bool(re.search(r"\\n$|\[[0-9;]*m$", outer))


def unread_header(lines: list[PhysicalLine], blocks: list[Block], issues: list[Issue]) -> Issue | None:
    """ "Where a log gives no block at all but the words occur in it, and none of these places has another issue"; "`orphan_end`
    is no other issue here"."""
    places = [line for line in lines if WORDS in line.text] or [line for line in lines if ends_cut(line) or begins_cut(line)]
    spoken = {issue.at.number for issue in issues if issue.at and issue.kind != "orphan_end"}
    if blocks or not places or any(line.number in spoken for line in places):
        return None
    return Issue("unread_header", at=places[0], raw=places[0].text)
