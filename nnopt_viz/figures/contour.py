"""The map: the loss from above, isolines over a relief. The player draws the runs on it.

What is sent to the browser holds the isolines, and in `layout.meta.relief` what the relief is
made of: the page draws it at the screen's resolution. A figure for Python holds it as a picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.figures import ticks
from nnopt_viz.figures.heights import LEVELS, is_unequal, map_grid
from nnopt_viz.figures.palette import BEYOND, FONT, LINE, palette, shadow
from nnopt_viz.figures.plain import figure_of, plain
from nnopt_viz.figures.relief import look, spans, under

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.figures.heights import Heights, Scale
    from nnopt_viz.figures.plain import Figure


def contour_figure(surface: Call, theme: str) -> go.Figure:
    """Contour map of a surface.

    Args:
        surface: which one, with its knobs.
        theme: "light" or "dark".

    Returns:
        One contour trace over its relief; `layout.meta` says what its heights mean.
    """
    grid = map_grid(surface)
    made = plain_map(surface, theme)
    per = made["layout"]["meta"]["relief"]["spans"]
    made["layout"]["images"] = [under(grid, per, palette(theme))]
    return figure_of(made)


def plain_map(
    surface: Call, theme: str, scale: Scale | None = None, levels: int = LEVELS
) -> Figure:
    """The isolines as a plain dictionary.

    Args:
        scale: of the heights: "log" or "linear"; None for what the surface chooses.
        levels: into how many the heights are divided.
    """
    bounds = surface_entry(surface).bounds
    is_equal = not is_unequal(surface)
    # a zoom stays, but not on another surface
    return map_of(
        map_grid(surface, scale), bounds, theme, is_equal, levels, uirevision=surface.name
    )


def map_of(
    grid: Heights,
    bounds: tuple[float, float, float, float],
    theme: str,
    is_equal: bool,
    levels: int = LEVELS,
    **more: Any,
) -> Figure:
    """Contour map of a grid of heights, its view at the bounds.

    Args:
        is_equal: a unit is as long upwards as across.
        levels: into how many the heights are divided: one line fewer.
        more: of the layout; `meta` comes on top of what the heights mean.
    """
    colours = palette(theme)
    size = grid.top / levels
    end = BEYOND * grid.top - size / 2  # the region is left on the way
    line = {"color": colours.map_line, "width": LINE, "smoothing": 0}
    trace = {
        "type": "contour",
        "x": grid.x,
        "y": grid.y,
        "z": grid.z,
        "showscale": False,
        "hoverinfo": "none",
        "line": line,
        "contours": {"start": size, "end": end, "size": size, "coloring": "none"},
    }
    left, right, low, high = bounds
    meta = grid.meaning | {
        "bounds": [left, right, low, high],
        "relief": look(colours, spans(bounds, is_equal)),
    }
    tick_font = {"tickfont": {"size": 11, "color": colours.ink, "shadow": shadow(colours)}}
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
