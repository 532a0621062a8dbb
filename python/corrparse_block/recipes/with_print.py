"""A block on the standard output, from a loop with a progress line in it."""

from corrparse_block import print_correlation_data

for horizon in ("H1", "H4"):
    print(f"testing {horizon} ", end="")
    print_correlation_data(
        {
            "crypto": "SOLUSDC",
            "horizon": horizon,
            "f1_buy": 0.5512,
            "baseline_f1_buy": 0.4871,
            "sortino": -0.32,
            "tp_pct": 30.2,
            "sl_pct": 58.1,
            "timeout_pct": 11.7,
            "n_trades": 655,
            "gates": {"f1": True, "sortino": False},
        }
    )
