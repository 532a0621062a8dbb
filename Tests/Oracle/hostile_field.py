"""A seeded generator of hostile logs: the kinds that are found in the field."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace

from grammar import NUMBER_FIELDS, TEXT_FIELDS
from hostile_calls import Rec
from hostile_cuts import cut, glued, is_mark, no_log
from hostile_files import Generator
from hostile_values import END

FIELD_WRAPS = ["timestamps", "kubectl", "compose", "export", "pods", "unknown"]
FIELD_ENVELOPES = ["pasted", *FIELD_WRAPS]
PROGRESS = " 45%|####5     | 45/100 [00:03<00:04, 12.1it/s]"
# Lines that are no body-lines, of every kind that the page tells apart.
FOREIGN = [
    PROGRESS,
    "Evaluating fold 3 of 5",
    "thresholds:",
    "- values:",
    "{'folds': [1, 2]}",
    "['sl=1']",
    '["a", "b"]',
    "level=info f1_buy=0.9",
    "- time=12:00 sortino=0.9",
    "Note: f1_buy=0.9",
    "my_loss=0.3 after 3 epochs",
    "\U0001f680 sortino: 0.9",
    "| f1_buy | 0.55 |",
    "f1_buy 0.5512 | sl 2",
    "Traceback (most recent call last):",
    '{"f1_buy": 0.5,',
    "{'sortino': 0.25, 'note': 'x",
    "{",
    "screening_",
    "sl=1 last_fold_",
]
# What the rest of a line looks like that a writer or a terminal cut in two.
TOKENS = [
    "871",
    "e-05",
    "%",
    "USDC",
    "Evaluating...",
    "8.1,timeout_pct=11.7",
    "5 sortino=0.3",
    ",sortino:pass",
    "12;note=x",
    "0.5",
]
FIELD_NEAR = [
    "### CORRELATION DATA ###",
    "==== CORRELATION DATA ====",
    "[CORRELATION DATA]",
    "-- correlation data --",
    "=== START CORRELATION DATA ===",
    "=== CORRELATION_DATA v2 ===",
    '"=== CORRELATION DATA ==="',
    "CORRELATION DATA:",
    "=== CORRELATION DATA: SOLUSDC ===",
    "\u2261\u2261\u2261 CORRELATION DATA \u2261\u2261\u2261",
    "=== END CORRELATION DATA",
    "correlation_data: 1",
    '{"correlation":"data"}',
]
FIELD_NUMBERS = [
    "np.float64(0.5)",
    "np.float32(0.25)",
    "np.int64(3)",
    "np.uint8(3)",
    "Decimal('0.75')",
    "np.float64(nan)",
    "np.float64(inf)",
    "np.float64(0.5)%",
    "tensor(0.5)",
    "np.float64(1e-05)",
    "numpy.float64(0.5)",
    "Decimal(0.5)",
    "+0.5",
    ".5",
    "5.",
]
FIELD_TEXTS = ["'SOLUSDC'", "np.str_('SOL')", "b's1'", "`x`", "\u2018x\u2019", "''", "'a", "<Phase.A: 1>"]
SECTIONS = ["[ml]", "[f1_buy: 0.55]", "[sortino=0.25]", "-- theta=0.5 --", "--- results ---", "[sl=1, tp=2]", "[it's]", "[a=b c]"]
EXPORTS = ["message", "log", "msg", "textPayload", "line", "@message", "_raw"]


class FieldGenerator(Generator):
    def __init__(self, seed: int, index: int, ambiguous: bool, envelopes: list[str] | None = None):
        old = [e for e in envelopes or [] if e not in FIELD_ENVELOPES]
        super().__init__(seed, index, ambiguous, old or None)
        chosen = (
            self.r.choice(envelopes)
            if envelopes
            else self.pick([(None, 10), ("pasted", 1), *((w, 1) for w in FIELD_WRAPS[:-1]), ("unknown", 0.2)])
        )
        self.pasted = chosen == "pasted"
        self.around = chosen if chosen in FIELD_WRAPS else None
        if self.pasted:
            self.envelope, self.wrap = "text", None
        elif self.around:
            self.envelope, self.wrap = self.r.choice(["text", "json", "bare"]), None
        self.doubled = self.chance(0.08)
        self.prefixed = self.chance(0.5)
        self.names = ["step-1", "step-2"]
        self.second = self.r.choice([0.02, 0.02, 0.5])  # how often the other of them writes
        self.text_member = self.r.choice(EXPORTS)
        self.under = self.r.choice([None, None, "_source", "jsonPayload", "fields"])
        self.cut_rate = self.r.choice([0, 0, 0, 0.05, 0.15])
        self.glue = random.Random(f"glue:{seed}:{index}")
        # READINGS.md, Known differences: records that were written twice, and the console's form in two container streams.
        unlike = self.doubled or (self.envelope == "console" and self.wrap)
        self.glue_rate = 0 if unlike else self.glue.choice([0, 0, 0, 0.1, 0.3])

    # ------------------------------------------------------------------ values and bodies
    def defect(self, key: str) -> str:
        if key in TEXT_FIELDS and self.chance(0.4):
            return self.r.choice(FIELD_TEXTS)
        if key in NUMBER_FIELDS and self.chance(0.4):
            return self.r.choice(FIELD_NUMBERS)
        return super().defect(key)

    def body(self) -> list[str]:
        form = self.pick([("old", 6), ("bullets", 2), ("dict", 2), ("pprint", 1), ("array", 0.5)])
        if form == "old":
            lines = super().body()
        elif form == "bullets":
            lines = self.bullets()
        else:
            lines = self.python_body(form)
        if self.chance(0.5):  # an object over several records where the layout is one line a record
            lines = [part for line in lines for part in line.split("\n")]
        if self.chance(0.08):
            lines.insert(self.r.randrange(len(lines) + 1), self.r.choice(SECTIONS))
        return lines

    def bullets(self) -> list[str]:
        sign = self.r.choice(["-", "*", "\u2022", "\u00b7", "\u2013", ">", "\u2192", "1", "[INFO]", "[warning]"])
        gap = self.r.choice([" ", "  ", ""]) if len(sign) == 1 and sign != "1" else " "
        join = self.r.choice(["=", ": ", " = "])
        lines = []
        for number, (key, value) in enumerate(self.fields(), 1):
            mark = f"{number}{self.r.choice('.)')}" if sign == "1" else sign
            lines.append(f"{mark}{gap}{key}{join}{value}")
        return lines

    def python_body(self, form: str) -> list[str]:
        pairs = {}
        for key, value in self.fields():
            text = value.strip('"').replace("\\", "")
            if key == "gates" and self.chance(0.5):
                pairs[key] = "{'f1': 'pass', 'sortino': False}"
            elif re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", text) and not re.match(r"-?0[0-9]", text):
                pairs[key] = self.r.choice([text, text, f"np.float64({text})", repr(text)])
            elif text in ("None", "nan", "inf", "-inf", "True"):
                pairs[key] = text
            else:
                pairs[key] = repr(text)
        if self.chance(0.05):
            pairs["folds"] = self.r.choice(["[1, 2]", "{'a': {'b': 1}}", "tensor(0.5)", "{'note': 'x', 'tag': None}"])
        between = ",\n " if form == "pprint" else ", "
        text = "{" + between.join(f"{key!r}: {value}" for key, value in pairs.items()) + "}"
        if form == "array":
            text = f"[{text}]" if self.chance(0.6) else f"[{text}, {{'crypto': 'BTCUSDC'}}]"
        return [text]

    def block(self) -> tuple[str, list[str], str | None]:
        header, body, end = super().block()
        if self.chance(0.01):
            body.insert(self.r.randrange(len(body) + 1), self.r.choice(FIELD_NEAR))
        if self.doubled:
            body = [line for line in body if not is_mark(line)]
        return header, body, end

    # ------------------------------------------------------------------ what disturbs a block
    def records(self) -> list[Rec]:
        out: list[Rec] = []
        rate = self.r.choice([0, 0, 0.03, 0.08])
        for record in super().records():
            if record.own or record.keys:
                out.append(record)
            elif self.chance(self.cut_rate):
                out += self.cut(record)
            else:
                out += self.disturbed(record) if self.chance(rate) else [record]
        if self.chance(0.05):
            out.insert(self.r.randrange(len(out) + 1), Rec(self.source(), "INFO", self.r.choice(FIELD_NEAR)))
        return self.glued(out)

    def glued(self, records: list[Rec]) -> list[Rec]:
        """Texts that ended without LF: two calls write one line, or one call glues its own lines."""
        out: list[Rec] = []
        for record in records:
            # READINGS.md, Known differences: a header whose line is longer than a block may be.
            plain = not record.own and not record.keys and len(record.message) < 30_000
            if not plain or self.glue.random() >= self.glue_rate:
                out.append(record)
                continue
            before = out[-1] if out else record
            joins = out and before.source == record.source and not before.own and not before.keys
            joins = joins and len(before.message) < 30_000
            joins = joins and (is_mark(before.message) or is_mark(record.message))
            if joins and self.glue.random() < 0.6:
                between = self.glue.choice(["", "", " "])
                out[-1] = replace(before, message=before.message.rstrip(" \t") + between + record.message)
                continue
            out.append(replace(record, message=glued(self.glue, record.message)))
        return out

    def cut(self, record: Rec) -> list[Rec]:
        """In pieces: a line of several, in its record or as records of their own."""
        lines = record.message.split("\n")
        at = self.r.randrange(len(lines))
        pieces = cut(self.r, lines[at])
        if len(lines) > 1 or self.chance(0.2):
            return [replace(record, message="\n".join([*lines[:at], *pieces, *lines[at + 1 :]]))]
        return [replace(record, message=piece) for piece in pieces]

    def disturbed(self, record: Rec) -> list[Rec]:
        def like(message: str, level: str | None = None) -> Rec:
            return Rec(record.source, level or record.level, message, task=record.task)

        kind = self.pick(
            [("foreign", 4), ("token", 2), ("chunk", 3), ("many", 0.5), ("group", 1), ("redrawn", 1), ("lost", 1), ("warning", 1)]
        )
        if kind == "foreign":
            return [record, like(self.r.choice(FOREIGN))]
        if kind == "token":
            return [record, like(self.r.choice(TOKENS))]
        if kind == "chunk":
            at = self.r.randrange(len(record.message) + 1)
            return [like(record.message[:at]), like(record.message[at:])]
        if kind == "many":
            return [record, *(like(PROGRESS) for _ in range(self.r.choice([20, 62, 63, 64, 65, 70])))]
        if kind == "group":
            return [like(self.r.choice(["::group::", "::endgroup::"]) + record.message)]
        if kind == "redrawn":
            return [like(f"{PROGRESS}\r{record.message}")]
        if kind == "lost":
            return []
        return [
            record,
            like(self.r.choice(["slow step", "oops\n" + END, "oops\n### CORRELATION DATA ###", "x\nsl=9"]), "WARNING"),
        ]

    # ------------------------------------------------------------------ rendering
    def text(self, record: Rec) -> bytes:
        data = super().text(record)
        if not self.pasted:
            return data
        zone = self.r.choice([b"UTC", b"GMT", b"UTC", b"+01:00", b"CEST"]) if self.ambiguous else b"UTC"
        return re.sub(rb"^\[(\S+)T(\d\d:\d\d:\d\d)\S*\]", rb"[\1, \2 " + zone + b"]", data)

    def render(self, records: list[Rec]) -> bytes:
        ways = {"text": self.text, "json": self.json, "bare": self.bare}
        if self.envelope not in ways or not (self.around or self.doubled):
            data = super().render(records)
        else:
            data = b"".join(self.surround(ways[self.envelope](record)) for record in records)
        if self.chance(0.03):
            data = data.replace(b"\n", self.r.choice([b"\r\n", b"\r\r\n"]))
        return b"\xef\xbb\xbf" + data if self.chance(0.03) else data

    def surround(self, record: bytes) -> bytes:
        """The lines of one record as a collector or an operator writes them."""
        lines = [line.rstrip(b"\r\n").decode("utf-8", "surrogateescape") for line in record.splitlines(keepends=True)]
        stamp = self.clock.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        out = b""
        if self.around == "export" and self.prefixed:
            lines = ["\n".join(lines)]
        for number, line in enumerate(lines):
            out += self.around_line(line, number, stamp).encode("utf-8", "surrogateescape") + b"\n"
        return out * (2 if self.doubled and self.envelope != "bare" else 1)

    def around_line(self, line: str, number: int, stamp: str) -> str:
        if self.around == "timestamps":
            return f"{stamp} {line}"
        if self.around == "unknown":
            return f"{stamp[:10]} {stamp[11:19]} | INFO     | steps:main:12 - {line}"
        if self.around in ("kubectl", "compose"):
            name = self.names[1] if self.chance(self.second) else self.names[0]
            rest = f"{stamp} {line}" if self.prefixed else line
            return f"[pod/{name}/base] {rest}" if self.around == "kubectl" else f"{name}  | {rest}"
        if self.around == "pods":
            if number and self.prefixed:
                return line
            pasted = stamp[:-4].replace("Z", "") + "+0000"
            return f"[{pasted}] {{pod_manager.py:431}} INFO - [base] {line}"
        if self.around == "export":
            event: dict = {
                self.text_member: line.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
                "stream": "stdout",
            }
            if self.under:
                event = {self.under: event}
            if self.chance(0.5):
                event |= {"@timestamp": stamp, "kubernetes": {"pod_name": self.names[self.chance(self.second)]}}
            return json.dumps(event, ensure_ascii=self.chance(0.3))
        return line

    # ------------------------------------------------------------------ files
    def pack(self, data: bytes) -> tuple[bytes, bool]:
        return super().pack(no_log(self.r, data) if self.chance(0.02) else data)

    def log(self) -> tuple[str, bytes]:
        path, data = super().log()
        if self.chance(0.1):
            run = "2026-03-28T02:00:00+00:00"
            name = self.r.choice(["1.log", "5_2.log"])
            path = f"case_{self.index:06d}/launch__discovery/test_step/{run}/{name}"
        return path, data
