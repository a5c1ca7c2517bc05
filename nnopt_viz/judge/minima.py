"""Finding the minima of a surface: exact Newton, made safe, over many points at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import FORMULA, surface_entry
from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.parse import expression
from nnopt_viz.judge.evaluate import evaluate, loss_range

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

GRID = 64  # starts a side: every well wider than 1/64 of the region is found
ITERATIONS = 60
SEARCHING = 32  # of them from a cell of the grid, which lies near its minimum
ROUNDING = 4  # units in the last place of f by which a step may raise it
HALVINGS = 12  # of a step that raises f by more; a point that no such part of it lowers has ended
NEAR = 0.2  # of the longest step: steps up to this may be followed by their correction
MOST_WELLS = 400  # grid cells to start from, the lowest ones: level ground has thousands


@dataclass(frozen=True, slots=True)
class Stationary:
    """Where polishing ended, one entry a point.

    Args:
        x: points, shape (2, n).
        loss: f there, shape (n,).
        slope: gradient norm there.
        low, high: the Hessian's smaller and larger eigenvalue there.
    """

    x: NDArray[np.float64]
    loss: NDArray[np.float64]
    slope: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def eigenvalues(hessian: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both eigenvalues of symmetric 2 x 2 matrices, shape (2, 2, …): (smaller, larger)."""
    with np.errstate(all="ignore"):
        mean = (hessian[0, 0] + hessian[1, 1]) / 2
        radius = np.hypot((hessian[0, 0] - hessian[1, 1]) / 2, hessian[0, 1])
        return mean - radius, mean + radius


def polish(
    surface: Call, x: NDArray[np.float64], downhill: bool = True, iterations: int = ITERATIONS
) -> Stationary:
    """Follow Newton's method from each point to a stationary point.

    Args:
        surface: a call from SURFACES.
        x: points, shape (2, n).
        downhill: use the absolute curvature and accept only steps that lower f, so that
            it ends in a minimum; otherwise plain Newton, which also ends at saddles.
        iterations: how many steps a point may take.

    Returns:
        The end points with f, gradient norm and curvature. Steps are at most 2 % of the
        region's diagonal, so that a point does not jump into another well.
    """
    reach = 0.02 * diagonal(surface)
    with np.errstate(all="ignore"):
        at = _state(surface, np.asarray(x, dtype=np.float64))
        active = np.arange(at.shape[1])  # the others have ended
        for _ in range(iterations):
            step = _newton_step(at[:, active], reach, downhill)
            moves = np.hypot(step[0], step[1]) > 1e-12 * reach
            active, step = active[moves], step[:, moves]
            new = _state(surface, at[:2, active] + step)
            if downhill:
                held = _lower(surface, at[:, active], step, new, reach)
                active, new = active[~held], new[:, ~held]
            if not active.size:
                break
            at[:, active] = new
        low, high = eigenvalues(_hessian(at))
        return Stationary(at[:2], at[2], np.hypot(at[3], at[4]), low, high)


