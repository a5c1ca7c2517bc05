"""Live comparison with jaxopt: accelerated gradient, and both kinds of conjugate gradient.

Part of `make conformance`. What is compared is the recurrence of the directions: jaxopt's
line search, which ours does not have, is replaced by steps of lr.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.scenario import Scenario
from tests.support.live import (
    ROUNDING,
    SHAKEN,
    SLACK,
    Heavy,
    assert_close,
    jax,
    keep,
    moved_by_shaking,
    ours,
    walked,
    with_shaking,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from tests.support.live import Step
    from tests.support.recording import Recorder
    from tools.golden import Oracle

    Array = NDArray[np.float64]

pytestmark = pytest.mark.conformance

jaxopt = Heavy("jaxopt")

STEPS = 100
SHARES = (0.3, 0.1, 0.03)  # of the surface's good rate, where all is calm
# our name -> jaxopt's variant
CONJUGATE = {"conjugate_gradient": "polak-ribiere", "fletcher_reeves": "fletcher-reeves"}
# Polak and Ribière's share of the last direction is 0 while steps are short: these are long.
LONG = {"rosenbrock": (1.0, 0.9, 0.8), "beale": (3.0, 2.5, 2.0), "himmelblau": (3.0, 1.0, 0.5)}
NO_CAP = {"beta_max": 100.0}


def exact(where: Call) -> Any:
    """jaxopt's function: value and gradient, ours, of a point that is known."""

    def loss(at: Any) -> Any:
        value, slope = evaluate(where, *np.asarray(at), 1)
        return jax.numpy.asarray(value), jax.numpy.asarray(slope)

    return loss


def accelerated(where: Call, lr: float, start: Array) -> Step:
    """Steps of the look-ahead point, which jaxopt calls the velocity."""
    solver = jaxopt.GradientDescent(
        exact(where), value_and_grad=True, stepsize=lr, acceleration=True, jit=False
    )
    plain = jax.numpy.asarray(start)
    state = solver.init_state(plain)

    def step(at: Array) -> Array:
        nonlocal plain, state
        plain, state = solver.update(plain, state._replace(velocity=jax.numpy.asarray(at)))
        step.plain.append(np.asarray(plain))  # type: ignore[attr-defined]
        return np.asarray(state.velocity)

    step.plain = [start]  # type: ignore[attr-defined]
    return step


def conjugate(where: Call, lr: float, method: str, start: Array) -> Step:
    """Steps of lr along jaxopt's directions."""
    loss = exact(where)
    solver = jaxopt.NonlinearCG(loss, value_and_grad=True, method=method, jit=False)

    def fixed(_first: Any, at: Any, _value: Any, _slope: Any, along: Any, *_more: Any) -> Any:
        there = at + lr * along
        value, slope = loss(there)
        return lr, SimpleNamespace(
            params=there, value=value, grad=slope, aux=None, num_fun_eval=1, num_grad_eval=1,
            iter_num=1,
        )  # fmt: skip

    solver.run_ls = fixed
    state = solver.init_state(jax.numpy.asarray(start))

    def step(at: Array) -> Array:
        nonlocal state
        there, state = solver.update(jax.numpy.asarray(at), state)
        return np.asarray(there)

    return step


def test_accelerated_gradient_is_jaxopts(case: Oracle, evidence: Recorder) -> None:
    """Both points: where it looks, and its answer."""
    where, start, runs = surface(case.name, **case.knobs), np.array(case.start), []
    for share in SHARES:
        lr = share * good_rate(case.name, "accelerated_gradient")
        step = accelerated(where, lr, start)
        path = walked(step, start, STEPS)
        answers = np.array(step.plain).T  # type: ignore[attr-defined]
        shaken = [
            walked(accelerated(where, lr, start), start, STEPS, seed) for seed in range(SHAKEN)
        ]
        moved = moved_by_shaking(path, shaken)
        scene = Scenario(where, (run("accelerated_gradient", lr=lr),), point(*case.start), STEPS)
        chunks = list(simulate(scene))
        seen = np.concatenate([np.asarray(c.x_eval)[:, 0, :, 0] for c in chunks], axis=1)
        looks = np.concatenate([c.x[:, 0, :, 0] for c in chunks], axis=1)
        what = f"accelerated_gradient on {case.name}, lr {lr:.2g}"
        runs.append(assert_close(looks, path, moved, what, SLACK, 4 * ROUNDING))
        assert_close(seen, answers, moved, f"{what}, the answer", SLACK, 4 * ROUNDING)
    peer = "jaxopt.GradientDescent(acceleration=True)"
    keep(evidence, "accelerated_gradient", peer, case.name, runs)


@pytest.mark.parametrize("name", CONJUGATE)
def test_directions_are_jaxopts(name: str, case: Oracle, evidence: Recorder) -> None:
    where, start, runs = surface(case.name, **case.knobs), np.array(case.start), []
    for share in LONG[case.name] if name == "conjugate_gradient" else SHARES:
        lr = share * good_rate(case.name, name)
        path, moved = with_shaking(
            partial(conjugate, where, lr, CONJUGATE[name], start), start, STEPS
        )
        mine = ours(name, NO_CAP | {"lr": lr}, case, STEPS)
        what = f"{name} on {case.name}, lr {lr:.2g}"
        runs.append(assert_close(mine, path, moved, what, SLACK, 4 * ROUNDING))
        steepest = ours("sgd", {"lr": lr}, case, runs[-1].steps)
        assert np.abs(steepest - path[:, : runs[-1].steps + 1]).max() > 1e-2  # it remembers
    keep(
        evidence, name, f"jaxopt.NonlinearCG(method={CONJUGATE[name]!r})", case.name, runs,
        given="with steps of lr in place of its line search, and without our cap",
    )  # fmt: skip
