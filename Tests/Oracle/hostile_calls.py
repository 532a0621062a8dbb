"""What a hostile task logs: blocks as logging calls, with others between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from hostile_bodies import Bodies
from hostile_values import END, FAILURES2, FAILURES3, HARMLESS2, HARMLESS3, HEADER, JSON_LIKE, NEAR, PROSE, WARNINGS


@dataclass
class Rec:
    """One logging call."""

    source: str  # log, log2, print, stderr, or own
    level: str
    message: str
    own: tuple | None = None
    keys: list = field(default_factory=list)  # structured header
    task: int | None = None


class Calls(Bodies):
    def records(self) -> list[Rec]:
        out: list[Rec] = []
        for _ in range(self.r.choice([1, 2, 3, 5, 8])):
            out += self.item()
        if self.chance(0.3):
            out += self.failure()
        if self.chance(0.3):
            out += self.harmless()
        return out

    def item(self) -> list[Rec]:
        r = self.r
        if self.chance(0.03):
            return [Rec("log", "INFO", x) for x in ("=== CORRELATION DATA v2 ===", "f1_buy=0.5", "sortino=1", END)]
        kind = self.pick(
            [
                ("block", 10),
                ("prose", 3),
                ("threads", 0.6),
                ("late", 1),
                ("warn", 1),
                ("near", 0.5),
                ("orphan", 0.5),
                ("failure", 0.3),
                ("harmless", 0.5),
                ("again", 0.7),
                ("template", 1),
            ]
        )
        if kind == "block":
            return self.lay(*self.block())
        if kind == "prose":
            return [Rec(self.source(), "INFO", r.choice(PROSE)) for _ in range(r.randint(1, 3))]
        if kind == "warn":
            return [Rec(self.source(), r.choice(["WARNING", "ERROR", "CRITICAL"]), r.choice(WARNINGS))]
        if kind == "near":
            return [Rec(self.source(), "INFO", r.choice(NEAR))]
        if kind == "orphan":
            return [Rec(self.source(), "INFO", r.choice(PROSE)), Rec("log", "INFO", END)]
        if kind == "failure":
            return self.failure()
        if kind == "harmless":
            return self.harmless()
        if kind == "again":
            one = self.lay(*self.block())
            return one + one
        if kind == "template":  # the same form again and again without end marker: no interleaving
            source, fields = self.source(), self.fields()
            out = []
            for _ in range(r.randint(2, 4)):
                kept = [f for f in fields if r.random() < r.choice([1, 0.9])]
                kept = (
                    [fields[0], *[f for f in kept if f not in (fields[0], fields[-1])], fields[-1]] if r.random() < 0.9 else kept
                )
                out += [Rec(source, "INFO", HEADER)] + [Rec(source, "INFO", f"{k}={v}") for k, v in kept]
            return out
        if kind == "late":
            a, b = self.lay(*self.block(), source="log"), self.lay(*self.block(), source="print")
        else:
            source = self.source()
            a, b = self.lay(*self.block(), source=source, layout="lines"), self.lay(*self.block(), source=source, layout="lines")
        merged = []
        while a or b:
            side = a if a and (not b or r.random() < 0.5) else b
            merged.append(side.pop(0))
        return merged

    def source(self) -> str:
        return self.pick([("log", 6), ("log2", 1), ("print", 4), ("stderr", 1)])

    def failure(self) -> list[Rec]:
        return [Rec("own", "", "", own=self.r.choice(FAILURES3 if self.envelope in JSON_LIKE else FAILURES2))]

    def harmless(self) -> list[Rec]:
        return [Rec("own", "", "", own=self.r.choice(HARMLESS3 if self.envelope in JSON_LIKE else HARMLESS2))]

    def lay(
        self, header: str, body: list[str], end: str | None, source: str | None = None, layout: str | None = None
    ) -> list[Rec]:
        r = self.r
        source = source or self.source()
        level = "WARNING" if source == "stderr" else r.choices(["INFO", "WARNING", "DEBUG"], [8, 1, 1])[0]
        layout = layout or self.pick(
            [("lines", 6), ("multi", 3), ("split", 1), ("flush", 1), ("structured", 1), ("cut", 1), ("before", 1)]
        )
        task = (
            r.choice([None, None, 1, 2])
            if self.envelope in JSON_LIKE and source.startswith("log") and self.flavour == "3.3"
            else None
        )
        lines = [header, *body] + ([end] if end else [])
        if layout == "structured" and self.envelope in JSON_LIKE:
            fields = [(k, v) for k, v in self.fields()]
            record = Rec(source, level, HEADER, keys=fields, task=task)
            return [record] + ([Rec(source, level, END, task=task)] if r.random() < 0.5 else [])
        if layout == "multi":
            extra = "\n" if r.random() < 0.2 else ""
            out = [Rec(source, level, extra + "\n".join(lines), task=task)]
            if source == "print" and r.random() < 0.3:  # a second write of the same print
                out.append(Rec(source, level, "\n".join(f"{k}={v}" for k, v in self.fields()[:3]), task=task))
            return out
        if layout == "before":
            return [Rec(source, level, "Results for ETHUSDC:\n" + "\n".join(lines), task=task)]
        if layout == "split":
            at = r.randint(1, len(lines))
            first, rest = lines[:at], lines[at:]
            return [Rec(source, level, "\n".join(first), task=task)] + [Rec(source, level, x, task=task) for x in rest]
        out = []
        if not end and self.chance(0.7):  # else the next header cuts the block: two writers
            lines.append(r.choice(PROSE[:8]))
        for number, line in enumerate(lines):
            if layout == "flush" and number and "=" in line and " " not in line and not line.startswith(("=", "{", '"')):
                key, _, value = line.partition("=")
                if value and not any(c in value for c in '":{') and r.random() < 0.7:
                    out += [Rec(source, level, key + "="), Rec(source, level, value)]
                    continue
            out.append(Rec(source, level, line, task=task))
            if number and number < len(lines) - 1 and self.chance(0.02):
                for _ in range(r.randint(1, 2)):
                    out.append(Rec(source, r.choice(["WARNING", "ERROR", "INFO"]), r.choice(WARNINGS), task=task))
            if number and self.chance(0.01):
                out.append(Rec(self.source(), "INFO", r.choice(PROSE)))
        if layout == "cut" and len(out) > 2:
            out = out[: r.randint(1, len(out) - 1)]
            if r.random() < 0.7:
                out += self.failure()
        return out
