"""What the live comparisons share: the libraries, how near is near, and what is kept."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run, surface
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.race.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.support.recording import Recorder
    from tools.golden import Oracle

    Array = NDArray[np.float64]
    Step = Callable[[Array], Array]  # the next position, and whatever is remembered

ROUNDING = 2e-15  # a few units in the last place of coordinates up to 4
STEPS = 200
SHAKEN = 2  # paths of a reference, shaken by one unit in the last place at every step
# Their order of operations is not ours, so each step rounds a few times more often than
# the one unit by which the reference is shaken; signs and clips add their own.
SLACK = 30.0  # of what shaking shows
ORACLES = ("rosenbrock", "beale", "himmelblau")  # those of tools.golden


class Heavy:
    """A library that is imported when first used: collecting the tests stays quick."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith(("_", "pytest")):  # pytest looks for its own marks
            raise AttributeError(attribute)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other people's deprecations
            module = pytest.importorskip(self._name, reason="needs the extra `conformance`")
        if self._name == "jax":
            module.config.update("jax_enable_x64", True)
        if self._name == "torch":
            module.set_default_dtype(module.float64)
        return getattr(module, attribute)


torch, jax, optax, golden = map(Heavy, ("torch", "jax", "optax", "tools.golden"))


def ours(name: str, knobs: dict[str, Any], case: Oracle, steps: int) -> Array:
    """Positions of our optimizer, shape (2, steps + 1)."""
    scene = Scenario(
        surface(case.name, **case.knobs), (run(name, **knobs),), point(*case.start), steps
    )
    return np.concatenate([chunk.x[:, 0, :, 0] for chunk in simulate(scene)], axis=1)


def walked(step: Step, start: Array, steps: int, shake: int | None = None) -> Array:
    """Positions of a reference, shape (2, steps + 1); `shake` as in tools.golden."""
    generator = np.random.default_rng(shake)
    path = [start]
    for _ in range(steps):
        at = step(path[-1])
        if shake is not None:
            at = np.nextafter(at, generator.choice([-np.inf, np.inf], at.shape))
        path.append(at)
    return np.array(path).T


def moved_by_shaking(path: Array, shaken: list[Array]) -> Array:
    """How far, so far, a reference moved from itself: shape (steps + 1,)."""
    moved = np.max([np.abs(other - path).max(axis=0) for other in shaken], axis=0)
    return np.asarray(np.maximum.accumulate(moved))


def with_shaking(make: Callable[[], Step], start: Array, steps: int) -> tuple[Array, Array]:
    """A reference's positions, (2, steps + 1), and how far it moved when shaken; made anew each."""
    path, *shaken = (walked(make(), start, steps, seed) for seed in (None, *range(SHAKEN)))
    return path, moved_by_shaking(path, shaken)


class Found(NamedTuple):
    """What one run showed: its largest difference, the steps compared, the reference shaken."""

    difference: float
    steps: int
    shaken: float


def assert_close(
    mine: Array, theirs: Array, moved: Array, what: str, slack: float = 3.0, floor: float = ROUNDING
) -> Found:
    """Apart by no more than the reference is from itself when shaken by one ulp a step.

    Args:
        mine, theirs: positions, shape (2, steps + 1).
        moved: how far the reference, shaken, moved from itself, shape (steps + 1,).
        slack, floor: how many times that is allowed, and what is allowed where it is 0.
    """
    calm = moved < golden.CHAOS  # beyond it the reference does not agree with itself
    apart = np.abs(mine - theirs).max(axis=0)[calm]
    found = Found(float(apart.max()), int(calm.sum()) - 1, float(moved[calm].max()))
    print(  # noqa: T201
        f"{what}: largest difference {found.difference:.1e}, {found.steps} steps, "
        f"travelled {np.abs(theirs[:, calm] - theirs[:, :1]).max():.2g}"
    )
    assert found.steps >= 15  # Polyak's step leaps about: 18 steps on Rosenbrock
    assert (apart <= floor + slack * moved[calm]).all(), f"{what}: {found.difference:.1e}"
    return found


def keep(
    evidence: Recorder,
    name: str,
    peer: str,
    on: str,
    runs: list[Found],
    why: str = "",
    *,
    kind: str = "optimizers",
    given: str = "",
    otherwise: str = "",
) -> None:
    """Record what the runs of an entry on one surface showed."""
    differences, steps, shaken = map(list, zip(*runs, strict=True))
    evidence.compared(
        kind, name, peer, on, differences, steps=steps, shaken=max(shaken), why=why, given=given,
        otherwise=otherwise,
    )  # fmt: skip
