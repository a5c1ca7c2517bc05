"""Map and 3D view of a network's slice, and what their heights mean.

Heights are log10(1 + (loss - best)/unit): a unit of a hundredth of the range shows both the
floor of a valley, where training ends, and its walls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.figures.contour import map_of
from nnopt_viz.figures.heights import NARROWEST, WIDEST, Heights, height
from nnopt_viz.figures.plain import as_text
from nnopt_viz.figures.scene import scene_of
from nnopt_viz.figures.surface_json import Facts, Slice
from nnopt_viz.lab.slices import WORDS
from nnopt_viz.lab.slices import heights as slice_heights

if TYPE_CHECKING:
    from nnopt_viz.lab.result import Seen

Array = NDArray[Any]

COARSE, FINE = 26, 101  # grid lines a side
OUTSIDE = 0.2  # of the grid lines lie beyond the bounds, where only a wide view looks
SHARE = 100  # units of height in the range of losses
OPACITY = 0.86  # of the sheet, so that a true loss below it stays visible
CEILING = 90.0  # percentile of the heights inside the bounds at which walls are cut off, at least


def lab_json(made: Seen, theme: str, cells: int) -> str:
    """`{map, scene, facts}` of a result's slice, as `/figures.json` gives a surface's."""
    return as_text(lab_figures(made, theme, cells))


def lab_figures(made: Seen, theme: str, cells: int) -> Slice:
    """Map and 3D view as plain dictionaries, and best, top, unit and bounds.

    Raises:
        PlaneError: when the plane does not exist.
    """
    _, bounds = made.slice.there()
    left, right, low, high = bounds
    inner = cells - 2 * round(OUTSIDE * cells / 2)
    wide = max((right - left) * 1.2, WIDEST * (high - low))
    tall = max((high - low) * 1.2, (right - left) / NARROWEST)
    x, y = _axis(left, right, wide, inner, cells), _axis(low, high, tall, inner, cells)
    loss = _losses(made, x, y)
    edge = (cells - inner) // 2
    part = slice(edge, edge + inner)
    whole = _heights(made, x, y, loss, loss[part, part])
    sheet = _heights(made, x[part], y[part], loss[part, part], loss[part, part])
    more: dict[str, Any] = {
        "meta": {"free": True},
        "uirevision": _revision(made),
    }
    flat = map_of(whole, bounds, theme, is_equal=True, **more)
    solid = scene_of(sheet, bounds, theme, **more)
    solid["data"][0]["opacity"] = OPACITY
    facts: Facts = {"minima": [], "bounds": bounds, "best": whole.best, "top": whole.top}
    return {"map": flat, "scene": solid, "facts": facts}


def slice_sheet(made: Seen, points: int) -> Heights:
    """The slice inside its bounds, `points` a side."""
    _, (left, right, low, high) = made.slice.there()
    x, y = np.linspace(left, right, points), np.linspace(low, high, points)
    loss = _losses(made, x, y)
    return _heights(made, x, y, loss, loss)


def _losses(made: Seen, x: Array, y: Array) -> Array:
    gx, gy = (np.asarray(g) for g in np.meshgrid(x, y))
    plane, _ = made.slice.there()
    return slice_heights(made.lab, plane, gx.ravel(), gy.ravel()).reshape(gx.shape)


def _revision(made: Seen) -> str:
    """A zoom stays while the plane does."""
    return f"{made.lab.plane} {made.is_whole}"


def _axis(low: float, high: float, extent: float, inner: int, cells: int) -> Array:
    """Even grid lines from low to high, and further ones beyond, `extent` in all."""
    margin, outer = (extent - (high - low)) / 2, (cells - inner) // 2
    share = np.arange(1, outer + 1) / outer
    beyond = margin * share**1.5
    return np.concatenate([low - beyond[::-1], np.linspace(low, high, inner), high + beyond])


def _unit(inside: Array) -> float:
    finite = inside[np.isfinite(inside)]
    span = float(np.percentile(finite, CEILING) - finite.min()) if finite.size else 1.0
    return max(span / SHARE, 1e-12)


def _heights(made: Seen, x: Array, y: Array, loss: Array, inside: Array) -> Heights:
    unit, word = _unit(inside), WORDS[str(made.lab.plane["height"])]
    finite = inside[np.isfinite(inside)]
    ends = made.true[:, -1][np.isfinite(made.true[:, -1])]
    best = float(min([*ends, finite.min()] if finite.size else [*ends, 0.0]))
    z = height((loss - best) / unit, 0.0)
    start = made.true[:, 0][np.isfinite(made.true[:, 0])]
    need = height((start - best) / unit, 0.0).max() if start.size else 0.0
    walls = height((finite - best) / unit, 0.0)
    top = max(float(np.percentile(walls, CEILING)) if walls.size else 1.0, float(need), 1e-6)
    top = min(top * 1.08, float(walls.max())) if walls.size else top
    return Heights(
        x.astype(np.float32), y.astype(np.float32), z, best, max(top, 1e-6), unit, word=word
    )
