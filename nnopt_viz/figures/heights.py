"""The height that map and 3D sheet show, on a grid: of one of two scales.

"log": log10(1 + (loss − best)/unit). Where losses span many powers of ten the logarithm keeps the
valley floors readable, and adding 1 keeps the best point at height 0. The unit is 1 where losses
differ by more than `SMALL`; where they hardly do, it is all that they differ by, or the map would
be of one colour.

"linear": (loss − best)/unit, the unit being all that they differ by.

The surface chooses (`chosen`): linear, unless the logarithm shares the ground among the levels
clearly more evenly. A slope, and a bowl, are shared evenly by the losses themselves, and crowded
to the rim by their logarithm; of a valley with steep walls losses would show the walls alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.surfaces import SURFACES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

Scale = Literal["log", "linear"]
SCALES: tuple[Scale, ...] = ("log", "linear")
LEVELS = 16  # contour levels, and what the ground is shared among
# By so much must the logarithm share the ground more evenly (1: every level has as much of it).
CLEARLY = 0.1
# Views from this narrow (width / height) to this wide show no bare strip of paper.
NARROWEST, WIDEST = 0.6, 2.4
# Beyond this ratio of the two ranges, equal scales would make a sliver of the map.
UNEQUAL = 3.0
SMALL = 0.01
HIGHEST = 1e30  # as high as anything is drawn
EDGE = 4001  # points along a side of the bounds
INNER, OUTER = 160, 20  # points across the bounds, and on each side of them
COARSE = 56, 8  # the same of what is drawn first


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """A grid of heights.

    Args:
        x: grid line positions, shape (columns,), float32.
        y: grid line positions, shape (rows,), float32.
        z: log10(1 + (loss − best)/unit), or (loss − best)/unit, shape (rows, columns), float32.
        best: the lowest loss inside the bounds.
        top: the greatest height inside the bounds.
        unit: of the loss: on a log scale 1 on most surfaces; where losses differ by little, less.
        scale: "log" or "linear".
        word: what the loss is, where it is not simply the loss.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    best: float
    top: float
    unit: float = 1.0
    scale: Scale = "log"
    word: str = "loss"

    @property
    def highest(self) -> float:
        """The greatest loss inside the bounds."""
        above = self.top if self.scale == "linear" else 10**self.top - 1
        return float(self.best + self.unit * above)

    @property
    def meaning(self) -> dict[str, float | str]:
        """What the heights mean, as a figure's `layout.meta` says it."""
        return {
            "best": self.best, "top": self.top, "unit": self.unit, "scale": self.scale,
            "word": self.word,
        }  # fmt: skip

    def height_of(self, loss: np.ndarray) -> np.ndarray:
        """The height of losses; what is not finite counts as very high."""
        with np.errstate(all="ignore"):
            above = (np.asarray(loss) - self.best) / self.unit
        return height(above, 0.0, self.scale)


def height(loss: np.ndarray, best: float, scale: Scale = "log") -> np.ndarray:
    """log10(1 + loss − best), or loss − best; 0 below best; not finite counts as very high."""
    with np.errstate(all="ignore"):
        above = np.nan_to_num(np.asarray(loss) - best, nan=HIGHEST, posinf=HIGHEST, neginf=0.0)
    above = np.clip(above, 0.0, HIGHEST)
    return np.asarray(above if scale == "linear" else np.log10(1.0 + above), dtype=np.float32)


def is_unequal(surface: Call) -> bool:
    """Are the two ranges so different that x and y need scales of their own?"""
    left, right, low, high = surface_entry(surface).bounds
    ratio = (right - left) / (high - low)
    return not 1 / UNEQUAL <= ratio <= UNEQUAL


@lru_cache(maxsize=64)
def extent(surface: Call, scale: Scale | None = None) -> tuple[float, float, float]:
    """The lowest loss inside the bounds, the greatest height there, and the loss's unit.

    Args:
        scale: "log" or "linear"; None for what the surface chooses.
    """
    best, span = _range(surface)
    if (scale or chosen(surface)) == "linear":
        return best, 1.0, span or 1.0
    unit = span if 0 < span < SMALL else 1.0
    return best, max(math.log10(1 + min(span / unit, HIGHEST)), 1e-6), unit


@lru_cache(maxsize=64)
def _range(surface: Call) -> tuple[float, float]:
    """The lowest loss inside the bounds, and by how much the highest there is above it."""
    left, right, low, high = surface_entry(surface).bounds
    loss = _even(surface)
    inside = [m for m in find_minima(surface) if left <= m.x <= right and low <= m.y <= high]
    if not loss.size:
        return min((m.loss for m in inside), default=0.0), 0.0
    best = min([*(m.loss for m in inside), float(loss.min())])
    if not any(m.is_global for m in inside):  # then the lowest may be on an edge
        around = _loss(surface, *_edges(left, right, low, high))
        best = min(best, float(around[np.isfinite(around)].min(initial=math.inf)))
    return best, float(loss.max()) - best


def _even(surface: Call) -> NDArray[np.float64]:
    """The finite losses on an even grid over the bounds."""
    left, right, low, high = surface_entry(surface).bounds
    x, y = np.meshgrid(np.linspace(left, right, 201), np.linspace(low, high, 201))
    loss = _loss(surface, x, y)
    return np.asarray(loss[np.isfinite(loss)])


