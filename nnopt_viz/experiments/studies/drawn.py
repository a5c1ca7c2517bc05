"""What each repetition of an experiment draws for itself: data, and start weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.networks import Passes, dataset, start_weights, statistics

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.experiments.studies.estimates import Array
    from nnopt_viz.networks import Data, Network

LEAST = 3  # further repetitions, on which a rate is chosen


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The data of all repetitions, stacked: x (repetitions, n, inputs), y (repetitions, n).

    Args:
        seeds: of the repetitions.
        first: the first one's data; all have its shape.
    """

    seeds: tuple[int, ...]
    first: Data
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array

    def starts(self, init: Call, network: Network) -> Array:
        """Start weights, a lane for each repetition, (repetitions, P)."""
        return start_weights(init, network, self.seeds)

    def train_loss(self, network: Network, theta: Array) -> Array:
        """Loss on all training data of parameters (lanes, P), lane by lane: the repetitions in
        turn, as often as there are settings. Batch normalization by the same data's statistics."""
        return losses(network, theta, self.x_train, self.y_train)

    def test_loss(self, network: Network, theta: Array) -> Array:
        """The same on the test data; batch normalization by the training data's statistics."""
        passes, made = Passes(network), np.empty(len(theta))
        for part in parts(len(theta), len(self.seeds)):
            fixed = statistics(network, theta[part], self.x_train)
            made[part] = passes.value(theta[part], self.x_test, self.y_test, fixed)
        return made


def drawn(call: Call) -> Drawn:
    """What the repetitions of an experiment draw, seeds `seed`, `seed` + 1 …"""
    first = int(call.number("seed"))
    return _drawn(call, range(first, first + int(call.number("seeds"))))


def choosers(call: Call) -> Drawn:
    """What further repetitions draw, which only choose a rate: their seeds are the next ones."""
    return _drawn(call, choosers_of(call))


def choosers_of(call: Call) -> range:
    """The seeds of further repetitions: half as many as are judged, and LEAST at least."""
    judged = int(call.number("seeds"))
    first = int(call.number("seed")) + judged
    return range(first, first + max(LEAST, (judged + 1) // 2))


def _drawn(call: Call, own: range) -> Drawn:
    seeds = tuple(own)
    every = [dataset(call.call("data"), seed) for seed in seeds]
    names = ("x_train", "y_train", "x_test", "y_test")
    stacks = (np.stack([getattr(data, name) for data in every]) for name in names)
    return Drawn(seeds, every[0], *stacks)


def losses(network: Network, theta: Array, x: Array, y: Array) -> Array:
    """The loss of parameters (lanes, P), where lanes take the repetitions' samples in turn."""
    passes, made = Passes(network), np.empty(len(theta))
    for part in parts(len(theta), len(x)):
        made[part] = passes.value(theta[part], x, y)
    return made


def parts(lanes: int, repeats: int) -> list[slice]:
    """The lanes of one setting after the other."""
    return [slice(at, at + repeats) for at in range(0, lanes, repeats)]
