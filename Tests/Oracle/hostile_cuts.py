"""How hostile logs are cut: messages in pieces, and files that are no logs."""

from __future__ import annotations

import bz2
import io
import lzma
import random
import re
import tarfile
import zipfile

WORDS = ["done", "871", "0.5", "USDC", "best_", "ok"]
KEY_START = re.compile(r"(?:\A|(?<=[ ,;|]))([A-Za-z][A-Za-z0-9_.%-]*)(?=[ \t]*[=:])")


def at_key(r: random.Random, message: str) -> list[str]:
    """Cut within a key, mostly behind `_`, so that the rest may be another key."""
    places = [match.start(1) + i for match in KEY_START.finditer(message) for i in range(1, len(match.group(1)))]
    behind = [i for i in places if message[i - 1] in "_-."]
    if not places:
        return [message]
    at = r.choice(behind) if behind and r.random() < 0.7 else r.choice(places)
    return [message[:at], message[at:]]


def at_separator(r: random.Random, message: str) -> list[str]:
    """Cut before or behind a separator: of gates, of pairs."""
    places = [i for match in re.finditer(r"[,;|=:]", message) for i in (match.start(), match.end())]
    at = r.choice(places) if places else len(message)
    return [message[:at], message[at:]]


def flushed(r: random.Random, message: str) -> list[str]:
    """`key=` without its value, a word, the value."""
    match = re.match(r"([A-Za-z][\w.%-]*[ \t]*[=:][ \t]*)(\S.*)", message, re.DOTALL)
    if not match:
        return [message]
    word = [r.choice(WORDS)] if r.random() < 0.6 else []
    return [match.group(1), *word, match.group(2)]


def folded(r: random.Random, message: str) -> list[str]:
    """As a terminal of a narrow width shows it."""
    width = r.choice([12, 20, 40, 80])
    return [line[i : i + width] for line in message.split("\n") for i in range(0, len(line), width)] or [message]


CUTS = [at_key, at_key, at_separator, flushed, folded]


def cut(r: random.Random, message: str) -> list[str]:
    return r.choice(CUTS)(r, message)


# ----------------------------------------------------------------------------- texts that are glued together
# What a text without LF may have ended in before a header or an end marker, or begins with behind it.
BEFORE = ["done", "871", "8.1,timeout_pct=11.7", ",sortino:pass", "USDC", "sortino=1.2", "crypto=SOL f1_buy=0.5 note=x"]
BEFORE += ['{"sl": 1, "tp": 2}', "{'sl': 1,", "}", "Note: x", "note=x", "- theta: 0.5", "best sl=1", "screening_", "=", "\u00e9"]
BEHIND = ["done", "sl=1", "crypto: SOL", "=", "=== END CORRELATION DATA ===", "=== CORRELATION DATA ===", "(2)"]


def is_mark(line: str) -> bool:
    return "=== CORRELATION DATA" in line or "=== END CORRELATION DATA ===" in line


def glued(r: random.Random, message: str) -> str:
    """A message whose header or end marker stands on the line before or behind it, or beside another text."""
    # Two blanks between a header and its pairs: READINGS.md, Known differences.
    lines, between = message.split("\n"), r.choice(["", "", "", " "])
    marks = [i for i, line in enumerate(lines) if is_mark(line)]
    joints = [i for i in range(len(lines) - 1) if is_mark(lines[i]) or is_mark(lines[i + 1])]
    if joints and r.random() < 0.7:
        at = r.choice(joints)
        lines[at : at + 2] = [lines[at].rstrip(" \t") + between + lines[at + 1].lstrip(" \t")]
    elif marks:
        at = r.choice(marks)
        line = lines[at].strip()
        lines[at] = r.choice(BEFORE) + between + line if r.random() < 0.7 else line + between + r.choice(BEHIND)
    return "\n".join(lines)


# ----------------------------------------------------------------------------- content that is no log
def no_log(r: random.Random, data: bytes) -> bytes:
    kind = r.choice(["zstd", "xz", "bzip2", "zip", "tar", "utf-16", "utf-16-le", "utf-32-be", "elf", "noise", "hole"])
    if kind == "zstd":
        return b"\x28\xb5\x2f\xfd" + data[:500]
    if kind == "xz":
        return lzma.compress(data)
    if kind == "bzip2":
        return bz2.compress(data)
    if kind in ("zip", "tar"):
        return archive(kind, data)
    if kind.startswith("utf"):
        return data.decode("utf-8", "replace").encode(kind)
    if kind == "elf":
        return b"\x7fELF\x02\x01\x01" + bytes(9) + data
    if kind == "noise":
        return r.randbytes(4000) + b"\0" + data
    # The page: text with holes of NULs in it, of a crashed writer, that is text without them, is text.
    at = data.find(b"\n", r.randrange(len(data) + 1)) + 1
    return data[:at] + bytes(r.choice([1, 100])) + data[at:]


def archive(kind: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as out:
            out.writestr(zipfile.ZipInfo("attempt=1.log"), data)
    else:
        with tarfile.open(fileobj=buffer, mode="w") as out:
            member = tarfile.TarInfo("attempt=1.log")
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
