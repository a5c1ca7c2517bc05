"""The planes that a lab can be shown on, and its paths and its sheet on them.

Every plane goes through a final parameter vector, the centre.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.lab.random_walk import Walk, random_walk
from nnopt_viz.networks import PLANES, Passes, accuracy, statistics
from nnopt_viz.networks.pieces import parts
from nnopt_viz.networks.planes.plane import ALIKE, PlaneError, Sight, end_of, near

if TYPE_CHECKING:
    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.networks.directions import Plane

Array = NDArray[np.float64]

WORDS = {"train": "train loss", "test": "test loss", "accuracy": "error"}  # by height
MARGIN = 0.25  # around the paths, as a share of their extent


def plane_of(lab: Lab, theta: Array) -> Plane:
    """The plane that a lab asks for, of paths (runs, rows, seeds, P) that are known so far.

    Raises:
        PlaneError: when there is no such plane, with the reason.
    """
    with np.errstate(all="ignore"):
        sight = Sight(lab.network, lab.samples, lab.seed, lab.plane, lab.ends, theta[:, :, 0])
        made = PLANES[lab.plane.name].compute(sight)
        lengths = np.linalg.norm(made.first) * np.linalg.norm(made.second)
        if abs(made.first @ made.second) > (1 - ALIKE) * lengths:
            raise PlaneError("Both directions are one: so few parameters span no plane this way")
        return made


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Paths on a plane, and how much of them it shows.

    Where the plane does not exist there is none of it: numbers are nan, plane and bounds None.

    Args:
        plane: the plane.
        x, y: coordinates, shape (runs, rows, seeds).
        away: distance from the plane, same shape, unit of the parameters.
        height: what the sheet shows below each point, same shape: loss or error on the slice.
        share: of each run's squared distances from its own end that lies along the plane, of the
            first seed, shape (runs,); nan for one that did not move. What is not `near` is left
            out: where a run explodes, the last point before is its end.
        walks: what a random walk of as many steps as each run shows; empty without a plane.
        bounds: left, right, low, high of what is shown.
        missing: why there is no such plane, a sentence without its full stop; empty where there is.
        others: then, of a whole result, the planes that there are instead.
    """

    plane: Plane | None
    x: Array
    y: Array
    away: Array
    height: Array
    share: Array
    walks: tuple[Walk, ...]
    bounds: tuple[float, float, float, float] | None
    missing: str = ""
    others: tuple[str, ...] = ()

    def there(self) -> tuple[Plane, tuple[float, float, float, float]]:
        """The plane and its bounds, for what can't do without.

        Raises:
            PlaneError: when it does not exist, with the reason.
        """
        if self.plane is None or self.bounds is None:
            raise PlaneError(self.missing)
        return self.plane, self.bounds


def slice_of(lab: Lab, theta: Array) -> Slice:
    """The slice of a lab with these paths (runs, rows, seeds, P); an empty one where the plane
    does not exist: training does not depend on where it is looked at."""
    try:
        plane = plane_of(lab, theta)
    except PlaneError as fault:
        none = np.full(theta.shape[:-1], np.nan)
        return Slice(None, none, none, none, none, none[:, 0, 0], (), None, str(fault))
    x, y, away = plane.coordinates(theta)
    below = heights(lab, plane, x.ravel(), y.ravel()).reshape(x.shape)
    is_near = near(theta[:, :, 0])
    ends = np.stack([end_of(path) for path in theta[:, :, 0]])
    share = plane.share(theta[:, :, 0], ends, is_near)
    known = is_near.sum(axis=1)
    walks = tuple(random_walk(lab, rows - 1) for rows in known.tolist())
    return Slice(plane, x, y, away, below, share, walks, _bounds(lab, x, y))


def planes_there(lab: Lab, theta: Array) -> list[str]:
    """The other planes through the end of one run that exist for these paths, by name."""
    found = []
    for name, kind in PLANES.items():
        if name == lab.plane.name or len(kind.ends) != 1:
            continue
        knobs = {kind.ends[0]: lab.ends[0], "height": lab.plane["height"]}
        try:
            plane_of(replace(lab, plane=PLANES.call(name, **knobs)), theta)
        except PlaneError:
            continue
        found.append(name)
    return found


def _bounds(lab: Lab, x: Array, y: Array) -> tuple[float, float, float, float]:
    """Room for the paths and the centre, and for as much as the plane asks to be shown."""
    spans, reach = [], PLANES[lab.plane.name].reach
    for values in (x, y):
        good = values[np.isfinite(values) & (np.abs(values) < 1e4)]
        ends = np.percentile(good, [0.5, 99.5]) if good.size > 400 else (good.min(), good.max())
        low, high = min(float(ends[0]), 0.0 - reach), max(float(ends[1]), reach)
        spans.append([low, high])
    widest = max(high - low for low, high in spans) or 1.0
    for span in spans:
        low, high = span
        room = MARGIN * (high - low) + max(0.0, 0.5 * widest - (high - low)) / 2
        span[:] = [low - room, high + room]
    (left, right), (low, high) = spans
    return left, right, low, high


def heights(lab: Lab, plane: Plane, x: Array, y: Array) -> Array:
    """What the sheet shows at points of the plane, shape of x: `shown` there."""
    made, passes = np.empty(len(x)), Passes(lab.network)
    for part in parts(len(x), lab.network.size):
        made[part] = shown(lab, plane.at(x[part], y[part]), passes)
    return made


def shown(lab: Lab, theta: Array, passes: Passes | None = None) -> Array:
    """The height at parameters (L, P): train loss, test loss, or 1 - accuracy, shape (L,).

    Batch normalization uses the statistics of the whole training set, computed anew at
    every point, in the slice and along the paths alike.

    Args:
        passes: that are kept for several of these; made anew where they are left out.
    """
    network, data = lab.network, lab.samples
    passes, theta = passes or Passes(network), np.ascontiguousarray(theta)
    kind = lab.plane["height"]
    if kind == "train":
        return passes.value(theta, data.x_train, data.y_train)
    fixed: Any = statistics(network, theta, data.x_train) if network.batchnorm else None
    if kind == "accuracy":
        return 1 - accuracy(network, theta, data.x_train, data.y_train, fixed)
    return passes.value(theta, data.x_test, data.y_test, fixed)
