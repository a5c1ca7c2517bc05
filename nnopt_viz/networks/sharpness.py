"""The sharpness of a network: the largest eigenvalue of its training loss's Hessian."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.networks.curvature import hessian_vector
from nnopt_viz.networks.lanczos import Leading, leading

if TYPE_CHECKING:
    from nnopt_viz.networks.datasets import Data
    from nnopt_viz.networks.network import Network

Array = NDArray[np.float64]

VECTOR_STEPS = 40  # at least, where the vectors are wanted: they settle later than the values


def largest_curvature(
    network: Network, theta: Array, data: Data, rng: np.random.Generator,
    divisor: Array | None = None,
) -> Leading:  # fmt: skip
    """The largest eigenvalue of the training loss's Hessian H at each of L places.

    Args:
        theta: the places, shape (L, P).
        rng: draws the first vector, the same for all.
        divisor: a positive number a parameter, shape (L, P): then of D^(-1/2) H D^(-1/2).
    """
    with np.errstate(all="ignore"):
        scale = None if divisor is None else 1 / np.sqrt(divisor)

    def product(some: NDArray[np.intp], v: Array) -> Array:
        by = 1.0 if scale is None else scale[some]
        along = np.ascontiguousarray(by * v)
        at = np.ascontiguousarray(theta[some])
        return np.asarray(by * hessian_vector(network, at, along, data.x_train, data.y_train))

    return leading(product, rng.standard_normal(theta.shape[1:]), len(theta))


def two_largest(
    network: Network, theta: Array, data: Data, rng: np.random.Generator
) -> tuple[Array, Array, bool]:
    """The two largest eigenvalues of that Hessian at one place (P,), their vectors (2, P) at right
    angles to each other, and whether both were found to 1 %. Also where they are equal: the second
    is the largest of what is left beside the first; 0 where it is rounding."""
    first, size = np.zeros(len(theta)), 0.0
    values, vectors, are_found = [], [], True

    def product(_: NDArray[np.intp], v: Array) -> Array:
        inside = v - np.outer(v @ first, first)
        image = hessian_vector(network, theta[None], inside, data.x_train, data.y_train)
        return np.asarray(image - np.outer(image @ first, first))

    for _ in range(2):
        drawn: Array = rng.standard_normal(len(theta))
        start = np.asarray(drawn - (drawn @ first) * first)
        found = leading(product, start, 1, VECTOR_STEPS, size)
        vector = found.vectors[0] - (found.vectors[0] @ first) * first
        values.append(found.values[0])
        vectors.append(vector / np.linalg.norm(vector) if np.isfinite(values[-1]) else vector)
        are_found = are_found and bool(found.is_found[0])
        first, size = vectors[0], found.sizes[0]
    return np.array(values), np.stack(vectors), are_found
