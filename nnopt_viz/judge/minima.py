"""Finding the minima of a surface: the declared ones, and what lies below two grids of starts."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import FORMULA, surface_entry
from nnopt_viz.declare.pace import breathe
from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.parse import expression
from nnopt_viz.judge.below import Places, ground_below, judged
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import diagonal, has_kinks, units
from nnopt_viz.judge.one_weight import has_one_weight, home, pinned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

    Array = NDArray[np.float64]

GRID = 64  # starts a side, level ones too: every well wider than 1/64 of the region is found
FINE = 200  # starts a side that are lower than all around: wells as narrow as this are found
LINE = 8  # times as many side by side where there is one weight, and so one line of them
CLOSE = 1e-4  # of the diagonal: two that lie closer are one
BLURRED = 10.0  # times as far, where rounding hides which one is lower
SOME = 128  # places beside which others are looked for together
MOST_WELLS = 400  # grid cells to start from, the lowest ones: level ground has thousands
LEAST_FINE = 100  # of the finer grid, even where level ground takes all the others
MOST_FINE = 2000  # of the finer grid; with kinks each costs more, and 400 is for both


@dataclass(frozen=True, slots=True)
class FoundMinimum:
    """A minimum: its place, its loss, and whether no other is lower.

    Args:
        kind: "point", or "curve" or "area": one of many equal ones that hang together. On a surface
            of one weight y is `home`, and an area is a stretch of the curve.
    """

    x: float
    y: float
    loss: float
    is_global: bool
    kind: str = "point"


@lru_cache(maxsize=128)
def declared_minima(surface: Call) -> tuple[tuple[float, float], ...]:
    """The global minima that a surface declares for these knob values, as declared; but for those
    where rounding leaves no loss, as of a hole of 1e-300 across.

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

    places = (
        (number(m.x), number(m.y)) for m in entry.minima if number(m.when, condition=True) != 0
    )
    return tuple(place for place in places if math.isfinite(evaluate(surface, *place)))


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
    known = judged(surface, declared)
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
    loss, noise, count = places.loss, places.noise, places.x.shape[1]
    repeats = np.tri(count, k=-1, dtype=np.bool_)  # of an earlier one
    for first in range(0, count, SOME):
        breathe()
        here = slice(first, first + SOME)
        alike = np.abs(np.subtract.outer(loss[here], loss))
        alike = alike <= np.add.outer(noise[here], noise)  # as far as rounding lets one see
        reach = np.where(alike, BLURRED, 1.0) * close
        for axis, unit in zip(places.x, units(surface), strict=True):
            away = np.subtract.outer(axis[here] / unit, axis / unit)
            repeats[here] &= np.abs(away, out=away) <= reach
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
        is_short: may there be more? There were more wells than are looked into or walked down
            into, or the finer grid showed some that the other had missed.
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
    below = ground_below(surface, begin, cells, MOST_WELLS + LEAST_FINE)
    below = replace(below, x=pinned(surface, below.x))
    x, y = below.x
    kept = (x >= xl) & (x <= xh) & (y >= yl) & (y <= yh)
    kept &= ~np.isin(below.kind, ["down", "open"]) & np.isfinite(below.loss)
    found = below.only(kept)
    are_new = _apart(surface, found) >= kept[: wells.size].sum()
    order = np.argsort(found.loss, kind="stable")  # of equal places the lowest stays
    lowest = heights[np.isfinite(heights)].min(initial=math.inf)
    is_short = are_still or bool(are_new.any()) or bool((below.kind == "open").any())
    return _Search(float(lowest), found.only(order), is_short)


def _grid(surface: Call, count: int) -> tuple[Array, Array]:
    """The middles of count x count cells, shape (2, count²), and the loss there, (count, count).

    Of one weight those of a line, LINE times as many as on a side: the loss has the shape (1, n).
    """
    xl, xh, yl, yh = surface_entry(surface).bounds
    if has_one_weight(surface):
        x = xl + (xh - xl) * (np.arange(LINE * count) + 0.5) / (LINE * count)
        line = np.stack([x, np.full_like(x, home(surface))])
        return line, evaluate(surface, *line)[None]
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
