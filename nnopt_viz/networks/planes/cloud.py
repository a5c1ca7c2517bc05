"""Points in many dimensions and the directions in which they extend most, in little memory.

The points are paths that lie elsewhere, often hundreds of megabytes of them: they are gone through
piece by piece and never copied as a whole. Of few points or dimensions the directions come from
the small matrix of products; of more from a search in growing subspaces with exact residuals
(Davidson's, without a preconditioner: a block Lanczos iteration; Saad 2011, Numerical methods for
large eigenvalue problems, sections 6.4 and 8.4), which holds some dozen vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.pace import breathe
from nnopt_viz.networks.pieces import PIECE, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = NDArray[np.float64]

EXACT = 256  # points or dimensions, whichever are fewer: the matrix of products is decomposed
FEW = 1_048_576  # numbers of so few points, at most, that are copied for it
WIDTH = 4  # directions that are sought together: close ones need company
HELD, KEPT = 40, 12  # vectors of the subspace at most, and those with which it begins again
ROUNDS = 100  # products with the block at most: walks and trainings take about ten
SETTLED = 1e-14  # residual over the largest value that counts as found: nearly rounding


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Points, seen from a centre.

    Args:
        paths: shape (paths, rows, P).
        centre: shape (P,).
        counts: which points there are, shape (paths, rows).
        beside: a direction of length 1, shape (P,), whose part is taken away; None for none.
    """

    paths: Array
    centre: Array
    counts: NDArray[np.bool_]
    beside: Array | None = None

    def pieces(self) -> Iterator[Array]:
        """The points in their order, (some, P); together they are all."""
        for path, is_there in zip(self.paths, self.counts, strict=True):
            for rows in parts(*path.shape):
                off = path[rows] - self.centre
                if not is_there[rows].all():
                    off = off[is_there[rows]]
                if self.beside is not None:
                    off -= np.multiply.outer(off @ self.beside, self.beside)
                breathe()
                yield off

    def image(self, vectors: Array) -> Array:
        """The sum over points of (point·vector) point, for each of vectors (k, P)."""
        made = np.zeros_like(vectors)
        for off in self.pieces():
            made += (vectors @ off.T) @ off
        return made

    def first(self) -> Array:
        """The first point, (P,)."""
        return np.asarray(next(off for off in self.pieces() if len(off))[0])

    def farthest(self, direction: Array) -> Array:
        """The point that lies farthest along a direction, to either side, (P,)."""
        found, far = self.centre, -1.0
        for off in self.pieces():
            along = np.abs(off @ direction)
            if len(off) and along.max() > far:
                found, far = off[along.argmax()], along.max()
        return found

    def widest(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """The largest eigenvalues of the sum over points of point point^T, the largest first, and
        their directions, of any length. There may be fewer than so many. Each lies within
        SETTLED of the largest from a true one, but where ROUNDS were too few.

        Args:
            count: how many.
            rng: draws where the search begins.
        """
        points, size = int(self.counts.sum()), self.centre.size
        is_short = points <= size
        if (is_short and points <= EXACT and self.paths.size <= FEW) or size <= EXACT:
            return self._decomposed(count, is_short)
        return self._sought(count, rng)

    def _decomposed(self, count: int, is_short: bool) -> tuple[Array, Array]:
        """By the matrix of products: of points with each other where they are few (`is_short`)."""
        if is_short or self.paths.size <= PIECE:
            off = np.concatenate(list(self.pieces()))
            gram = off @ off.T if is_short else off.T @ off
        else:
            gram = np.zeros((self.centre.size, self.centre.size))
            for off in self.pieces():
                gram += off.T @ off
        values, vectors = np.linalg.eigh(gram)
        values, top = values[::-1][:count], vectors[:, ::-1][:, :count]
        return values, (off.T @ top if is_short else top).T

    def _sought(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        drawn = np.zeros((WIDTH, self.centre.size))
        for off in self.pieces():  # as sums of points: what no point has a part in is not there
            drawn += rng.standard_normal((WIDTH, len(off))) @ off
        basis, images = np.empty((2, HELD, self.centre.size))
        new, held = drawn, 0
        values, found = np.zeros(0), basis[:0]
        for _ in range(ROUNDS):
            new = _beside(new, basis[:held])
            if not len(new):
                break
            now = slice(held, held + len(new))
            basis[now], images[now] = new, self.image(new)
            held = now.stop
            small = basis[:held] @ images[:held].T
            values, turns = np.linalg.eigh((small + small.T) / 2)
            values, turns = values[::-1], turns[:, ::-1].T
            top = turns[:WIDTH]
            found = top @ basis[:held]
            rest = top @ images[:held] - values[: len(top), None] * found
            length, limit = np.linalg.norm(rest, axis=1), SETTLED * max(values[0], 1e-300)
            if (length[:count] <= limit).all():
                break
            new = rest[length > limit]
            if held + WIDTH > HELD:
                kept = turns[:KEPT]
                basis[:KEPT], images[:KEPT] = kept @ basis[:held], kept @ images[:held]
                held = KEPT
        return values[:count], found[:count]


def _beside(vectors: Array, basis: Array) -> Array:
    """What of vectors (k, P) lies beside an orthonormal basis (m, P), as orthonormal vectors:
    fewer where that is rounding."""
    made: list[Array] = []
    for vector in vectors:
        own = vector / (np.linalg.norm(vector) or 1.0)
        for _ in range(2):  # once more takes away what rounding has left
            own = own - (basis @ own) @ basis
            for other in made:
                own = own - (other @ own) * other
            length = np.linalg.norm(own)
            if length <= 1e-10:
                break
            own = own / length
        else:
            made.append(own)
    return np.array(made).reshape(len(made), vectors.shape[1])
