"""The plane of largest curvature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.declare.names import Names
from nnopt_viz.declare.streams import LANCZOS
from nnopt_viz.networks.curvature import hessian_vector
from nnopt_viz.networks.directions import Plane
from nnopt_viz.networks.planes.plane import (
    HEIGHT,
    OF,
    PLANES,
    Array,
    PlaneError,
    PlaneKind,
    Sight,
    end_of,
    unit,
)

if TYPE_CHECKING:
    from nnopt_viz.networks.datasets import Data
    from nnopt_viz.networks.network import Network

KRYLOV = 40  # steps of the Lanczos iteration


def plane(sight: Sight) -> Plane:
    centre = end_of(sight.paths[sight.ends[0]])
    values, vectors = leading_eigenvectors(sight.network, sight.data, sight.seed, centre)
    note = f"Curvatures along the two directions: {values[0]:.3g} and {values[1]:.3g}."
    return Plane(centre, vectors[0], vectors[1], (note,))


def leading_eigenvectors(
    network: Network, data: Data, seed: int, theta: Array
) -> tuple[Array, Array]:
    """The two largest eigenvalues of the training loss's Hessian, and their vectors (2, P).

    Lanczos with full reorthogonalization (Golub & Van Loan 2013, section 10.1), until it has
    as many vectors as there are parameters or KRYLOV.
    """
    size = theta.size
    if size < 2:
        raise PlaneError("With one parameter there is no plane")
    rng = LANCZOS.generator(seed)
    vectors = [unit(rng.standard_normal(size))]
    images: list[Array] = []
    for _ in range(min(size, KRYLOV)):
        image = hessian_vector(network, theta[None], vectors[-1][None], data.x_train, data.y_train)[
            0
        ]
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


PLANES.add(
    PlaneKind(
        "hessian", "Directions of largest curvature", "plane", (OF, HEIGHT),
        "The two leading eigenvectors of the Hessian of the training loss at the end.",
        "Yao, Gholami, Keutzer & Mahoney 2020, PyHessian: neural networks through the lens of the "
        "Hessian", ("largest curvature", "second largest"),
        compute=plane,
    ), Names(('top_eigenvectors', 'curvature', 'largest_curvature',),)
)  # fmt: skip
