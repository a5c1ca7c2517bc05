"""The plane of two random directions."""

from __future__ import annotations

import numpy as np

from nnopt_viz.declare.names import Names
from nnopt_viz.networks.directions import Plane, random_plane
from nnopt_viz.networks.planes.plane import (
    HEIGHT,
    OF,
    PLANES,
    PlaneError,
    PlaneKind,
    Sight,
    end_of,
)


def plane(sight: Sight) -> Plane:
    made = random_plane(sight.network, end_of(sight.paths[sight.ends[0]]), sight.seed)
    if min(np.linalg.norm(made.first), np.linalg.norm(made.second)) == 0:
        raise PlaneError("All weights are zero, so filter-normalized directions are too")
    return made


PLANES.add(
    PlaneKind(
        "random", "Two random directions", "plane", (OF, HEIGHT),
        "Two random directions, each unit's part as long as that unit's weights are; zero on "
        "biases and on the parameters of batch normalization.",
        "Li, Xu, Taylor, Studer & Goldstein 2018, Visualizing the loss landscape of neural nets, "
        "section 4 (filter normalization)", ("first random direction", "second random direction"),
        reach=1.0,
        compute=plane,
    ), Names(('random_directions', 'filter_normalized',),)
)  # fmt: skip
