"""Map and 3D view of a network's slice, and what their heights mean.

Heights are log10(1 + (loss - best)/unit): a unit of a hundredth of the range shows both the
floor of a valley, where training ends, and its walls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from plotly.io.json import to_json_plotly

from nnopt_viz.figures import ticks
from nnopt_viz.figures.contour import map_figure
from nnopt_viz.figures.heights import NARROWEST, WIDEST, Heights, height
from nnopt_viz.figures.scene import sheet_figure, words_id
from nnopt_viz.slices import heights as slice_heights

if TYPE_CHECKING:
    from nnopt_viz.lab_result import Result

Array = NDArray[Any]

COARSE, FINE = 26, 101  # grid lines a side
OUTSIDE = 0.2  # of the grid lines lie beyond the bounds, where only a wide view looks
SHARE = 100  # units of height in the range of losses
OPACITY = 0.86  # of the sheet, so that a true loss below it stays visible
CEILING = 90.0  # percentile of the heights inside the bounds at which walls are cut off, at least


def lab_json(made: Result, theme: str, cells: int) -> str:
    """`{map, scene, facts}` of a result's slice, as `/figures.json` gives a surface's."""
    return as_text(lab_figures(made, theme, cells))


def as_text(value: Any) -> str:
    """JSON, with figures and what stands around them; grids are packed, not finite is null."""
    return str(to_json_plotly(value, engine="orjson"))


def lab_figures(made: Result, theme: str, cells: int) -> dict[str, Any]:
    """Map and 3D view as plain dictionaries, and best, top, unit and bounds."""
    bounds = made.slice.bounds
    left, right, low, high = bounds
    inner = cells - 2 * round(OUTSIDE * cells / 2)
    wide = max((right - left) * 1.2, WIDEST * (high - low))
    tall = max((high - low) * 1.2, (right - left) / NARROWEST)
    x, y = _axis(left, right, wide, inner, cells), _axis(low, high, tall, inner, cells)
    gx, gy = (np.asarray(g) for g in np.meshgrid(x, y))
    loss = slice_heights(made.lab, made.slice.plane, gx.ravel(), gy.ravel()).reshape(gx.shape)
    edge = (cells - inner) // 2
    part = slice(edge, edge + inner)
    whole = _heights(made, x, y, loss, loss[part, part])
    sheet = _heights(made, x[part], y[part], loss[part, part], loss[part, part])
    unit = float(_unit(loss[part, part]))
    flat, solid = map_figure(whole, bounds, theme), sheet_figure(sheet, bounds, theme)
    words = _labels(made)
    for figure in (flat, solid):
        meta = figure.layout.meta | {"unit": unit, "free": True, "word": words}
        figure.update_layout(meta=meta, uirevision=_revision(made))
    flat.update_yaxes(scaleanchor="x", scaleratio=1)
    solid.data[0].opacity = OPACITY
    _relabel(solid.data[-1], sheet, unit)
    facts = {"minima": [], "bounds": list(bounds), "best": whole.best, "top": whole.top}
    return {"map": flat.to_dict(), "scene": solid.to_dict(), "facts": facts}


def _labels(made: Result) -> str:
    return {"train": "train loss", "test": "test loss", "accuracy": "error"}[
        str(made.lab.plane["height"])
    ]


def _revision(made: Result) -> str:
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


def _heights(made: Result, x: Array, y: Array, loss: Array, inside: Array) -> Heights:
    unit = _unit(inside)
    finite = inside[np.isfinite(inside)]
    ends = made.true[:, -1][np.isfinite(made.true[:, -1])]
    best = float(min([*ends, finite.min()] if finite.size else [*ends, 0.0]))
    z = height((loss - best) / unit, 0.0)
    start = made.true[:, 0][np.isfinite(made.true[:, 0])]
    need = height((start - best) / unit, 0.0).max() if start.size else 0.0
    walls = height((finite - best) / unit, 0.0)
    top = max(float(np.percentile(walls, CEILING)) if walls.size else 1.0, float(need), 1e-6)
    top = min(top * 1.08, float(walls.max())) if walls.size else top
    return Heights(x.astype(np.float32), y.astype(np.float32), z, best, max(top, 1e-6))


def _relabel(words: Any, grid: Heights, unit: float) -> None:
    """The scale beside the sheet in losses: round ones between best and top."""
    highest = grid.best + unit * (10**grid.top - 1)
    low, left = float(grid.y[0]), float(grid.x[0] - 0.01 * (grid.x[-1] - grid.x[0]))
    values = _round_losses(grid.best, highest)
    at = [float(height(np.array([(v - grid.best) / unit]), 0.0)[0]) for v in values]
    kept: list[int] = []
    for i, h in enumerate(at):
        if not kept or h - at[kept[-1]] > 0.2 * grid.top:
            kept.append(i)
    words.x = [*words.x[:2], *([left] * len(kept))]
    words.y = [*words.y[:2], *([low] * len(kept))]
    words.z = [*words.z[:2], *(at[i] for i in kept)]
    names = [ticks.label(values[i]) for i in kept]
    words.text = [*words.text[:2], *names]
    words.uid = words_id(names)
    words.textposition = [*words.textposition[:2], *(["middle left"] * len(kept))]


def _round_losses(best: float, top: float) -> list[float]:
    """1, 2 or 5 times powers of ten from best to top."""
    if top <= 0:
        return []
    floor = max(best, top / 1000)
    powers = range(int(np.floor(np.log10(floor))), int(np.ceil(np.log10(top))) + 1)
    found = [float(f"{m}e{p}") for p in powers for m in (1, 2, 5)]
    return [v for v in found if floor <= v <= 0.97 * top]
