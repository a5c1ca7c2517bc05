"""The plane in which the paths extend most."""

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
    end_of,
    towards,
)


def plane(sight: Sight) -> Plane:
    """The two leading right singular vectors of all theta - centre, not centred at a mean."""
    centre = end_of(sight.paths[sight.ends[0]])
    off = (sight.paths - centre).reshape(-1, centre.size)
    count = len(off)
    off = off[np.isfinite(off).all(axis=1)]
    off = off[np.abs(off).max(axis=1) < FAR]  # what explodes would be all that there is to see
    gram = off @ off.T if len(off) <= centre.size else off.T @ off
    values, vectors = np.linalg.eigh(gram)
    if len(values) < 2 or values[-2] <= ALIKE * max(values[-1], 1e-300):
        within = f"Within {FAR:,.0f} the" if len(off) < count else "The"
        raise PlaneError(
            f"{within} path has no second main direction: it runs along one line (or has one step)"
        )
    top = vectors[:, [-1, -2]]
    first, second = (off.T @ top if len(off) <= centre.size else top).T
    return Plane(centre, towards(first, off), towards(second, off))


PLANES.add(
    PlaneKind(
        "pca", "Main directions of the paths", "plane", (OF, HEIGHT),
        "The two directions in which the paths of all runs, seen from the end, extend most.",
        "Li, Xu, Taylor, Studer & Goldstein 2018, Visualizing the loss landscape of neural nets, "
        "section 7", ("first main direction", "second main direction"),
        compute=plane, is_laid_along=True,
    ), Names(("principal_components", "principal_directions", "main_directions")),
)  # fmt: skip
