"""2-log-envelopes, Files: RFC 1952 read whole, member by member, with every damage seen."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

MAGIC = b"\x1f\x8b"


@dataclass
class Member:
    start: int  # in the decompressed bytes
    end: int
    damaged: bool


@dataclass
class Content:
    data: bytes
    status: str = "complete"  # complete, truncated, corrupt
    members: list[Member] = field(default_factory=list)
    trailing_garbage: bool = False


class Truncated(Exception):
    pass


class Corrupt(Exception):
    pass


def header_length(data: bytes, start: int) -> int:
    """Length of a member's header; raises Truncated or Corrupt."""

    def take(position, count):
        if position + count > len(data):
            raise Truncated
        return data[position : position + count]

    fixed = take(start, 10)
    if fixed[2] != 8 or fixed[3] & 0xE0:
        raise Corrupt
    flags, position = fixed[3], start + 10
    if flags & 4:
        position += 2 + struct.unpack("<H", take(position, 2))[0]
        take(start, position - start)
    for flag in (8, 16):
        if flags & flag:
            end = data.find(b"\0", position)
            if end < 0:
                raise Truncated
            position = end + 1
    if flags & 2:
        if struct.unpack("<H", take(position, 2))[0] != zlib.crc32(data[start:position]) & 0xFFFF:
            raise Corrupt
        position += 2
    return position - start


def inflate(data: bytes, start: int) -> tuple[bytes, int, str]:
    """(everything that came out, position after the deflate stream, '' or truncated or corrupt).

    zlib gives nothing of a call that fails, so a failing piece is fed again a byte at a time, one byte out at a time.
    """
    engine, out, position, piece = zlib.decompressobj(-15), bytearray(), start, 512
    while position < len(data) and not engine.eof:
        before, chunk = engine.copy(), data[position : position + piece]
        try:
            out += engine.decompress(chunk)
        except zlib.error:
            engine = before
            for value in chunk:
                feed = bytes([value])
                try:
                    while True:
                        got = engine.decompress(feed, 1)
                        out += got
                        feed = engine.unconsumed_tail
                        if not got:
                            break
                except zlib.error:
                    return bytes(out), position, "corrupt"
            raise AssertionError("the failure did not come again") from None
        position += len(chunk) - len(engine.unused_data)
    if not engine.eof:
        return bytes(out), position, "truncated"
    return bytes(out), position, ""


def gunzip_members(data: bytes) -> Content:
    out, content, position = bytearray(), Content(b""), 0
    while position < len(data):
        if position and data[position:] == MAGIC[:1]:
            # The page: a lone byte 1f behind the last member "is the beginning of a member that is cut off".
            content.status = "truncated" if content.status == "complete" else content.status
            break
        if data[position : position + 2] != MAGIC:
            content.trailing_garbage = bool(data[position:].strip(b"\0"))
            break
        start = len(out)
        try:
            position += header_length(data, position)
        except Truncated:
            content.status = "truncated" if content.status == "complete" else content.status
            break
        except Corrupt:
            content.status = "corrupt"
            content.members.append(Member(start, start, True))
            break
        body, position, failure = inflate(data, position)
        out += body
        if failure:
            content.members.append(Member(start, len(out), failure == "corrupt"))
            content.status = failure if content.status == "complete" else content.status
            break
        if position + 8 > len(data):
            content.members.append(Member(start, len(out), False))
            content.status = "truncated" if content.status == "complete" else content.status
            break
        crc, length = struct.unpack("<II", data[position : position + 8])
        wrong = crc != zlib.crc32(body) or length != len(body) & 0xFFFFFFFF
        content.members.append(Member(start, len(out), wrong))
        if wrong:
            content.status = "corrupt"
        position += 8
    content.data = bytes(out)
    return content


def read(data: bytes) -> Content:
    """A log's bytes: plain, gzip, or gzip in gzip (one level)."""
    if data[:2] != MAGIC:
        return Content(data)
    outer = gunzip_members(data)
    if outer.data[:2] != MAGIC:
        return outer
    inner = gunzip_members(outer.data)
    inner.trailing_garbage |= outer.trailing_garbage
    if outer.status != "complete":
        # Every inner byte after the outer damage is doubtful, and what came before it may be.
        inner.status = outer.status if inner.status in ("complete", "truncated") else inner.status
        if any(m.damaged for m in outer.members):
            for member in inner.members:
                member.damaged = True
    return inner
