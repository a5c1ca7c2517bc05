"""A surface of one weight as its curve: x across, the loss upwards; and x over the step.

The player draws the runs on both, and gives the second its steps. On a linear scale the curve's
upward axis is the loss itself, so that a tangent is a straight line and its slope the gradient; on
a log scale it is the height of `figures.heights`, with the losses written at its ticks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.written import shown
from nnopt_viz.figures import ticks
from nnopt_viz.figures.contour import map_axis
from nnopt_viz.figures.heights import Heights, chosen, extent
from nnopt_viz.figures.palette import FONT, palette, tinted
from nnopt_viz.figures.plain import plain
from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.minima import find_minima
from nnopt_viz.judge.one_weight import home

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.figures.heights import Scale
    from nnopt_viz.figures.palette import Palette
    from nnopt_viz.figures.plain import Figure

    Array = NDArray[np.float64]

INSIDE, BESIDE = 1601, 400  # points across the bounds, and on each side of them
FARTHER = 1.0  # widths of the bounds that the curve goes on, on each side
BELOW, ABOVE = 0.2, 0.08  # room under the lowest loss and above the highest, shares of the range
DEEP = 20.0  # ranges below the lowest loss that the ground under the curve reaches
GROUND = 0.8  # how much of the ramp's second colour it has
LINE = 2.25  # px
LEFT = 52  # px: for the losses, and for the steps, so that x lies alike in both pictures


def plain_curve(surface: Call, theme: str, scale: Scale | None = None) -> Figure:
    """The curve of a surface of one weight.

    Args:
        surface: which one, with its knobs; its formula reads x alone.
        theme: "light" or "dark".
        scale: of the heights: "log" or "linear"; None for what the surface chooses.

    Returns:
        The ground below the curve, and the curve, whose `customdata` is the slope f'(x) at each
        of its points; `layout.meta.kind` is "curve".
    """
    colours, sampled = palette(theme), _sampled(surface)
    left, right, low, high = surface_entry(surface).bounds
    heights = _heights(surface, scale or chosen(surface))
    upward = _upward(heights, sampled[1])
    bottom, top = _range(heights)
    layout: dict[str, Any] = {
        "plot_bgcolor": colours.paper,
        "margin": {"l": LEFT, "r": 0, "t": 0, "b": 0},
        "font": {"family": FONT, "size": 11, "color": colours.ink},
        "dragmode": "pan",
        "uirevision": surface.name,
        "xaxis": map_axis("x", left, right, sampled[0]) | _ink(colours),
        "yaxis": _loss_axis(heights, bottom, top, colours),
        "meta": heights.meaning | {"kind": "curve", "bounds": [left, right, low, high]},
    }
    deep = bottom - DEEP * (top - bottom)
    ends = sampled[0][[0, -1]]
    ground = {
        "type": "scatter", "uid": "ground", "x": ends, "y": np.full(2, deep), "mode": "lines",
        "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip
    curve = {
        "type": "scatter", "uid": "curve", "x": sampled[0], "y": upward, "customdata": sampled[2],
        "mode": "lines", "line": {"color": colours.ink2, "width": LINE, "simplify": False},
        "hoverinfo": "none",
        "fill": "tonexty", "fillcolor": tinted(colours.ramp[1], GROUND),
    }  # fmt: skip
    return plain([ground, curve], **layout)


def plain_steps(surface: Call, theme: str) -> Figure:
    """An empty picture of x over the step: x across as on the curve, the steps downwards."""
    colours = palette(theme)
    left, right, low, high = surface_entry(surface).bounds
    layout: dict[str, Any] = {
        "plot_bgcolor": colours.paper,
        "margin": {"l": LEFT, "r": 0, "t": 0, "b": 0},
        "font": {"family": FONT, "size": 11, "color": colours.ink},
        "dragmode": False,
        "uirevision": "steps",
        "xaxis": map_axis("x", left, right, np.array([left, right])) | _ink(colours)
        | {"fixedrange": True},
        "yaxis": _axis(colours) | {"range": [100, 0], "fixedrange": True, "showgrid": True,
                                   "gridcolor": colours.hairline},
        "meta": {"kind": "steps", "bounds": [left, right, low, high]},
    }  # fmt: skip
    return plain([], **layout)


def stamp(surface: Call, side: int, scale: Scale | None = None) -> Array:
    """How much of the ground each pixel of a small picture shows, 0 to 1, shape (side, side).

    The ground ends at the curve; the row at the top is the highest.
    """
    heights = _heights(surface, scale or chosen(surface))
    left, right, _, _ = surface_entry(surface).bounds
    x = left + (right - left) * (np.arange(side) + 0.5) / side
    upward = _upward(heights, evaluate(surface, x, np.full(side, home(surface))))
    bottom, top = _range(heights)
    share = np.nan_to_num((upward - bottom) / (top - bottom), nan=0.0, posinf=1.0, neginf=0.0)
    rows = np.arange(side)[::-1, None]
    return np.asarray(np.clip(share * side - rows, 0.0, 1.0))


def _sampled(surface: Call) -> tuple[Array, Array, Array]:
    """x, loss and slope along the curve, each of shape (points,); the minima are among them."""
    left, right, _, _ = surface_entry(surface).bounds
    reach = FARTHER * (right - left)
    x = np.unique(
        np.concatenate(
            [
                np.linspace(left - reach, left, BESIDE),
                np.linspace(left, right, INSIDE),
                np.linspace(right, right + reach, BESIDE),
                [m.x for m in find_minima(surface)],
            ]
        )
    )
    loss, slope = evaluate(surface, x, np.full_like(x, home(surface)), 1)
    return x, np.where(np.isfinite(loss), loss, np.nan), slope[0]


def _heights(surface: Call, scale: Scale) -> Heights:
    """What heights mean on this surface; of no grid."""
    best, top, unit = extent(surface, scale)
    none = np.empty(0, dtype=np.float32)
    return Heights(none, none, none, best, top, unit, scale)


def _upward(heights: Heights, loss: Array) -> Array:
    """Where losses stand on the upward axis; NaN stays NaN."""
    if heights.scale == "linear":
        return loss
    return np.where(np.isnan(loss), np.nan, heights.height_of(loss))


def _range(heights: Heights) -> tuple[float, float]:
    """The ends of the upward axis."""
    low, high = (heights.best, heights.highest) if heights.scale == "linear" else (0.0, heights.top)
    room = (high - low) or 1.0
    return low - BELOW * room, high + ABOVE * room


def _loss_axis(heights: Heights, bottom: float, top: float, colours: Palette) -> dict[str, Any]:
    made = _axis(colours) | {"range": [bottom, top]}
    if heights.scale == "linear":
        return made | {"nticks": 7}
    at = ticks.decades(heights.top)
    losses = [heights.best + heights.unit * (10**h - 1) for h in at]
    names = [shown(loss, 3) for loss in losses]
    return made | {"tickmode": "array", "tickvals": at, "ticktext": names}


def _axis(colours: Palette) -> dict[str, Any]:
    return {
        "showgrid": False, "zeroline": False, "showline": False, "ticks": "",
        "ticklabelposition": "outside", "automargin": False,
    } | _ink(colours)  # fmt: skip


def _ink(colours: Palette) -> dict[str, Any]:
    return {"tickfont": {"size": 11, "color": colours.ink}}
