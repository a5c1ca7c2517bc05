"""Live comparison of methods that search for their step: with pytorch-minimize and optax.

Part of `make conformance`. Ours tries one step size a step and stays where it fails; the
references search within a step. So our paths are counted by the steps that were taken,
and the searches are then the same.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nnopt_viz.compose.calls import surface
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.optimizers import OPTIMIZERS
from tests.support.live import (
    ROUNDING,
    SHAKEN,
    SLACK,
    Heavy,
    assert_close,
    jax,
    keep,
    moved_by_shaking,
    optax,
    ours,
    torch,
    walked,
    with_shaking,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from tests.support.live import Step
    from tests.support.recording import Recorder
    from tools.golden import Oracle

    Array = NDArray[np.float64]
    Direction = Callable[[Array, Array, Array], Array]  # of x, gradient and Hessian; downhill

pytestmark = pytest.mark.conformance

torchmin, quasi_newton = Heavy("torchmin"), Heavy("torchmin.bfgs")

STEPS = 60  # taken
TRIALS = 40 * STEPS  # at most, for that many
# Below this slope the loss differs by less than its own rounding, and whether a step is
# taken is chance, in ours as in theirs.
# pytorch-minimize's BFGS learns nothing from a step over which the slope changes that little.
AT_REST = {"backtracking": 1e-5, "damped_newton": 1e-5, "bfgs": 1e-3}
ONE_A_STEP = "counted by the steps that ours takes, of which it tries one at a time"


# --- Newton's method ------------------------------------------------------------------

# lr, damping; the Hessian is not positive definite everywhere on these paths
NEWTON = ((1.0, 0.0), (0.3, 0.0), (0.5, 2.0))


def newton_step(case: Oracle, lr: float, damping: float) -> Step:
    """One step of pytorch-minimize, which solves with the Hessian of torch's autograd."""

    def step(at: Array) -> Array:
        found = torchmin.minimize(
            lambda p: case.loss(p[0], p[1]), torch.tensor(at), "newton-exact", max_iter=1,
            options={"lr": lr, "tikhonov": damping, "handle_npd": "lu", "line_search": "none"},
        )  # fmt: skip
        return np.asarray(found.x.numpy())

    return step


def test_newton_is_that_of_pytorch_minimize(case: Oracle, evidence: Recorder) -> None:
    start, runs = np.array(case.start), []
    for lr, damping in NEWTON:
        path, moved = with_shaking(partial(newton_step, case, lr, damping), start, STEPS)
        mine = ours("newton", {"lr": lr, "damping": damping}, case, STEPS)
        what = f"newton on {case.name}, lr {lr:g}, damping {damping:g}"
        runs.append(assert_close(mine, path, moved, what, SLACK, 4 * ROUNDING))
    peer = "torchmin.minimize(method='newton-exact')"
    keep(evidence, "newton", peer, case.name, runs, given="without its line search")


# --- the line search ------------------------------------------------------------------


class Watched:
    """The surface whose loss the compiled search asks for: it is compiled once."""

    where: Call


@cache
def search() -> Any:
    """optax's search along a direction, its settings as arguments."""

    def loss(at: Any) -> Any:
        wanted = jax.ShapeDtypeStruct((), at.dtype)
        return jax.pure_callback(lambda p: evaluate(Watched.where, *np.asarray(p)), wanted, at)

    def step(
        along: Any, state: Any, at: Any, value: Any, slope: Any, knobs: dict[str, Any]
    ) -> tuple[Any, Any]:
        made = optax.scale_by_backtracking_linesearch(max_backtracking_steps=60, **knobs)
        change, state = made.update(along, state, at, value=value, grad=slope, value_fn=loss)
        return optax.apply_updates(at, change), state

    start = optax.scale_by_backtracking_linesearch(max_backtracking_steps=60).init
    return start, jax.jit(step)


def searched(name: str, case: Oracle, knobs: dict[str, float], shake: int | None = None) -> Step:
    """Steps of optax's search along a method's direction; none where the ground is flat."""
    direction = DIRECTIONS[name](shake)
    Watched.where = surface(case.name, **case.knobs)
    begin, update = search()
    state = begin(jax.numpy.asarray(case.start))
    theirs = {
        "slope_rtol": knobs["slope"], "decrease_factor": knobs["shrink"],
        "increase_factor": knobs["grow"], "max_learning_rate": knobs["lr"],
    }  # fmt: skip

    def step(at: Array) -> Array:
        nonlocal state
        value, slope, hessian = evaluate(Watched.where, *at, 2)
        if np.linalg.norm(slope) < AT_REST[name]:
            return at
        along = direction(at, slope, hessian)
        there, state = update(along, state, at, float(value), slope, theirs)
        return np.asarray(there)

    return step


