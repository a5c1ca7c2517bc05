"""The plane in which the paths extend most."""

from __future__ import annotations

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
    end_of,
    near,
    towards,
)


def plane(sight: Sight) -> Plane:
    """The two leading right singular vectors of all theta - centre, not centred at a mean."""
    centre = end_of(sight.paths[sight.ends[0]])
    # what explodes would be all that there is to see
    cloud = Cloud(sight.paths, centre, near(sight.paths, centre))
    values, found = cloud.widest(2, LANCZOS.generator(sight.seed))
    if len(values) < 2 or values[1] <= ALIKE * max(values[0], 1e-300):
        within = "The" if cloud.counts.all() else f"Within {FAR:,.0f} the"
        raise PlaneError(
            f"{within} path has no second main direction: it runs along one line (or has one step)"
        )
    start = cloud.first()
    return Plane(centre, towards(found[0], start), towards(found[1], start))


PLANES.add(
    PlaneKind(
        "pca", "Main directions of the paths", "plane", (OF, HEIGHT),
        "The two directions in which the paths of all runs, seen from the end, extend most.",
        "Li, Xu, Taylor, Studer & Goldstein 2018, Visualizing the loss landscape of neural nets, "
        "section 7", ("first main direction", "second main direction"),
        compute=plane, is_laid_along=True,
    ), Names(("principal_components", "principal_directions", "main_directions")),
)  # fmt: skip
