#!/usr/bin/env python3
"""Writes a large Airflow task log with CORRELATION DATA blocks: the same bytes for the same arguments.

make-log.py text|json BYTES BYTES_PER_BLOCK OUT[.gz]
"""
import gzip
import random
import sys

WORDS = "training fold evaluating features candle window model score epoch loss batch sampler gradient ratio".split()
BLOCK = """=== CORRELATION DATA ===
crypto=SOLUSDC
horizon=H4
sl=0.8
tp=1.5
fold={fold}
f1_buy={f1:.17f}
baseline_f1_buy=0.4751
precision_buy=0.3857
recall_buy=0.4656
buy_rate=0.0611
std_f1_buy=0.0129
sortino=-1.084
tp_pct=46.2
sl_pct=39.7
timeout_pct=14.1
n_trades=655
gates=f1:fail,sortino:fail
screening_f1_buy=0.5768
last_fold_f1_buy=0.5661
n_candidates=53
n_passed=5
=== END CORRELATION DATA ==="""


def clock(number: int, digits: int) -> str:
    fraction = f"{number % 1000:03d}".ljust(digits, "0")
    return f"2026-03-28T{number // 3_600_000 % 24:02d}:{number // 60_000 % 60:02d}:{number // 1000 % 60:02d}.{fraction}"


def text_line(number: int, file: str, message: str) -> str:
    return f"[{clock(number, 3)}+0000] {{{file}}} INFO - {message}\n"


def json_line(number: int, file: str, message: str) -> str:
    name, line = file.split(":")
    return (f'{{"timestamp":"{clock(number, 6)}Z","level":"info","event":"{message}","logger":"root",'
            '"ti_id":"01a206fb-4567-7f24-9650-e694bdf0f160","try_number":1,"map_index":-1,'
            '"run_id":"manual__2026-03-28T02:00:00+00:00","task_id":"test_step","dag_id":"launch__discovery",'
            f'"filename":"{name}","lineno":{line}}}\n')


def main() -> None:
    kind, size, per_block, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    write_line = {"text": text_line, "json": json_line}[kind]
    chance = random.Random(7)
    written = number = blocks = 0
    next_block = per_block
    with (gzip.open(out, "wb", 6) if out.endswith(".gz") else open(out, "wb")) as log:
        while written < size:
            lines = []
            while written < size and len(lines) < 20_000:
                number += 1
                message = " ".join(chance.choice(WORDS) for _ in range(6)) + f" {chance.random():.5f}"
                lines.append(write_line(number, f"trainer.py:{chance.randint(10, 400)}", message))
                written += len(lines[-1])
                if written < next_block:
                    continue
                next_block += per_block
                blocks += 1
                for message in BLOCK.format(fold=blocks % 5, f1=chance.random()).split("\n"):
                    number += 1
                    lines.append(write_line(number, "launch_discovery.py:137", message))
                    written += len(lines[-1])
            log.write("".join(lines).encode())
    print(f"{blocks} blocks, {written} bytes")


if __name__ == "__main__":
    main()
