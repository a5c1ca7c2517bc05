"""Heights as a lit picture: the ramp's colour times the light that a slope catches.

One function for every picture of a surface from above. Its twin in the browser,
`assets/player/core/relief.mjs`, reads the same look from a figure's `layout.meta.relief`; a test
compares the two.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.figures.palette import BEYOND, STOPS, Light, Palette
from nnopt_viz.figures.png import address, png

if TYPE_CHECKING:
    from nnopt_viz.figures.heights import Heights

Array = NDArray[np.float64]

SIDE = 360  # pixels of a relief as a picture


def look(colours: Palette, spans: tuple[float, float]) -> dict[str, Any]:
    """All that the twin needs, for `layout.meta.relief`.

    Args:
        spans: x and y over which a height of 1 counts as a slope of 1.

    Returns:
        `stops` (share of the height, red, green, blue; all 0 to 1), `light` (a unit vector: to
        the right, up, towards the eye), `steepness`, `ambient` and `sun` (red, green, blue),
        `spans`.
    """
    return {
        "stops": [[at, *stop] for at, stop in zip(*_stops(colours), strict=True)],
        "light": list(towards(colours.light)),
        "steepness": colours.light.steepness,
        "ambient": list(colours.light.ambient),
        "sun": list(colours.light.sun),
        "spans": list(spans),
    }


def _stops(colours: Palette) -> tuple[list[float], list[list[float]]]:
    """Shares of the greatest height, and red, green and blue there."""
    return [*STOPS, BEYOND], [rgb(stop) for stop in (*colours.ramp, colours.beyond)]


def rgb(colour: str) -> list[float]:
    """Red, green and blue, 0 to 1, of `#rrggbb`."""
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def towards(light: Light) -> tuple[float, float, float]:
    """Where the light comes from, as a unit vector: to the right, up, towards the eye."""
    azimuth, altitude = (math.radians(angle) for angle in (light.azimuth, light.altitude))
    flat = math.cos(altitude)
    return flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(altitude)


def spans(bounds: tuple[float, float, float, float], is_equal: bool) -> tuple[float, float]:
    """x and y that count as one unit of ground: alike where a unit is as long upwards as across."""
    left, right, low, high = bounds
    wide, tall = right - left, high - low
    return (max(wide, tall),) * 2 if is_equal else (wide, tall)


def colour(height: Array, across: Array, up: Array, colours: Palette) -> Array:
    """The colour of ground.

    Args:
        height: share of the greatest height; clipped to 0 .. 2. Any shape.
        across, up: its slopes, in heights a unit of ground (`spans`), same shape.

    Returns:
        Red, green and blue, 0 to 1, along a further axis.
    """
    at, stops = _stops(colours)
    channels = zip(*stops, strict=True)
    tint = np.stack([np.interp(height, at, channel) for channel in channels], axis=-1)
    light, (right, top, eye) = colours.light, towards(colours.light)
    steep_x, steep_y = light.steepness * across, light.steepness * up
    facing = (eye - right * steep_x - top * steep_y) / np.sqrt(1 + steep_x**2 + steep_y**2)
    shade = np.array(light.ambient) + np.array(light.sun) * np.maximum(0.0, facing)[..., None]
    return np.asarray(np.clip(tint * shade, 0.0, 1.0))


def slopes(
    x: NDArray[Any], y: NDArray[Any], height: Array, per: tuple[float, float]
) -> tuple[Array, Array]:
    """Slopes of a grid at its points, across and up, of second order inside.

    Args:
        x, y: grid lines, shapes (columns,) and (rows,), rising, two at least.
        height: shape (rows, columns).
        per: x and y to a unit of ground.
    """
    up, across = np.gradient(height, y.astype(float) / per[1], x.astype(float) / per[0])
    return np.asarray(across), np.asarray(up)


def picture(
    grid: Heights, per: tuple[float, float], colours: Palette, x: Array, y: Array
) -> NDArray[np.uint8]:
    """The relief of a grid of heights, height and slopes taken bilinearly.

    Args:
        per: x and y to a unit of ground.
        x, y: of the picture's columns and rows, rising; what lies outside the grid is its rim.

    Returns:
        Shape (rows, columns, 3); the first row is the highest y.
    """
    share = grid.z.astype(float) / grid.top
    across, up = slopes(grid.x, grid.y, share, per)
    places = _places(grid.x, x), _places(grid.y, y)
    height, across, up = (_bilinear(part, *places) for part in (share, across, up))
    lit = colour(height, across, up, colours)
    return np.asarray(np.floor(255 * lit[::-1] + 0.5), dtype=np.uint8)


def under(
    grid: Heights, per: tuple[float, float], colours: Palette, side: int = SIDE
) -> dict[str, Any]:
    """The relief as a picture of Plotly's layout, below all that is drawn.

    Args:
        side: its pixels a side.
    """
    left, right, low, high = (float(v) for v in (grid.x[0], grid.x[-1], grid.y[0], grid.y[-1]))
    x, y = (a + (b - a) * (np.arange(side) + 0.5) / side for a, b in ((left, right), (low, high)))
    return {
        "source": address(png(picture(grid, per, colours, x, y))),
        "xref": "x", "yref": "y", "x": left, "y": high, "sizex": right - left, "sizey": high - low,
        "sizing": "stretch", "layer": "below",
    }  # fmt: skip


def _places(lines: NDArray[Any], at: Array) -> tuple[NDArray[np.intp], Array]:
    """The grid line before each place, and how far it is to the next, 0 to 1."""
    axis = lines.astype(float)
    before = np.clip(np.searchsorted(axis, at, side="right") - 1, 0, axis.size - 2)
    return before, np.clip((at - axis[before]) / (axis[before + 1] - axis[before]), 0.0, 1.0)


def _bilinear(
    values: Array, across: tuple[NDArray[np.intp], Array], up: tuple[NDArray[np.intp], Array]
) -> Array:
    (column, right), (row, above) = across, up
    row, above = row[:, None], above[:, None]
    low = values[row, column] * (1 - right) + values[row, column + 1] * right
    high = values[row + 1, column] * (1 - right) + values[row + 1, column + 1] * right
    return low * (1 - above) + high * above
