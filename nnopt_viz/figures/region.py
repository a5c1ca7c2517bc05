"""A part of a surface's map drawn finely, or what lies around its region.

Height 0 and the top stay those of the surface's own region, so that colours and contour lines
stay when one zooms. What lies below the lowest loss of that region has a height below 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from nnopt_viz.figures.contour import map_of
from nnopt_viz.figures.heights import HIGHEST, LEVELS, Heights, chosen, extent, height, is_unequal
from nnopt_viz.figures.plain import Figure, as_text
from nnopt_viz.judge.evaluate import evaluate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.figures.heights import Scale

    Array = NDArray[Any]

POINTS = 200  # grid lines a side
FARTHEST = 1e15  # from 0: how far away a region may lie
THINNEST = 1e-12  # width of a region over its distance from 0: float64 has 16 digits
FEW, MANY = 0.5, 2.0  # so many times the wanted levels cross the region, at least and at most
STEPS = 2**13  # a height is rounded to so many steps of what the region spans


@dataclass(frozen=True, slots=True)
class Region:
    """What is looked at: left < right, low < high, finite."""

    left: float
    right: float
    low: float
    high: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return self.left, self.right, self.low, self.high


class Part(TypedDict):
    """A part of the map.

    Args:
        map: a figure of Plotly's; grids are base64 of floats.
    """

    map: Figure


@lru_cache(maxsize=32)
def region_json(
    surface: Call, theme: str, region: Region, scale: Scale | None = None, levels: int = LEVELS
) -> str:
    """`{map}`, compact: the map of a region, in the colours and heights of the whole.

    Args:
        surface: which one, with its knobs.
        theme: "light" or "dark".
        scale: of the heights: "log" or "linear"; None for what the surface chooses.
        levels: into how many the heights of the surface's own region are divided; where too few
            of their lines cross this region there are more between them, where too many do, every
            second, fourth … is left.
    """
    grid = region_grid(surface, region, scale)
    made = map_of(grid, region.bounds, theme, not is_unequal(surface), uirevision=surface.name)
    made["data"][0]["contours"] |= lines(grid, levels)
    part: Part = {"map": without_limits(made)}
    return as_text(part)


def without_limits(made: Figure) -> Figure:
    """A map that may be looked at anywhere: whoever shows it asks for what its grid lacks."""
    for axis in ("xaxis", "yaxis"):
        for limit in ("minallowed", "maxallowed"):
            made["layout"][axis].pop(limit, None)
    return made


def region_grid(surface: Call, region: Region, scale: Scale | None = None) -> Heights:
    """Heights over a region; x and y are float64, z float32 where that tells them apart."""
    scale = scale or chosen(surface)
    best, top, unit = extent(surface, scale)
    x = np.linspace(region.left, region.right, POINTS)
    y = np.linspace(region.low, region.high, POINTS)
    with np.errstate(all="ignore"):
        loss = np.broadcast_to(
            np.asarray(evaluate(surface, *np.meshgrid(x, y)), dtype=float), (POINTS, POINTS)
        )
        above = np.nan_to_num((loss - best) / unit, nan=HIGHEST, posinf=HIGHEST, neginf=-HIGHEST)
    return Heights(x, y, _rounded(signed(above, scale), top), best, top, unit, scale)


def signed(above: Array, scale: Scale) -> Array:
    """Heights of losses above the lowest, in units; of those below it, below 0."""
    size = np.minimum(np.abs(above), HIGHEST)
    return np.asarray(np.copysign(size if scale == "linear" else np.log10(1.0 + size), above))


def lines(grid: Heights, levels: int) -> dict[str, float]:
    """Where the contour lines of a region begin and end, and how far apart they are.

    They are those of the whole map, or halves or doubles of its steps.
    """
    size = grid.top / levels
    inside = grid.z[np.abs(grid.z) < float(height(np.array(HIGHEST), 0.0, grid.scale))]
    low, high = (float(inside.min()), float(inside.max())) if inside.size else (0.0, grid.top)
    while 0 < high - low < FEW * levels * size:
        size /= 2
    while high - low > MANY * levels * size:
        size *= 2
    first, last = math.ceil(low / size), math.floor(high / size)
    return {"start": first * size, "end": (last + 0.5) * size, "size": size}


def _rounded(z: Array, top: float) -> Array:
    """No finer than an eye sees in this region: a third less is sent."""
    span = min(top, float(z.max() - z.min()))
    if span <= 0:
        return np.asarray(z, dtype=np.float32)
    unit = 2.0 ** math.floor(math.log2(span / STEPS))
    made = np.round(z / unit) * unit
    is_single = float(np.abs(made).max()) * 2.0**-22 < unit
    return np.asarray(made, dtype=np.float32 if is_single else np.float64)
