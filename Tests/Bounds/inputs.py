"""Pathological logs: each attacks what one part of the program remembers or looks at again (docs/specification, 6-bars, Limits).

Every log is made from a number n. A log of 4 n is four times as long and asks four times as much. A program whose cost is linear
takes four times as long for it, and a program whose memory has a bound takes no more of it.

inputs.py TITLE N writes such a log to the standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEADER = "=== CORRELATION DATA ==="
INSTANCE = "01a206fb-4567-7f24-9650-e694bdf0f160"
END = "=== END CORRELATION DATA ==="
BODY = "crypto=SOLUSDC\nhorizon=H4\nf1_buy=0.55\nn_trades=655"


def clock(number: int) -> str:
    hours, minutes, seconds = number // 3_600_000 % 24, number // 60_000 % 60, number // 1000 % 60
    return f"2026-03-28T{hours:02d}:{minutes:02d}:{seconds:02d}.{number % 1000:03d}"


def text(number: int, message: str, file: str = "trainer.py", level: str = "INFO") -> str:
    return f"[{clock(number)}+0000] {{{file}:7}} {level} - {message}\n"


def event(number: int, message: str, instance: str = INSTANCE, logger: str = "root", more: str = "") -> str:
    message = message.replace("\n", "\\n")
    head = f'"timestamp":"{clock(number)}Z","level":"info","event":"{message}","logger":"{logger}"'
    return f'{{{head},"ti_id":"{instance}"{more}}}\n'


def block(number: int, body: str = BODY, ending: str = "\n" + END) -> str:
    return f"{HEADER}\nfold={number}\n{body}{ending}"


# What a terminal obeys.


def unfinished_escapes(introducer: str) -> Callable[[int], Iterator[str]]:
    def lines(n: int) -> Iterator[str]:
        yield text(0, f"\x1b{introducer}" * n)

    return lines


def escapes_before_their_end(n: int) -> Iterator[str]:
    yield text(0, "\x1b[" * n + "\x1b]" * n + "\x07" + "\x1bP" * n)


# Streams and sources.


def open_sources(n: int) -> Iterator[str]:
    for number in range(n):
        yield text(number, HEADER, file=f"f{number}.py")
        yield text(number, f"crypto=SOL{number}", file=f"f{number}.py")


def open_sources_in_turn(n: int) -> Iterator[str]:
    """Sixty sources at a time with an open block, a line of each in turn."""
    for number in range(n):
        for source in range(60):
            yield text(number, HEADER if number % 50 == 0 else f"k{number}=1", file=f"f{source}.py")


def closed_instances(n: int) -> Iterator[str]:
    for number in range(n):
        yield event(number, block(number), instance=f"01a206fb-4567-7f24-9650-{number:012x}")


def long_instances(n: int) -> Iterator[str]:
    for number in range(n):
        yield event(number, block(number), instance=f"{number:012x}" * 4000)


def long_loggers(n: int) -> Iterator[str]:
    for number in range(n):
        yield event(number, block(number), logger=f"{number:012x}" * 4000)


def long_records_of_sources(n: int) -> Iterator[str]:
    """Records of nearly 64 KiB, each of another source."""
    for number in range(n):
        body = "".join(f"k{key}=1\n" for key in range(200)) + "z=" + "z" * 50_000
        yield event(number, block(number, body), logger=f"l{number}")


def programs(n: int) -> Iterator[str]:
    for number in range(n):
        yield f"[pod/p{number}/c] {text(number, HEADER)}"


def programs_in_pieces(n: int) -> Iterator[str]:
    """Each program of a collector leaves a long line without its last piece."""
    for number in range(n):
        yield f"[pod/p{number}/c] {clock(number)}000000Z stdout P " + '{"event":"' + "a" * 100_000 + "\n"


def waiting_programs(n: int) -> Iterator[str]:
    """Each program leaves a record of Airflow 3's console without the end that names its source."""
    for number in range(n):
        yield f"[pod/p{number}/c] {clock(number)}000Z [info     ] " + "a" * 100_000 + "\n"


# Blocks.


def distinct_blocks(n: int) -> Iterator[str]:
    for number in range(n):
        yield text(number, block(number))


def same_blocks(n: int) -> Iterator[str]:
    for number in range(n):
        yield text(number, HEADER)
        yield text(number, HEADER)


def full_open_blocks(n: int) -> Iterator[str]:
    """Sixty-four sources at a time, each with an open block of nearly 64 KiB."""
    lines = [" ".join(f"k{key:x}=" for key in range(start, start + 60)) for start in range(0, 14_400, 60)]
    for number in range(n):
        for source in range(64):
            yield text(number, HEADER, file=f"f{source}.py")
        for line in lines:
            for source in range(64):
                yield text(number, line, file=f"f{source}.py")


def blocks_of_many_keys(n: int) -> Iterator[str]:
    """Blocks without end marker, of a thousand keys each: each is compared with the one before."""
    keys = [" ".join(f"k{key}=1" for key in range(start, start + 10)) for start in range(0, 1000, 10)]
    for number in range(n):
        yield text(number, HEADER)
        yield from (text(number, line) for line in keys)


def open_objects(n: int) -> Iterator[str]:
    for number in range(n):
        yield text(number, HEADER + "\ncrypto=SOL\n" + "{\n" * 300 + "x")


