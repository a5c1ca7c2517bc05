"""Initialization: where the runs begin. A new way is one declaration here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.declare.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

Points = NDArray[np.float64]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Start:
    """A way to choose the starting points.

    Args:
        points: (call, bounds, seed) -> points, shape (2, lanes).
        lanes: call -> how many points.
    """

    name: str
    title: str
    family: str
    knobs: tuple[Knob, ...]
    points: Callable[[Call, Bounds, int], Points]
    lanes: Callable[[Call], int]
    doc: str


STARTS: Registry[Start] = Registry("start")


def _point(call: Call, _bounds: Bounds, _seed: int) -> Points:
    return np.array([[call.number("x")], [call.number("y")]])


def _random(call: Call, bounds: Bounds, seed: int) -> Points:
    lanes = int(call.number("n"))
    low, high = np.array(bounds[::2])[:, None], np.array(bounds[1::2])[:, None]
    unit: Points = np.random.default_rng(seed).random((lanes, 2)).T  # row by row: n=8 begins n=64
    return np.asarray(low + (high - low) * unit, dtype=np.float64)


def _grid(call: Call, bounds: Bounds, _seed: int) -> Points:
    n = int(call.number("n"))
    x = bounds[0] + (bounds[1] - bounds[0]) * (np.arange(n) + 0.5) / n
    y = bounds[2] + (bounds[3] - bounds[2]) * (np.arange(n) + 0.5) / n
    return np.stack([axis.ravel() for axis in np.meshgrid(x, y)])


def _ring(call: Call, _bounds: Bounds, _seed: int) -> Points:
    angle = 2 * np.pi * np.arange(int(call.number("n"))) / call.number("n")
    circle = call.number("radius") * np.stack([np.cos(angle), np.sin(angle)])
    centre = np.array([[call.number("x")], [call.number("y")]])
    return np.asarray(circle + centre, dtype=np.float64)


def _n(call: Call) -> int:
    return int(call.number("n"))


_X = Knob("x", 0.0, "x of the point or centre", -1e6, 1e6)
_Y = Knob("y", 0.0, "y of the point or centre", -1e6, 1e6)

STARTS.add(
    Start(
        "point",
        "One point",
        "start",
        (_X, _Y),
        _point,
        lambda _call: 1,
        "Every run begins at this point. Written start=x,y.",
    ),
    Names(
        ("at", "fixed"),
    ),
)
STARTS.add(
    Start(
        "random",
        "Random",
        "start",
        (Knob("n", 16, "number of points", 1, 4096, "integer", soft=(1, 256), log=True),),
        _random,
        _n,
        "Points drawn evenly from the region shown, by the seed.",
    ),
    Names(
        ("uniform", "random_uniform", "scatter"),
    ),
)
STARTS.add(
    Start(
        "grid",
        "Grid",
        "start",
        (Knob("n", 8, "points a side", 1, 64, "integer", soft=(1, 32)),),
        _grid,
        lambda call: _n(call) ** 2,
        "n x n points, evenly over the region shown.",
    ),
    Names(
        ("lattice",),
    ),
)
STARTS.add(
    Start(
        "ring",
        "Ring",
        "start",
        (
            Knob("n", 12, "number of points", 1, 4096, "integer", soft=(3, 64)),
            Knob("radius", 1.0, "radius of the circle", 0.0, 1e6, soft=(0.1, 5.0), open_low=True),
            _X,
            _Y,
        ),
        _ring,
        _n,
        "Points on a circle, evenly spaced.",
    ),
    Names(
        ("circle",),
    ),
)
