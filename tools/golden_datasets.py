"""Golden data: what scikit-learn 1.9.1 makes and distributes.

    python -m tools.golden_datasets     writes tests/golden/datasets.json

It needs scikit-learn, which this project and its tests do not: its points without noise, and the
digest of its digits.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits, make_circles, make_moons

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden" / "datasets.json"
POINTS = 40


def main() -> None:
    digits = load_digits()
    held = np.c_[digits.data, digits.target].astype(np.uint8)
    made = {
        "release": version("scikit-learn"),
        "digits": hashlib.sha256(held.tobytes()).hexdigest(),
    }
    for name, (x, y) in {
        "moons": make_moons(POINTS, noise=None, shuffle=False),
        "circles": make_circles(POINTS, noise=None, shuffle=False, factor=0.5),
    }.items():
        made[name] = {"x": x.tolist(), "y": y.tolist()}
    GOLDEN.write_text(json.dumps(made) + "\n", "utf-8")


if __name__ == "__main__":
    main()
