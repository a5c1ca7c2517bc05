"""The plane along the way from start to end."""

from __future__ import annotations

import numpy as np

from nnopt_viz.declare.names import Names
from nnopt_viz.declare.streams import LANCZOS
from nnopt_viz.networks.directions import Plane
from nnopt_viz.networks.planes.cloud import Cloud
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
    there = near(own)
    known = np.flatnonzero(there)
    centre = np.asarray(own[known[-1]])
    back = own[known[0]] - centre
    length = np.linalg.norm(back)
    if length == 0:
        raise PlaneError(
            f"The run is beyond {FAR:,.0f} after its first step, so there is no line to follow"
            if len(known) == 1 < len(own)
            else "The run ends where it began, so there is no line between"
        )
    first = back / length
    cloud = Cloud(own[None], centre, there[None], beside=first)
    values, found = cloud.widest(1, LANCZOS.generator(sight.seed))
    if not len(values) or values[0] <= ALIKE * length**2:
        raise PlaneError("The path is a straight line: no direction leads away from it")
    return Plane(centre, first, towards(found[0], cloud.farthest(found[0])))


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
