"""The planes that a lab can be shown on, and its paths and its sheet on them.

Every plane goes through a final parameter vector, the centre.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.streams import LANCZOS
from nnopt_viz.networks import PLANES, accuracy, hessian_vector, statistics, value
from nnopt_viz.networks.directions import Plane, random_plane

if TYPE_CHECKING:
    from nnopt_viz.lab.lab import Lab

Array = NDArray[np.float64]

# What the first two main directions of a random walk in many dimensions hold of its variance:
# 6/pi**2 * (1 + 1/4) = 0.76 (Antognini & Sohl-Dickstein 2018, PCA of high dimensional random
# walks with comparison to neural network training, equation 3).
RANDOM_WALK = 6 / np.pi**2 * (1 + 1 / 4)
FAR = 1e4  # a parameter of this size is one of a run that diverges
MARGIN = 0.25  # around the paths, as a share of their extent
HELD = 1_000_000  # parameters of points that are held at once
KRYLOV = 40  # steps of the Lanczos iteration
ALIKE = 1e-12  # two directions closer to parallel than this span no plane


class PlaneError(ValueError):
    """A plane that does not exist, with the reason as a plain sentence."""


def plane_of(lab: Lab, theta: Array) -> Plane:
    """The plane that a lab asks for, of paths (runs, rows, seeds, P) that are known so far.

    Raises:
        PlaneError: when there is no such plane, with the reason.
    """
    with np.errstate(all="ignore"):
        made = KINDS[lab.plane.name](lab, theta[:, :, 0])
        lengths = np.linalg.norm(made.first) * np.linalg.norm(made.second)
        if abs(made.first @ made.second) > (1 - ALIKE) * lengths:
            raise PlaneError("Both directions are one: so few weights span no plane this way")
        return made


def end_of(path: Array) -> Array:
    """The last parameters (P,) of a path (rows, P) that are finite and not beyond FAR."""
    good = np.flatnonzero((np.abs(path) < FAR).all(axis=1))
    return np.asarray(path[good[-1]])


def _paths_plane(lab: Lab, paths: Array) -> Plane:
    """The two leading right singular vectors of all theta - centre, not centred at a mean."""
    centre = end_of(paths[lab.ends[0]])
    off = (paths - centre).reshape(-1, centre.size)
    off = off[np.isfinite(off).all(axis=1)]
    off = off[np.abs(off).max(axis=1) < FAR]  # what explodes would be all that there is to see
    gram = off @ off.T if len(off) <= centre.size else off.T @ off
    values, vectors = np.linalg.eigh(gram)
    if len(values) < 2 or values[-2] <= ALIKE * max(values[-1], 1e-300):
        raise PlaneError(
            "The path has no second main direction: it runs along one line (or has one step)"
        )
    top = vectors[:, [-1, -2]]
    first, second = (off.T @ top if len(off) <= centre.size else top).T
    return Plane(centre, _towards(first, off), _towards(second, off))


def _towards(direction: Array, off: Array) -> Array:
    """Of length 1, and with the paths' starts on the positive side."""
    made = direction / np.linalg.norm(direction)
    return np.asarray(-made if off[0] @ made < 0 else made)


def _random_plane(lab: Lab, paths: Array) -> Plane:
    made = random_plane(lab.network, end_of(paths[lab.ends[0]]), lab.seed)
    if min(np.linalg.norm(made.first), np.linalg.norm(made.second)) == 0:
        raise PlaneError("All weights are zero, so filter-normalized directions are too")
    return made


def _hessian_plane(lab: Lab, paths: Array) -> Plane:
    centre = end_of(paths[lab.ends[0]])
    values, vectors = leading_eigenvectors(lab, centre)
    note = f"Curvatures along the two directions: {values[0]:.3g} and {values[1]:.3g}."
    return Plane(centre, vectors[0], vectors[1], (note,))


