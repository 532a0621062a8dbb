"""1-correlation-data, Interleaving, and 2-log-envelopes, Replays: blocks mixed with others, and blocks printed again."""

from __future__ import annotations

from fractions import Fraction

from .block import Block


def mark_interleaved(blocks: list[Block]) -> None:
    """The blocks of one stream, in their order."""
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


def alike(first: Block, second: Block) -> bool:
    """The page: "both blocks begin with the same key, end with the same key, and share at least three quarters of the
    longer one's keys in the same order"."""
    a, b = first.normal_keys(), second.normal_keys()
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
    """All blocks of a log, in their order."""
    seen = set()
    for block in blocks:
        if block.time is None or not (block.body or block.occurrences):
            continue
        identity = (block.time, block.header.text, tuple(block.body))
        block.replay = identity in seen
        seen.add(identity)
