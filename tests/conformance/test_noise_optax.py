"""Langevin dynamics and Gaussian noise against optax, live: `make conformance`.

A rule draws what it is given: here the normal numbers that optax draws, so that what is
compared is what becomes of them. How ours are drawn is tested by their distribution.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import run, surface
from nnopt_viz.compose.runs import composed
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.modifiers import NOISES
from nnopt_viz.formula.vector import Field, VectorRule
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.rates import good_rate
from tests.support.live import (
    ROUNDING,
    SLACK,
    assert_close,
    jax,
    keep,
    optax,
    walked,
    with_shaking,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.support.live import Step
    from tests.support.recording import Recorder
    from tools.golden import Oracle

    Array = NDArray[np.float64]

pytestmark = pytest.mark.conformance

STEPS = 100
SIZES = (0.01, 0.3, 2.0)  # temperatures, and tenths of standard deviations


class Drawn(np.random.Generator):
    """Gives optax's normal numbers, in optax's order."""

    def __init__(self, key: int, sign: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.sign = sign
        self.made = optax.add_noise(eta=1.0, gamma=0.0, key=key)
        self.nothing = jax.numpy.zeros(2)
        self.state = self.made.init(self.nothing)

    def standard_normal(self, *_shape: Any) -> Any:
        drawn, self.state = self.made.update(self.nothing, self.state)
        return self.sign * np.asarray(drawn)


def our_step(call: Call, where: Call, key: int) -> Step:
    """sgld adds its noise to x, optax to the gradient, which is subtracted: hence the sign."""
    made, lr, t = composed(call), call.number("lr"), 0
    rule = VectorRule(
        made.parsed(), dict(made.knobs), rng=[Drawn(key, -1.0 if call.name == "sgld" else 1.0)]
    )
    nothing: Any = None

    def step(at: Array) -> Array:
        nonlocal t
        if t == 0:
            rule.begin(at[None], lr)
        t += 1
        slope = evaluate(where, *at, 1)[1][None]
        return rule.step(at[None], slope, np.zeros(1), t, lr, Field(nothing, nothing, nothing))[0]

    return step


def optax_step(lr: float, variance: float, where: Call, start: Array, key: int) -> Step:
    made = optax.noisy_sgd(lr, eta=variance, gamma=0.0, key=key)
    state = made.init(jax.numpy.asarray(start))

    def step(at: Array) -> Array:
        nonlocal state
        change, state = made.update(jax.numpy.asarray(evaluate(where, *at, 1)[1]), state)
        return np.asarray(at + change)

    return step


@pytest.mark.parametrize("name", ["sgld", "noise"])
def test_noise_enters_a_step_as_in_optax(name: str, case: Oracle, evidence: Recorder) -> None:
    where, start, runs = surface(case.name, **case.knobs), np.array(case.start), []
    for key, size in enumerate(SIZES):
        lr = 0.1 * good_rate(case.name, "sgd")
        if name == "sgld":
            call, variance = run("sgld", lr=lr, temperature=size), 2 * size / lr
        else:
            noise = NOISES.call("gaussian", scale=10 * size)
            call, variance = run("sgd", lr=lr, noise=noise), (10 * size) ** 2
        path, moved = with_shaking(
            partial(optax_step, lr, variance, where, start, key), start, STEPS
        )
        mine = walked(our_step(call, where, key), start, STEPS)
        what = f"{name} of {size} on {case.name}"
        runs.append(assert_close(mine, path, moved, what, SLACK, 4 * ROUNDING))
    if name == "sgld":
        given = "with gamma 0, eta 2*temperature/lr, and what it draws, negated"
        keep(evidence, name, "optax.noisy_sgd", case.name, runs, given=given)
    else:
        given = "of the Gaussian kind around sgd, with gamma 0 and the numbers that it draws"
        keep(
            evidence, name, "optax.noisy_sgd", case.name, runs, kind="modifiers", given=given,
            otherwise="Of every kind, draws are checked against their distribution in closed form.",
        )  # fmt: skip
