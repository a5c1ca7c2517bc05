"""The signs of the minima as they lie on the sheet: rings, stars, and dots of a curve of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.figures.scene import SIZES
from nnopt_viz.figures.tracks import LIFT, on_sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnopt_viz.figures.heights import Heights
    from nnopt_viz.figures.palette import Palette
    from nnopt_viz.figures.surface_json import MinimumFound

RADIUS = 0.022  # of the region's width
SMALL, MANY = 0.4, 16  # of it, where there are more minima than so many
TURNS = 24  # corners of a ring
WIDTH = 4  # px of a ring's line
STAR = [(1.5 if i % 2 == 0 else 0.6, np.pi / 2 + i * np.pi / 5) for i in range(10)]  # radius, angle


def lying_signs(
    known: list[MinimumFound],
    ground: Heights,
    bounds: tuple[float, float, float, float],
    colours: Palette,
) -> list[dict[str, Any]]:
    """Plotly traces, at most one a kind of sign.

    Args:
        known: the minima.
        ground: what they lie on.
        bounds: left, right, low, high of the region; signs outside the sheet are left out.
        colours: of the theme.
    """
    left, right, low, high = bounds
    inside = [m for m in known if _within(m, ground)]
    size = RADIUS * (SMALL if len(known) > MANY else 1)
    # As wide as deep in the scene, whose sides have lengths of their own.
    radii = np.array([size * (right - left), size * (high - low) * SIZES["x"] / SIZES["y"]])
    circle = np.linspace(0, 2 * np.pi, TURNS + 1)
    ring = np.stack([np.cos(circle), np.sin(circle)])
    star = np.array([[r * np.cos(a), r * np.sin(a)] for r, a in STAR]).T
    rings, stars, dots = [], [], []
    for m in inside:
        place = np.array([[m["x"]], [m["y"]]])
        if m["kind"] == "curve":
            dots.append(_on(place, ground))
        elif m["is_global"]:
            stars.append(_on(np.hstack([place, place + radii[:, None] * star]), ground))
        else:
            rings.append(_on(place + radii[:, None] * ring, ground))
    common = {"name": "minima", "hoverinfo": "skip"}
    made: list[dict[str, Any]] = []
    if rings:
        gap = np.full((3, 1), np.nan)
        made.append(common | _line(np.hstack([p for r in rings for p in (r, gap)]), colours))
    if stars:
        made.append(common | _filled(stars, colours))
    if dots:
        mark = {"symbol": "circle", "size": 3, "color": colours.ink}
        axes = _axes(np.hstack(dots))
        made.append(common | {"type": "scatter3d", "mode": "markers", "marker": mark} | axes)
    return made


def _within(m: MinimumFound, ground: Heights) -> bool:
    x, y = ground.x, ground.y
    return bool(x[0] <= m["x"] <= x[-1] and y[0] <= m["y"] <= y[-1])


def _on(places: NDArray[np.float64], ground: Heights) -> NDArray[np.float64]:
    """The places with their heights, shape (3, points), a little above the sheet."""
    x = np.clip(places[0], ground.x[0], ground.x[-1])
    y = np.clip(places[1], ground.y[0], ground.y[-1])
    z = on_sheet(ground, np.stack([x, y]))
    return np.stack([x, y, z + LIFT * ground.top])


def _axes(points: NDArray[np.float64]) -> dict[str, list[float | None]]:
    return {
        axis: [None if np.isnan(v) else float(f"{v:.5g}") for v in values]
        for axis, values in zip("xyz", points, strict=True)
    }


def _line(points: NDArray[np.float64], colours: Palette) -> dict[str, Any]:
    line = {"color": colours.ink, "width": WIDTH}
    return {"type": "scatter3d", "mode": "lines", "line": line} | _axes(points)


def _filled(stars: list[NDArray[np.float64]], colours: Palette) -> dict[str, Any]:
    """Stars as triangles from the middle of each to its edges."""
    corners = [*range(1, len(STAR) + 1), 1]
    faces = [
        (n * (len(STAR) + 1), n * (len(STAR) + 1) + a, n * (len(STAR) + 1) + b)
        for n in range(len(stars))
        for a, b in pairwise(corners)
    ]
    i, j, k = ([face[side] for face in faces] for side in range(3))
    flat = {"ambient": 1, "diffuse": 0, "specular": 0}
    return {
        "type": "mesh3d", "i": i, "j": j, "k": k, "color": colours.ink, "lighting": flat,
        "flatshading": True,
    } | _axes(np.hstack(stars))  # fmt: skip
