"""The plane along the way from start to end."""

from __future__ import annotations

import numpy as np

from nnopt_viz.declare.names import Names
from nnopt_viz.networks.directions import Plane
from nnopt_viz.networks.planes.plane import (
    ALIKE,
    FAR,
    HEIGHT,
    OF,
    PLANES,
    PlaneError,
    PlaneKind,
    Sight,
    near,
    towards,
)


def plane(sight: Sight) -> Plane:
    own = sight.paths[sight.ends[0]]
    rows, own = len(own), own[near(own)]
    centre, back = own[-1], own[0] - own[-1]
    length = np.linalg.norm(back)
    if length == 0:
        raise PlaneError(
            f"The run is beyond {FAR:,.0f} after its first step, so there is no line to follow"
            if len(own) == 1 < rows
            else "The run ends where it began, so there is no line between"
        )
    first = back / length
    off = own - centre
    off = off - np.multiply.outer(off @ first, first)
    is_short = len(off) <= centre.size
    values, vectors = np.linalg.eigh(off @ off.T if is_short else off.T @ off)
    if values[-1] <= ALIKE * length**2:
        raise PlaneError("The path is a straight line: no direction leads away from it")
    widest = off.T @ vectors[:, -1] if is_short else vectors[:, -1]
    second = towards(widest, off[np.abs(off @ widest).argmax()][None])
    return Plane(centre, first, second)


PLANES.add(
    PlaneKind(
        "line", "From start to end", "plane", (OF, HEIGHT),
        "x runs straight from the end, which is at 0, to the start; y is the direction in which "
        "the path leaves that line most.",
        "Goodfellow, Vinyals & Saxe 2015, Qualitatively characterizing neural network "
        "optimization problems", ("from the end to the start", "widest detour"),
        compute=plane, is_laid_along=True,
    ), Names(("linear_interpolation", "interpolation", "one_dimensional")),
)  # fmt: skip
