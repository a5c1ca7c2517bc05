"""Every declared fact about every surface, checked. Runs over the registry."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nnopt_viz.compose.calls import point, run
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import declared_minima
from nnopt_viz.judge.newton import eigenvalues, polish
from nnopt_viz.judge.one_weight import pinned
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.simulation import simulate
from nnopt_viz.optimizers import OPTIMIZERS
from nnopt_viz.optimizers.optimizer import ASSUMPTIONS, RATE_FAMILIES
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.surfaces import SURFACES
from nnopt_viz.surfaces.surface import MORPH
from tests.support.oracle import Oracle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call, Knob
    from nnopt_viz.surfaces.surface import Surface

    Array = NDArray[np.float64]

EPS = float(np.finfo(np.float64).eps)


def odd_value(knob: Knob, rng: np.random.Generator) -> float:
    """A random allowed value, from the range a slider shows where there is one."""
    low, high = knob.soft or (knob.low, knob.high)
    low, high = max(low, -1e3), min(high, 1e3)
    if knob.log and low > 0:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))
    return float(rng.uniform(low, high))


def ends(entry: Surface) -> list[dict[str, float]]:
    """Knobs at the ends of their full range, one at a time, a hair inside an open end."""
    found = []
    for knob in entry.knobs:
        for end, is_open, inwards in (
            (knob.low, knob.open_low, 1.0),
            (knob.high, knob.open_high, -1.0),
        ):
            if np.isfinite(end):
                found.append({knob.name: end + inwards * 1e-3 * is_open})
    return found


@lru_cache
def calls(name: str) -> tuple[Call, ...]:
    """The surface at its defaults, at four random knob settings, and at their ends."""
    entry = SURFACES[name]
    rng = np.random.default_rng(7)
    settings: list[dict[str, float]] = [{}]
    if entry.knobs:
        settings += [{k.name: odd_value(k, rng) for k in entry.knobs} for _ in range(4)]
        settings += ends(entry)
    return tuple(SURFACES.call(name, **setting) for setting in settings)


CASES = [
    pytest.param(call, id=f"{name}-{i}") for name in SURFACES for i, call in enumerate(calls(name))
]


def random_points(name: str, count: int, seed: int = 0) -> Array:
    """Points inside the bounds, shape (2, count)."""
    xl, xh, yl, yh = SURFACES[name].bounds
    rng = np.random.default_rng(seed)
    return np.stack([rng.uniform(xl, xh, count), rng.uniform(yl, yh, count)])


def grid(name: str, side: int) -> Array:
    """A grid over the bounds with its edges, shape (2, side * side)."""
    xl, xh, yl, yh = SURFACES[name].bounds
    axes = np.meshgrid(np.linspace(xl, xh, side), np.linspace(yl, yh, side))
    return np.stack([axis.ravel() for axis in axes])


@pytest.mark.parametrize("call", CASES)
def test_value_gradient_and_hessian_agree_with_sympy(call: Call) -> None:
    # A dozen or two operations, each rounding by EPS, cancel at worst against terms as
    # large as the largest value nearby: measured at most 2.5e-15 of it, ten times allowed.
    points = random_points(call.name, 25)
    wanted = Oracle(SURFACES[call.name].formula, call.numbers())(points)
    for ours, theirs in zip(evaluate(call, *points, 2), wanted, strict=True):
        assert np.isfinite(theirs).all()
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=100 * EPS * np.abs(theirs).max())


@pytest.mark.parametrize("name", SURFACES)
def test_gradient_and_hessian_agree_with_differences(name: str) -> None:
    # Sixth-order central differences with h = 1e-3: rounding gives EPS * f/h = 2e-13 * f,
    # truncation h**6 times the seventh derivative, below 1e-9 of the gradient's scale here.
    # Towards a kink derivatives grow without bound: a tenth of h, a millionth of the error.
    call, points = SURFACES.call(name), random_points(name, 50, seed=1)
    h = 1e-4 if SURFACES[name].kinked else 1e-3
    weights = {1: 45, 2: -9, 3: 1}

    def difference(order: int, axis: int) -> Array:
        step = h * np.eye(2)[axis][:, None]
        total = 0.0
        for k, weight in weights.items():
            ahead, behind = (evaluate(call, *(points + s * k * step), 1) for s in (1, -1))
            total = total + weight * (ahead[order] - behind[order])
        return np.asarray(total) / (60 * h)

    value, slope, curvature = evaluate(call, *points, 2)
    for axis in (0, 1):
        scale = np.abs(slope).max() + np.abs(value).max()
        np.testing.assert_allclose(difference(0, axis), slope[axis], rtol=0, atol=1e-8 * scale)
        scale = np.abs(curvature).max() + np.abs(slope).max()
        np.testing.assert_allclose(difference(1, axis), curvature[axis], rtol=0, atol=1e-8 * scale)


@pytest.mark.parametrize("call", CASES)
def test_every_declared_minimum_is_one(call: Call) -> None:
    entry = SURFACES[call.name]
    minima = declared_minima(call)
    assert bool(minima) == bool(entry.minima), "no condition holds for these knobs"
    xl, xh, yl, yh = entry.bounds
    across = float(np.hypot(xh - xl, yh - yl))
    for at in minima:
        value, slope, curvature = evaluate(call, *at, 2)
        if entry.kinked:  # no gradient there: search around it instead
            angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
            for radius in np.logspace(-12, -1, 23) * across:
                around = np.array(at)[:, None] + radius * np.stack([np.cos(angle), np.sin(angle)])
                inside = (np.array([[xl], [yl]]) <= around) & (around <= np.array([[xh], [yh]]))
                losses = evaluate(call, *around[:, inside.all(axis=0)])
                # f itself is rounded; where its terms cancel to 0 nothing is forgiven
                assert (losses >= value - 4 * EPS * np.abs(value)).all()
            continue
        # The coordinates are rounded to EPS, which the curvature turns into a gradient.
        size = np.abs(curvature).max() * max(1.0, np.abs(at).max())
        assert np.hypot(*slope) <= 16 * EPS * size
        low, high = eigenvalues(curvature)
        assert low >= -16 * EPS * high


@pytest.mark.parametrize("call", CASES)
def test_nothing_lies_lower_than_the_declared_minima(call: Call) -> None:
    minima = declared_minima(call)
    points = grid(call.name, 161)
    values = evaluate(call, *points)
    if not minima:  # declared to be unbounded below: the further out, the lower
        lowest = [values.min()]
        lowest += [evaluate(call, *(times * points)).min() for times in (10.0, 100.0)]
        assert lowest[2] < 10 * lowest[1] < 100 * lowest[0] < 0
        return
    found = np.array([evaluate(call, *at) for at in minima])
    # Rounding of f itself: terms as large as f in the region cancel to what remains.
    slack = 8 * EPS * (np.abs(values).max() + np.abs(found).max())
    best = found.min()
    assert found.max() - best <= slack, "declared minima of different loss"
    assert values.min() >= best - slack
    deepest = points[:, np.argsort(values)[:40]]
    spread = points[:, :: max(1, points.shape[1] // 200)]
    searched = polish(call, np.concatenate([deepest, spread], axis=1))
    xl, xh, yl, yh = SURFACES[call.name].bounds
    (x, y), loss = searched.x, searched.loss
    inside = (xl <= x) & (x <= xh) & (yl <= y) & (y <= yh)  # waves may go on downhill outside
    assert np.nanmin(loss[inside]) >= best - slack
    # and none as low lies elsewhere: within a thousandth of the diagonal it is a declared one
    ends = pinned(call, searched.x)  # of one weight all that differ in y alone are one
    apart = np.hypot(*(ends[:, :, None] - np.array(minima).T[:, None, :])).min(axis=1)
    as_low = inside & (loss <= best + 8 * EPS * np.abs(found).max() + 1e-18)
    assert not (as_low & (apart > 1e-3 * np.hypot(xh - xl, yh - yl))).any(), "one is left out"


@pytest.mark.parametrize("name", SURFACES)
def test_start_and_minima_lie_in_the_bounds(name: str) -> None:
    entry, call = SURFACES[name], SURFACES.call(name)
    xl, xh, yl, yh = entry.bounds
    assert xl < xh
    assert yl < yh
    for x, y in (entry.start, *declared_minima(call)):
        assert xl < x < xh
        assert yl < y < yh
    _, slope = evaluate(call, *entry.start, 1)
    assert np.hypot(*slope) > 0, "nothing happens from a stationary start"


@pytest.mark.parametrize("name", SURFACES)
def test_the_claim_of_convexity(name: str) -> None:
    ends = random_points(name, 4000, seed=2).reshape(2, 2, -1)
    for call in calls(name):
        # Curvature sees every bend but no kink, chords from point to point see both.
        _, _, curvature = evaluate(call, *grid(name, 101), 2)
        low, high = eigenvalues(curvature)
        first, second = evaluate(call, *ends)
        above = (first + second) / 2 - evaluate(call, *ends.mean(axis=1))
        size = np.abs([first, second]).max()
        if not SURFACES[name].convex:  # at the defaults; other knobs may make it convex
            bent = low.min() < -1e-6 * np.abs(high).max()
            assert bent or above.min() < -1e-6 * size
            break
        assert (low >= -16 * EPS * high.max()).all()
        assert (above >= -16 * EPS * size).all()


SHIFTING = [name for name in SURFACES if any(knob.name == "s" for knob in SURFACES[name].knobs)]


@pytest.mark.parametrize("name", SHIFTING)
def test_what_was_best_is_not_worth_the_same_after_the_shift(name: str) -> None:
    """Some minimum of s = 0 is worse at s = 1 than the best there, by what one can see."""
    assert MORPH in SURFACES[name].knobs, "a run moves s, so it is the same knob everywhere"
    before, after = (SURFACES.call(name, s=s) for s in (0.0, 1.0))
    found = max(float(evaluate(after, *at)) for at in declared_minima(before))
    best = min(float(evaluate(after, *at)) for at in declared_minima(after))
    heights = evaluate(after, *grid(name, 161))
    assert found - best > 0.01 * np.median(heights - best)


def test_enough_surfaces_shift() -> None:
    assert len(SHIFTING) >= 5


@pytest.mark.parametrize("name", SURFACES)
def test_facts_are_complete(name: str) -> None:
    entry = SURFACES[name]
    assert set(RATE_FAMILIES) <= set(entry.rates)
    assert set(entry.rates) <= {*RATE_FAMILIES, *OPTIMIZERS}
    assert all(0 < rate < 1e3 for rate in entry.rates.values())
    assert entry.doc.endswith(".")
    assert entry.source
    assert entry.title
    for knob in entry.knobs:
        assert knob.admits(knob.default)
        assert knob.doc
        if knob.soft:
            assert knob.low <= knob.soft[0] < knob.soft[1] <= knob.high


@pytest.mark.parametrize("name", SURFACES)
def test_every_optimizer_makes_progress_at_its_good_rate(name: str) -> None:
    """From the declared start, in 500 steps, and without diverging where there is a minimum.

    Optimizers that assume something of a surface are tried where it holds.
    """
    entry, call = SURFACES[name], SURFACES.call(name)
    lowest = min((float(evaluate(call, *at)) for at in declared_minima(call)), default=-np.inf)
    regular = bool(entry.minima) and not entry.kinked
    holds = {
        "convex": entry.convex,
        "near a minimum": regular,
        "loss at least 0": lowest >= 0,
    }
    assert set(holds) == set(ASSUMPTIONS)
    for optimizer in OPTIMIZERS:
        assumes = OPTIMIZERS[optimizer].assumes
        if not all(holds[assumption] for assumption in assumes):
            continue
        start = np.array(entry.start)
        if "near a minimum" in assumes:
            start = declared_minima(call)[0] + 0.01 * (start - declared_minima(call)[0])
        scene = Scenario(call, (run(optimizer, lr=good_rate(name, optimizer)),), point(*start), 500)
        chunks = list(simulate(scene))
        losses = np.concatenate([chunk.loss[0, :, 0] for chunk in chunks])
        kept = losses[~np.isnan(losses)]
        if entry.minima:
            assert len(kept) == 501, f"{optimizer} diverged"
            # a sixth of the way down is visible on the map; most go all the way
            assert kept[-1] - lowest < 0.85 * (kept[0] - lowest), optimizer
        else:
            assert kept[-1] < kept[0], optimizer
