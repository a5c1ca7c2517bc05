"""How much of itself a random walk shows on a plane: the yardstick beside a path's own share.

A walk is smooth where it matters: most of it lies in a few directions, so that a plane laid along
it holds nine tenths of it (Antognini & Sohl-Dickstein 2018, PCA of high dimensional random walks
with comparison to neural network training). Only a share that walks hardly ever reach says
something about training. Here walks are drawn and measured by the plane's own functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.cache import Cache
from nnopt_viz.declare.pace import breathe
from nnopt_viz.declare.streams import WALKS
from nnopt_viz.networks import PLANES
from nnopt_viz.networks.directions import Plane
from nnopt_viz.networks.planes.plane import PlaneError, Sight

if TYPE_CHECKING:
    from nnopt_viz.lab.lab import Lab

Array = NDArray[np.float64]

# Walks that are drawn, and how many of them lie under `high`: 95 in 100, and one standard deviation
# of that count more, so that of further walks no more than 5 in 100 lie above it but by bad luck.
DRAWN, UNDER = 600, 576
# A walk of more steps is drawn in so many, each counted for those that it stands for: by the
# trapezoidal rule its start counts (1 + STEPS/steps)/2 times as much as the others, half of it in
# an endless walk. Shares then differ by less than 0.001 from those of the walk itself. (And
# eigenvalues of up to 25 rows take 0.1 ms: for more, LAPACK's dstedc waits for other threads.)
STEPS = 23
PARTS = 8  # in so many parts STEPS/steps is rounded, so that few kinds of walks are drawn
STILL = 1e-3  # of its steps: those of other runs whose ends a plane also needs


class Walk(TypedDict):
    """What a random walk of as many steps and parameters, alone, shows of itself: the share of its
    squared distances from its own end that lies along a plane of this kind, from 0 to 1. Where a
    plane is laid along several runs, others hardly move, so that none shows more.

    Args:
        median: of many walks.
        high: what 95 in 100 stay under; only a share above it is called more than a walk's.
    """

    median: float
    high: float


_known = Cache[tuple[str, int, int, int], Walk](512)


def random_walk(lab: Lab, steps: int) -> Walk:
    """The yardstick for shares on a lab's plane.

    Args:
        lab: with the plane.
        steps: of the path, from one recorded row to the next.
    """
    drawn = min(max(1, steps), STEPS)
    key = lab.plane.name, lab.network.size, drawn, round(PARTS * drawn / max(1, steps))
    known = _known.get(key)
    if known is None:
        rng, first = WALKS.generator(0, *key[1:]), (1 + key[-1] / PARTS) / 2
        made = [_share(lab, drawn, first, rng) for _ in range(DRAWN)]
        shares = np.sort(np.clip(made, 0.0, 1.0))
        known = {"median": float(np.median(shares)), "high": float(shares[UNDER - 1])}
        _known.keep(key, known)
    return known


def _share(lab: Lab, steps: int, first_counts: float, rng: np.random.Generator) -> float:
    """Of one walk, on a plane that is laid along it or, where the kind is not laid along paths,
    on one that knows nothing of it; how often its start counts, beside its other places."""
    breathe()
    kind = PLANES[lab.plane.name]
    runs = len(kind.ends) if kind.is_laid_along else 1
    moves = _rows(rng, runs * steps + 2, lab.network.size)
    *made, first, second = moves  # the last two are of the walk's kind: a random plane
    walks = np.reshape(made, (runs, -1, moves.shape[1])).cumsum(axis=1)
    walks = np.concatenate([np.zeros_like(walks[:, :1]), walks], axis=1)
    walks[1:] *= STILL
    ends = walks[:, -1]  # squares of distances from there are what is counted
    walks[:, 0] = ends + np.sqrt(first_counts) * (walks[:, 0] - ends)
    plane = Plane(walks[0, -1], first, second)
    if kind.is_laid_along:
        sight = Sight(lab.network, lab.samples, 0, lab.plane, tuple(range(runs)), walks)
        try:
            plane = kind.compute(sight)
        except (
            PlaneError
        ):  # of so few steps or parameters that all of them lie in any plane along it
            return 1.0
    return float(plane.share(walks[0], walks[0, -1]))


def _rows(rng: np.random.Generator, count: int, size: int) -> Array:
    """Rows of `size` standard normal numbers, in no more than `count` dimensions.

    A share depends only on products of rows with each other. Their law is that of the rows of a
    triangle of normal and chi numbers (Bartlett 1933, On the theory of statistical regression), so
    that a walk in thousands of dimensions is drawn in a few.
    """
    if size <= count:
        return rng.standard_normal((count, size))
    made = np.tril(rng.standard_normal((count, count)), -1)
    made[range(count), range(count)] = np.sqrt(rng.chisquare(size - np.arange(count)))
    return made
