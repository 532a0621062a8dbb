"""3-classification, Rules and Verdict. A pure function from a record to a verdict, in SQL's three-valued logic."""

from __future__ import annotations

from decimal import Decimal

UNKNOWN = None
TESTED = (
    "f1_buy baseline_f1_buy precision_buy recall_buy buy_rate action_rate std_f1_buy screening_f1_buy last_fold_f1_buy sortino "
    "tp_pct sl_pct timeout_pct n_trades"
).split()
# (code, layer) in the order of the table.
TABLE = [
    ("INFRA_SATURATED", "infra"),
    ("PIPELINE_DEGRADED", "infra"),
    ("NO_CANDIDATES", "run"),
    ("ML_USELESS", "ml"),
    ("SCREENING_OVERFIT", "ml"),
    ("ML_UNSTABLE", "ml"),
    ("ML_MARGINAL", "ml"),
    ("EXECUTION_MISMATCH", "execution"),
    ("ML_EXPLOITABLE", "ml"),
    ("ML_SOLID", "ml"),
    ("SL_TOO_TIGHT", "execution"),
    ("TP_TOO_AMBITIOUS", "execution"),
    ("HORIZON_TOO_SHORT", "execution"),
]
LAYER = dict(TABLE)
ORDER = [code for code, _ in TABLE]
SEVERITY = {
    "PIPELINE_DEGRADED": "P1",
    "NO_CANDIDATES": "P1",
    "ML_USELESS": "P2",
    "SCREENING_OVERFIT": "P2",
    "ML_UNSTABLE": "P2",
    "ML_MARGINAL": "P3",
    "EXECUTION_MISMATCH": "P2",
    "ML_EXPLOITABLE": "none",
    "ML_SOLID": "none",
    "SL_TOO_TIGHT": "P2",
    "TP_TOO_AMBITIOUS": "P2",
    "HORIZON_TOO_SHORT": "P2",
}
# What a rule reads; the four levels are one rule here.
NEEDS = {
    "ML_LEVEL": ["f1_buy", "baseline_f1_buy"],
    "SCREENING_OVERFIT": ["screening_f1_buy", "last_fold_f1_buy"],
    "ML_UNSTABLE": ["std_f1_buy"],
    "EXECUTION_MISMATCH": ["f1_buy", "baseline_f1_buy", "sortino"],
    "SL_TOO_TIGHT": ["sl_pct"],
    "TP_TOO_AMBITIOUS": ["tp_pct"],
    "HORIZON_TOO_SHORT": ["timeout_pct"],
    "NO_CANDIDATES": ["n_passed", "n_candidates", "complete"],
}
LEVELS = ["ML_USELESS", "ML_MARGINAL", "ML_EXPLOITABLE", "ML_SOLID"]


def and_(*terms):
    if any(t is False for t in terms):
        return False
    return UNKNOWN if any(t is UNKNOWN for t in terms) else True


def or_(*terms):
    if any(t is True for t in terms):
        return True
    return UNKNOWN if any(t is UNKNOWN for t in terms) else False


def certainty_of(state: dict[str, bool | None], primary: str | None, damaged: bool) -> str:
    unknown = [code for code in ORDER if code in state and state[code] is UNKNOWN]
    if primary:
        certain = not damaged and not any(code in unknown for code in ORDER[: ORDER.index(primary)])
        return "certain" if certain else "provisional"
    if unknown or not state:
        return "unclassified"
    return "provisional" if damaged else "certain"


def layer_of(state: dict[str, bool | None], layer: str) -> str:
    mine = [code for code in ORDER if LAYER[code] == layer and code in state]
    for code in mine:
        if state[code] is True:
            return code
    if any(state[code] is UNKNOWN for code in mine):
        return "not_evaluable"
    return "clear" if mine else "not_applicable"


