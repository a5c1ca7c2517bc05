"""The value, gradient and Hessian of a surface at any points, exact to rounding."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.formula.compile import array_function
from nnopt_viz.formula.expand import (
    COORDINATES,
    DRIFTING,
    SurfaceGraph,
    lowered,
    surface_graph,
)
from nnopt_viz.formula.parse import expression
from nnopt_viz.own import surface_entry

if TYPE_CHECKING:
    from nnopt_viz.knobs import Call


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


def evaluate(surface: Call, x: Any, y: Any, order: int = 0) -> Any:
    """Loss, gradient and Hessian of a surface at points, exact to rounding.

    Args:
        surface: a call from SURFACES, or the visitor's own.
        x, y: coordinates, arrays of one shape (or numbers).
        order: 0 for f; 1 for (f, g); 2 for (f, g, H).

    Returns:
        f has the shape of x, g (2, *shape), H (2, 2, *shape). Where f is not defined
        the result is NaN, where it overflows infinite; nothing is raised.
    """
    x, y = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    with np.errstate(all="ignore"):
        results = evaluator(surface, order)(x.shape)(x, y)
    parts = [np.broadcast_to(np.asarray(r, dtype=np.float64), x.shape) for r in results]
    value = parts[0] + 0.0
    if order == 0:
        return value
    slope = np.stack(parts[1:3])
    if order == 1:
        return value, slope
    a, b, c = parts[3:]
    return value, slope, np.stack([np.stack([a, b]), np.stack([b, c])])


def loss_range(surface: Call, points: int = 101) -> tuple[float, float]:
    """Lowest and highest finite loss on a grid inside the bounds."""
    xl, xh, yl, yh = surface_entry(surface).bounds
    loss = evaluate(surface, *np.meshgrid(np.linspace(xl, xh, points), np.linspace(yl, yh, points)))
    finite = loss[np.isfinite(loss)]
    return (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