def open_arrays(n: int) -> Iterator[str]:
    """An element a line, in objects that do not close before their blocks are full."""
    for number in range(n):
        if number % 20_000 == 0:
            yield HEADER + '\n{"a":[\n'
        yield "1,\n"


def foreign_lines(n: int) -> Iterator[str]:
    for number in range(n):
        yield text(number, HEADER)
        yield text(number, "crypto=SOL")
        yield from (text(number, "a foreign line") for _ in range(70))


def records_written_twice(n: int) -> Iterator[str]:
    yield text(0, HEADER)
    yield text(0, "crypto=SOL")
    for _ in range(n):
        yield text(1, "k=1")


# Issues of the source.


def orphan_ends(n: int) -> Iterator[str]:
    for number in range(n):
        yield text(number, "an ordinary line")
        yield text(number, END)


def near_misses(n: int) -> Iterator[str]:
    for number in range(n):
        yield text(number, "=== Correlation Data " + "x" * 150)


def unread_headers(n: int) -> Iterator[str]:
    for number in range(n):
        yield text(number, f"looking for {HEADER} now")


# Long lines of JSON.


def headers_in_one_line(n: int) -> Iterator[str]:
    yield event(0, "\n".join([HEADER] * n))


def blocks_in_one_line(n: int) -> Iterator[str]:
    yield event(0, "\n".join(f"{HEADER}\nfold={number}" for number in range(n)))


def near_misses_in_one_line(n: int) -> Iterator[str]:
    yield event(0, "\n".join(["=== Correlation Data"] * n))


def members(n: int) -> Iterator[str]:
    yield event(0, "a", more="".join(f',"k{number}":1' for number in range(n)))


def structured_header(n: int) -> Iterator[str]:
    yield event(0, HEADER, more=',"crypto":"SOL"' + "".join(f',"k{number}":1' for number in range(n)))


def nested_json(n: int) -> Iterator[str]:
    yield event(0, "a", more=',"k":' + "[" * n + "]" * n)


def lines_in_docker(n: int) -> Iterator[str]:
    message = "".join(text(number, HEADER).replace("\n", "\\n") for number in range(n))
    yield f'{{"log":"{message}","stream":"stdout","time":"2026-03-28T02:14:07.123456789Z"}}\n'


def elements_of_an_answer(n: int) -> Iterator[str]:
    yield '{"content":['
    for number in range(n):
        yield ("," if number else "") + event(number, HEADER).rstrip("\n")
    yield "]}\n"


def many_lines(n: int) -> Iterator[str]:
    yield from (text(number, "an ordinary line") for number in range(n))


def bare_lines(n: int) -> Iterator[str]:
    yield text(0, HEADER)
    yield from ("{" for _ in range(n))
    yield "\n"


@dataclass(frozen=True)
class Input:
    """A kind of log. `small` is n where instructions are counted, and `large` where memory is measured at length."""

    lines: Callable[[int], Iterator[str]]
    small: int
    large: int
    name: str = ""
    # Whether the quick test counts its instructions, too: of what once took time that grew faster than the log.
    is_counted: bool = False

    @property
    def title(self) -> str:
        return self.name or self.lines.__name__.replace("_", " ")


INPUTS = [
    Input(unfinished_escapes("]"), 2_000, 440_000, "unfinished titles (ESC ])", is_counted=True),
    Input(unfinished_escapes("P"), 2_000, 440_000, "unfinished device strings (ESC P)"),
    Input(unfinished_escapes("_"), 2_000, 440_000, "unfinished commands (ESC _)"),
    Input(escapes_before_their_end, 2_000, 100_000),
    Input(open_sources, 200, 10_000, is_counted=True),
    Input(open_sources_in_turn, 20, 5_000),
    Input(closed_instances, 200, 250_000, is_counted=True),
    Input(long_instances, 10, 2_000),
    Input(long_loggers, 10, 2_000),
    Input(long_records_of_sources, 5, 1_250),
    Input(programs, 200, 5_000),
    Input(programs_in_pieces, 5, 1_000),
    Input(waiting_programs, 5, 1_000),
    Input(distinct_blocks, 200, 250_000, is_counted=True),
    Input(same_blocks, 200, 1_000_000, is_counted=True),
    Input(full_open_blocks, 1, 5),
    Input(blocks_of_many_keys, 2, 100),
    Input(open_objects, 5, 500),
    Input(open_arrays, 2_000, 500_000, is_counted=True),
    Input(foreign_lines, 50, 5_000),
    Input(records_written_twice, 300, 20_000, is_counted=True),
    Input(orphan_ends, 500, 50_000),
    Input(near_misses, 500, 50_000),
    Input(unread_headers, 500, 100_000),
    Input(headers_in_one_line, 200, 40_000, is_counted=True),
    Input(blocks_in_one_line, 500, 25_000),
    Input(near_misses_in_one_line, 500, 45_000),
    Input(members, 1_000, 80_000),
    Input(structured_header, 1_000, 80_000),
    Input(nested_json, 1_000, 500_000),
    Input(lines_in_docker, 500, 12_000),
    Input(elements_of_an_answer, 500, 100_000),
    Input(many_lines, 2_000, 1_000_000),
    Input(bare_lines, 2_000, 500_000),
]


def main() -> None:
    title, n = sys.argv[1], int(sys.argv[2])
    [made] = [kind for kind in INPUTS if kind.title == title]
    for line in made.lines(n):
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
