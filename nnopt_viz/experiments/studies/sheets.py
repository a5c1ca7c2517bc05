"""The loss as a sheet over a plane through a network's parameters: a panel of a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.experiments.studies.estimates import listed
from nnopt_viz.networks.pieces import parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from nnopt_viz.experiments.studies.estimates import Array
    from nnopt_viz.networks.directions import Plane

CELLS, REACH = 31, 1.0  # around an end: points a side, and how far in units of the directions


def sheet(plane: Plane, loss: Callable[[Array], Array], x: Array, y: Array) -> dict[str, Any]:
    """x, y and heights z (rows of y) over a grid of the plane.

    Args:
        loss: of parameters (L, P), shape (L,).
        x, y: coordinates of the columns and of the rows.
    """
    gx, gy = (g.ravel() for g in np.meshgrid(x, y))
    z = np.concatenate([
        loss(plane.at(gx[some], gy[some])) for some in parts(len(gx), plane.centre.size)
    ])  # fmt: skip
    return {"x": listed(x), "y": listed(y), "z": listed(z.reshape(len(y), len(x)))}


def around(plane: Plane, loss: Callable[[Array], Array]) -> dict[str, Any]:
    """The sheet around the plane's centre, REACH to every side."""
    line = np.linspace(-REACH, REACH, CELLS)
    return sheet(plane, loss, line, line)
