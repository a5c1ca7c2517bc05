"""Every schedule that torch has against torch's numbers, step by step: `make conformance`."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.schedules import SCHEDULES, factors

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

pytestmark = pytest.mark.conformance

STEPS = 300
# Ours is one closed formula, torch multiplies its last rate: one rounding a step.
ROUNDING = STEPS * 2.3e-16

# name -> [(our knobs, the same for torch: class and arguments)]
SAME: dict[str, list[tuple[dict[str, Any], str, dict[str, Any]]]] = {
    "constant": [({}, "ConstantLR", {"factor": 1.0})],
    "step": [
        ({}, "StepLR", {"step_size": 100}),
        ({"size": 7, "gamma": 0.7}, "StepLR", {"step_size": 7, "gamma": 0.7}),
    ],
    "multistep": [
        ({}, "MultiStepLR", {"milestones": [250, 375, 450]}),
        (
            {"first": 90, "second": 20, "third": 90, "gamma": 0.3},
            "MultiStepLR",
            {"milestones": [20, 90, 90], "gamma": 0.3},
        ),
    ],
    "exponential": [({"gamma": g}, "ExponentialLR", {"gamma": g}) for g in (0.9, 0.99)],
    "polynomial": [
        ({"power": p}, "PolynomialLR", {"total_iters": STEPS, "power": p}) for p in (0.5, 1.0, 3.0)
    ],
    "cosine": [
        ({"final": f}, "CosineAnnealingLR", {"T_max": STEPS, "eta_min": f}) for f in (0.0, 0.1)
    ],
    "linear": [
        ({"warmup": 5}, "LinearLR", {}),
        (
            {"begin": 0.01, "warmup": 77},
            "LinearLR",
            {"start_factor": 0.01, "total_iters": 77},
        ),
    ],
    "one_cycle": [
        (
            {"rise": r, "div": d, "final_div": e},
            "OneCycleLR",
            {
                "max_lr": 1.0,
                "total_steps": STEPS,
                "pct_start": r,
                "div_factor": d,
                "final_div_factor": e,
            },
        )
        for r, d, e in ((0.3, 25.0, 1e4), (0.55, 3.0, 7.0))
    ],
    "cyclic": [
        (
            {"half": 13, "low": 0.2, "shrink": shrink},
            "CyclicLR",
            {"base_lr": 0.2, "max_lr": 1.0, "step_size_up": 13, "mode": mode},
        )
        for shrink, mode in ((1.0, "triangular"), (0.5, "triangular2"))
    ],
    "cosine_restarts": [
        (
            {"period": p, "mult": m, "final": f},
            "CosineAnnealingWarmRestarts",
            {"T_0": p, "T_mult": m, "eta_min": f},
        )
        for p, m, f in ((100, 1, 0.0), (7, 1, 0.2), (1, 2, 0.1), (3, 3, 0.0), (1, 10, 0.0))
    ],
}


def torchs(name: str, arguments: dict[str, Any]) -> NDArray[np.float64]:
    """The rate that torch's scheduler sets for each step, from lr 1."""
    torch = pytest.importorskip("torch", reason="needs the extra `conformance`")
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0, momentum=0.9)
    make: Callable[..., Any] = getattr(torch.optim.lr_scheduler, name)
    scheduler = make(optimizer, **arguments)
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no step is taken with the rates
        for _ in range(STEPS):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            if len(rates) < STEPS:
                optimizer.step()
                scheduler.step()
    return np.array(rates)


CASES = [
    pytest.param(name, *case, id=f"{name}-{i}")
    for name, cases in SAME.items()
    for i, case in enumerate(cases)
]


@pytest.mark.parametrize(("name", "knobs", "theirs", "arguments"), CASES)
def test_factors_are_torchs(
    name: str, knobs: dict[str, Any], theirs: str, arguments: dict[str, Any]
) -> None:
    mine = factors(SCHEDULES.call(name, **knobs), STEPS)
    np.testing.assert_allclose(mine, torchs(theirs, arguments), rtol=ROUNDING, atol=ROUNDING)


def test_every_schedule_whose_source_names_torch_is_compared() -> None:
    for name, entry in SCHEDULES.items():
        for theirs in re.findall(r"lr_scheduler\.(\w+)", entry.source):
            assert theirs in {case[1] for case in SAME[name]}
