"""Noise of a run's own: draws against their distributions in closed form."""

from __future__ import annotations

from math import erf, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.declare.modifiers import NOISES
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Value

    Array = NDArray[np.float64]

STEPS = 20_000
SLOPE = np.array([[3.0], [4.0]])  # of a plane; its length is 5
AFTER = np.arange(STEPS)  # how many steps were done before


def normal(z: float) -> float:
    """Share of a standard normal below z."""
    return (1 + erf(z / sqrt(2))) / 2


def two_degrees(z: float) -> float:
    """Share of Student's t with 2 degrees of freedom below z."""
    return 0.5 + z / (2 * sqrt(2 + z * z))


def draws(kind: str, knobs: dict[str, Value], seed: int) -> Array:
    """What is added to the gradient at each step, shape (2, STEPS).

    On a plane, by a rule that moves to its gradient: the position shows it.
    """
    noise = NOISES.call(kind, **knobs)
    shown = run("rule", text="x = g", lr=1.0, noise=noise)
    scene = Scenario(surface("formula", f="3*x + 4*y"), (shown,), point(0.0, 0.0), STEPS, seed=seed)
    rows = np.concatenate([chunk.x[:, 0, :, 0] for chunk in simulate(scene)], axis=1)
    return rows[:, 1:] - SLOPE


# kind -> (its knobs, the size of the noise at each step, the distribution over that size)
LAWS: dict[str, tuple[dict[str, Value], Array, Callable[[float], float]]] = {
    "gaussian": ({"scale": 0.7}, np.full(STEPS, 0.7), normal),
    "heavy_tailed": ({"scale": 0.3}, np.full(STEPS, 0.3), two_degrees),
    "minibatch": (
        {"scale": 2.0, "batch": 4.0, "growth": 1e-3},
        2.0 * 5.0 / np.sqrt(4.0 * (1 + 1e-3 * AFTER)),
        normal,
    ),
}


@pytest.mark.worked("modifiers", "law", "noise")
@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("seed", [0, 7])
def test_draws_follow_their_law(kind: str, seed: int) -> None:
    if kind == "none":
        assert not draws(kind, {}, seed).any()
        return
    knobs, size, below = LAWS[kind]
    both = draws(kind, knobs, seed) / size
    z = np.sort(both.ravel())
    share = np.array([below(float(value)) for value in z])
    ranks = np.arange(z.size + 1) / z.size
    apart = np.maximum(np.abs(share - ranks[:-1]), np.abs(share - ranks[1:])).max()
    assert apart < 1.95 / sqrt(z.size)  # Kolmogorov: larger once in a thousand
    if below is normal:  # its size, to 3.3 standard errors of a mean square
        assert abs(np.mean(z**2) - 1) < 3.3 * sqrt(2 / z.size)
    # x knows nothing of y, nor a step of the one before: signs agree half of the time
    signs = np.sign(both)
    for one, other in ((signs[0], signs[1]), (signs[0][1:], signs[0][:-1])):
        assert abs(np.mean(one * other)) < 3.3 / sqrt(one.size)


def test_every_kind_has_a_law() -> None:
    assert {*LAWS, "none"} == {*NOISES}
