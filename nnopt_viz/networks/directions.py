"""A plane through a network's parameters, and the random directions that are fair to it.

Directions keep the scale of the parameters; coordinates are those of the orthogonal
projection, so that the distance of a point from the plane is exact whatever the angle between
the two directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.pace import breathe
from nnopt_viz.declare.streams import DIRECTIONS
from nnopt_viz.networks.pieces import PIECE, parts

if TYPE_CHECKING:
    from nnopt_viz.networks.network import Network

Array = NDArray[np.float64]

ROUNDING = 1e-12  # of the way to a point: nearer to the plane than this it lies in it


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A plane: centre + x*first + y*second.

    Args:
        centre, first, second: shape (parameters,).
        notes: what there is to say about it, plain sentences.
    """

    centre: Array
    first: Array
    second: Array
    notes: tuple[str, ...] = ()

    def coordinates(self, theta: Array) -> tuple[Array, Array, Array]:
        """x, y and distance from the plane of parameters (…, P), each of shape (…)."""
        q, r = np.linalg.qr(np.stack([self.first, self.second], axis=1))
        made = np.empty((3, *theta.shape[:-1]))
        with np.errstate(all="ignore"):
            self._coordinates(theta, q, np.linalg.inv(r).T, made)
        return made[0], made[1], made[2]

    def _coordinates(self, theta: Array, q: Array, turn: Array, made: Array) -> None:
        """Write x, y and distance into made (3, …), piece by piece."""
        if theta.size > PIECE and theta.ndim > 1:
            for some in parts(len(theta), theta[0].size):
                inside = theta[some]
                if len(inside) == 1 and theta.ndim > 2:
                    self._coordinates(inside[0], q, turn, made[:, some.start])
                else:
                    self._of_piece(inside, q, turn, made[:, some])
            return
        self._of_piece(theta, q, turn, made)

    def _of_piece(self, theta: Array, q: Array, turn: Array, made: Array) -> None:
        off = theta - self.centre
        inside = off @ q
        xy = inside @ turn
        way = _length(off)
        off -= inside @ q.T
        away = _length(off)
        made[0], made[1] = xy[..., 0], xy[..., 1]
        made[2] = np.where(away <= ROUNDING * way, 0, away)
        breathe()

    def at(self, x: Array, y: Array) -> Array:
        """Parameters at points of the plane, shape (points, P)."""
        made = np.multiply.outer(x, self.first)
        made += self.centre
        made += np.multiply.outer(y, self.second)
        return made

    def share(self, paths: Array, place: Array, counts: Any = True) -> Array:
        """How much of each path, seen from a place, runs along the plane, shape (…).

        Of the squared distances of a path's points from there, the part along the plane; nan where
        no point is away from there. The place need not lie in the plane: seen from its own end, a
        path gains nothing by lying far from the others.

        Args:
            paths: shape (…, rows, P); points that are not finite are left out.
            place: of each path, shape (…, P), or of all, (P,).
            counts: which points count, shape (…, rows).
        """
        q, _ = np.linalg.qr(np.stack([self.first, self.second], axis=1))
        whole, outside = np.empty(paths.shape[:-1]), np.empty(paths.shape[:-1])
        place = np.broadcast_to(place, (*paths.shape[:-2], paths.shape[-1]))
        with np.errstate(all="ignore"):
            for at in np.ndindex(*paths.shape[:-2]):
                for some in parts(*paths.shape[-2:]):
                    off = paths[at][some] - place[at]
                    rest = off - (off @ q) @ q.T
                    whole[at][some], outside[at][some] = _squares(off), _squares(rest)
                    breathe()
            good = np.isfinite(whole) & np.isfinite(outside) & counts
            outside, whole = (np.where(good, v, 0).sum(axis=-1) for v in (outside, whole))
            return np.asarray(1 - outside / whole)


def _squares(v: Array) -> Array:
    return np.asarray(np.einsum("...p,...p->...", v, v))


def _length(v: Array) -> Array:
    return np.asarray(np.sqrt(_squares(v)))


def random_plane(network: Network, centre: Array, seed: int) -> Plane:
    """Two filter-normalized directions, the same draws for the same seed, through centre (P,)."""
    rng = DIRECTIONS.generator(seed)
    first, second = (filter_normalized(network, centre, rng) for _ in range(2))
    return Plane(centre, first, second)


def filter_normalized(network: Network, centre: Array, rng: np.random.Generator) -> Array:
    """A random direction whose part into each unit is as long as that unit's weights.

    Zero on biases and on batch normalization's parameters. Li et al. 2018, section 4:
    d_ij <- d_ij/|d_ij| * |theta_ij|, where j is one filter: here the weights into one unit.
    """
    made = np.zeros_like(centre)
    for group in network.groups:
        if group.kind == "weight":
            draw = rng.standard_normal(group.shape)
            weights = centre[group.start : group.stop].reshape(group.shape)
            draw *= np.linalg.norm(weights, axis=0) / np.linalg.norm(draw, axis=0)
            made[group.start : group.stop] = draw.ravel()
    return made
