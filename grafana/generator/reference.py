"""What the dashboards must say like the program: codes, thresholds, conditions and settings, read from a database that the
program itself has just migrated, and the colours of the codes, which the program explains. Nothing of it is written down a
second time."""

import json
import re
import subprocess
from decimal import Decimal

# What stands where a record or run has no primary.
NO_CODE_COLOURS = {"(all clear)": "#3274D9", "(unclassified)": "#808080", "(none)": "#808080"}
SEVERITY_COLOURS = {"P0": "#8B0000", "P1": "#E02F44", "P2": "#FF9830", "P3": "#5794F2", "none": "#56A64B"}
STATE_COLOURS = {"GREEN": "#56A64B", "YELLOW": "#F2CC0C", "ORANGE": "#FF780A", "RED": "#C4162A", "UNKNOWN": "#808080"}
STATUS_COLOURS = {"ok": "#56A64B", "warning": "#F2CC0C", "critical": "#C4162A", "unknown": "#808080"}
CONDITION_COLOURS = {"triggered": "#C4162A", "clear": "#56A64B", "unknown": "#808080"}
OUTCOME_COLOURS = {
    "success": "#56A64B",
    "failed": "#C4162A",
    "up_for_retry": "#FF9830",
    "running": "#3274D9",
    "skipped": "#B0B0B0",
    "deferred": "#8AB8FF",
    "unknown": "#808080",
}
LOG_COLOURS = {"complete": "#56A64B", "growing": "#3274D9", "truncated": "#FF9830", "corrupt": "#E02F44", "failed": "#C4162A"}


class Reference:
    """The reference tables of the current taxonomy version."""

    def __init__(self, codes, signals, bounds, conditions, settings, colours):
        self.codes, self.signals, self.conditions, self.settings = codes, signals, conditions, settings
        self._bounds = bounds
        without = [c["code"] for c in codes if c["code"] not in colours]
        if without:
            raise SystemExit(f"the program knows no colour of {', '.join(without)}")
        # One colour for each code, the same in every panel, in the order of the taxonomy.
        self.code_colours = {c["code"]: colours[c["code"]] for c in codes}
        # And of what stands where there is none.
        self.diagnosis_colours = {**self.code_colours, **NO_CODE_COLOURS}

    def code(self, name):
        """The row of a code; fails for one that the taxonomy does not have."""
        return next(c for c in self.codes if c["code"] == name)

    def signal(self, name):
        """The row of a golden signal."""
        return next(s for s in self.signals if s["signal"] == name)

    def bound(self, signal, status, of_input=None):
        """From where on the signal has the status."""
        return next(
            b for b in self._bounds if b["signal"] == signal and b["status"] == status and b["input"] == (of_input or signal)
        )

    def bounds_text(self, signal):
        """All bounds of a signal, for a description."""
        texts = [
            f"{b['status']} {b['input'] + ' ' if b['input'] != signal else ''}{b['comparison']} {number_text(b['bound'])}"
            for b in self._bounds
            if b["signal"] == signal
        ]
        return "; ".join(sorted(texts, key=lambda t: (not t.startswith("warning"), t)))

    def steps(self, signal, of_input=None):
        """The signal's bounds as Grafana's threshold steps: colours from a value upwards."""
        warning, critical = (self.bound(signal, s, of_input) for s in ("warning", "critical"))
        ok, warn, bad = (STATUS_COLOURS[s] for s in ("ok", "warning", "critical"))
        low, high = number(warning["bound"]), number(critical["bound"])
        if warning["comparison"].startswith(">"):
            return [step(ok, None), step(warn, low), step(bad, high)]
        return [step(bad, None), step(warn, high), step(ok, low)]

    def input_steps(self, signal, of_input):
        """The steps of one input of a signal whose bounds are upper ones, of which it may have only one."""
        ours = [b for b in self._bounds if b["signal"] == signal and b["input"] == of_input]
        found = sorted((number(b["bound"]), b["status"]) for b in ours)
        return [step(STATUS_COLOURS["ok"], None), *(step(STATUS_COLOURS[status], bound) for bound, status in found)]

    def rule_bound(self, code, quantity):
        """The number with which a code's condition compares a quantity, from the condition's text."""
        match = re.search(rf"\b{quantity} [<>]=? ([0-9.]+)", self.code(code)["condition"])
        return number(match.group(1))


def step(colour, value):
    """One step of Grafana's thresholds."""
    return {"color": colour, "value": value}


def number(text):
    """A numeric of PostgreSQL as a number of JSON, an integer where it is one."""
    value = Decimal(str(text))
    return int(value) if value == value.to_integral_value() else float(value)


def number_text(text):
    return str(number(text))


def colours(program):
    """Code to colour, as the program has them."""
    told = subprocess.run([program, "explain", "--format", "json"], check=True, capture_output=True, text=True).stdout
    names = [json.loads(line) for line in told.splitlines()]
    return {name["name"]: name["color"] for name in names if name["kind"] == "code"}


def read(connection, program):
    """Reads the reference of the current taxonomy version; the colours are the program's."""

    def rows(sql):
        return json.loads(connection.run(f"SELECT coalesce(json_agg(r), '[]') FROM ({sql}) AS r").rows[0][0])

    current = "(SELECT c.taxonomy_version FROM corrparse.current_taxonomy AS c)"
    return Reference(
        rows("SELECT * FROM diagnostics.taxonomy_v1 WHERE is_current ORDER BY position"),
        rows(f"SELECT * FROM corrparse.golden_signal WHERE taxonomy_version = {current} ORDER BY position"),
        rows(
            "SELECT signal, input, status, comparison, bound::text FROM corrparse.signal_bound"
            f" WHERE taxonomy_version = {current} ORDER BY 1, 2, 3"
        ),
        rows(f"SELECT * FROM corrparse.state_condition WHERE taxonomy_version = {current} ORDER BY position"),
        {
            r["name"]: r["value"]
            for r in rows(f"SELECT name, value FROM corrparse.supervision_setting WHERE taxonomy_version = {current}")
        },
        colours(program),
    )
