"""A lane once more: with another program, or without its noise from a step on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.declare.streams import RACE_RULE_DRAWS
from nnopt_viz.judge.executors import Draws, Key, Rows, ScalarRun
from nnopt_viz.judge.simulation import learning_rates, morphs, starting_points

if TYPE_CHECKING:
    from nnopt_viz.judge.events.lane import Array, Lane


def replayed(lane: Lane, key: Key, last: int, quiet_after: int | None = None) -> Rows:
    """Steps 1 … last of a lane once more, with another program.

    Args:
        quiet_after: from the step after this one every random draw is 0.
    """
    scenario, call = lane.scenario, lane.call
    points = starting_points(scenario)[:, lane.lane : lane.lane + 1]
    racer = ScalarRun(key, points, learning_rates(scenario, call), morphs(scenario), scenario.seed)
    width = racer.normals.width
    draws = Draws(scenario.seed, 1, 2 if scenario.noise else 0, first=lane.lane)
    own = Draws(scenario.seed, 1, width, RACE_RULE_DRAWS, first=lane.lane)
    x, x_eval = np.empty((2, last, 1)), np.empty((2, last, 1))
    alive = np.ones(1, dtype=bool)
    loud = last if quiet_after is None else min(quiet_after, last)
    for first, size, share in ((0, loud, 1.0), (loud, last - loud, 0.0)):
        if not size:
            continue
        part = slice(first, first + size)
        racer.normals = _Given(share * own.next(size))
        rows = Rows(x[:, part], x_eval[:, part] if racer.evaluates else None)
        racer.advance(first, size, share * scenario.noise * draws.next(size), rows, alive)
    return Rows(x[:, :, 0], x_eval[:, :, 0] if racer.evaluates else None)


class _Given(Draws):
    """Draws that are known already."""

    def __init__(self, values: Array) -> None:
        self.values = values
        self.width = values.shape[1]

    def next(self, size: int) -> Array:
        return self.values[:size]
