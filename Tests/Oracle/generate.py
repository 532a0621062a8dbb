#!/usr/bin/env python3
"""A seeded generator of hostile Airflow logs: `generate.py --seed N --count K --out DIR`.

Log number I of a seed is always the same bytes under the same relative path. Without `--ambiguous` it keeps to inputs
on which both programs agree; with it, also those of READINGS.md, Known differences (see AMBIGUOUS in the text).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import struct
import sys
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

HEADER = "=== CORRELATION DATA ==="
END = "=== END CORRELATION DATA ==="
UNIT = ["precision_buy", "recall_buy", "buy_rate", "action_rate", "theta"]
KEYS = [
    "crypto",
    "horizon",
    "timeframe",
    "sl",
    "tp",
    "fold",
    "n_folds",
    "phase",
    "f1_buy",
    "baseline_f1_buy",
    *UNIT,
    "std_f1_buy",
    "sortino",
    "tp_pct",
    "sl_pct",
    "timeout_pct",
    "n_trades",
    "gates",
    "screening_f1_buy",
    "last_fold_f1_buy",
    "n_candidates",
    "n_passed",
    "complete",
    "group",
    "strategy_id",
    "model_version",
    "oom_kills",
    "pods_down",
    "success_rate",
    "pvc_pct",
    "cpu_pct",
]
BAD_NUMBERS = [
    "0,55",
    "1 204",
    "1\u00a0204",
    "\u22120.3",
    "np.float64(0.5)",
    "None",
    "null",
    "nan",
    "NaN",
    "N/A",
    "-",
    "",
    "inf",
    "-inf",
    "***",
    "0.55 # best",
    "abc",
    "0x1F",
    "0.1234567890123456789",
    "12345678901234567890",
    "1e15",
    "999999999999999",
    "1e-30",
    "1e-31",
    "0.5000000000000000000000000",
    "1.2e-05",
    "5e-324",
    "1.7976931348623157e+308",
    "-0",
    "0.0",
    "-0.000",
    "55.1%",
    "150%",
    "-1%",
    "0%",
    '"0.55"',
    "True",
    "2",
    "-1",
    "3.0",
    "3.5",
    "--1",
    "0.5.5",
    "1e",
    "0.30000000000000004",
    "0.1e1",
    "1E-2",
    "\u0665",
    "0.5\u00a0",
    "\u0660.5",
]
AMBIGUOUS_NUMBERS = [
    "+0.5",
    ".5",
    "5.",
    "1_000",
    "55.1 %",
    " 0.5",
    '"None"',
    '" 0.5"',
    '"0.5',
    '"0.5"x',
    "0.***",
    "+inf",
    "infinity",
    "NA",
    "none",
    "1e400",
]
GATES = [
    "f1:pass,sortino:fail",
    "f1:PASS, sortino:ok",
    "f1:true,sortino:0",
    "PASS",
    "fail",
    "f1:\u2713,sortino:\u2717",
    "f1:pass,f1:fail",
    "f1:maybe",
    "",
    "None",
    "f1:,x:pass",
    ":pass",
    "f1:pass,,x:fail",
    '"f1:pass, sortino:ko"',
    "f1",
    "***",
]
TEXTS = [
    "SOLUSDC",
    "BTCUSDC",
    '"ETHUSDC"',
    "A" * 128,
    "A" * 129,
    "a=b",
    "a,b",
    '"a b"',
    "None",
    "",
    "***",
    "caf\u00e9",
    "\u65e5\u672c",
    "x\u2028y",
    "a;b",
    "a|b",
]
AMBIGUOUS_TEXTS = ['"SOL', '"SOL"x', "SOL***", 'a"b']
PROSE = [
    "Saved model for SOLUSDC to s3://bucket/SOLUSDC_H1.pkl in 3.2s",
    "gate summary: n_passed=1 n_candidates=5",
    "Done in: 12.5 s",
    'level=info msg="logfmt-like ordinary line" crypto=NOTABLOCK duration=3.2s',
    "Evaluating SOLUSDC H1 sl=0.8 tp=1.5 fold=0",
    "looking for '=== CORRELATION DATA ===' in the previous logs: not a block",
    "Note: all done",
    "Train: 1000 samples and more",
    'json line: {"marker": "=== CORRELATION DATA ===", "crypto": "FAKE"}',
    "ts=2026-03-28T02:14:07Z crypto=NOT f1_buy=0.9",
    "event=step_done crypto=NOT",
    "Epoch 3/50 loss=0.31 acc=0.77",
    "url http://x/?a=1&b=2",
    "x" * 300,
    "time=12:00 f1_buy=0.9",
    "Done. Returned value was: === CORRELATION DATA ===",
    "Running command: ['echo === CORRELATION DATA ===\\ncrypto=SOL']",
    "crypto SOLUSDC",
    "the f1_buy=0.3 is low",
    "\u00e9valuation f1_buy=0.3",
    "my_loss=0.3 after 3 epochs",
    "1f1_buy=0.5",
    "=f1_buy=0.5",
]
NEAR = [
    "=== correlation data ===",
    "=== CORRELATION DATA ==",
    "=== CORRELATION DATA v ===",
    "== CORRELATION DATA ==",
    "=== CORRELATION DATA === and more",
    "=== Correlation Data ===",
    "=== CORRELATION DATA v1",
    "=== CORRELATION DATA === (fold 3)",
]
WARNINGS = [
    "could not compute sortino, using fallback",
    "DataFrame is highly fragmented: f1_buy=0.0 not a block value",
    "retrying in 3 s\nTraceback (most recent call last):\n  File \"a.py\", line 3, in f\nKeyError: 'sortino'",
    "slow step\ncrypto=NOT\nf1_buy=0.9",
]
FAILURES2 = [
    ("taskinstance.py", "ERROR", "Task failed with exception\nTraceback (most recent call last):\nValueError: sortino=nan"),
    ("taskinstance.py", "INFO", "Marking task as FAILED. dag_id=launch__discovery, task_id=test_step, end_date=20260328T021410"),
    ("taskinstance.py", "INFO", "Marking task as UP_FOR_RETRY. dag_id=launch__discovery, task_id=test_step"),
    ("taskinstance.py", "INFO", "Immediate failure requested. Marking task as FAILED. dag_id=launch__discovery"),
    ("local_task_job_runner.py", "INFO", "Task exited with return code 1"),
    ("local_task_job_runner.py", "INFO", "Task exited with return code -9. For more information, see x"),
    ("local_task_job_runner.py", "INFO", "Task exited with return code 100 (task deferral)"),
    ("taskinstance.py", "INFO", "Pausing task as DEFERRED. dag_id=launch__discovery, task_id=test_step"),
    ("timeout.py", "ERROR", "Process timed out, PID: 13248"),
]
HARMLESS2 = [
    ("taskinstance.py", "INFO", "Marking task as SUCCESS. dag_id=launch__discovery, task_id=test_step"),
    ("taskinstance.py", "INFO", "Marking task as SKIPPED. dag_id=launch__discovery"),
    ("local_task_job_runner.py", "INFO", "Task exited with return code 0"),
    ("python.py", "INFO", "Done. Returned value was: None"),
    ("taskinstance.py", "INFO", "::endgroup::"),
    ("other.py", "INFO", "Process timed out waiting for exchange"),
    ("other.py", "INFO", "Task failed with exception"),
    ("taskinstance.py", "ERROR", "Task failed with exceptions galore"),
    ("logging_mixin.py", "INFO", "Task exited with return code 1"),
]
FAILURES3 = [
    ("task", "task_runner.py", "error", "Task failed with exception", {}),
    ("task", None, "critical", "Process terminated by signal. Likely out of memory error (OOM).", {"signal": -9}),
    ("task", "timeout.py", "error", "Process timed out", {"pid": 4521}),
    ("task", "task_runner.py", "error", "Task exited", {"exit_code": 3}),
    ("task", "task_runner.py", "info", "Pausing task as DEFERRED. ", {}),
    ("supervisor", "supervisor.py", "info", "Workload finished", {"final_state": "failed", "exit_code": 1}),
]
HARMLESS3 = [
    ("task", "task_runner.py", "info", "Pushing xcom", {}),
    ("supervisor", "supervisor.py", "info", "Workload finished", {"final_state": "success"}),
    ("task", "task_runner.py", "info", "Skipping task.", {}),
    ("root", "launch_discovery.py", "error", "Task failed with exception", {}),
    ("root", "launch_discovery.py", "info", "Process timed out waiting for exchange", {}),
    ("task", "task_runner.py", "info", "::group::Post Execute", {}),
]


DEFAULT_ENVELOPES = ["text", "json", "bare", "mixed"]
NEXT_ENVELOPES = ["es", "api", "console", "cri", "docker"]
JSON_LIKE = ("json", "api", "console")


@dataclass
class Rec:
    """One logging call."""

    source: str  # log, log2, print, stderr, or own
    level: str
    message: str
    own: tuple | None = None
    keys: list = field(default_factory=list)  # structured header
    task: int | None = None


class Generator:
    def __init__(self, seed: int, index: int, ambiguous: bool, envelopes: list[str] | None = None):
        self.r = random.Random(f"corrparse:{seed}:{index}")
        self.index, self.ambiguous = index, ambiguous
        self.envelope = self.pick([("text", 5), ("json", 5), ("bare", 2), ("mixed", 1 if ambiguous else 0)])
        self.wrap = None
        if envelopes:
            self.envelope = self.r.choice(envelopes)
            if self.envelope in ("cri", "docker"):
                self.wrap, self.envelope = self.envelope, self.r.choice(["text", "json", "bare", "console"])
        self.flavour = self.r.choice(["3.0", "3.1", "3.3"])
        self.clock = datetime(2026, 3, 28, 2, 14, 7, tzinfo=timezone.utc)

    def pick(self, weighted):
        names, weights = zip(*weighted, strict=True)
        return self.r.choices(names, weights)[0]

    def chance(self, p: float) -> bool:
        return self.r.random() < p

    # ------------------------------------------------------------------ values
    def number(self, low: float, high: float, digits: int = 4) -> str:
        if self.chance(0.06):
            return repr(self.r.uniform(low, high))
        return f"{self.r.uniform(low, high):.{self.r.choice([digits, digits, 2, 1])}f}"

    def good(self) -> dict[str, str]:
        r = self.r
        base = r.choice([0, 0.3, 0.4871, 0.5])
        delta = r.choice([0, 0.05, 0.0500001, 0.1, 0.1000001, -0.02, 0.03, 0.07, 0.0641, 0.2, 0.049999])
        gap = r.choice([0.3, 0.3000001, 0.29, 0.1, 0.05, 0.02])
        out = {
            "crypto": r.choice(["SOLUSDC", "BTCUSDC", "ETHUSDC", "XRPUSDC"]),
            "horizon": f"H{r.randint(1, 99)}",
            "timeframe": r.choice(["5m", "1h"]),
            "sl": self.number(0.5, 2, 1),
            "tp": self.number(1, 3, 1),
            "fold": r.choice(["0", "3", "all", "ALL"]),
            "n_folds": "5",
            "phase": r.choice(["screening", "testing", "wfrb"]),
            "f1_buy": f"{base + delta:.7f}",
            "baseline_f1_buy": f"{base:.4f}",
        }
        for key in UNIT:
            out[key] = self.number(0, 1)
        out["std_f1_buy"] = r.choice(["0.1", "0.10", "0.02", "0.03", "0.04", "0.1000001"])
        out["sortino"] = r.choice(["0", "-0.0", "-0.32", "-1.084", "1.3", "0.5", "-1e-05", "0.0000001"])
        share = r.random()
        if share < 0.5:
            out |= {
                "tp_pct": r.choice(["20", "19.9", "20.0", "35.5"]),
                "sl_pct": r.choice(["50", "50.1", "12"]),
                "timeout_pct": r.choice(["40", "40.01", "0"]),
            }
        elif share < 0.65:
            out |= {"tp_pct": "19.9%", "sl_pct": r.choice(["58.1%", "0.4%"]), "timeout_pct": r.choice(["0.41%", "22%"])}
        elif share < 0.8:
            out |= r.choice(
                [
                    {"tp_pct": "0.2", "sl_pct": "0.5", "timeout_pct": "0.3"},
                    {"tp_pct": "0", "sl_pct": "0.6", "timeout_pct": "0.4"},
                    {"tp_pct": "0.5", "sl_pct": "0.3", "timeout_pct": "0.15"},
                    {"tp_pct": "0.5", "sl_pct": "0.3", "timeout_pct": "0.149"},
                    {"tp_pct": "0.5", "sl_pct": "0.3", "timeout_pct": "0.2500001"},
                    {"tp_pct": "1", "sl_pct": "0", "timeout_pct": "0"},
                ]
            )
        else:
            out |= {k: r.choice(["0", "0.3", "1", "45", "0.3%", "101", "0.0"]) for k in ("tp_pct", "sl_pct", "timeout_pct")}
        out |= {
            "n_trades": r.choice(["655", "0", "1", "12"]),
            "gates": r.choice(GATES[:8]),
            "screening_f1_buy": f"{0.5 + gap:.7f}",
            "last_fold_f1_buy": "0.5",
            "n_candidates": r.choice(["54", "0"]),
            "n_passed": r.choice(["0", "5"]),
            "complete": r.choice(["true", "false", "YES", "0", "1"]),
            "group": "defi",
            "strategy_id": "s-1.2_3",
            "model_version": "v3",
            "oom_kills": r.choice(["2", "3", "0"]),
            "pods_down": "1",
            "success_rate": r.choice(["70", "69.9", "0.5", "80%", "1", "0"]),
            "pvc_pct": r.choice(["85", "85.1", "0.9", "10"]),
            "cpu_pct": r.choice(["90", "90.1%", "20"]),
        }
        return out

    def fields(self) -> list[tuple[str, str]]:
        """(key as logged, value as logged) of one block, defects included."""
        r = self.r
        values = self.good()
        kind = r.random()
        if kind < 0.12:
            keys = r.sample(["crypto", "n_candidates", "n_passed", "complete", "group"], r.randint(2, 5))
        elif kind < 0.2:
            keys = r.sample(["oom_kills", "pods_down", "success_rate", "pvc_pct", "cpu_pct"], r.randint(1, 5))
        else:
            keys = [k for k in KEYS[:24] if r.random() < r.choice([0.5, 0.95])] + r.sample(KEYS[24:], r.choice([0, 0, 1, 3]))
        out = []
        for key in keys or ["crypto"]:
            value = values[key]
            if self.chance(0.05) and (key != "complete" or self.ambiguous):
                value = self.defect(key)
            name = key
            if self.chance(0.04):
                name = r.choice([key.upper(), key.title(), key.replace("_", "-")])
            elif key == "crypto" and self.chance(0.1):
                name = r.choice(["symbol", "pair", "Symbol"])
            elif key == "sortino" and self.chance(0.1):
                name = "sortino_ratio"
            elif key in ("tp_pct", "sl_pct", "timeout_pct") and self.chance(0.1):
                name = key.replace("_pct", "%")
            out.append((name, value))
            if self.chance(0.02) and (key != "complete" or self.ambiguous):
                out.append((r.choice([key, name]), r.choice([value, self.defect(key), values[key]])))
            if self.chance(0.04):
                out.append(
                    r.choice(
                        [
                            ("fold_idx", "7"),
                            ("note", '"two words"'),
                            ("Note", "x"),
                            ("delta_f1", "0.03"),
                            ("model.path", "s3://b/x"),
                            ("f1_buy%", "55"),
                            ("latency-ms", "12.5"),
                            ("tag", "a,b"),
                            ("note", r'"q \" b \\ n \n t \t"'),
                            ("x", "caf\u00e9"),
                        ]
                    )
                )
        return out

    def defect(self, key: str) -> str:
        if key == "gates":
            return self.r.choice(GATES)
        if key in ("crypto", "group", "timeframe", "strategy_id", "model_version"):
            return self.r.choice(TEXTS + (AMBIGUOUS_TEXTS if self.ambiguous else []))
        if key == "horizon":
            return self.r.choice(["H0", "H100", "H99", "H1", "h4", "None", "4", ""] + (["H01"] if self.ambiguous else []))
        if key == "phase":
            return self.r.choice(["training", "None", "***", "wfrb"] + (["WFRB"] if self.ambiguous else []))
        if key == "complete":
            return self.r.choice(["None", "", "***", "TRUE", "No"] + (["maybe"] if self.ambiguous else []))
        return self.r.choice(BAD_NUMBERS + (AMBIGUOUS_NUMBERS if self.ambiguous else []))

    # ------------------------------------------------------------------ body lines
    def body(self) -> list[str]:
        """The lines of a body in one of the forms of the grammar; a JSON object over several lines is one item with \\n."""
        r = self.r
        fields = self.fields()
        form = self.pick([("line", 6), ("logfmt", 3), ("colon", 3), ("bullet", 1), ("json", 2), ("mixed", 2), ("one", 1)])
        lines: list[str] = []
        if form == "line":
            lines = [f"{k}={v}" for k, v in fields]
        elif form in ("logfmt", "one"):
            per = 99 if form == "one" else r.randint(2, 6)
            separator = r.choice([" ", " ", "  ", ", ", ";", " | ", ","])
            if separator == ",":
                fields = [(k, v) for k, v in fields if not v.endswith(",")]
            for i in range(0, len(fields), per):
                lines.append(separator.join(f"{k}={v}" for k, v in fields[i : i + per]))
        elif form == "colon":
            gap = r.choice([": ", " : ", ":\t"])
            lines = [f"{k}{gap}{v}" for k, v in fields]
            if r.random() < 0.2:
                lines = [line.replace(gap, ":", 1) if line.split(gap)[0] in KEYS else line for line in lines]
        elif form == "bullet":
            mark = r.choice(["- ", "* ", "\u2022 ", "-   "])
            lines = [f"{mark}{k}{r.choice(['=', ': ', ' = '])}{v}" for k, v in fields]
        elif form == "json":
            lines = self.json_body(fields)
        else:
            lines = [r.choice([f"{k}={v}", f"{k}: {v}", f"{k} = {v}", f"  {k}= {v}"]) for k, v in fields]
        if r.random() < 0.15:
            lines.insert(r.randrange(len(lines) + 1), r.choice(["--- ml ---", "[execution]", "------", "-- x--"]))
        if r.random() < 0.1:
            lines.insert(r.randrange(len(lines) + 1), "")
        if r.random() < 0.05:
            lines.insert(0, r.choice(["event=correlation_data", "event=correlation_data crypto=SOLUSDC fold=2"]))
        return lines

    def json_body(self, fields) -> list[str]:
        r = self.r
        lines = []
        seen: dict = {}
        for key, value in ((key, value.strip('"').replace("\\", "")) for key, value in fields):
            if key == "gates" and r.random() < 0.6:
                seen[key] = r.choice([{"f1": "pass", "sortino": False}, {"f1": 1, "x": "KO"}, {"f1": "pass"}])
                continue
            number = r.random() < 0.7
            try:
                seen[key] = json.loads(value) if number and value != "NaN" else value
            except ValueError:
                seen[key] = {"None": None}.get(value, value)
            if isinstance(seen[key], float) and not (abs(seen[key]) < 1e300):
                seen[key] = value
        if r.random() < 0.3 and len(seen) > 3:
            keys = list(seen)
            part = {k: seen.pop(k) for k in keys[1:4] if not isinstance(seen[k], dict)}
            seen["metrics"] = part
        if r.random() < 0.05:
            seen["folds"] = [1, 2]
        text = json.dumps(seen, ensure_ascii=r.random() < 0.5, indent=r.choice([None, None, None, 2, 1]))
        lines.append(text)
        return lines

    def header(self) -> str:
        roll = self.r.random()
        if roll < 0.8:
            return HEADER
        if roll < 0.86:
            return "=== CORRELATION DATA v1 ==="
        if roll < 0.90 and self.ambiguous:
            return self.r.choice(["=== CORRELATION DATA v2 ===", "=== CORRELATION DATA v17 ===", "=== CORRELATION DATA v0 ==="])
        if roll < 0.94 and self.ambiguous:
            return f"{HEADER} crypto=SOLUSDC horizon=H4"
        if roll < 0.97:
            return HEADER + "  "
        return "\t" + HEADER

    def block(self) -> tuple[str, list[str], str | None]:
        """(header, body, end marker or None)."""
        body = self.body()
        if self.chance(0.02):
            body = []
        if self.chance(0.03):
            body.insert(self.r.randrange(len(body) + 1), self.r.choice(PROSE))
        if self.chance(0.01):
            body.insert(self.r.randrange(len(body) + 1), self.r.choice(NEAR))
        if self.chance(0.012):
            body += [f"extra_{i}={i}" for i in range(self.r.choice([225, 256, 300]))]
        if self.chance(0.012):
            body.insert(
                self.r.randrange(len(body) + 1),
                self.r.choice([f"f1_buy={'9' * 70000}", f"unknown={'x' * 70000}", "y" * 70000, f"note_a={'z' * 40000}"]),
            )
        if body and self.chance(0.05):
            body.insert(0, "=" * self.r.choice([3, 40]))
        end = self.pick([(END, 6), (None, 3), ("=" * 30, 1), (END + " \t", 1)])
        return self.header(), body, end

    # ------------------------------------------------------------------ records
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

    # ------------------------------------------------------------------ rendering
    def tick(self) -> datetime:
        self.clock += timedelta(microseconds=self.r.choice([0, 1, 250, 1000, 40000]))
        return self.clock

    def render(self, records: list[Rec]) -> bytes:
        out = bytearray()
        for record in records:
            way = self.envelope if self.envelope != "mixed" else self.r.choice(["text", "json", "bare"])
            out += {
                "text": self.text,
                "json": self.json,
                "bare": self.bare,
                "es": self.es,
                "api": self.json,
                "console": self.console,
            }[way](record)
        data = bytes(out)
        if self.envelope == "api":
            elements = [line for line in data.split(b"\n") if line.strip()]
            data = b'{"content":[' + b",".join(elements) + b'],"continuation_token":null}\n'
        if self.wrap:
            data = b"".join(self.contain(line) for line in data.splitlines(keepends=True) if line.strip())
        return data

    def contain(self, line: bytes) -> bytes:
        """A line as containerd or docker keeps it, long ones in pieces."""
        line = line.rstrip(b"\r\n")
        stamp = self.clock.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"
        stream = "stderr" if self.chance(0.02) else "stdout"
        size = self.r.choice([16384, 40]) if self.chance(0.05) else 16384
        pieces = [line[i : i + size] for i in range(0, len(line), size)] or [b""]
        out = b""
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            if self.wrap == "cri":
                out += f"{stamp} {stream} {'F' if last else 'P'} ".encode() + piece + b"\n"
            else:
                log = piece.decode("utf-8", "replace") + ("\n" if last else "")
                out += json.dumps({"log": log, "stream": stream, "time": stamp}, ensure_ascii=self.chance(0.3)).encode() + b"\n"
        return out

    def es(self, record: Rec) -> bytes:
        """airflow2-json."""
        text = self.text(record).decode("utf-8", "surrogatepass")
        if not text:
            return b""
        head, message = text.rstrip("\r\n").split(" - ", 1)
        file, level = head.split("{", 1)[1].split("} ", 1)
        name, number = file.rsplit(":", 1)
        event = {
            "asctime": head[1 : head.index("]")],
            "filename": name,
            "lineno": int(number),
            "levelname": level,
            "message": message,
            "offset": 1795414842066995200,
            "dag_id": "launch__discovery",
            "task_id": "test_step",
            "try_number": "1",
            "log_id": f"launch__discovery-test_step-{record.task or 1}",
        }
        return json.dumps(event).encode() + b"\n"

    def console(self, record: Rec) -> bytes:
        """airflow3-console: the context behind the padded text, at the end of a message's last line."""
        out = b""
        for line in self.json(record).decode("utf-8", "surrogatepass").split("\n"):
            if not line.strip():
                continue
            event = json.loads(line)
            stamp, level, text = event.pop("timestamp"), event.pop("level"), event.pop("event")
            logger, name, number = event.pop("logger"), event.pop("filename", None), event.pop("lineno", 1)
            event.pop("chan", None)
            if name:
                event["loc"] = f"{name}:{number}"
            if "\n" in text:
                event.setdefault("loc", "x.py:1")
            context = "".join(f" {k}={self.python(v)}" for k, v in sorted(event.items()))
            stamp = stamp.replace("T", " ").replace("Z", "+00:00") if self.chance(0.5) else stamp
            out += f"{stamp} [{level:<9}] {text:<30} [{logger}]{context}\n".encode("utf-8", "surrogatepass")
        return out

    def python(self, value) -> str:
        text = str(value)
        plain = isinstance(value, str) and text and not any(c in text for c in " \t='\"[]{}<>\\\n") and text.isprintable()
        return text if plain or not isinstance(value, str) else repr(value)

    def eol(self) -> str:
        return "\r\n" if self.chance(0.03) else "\n"

    def paint(self, text: str) -> str:
        if not self.chance(0.02) or not text:
            return text
        at = self.r.randrange(len(text) + 1)
        return "\x1b[1;36m" + text[:at] + "\x1b[0m" + text[at:] + self.r.choice(["\x1b[0m", "", "\x1b[K"])

    def text(self, record: Rec) -> bytes:
        now = (
            self.tick().strftime("%Y-%m-%dT%H:%M:%S.")
            + f"{self.clock.microsecond // 1000:03d}"
            + self.r.choice(["+0000"] * 4 + ["-0500", "+01:00", "Z"] * self.ambiguous)
        )
        if record.own:
            own = record.own if len(record.own) == 3 else ("taskinstance.py", record.own[2].upper(), record.own[3])
            file, level, message = own
        else:
            file = {"log": "launch_discovery.py", "log2": "<string>", "print": "logging_mixin.py", "stderr": "logging_mixin.py"}[
                record.source
            ]
            level = "INFO" if record.source == "print" else "WARNING" if record.source == "stderr" else record.level
            message = record.message
        if record.source in ("print", "stderr") and not message.strip():
            return b""
        lines = [self.paint(x) + self.eol() for x in message.split("\n")]
        return (f"[{now}] {{{file}:{self.r.randint(1, 400)}}} {level} - " + "".join(lines)).encode("utf-8", "surrogatepass")

    def json(self, record: Rec) -> bytes:
        stamp = self.tick().strftime("%Y-%m-%dT%H:%M:%S.%f") + ("" if self.flavour == "3.0" else "Z")
        channel = record.source in ("print", "stderr")
        event: dict = {"timestamp": stamp, "level": record.level.lower()}
        extra: dict = {}
        if record.own:
            own = (
                record.own
                if len(record.own) == 5
                else ("task", "task_runner.py", record.own[1].lower(), record.own[2].split("\n")[0], {})
            )
            logger, filename, event["level"], event["event"], extra = own
            event["logger"] = logger
            if filename and self.flavour != "3.0":
                event["filename"] = filename
        elif channel:
            name = "stdout" if record.source == "print" else "stderr"
            event["level"] = "info" if name == "stdout" else "error"
            out = b""
            for line in record.message.split("\n"):
                one = dict(event, event=line)
                one |= {"chan": name, "logger": "task"} if self.flavour == "3.0" else {"logger": f"task.{name}"}
                out += self.dump(one)
            return out
        else:
            event["event"] = self.paint(record.message)
            event["logger"] = {"log": "root", "log2": "discovery.steps"}[record.source]
            if self.flavour != "3.0":
                event |= {"filename": "launch_discovery.py", "lineno": self.r.randint(1, 400)}
            if record.task:
                extra = {
                    "ti_id": f"01a206fb-{record.task:04d}",
                    "dag_id": "launch__other" if self.ambiguous and self.chance(0.02) else "launch__discovery",
                }
            for key, value in ((key, value.strip('"')) for key, value in record.keys):
                extra[key] = value if self.r.random() < 0.5 else self.scalar(value)
            if not record.keys and self.chance(0.03) and record.message.strip() != HEADER:
                extra["n_trades"] = 7
        rest = list(extra.items())
        self.r.shuffle(rest)
        return self.dump({**event, **dict(rest)})

    def scalar(self, value: str):
        try:
            loaded = json.loads(value)
            return (
                loaded
                if isinstance(loaded, (int, str, bool)) or loaded is None or (isinstance(loaded, float) and abs(loaded) < 1e300)
                else value
            )
        except ValueError:
            return value

    def dump(self, event: dict) -> bytes:
        spaced = self.chance(0.1)
        text = json.dumps(event, ensure_ascii=self.chance(0.3), separators=None if spaced else (",", ":"))
        return text.encode("utf-8", "surrogatepass") + self.eol().encode()

    def bare(self, record: Rec) -> bytes:
        message = record.own[-1] if record.own and len(record.own) == 3 else record.own[3] if record.own else record.message
        return "".join(self.paint(x) + self.eol() for x in message.split("\n")).encode("utf-8", "surrogatepass")

    # ------------------------------------------------------------------ bytes
    def spoil(self, data: bytes) -> bytes:
        r = self.r
        if self.chance(0.04):  # bytes that are no UTF-8, inside a value of a text or bare line
            places = [i for i in range(len(data) - 1) if data[i : i + 1] == b"=" and data[i + 1 : i + 2].isalnum()]
            if places and self.envelope not in ("json", "es", "api"):
                at = r.choice(places) + 1
                line = data[data.rfind(b"\n", 0, at) + 1 : at]
                if not line.lstrip().startswith(b"{"):
                    data = data[:at] + r.choice([b"\xff", b"\xe9", b"\xc3", b"\xf0\x9f\x9a", b"\xed\xa0\x80"]) + data[at:]
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


def generate(seed: int, index: int, ambiguous: bool = False, envelopes: list[str] | None = None) -> tuple[str, bytes]:
    """(relative path, bytes) of log number `index` of a seed."""
    return Generator(seed, index, ambiguous, envelopes).log()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--count", type=int, default=10)
    arguments.add_argument("--first", type=int, default=0)
    arguments.add_argument("--ambiguous", action="store_true")
    arguments.add_argument(
        "--envelopes",
        type=lambda t: t.split(","),
        help=f"any of {DEFAULT_ENVELOPES + NEXT_ENVELOPES} (default: a mix of the first four)",
    )
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    for index in range(options.first, options.first + options.count):
        path, data = generate(options.seed, index, options.ambiguous, options.envelopes)
        target = options.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
