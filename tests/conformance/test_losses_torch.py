"""Losses, their slopes and their bends against torch.nn.functional, however sure a network is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.networks import LOSSES, Network
from nnopt_viz.networks.losses import bend_of, loss_and_slope, loss_of, targets
from tests.support.live import torch

if TYPE_CHECKING:
    from tests.support.recording import Recorder

# Of outputs as large as 700 exp is nearly as large as numbers are. Differences are counted as a
# share of the loss where that is above 1.
SIZES = (1.0, 30.0, 700.0)
SAMPLES, LANES = 7, 3


def drawn(kind: str, size: float, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Outputs (lanes, outputs, samples), a change of them, and targets (samples,)."""
    outputs = 3 if kind == "classes" else 1
    o = size * rng.uniform(-1, 1, (LANES, outputs, SAMPLES))
    y = rng.normal(size=SAMPLES)
    if kind != "regression":
        y = rng.integers(3 if kind == "classes" else 2, size=SAMPLES).astype(float)
    return o, rng.normal(size=o.shape), y


def of_torch(name: str, kind: str, o: Any, y: Any) -> Any:
    """The loss of one lane's outputs (outputs, samples), from the function its entry names."""
    function = getattr(torch.nn.functional, LOSSES[name].torch[kind])
    labels = torch.tensor(y)
    if name == "squared_error" and kind == "classes":
        return function(o.T, torch.nn.functional.one_hot(labels.long(), 3).double())
    return function(o.T, labels.long()) if kind == "classes" else function(o[0], labels)


CASES = [(name, kind) for name, loss in LOSSES.items() for kind in loss.torch]


@pytest.mark.conformance
@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_loss_and_its_derivatives_are_torchs(name: str, kind: str, evidence: Recorder) -> None:
    network = Network(2, (), 3 if kind == "classes" else 1, "linear", False, name, 0.0, kind)
    rng = np.random.default_rng(17)
    apart = []
    for size in SIZES:
        o, change, y = drawn(kind, size, rng)
        t = targets(network, y, np.float64)
        with np.errstate(over="ignore"):  # as a pass does: what overflows is put right
            loss, slope = loss_and_slope(network, o, t)
            assert (loss_of(network, o, t) == loss).all()
            bend = bend_of(network, o, change)
        for lane in range(LANES):
            at = torch.tensor(o[lane], requires_grad=True)
            value = of_torch(name, kind, at, y)
            (first,) = torch.autograd.grad(value, at, create_graph=True)
            (second,) = torch.autograd.grad((first * torch.tensor(change[lane])).sum(), at)
            scale = max(1.0, abs(float(value.detach())))
            found = ((loss[lane], value), (slope[lane], first), (bend[lane], second))
            apart += [
                float(np.abs(ours - theirs.detach().numpy()).max()) / scale
                for ours, theirs in found
            ]
    assert max(apart) <= 1e-14
    evidence.compared(
        "losses", name, f"torch.nn.functional.{LOSSES[name].torch[kind]}", kind, [max(apart)],
        steps=[0], shaken=0.0,
        what=f"Value, slope and second derivative for {SAID[kind]} and outputs up to 700, as a "
        "share of a loss above 1",
    )  # fmt: skip


SAID = {"binary": "two classes", "classes": "three classes", "regression": "numbers as targets"}


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_slope_and_bend_are_those_of_the_loss(name: str, kind: str) -> None:
    """By central differences, so that it does not need torch."""
    network = Network(2, (), 3 if kind == "classes" else 1, "linear", False, name, 0.0, kind)
    o, change, y = drawn(kind, 2.0, np.random.default_rng(5))
    t, step = targets(network, y, np.float64), 1e-5
    _, slope = loss_and_slope(network, o, t)
    above, below = (loss_and_slope(network, o + way * change, t) for way in (step, -step))
    along = (slope * change).sum(axis=(1, 2))
    np.testing.assert_allclose((above[0] - below[0]) / (2 * step), along, rtol=1e-7, atol=1e-9)
    bend = bend_of(network, o, change)
    np.testing.assert_allclose((above[1] - below[1]) / (2 * step), bend, rtol=1e-6, atol=1e-8)


def test_losses_worked_out_by_hand() -> None:
    """log(2) where nothing is known; 0 where all is; m for a wrong answer that is sure of m."""
    binary = Network(2, (), 1, "linear", False, "cross_entropy", 0.0, "binary")
    for o, y, wanted in ((0, 1, np.log(2)), (800, 1, 0), (-800, 1, 800), (800, 0, 800)):
        with np.errstate(over="ignore"):
            made = loss_of(
                binary, np.full((1, 1, 1), o, float), targets(binary, np.array([y]), float)
            )
        assert made[0] == pytest.approx(wanted, rel=1e-15)
    classes = Network(2, (), 4, "linear", False, "cross_entropy", 0.0, "classes")
    t = targets(classes, np.array([2]), float)
    assert loss_of(classes, np.zeros((1, 4, 1)), t)[0] == pytest.approx(np.log(4), rel=1e-15)
    squared = Network(2, (), 4, "linear", False, "squared_error", 0.0, "classes")
    assert loss_of(squared, np.zeros((1, 4, 1)), t)[0] == 0.25  # one of four outputs misses by 1