def _state(surface: Call, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """x, y, f, fx, fy, fxx, fxy, fyy at points, shape (8, n)."""
    value, g, h = evaluate(surface, x[0], x[1], 2)
    return np.stack([*x, value, *g, h[0, 0], h[0, 1], h[1, 1]])


def _hessian(at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.reshape(at[[5, 6, 6, 7]], (2, 2, -1))


def _lower(
    surface: Call,
    at: NDArray[np.float64],
    step: NDArray[np.float64],
    new: NDArray[np.float64],
    reach: float,
) -> NDArray[np.bool_]:
    """Mend, in place, the new states whose f is above that before the step.

    A short step along a bent valley leaves its floor: the step after it leads back (the second
    step of a watchdog, Chamberlain et al. 1982). Else the step is halved until it fits.

    Returns:
        Which points found none lower.
    """
    most = at[2] + ROUNDING * np.spacing(np.abs(at[2]))
    held: NDArray[np.bool_] = ~(new[2] <= most)
    failed = np.flatnonzero(held)
    if failed.size:  # all that they may try in one call: it costs as much as hundreds of points
        after = new[:2, failed] + _newton_step(new[:, failed], reach)
        after[:, np.hypot(*step[:, failed]) > NEAR * reach] = np.nan
        parts = 0.5 ** np.arange(1, HALVINGS) * step[:, failed, None]
        tried = np.concatenate([after[:, :, None], at[:2, failed, None] + parts], axis=2)
        fits = evaluate(surface, *tried) <= most[failed, None]
        found = np.flatnonzero(fits.any(axis=1))
        new[:, failed[found]] = _state(surface, tried[:, found, fits.argmax(axis=1)[found]])
        held[failed[found]] = False
    return held


def _newton_step(
    at: NDArray[np.float64], reach: float, downhill: bool = True
) -> NDArray[np.float64]:
    """-H^-1 g no longer than `reach`, with |H| in place of H when only downhill is wanted."""
    gx, gy, xx, xy, yy = at[3:]
    low, high = eigenvalues(_hessian(at))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    along, across = np.cos(angle), np.sin(angle)
    first = along * gx + across * gy  # component along the eigenvector of `high`
    second = -across * gx + along * gy
    if downhill:
        scale = np.maximum(np.abs(low), np.abs(high))
        high = np.maximum(np.abs(high), 1e-8 * scale)
        low = np.maximum(np.abs(low), 1e-8 * scale)
    first, second = -first / high, -second / low
    step = np.stack([along * first - across * second, across * first + along * second])
    step[:, ~np.isfinite(step).all(axis=0)] = 0.0
    step *= np.minimum(1.0, reach / np.maximum(np.hypot(step[0], step[1]), 1e-300))
    return step


def diagonal(surface: Call) -> float:
    """Length of the diagonal of the surface's region."""
    xl, xh, yl, yh = surface_entry(surface).bounds
    return float(np.hypot(xh - xl, yh - yl))


@dataclass(frozen=True, slots=True)
class FoundMinimum:
    """A minimum: its place, its loss, and whether no other is lower."""

    x: float
    y: float
    loss: float
    is_global: bool


@lru_cache(maxsize=128)
def declared_minima(surface: Call) -> tuple[tuple[float, float], ...]:
    """The declared global minima for these knob values.

    For a surface of one's own, which declares none, the lowest of those found inside its
    region, if nothing on a grid there is lower.
    """
    entry = surface_entry(surface)
    if surface.name == FORMULA.name:
        return _lowest_found(surface)
    knobs = surface.numbers()

    def number(text: str, condition: bool = False) -> float:
        graph, node = expression(text, knobs, condition)
        with np.errstate(all="ignore"):
            (value,) = array_function(graph, [node], (), tuple(knobs))(())(
                *(np.float64(v) for v in knobs.values())
            )
        return float(value)

    return tuple(
        (number(m.x), number(m.y)) for m in entry.minima if number(m.when, condition=True) != 0
    )


def _lowest_found(surface: Call) -> tuple[tuple[float, float], ...]:
    heights, found = _minima_found(surface)
    best = min((loss for _, _, loss in found), default=np.inf)
    finite = heights[np.isfinite(heights)]
    if not found or (finite < best).any():
        return ()
    ties = 1e-9 * max(_spread(heights), 1e-12)
    return tuple((x, y) for x, y, loss in found if loss - best <= ties)


@lru_cache(maxsize=128)
def find_minima(surface: Call) -> tuple[FoundMinimum, ...]:
    """All minima inside the bounds: the declared global ones and those found.

    Newton's method from a 64 x 64 grid; a minimum is kept when its Hessian is positive
    definite there. Lowest first. Ties within 1e-9 of the loss range are all global.
    """
    heights, found = _minima_found(surface)
    declared = np.array(declared_minima(surface)).reshape(-1, 2).T
    size = _spread(heights)
    close = 1e-4 * diagonal(surface)
    others = np.array([(x, y) for x, y, _ in found]).reshape(-1, 2).T
    points = np.concatenate([declared, others], axis=1)
    losses = evaluate(surface, points[0], points[1]) if points.size else np.empty(0)
    repeats = np.tri(points.shape[1], k=-1, dtype=np.bool_)  # of an earlier one
    for axis in points:
        away = np.subtract.outer(axis, axis)
        repeats &= np.abs(away, out=away) <= close
    is_kept = np.logical_not(repeats.any(axis=1))
    for i in np.flatnonzero(~is_kept):
        is_kept[i] = not (repeats[i] & is_kept).any()
    has_global = bool(declared.size)
    best = float(losses[: declared.shape[1]].min()) if has_global else -np.inf
    made = [
        FoundMinimum(
            float(points[0, i]),
            float(points[1, i]),
            float(losses[i]),
            has_global and float(losses[i]) - best <= 1e-9 * max(size, 1e-12),
        )
        for i in np.flatnonzero(is_kept)
    ]
    return tuple(sorted(made, key=lambda m: (not m.is_global, m.loss)))


@lru_cache(maxsize=32)
def _minima_found(
    surface: Call,
) -> tuple[NDArray[np.float64], tuple[tuple[float, float, float], ...]]:
    """The loss on a grid, and (x, y, loss) of what Newton's method finds from its wells."""
    xl, xh, yl, yh = surface_entry(surface).bounds
    lines = [
        low + (high - low) * (np.arange(GRID) + 0.5) / GRID for low, high in ((xl, xh), (yl, yh))
    ]
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*lines)])
    heights = evaluate(surface, *grid).reshape(GRID, GRID)
    wells = np.flatnonzero(_lower_than_neighbours(heights))
    wells = wells[np.argsort(heights.ravel()[wells], kind="stable")][:MOST_WELLS]
    found = polish(surface, grid[:, np.sort(wells)], iterations=SEARCHING)
    flat = 1e-6 * (1 + _spread(heights) / diagonal(surface))
    true = (found.low > 1e-9 * np.abs(found.high)) & (found.slope <= flat)
    true &= np.isfinite(found.loss)
    true &= (found.x[0] >= xl) & (found.x[0] <= xh) & (found.x[1] >= yl) & (found.x[1] <= yh)
    places = zip(found.x[0, true], found.x[1, true], found.loss[true], strict=True)
    return heights, tuple((float(x), float(y), float(loss)) for x, y, loss in places)


