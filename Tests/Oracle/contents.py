"""2-log-envelopes, Content that is no log: recognised by its first bytes."""

from __future__ import annotations

import gunzip

MAGICS = [
    b"\x28\xb5\x2f\xfd",  # zstd
    b"\xfd7zXZ\0",
    b"BZh",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x7fELF",
    b"\xff\xfe",  # UTF-16 and UTF-32, with a mark
    b"\xfe\xff",
    b"\0\0\xfe\xff",
]
FIRST = 8192


def is_no_log(data: bytes) -> bool:
    """Of the decompressed bytes; a gzip that is left in them lies "below the second level"."""
    head = data[:FIRST]
    if data[:2] == gunzip.MAGIC or any(head.startswith(magic) for magic in MAGICS) or head[257:262] == b"ustar":
        return True
    return b"\0" in head and (is_wide(head) or is_binary(head))


def is_wide(head: bytes) -> bool:
    """UTF-16 or UTF-32 without a mark, "told by the columns in which the NULs stand"."""
    nuls = [sum(1 for byte in head[column::4] if byte == 0) for column in range(4)]
    quarter = len(head) // 4
    full = [count >= quarter * 0.9 > 0 for count in nuls]
    return sum(full) >= 2 and not all(full)


def is_binary(head: bytes) -> bool:
    """ "NULs left out, over 1 % control characters or invalid UTF-8"."""
    rest = head.replace(b"\0", b"")
    if not rest:
        return False
    text = rest.decode("utf-8", "replace")
    bad = sum(1 for c in text if c == "\ufffd" or (c < " " and c not in "\t\n\r\x1b\b\f"))
    return bad * 100 > len(text)
