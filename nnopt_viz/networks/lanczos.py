"""The largest eigenvalue of each of many symmetric matrices, known by its products.

By the Lanczos iteration with full reorthogonalization (Golub & Van Loan 2013, Matrix
computations, section 10.1). Unlike the power iteration it finds the largest eigenvalue, not the
one of largest size, and it knows how far it has come: an eigenvalue lies within the residual's
length of each Ritz value (Parlett 1980, The symmetric eigenvalue problem, theorem 4.5.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.pace import breathe

Array = NDArray[np.float64]
Numbers = NDArray[np.intp]
Product = Callable[[Numbers, Array], Array]

STEPS = 80  # products with each matrix, at most
CHECKED = 4  # steps from one look at the Ritz values to the next
# Residual over eigenvalue that counts as found. The value's own error is of second order, so far
# smaller; but where two eigenvalues lie a few per cent apart and the first vector has hardly a part
# along the larger, the smaller one seems to be found first. Hence so small a residual for those
# that stop early; after all steps such a part has grown long since.
SETTLED, SETTLED_AT_LAST = 1e-5, 1e-3
NOTHING = 1e-10  # of the matrix's size: rounding
HELD = 24_000_000  # bytes of vectors that are held at once


@dataclass(frozen=True, slots=True, eq=False)
class Leading:
    """The largest eigenvalue of each of L matrices of P rows.

    Args:
        values: shape (L,). From below: none is more than the true one, but for rounding; 0 where
            it is no more than rounding, nan where a product is not finite.
        vectors: of length 1, shape (L, P); 0 where the value is nan.
        is_found: is the value the largest eigenvalue to 1 %? Else it is a lower bound. (L,).
        sizes: of the largest number met on the way, (L,).
    """

    values: Array
    vectors: Array
    is_found: NDArray[np.bool_]
    sizes: Array


def leading(
    product: Product, start: Array, lanes: int, at_least: int = 1, size_at_least: float = 0.0
) -> Leading:
    """The largest eigenvalue of each matrix, and its vector.

    Args:
        product: (numbers of some of the matrices, shape (m,); a vector for each, (m, P)) ->
            matrix times vector, (m, P).
        start: the first vector, shape (P,): a random one has a part along every eigenvector.
        lanes: how many matrices there are.
        at_least: steps that are taken even where the value is found before: the vector settles
            later.
        size_at_least: what numbers the products were computed with: what is less than NOTHING of
            it is rounding, though nothing larger is left.
    """
    size = len(start)
    made = Leading(
        np.full(lanes, np.nan), np.zeros((lanes, size)), np.zeros(lanes, dtype=bool),
        np.zeros(lanes),
    )  # fmt: skip
    steps = min(size, STEPS)
    block = max(1, HELD // (8 * size * (steps + 1)))
    with np.errstate(all="ignore"):
        for at in range(0, lanes, block):
            some = np.arange(at, min(at + block, lanes))
            _block(product, start, some, (steps, min(size, at_least)), size_at_least, made)
    return made


def _block(
    product: Product, start: Array, some: Numbers, steps: tuple[int, int], size_at_least: float,
    made: Leading,
) -> None:  # fmt: skip
    """Write what is found of some of the matrices, in steps: the most, and the least."""
    (most, least), size = steps, len(start)
    basis = np.empty((len(some), most + 1, size))
    basis[:, 0] = start / np.linalg.norm(start)
    small = np.zeros((len(some), most, most))  # the matrices in their bases: tridiagonal
    for k in range(1, most + 1):
        breathe()
        known = basis[:, :k]
        rest = product(some, known[:, -1])
        for _ in range(2):  # once more takes away what rounding has left
            parts = np.matmul(known, rest[..., None])
            rest = rest - np.matmul(parts.swapaxes(1, 2), known)[:, 0]
            small[:, k - 1, k - 1] += parts[:, -1, 0]
        length = np.linalg.norm(rest, axis=1)
        is_lost = ~np.isfinite(length)
        scale = np.maximum(np.abs(small).max(axis=(1, 2)), size_at_least)
        # Nothing is left outside: the vectors span all that the first one has a part in.
        is_whole = (length <= NOTHING * scale) | (k == size)
        must = is_lost | is_whole | (k == most)
        if must.any() or (k >= least and k % CHECKED == 0):
            values, turns = np.linalg.eigh(np.where(is_lost[:, None, None], 0, small[:, :k, :k]))
            value, turn = values[:, -1], turns[:, :, -1]
            residual = np.where(is_whole, 0, length) * np.abs(turn[:, -1])
            enough = SETTLED_AT_LAST if k == most else SETTLED
            limit = np.maximum(enough * np.abs(value), NOTHING * scale)
            is_found = (residual <= limit) & (is_whole | (k >= least))
            good = (must | is_found) & ~is_lost
            made.values[some[good]] = np.where(np.abs(value) <= NOTHING * scale, 0, value)[good]
            made.sizes[some[good]] = scale[good]
            made.vectors[some[good]] = np.matmul(turn[good][:, None], known[good])[:, 0]
            made.is_found[some[good]] = is_found[good]
            left = ~(must | is_found)
            if not left.any():
                return
            some, basis, small = some[left], basis[left], small[left]
            rest, length = rest[left], length[left]
        basis[:, k] = rest / length[:, None]
        if k < most:
            small[:, k - 1, k] = small[:, k, k - 1] = length