def leading_eigenvectors(lab: Lab, theta: Array) -> tuple[Array, Array]:
    """The two largest eigenvalues of the training loss's Hessian, and their vectors (2, P).

    Lanczos with full reorthogonalization (Golub & Van Loan 2013, section 10.1), until it has
    as many vectors as there are parameters or KRYLOV.
    """
    size, data = theta.size, lab.samples
    if size < 2:
        raise PlaneError("With one parameter there is no plane")
    rng = LANCZOS.generator(lab.seed)
    vectors = [_unit(rng.standard_normal(size))]
    images: list[Array] = []
    for _ in range(min(size, KRYLOV)):
        image = hessian_vector(
            lab.network, theta[None], vectors[-1][None], data.x_train, data.y_train
        )[0]
        images.append(image)
        rest = image.copy()
        for _ in range(2):
            basis = np.stack(vectors)
            rest -= basis.T @ (basis @ rest)
        length = np.linalg.norm(rest)
        if len(vectors) == size or length <= 1e-10 * max(float(np.linalg.norm(image)), 1e-300):
            break
        vectors.append(rest / length)
    basis = np.stack(vectors[: len(images)])
    small = basis @ np.stack(images).T
    values, turns = np.linalg.eigh((small + small.T) / 2)
    if len(values) < 2:
        raise PlaneError("The Hessian has one direction only here")
    found = turns[:, [-1, -2]].T @ basis
    return values[[-1, -2]], found


def _unit(v: Array) -> Array:
    return np.asarray(v / np.linalg.norm(v))


def _line_plane(lab: Lab, paths: Array) -> Plane:
    own = paths[lab.ends[0]]
    own = own[(np.abs(own) < FAR).all(axis=1)]
    centre, back = own[-1], own[0] - own[-1]
    length = np.linalg.norm(back)
    if length == 0:
        raise PlaneError("The run ends where it began, so there is no line between")
    first = back / length
    off = own - centre
    off = off - np.multiply.outer(off @ first, first)
    gram = off @ off.T
    values, vectors = np.linalg.eigh(gram)
    if values[-1] <= ALIKE * length**2:
        raise PlaneError("The path is a straight line: no direction leads away from it")
    second = _towards(off.T @ vectors[:, -1], off[np.abs(vectors[:, -1]).argmax()][None])
    return Plane(centre, first, second)


def _three_plane(lab: Lab, paths: Array) -> Plane:
    ends = [end_of(paths[run]) for run in lab.ends]
    first, second = ends[1] - ends[0], ends[2] - ends[0]
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    if min(lengths) == 0:
        raise PlaneError("Two of the three runs end at the same place")
    first, second = first / lengths[0], second / lengths[1]
    second = second - (second @ first) * first
    if np.linalg.norm(second) < 1e-9:
        raise PlaneError("The three ends lie on one line")
    return Plane(ends[0], first, _unit(second))


KINDS: dict[str, Callable[[Lab, Array], Plane]] = {
    "pca": _paths_plane,
    "random": _random_plane,
    "hessian": _hessian_plane,
    "line": _line_plane,
    "three": _three_plane,
}


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Paths on a plane, and how much of them it shows.

    Args:
        plane: the plane.
        x, y: coordinates, shape (runs, rows, seeds).
        away: distance from the plane, same shape, unit of the parameters.
        height: what the sheet shows below each point, same shape: loss or error on the slice.
        share: of each run's variance about the centre that lies in the plane, shape (runs,).
        bounds: left, right, low, high of what is shown.
    """

    plane: Plane
    x: Array
    y: Array
    away: Array
    height: Array
    share: Array
    bounds: tuple[float, float, float, float]


def slice_of(lab: Lab, theta: Array) -> Slice:
    """The slice of a lab with these paths (runs, rows, seeds, P).

    Raises:
        PlaneError: when the plane does not exist.
    """
    plane = plane_of(lab, theta)
    x, y, away = plane.coordinates(theta)
    below = heights(lab, plane, x.ravel(), y.ravel()).reshape(x.shape)
    return Slice(plane, x, y, away, below, plane.share(theta[:, :, 0]), _bounds(lab, x, y))


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
    made = np.empty(len(x))
    size = max(1, HELD // lab.network.size)
    for at in range(0, len(x), size):
        part = slice(at, at + size)
        made[part] = shown(lab, plane.at(x[part], y[part]))
    return made


def shown(lab: Lab, theta: Array) -> Array:
    """The height at parameters (L, P): train loss, test loss, or 1 - accuracy, shape (L,).

    Batch normalization uses the statistics of the whole training set, computed anew at
    every point, in the slice and along the paths alike.
    """
    network, data = lab.network, lab.samples
    theta = np.ascontiguousarray(theta)
    kind = lab.plane["height"]
    if kind == "train":
        return np.asarray(value(network, theta, data.x_train, data.y_train))
    fixed: Any = statistics(network, theta, data.x_train) if network.batchnorm else None
    if kind == "accuracy":
        return 1 - accuracy(network, theta, data.x_train, data.y_train, fixed)
    return np.asarray(value(network, theta, data.x_test, data.y_test, fixed))
