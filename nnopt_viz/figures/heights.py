"""The height that map and 3D sheet show: log10(1 + (loss − best)/unit), on a grid.

Losses span many powers of ten; the logarithm keeps the valley floors readable,
and adding 1 keeps the best point at height 0. The unit is 1 where losses differ by more than
`SMALL`; where they hardly do, it is all that they differ by, or the map would be of one colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import find_minima

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call

# Views from this narrow (width / height) to this wide show no bare strip of paper.
NARROWEST, WIDEST = 0.6, 2.4
# Beyond this ratio of the two ranges, equal scales would make a sliver of the map.
UNEQUAL = 3.0
SMALL = 0.01
HIGHEST = 1e30  # as high as anything is drawn
EDGE = 4001  # points along a side of the bounds
INNER, OUTER = 160, 20  # points across the bounds, and on each side of them


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """A grid of heights.

    Args:
        x: grid line positions, shape (columns,), float32.
        y: grid line positions, shape (rows,), float32.
        z: log10(1 + (loss − best)/unit), shape (rows, columns), float32.
        best: the lowest loss inside the bounds.
        top: the greatest height inside the bounds.
        unit: of the loss: 1 on most surfaces; where losses differ by little, less.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    best: float
    top: float
    unit: float = 1.0

    @property
    def highest(self) -> float:
        """The greatest loss inside the bounds."""
        return float(self.best + self.unit * (10**self.top - 1))

    def height_of(self, loss: np.ndarray) -> np.ndarray:
        """The height of losses; what is not finite counts as very high."""
        with np.errstate(all="ignore"):
            above = (np.asarray(loss) - self.best) / self.unit
        return height(above, 0.0)


def height(loss: np.ndarray, best: float) -> np.ndarray:
    """log10(1 + loss − best), 0 below best; what is not finite counts as very high."""
    with np.errstate(all="ignore"):
        above = np.nan_to_num(np.asarray(loss) - best, nan=HIGHEST, posinf=HIGHEST, neginf=0.0)
    return np.asarray(np.log10(1.0 + np.clip(above, 0.0, HIGHEST)), dtype=np.float32)


def is_unequal(surface: Call) -> bool:
    """Are the two ranges so different that x and y need scales of their own?"""
    left, right, low, high = surface_entry(surface).bounds
    ratio = (right - left) / (high - low)
    return not 1 / UNEQUAL <= ratio <= UNEQUAL


@lru_cache(maxsize=64)
def extent(surface: Call) -> tuple[float, float, float]:
    """The lowest loss inside the bounds, the greatest height there, and the loss's unit."""
    left, right, low, high = surface_entry(surface).bounds
    x, y = np.meshgrid(np.linspace(left, right, 201), np.linspace(low, high, 201))
    loss = _loss(surface, x, y)
    finite = loss[np.isfinite(loss)]
    inside = [m for m in find_minima(surface) if left <= m.x <= right and low <= m.y <= high]
    if not finite.size:
        return min((m.loss for m in inside), default=0.0), 1.0, 1.0
    best = min([*(m.loss for m in inside), float(finite.min())])
    if not any(m.is_global for m in inside):  # then the lowest may be on an edge
        around = _loss(surface, *_edges(left, right, low, high))
        best = min(best, float(around[np.isfinite(around)].min(initial=math.inf)))
    span = float(finite.max()) - best
    unit = span if 0 < span < SMALL else 1.0
    return best, max(math.log10(1 + min(span / unit, HIGHEST)), 1e-6), unit


def _edges(left: float, right: float, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Points all around, closer than those of a grid."""
    along, up = np.linspace(left, right, EDGE), np.linspace(low, high, EDGE)
    x = np.concatenate([along, along, np.full(EDGE, left), np.full(EDGE, right)])
    return x, np.concatenate([np.full(EDGE, low), np.full(EDGE, high), up, up])


def sheet(surface: Call, points: int) -> Heights:
    """Heights over the bounds, `points` a side."""
    left, right, low, high = surface_entry(surface).bounds
    x, y = np.linspace(left, right, points), np.linspace(low, high, points)
    return _rounded(_heights(surface, x, y))


def map_grid(surface: Call) -> Heights:
    """Heights over the bounds and as far around them as any shape of view shows."""
    left, right, low, high = surface_entry(surface).bounds
    width, tall = right - left, high - low
    if is_unequal(surface):
        wide, high_ = width * 1.5, tall * 1.5
    else:
        wide, high_ = max(width * 1.2, WIDEST * tall), max(tall * 1.2, width / NARROWEST)
    return _rounded(_heights(surface, _axis(left, right, wide), _axis(low, high, high_)))


def _rounded(grid: Heights) -> Heights:
    """To about 13 bits of the greatest height: no eye sees it, and a third less is sent."""
    unit = np.float32(2.0 ** math.floor(math.log2(grid.top / 2**13)))
    return replace(grid, z=np.round(grid.z / unit) * unit)


def _heights(surface: Call, x: np.ndarray, y: np.ndarray) -> Heights:
    best, top, unit = extent(surface)
    loss = _loss(surface, *np.meshgrid(x, y))
    with np.errstate(over="ignore"):  # two losses may be farther apart than any number is large
        z = height((loss - best) / unit, 0.0)
    return Heights(x.astype(np.float32), y.astype(np.float32), z, best, top, unit)


def _axis(low: float, high: float, extent: float) -> np.ndarray:
    """Fine steps from low to high, then growing ones, `extent` in all."""
    inner = np.linspace(low, high, INNER)
    margin = (extent - (high - low)) / 2
    share = np.arange(1, OUTER + 1) / OUTER
    slope = min(1.0, (inner[1] - inner[0]) * OUTER / margin)
    outer = margin * (slope * share + (1 - slope) * share**3)
    return np.concatenate([low - outer[::-1], inner, high + outer])


def _loss(surface: Call, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(evaluate(surface, x, y), dtype=float), x.shape)
