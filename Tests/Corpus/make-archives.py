#!/usr/bin/env python3
"""Writes the archives of the golden corpus: every input.log.gz, and the one gzip that is called input.log.

The inputs that are plain text are edited by hand; these cannot be. Run it from anywhere; it writes beside itself.
Expectations are never written by a program: after a change, derive expected.ndjson by hand from the specification.
"""

import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).resolve().parent
HEADER = "=== CORRELATION DATA ==="
END = "=== END CORRELATION DATA ==="


def record(message, millisecond):
    """One record of the Airflow 2 text envelope."""
    second, rest = divmod(millisecond, 1000)
    return f"[2026-03-28T02:14:{7 + second:02d}.{rest:03d}+0000] {{launch_discovery.py:137}} INFO - {message}\n"


def records(*messages, start=123):
    return "".join(record(message, start + index) for index, message in enumerate(messages)).encode()


def member(data, crc=None, size=None, level=9, fields=b"", flags=0):
    """One gzip member (RFC 1952); crc and size may be falsified."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = deflate.compress(data) + deflate.flush()
    crc = zlib.crc32(data) if crc is None else crc
    size = len(data) if size is None else size
    return head(flags) + fields + body + struct.pack("<II", crc & 0xFFFFFFFF, size & 0xFFFFFFFF)


def head(flags=0):
    return b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\x02\xff"


def cut_member(data):
    """A member that stops after data, on a byte boundary, without last block and trailer."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return head() + deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)


# Prose between blocks: so much that a streaming reader has printed the blocks before it when the trailer comes.
FILLER = records(*["epoch finished, loss is going down, nothing to see here, moving on to the next epoch now"], start=500) * 16000

BLOCK_1 = records(HEADER, "crypto=SOLUSDC", "theta=0.5", END)
BLOCK_2 = records(HEADER, "crypto=BTCUSDC", "theta=0.4", END, start=223)
BLOCK_3 = records(HEADER, "crypto=ETHUSDC", "theta=0.3", END, start=323)
USELESS_1 = records(HEADER, "crypto=SOLUSDC", "f1_buy=0.4", "baseline_f1_buy=0.5", END)
USELESS_2_BEGIN = records(HEADER, "crypto=BTCUSDC", "f1_buy=0.4", start=223)
USELESS_2_END = records("baseline_f1_buy=0.5", END, start=226)


def header_fields():
    """FEXTRA, FNAME, FCOMMENT and FHCRC together."""
    flags = 0x02 | 0x04 | 0x08 | 0x10
    fields = struct.pack("<H", 4) + b"cvnt" + b"attempt=1.log\0" + b"a comment\0"
    fields += struct.pack("<H", zlib.crc32(head(flags) + fields) & 0xFFFF)
    return member(BLOCK_1, fields=fields, flags=flags)


def long_line():
    return records(HEADER, "crypto=SOLUSDC", "sortino=" + "9" * 70000, "theta=0.5", END)


def long_block():
    keys = ["f1_buy", "baseline_f1_buy", "precision_buy", "recall_buy", "buy_rate", "action_rate", "std_f1_buy"]
    return records(HEADER, "crypto=SOLUSDC", *[f"{key}={'x' * 10000}" for key in keys], "theta=0.5", END)


def long_json_line():
    """A JSON line of more than 4 MiB whose event begins with a header."""
    start = '{"timestamp":"2026-03-28T02:14:07.123456Z","level":"info","event":"' + HEADER + "\\ncrypto=SOLUSDC\\nnote="
    line = start + "x" * (5 << 20) + '","logger":"root"}\n'
    return line.encode() + BLOCK_1


HALF = len(BLOCK_1) // 2

