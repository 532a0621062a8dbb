"""The bodies of hostile blocks: keys, values right and wrong, and the forms of their lines."""

from __future__ import annotations

import json
import random
from datetime import datetime, timezone

from grammar import FIELDS, TEXT_FIELDS
from hostile_values import (
    AMBIGUOUS_NUMBERS,
    AMBIGUOUS_TEXTS,
    BAD_NUMBERS,
    END,
    GATES,
    HEADER,
    KEYS,
    NEAR,
    PROSE,
    TEXTS,
    UNIT,
    VALUES,
)


class Bodies:
    """Whatever is random comes from one generator, in one order: a log stays the same."""

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
        for key in KEYS:
            if key not in out:
                out[key] = r.choice(VALUES[FIELDS[key]])
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
        if key in TEXT_FIELDS:
            return self.r.choice(TEXTS + (AMBIGUOUS_TEXTS if self.ambiguous else []))
        if key == "horizon":
            return self.r.choice(["H0", "H100", "H99", "H1", "h4", "None", "4", ""] + (["H01"] if self.ambiguous else []))
        if key == "phase":
            return self.r.choice(["training", "None", "***", "wfrb"] + (["WFRB"] if self.ambiguous else []))
        if key == "complete":
            return self.r.choice(["None", "", "***", "TRUE", "No"] + (["maybe"] if self.ambiguous else []))
        return self.r.choice(BAD_NUMBERS + (AMBIGUOUS_NUMBERS if self.ambiguous else []))

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
