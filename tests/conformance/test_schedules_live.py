"""Every schedule that torch or pytorch_optimizer has against its numbers, step by step.

Part of `make conformance`, which keeps what it measures. What Keras and transformers have is
compared with recordings: test_schedules_recorded.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.schedules import SCHEDULES, factors

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.support.recording import Recorder

pytestmark = pytest.mark.conformance

STEPS = 300
WSD = "get_wsd_schedule"  # pytorch_optimizer's
# Ours is one closed formula, torch multiplies its last rate: one rounding a step.
ROUNDING = STEPS * 2.3e-16

# name -> [(our knobs, the same for the public one: its name and arguments)]
SAME: dict[str, list[tuple[dict[str, Any], str, dict[str, Any]]]] = {
    "constant": [({}, "ConstantLR", {"factor": 1.0})],  # it has no other setting
    "step": [
        ({}, "StepLR", {"step_size": 100}),
        ({"size": 7, "gamma": 0.7}, "StepLR", {"step_size": 7, "gamma": 0.7}),
        ({"size": 1, "gamma": 0.99}, "StepLR", {"step_size": 1, "gamma": 0.99}),
    ],
    "multistep": [
        ({}, "MultiStepLR", {"milestones": [250, 375, 450]}),
        (
            {"first": 90, "second": 20, "third": 90, "gamma": 0.3},
            "MultiStepLR",
            {"milestones": [20, 90, 90], "gamma": 0.3},
        ),
        (
            {"first": 1, "second": 2, "third": 299, "gamma": 0.9},
            "MultiStepLR",
            {"milestones": [1, 2, 299], "gamma": 0.9},
        ),
    ],
    "exponential": [({"gamma": g}, "ExponentialLR", {"gamma": g}) for g in (0.9, 0.99, 1.0)],
    "polynomial": [
        ({"power": p}, "PolynomialLR", {"total_iters": STEPS, "power": p}) for p in (0.5, 1.0, 3.0)
    ],
    "cosine": [
        ({"final": f}, "CosineAnnealingLR", {"T_max": STEPS, "eta_min": f}) for f in (0.0, 0.1, 0.7)
    ],
    "linear": [
        ({"warmup": 5}, "LinearLR", {}),
        (
            {"begin": 0.01, "warmup": 77},
            "LinearLR",
            {"start_factor": 0.01, "total_iters": 77},
        ),
        ({"begin": 0.5, "warmup": 300}, "LinearLR", {"start_factor": 0.5, "total_iters": 300}),
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
        for r, d, e in ((0.3, 25.0, 1e4), (0.55, 3.0, 7.0), (0.1, 10.0, 100.0))
    ],
    "cyclic": [
        (
            {"half": half, "low": 0.2, "shrink": shrink},
            "CyclicLR",
            {"base_lr": 0.2, "max_lr": 1.0, "step_size_up": half, "mode": mode},
        )
        for half, shrink, mode in (
            (13, 1.0, "triangular"),
            (13, 0.5, "triangular2"),
            (50, 1.0, "triangular"),
        )
    ],
    "cosine_restarts": [
        (
            {"period": p, "mult": m, "final": f},
            "CosineAnnealingWarmRestarts",
            {"T_0": p, "T_mult": m, "eta_min": f},
        )
        for p, m, f in ((100, 1, 0.0), (7, 1, 0.2), (1, 2, 0.1), (3, 3, 0.0), (1, 10, 0.0))
    ],
    # theirs begins a warm-up at 0, ours at its first step, and its linear fall ends at 0
    "warmup_stable_decay": [
        (
            {"warmup": 0, "decay": falls / STEPS},
            WSD,
            {
                "num_warmup_steps": 0,
                "num_stable_steps": STEPS - falls,
                "num_decay_steps": falls,
                "cooldown_type": "linear",
            },
        )
        for falls in (60, 150, STEPS)
    ],
}


def theirs_of(name: str, arguments: dict[str, Any]) -> NDArray[np.float64]:
    """The rate that the public scheduler sets for each step, from lr 1."""
    torch = pytest.importorskip("torch", reason="needs the extra `conformance`")
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0, momentum=0.9)
    place = torch.optim.lr_scheduler
    if name == WSD:
        place = pytest.importorskip("pytorch_optimizer", reason="needs the extra `conformance`")
    make: Callable[..., Any] = getattr(place, name)
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


@pytest.mark.parametrize("name", SAME)
def test_factors_are_those_of_the_public_one(name: str, evidence: Recorder) -> None:
    apart = []
    for knobs, theirs, arguments in SAME[name]:
        mine, wanted = factors(SCHEDULES.call(name, **knobs), STEPS), theirs_of(theirs, arguments)
        np.testing.assert_allclose(mine, wanted, rtol=ROUNDING, atol=ROUNDING, err_msg=str(knobs))
        apart.append(float(np.abs(mine - wanted).max()))
    place = "pytorch_optimizer" if theirs == WSD else "torch.optim.lr_scheduler"
    evidence.compared(
        "schedules", name, f"{place}.{theirs}", "itself", apart, steps=[STEPS] * len(apart)
    )


# our knobs, the same for torch's ReduceLROnPlateau, whose eps leaves out cuts of lr below
# 1e-8: 0 here
PLATEAU: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    (
        {"factor": 0.5, "patience": 3, "threshold": 0.05, "cooldown": 4},
        {"factor": 0.5, "patience": 3, "threshold": 0.05, "cooldown": 4},
    ),
    (
        {"factor": 0.7, "patience": 0, "threshold": 0.2, "lowest": 0.3},
        {"factor": 0.7, "patience": 0, "threshold": 0.2, "min_lr": 0.3 * 0.03},
    ),
]


def test_reduce_on_plateau_is_torchs(evidence: Recorder) -> None:
    """Both watch the losses of our run."""
    torch = pytest.importorskip("torch", reason="needs the extra `conformance`")
    apart, name = [], "reduce_on_plateau"
    for knobs, arguments in PLATEAU:
        watched = run("sgd", lr=0.03, schedule=SCHEDULES.call(name, **knobs))
        where = surface("ill_conditioned_bowl")
        scene = Scenario(where, (watched,), point(3.0, 1.0), STEPS, noise=0.5)  # so it stalls
        chunks = list(simulate(scene))
        loss = np.concatenate([chunk.loss[0, :, 0] for chunk in chunks])
        rate = np.concatenate([chunk.lr[0, :, 0] for chunk in chunks])
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.03)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, eps=0.0, **arguments)
        wanted = []
        for value in loss[:-1]:
            wanted.append(float(optimizer.param_groups[0]["lr"]))
            scheduler.step(float(value))
        assert len(set(wanted)) > 1, "it cuts"
        apart.append(float(np.abs(rate[1:] - wanted).max() / 0.03))
        assert apart[-1] <= ROUNDING
    evidence.compared(
        "schedules", name, "torch.optim.lr_scheduler.ReduceLROnPlateau", "itself", apart,
        steps=[STEPS],
    )  # fmt: skip


def test_every_schedule_whose_source_names_torch_is_compared() -> None:
    for name, entry in SCHEDULES.items():
        for theirs in re.findall(r"lr_scheduler\.(\w+)", entry.source):
            if theirs != "ReduceLROnPlateau":  # watches the loss: compared above
                assert theirs in {case[1] for case in SAME[name]}
