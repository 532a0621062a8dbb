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