def verdict(record: dict, absent_because: dict[str, str], damaged: bool, else_absent: str = "absent") -> dict:
    """`absent_because`: field to the issue kind that made it absent. `else_absent`: why any other field is absent."""
    usable = dict(record)
    because_issue, why = absent_because, dict(absent_because)
    if usable.get("n_trades") == 0:
        for field in ("sortino", "tp_pct", "sl_pct", "timeout_pct"):
            usable.pop(field, None)
            why[field] = "no_trades"

    def get(field):
        return usable.get(field)

    def compare(field, test):
        value = get(field)
        return UNKNOWN if value is None else test(value)

    def difference(a, b):
        return UNKNOWN if get(a) is None or get(b) is None else get(a) - get(b)

    def on(value, test):
        return UNKNOWN if value is None else test(value)

    strategy = any(get(f) is not None for f in TESTED)
    delta = difference("f1_buy", "baseline_f1_buy")
    gap = difference("screening_f1_buy", "last_fold_f1_buy")
    five, ten = Decimal("0.05"), Decimal("0.10")

    state: dict[str, bool | None] = {}  # applicable rules only

    infra_terms = {
        "oom_kills": compare("oom_kills", lambda v: v > 2),
        "pvc_pct": compare("pvc_pct", lambda v: v > 85),
        "cpu_pct": compare("cpu_pct", lambda v: v > 90),
    }
    present = {f: t for f, t in infra_terms.items() if t is not UNKNOWN}
    if present:
        state["INFRA_SATURATED"] = or_(*present.values())
    if get("success_rate") is not None:
        state["PIPELINE_DEGRADED"] = get("success_rate") < 70
    # "if all of them were made absent nothing applies": such a block is a strategy's, not a summary.
    spoiled = any(f in because_issue for f in TESTED)
    if not strategy and not spoiled and (get("n_candidates") is not None or get("n_passed") is not None):
        complete = get("complete")
        if complete is None and "complete" not in why:
            complete = True  # "A summary without `complete` is taken as complete"
        terms = {
            "n_passed": compare("n_passed", lambda v: v == 0),
            "n_candidates": compare("n_candidates", lambda v: v > 0),
            "complete": complete,
        }
        state["NO_CANDIDATES"] = and_(*terms.values())
    if strategy:
        state["ML_USELESS"] = on(delta, lambda d: d <= 0)
        state["SCREENING_OVERFIT"] = on(gap, lambda g: g > Decimal("0.30"))
        state["ML_UNSTABLE"] = compare("std_f1_buy", lambda v: v > ten)
        state["ML_MARGINAL"] = on(delta, lambda d: 0 < d <= five)
        state["EXECUTION_MISMATCH"] = and_(on(delta, lambda d: d > five), compare("sortino", lambda v: v < 0))
        state["ML_EXPLOITABLE"] = on(delta, lambda d: five < d <= ten)
        state["ML_SOLID"] = on(delta, lambda d: d > ten)
        state["SL_TOO_TIGHT"] = compare("sl_pct", lambda v: v > 50)
        state["TP_TOO_AMBITIOUS"] = compare("tp_pct", lambda v: v < 20)
        state["HORIZON_TOO_SHORT"] = compare("timeout_pct", lambda v: v > 40)

    def lacks(rule):
        missing = [f for f in NEEDS[rule] if get(f) is None]
        if rule == "NO_CANDIDATES" and "complete" not in why:
            missing = [f for f in missing if f != "complete"]
        return missing

    findings = [code for code in ORDER if state.get(code) is True]
    not_evaluated = []
    for code in ORDER:
        # The four levels are one rule, told once.
        if code in state and state[code] is UNKNOWN and (code not in LEVELS or code == "ML_USELESS"):
            rule = "ML_LEVEL" if code in LEVELS else code
            missing = lacks(rule)
            reasons = [why.get(f, else_absent) for f in missing]
            not_evaluated.append({"rule": rule, "lacks": missing, "why": reasons[0]})

    primary = findings[0] if findings else None
    saturated = "P0" if present.get("oom_kills") or present.get("pvc_pct") else "P1"
    severities = [saturated if code == "INFRA_SATURATED" else SEVERITY[code] for code in findings]
    if compare("sortino", lambda v: v < 0) is True:
        severities.append("P2")

    result = {"taxonomy": 1}
    if primary:
        result["primary"] = primary
    result |= {
        "certainty": certainty_of(state, primary, damaged),
        "severity": min(severities, key=["P0", "P1", "P2", "P3", "none"].index, default="none"),
        "findings": findings,
        "ml": layer_of(state, "ml"),
        "execution": layer_of(state, "execution"),
        "infra": layer_of(state, "infra"),
    }
    if delta is not None:
        result["delta_points"] = delta * 100
    result["not_evaluated"] = not_evaluated
    return result