def _spread(heights: NDArray[np.float64]) -> float:
    """Highest minus lowest finite loss, itself finite; 0 when there is none."""
    finite = heights[np.isfinite(heights)]
    return min(float(finite.max()) - float(finite.min()), 1e300) if finite.size else 0.0


def summary(surface: Call) -> str:
    """How many minima there are: `1 global, 3 local minima`; or why there are none."""
    minima = find_minima(surface)
    best = sum(m.is_global for m in minima)
    rest = len(minima) - best
    if not minima:
        low, high = loss_range(surface)
        if math.isnan(low):
            return "no finite loss in this region"
        return "level everywhere in this region" if low == high else "no minimum"
    if not rest:
        return "1 global minimum" if best == 1 else f"{best} global minima"
    noun = "local minimum" if rest == 1 else "local minima"
    return f"{best} global, {rest} {noun}" if best else f"{rest} {noun}"


def _lower_than_neighbours(heights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Grid cells no higher than any of their eight neighbours."""
    padded = np.pad(np.where(np.isfinite(heights), heights, np.inf), 1, constant_values=np.inf)
    n, m = heights.shape
    lowest = np.min(
        [padded[i : i + n, j : j + m] for i in range(3) for j in range(3) if (i, j) != (1, 1)],
        axis=0,
    )
    return np.asarray(padded[1:-1, 1:-1] <= lowest)
