"""What the experiment on batch normalization measures: one network without it and one with."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.experiments.studies import chosen
from nnopt_viz.experiments.studies.drawn import drawn
from nnopt_viz.experiments.studies.lanes import Lanes, at_every, batches, descend, grid, network_for
from nnopt_viz.experiments.studies.probing import probe
from nnopt_viz.experiments.studies.sheets import around
from nnopt_viz.networks import value
from nnopt_viz.networks.directions import random_plane

if TYPE_CHECKING:
    from collections.abc import Generator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.experiments.studies.estimates import Array
    from nnopt_viz.networks import Data, Network

SIDES = ("without", "with")
ROWS = 40
PASSES = 0.6  # of the start's loss: a rate is usable that ends below
SIZES = (4, 16, 64, 128)  # of batches that are compared
MIDDLE = 16  # equal samples are what `steps` batches of so many see
EARLY, LATE = 0.1, 0.9  # shares of the steps: the first tenth, and the last


def networks(call: Call, data: Data) -> tuple[Network, Network]:
    return network_for(call, data), network_for(call, data, batchnorm=True)


def steps_for(steps: int, size: int) -> int:
    """Of batches of a size, how many see as many samples as `steps` batches of MIDDLE."""
    return max(1, round(steps * MIDDLE / size))


class WithAndWithout:
    """What is known so far, by side (0 without, 1 with)."""

    def __init__(self, call: Call) -> None:
        self.call, self.first = call, int(call.number("seed"))
        self.steps, self.data = int(call.number("steps")), drawn(call)
        self.batch = min(int(call.number("batch")), self.data.x_train.shape[1])
        self.seeds, self.repeats = self.data.seeds, len(self.data.seeds)
        self.networks = networks(call, self.data.first)
        self.starts = [self.data.starts(call.call("init"), net) for net in self.networks]
        self.rates = grid(call.number("slowest"), call.number("fastest"), int(call.number("rates")))
        self.sizes = [s for s in SIZES if s <= self.data.x_train.shape[1]]
        self.shared: float  # rate of everything that is compared beside the sweep
        self.swept: dict[int, Array] = {}  # final losses (rates, repetitions)
        self.ends: dict[int, Array] = {}  # at the shared rate, (repetitions, P)
        self.curves: dict[int, Array] = {}  # (repetitions, rows)
        self.probed: dict[int, dict[str, Array]] = {}  # (repetitions, rows)
        self.panels: dict[int, dict[str, Any]] = {}
        self.sized: dict[tuple[int, int], Array] = {}  # test losses by side and size
        self.equal: dict[tuple[int, int], Array] = {}  # the same at equal samples

    def lanes(self, side: int, rates: Array, batch: int, steps: int | None = None) -> Lanes:
        """All repetitions at each of these rates."""
        return at_every(
            self.networks[side], self.data, self.starts[side], rates, batch, steps or self.steps
        )

    def choose(self) -> Generator[None, None, None]:
        """Choose the rate of everything that is compared beside the sweep: the best without."""
        (losses,) = yield from chosen.on_choosers(
            self.call, self.call.call("run"), [self.call.call("init")], self.networks[0], self.rates
        )
        self.shared = float(self.rates[chosen.best(losses)])

    def train_loss(self, side: int, theta: Array) -> Array:
        """On all training data; batch normalization by their own statistics."""
        return self.data.train_loss(self.networks[side], theta)

    def test_loss(self, side: int, theta: Array) -> Array:
        """On the test data; batch normalization by the statistics of the training data."""
        return self.data.test_loss(self.networks[side], theta)

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

    def usable(self, side: int) -> chosen.Usable:
        """Which rates train."""
        start = self.train_loss(side, self.starts[side])
        return chosen.Usable(self.rates, self.swept[side], start, PASSES)

    def follow(self, side: int) -> Generator[None, None, None]:
        """Train at the shared rate once more, probing the landscape along the gradients."""
        lanes = self.lanes(side, np.array([self.shared]), self.batch)
        every = max(1, self.steps // ROWS)
        network, losses_at = self.networks[side], []
        x, y = self.data.x_train, self.data.y_train
        orders = batches(x.shape[1], self.batch, self.seeds)
        each = np.arange(self.repeats)[:, None]
        found: dict[str, list[Array]] = {"loss": [], "gradient": [], "smoothness": []}
        self.at: list[int] = []
        for row in descend(lanes, self.call.call("run"), every):
            yield None
            if row is None:
                continue
            t, theta = row
            losses_at.append(self.train_loss(side, theta))
            self.at.append(t)
            taken = next(orders)
            own = (x, y) if taken is None else (x[each, taken], y[each, taken])
            for name, values in probe(network, theta, *own, self.shared).items():
                found[name].append(values)
        self.ends[side] = theta
        self.curves[side] = np.stack(losses_at, axis=1)
        self.probed[side] = {name: np.stack(values, axis=1) for name, values in found.items()}

    def turns(self, side: int, late: bool) -> Array:
        """How much the gradient changes along itself, a mean over the first or the last tenth of
        the path, (repetitions,)."""
        at = np.array(self.at) / self.steps
        part = at >= LATE if late else at <= EARLY
        with np.errstate(all="ignore"):
            return np.asarray(self.probed[side]["gradient"][:, part].mean(axis=1))

    def surface(self, side: int) -> None:
        """The loss around the first repetition's end, on directions from one and the same draw."""
        network, data = self.networks[side], self.data.first
        loss = partial(value, network, x=data.x_train, y=data.y_train)
        with np.errstate(all="ignore"):  # an end beyond all size has no loss around it
            plane = random_plane(network, self.ends[side][0], self.first)
            seen = around(plane, loss)
        self.panels[side] = {
            "title": f"{SIDES[side]}, trained at {self.shared:.2g}",
            **seen,
            "paths": [{"name": "end", "colour": side, "x": [0.0], "y": [0.0]}],
        }  # fmt: skip

    def at_size(self, side: int, size: int) -> Generator[None, None, None]:
        """Train with another batch size, at the shared rate: as many steps, and as many samples.
        Each is a training of its own, as a schedule is laid out for all steps of its training."""
        for steps, found in ((self.steps, self.sized), (steps_for(self.steps, size), self.equal)):
            lanes = self.lanes(side, np.array([self.shared]), size, steps)
            for row in descend(lanes, self.call.call("run"), steps):
                if row is None:
                    yield None
                elif row[0]:
                    found[side, size] = self.test_loss(side, row[1])
