"""The value, gradient and Hessian of a surface at any points, exact to rounding."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.compose.own import surface_entry
from nnopt_viz.declare.pace import breathe
from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.expand import (
    COORDINATES,
    DRIFTING,
    SurfaceGraph,
    surface_graph,
)
from nnopt_viz.formula.lower import lowered
from nnopt_viz.formula.parse import expression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call

    Array = NDArray[np.float64]

# Points at once: a long formula keeps hundreds of arrays of this many numbers at a time.
BLOCK = 4096


@lru_cache(maxsize=64)
def surface_of(call: Call, drifts: bool = False) -> SurfaceGraph:
    """The surface's formula with its knobs put in, and its derivatives.

    Args:
        drifts: leave the morph s open.
    """
    entry = surface_entry(call)
    knobs = call.numbers()
    graph, value = expression(entry.formula, (*COORDINATES, *knobs))
    return surface_graph(graph, value, knobs, drifts)


@lru_cache(maxsize=128)
def evaluator(call: Call, order: int, drifts: bool = False) -> Any:
    """make(shape) -> function(x, y) -> (f, fx, fy, fxx, fxy, fyy) up to the order.

    When it drifts the function takes the morph s too, an array of the same shape.
    """
    made = surface_of(call, drifts)
    outputs = [made.value]
    if order > 0:
        outputs += made.slopes
    if order > 1:
        (a, b), (_, c) = made.curvature
        outputs += [a, b, c]
    graph, nodes = lowered(made.graph, outputs)
    return array_function(graph, nodes, (*COORDINATES, DRIFTING) if drifts else COORDINATES)


def evaluate(surface: Call, x: Any, y: Any, order: int = 0, s: Any = None) -> Any:
    """Loss, gradient and Hessian of a surface at points, exact to rounding.

    Args:
        surface: a call from SURFACES, or the visitor's own.
        x, y: coordinates, arrays of one shape (or numbers).
        order: 0 for f; 1 for (f, g); 2 for (f, g, H).
        s: the surface's morph at each point; None for the surface's own.

    Returns:
        f has the shape of x, g (2, *shape), H (2, 2, *shape). Where f is not defined
        the result is NaN, where it overflows infinite; nothing is raised.
    """
    given = (x, y) if s is None else (x, y, s)
    points = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in given))
    parts = _in_blocks(evaluator(surface, order, s is not None), points, (1, 3, 6)[order])
    value = parts[0]
    if order == 0:
        return value
    slope = parts[1:3]
    if order == 1:
        return value, slope
    return value, slope, parts[[3, 4, 4, 5]].reshape(2, 2, *value.shape)


def _in_blocks(make: Any, points: Sequence[Array], width: int) -> Array:
    """What a compiled formula gives at the points, shape (width, *points)."""
    shape, asked = points[0].shape, points[0].size
    flat = [part.ravel() for part in points]
    if asked == 1:  # NumPy takes twice as long over one number in place as over two
        flat = [np.repeat(part, 2) for part in flat]
    size = len(flat[0])
    found = np.empty((width, size))
    function, length = None, 0
    with np.errstate(all="ignore"):
        for first in range(0, size, BLOCK):
            breathe()
            here = slice(first, min(first + BLOCK, size))
            if function is None or here.stop - first != length:
                length = here.stop - first
                function = make((length,))
            for row, result in zip(found, function(*(part[here] for part in flat)), strict=True):
                row[here] = result
    return np.ascontiguousarray(found[:, :asked]).reshape(width, *shape)


def loss_range(surface: Call, points: int = 101) -> tuple[float, float]:
    """Lowest and highest finite loss on a grid inside the bounds."""
    xl, xh, yl, yh = surface_entry(surface).bounds
    loss = evaluate(surface, *np.meshgrid(np.linspace(xl, xh, points), np.linspace(yl, yh, points)))
    finite = loss[np.isfinite(loss)]
    return (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
