"""The saddles that runs came near: Newton's method from where a run was slowest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.judge.evaluate import evaluate
from nnopt_viz.judge.ground import rounding
from nnopt_viz.judge.newton import polish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.judge.events.lane import Array, Lane

EXACT = 1e-6  # of the diagonal: nearer to the saddle than this Newton's method has to end
LEVEL = 1e-9  # of the curvature across: a smaller one is level, but for rounding
CANDIDATES = 8  # slowest places of a run from which a saddle is looked for


@dataclass(frozen=True, slots=True, eq=False)
class Saddle:
    """A saddle, and the row from which it was found.

    Args:
        row: the row.
        point: where it is, shape (2,).
        down: unit vector along which the surface curves down most.
        curve: the curvature along it, below 0.
    """

    row: int
    point: Array
    down: tuple[float, float]
    curve: float


def saddles(lanes: Sequence[Lane]) -> list[list[Saddle]]:
    """Saddles by run, those from the slowest rows first.

    All runs are looked up at once: Newton's method costs the same for one point and for
    hundreds. Where the surface moves every row has one of its own.
    """
    asked = [(i, int(row)) for i, lane in enumerate(lanes) for row in _slowest(lane)]
    moves = any(lane.s is not None for lane in lanes)
    made: list[list[Saddle]] = [[] for _ in lanes]
    for group in [[one] for one in asked] if moves else [asked] if asked else []:
        first, at = group[0]
        surface = lanes[first].surface_at(at)
        points = np.stack([lanes[i].x[:, row] for i, row in group], axis=1)
        rests = polish(surface, points, downhill=False)
        noise = rounding(surface, rests.x)
        for k, (i, row) in enumerate(group):
            low, high = float(rests.low[k]), float(rests.high[k])
            exact = EXACT * lanes[i].across * min(-low, high)  # so far Newton would go from there
            falls = -low * lanes[i].limits.near ** 2 / 2  # along the way down, as it curves there
            if -low > LEVEL * high > 0 and rests.slope[k] <= exact and falls > noise[k]:
                point = rests.x[:, k]
                made[i].append(Saddle(row, point, _way_down(surface, point), low))
    return made


def saddle_slope(lane: Lane) -> Array:
    """The gradient's norm at rows where the surface curves both ways, inf at others."""
    low, high = lane.curvature
    return np.where((low < 0) & (high > 0), lane.grad_norm, np.inf)


def _slowest(lane: Lane) -> NDArray[np.intp]:
    slope = saddle_slope(lane)
    sides = np.pad(slope, 1, constant_values=np.inf)
    dips = np.flatnonzero((slope <= sides[:-2]) & (slope <= sides[2:]) & np.isfinite(slope))
    return dips[np.argsort(slope[dips], kind="stable")][:CANDIDATES]


def _way_down(surface: Call, point: Array) -> tuple[float, float]:
    """Unit vector along which the surface curves down most, to the right."""
    _, _, h = evaluate(surface, point[0], point[1], 2)
    vector = np.linalg.eigh(h)[1][:, 0]
    vector = vector if tuple(vector) > (0, 0) else -vector
    return float(vector[0]) + 0.0, float(vector[1]) + 0.0
