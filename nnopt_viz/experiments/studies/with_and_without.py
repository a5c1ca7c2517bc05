"""What the experiment on batch normalization measures: one network without it and one with."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.experiments.studies.estimates import Array, usable
from nnopt_viz.experiments.studies.lanes import Lanes, batches, descend, grid, network_for, rows
from nnopt_viz.experiments.studies.probing import probe
from nnopt_viz.experiments.studies.sheets import around
from nnopt_viz.networks import dataset, start_weights, statistics, value
from nnopt_viz.networks.directions import random_plane

if TYPE_CHECKING:
    from collections.abc import Generator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.networks import Data, Network

SIDES = ("without", "with")
ROWS = 40
PASSES = 0.6  # of the start's loss: a rate trains when the median over seeds ends below
SIZES = (4, 8, 16, 32, 64, 128)


def networks(call: Call, data: Data) -> tuple[Network, Network]:
    return network_for(call, data), network_for(call, data, batchnorm=True)


class WithAndWithout:
    """What is known so far, by side (0 without, 1 with)."""

    def __init__(self, call: Call) -> None:
        self.call, self.first = call, int(call.number("seed"))
        self.repeats, self.steps = int(call.number("seeds")), int(call.number("steps"))
        self.batch = int(call.number("batch"))
        self.data = dataset(call["data"], self.first)
        self.networks = networks(call, self.data)
        self.seeds = list(range(self.first, self.first + self.repeats))
        init = call.call("init")
        self.starts = [start_weights(init, network, self.seeds) for network in self.networks]
        self.rates = grid(call.number("slowest"), call.number("fastest"), int(call.number("rates")))
        self.sizes = [s for s in SIZES if s <= len(self.data.x_train)]
        self.swept: dict[int, Array] = {}  # final losses (rates, seeds)
        self.ends: dict[int, Array] = {}  # at the shared rate, (seeds, P)
        self.curves: dict[int, Array] = {}  # (seeds, rows)
        self.probed: dict[int, dict[str, Array]] = {}
        self.panels: dict[int, dict[str, Any]] = {}
        self.sized: dict[tuple[int, int], Array] = {}

    def lanes(self, side: int, rates: Array, batch: int) -> Lanes:
        """All seeds at each of these rates."""
        return Lanes(
            network=self.networks[side], theta=np.tile(self.starts[side], (len(rates), 1)),
            x=self.data.x_train, y=self.data.y_train, seed=np.tile(self.seeds, len(rates)),
            rates=np.repeat(rates, self.repeats), batch=batch, steps=self.steps,
        )  # fmt: skip

    def train_loss(self, side: int, theta: Array) -> Array:
        """On all training data; batch normalization by their own statistics."""
        return value(self.networks[side], theta, self.data.x_train, self.data.y_train)

    def test_loss(self, side: int, theta: Array) -> Array:
        """On the test data; batch normalization by the statistics of the training data."""
        network, data = self.networks[side], self.data
        made = np.empty(len(theta))
        for i in range(len(theta)):
            fixed = statistics(network, theta[i : i + 1], data.x_train)
            made[i] = value(network, theta[i : i + 1], data.x_test, data.y_test, fixed)[0]
        return made

    def sweep(self, side: int) -> Generator[float | None, None, None]:
        """Train at every rate; yields the share done, and None between."""
        lanes = self.lanes(side, self.rates, self.batch)
        for row in descend(lanes, self.call.call("run"), max(1, self.steps // 5)):
            if row is None:
                yield None
            elif row[0]:
                t, theta = row
                made = self.train_loss(side, theta)
                self.swept[side] = made.reshape(len(self.rates), self.repeats)
                yield t / self.steps

    def best(self, side: int) -> float:
        """The rate of the grid with the least median loss."""
        return float(self.rates[np.argmin(np.median(usable(self.swept[side]), axis=1))])

    def shared(self) -> float:
        """The rate of everything that is compared beside the sweep: the best without."""
        return self.best(0)

    def passing(self, side: int) -> Array:
        """Which rates train."""
        start = np.median(self.train_loss(side, self.starts[side]))
        return np.asarray(np.median(usable(self.swept[side]), axis=1) < PASSES * start)

    def follow(self, side: int) -> Generator[None, None, None]:
        """Train at the shared rate once more, probing the landscape along the gradients."""
        lanes = self.lanes(side, np.array([self.shared()]), self.batch)
        every = max(1, self.steps // ROWS)
        network, losses_at = self.networks[side], []
        orders = batches(len(self.data.x_train), self.batch, self.seeds)
        found: dict[str, list[Array]] = {"loss": [], "gradient": [], "smoothness": []}
        self.at: list[int] = []
        for row in descend(lanes, self.call.call("run"), every):
            yield None
            if row is None:
                continue
            t, theta = row
            losses_at.append(self.train_loss(side, theta))
            self.at.append(t)
            chosen = next(orders)
            x, y = self.data.x_train, self.data.y_train
            own = (x, y) if chosen is None else (x[chosen], y[chosen])
            for name, values in probe(network, theta, *own, self.shared()).items():
                found[name].append(values)
        self.ends[side] = theta
        self.curves[side] = np.stack(losses_at, axis=1)
        self.probed[side] = {name: np.stack(values, axis=1) for name, values in found.items()}

    def surface(self, side: int) -> None:
        """The loss around the first seed's end, on directions from one and the same draw."""
        plane = random_plane(self.networks[side], self.ends[side][0], self.first)
        self.panels[side] = {
            "title": f"{SIDES[side]}, trained at {self.shared():.2g}",
            **around(plane, partial(self.train_loss, side)),
            "paths": [{"name": "end", "colour": side, "x": [0.0], "y": [0.0]}],
        }  # fmt: skip

    def at_size(self, side: int, size: int) -> Generator[None, None, None]:
        """Train with another batch size, at the shared rate."""
        lanes = self.lanes(side, np.array([self.shared()]), size)
        *_, (_, theta) = yield from rows(lanes, self.call.call("run"), self.steps)
        self.sized[side, size] = self.test_loss(side, theta)
