"""Bytes, archives and paths of hostile logs."""

from __future__ import annotations

import gzip
import re
import struct
import zlib

from hostile_rendering import Rendering


class Generator(Rendering):
    def spoil(self, data: bytes) -> bytes:
        r = self.r
        if self.chance(0.04):  # bytes that are no UTF-8, inside a value of a text or bare line
            places = [i for i in range(len(data) - 1) if data[i : i + 1] == b"=" and data[i + 1 : i + 2].isalnum()]
            if places and self.envelope not in ("json", "es", "api"):
                at = r.choice(places) + 1
                line = data[data.rfind(b"\n", 0, at) + 1 : at]
                if not line.lstrip().startswith(b"{"):
                    data = data[:at] + r.choice([b"\xff", b"\xe9", b"\xc3", b"\xf0\x9f\x9a", b"\xed\xa0\x80"]) + data[at:]
        starts = [match.start() for match in re.finditer(rb'^\{"', data, re.MULTILINE)]
        if starts and self.chance(0.15):  # a line of JSON that is folded, cut, or glued to the next one
            begin = r.choice(starts)
            end = data.find(b"\n", begin)
            if end > begin:
                at = r.randrange(begin + 1, end)
                data = r.choice([data[:at] + b"\n" + data[at:], data[:at] + data[end:], data[:end] + data[end + 1 :]])
        if data and self.chance(0.12):  # a cut last line
            data = data[:-1] if r.random() < 0.5 else data[: r.randrange(len(data))]
        return data

    def member(self, data: bytes) -> bytes:
        flags, extra = 0, b""
        if self.chance(0.2):
            flags, extra = 8, b"attempt=1.log\0"
        engine = zlib.compressobj(self.r.choice([0, 1, 6, 9]), zlib.DEFLATED, -15)
        body = engine.compress(data) + engine.flush()
        return (
            b"\x1f\x8b\x08"
            + bytes([flags])
            + b"\0\0\0\0\0\xff"
            + extra
            + body
            + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
        )

    def pack(self, data: bytes) -> tuple[bytes, bool]:
        """(bytes of the file, whether it is an archive)."""
        r = self.r
        kind = self.pick(
            [
                ("plain", 10),
                ("one", 4),
                ("members", 2),
                ("truncated", 1),
                ("trailer", 0.5),
                ("crc", 1),
                ("length", 0.5),
                ("flip", 1),
                ("zeros", 0.5),
                ("garbage", 0.5),
                ("twice", 0.5),
                ("crc_then_good", 0.7),
            ]
        )
        if kind == "plain":
            return data, False
        if kind == "one":
            return self.member(data), True
        cut = sorted(r.randrange(len(data) + 1) for _ in range(r.randint(1, 3)))
        parts = [data[a:b] for a, b in zip([0, *cut], [*cut, len(data)], strict=True)]
        if kind == "members":
            return b"".join(self.member(p) for p in parts), True
        whole = self.member(data)
        if kind == "truncated":
            return whole[: r.randrange(11, len(whole))], True
        if kind == "trailer":
            return whole[: -r.randint(1, 8)], True
        if kind == "crc":
            return whole[:-8] + struct.pack("<I", zlib.crc32(data) ^ 1) + whole[-4:], True
        if kind == "length":
            return whole[:-4] + struct.pack("<I", len(data) + 1), True
        if kind == "flip":
            at = r.randrange(10, len(whole) - 8) if len(whole) > 20 else 10
            return whole[:at] + bytes([whole[at] ^ (1 << r.randrange(8))]) + whole[at + 1 :], True
        if kind == "zeros":
            return whole + b"\0" * r.randint(1, 600), True
        if kind == "garbage":
            return whole + r.choice([b"garbage", b"\0\0x", b"=== CORRELATION DATA ===\n"] + [b"\x1f"] * self.ambiguous), True
        if kind == "twice":
            return gzip.compress(whole, mtime=0), True
        broken = bytearray(self.member(parts[0]))
        broken[-8] ^= 1
        return bytes(broken) + b"".join(self.member(p) for p in parts[1:]), True

    def log(self) -> tuple[str, bytes]:
        data = self.spoil(self.render(self.records()))
        data, archive = self.pack(data)
        suffix = ".gz" if archive and self.chance(0.8) else ""
        roll = self.r.random()
        if roll < 0.25:
            return f"case_{self.index:06d}.log{suffix}", data
        run = self.r.choice(
            [
                "manual__2026-03-28T02:00:00+00:00",
                "scheduled__2026-03-27T00:00:00+00:00",
                "manual__2026-11-23T05:57:40.236115+00:00",
                "nightly",
            ]
        )
        mapped = f"map_index={self.r.randint(0, 5)}/" if self.chance(0.3) else ""
        trigger = ".trigger.2.log" if self.chance(0.05) else ""
        task = self.r.choice(["test_step", "group.test_step"])
        attempt = f"attempt={self.r.randint(1, 3)}.log{trigger}{suffix}"
        return f"case_{self.index:06d}/dag_id=launch__discovery/run_id={run}/task_id={task}/{mapped}{attempt}", data
