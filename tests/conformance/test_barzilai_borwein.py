"""Barzilai and Borwein's method against recorded paths of stabbb.

Recorded by tools/golden_barzilai_borwein.py. Its first step is given to ours as lr.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.support.live import ROUNDING, Found, ours

if TYPE_CHECKING:
    from tests.support.recording import Recorder

pytestmark = pytest.mark.recorded

GOLDEN = Path(__file__).parent.parent / "golden" / "methods" / "barzilai_borwein.npz"
SLACK = 30.0  # as tests.support.live; here one unit in the start's last place
NO_CAP = {"max_ratio": 1e9}


def test_steps_are_stabbbs(evidence: Recorder) -> None:
    found: dict[str, list[Found]] = {}
    with np.load(GOLDEN) as kept:
        about = json.loads(str(kept["about"]))
        for i, case in enumerate(about["cases"]):
            path, moved = kept[f"path_{i}"], kept[f"moved_{i}"]
            where: Any = SimpleNamespace(
                name=case["surface"], knobs=case["knobs"], start=case["start"]
            )
            mine = ours("barzilai_borwein", NO_CAP | {"lr": case["lr"]}, where, path.shape[1] - 1)
            apart = np.abs(mine - path).max(axis=0)
            assert (apart <= ROUNDING + SLACK * moved).all(), case
            assert apart.size > 15
            run = Found(float(apart.max()), apart.size - 1, float(moved.max()))
            found.setdefault(case["surface"], []).append(run)
    for on, runs in found.items():
        evidence.compared(
            "optimizers", "barzilai_borwein", "stabbb.stab_BB", on,
            [run.difference for run in runs], steps=[run.steps for run in runs],
            shaken=max(run.shaken for run in runs),
            given="without its stabilization and our cap, while the surface curves up along a step",
            otherwise="Where it curves down, stabbb takes the length of the last step over the "
            "change of the gradient, ours lr.",
            release=about["release"].split()[-1],
        )  # fmt: skip
