"""What a rule can do with a network's weights as matrices, group by group.

A parameter vector (lanes, P) is cut into its groups: a weight matrix has a row for each input
and a column for each unit; a bias (or scale, or shift) is a matrix of one column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.formula.once import once

Array = NDArray[Any]

# Newton-Schulz for the polar factor: five steps of a quintic whose slope at 0 is steep
# (Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks).
QUINTIC, QUINTIC_STEPS, SMALLEST = (3.4445, -4.7750, 2.0315), 5, 1e-7


class Part(Protocol):
    """A group of parameters: its place in the flat vector, and its shape."""

    @property
    def start(self) -> int: ...
    @property
    def stop(self) -> int: ...
    @property
    def shape(self) -> tuple[int, ...]: ...


@dataclass(frozen=True)
class Matrices:
    """The groups of a parameter vector as matrices.

    Args:
        parts: the groups in order, without gaps; a weight matrix has two axes.
        pause: called between the parts of what takes long.
    """

    parts: Sequence[Part]
    pause: Callable[[], None] = lambda: None

    @once
    def sizes(self) -> NDArray[np.intp]:
        """Numbers in each group."""
        return np.array([part.stop - part.start for part in self.parts])

    @once
    def starts(self) -> NDArray[np.intp]:
        """Where each group begins."""
        return np.array([part.start for part in self.parts], dtype=np.intp)

    def spread(self, values: Array) -> Array:
        """One number a group (…, groups) as one a parameter (…, P)."""
        return np.repeat(values, self.sizes, axis=-1)

    def total(self, v: Array) -> Array:
        """The sum over each group, at each of its parameters."""
        return self.spread(np.add.reduceat(v, self.starts, axis=1))

    def rms(self, v: Array) -> Array:
        """Root mean square of each group, at each of its parameters."""
        return np.asarray(np.sqrt(self.total(v * v) / self.spread(self.sizes)))

    def weights(self) -> Array:
        """1 at the parameters of a weight matrix, 0 elsewhere, shape (1, P)."""
        return self.spread(np.array([[float(len(part.shape) == 2) for part in self.parts]]))

    def aspect(self) -> Array:
        """Columns over rows of each group, shape (1, P)."""
        shapes = [_shape(part) for part in self.parts]
        return self.spread(np.array([[columns / rows for rows, columns in shapes]]))

    def row_mean(self, v: Array) -> Array:
        """The mean of each row, at each of its parameters."""
        return self._each(v, lambda m: m.mean(axis=2, keepdims=True))

    def column_mean(self, v: Array) -> Array:
        """The mean of each column, at each of its parameters."""
        return self._each(v, lambda m: m.mean(axis=1, keepdims=True))

    def orthogonal(self, v: Array) -> Array:
        """Each matrix with its singular values near 1 (0.7 to 1.2), by Newton-Schulz."""
        return self._each(v, _orthogonal)

    def gram_rows(self, v: Array) -> Array:
        """G G^T of each matrix, one after the other: (lanes, sum of rows squared)."""
        return self._grams(v, lambda m: m @ m.swapaxes(1, 2))

    def gram_columns(self, v: Array) -> Array:
        """G^T G of each matrix, one after the other: (lanes, sum of columns squared)."""
        return self._grams(v, lambda m: m.swapaxes(1, 2) @ m)

    def between(self, left: Array, v: Array, right: Array, eps: Any) -> Array:
        """(L + eps I)^(-1/4) G (R + eps I)^(-1/4); of one column (L + eps I)^(-1/2) g.

        Gupta, Koren & Singer 2018, Shampoo: preconditioned stochastic tensor optimization,
        algorithms 1 and 2: the power is -1/(2*axes).
        """
        made = np.empty_like(v)
        at_left = at_right = 0
        for part in self.parts:
            self.pause()
            rows, columns = _shape(part)
            grams = left[:, at_left : at_left + rows**2].reshape(-1, rows, rows)
            g = v[:, part.start : part.stop].reshape(-1, rows, columns)
            if len(part.shape) == 2:
                others = right[:, at_right : at_right + columns**2]
                g = _power(grams, eps, -0.25) @ g
                g = g @ _power(others.reshape(-1, columns, columns), eps, -0.25)
            else:
                g = _power(grams, eps, -0.5) @ g
            made[:, part.start : part.stop] = g.reshape(len(v), -1)
            at_left, at_right = at_left + rows**2, at_right + columns**2
        return made

    def _each(self, v: Array, work: Callable[[Array], Array]) -> Array:
        made = np.empty_like(v)
        for part in self.parts:
            self.pause()
            matrix = v[:, part.start : part.stop].reshape(-1, *_shape(part))
            found = np.broadcast_to(work(matrix), matrix.shape)
            made[:, part.start : part.stop] = found.reshape(len(v), -1)
        return made

    def _grams(self, v: Array, work: Callable[[Array], Array]) -> Array:
        grams = [
            work(v[:, part.start : part.stop].reshape(-1, *_shape(part))).reshape(len(v), -1)
            for part in self.parts
        ]
        return np.concatenate(grams, axis=1)


def _shape(part: Part) -> tuple[int, int]:
    return (part.shape[0], part.shape[1]) if len(part.shape) == 2 else (part.shape[0], 1)


def _orthogonal(m: Array) -> Array:
    a, b, c = QUINTIC
    is_tall = m.shape[1] > m.shape[2]
    m = m.swapaxes(1, 2) if is_tall else m
    m = m / np.maximum(np.sqrt((m * m).sum(axis=(1, 2), keepdims=True)), SMALLEST)
    for _ in range(QUINTIC_STEPS):
        gram = m @ m.swapaxes(1, 2)
        m = a * m + (b * gram + c * gram @ gram) @ m
    return m.swapaxes(1, 2) if is_tall else m


def _power(grams: Array, eps: Any, power: float) -> Array:
    """(A + eps I)^power of symmetric matrices; nan for those that are not finite."""
    made = np.full_like(grams, np.nan)
    good = np.isfinite(grams).all(axis=(1, 2))
    values, vectors = np.linalg.eigh(grams[good])
    scaled = np.maximum(values + eps, np.finfo(float).tiny) ** power
    made[good] = (vectors * scaled[:, None, :]) @ vectors.swapaxes(1, 2)
    return made
