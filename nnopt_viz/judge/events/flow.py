"""Where gradient flow leads: the well of a point is the minimum in which dx/dt = -grad f ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import diagonal
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.newton import eigenvalues, polish
from nnopt_viz.judge.one_weight import pinned

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

    Array = NDArray[np.float64]

GAMMA = 1 / (2 + np.sqrt(2))  # the method's own constants
THIRD = 6 + np.sqrt(2)
ERROR = 1e-5  # of the diagonal: the error a step may make
LEAP = 0.02  # of the diagonal: how far a step may lead, so that no ridge is leapt over
ITERATIONS = 160  # of all points at once; who has not arrived by then has no well
FAR = 3.0  # diagonals from the middle of the region: who flows out there has left for good,
OUT = 1.5  # as has who began farther out and gets so many times as far
BENT = 0.3  # of 1 / |curvature|, for a step where the surface curves down
CLOSE = 1e-4  # of the diagonal: Newton's distance to the minimum at which flow has arrived
ROUND = 1e-7  # of the larger curvature: less than this is level, so no single minimum
MOST = 400  # balls: level ground may have thousands of minima
ANGLES, RADII, SHRINK = 24, 10, 0.7  # where a ball about a minimum is tried, and how it shrinks


@dataclass(frozen=True, slots=True, eq=False)
class Balls:
    """Balls about minima, in which flow comes nearer to the minimum all the time.

    Args:
        centres: the minima, shape (2, n).
        radii: how far each ball reaches, shape (n,); 0 where none was found.
    """

    centres: Array
    radii: Array

    def holding(self, x: Array) -> NDArray[np.intp]:
        """The ball that holds each point, shape (n,) for x of shape (2, n); -1 for none."""
        if not self.radii.size:
            return np.full(x.shape[1], -1)
        away = x[0][:, None] - self.centres[0], x[1][:, None] - self.centres[1]
        is_in = away[0] * away[0] + away[1] * away[1] <= self.radii * self.radii
        first = is_in.argmax(axis=1)
        return np.where(is_in[np.arange(x.shape[1]), first], first, -1)


@lru_cache(maxsize=64)
def balls(surface: Call) -> Balls:
    """A ball for every minimum known, as large as one of a few sizes that holds what it says.

    Where (x - m)·grad f > 0 all over a ball about m, the distance to m falls all along the flow,
    which so ends in m. It is read on rings; balls of different minima don't meet.
    """
    # Along a curve of minima flow from each point ends in a point of its own.
    known = [m for m in find_minima(surface) if m.kind == "point"][:MOST]
    centres = np.array([(m.x, m.y) for m in known]).reshape(-1, 2).T
    if not known:
        return Balls(centres, np.empty(0))
    apart = np.hypot(*(centres[:, :, None] - centres[:, None, :]))
    np.fill_diagonal(apart, np.inf)
    largest = np.minimum(apart.min(axis=1) / 2, 0.25 * diagonal(surface))
    sizes = largest[:, None] * SHRINK ** np.arange(RADII)[::-1]  # smallest first
    angle = 2 * np.pi * (np.arange(ANGLES) + 0.5) / ANGLES
    way = np.stack([np.cos(angle), np.sin(angle)])
    x = centres[:, :, None, None] + sizes[:, :, None] * way[:, None, None, :]
    _, slope = evaluate(surface, x[0], x[1], 1)
    with np.errstate(all="ignore"):
        outward = (slope * way[:, None, None, :]).sum(axis=0)
        is_inward = (outward > ROUND * np.hypot(*slope)).all(axis=2)
    count = np.logical_and.accumulate(is_inward, axis=1).sum(axis=1)
    reach = np.take_along_axis(sizes, np.maximum(count - 1, 0)[:, None], axis=1)[:, 0]
    # A ring holds what the next one, a little larger, was seen to hold.
    return Balls(centres, np.where(count > 0, SHRINK * reach, 0.0))


def flow_ends(surface: Call, points: Array) -> Array:
    """The minimum in which gradient flow from each point ends.

    A Rosenbrock method of order 2 with exact Hessians, so that a stiff valley costs no more
    steps than a round one, with the step size of each point controlled by its own error
    (Shampine & Reichelt 1997, The MATLAB ODE suite, section 4, ode23s).

    Args:
        surface: as it stands.
        points: shape (2, n).

    Returns:
        Shape (2, n); NaN where flow leaves for good, stops at a saddle or on level ground, or
        does not arrive in a bounded number of steps.
    """
    found = np.full(points.shape, np.nan)
    with np.errstate(all="ignore"):
        _follow(surface, pinned(surface, np.array(points, dtype=np.float64)), found)
    return found


def _follow(surface: Call, x: Array, found: Array) -> None:
    across, known = diagonal(surface), balls(surface)
    xl, xh, yl, yh = surface_entry(surface).bounds
    middle = np.array([[xl + xh], [yl + yh]]) / 2
    limit = np.maximum(FAR * across, OUT * np.hypot(*(x - middle)))
    arriving: list[tuple[int, Array]] = []  # near a minimum that is in no ball
    left = np.arange(x.shape[1])
    f, g, h = _at(surface, x)
    step = 1e-3 * across / np.maximum(np.hypot(*g), 1e-300)
    for _ in range(ITERATIONS):
        ball = known.holding(x)
        inside = ball >= 0
        found[:, left[inside]] = known.centres[:, ball[inside]]
        low, high = eigenvalues(h)
        slope = np.hypot(*g)
        near = ~inside & (low > ROUND * high) & (slope <= CLOSE * across * low)
        arriving += [(int(i), point) for i, point in zip(left[near], x[:, near].T, strict=True)]
        gone = ~(np.hypot(*(x - middle)) <= limit)
        ends = inside | near | gone | ~np.isfinite(f) | ~(slope > 1e-300)
        if ends.any():
            go = ~ends
            left, x, f, g, h = left[go], x[:, go], f[go], g[:, go], h[:, :, go]
            step, low, limit = step[go], low[go], limit[go]
        if not left.size:
            break
        step = np.where(low < 0, np.minimum(step, BENT / -low), step)
        new, error_of = _step(surface, x, g, h, step)
        f_new, g_new, h_new = _at(surface, new)
        leap = np.hypot(*(new - x)) / (LEAP * across)
        error = np.maximum(error_of(g_new) / (ERROR * across), leap)
        falls = f_new <= f + 4 * np.spacing(np.abs(f))
        error = np.where(falls & np.isfinite(error), error, 1e3)
        good = error <= 1
        x, f, g = np.where(good, new, x), np.where(good, f_new, f), np.where(good, g_new, g)
        h = np.where(good, h_new, h)
        step = step * np.clip(0.8 * np.maximum(error, 1e-9) ** (-1 / 3), 0.2, 5.0)
    if arriving:
        rests = polish(surface, np.array([point for _, point in arriving]).T)
        single = (rests.low > ROUND * rests.high) & (rests.slope <= CLOSE * across * rests.low)
        for k, (i, _) in enumerate(arriving):
            if single[k]:
                found[:, i] = rests.x[:, k]


def _at(surface: Call, x: Array) -> tuple[Array, Array, Array]:
    value, slope, curvature = evaluate(surface, x[0], x[1], 2)
    return value, slope, curvature


def _step(
    surface: Call, x: Array, g: Array, h: Array, step: Array
) -> tuple[Array, Callable[[Array], Array]]:
    """Where one step of each point leads, and its error, of the gradient there."""
    a, b, c = 1 + GAMMA * step * h[0, 0], GAMMA * step * h[0, 1], 1 + GAMMA * step * h[1, 1]
    det = a * c - b * b

    def solve(r: Array) -> Array:
        return np.asarray(np.stack([c * r[0] - b * r[1], a * r[1] - b * r[0]]) / det)

    first = solve(-g)
    halfway = x + 0.5 * step * first
    _, middle = evaluate(surface, halfway[0], halfway[1], 1)
    second = solve(-middle - first) + first

    def error(g_new: Array) -> Array:
        third = solve(-g_new - THIRD * (second + middle) - 2 * (first + g))
        return np.asarray(np.hypot(*(step / 6 * (first - 2 * second + third))))

    return x + step * second, error
