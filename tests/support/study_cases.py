"""Small experiments that torch has measured as well: `tools/golden_studies.py`."""

from __future__ import annotations

from typing import Any

SEEDS = (3, 40)
# What is measured: settings, and the number whose interval is compared.
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "initialization": ({"depth": 8, "width": 10, "steps": 20, "seeds": 9}, "xavier_normal/he"),
    "batchnorm": ({"hidden": "8,8,8", "rates": 4, "steps": 25, "seeds": 9}, "gain"),
    "width": ({"widths": "1,3", "steps": 60, "seeds": 9}, "sinks"),
    "shift": ({"hidden": "6", "steps": 40, "seeds": 9}, "rise"),
    "optimizers": (
        {"optimizers": "sgd,adam", "hidden": "6", "rates": 3, "steps": 25, "seeds": 9}, "sgd/adam",
    ),
}  # fmt: skip
