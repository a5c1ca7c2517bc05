"""The plane of largest curvature."""

from __future__ import annotations

import numpy as np

from nnopt_viz.declare.names import Names
from nnopt_viz.declare.streams import LANCZOS
from nnopt_viz.declare.written import shown
from nnopt_viz.networks.directions import Plane
from nnopt_viz.networks.planes.plane import (
    HEIGHT,
    OF,
    PLANES,
    PlaneError,
    PlaneKind,
    Sight,
    end_of,
)
from nnopt_viz.networks.sharpness import two_largest


def plane(sight: Sight) -> Plane:
    centre = end_of(sight.paths[sight.ends[0]])
    if centre.size < 2:
        raise PlaneError("With one parameter there is no plane")
    rng = LANCZOS.generator(sight.seed)
    values, vectors, are_found = two_largest(sight.network, centre, sight.data, rng)
    if not np.isfinite(values).all():
        raise PlaneError("At the end the Hessian is not finite")
    notes = [f"Curvatures along the two directions: {shown(values[0])} and {shown(values[1])}."]
    if values[1] == 0:  # any of many would do
        beside, these = (" beside the first", "the second is") if values[0] else ("", "both are")
        notes.append(
            f"No direction{beside} curves upwards: {these} drawn from those along which the "
            "curvature is 0."
        )
    if not are_found:
        notes.append(
            "The search for these directions stopped before it settled: the two largest "
            "curvatures may be larger."
        )
    return Plane(centre, vectors[0], vectors[1], tuple(notes))


PLANES.add(
    PlaneKind(
        "hessian", "Directions of largest curvature", "plane", (OF, HEIGHT),
        "The two leading eigenvectors of the Hessian of the training loss at the end.",
        "Yao, Gholami, Keutzer & Mahoney 2020, PyHessian: neural networks through the lens of the "
        "Hessian", ("direction of largest curvature", "of the second largest"),
        compute=plane,
    ), Names(('top_eigenvectors', 'curvature', 'largest_curvature',),)
)  # fmt: skip