TEXTS = {
    "gzip/one-member": BLOCK_1,
    "gzip/member-boundary-inside-a-block": BLOCK_1 + BLOCK_2,
    "gzip/empty-members": BLOCK_1 + BLOCK_2,
    "gzip/no-content": b"",
    "gzip/zero-padding": BLOCK_1,
    "gzip/trailing-garbage": BLOCK_1,
    "gzip/header-fields": BLOCK_1,
    "gzip/gzip-in-gzip": BLOCK_1,
    "gzip/stored-blocks": BLOCK_1 + BLOCK_2,
    "gzip/plain-text-named-gz": BLOCK_1,
    "gzip/gzip-named-log": BLOCK_1,
    "gzip/bad-crc-in-the-first-member": USELESS_1 + FILLER + USELESS_2_BEGIN + USELESS_2_END + BLOCK_3,
    "gzip/bad-crc-in-the-last-member": BLOCK_1 + USELESS_2_BEGIN + USELESS_2_END + FILLER,
    "gzip/bad-length": USELESS_1 + FILLER + USELESS_2_BEGIN,
    "gzip/cut-between-lines": BLOCK_1 + records(HEADER, "crypto=BTCUSDC", "theta=0.4", start=223),
    "gzip/cut-inside-a-line": BLOCK_1 + records(HEADER, "crypto=BTCUSDC", "theta=0.4", "sortino=-0.3", start=223)[:-1],
    "gzip/cut-in-the-trailer": BLOCK_1 + records(HEADER, "crypto=BTCUSDC", "theta=0.4", "all done", start=223),
    "gzip/cut-in-a-later-header": BLOCK_1,
    "gzip/inflating-fails": USELESS_1 + FILLER + USELESS_2_BEGIN + records("baseline_f1_buy=0.5", start=226)[:-1],
    "issues/line-too-long": long_line(),
    "issues/block-too-long": long_block(),
    "issues/json-line-too-long": long_json_line(),
}


def archives():
    text = TEXTS
    result = {name: member(text[name]) for name in text}
    both = text["gzip/member-boundary-inside-a-block"]
    result["gzip/member-boundary-inside-a-block"] = member(both[:HALF]) + member(both[HALF:])
    result["gzip/empty-members"] = member(b"") + member(BLOCK_1) + member(b"") + member(b"") + member(BLOCK_2) + member(b"")
    result["gzip/zero-padding"] += b"\0" * 512
    result["gzip/trailing-garbage"] += b"no gzip member\n"
    result["gzip/header-fields"] = header_fields()
    result["gzip/gzip-in-gzip"] = member(member(BLOCK_1))
    result["gzip/stored-blocks"] = member(text["gzip/stored-blocks"], level=0)
    result["gzip/plain-text-named-gz"] = BLOCK_1
    first = USELESS_1 + FILLER + USELESS_2_BEGIN
    result["gzip/bad-crc-in-the-first-member"] = member(first, crc=zlib.crc32(first) ^ 1) + member(USELESS_2_END + BLOCK_3)
    last = USELESS_2_BEGIN + USELESS_2_END + FILLER
    result["gzip/bad-crc-in-the-last-member"] = member(BLOCK_1) + member(last, crc=zlib.crc32(last) ^ 0x80000000)
    result["gzip/bad-length"] = member(text["gzip/bad-length"], size=len(text["gzip/bad-length"]) + 1)
    for name in ("gzip/cut-between-lines", "gzip/cut-inside-a-line"):
        result[name] = cut_member(text[name])
    result["gzip/cut-in-the-trailer"] = result["gzip/cut-in-the-trailer"][:-4]
    result["gzip/cut-in-a-later-header"] += head()[:5]
    # A block of the reserved type 3: inflating fails there, after everything before it came out.
    result["gzip/inflating-fails"] = cut_member(text["gzip/inflating-fails"]) + b"\x07" + b"\0" * 16
    return result


def file_name(name):
    return "input.log" if name == "gzip/gzip-named-log" else "input.log.gz"


if __name__ == "__main__":
    for name, data in archives().items():
        folder = HERE / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file_name(name)).write_bytes(data)
