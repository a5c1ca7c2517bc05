"""The surface in 3D: a lit sheet with isolines and a fading skirt, no box and no grid."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.written import shown
from nnopt_viz.figures import ticks
from nnopt_viz.figures.heights import LEVELS, Heights, Scale, sheet
from nnopt_viz.figures.palette import FONT, Palette, palette, scale
from nnopt_viz.figures.plain import figure_of, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.figures.plain import Figure, Plain

POINTS = 96
LAST, NAMED = 0.95, 1.14  # heights of the last number and of what the scale is, of the top
HEADROOM = 1.04  # the range goes on a little above the top, for runners lifted off the sheet
ROOM = 0.08  # around the sheet on each side, as a share of its size
SIZES = {"x": 1.12, "y": 0.99, "z": 0.53}  # of sheet and skirt, in the scene's own units
SKIRT = 0.4  # how far the skirt hangs below height 0, as a share of the top
EYE = {"x": 0.34, "y": -1.15, "z": 1.17}
CAMERA = {
    "eye": EYE,
    "center": {"x": -0.07, "y": 0, "z": -0.07},
    "up": {"x": 0, "y": 0, "z": 1},
    "projection": {"type": "perspective"},
}
LIGHTING = {"ambient": 0.5, "diffuse": 0.75, "specular": 0.1, "roughness": 0.6, "fresnel": 0.05}


def scene_figure(surface: Call, theme: str) -> go.Figure:
    """3D view of a surface; x to the right and y away, as on the map.

    Args:
        surface: which one, with its knobs.
        theme: "light" or "dark".

    Returns:
        The sheet, its skirt and the axis words; z in data units is the
        height of `figures.heights`, ranges are fixed so that nothing drifts.
    """
    return figure_of(plain_scene(surface, theme))


def plain_scene(surface: Call, theme: str, scale: Scale | None = None) -> Figure:
    """The same as a plain dictionary, on a scale or the one that the surface chooses."""
    return scene_of(sheet(surface, POINTS, scale), surface_entry(surface).bounds, theme)


def scene_of(
    grid: Heights, bounds: tuple[float, float, float, float], theme: str, **more: Any
) -> Figure:
    """3D view of a grid of heights over the bounds; `more` as in `map_of`."""
    colours = palette(theme)
    left, right, low, high = bounds
    meta = grid.meaning | {
        "zmax": grid.top,
        "floor": -SKIRT * grid.top,
        "bounds": [left, right, low, high],
        "eye": EYE,
    }
    layout: dict[str, Any] = {
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "font": {"family": FONT, "size": 11, "color": colours.ink2},
        "uirevision": "race",
        "scene": scene_layout(bounds, grid.top),
    }
    traces = sheet_traces(grid, colours)
    return plain(traces, **layout | more | {"meta": meta | more.get("meta", {})})


def sheet_traces(grid: Heights, colours: Palette) -> list[Plain]:
    """The sheet, its skirt and the axis words."""
    floor = -SKIRT * grid.top
    size = grid.top / LEVELS
    main = {
        "type": "surface",
        "x": grid.x,
        "y": grid.y,
        "z": np.minimum(grid.z, np.float32(grid.top)),
        "cmin": 0,
        "cmax": grid.top,
        "colorscale": scale(colours.ramp),
        "showscale": False,
        "hoverinfo": "skip",
        "lighting": LIGHTING,
        "lightposition": {"x": -20000, "y": 60000, "z": 80000},
        "contours": {
            "z": {
                "show": True,
                "start": size,
                "end": grid.top,
                "size": size,
                "color": colours.sheet_line,
                "width": 1,
                "highlight": False,
            },
            "x": {"highlight": False},
            "y": {"highlight": False},
        },
    }
    return [main, _skirt(grid, floor, colours), _words(grid, floor, colours)]


def scene_layout(bounds: tuple[float, float, float, float], top: float) -> dict[str, Any]:
    """Ranges that fit sheet and skirt and stay, and where the eye is."""
    left, right, low, high = bounds
    hidden = {"visible": False, "showspikes": False, "autorange": False}
    return {
        "xaxis": hidden | {"range": _wider(left, right)},
        "yaxis": hidden | {"range": _wider(low, high)},
        "zaxis": hidden | {"range": _wider(-SKIRT * top, top * HEADROOM)},
        "aspectmode": "manual",
        "aspectratio": {axis: size * (1 + 2 * ROOM) for axis, size in SIZES.items()},
        "camera": CAMERA,
        "dragmode": "turntable",
        "uirevision": "race",
        "bgcolor": "rgba(0,0,0,0)",
    }


def _wider(low: float, high: float) -> list[float]:
    """Room for words: Plotly clips at the range, and a wall exactly there turns to noise."""
    margin = ROOM * (high - low)
    return [low - margin, high + margin]


def _skirt(grid: Heights, floor: float, colours: Palette) -> Plain:
    """Four walls from the rim down, from tint to paper: they hide the underside.

    A mesh, because Plotly refines every surface to 180 points a side before it draws it:
    four walls as surfaces cost more than the sheet.
    """
    z = np.minimum(grid.z, np.float32(grid.top))
    west, east = np.full_like(grid.y, grid.x[0]), np.full_like(grid.y, grid.x[-1])
    south, north = np.full_like(grid.x, grid.y[0]), np.full_like(grid.x, grid.y[-1])
    # Once round the rim, the corners twice.
    x = np.concatenate([grid.x, east, grid.x[::-1], west])
    y = np.concatenate([south, grid.y, north, grid.y[::-1]])
    rim = np.concatenate([z[0], z[:, -1], z[-1, ::-1], z[::-1, 0]])
    count = x.size
    here = np.arange(count - 1, dtype=np.uint16)
    below, after = here + count, here + 1
    return {
        "type": "mesh3d",
        "x": np.tile(x, 2),
        "y": np.tile(y, 2),
        "z": np.concatenate([rim, np.full_like(rim, floor)]),
        "i": np.concatenate([here, after]),
        "j": np.concatenate([below, below]),
        "k": np.concatenate([after, below + 1]),
        "intensity": np.repeat(np.array([1, 0], dtype=np.uint8), count),
        "cmin": 0,
        "cmax": 1,
        "colorscale": [(0, colours.paper), (1, colours.ramp[1])],
        "showscale": False,
        "hoverinfo": "skip",
        "lighting": {"ambient": 1, "diffuse": 0, "specular": 0},
    }


def words_id(names: list[str]) -> str:
    """Of a trace with these words: Plotly writes words that are new to a trace at half their size,
    so other words are another trace."""
    return "words_" + re.sub(r"[^0-9]", "_", "_".join(names))  # Plotly makes a CSS class of it


def _scale(grid: Heights) -> tuple[list[float], list[str]]:
    """Heights, and the losses that are written there."""
    if grid.scale == "linear":
        return _even(grid)
    if grid.unit == 1:
        heights = ticks.decades(grid.top)
        gaps = [0, *(round(10**h - 1) for h in heights[1:])]
        lowest = grid.best if abs(grid.best) > ticks.ROUNDING * 10**grid.top else 0.0
        return heights, [shown(lowest + gap, 10 if lowest == 0 else 3) for gap in gaps]
    highest = grid.highest
    if grid.best < 0:
        return [0.0, grid.top], [shown(grid.best, 2), shown(highest, 2)]
    heights, names = [], []
    for loss in ticks.one_two_five(grid.best, highest):
        (at,) = grid.height_of(np.array([loss])).tolist()
        if not heights or at - heights[-1] > 0.2 * grid.top:
            heights.append(at)
            names.append(ticks.label(loss))
    return (heights, names) if heights else ([0.0], [shown(grid.best, 4)])


def _even(grid: Heights) -> tuple[list[float], list[str]]:
    """The same on a linear scale: round losses, evenly spaced."""
    size = ticks.step(grid.best, grid.highest, 4)
    first, last = math.ceil(grid.best / size - 1e-6), math.floor(grid.highest / size + 1e-6)
    under = grid.best + LAST * (grid.highest - grid.best)
    losses = [size * i for i in range(first, last + 1) if size * i <= under]
    heights = [(loss - grid.best) / grid.unit for loss in losses]
    return heights, [ticks.label(loss) for loss in losses]


def _words(grid: Heights, floor: float, colours: Palette) -> Plain:
    """x, y and the loss scale as words in space: 0, 10, 100, and what they are: loss (log)."""
    left, right = float(grid.x[0]), float(grid.x[-1])
    low, high = float(grid.y[0]), float(grid.y[-1])
    wide, deep = right - left, high - low
    heights, names = _scale(grid)
    heights = [*heights, NAMED * grid.top]
    names = [*names, f"{grid.word} (log)" if grid.scale == "log" else grid.word]
    return {
        "type": "scatter3d",
        "x": [
            (left + right) / 2,
            right + 0.05 * wide,
            *([left - 0.01 * wide] * (len(heights) - 1)),
            left + 0.05 * wide,
        ],
        "y": [low - 0.06 * deep, (low + high) / 2, *([low] * len(heights))],
        "z": [floor * 0.3, grid.top * 0.85, *heights],
        "mode": "text",
        "text": ["x", "y", *names],
        "uid": words_id(names),
        "textposition": [
            "middle center",
            "middle center",
            *["middle left"] * (len(heights) - 1),
            "top center",
        ],
        "textfont": {"family": FONT, "size": 12, "color": colours.ink},
        "hoverinfo": "skip",
    }
