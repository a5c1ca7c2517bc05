"""What the experiment on optimizers measures: each at every rate, and at its best."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.knobs import Call
from nnopt_viz.experiments.studies.estimates import (
    Array,
    exact,
    group,
    listed,
    loss_range,
    median,
    paired,
    ratio,
    series,
    usable,
)
from nnopt_viz.experiments.studies.sheets import sheet
from nnopt_viz.experiments.study import Chart, Estimate, Finding
from nnopt_viz.networks import value
from nnopt_viz.networks.directions import Plane

if TYPE_CHECKING:
    from nnopt_viz.networks import Data, Network

CELLS = 41  # of the plane, a side


def _logarithm(losses: Array) -> Array:
    return np.asarray(np.log10(np.maximum(usable(losses), 1e-300)))


def _level(losses: Array) -> Array:
    """How good each rate is, from losses (rates, seeds): the mean of log10, as a median would not
    see that a third of the seeds is lost."""
    return np.asarray(_logarithm(losses).mean(axis=1))


def _spread(values: Array) -> Array:
    """CELLS coordinates over the values, and some room beside them."""
    low, high = values.min(), values.max()
    room = 0.15 * (high - low) + 1e-9
    return np.linspace(low - room, high + room, CELLS)


class Tuned:
    """What is known so far, by optimizer: final losses (rates, seeds), and one path at its best."""

    def __init__(self, call: Call, network: Network, data: Data, rates: Array) -> None:
        self.call, self.network, self.data, self.rates = call, network, data, rates
        self.train: dict[str, Array] = {}
        self.test: dict[str, Array] = {}
        self.curves: dict[str, Array] = {}  # at the best rate, (seeds, rows)
        self.paths: dict[str, Array] = {}  # of the first seed at the best rate, (rows, P)
        self.best: dict[str, int] = {}

    def add(self, name: str, theta: Array) -> None:
        """Take in all trainings of one optimizer: (rates, seeds, rows, P)."""
        ends = np.ascontiguousarray(theta[:, :, -1].reshape(-1, self.network.size))
        shape = theta.shape[:2]
        data = self.data
        self.train[name] = value(self.network, ends, data.x_train, data.y_train).reshape(shape)
        self.test[name] = value(self.network, ends, data.x_test, data.y_test).reshape(shape)
        at = int(np.argmin(_level(self.train[name])))
        own = theta[at]
        flat = np.ascontiguousarray(own.reshape(-1, self.network.size))
        made = value(self.network, flat, data.x_train, data.y_train)
        self.best[name], self.curves[name] = at, made.reshape(own.shape[:2])
        self.paths[name] = own[0]

    def same(self) -> int:
        """The one rate that suits all best: least sum of ranks."""
        ranks = [np.argsort(np.argsort(_level(v))) for v in self.train.values()]
        return int(np.argmin(np.sum(ranks, axis=0)))

    def charts(self) -> tuple[Chart, ...]:
        colours = {name: i for i, name in enumerate(self.train)}
        same = self.same()
        every = np.stack(list(self.curves.values()))
        top = loss_range(every)
        steps = np.linspace(0, self.call.number("steps"), every.shape[2])
        return (
            Chart(
                key="sweep", title="Final training loss by learning rate", kind="lines",
                x="learning rate", y="loss", log="xy",
                data={"series": [series(n, colours[n], self.rates, v, axis=1)
                                 for n, v in self.train.items()], "range": top},
                note=f"The same {len(self.rates)} rates for each. Band: 10th to 90th percentile.",
            ),
            Chart(
                key="best", title="Each at its best rate", kind="strip", x="",
                y="final training loss", log="y",
                data={"groups": [group(f"{n} {self.rates[self.best[n]]:.2g}", colours[n],
                                       v[self.best[n]]) for n, v in self.train.items()],
                      "range": top},
                note="A dot a seed; the bar is the median with its 95 % interval.",
            ),
            Chart(
                key="same", title=f"All at the same rate, {self.rates[same]:.2g}", kind="strip",
                x="", y="final training loss", log="y",
                data={"groups": [group(n, colours[n], v[same]) for n, v in self.train.items()],
                      "range": top},
                note="The grid's rate that suits all of them best.",
            ),
            Chart(
                key="curves", title="Training loss at the best rate", kind="lines", x="step",
                y="loss", log="y",
                data={"series": [series(n, colours[n], steps, v) for n, v in self.curves.items()],
                      "range": top},
                note="Line: median over seeds. Band: 10th to 90th percentile.",
            ),
            self.plane(colours),
        )  # fmt: skip

    def train_loss(self, theta: Array) -> Array:
        """On all training data, of parameters (L, P)."""
        return value(self.network, theta, self.data.x_train, self.data.y_train)

    def plane(self, colours: dict[str, int]) -> Chart:
        """The paths of the first seed on the plane of all of them together."""
        paths = {n: p[np.abs(p).max(axis=1) < 1e4] for n, p in self.paths.items()}
        centre = next(iter(paths.values()))[0]
        every = np.concatenate(list(paths.values()))
        # By singular values, not by the lab's Gram matrix, which is for longer paths: the signs
        # of the directions, and so which way the picture lies, are those of this way.
        _, _, right = np.linalg.svd(every - centre, full_matrices=False)
        plane = Plane(centre, right[0], right[1])
        seen = {n: plane.coordinates(p)[:2] for n, p in paths.items()}
        x, y = (_spread(np.concatenate([s[i] for s in seen.values()])) for i in (0, 1))
        held = float(np.nan_to_num(plane.share(every, centre), nan=1.0))
        drawn = [
            {"name": n, "colour": colours[n], "x": listed(s[0]), "y": listed(s[1])}
            for n, s in seen.items()
        ]
        panel = {
            "title": f"seed {int(self.call.number('seed'))}, each at its best rate",
            **sheet(plane, self.train_loss, x, y), "paths": drawn,
        }  # fmt: skip
        return Chart(
            key="plane", title="On one plane", kind="surface", x="first main direction", y="second",
            log="z",
            data={"panels": [panel]},
            note=f"The plane of all paths together; {100 * held:.0f} % of their squared distance "
            "from the start lies in it. Colours by the logarithm of the training loss.",
        )  # fmt: skip

    def numbers(self) -> tuple[Estimate, ...]:
        made: list[Estimate] = []
        names, same = list(self.train), self.same()
        for n in names:
            at = self.best[n]
            made.append(exact(f"rate:{n}", f"{n}: best of the rates", self.rates[at]))
            made.append(median(f"best:{n}", f"{n}: final training loss there", self.train[n][at]))
            made.append(median(f"test:{n}", f"{n}: final test loss there", self.test[n][at]))
            made.append(median(
                f"same:{n}", f"{n}: final training loss at {self.rates[same]:.2g}",
                self.train[n][same],
            ))  # fmt: skip
        made += [
            ratio(
                f"{n}:same/best", f"{n}: final loss at {self.rates[same]:.2g} over that at its "
                "best, seed by seed", self.train[n][same], self.train[n][self.best[n]],
            )
            for n in names
        ]  # fmt: skip
        for first, n in combinations(names, 2):
            made.append(exact(
                f"rates:{first}/{n}", f"best rate of {first} over that of {n}",
                self.rates[self.best[first]] / self.rates[self.best[n]],
            ))  # fmt: skip
            made.append(paired(
                f"{first}-{n}", f"log10 final loss of {first} minus {n}, both at their best, "
                "seed by seed", self.logarithm(first), self.logarithm(n),
            ))  # fmt: skip
        return tuple(made)

    def logarithm(self, name: str) -> Array:
        """log10 of the final losses at the best rate."""
        return _logarithm(self.train[name][self.best[name]])

    def table(self) -> dict[str, list[Any]]:
        first, (rates, repeats) = (
            int(self.call.number("seed")),
            next(iter(self.train.values())).shape,
        )
        each = [(r, s) for r in range(rates) for s in range(repeats)]
        return {
            "optimizer": [n for n in self.train for _ in each],
            "lr": [float(self.rates[r]) for _ in self.train for r, _ in each],
            "seed": [first + s for _ in self.train for _, s in each],
            "loss": [v for one in self.train.values() for v in one.ravel().tolist()],
            "test_loss": [v for one in self.test.values() for v in one.ravel().tolist()],
        }

    def finding(self, done: float) -> Finding:
        return Finding(done, self.charts(), self.numbers(), self.table())
