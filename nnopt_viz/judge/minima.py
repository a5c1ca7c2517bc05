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
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import (
    EPS,
    circles,
    descend,
    diagonal,
    distance,
    has_kinks,
    has_steps,
    kinds,
    rounding,
    units,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

    Array = NDArray[np.float64]

GRID = 64  # starts a side, level ones too: every well wider than 1/64 of the region is found
FINE = 200  # starts a side that are lower than all around: wells as narrow as this are found
ITERATIONS = 60
ROUNDING = 4  # units in the last place of f by which a step may raise it
HALVINGS = 12  # of a step that raises f by more; a point that no such part of it lowers has ended
NEAR = 0.2  # of the longest step: steps up to this may be followed by their correction
CLOSE = 1e-4  # of the diagonal: two that lie closer are one
BLURRED = 10.0  # times as far, where rounding hides which one is lower
SINGULAR = 1e-6  # of the larger curvature: Newton's steps along so small a one end too soon
BEFORE_EDGES = 2  # circles left out where the loss may jump: the others reach 0.00125 diagonals
LEVEL = 1e-12  # of the larger curvature: none
DEFINITE = 1e-9  # of the larger curvature: a smaller one that is more than rounding
MOST_WELLS = 400  # grid cells to start from, the lowest ones: level ground has thousands
LEAST_FINE = 100  # of the finer grid, even where level ground takes all the others
MOST_FINE = 2000  # of the finer grid; with kinks each costs more, and 400 is for both


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
            moves = np.hypot(step[0], step[1]) > 1e-15 * reach
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
    """-H^-1 g no longer than `reach`, with |H| in place of H when only downhill is wanted.

    Along what has no curvature, as a crease or a line of equal saddles, plain Newton has no step.
    """
    gx, gy, xx, xy, yy = at[3:]
    low, high = eigenvalues(_hessian(at))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    along, across = np.cos(angle), np.sin(angle)
    if not downhill:  # the cosine of a right angle is not quite 0: off a crease by that
        along, across = (np.where(np.abs(part) > EPS, part, 0.0) for part in (along, across))
    first = along * gx + across * gy  # component along the eigenvector of `high`
    second = -across * gx + along * gy
    if downhill:
        scale = np.maximum(np.abs(low), np.abs(high))
        high = np.maximum(np.abs(high), 1e-8 * scale)
        low = np.maximum(np.abs(low), 1e-8 * scale)
    else:
        least = LEVEL * np.maximum(np.abs(low), np.abs(high))
        high, low = (np.where(np.abs(bend) > least, bend, np.inf) for bend in (high, low))
    first, second = -first / high, -second / low
    step = np.stack([along * first - across * second, across * first + along * second])
    step[:, ~np.isfinite(step).all(axis=0)] = 0.0
    step *= np.minimum(1.0, reach / np.maximum(np.hypot(step[0], step[1]), 1e-300))
    return step


@dataclass(frozen=True, slots=True)
class FoundMinimum:
    """A minimum: its place, its loss, and whether no other is lower.

    Args:
        kind: "point", or "curve" or "area": one of many equal ones that hang together.
    """

    x: float
    y: float
    loss: float
    is_global: bool
    kind: str = "point"


@dataclass(frozen=True, slots=True)
class Places:
    """Places that were looked at, one entry each.

    Args:
        x: shape (2, n).
        loss, noise: f there and its rounding, shape (n,).
        kind: what each is (`ground.kinds`): "point", "curve", "area" or "down".
    """

    x: Array
    loss: Array
    noise: Array
    kind: NDArray[np.str_]

    def only(self, wanted: NDArray[np.bool_] | NDArray[np.int_]) -> Places:
        """Some of them."""
        return Places(self.x[:, wanted], self.loss[wanted], self.noise[wanted], self.kind[wanted])


@np.errstate(all="ignore")
def ground_below(surface: Call, x: Array, limit: Array) -> Places:
    """The minimum below each point (2, n) as far as `limit` (region units, (n,)) away.

    Newton's method finds it on smooth ground. Where there are kinks, or the Hessian is singular,
    it is walked down to, and judged by circles.
    """
    ends = polish(surface, x)
    places = _judged(surface, ends.x, ends)
    bend = np.abs(eigenvalues(evaluate(surface, x[0], x[1], 2)[2])).max(axis=0)  # where it began
    singular = np.abs(ends.low) <= SINGULAR * np.fmax(np.abs(ends.high), bend)
    doubtful = (singular | has_kinks(surface)) & (places.kind == "down") & np.isfinite(ends.loss)
    stuck = np.flatnonzero(doubtful)
    if not stuck.size:
        return places
    is_near = distance(surface, places.x, x) <= limit
    begin = np.where(is_near, places.x, np.asarray(x, dtype=np.float64))[:, stuck]
    again = _judged(surface, descend(surface, begin, limit[stuck]))
    for old, new in (
        (places.x.T, again.x.T),
        (places.loss, again.loss),
        (places.noise, again.noise),
        (places.kind, again.kind),
    ):
        old[stuck] = new
    return places


def _judged(surface: Call, x: Array, smooth: Stationary | None = None) -> Places:
    """What places are. A positive definite Hessian decides where the ground is smooth."""
    loss = evaluate(surface, *x)
    noise = rounding(surface, x)
    kind = np.full(loss.shape, "down", dtype=object)
    doubtful = np.isfinite(loss)
    if smooth is not None and not has_kinks(surface):
        sure = doubtful & (smooth.low > DEFINITE * np.abs(smooth.high))
        sure &= smooth.slope**2 <= 2 * smooth.low * noise  # what Newton's next step would gain
        kind[sure] = "point"
        doubtful &= ~sure
    for part in np.array_split(np.flatnonzero(doubtful), max(1, int(doubtful.sum()) // 256)):
        if part.size:
            seen = circles(surface, x[:, part], loss[part], noise[part])
            if has_steps(surface):  # what lies behind an edge some way off is another ground
                seen = seen.inner(BEFORE_EDGES)
            kind[part] = kinds(seen, loss[part], noise[part])
    return Places(x, loss, noise, kind.astype("U5"))


@lru_cache(maxsize=128)
def declared_minima(surface: Call) -> tuple[tuple[float, float], ...]:
    """The global minima that a surface declares for these knob values, as declared.

    For a surface of one's own, which declares none, the lowest of those found inside its
    region, if nothing on a grid there is lower.
    """
    entry = surface_entry(surface)
    if surface.name == FORMULA.name:
        return tuple((m.x, m.y) for m in find_minima(surface) if m.is_global)
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


@lru_cache(maxsize=128)
def find_minima(surface: Call) -> tuple[FoundMinimum, ...]:
    """All minima inside the bounds: the declared global ones and those found.

    From the lowest cells of two grids downhill; what is kept is a minimum by its Hessian
    or by circles around it, kinked or one of many equal ones as well. Lowest first; those equal
    to the lowest within rounding are global, where nothing lower is known.
    """
    search = minima_found(surface)
    found = search.found
    is_own = surface.name == FORMULA.name
    declared = np.empty((2, 0)) if is_own else np.array(declared_minima(surface)).reshape(-1, 2).T
    x = np.concatenate([declared, found.x], axis=1)
    if not x.size:
        return ()
    known = _judged(surface, declared)
    known = Places(
        x,
        np.concatenate([known.loss, found.loss]),
        np.concatenate([known.noise, found.noise]),
        np.concatenate([np.where(known.kind == "down", "point", known.kind), found.kind]),
    )
    known = known.only(_apart(surface, known))
    many = declared.shape[1]
    lowest = int(known.loss.argmin())
    best, noise = known.loss[lowest], known.noise[lowest]
    has_global = bool(many) or (is_own and not search.lowest < best - noise)
    is_best = (known.loss <= best + noise + known.noise) & has_global
    kept = (known.kind != "area") | is_best
    made = [
        FoundMinimum(
            float(known.x[0, i]),
            float(known.x[1, i]),
            float(known.loss[i]),
            bool(is_best[i]),
            str(known.kind[i]),
        )
        for i in np.flatnonzero(kept)
    ]
    return tuple(sorted(made, key=lambda m: (not m.is_global, m.loss)))


def _apart(surface: Call, places: Places) -> NDArray[np.int_]:
    """Those of which no earlier one is a repeat."""
    close = CLOSE * diagonal(surface)
    alike = np.abs(np.subtract.outer(places.loss, places.loss))
    alike = alike <= np.add.outer(places.noise, places.noise)  # as far as rounding lets one see
    reach = np.where(alike, BLURRED, 1.0) * close
    repeats = np.tri(places.x.shape[1], k=-1, dtype=np.bool_)  # of an earlier one
    for axis, unit in zip(places.x, units(surface), strict=True):
        away = np.subtract.outer(axis / unit, axis / unit)
        repeats &= np.abs(away, out=away) <= reach
    is_kept = np.logical_not(repeats.any(axis=1))
    for i in np.flatnonzero(~is_kept):
        is_kept[i] = not (repeats[i] & is_kept).any()
    return np.flatnonzero(is_kept)


@dataclass(frozen=True, slots=True)
class _Search:
    """What a search from the cells of two grids shows.

    Args:
        lowest: the lowest loss on a grid; inf where none is finite.
        found: the minima below its cells, the lowest first.
        is_short: may there be more? There were more wells than are looked into, or the finer
            grid showed some that the other had missed.
    """

    lowest: float
    found: Places
    is_short: bool


@lru_cache(maxsize=32)
def minima_found(surface: Call) -> _Search:
    """The minima that lie below the lowest cells of two grids."""
    xl, xh, yl, yh = surface_entry(surface).bounds
    coarse, heights = _grid(surface, GRID)
    wells, _ = _lowest(heights, _lower_than_neighbours(heights), MOST_WELLS)
    fine, finer = _grid(surface, FINE)
    most = max(LEAST_FINE, MOST_WELLS - wells.size) if has_kinks(surface) else MOST_FINE
    narrow, are_still = _lowest(finer, _lower_than_neighbours(finer, strictly=True), most)
    begin = np.concatenate([coarse[:, wells], fine[:, narrow]], axis=1)
    cells = 2 * diagonal(surface) / np.repeat([GRID, FINE], [wells.size, narrow.size])
    below = ground_below(surface, begin, cells)
    x, y = below.x
    kept = (x >= xl) & (x <= xh) & (y >= yl) & (y <= yh)
    kept &= (below.kind != "down") & np.isfinite(below.loss)
    found = below.only(kept)
    are_new = _apart(surface, found) >= kept[: wells.size].sum()
    order = np.argsort(found.loss, kind="stable")  # of equal places the lowest stays
    lowest = heights[np.isfinite(heights)].min(initial=math.inf)
    is_short = are_still or bool(are_new.any())
    return _Search(float(lowest), found.only(order), is_short)


def _grid(surface: Call, count: int) -> tuple[Array, Array]:
    """The middles of count x count cells, shape (2, count²), and the loss there, (count, count)."""
    xl, xh, yl, yh = surface_entry(surface).bounds
    lines = [
        low + (high - low) * (np.arange(count) + 0.5) / count for low, high in ((xl, xh), (yl, yh))
    ]
    places = np.stack([axis.ravel() for axis in np.meshgrid(*lines)])
    return places, evaluate(surface, *places).reshape(count, count)


def _lowest(heights: Array, is_well: NDArray[np.bool_], most: int) -> tuple[NDArray[np.intp], bool]:
    """The lowest of the wells, in order of place, and whether there are more."""
    wells = np.flatnonzero(is_well)
    kept = wells[np.argsort(heights.ravel()[wells], kind="stable")][:most]
    return np.sort(kept), wells.size > most


def _lower_than_neighbours(heights: Array, strictly: bool = False) -> NDArray[np.bool_]:
    """Grid cells no higher than any of their eight neighbours; strictly, lower than each."""
    padded = np.pad(np.where(np.isfinite(heights), heights, np.inf), 1, constant_values=np.inf)
    n, m = heights.shape
    lowest = np.min(
        [padded[i : i + n, j : j + m] for i in range(3) for j in range(3) if (i, j) != (1, 1)],
        axis=0,
    )
    middle = padded[1:-1, 1:-1]
    is_low = middle < lowest if strictly else middle <= lowest
    return np.asarray(is_low & np.isfinite(heights))