@lru_cache(maxsize=128)
def chosen(surface: Call) -> Scale:
    """The scale of a surface: as it is declared, else the one that suits its losses.

    Those with knobs as they are declared and before any drift, so that the picture does not change
    its kind while something slides.
    """
    declared = SURFACES.get(surface.name)
    if declared is not None:
        return declared.scale or suited(_even(SURFACES.call(surface.name)))
    return suited(_even(surface.replace(s=0.0) if "s" in surface.numbers() else surface))


def suited(loss: NDArray[np.float64]) -> Scale:
    """The scale that suits losses evenly spread over the ground, finite, any shape."""
    span = float(np.ptp(loss)) if loss.size else 0.0
    if not 0 < span < math.inf:
        return "linear"
    share = (loss - loss.min()) / span
    unit = span if span < SMALL else 1.0
    logarithms = np.log1p(share * (span / unit)) / math.log1p(span / unit)
    return "log" if evenness(logarithms) > evenness(share) + CLEARLY else "linear"


def evenness(share: NDArray[np.float64]) -> float:
    """How evenly values from 0 to 1 fill the levels: 1 when all hold as many, 0 when one has all.

    The entropy of the shares of the levels, over its greatest.
    """
    count, _ = np.histogram(np.clip(share, 0.0, 1.0), LEVELS, (0.0, 1.0))
    part = count[count > 0] / share.size
    return float(-(part * np.log(part)).sum() / math.log(LEVELS))


def _edges(left: float, right: float, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Points all around, closer than those of a grid."""
    along, up = np.linspace(left, right, EDGE), np.linspace(low, high, EDGE)
    x = np.concatenate([along, along, np.full(EDGE, left), np.full(EDGE, right)])
    return x, np.concatenate([np.full(EDGE, low), np.full(EDGE, high), up, up])


def sheet(surface: Call, points: int, scale: Scale | None = None) -> Heights:
    """Heights over the bounds, `points` a side, on a scale or the one that the surface chooses."""
    left, right, low, high = surface_entry(surface).bounds
    x, y = np.linspace(left, right, points), np.linspace(low, high, points)
    return _rounded(_heights(surface, x, y, scale))


def on_one_scale(grounds: dict[float, Heights]) -> dict[float, Heights]:
    """States of a surface that moves, under one top, and on one linear scale if they have one."""
    made, first = grounds, next(iter(grounds.values()))
    if first.scale == "linear":
        best = min(ground.best for ground in grounds.values())
        unit = (max(ground.highest for ground in grounds.values()) - best) or 1.0
        made = {
            s: replace(
                ground, best=best, unit=unit, top=(ground.highest - best) / unit,
                z=((ground.z * ground.unit + (ground.best - best)) / unit).astype(np.float32),
            )
            for s, ground in grounds.items()
        }  # fmt: skip
    top = max(ground.top for ground in made.values())
    return {s: replace(ground, top=top) for s, ground in made.items()}


def map_grid(surface: Call, scale: Scale | None = None) -> Heights:
    """Heights over the bounds and as far around them as any shape of view shows."""
    return _rounded(_heights(surface, *_axes(surface, INNER, OUTER), scale))


def coarse_grid(surface: Call) -> Heights:
    """The same ground with few points, for what is drawn first."""
    return _heights(surface, *_axes(surface, *COARSE), None)


def _axes(surface: Call, inner: int, outer: int) -> tuple[np.ndarray, np.ndarray]:
    left, right, low, high = surface_entry(surface).bounds
    width, tall = right - left, high - low
    if is_unequal(surface):
        wide, deep = width * 1.5, tall * 1.5
    else:
        wide, deep = max(width * 1.2, WIDEST * tall), max(tall * 1.2, width / NARROWEST)
    return _axis(left, right, wide, inner, outer), _axis(low, high, deep, inner, outer)


def _rounded(grid: Heights) -> Heights:
    """To about 13 bits of the greatest height: no eye sees it, and a third less is sent."""
    unit = np.float32(2.0 ** math.floor(math.log2(grid.top / 2**13)))
    return replace(grid, z=np.round(grid.z / unit) * unit)


def _heights(surface: Call, x: np.ndarray, y: np.ndarray, scale: Scale | None) -> Heights:
    scale = scale or chosen(surface)
    best, top, unit = extent(surface, scale)
    loss = _loss(surface, *np.meshgrid(x, y))
    with np.errstate(over="ignore"):  # two losses may be farther apart than any number is large
        z = height((loss - best) / unit, 0.0, scale)
    return Heights(x.astype(np.float32), y.astype(np.float32), z, best, top, unit, scale)


def _axis(low: float, high: float, extent: float, points: int, further: int) -> np.ndarray:
    """Fine steps from low to high, then growing ones, `extent` in all."""
    inner = np.linspace(low, high, points)
    margin = (extent - (high - low)) / 2
    share = np.arange(1, further + 1) / further
    slope = min(1.0, (inner[1] - inner[0]) * further / margin)
    outer = margin * (slope * share + (1 - slope) * share**3)
    return np.concatenate([low - outer[::-1], inner, high + outer])


def _loss(surface: Call, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(evaluate(surface, x, y), dtype=float), x.shape)
