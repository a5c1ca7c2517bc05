"""Schedules against what Keras and transformers set, step by step.

Recorded by tools/golden_schedules.py, as these are large for one function each.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.schedules import SCHEDULES, factors

if TYPE_CHECKING:
    from tests.support.recording import Recorder

pytestmark = pytest.mark.recorded

STEPS = 300
ROUNDING = 2e-15  # of a root and a quotient, in numbers up to 1
GOLDEN = Path(__file__).parent.parent / "golden" / "schedules" / "rates.npz"
# our name -> the recorded peer, our knobs from what it was given, how its steps are counted
RECORDED: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]], slice, str]] = {
    "inverse_time": (
        "keras.optimizers.schedules.InverseTimeDecay",
        lambda given: {"half": round(given["decay_steps"] / given["decay_rate"])},
        slice(0, STEPS),
        "",
    ),
    "inverse_sqrt": (
        "transformers.get_inverse_sqrt_schedule",
        lambda given: {"warmup": given["num_warmup_steps"]},
        slice(1, STEPS + 1),
        "without its first step, whose rate is 0",
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_factors_are_those_recorded(name: str, evidence: Recorder) -> None:
    peer, ours_for, steps, given = RECORDED[name]
    apart = []
    with np.load(GOLDEN) as kept:
        about, rates = json.loads(str(kept["about"])), kept["rates"]
    for case, wanted in zip(about["cases"], rates[:, steps], strict=True):
        if case["peer"] == peer:
            mine = factors(SCHEDULES.call(name, **ours_for(case["arguments"])), STEPS)
            np.testing.assert_allclose(mine, wanted, rtol=ROUNDING, err_msg=str(case))
            apart.append(float(np.abs(mine - wanted).max()))
    assert len(apart) >= 3
    evidence.compared(
        "schedules", name, peer, "itself", apart, steps=[STEPS] * len(apart), given=given,
        release=about["releases"][peer.split(".")[0]].split()[-1],
    )  # fmt: skip
