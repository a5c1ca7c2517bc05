"""The map: the loss from above, as bands and isolines. The player draws the runs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.figures import ticks
from nnopt_viz.figures.heights import is_unequal, map_grid
from nnopt_viz.figures.palette import FONT, palette, scale
from nnopt_viz.figures.plain import figure_of, plain

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.figures.heights import Heights
    from nnopt_viz.figures.plain import Figure

LEVELS = 16


def contour_figure(surface: Call, theme: str) -> go.Figure:
    """Contour map of a surface.

    Args:
        surface: which one, with its knobs.
        theme: "light" or "dark".

    Returns:
        One contour trace; `layout.meta` says what its heights mean.
    """
    return figure_of(plain_map(surface, theme))


def plain_map(surface: Call, theme: str) -> Figure:
    """The same as a plain dictionary."""
    bounds = surface_entry(surface).bounds
    is_equal = not is_unequal(surface)
    # a zoom stays, but not on another surface
    return map_of(map_grid(surface), bounds, theme, is_equal, uirevision=surface.name)


def map_of(
    grid: Heights,
    bounds: tuple[float, float, float, float],
    theme: str,
    is_equal: bool,
    **more: Any,
) -> Figure:
    """Contour map of a grid of heights, its view at the bounds.

    Args:
        is_equal: a unit is as long upwards as across.
        more: of the layout; `meta` comes on top of what the heights mean.
    """
    colours = palette(theme)
    size = grid.top / LEVELS
    line = {"color": colours.map_line, "width": 0.75 if grid.top > 0.5 else 1, "smoothing": 0}
    trace = {
        "type": "contour",
        "x": grid.x,
        "y": grid.y,
        "z": grid.z,
        "zmin": 0,
        "zmax": grid.top,
        "colorscale": scale(colours.map_stops),
        "showscale": False,
        "hoverinfo": "none",
        "line": line,
        "contours": {"start": size, "end": grid.top - size / 2, "size": size, "coloring": "fill"},
    }
    left, right, low, high = bounds
    meta = {
        "best": grid.best,
        "top": grid.top,
        "unit": grid.unit,
        "bounds": [left, right, low, high],
    }
    tick_font = {"tickfont": {"size": 11, "color": colours.ink}}
    equal = {"scaleanchor": "x", "scaleratio": 1} if is_equal else {}
    layout: dict[str, Any] = {
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "font": {"family": FONT, "size": 11, "color": colours.ink},
        "dragmode": "pan",
        "xaxis": map_axis("x", left, right, grid.x) | tick_font,
        "yaxis": map_axis("y", low, high, grid.y) | tick_font | equal,
    }
    return plain([trace], **layout | more | {"meta": meta | more.get("meta", {})})


def map_axis(name: str, low: float, high: float, drawn: np.ndarray) -> dict[str, object]:
    """Ticks inside the map; one of them carries the axis' name: `x = −4`."""
    named = ticks.label(ticks.first(low, high) if name == "x" else ticks.last(low, high))
    return {
        "range": [low, high],
        "minallowed": float(drawn[0]),
        "maxallowed": float(drawn[-1]),
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "ticklabelposition": "inside",
        "tickmode": "auto",
        "nticks": 7,
        "labelalias": {named: f"{name} = {named}"},
        "constrain": "range",
    }