def downhill(at: Array, slope: Array, hessian: Array) -> Array:
    return -slope


def newton_or_downhill(at: Array, slope: Array, hessian: Array) -> Array:
    """As Boyd and Vandenberghe; where it leads uphill, against the gradient."""
    step = np.linalg.solve(hessian, slope)
    return -step if slope @ step > 0 else -slope


def broyden(shake: int | None) -> Direction:
    """pytorch-minimize's BFGS; before it has learnt, a step is at most 1 long, as ours.

    What it has learnt is shaken too: its matrix loses digits in the update, ours others.
    """
    guess: Any = None
    generator = np.random.default_rng(shake)
    before: list[Array] = []

    def direction(at: Array, slope: Array, hessian: Array) -> Array:
        nonlocal guess, before
        if guess is None:
            guess = quasi_newton.BFGS(torch.tensor(at))
        else:
            guess.update(torch.tensor(at - before[0]), torch.tensor(slope - before[1]))
        before = [at, slope]
        if shake is not None:
            ways = torch.from_numpy(generator.choice([-np.inf, np.inf], guess.H.shape))
            guess.H = torch.nextafter(guess.H, ways)
        along = guess.solve(torch.tensor(slope)).numpy()
        if along @ slope >= 0:
            along = -slope
        return along if guess.n_updates else along * min(1.0, 1 / np.linalg.norm(along))

    return direction


DIRECTIONS: dict[str, Callable[[int | None], Direction]] = {
    "backtracking": lambda _: downhill,
    "damped_newton": lambda _: newton_or_downhill,
    "bfgs": broyden,
}
SETTINGS: tuple[dict[str, float], ...] = (
    {},
    {"slope": 0.1, "shrink": 0.7, "grow": 1.5},
    {"slope": 0.3, "shrink": 0.3, "grow": 8.0},
)
SEARCH = "optax.scale_by_backtracking_linesearch"
# From here Newton's step leads uphill, which it does nowhere on the usual paths.
UPHILL = {"rosenbrock": (-1.3, 1.7), "beale": (0.6, 0.8), "himmelblau": (-0.4, -1.9)}
PEERS = {
    "backtracking": (SEARCH, ""),
    "damped_newton": (SEARCH, "along the direction of numpy.linalg.solve, "),
    "bfgs": ("torchmin.bfgs.BFGS", "with optax's backtracking line search and our first step, "),
}


def taken(path: Array) -> Array:
    """The points that a run moved to, its start first: shape (2, moves + 1)."""
    return path[:, np.r_[True, (np.diff(path, axis=1) != 0).any(axis=0)]]


@pytest.mark.parametrize("name", DIRECTIONS)
def test_the_search_is_optaxs(name: str, case: Oracle, evidence: Recorder) -> None:
    runs = []
    defaults = {knob.name: float(knob.default) for knob in OPTIMIZERS[name].knobs}  # type: ignore[arg-type]
    for which, odd in enumerate(SETTINGS):
        lr = good_rate(case.name, name) if name == "backtracking" else 0.6
        knobs = defaults | odd | {"lr": lr * (1.0, 0.7, 0.4)[which]}
        if name == "damped_newton" and which:
            case = replace(case, start=UPHILL[case.name])
            _, slope, hessian = evaluate(surface(case.name, **case.knobs), *case.start, 2)
            assert slope @ np.linalg.solve(hessian, slope) < 0
        start = np.array(case.start)
        mine = ours(name, knobs, case, TRIALS)
        path, *shaken = (
            walked(searched(name, case, knobs, seed), start, STEPS, seed)
            for seed in (None, *range(SHAKEN))
        )
        path = taken(path)
        refused = int((np.diff(mine, axis=1) == 0).all(axis=0).sum())
        what = f"{name} on {case.name}, setting {which}, {refused} of {TRIALS} trials refused"
        until = path.shape[1]
        moved = moved_by_shaking(path, [other[:, :until] for other in shaken])
        same = taken(mine)[:, :until]
        runs.append(assert_close(same, path, moved, what, SLACK, 4 * ROUNDING))
    peer, given = PEERS[name]
    keep(evidence, name, peer, case.name, runs, given=f"{given}{ONE_A_STEP}")
