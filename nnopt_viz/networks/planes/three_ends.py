"""The plane through the ends of three runs."""

from __future__ import annotations

import numpy as np

from nnopt_viz.declare.names import Names
from nnopt_viz.networks.directions import Plane
from nnopt_viz.networks.planes.plane import (
    HEIGHT,
    PLANES,
    PlaneError,
    PlaneKind,
    Sight,
    end_of,
    number_of_run,
    unit,
)

THREE = tuple(
    number_of_run(name, i, which)
    for i, (name, which) in enumerate((("a", "first"), ("b", "second"), ("c", "third")))
)


def plane(sight: Sight) -> Plane:
    ends = [end_of(sight.paths[run]) for run in sight.ends]
    first, second = ends[1] - ends[0], ends[2] - ends[0]
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    if min(lengths) == 0 or not (first - second).any():
        raise PlaneError("Two of the three runs end at the same place")
    first, second = first / lengths[0], second / lengths[1]
    second = second - (second @ first) * first
    if np.linalg.norm(second) < 1e-9:
        raise PlaneError("The three ends lie on one line")
    return Plane(ends[0], first, unit(second))


PLANES.add(
    PlaneKind(
        "three", "Through three ends", "plane",
        (*THREE, HEIGHT),
        "The plane that contains the ends of three runs.",
        "Garipov, Izmailov, Podoprikhin, Vetrov & Wilson 2018, Loss surfaces, mode connectivity, "
        "and fast ensembling of DNNs, figure 1", ("from first to second end", "towards the third"),
        is_laid_along=True, ends=tuple(knob.name for knob in THREE),
        compute=plane,
    ), Names(('three_ends', 'three_points',),)
)  # fmt: skip
