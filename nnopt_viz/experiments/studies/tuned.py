"""What the experiment on optimizers measures: each at every rate, and at its best."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.streams import LANCZOS
from nnopt_viz.experiments.studies import chosen
from nnopt_viz.experiments.studies.drawn import Drawn
from nnopt_viz.experiments.studies.estimates import (
    Array,
    group,
    listed,
    loss_range,
    median,
    ratio,
    series,
)
from nnopt_viz.experiments.studies.sheets import sheet
from nnopt_viz.experiments.study import Chart, Estimate, Finding
from nnopt_viz.networks import value
from nnopt_viz.networks.directions import Plane
from nnopt_viz.networks.planes.cloud import FEW, Cloud

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.networks import Network

CELLS = 41  # of the plane, a side


def _spread(values: Array) -> Array:
    """CELLS coordinates over the values, and some room beside them."""
    low, high = values.min(), values.max()
    room = 0.15 * (high - low) + 1e-9
    return np.linspace(low - room, high + room, CELLS)


def _main(points: Array, centre: Array, seed: int) -> Array:
    """The two directions in which points (n, P) extend most, seen from a centre, (2, P)."""
    if points.size > FEW:
        there = np.ones((1, len(points)), dtype=bool)
        found = Cloud(points[None], centre, there).widest(2, LANCZOS.generator(seed))[1]
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))
    return np.asarray(np.linalg.svd(points - centre, full_matrices=False)[2][:2])


class Tuned:
    """What is known so far, by optimizer: final losses (rates, repetitions), and one path at its
    best."""

    def __init__(self, call: Call, network: Network, data: Drawn, rates: Array) -> None:
        self.call, self.network, self.data, self.rates = call, network, data, rates
        self.steps: list[int] = []  # of the rows of paths and curves
        self.train: dict[str, Array] = {}
        self.test: dict[str, Array] = {}
        self.curves: dict[str, Array] = {}  # at the best rate, (repetitions, rows)
        self.paths: dict[str, Array] = {}  # of the first repetition at the best rate, (rows, P)
        self.choosing: dict[str, Array] = {}  # of the choosers, (rates, choosers)

    def add(self, name: str, choosing: Array, steps: list[int], theta: Array) -> None:
        """Take in all trainings of one optimizer: the choosers' losses (rates, choosers), and
        (rates, repetitions, rows, P), after `steps`."""
        self.steps = steps
        ends = np.ascontiguousarray(theta[:, :, -1].reshape(-1, self.network.size))
        shape = theta.shape[:2]
        self.train[name] = self.data.train_loss(self.network, ends).reshape(shape)
        self.test[name] = self.data.test_loss(self.network, ends).reshape(shape)
        self.choosing[name] = choosing
        own = theta[self.best[name]]
        made = [
            self.data.train_loss(self.network, np.ascontiguousarray(row))
            for row in own.swapaxes(0, 1)
        ]
        self.curves[name] = np.stack(made, axis=1)
        self.paths[name] = own[0].copy()  # not a view that holds all of them

    @property
    def best(self) -> dict[str, int]:
        """The best rate of each, as an index."""
        return {name: int(chosen.best(losses)) for name, losses in self.choosing.items()}

    def same(self) -> int:
        """The one rate of all optimizers, as an index: the least sum of ranks on the choosers."""
        levels = map(chosen.level, self.choosing.values())
        return int(np.sum([np.argsort(np.argsort(one)) for one in levels], axis=0).argmin())

    def charts(self) -> tuple[Chart, ...]:
        colours = {name: i for i, name in enumerate(self.train)}
        best, same = self.best, self.same()
        top = loss_range(np.stack(list(self.curves.values())))
        steps = np.array(self.steps)
        return (
            Chart(
                key="sweep", title="Final training loss by learning rate", kind="lines",
                x="learning rate", y="loss", log="xy",
                data={"series": [series(n, colours[n], self.rates, v, axis=1)
                                 for n, v in self.train.items()], "range": top},
                note=f"The same {len(self.rates)} rates for each. {chosen.resolution(self.rates)}",
            ),
            Chart(
                key="best", title="Each at its best rate", kind="strip", x="",
                y="final training loss", log="y",
                data={"groups": [group(f"{n} {self.rates[best[n]]:.2g}", colours[n], v[best[n]])
                                 for n, v in self.train.items()],
                      "range": top},
                note=f"Each rate is {chosen.told(self.call)}.",
            ),
            Chart(
                key="same", title=f"All at one rate, {self.rates[same]:.2g}",
                kind="strip", x="", y="final training loss", log="y",
                data={"groups": [group(n, colours[n], v[same]) for n, v in self.train.items()],
                      "range": top},
                note="The grid's rate that suits all of them best: on the same further "
                "repetitions, the least sum of its ranks among the rates of each optimizer.",
            ),
            Chart(
                key="curves", title="Training loss at the best rate", kind="lines", x="step",
                y="loss", log="y",
                data={"series": [series(n, colours[n], steps, v) for n, v in self.curves.items()],
                      "range": top},
            ),
            self.plane(colours),
        )  # fmt: skip

    def train_loss(self, theta: Array) -> Array:
        """On the training data of the first repetition, of parameters (L, P)."""
        return value(self.network, theta, self.data.first.x_train, self.data.first.y_train)

    def plane(self, colours: dict[str, int]) -> Chart:
        """The paths of the first seed on the plane of all of them together."""
        paths = {n: p[np.abs(p).max(axis=1) < 1e4] for n, p in self.paths.items()}
        centre = next(iter(paths.values()))[0]
        every = np.concatenate(list(paths.values()))
        # By singular values, not by the lab's Gram matrix, which is for longer paths: the signs
        # of the directions, and so which way the picture lies, are those of this way.
        right = _main(every, centre, int(self.call.number("seed")))
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
        names, at, same = list(self.train), self.best, self.same()
        best = {n: self.train[n][at[n]] for n in names}
        one = {n: self.train[n][same] for n in names}
        own = {n: chosen.Own(self.rates, self.train[n]) for n in names}
        for n in names:
            made += [
                chosen.best_rate(f"rate:{n}", f"{n}: the rate at which a repetition ends lowest",
                                 self.rates, self.train[n]),
                median(f"best:{n}", f"{n}: final training loss at its best rate", best[n]),
                median(f"test:{n}", f"{n}: final test loss there", self.test[n][at[n]]),
                median(f"same:{n}", f"{n}: final training loss at the one rate", one[n]),
                ratio(f"{n}:same/best", f"{n}: final loss at the one rate over that at its best",
                      one[n], best[n]),
            ]  # fmt: skip
        for first, n in combinations(names, 2):
            made += [
                ratio(f"rates:{first}/{n}", f"lowest-ending rate of {first} over that of {n}",
                      own[first].rate, own[n].rate, own[first].note(own[n])),
                ratio(f"{first}/{n}", f"final loss of {first} over that of {n}, both at their best",
                      best[first], best[n]),
            ]  # fmt: skip
        return tuple(made)

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
