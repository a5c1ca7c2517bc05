"""What the experiment on shifting data measures: the trained in a world that moves away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.streams import WORLD
from nnopt_viz.experiments.studies.estimates import (
    Array,
    exact,
    listed,
    median,
    paired,
    series,
    share,
)
from nnopt_viz.experiments.studies.lanes import Lanes, network_for, rows
from nnopt_viz.experiments.studies.moving import SHIFTS, Points, representativeness
from nnopt_viz.experiments.studies.sheets import around
from nnopt_viz.experiments.study import Chart, Estimate, Finding
from nnopt_viz.networks import INITS, dataset, start_weights, value
from nnopt_viz.networks.directions import random_plane

if TYPE_CHECKING:
    from collections.abc import Generator

AMOUNTS = 9  # from training (0) to deployment (1)
SMALL = 2  # a small one of them: a quarter
ROWS = 100
NEAR = 1.1  # of the better of both ways' final loss: where that is above the tolerance


class Shifted:
    """What is known so far, by amount."""

    def __init__(self, call: Call) -> None:
        self.call, self.first = call, int(call.number("seed"))
        self.repeats, self.steps = int(call.number("seeds")), int(call.number("steps"))
        self.move, self.moves_training, self.words = SHIFTS[str(call["shift"])]
        self.amounts = np.linspace(0, 1, AMOUNTS)
        self.data = dataset(call["data"], self.first)
        self.network = network_for(call, self.data)
        self.seeds = list(range(self.first, self.first + self.repeats))
        self.start = start_weights(INITS.call("he_normal"), self.network, self.seeds)
        self.world: list[Array] = []  # loss of the trained there, by amount
        self.home: list[Array] = []  # on what they were trained with
        self.again: list[tuple[Array, Array]] = []  # steps to be near the best: on, from scratch
        self.after: list[tuple[Array, Array]] = []  # loss after retraining
        self.curves: tuple[Array, Array] | None = None
        self.representative: list[float] = []
        self.panels: list[dict[str, Any]] = []

    def samples(self, at: int) -> tuple[Points, Points]:
        """Training sample and world at an amount; the world is the test part where training is
        what changes, so that nobody has seen it."""
        data, s = self.data, float(self.amounts[at])
        rng = WORLD.generator(self.first)
        train = data.x_train, data.y_train
        if self.moves_training:
            return self.move(rng, *train, s), (data.x_test, data.y_test)
        return train, self.move(rng, *train, s)

    def train(self, theta: Array, x: Array, y: Array) -> Generator[None, None, list[Array]]:
        """Recorded parameters (seeds, P) of a training on all these samples."""
        rates = np.full(self.repeats, self.call.number("lr"))
        lanes = Lanes(
            network=self.network,
            theta=theta,
            x=x,
            y=y,
            seed=np.array(self.seeds),
            rates=rates,
            batch=len(x),
            steps=self.steps,
        )
        run = self.call.call("run")
        made = yield from rows(lanes, run, max(1, self.steps // ROWS))
        return [theta for _, theta in made]

    def begin(self) -> Generator[None, None, None]:
        """Train once on the sample."""
        (x, y), _ = self.samples(0)
        self.trained = (yield from self.train(self.start, x, y))[-1]
        self._directions()

    def _directions(self) -> None:
        self.plane = random_plane(self.network, self.trained[0], self.first)

    def meet(self, at: int) -> Generator[None, None, None]:
        """Take the trained to the world at an amount, and train again there."""
        own, there = self.samples(at)
        if self.moves_training:
            self.trained = (yield from self.train(self.start, *own))[-1]
            if at == 0:
                self._directions()
        self.world.append(value(self.network, self.trained, *there))
        self.home.append(value(self.network, self.trained, *own))
        self.representative.append(representativeness(own, there, self.first))
        on = yield from self.train(self.trained, *there)
        scratch = yield from self.train(self.start, *there)
        curves = [
            np.stack([value(self.network, theta, *there) for theta in way], axis=1)
            for way in (on, scratch)
        ]
        self.again.append(self._waited(*curves))
        self.after.append((curves[0][:, -1], curves[1][:, -1]))
        self.curves = curves[0], curves[1]
        self.panels.append(self._panel(at, there if not self.moves_training else own))

    def _waited(self, on: Array, scratch: Array) -> tuple[Array, Array]:
        """Steps until each is below the tolerance, or within NEAR of the better of both ends."""
        best = NEAR * np.minimum(on[:, -1], scratch[:, -1])[:, None]
        aim = np.maximum(self.call.number("tolerance"), best)
        every = max(1, self.steps // ROWS)

        def until(curve: Array) -> Array:
            reached = curve <= aim
            first = np.where(reached.any(axis=1), reached.argmax(axis=1), on.shape[1])
            return np.asarray(np.minimum(first * every, self.steps), dtype=float)

        return until(on), until(scratch)

    def _panel(self, at: int, samples: Points) -> dict[str, Any]:
        return {
            "title": f"{100 * self.amounts[at]:.0f} %", "amount": float(self.amounts[at]),
            **around(self.plane, lambda theta: value(self.network, theta, *samples)),
            "paths": [{"name": "trained at 0 %", "colour": 0, "x": [0.0], "y": [0.0]}],
        }  # fmt: skip

    def charts(self) -> tuple[Chart, ...]:
        made: list[Chart] = []
        if not self.world:
            return ()
        shown = 100 * self.amounts[: len(self.world)]
        made.append(Chart(
            key="surface", title="The surface as the data move", kind="surface",
            x="first direction", y="second direction", log="z",
            data={"panels": self.panels, "slides": True},
            note="Around the network trained at 0 %, on filter-normalized random directions. "
            "Colours by the logarithm of the loss"
            + (" on the training sample." if self.moves_training else " on the world."),
        ))  # fmt: skip
        made.append(Chart(
            key="loss", title="What the trained network loses", kind="lines", x="shift, %",
            y="loss", log="y",
            data={"series": [
                series("on what it was trained with", 0, shown, np.stack(self.home), axis=1),
                series("on the world", 1, shown, np.stack(self.world), axis=1),
                series("on the world, after retraining from there", 2, shown,
                       np.stack([a for a, _ in self.after]), axis=1, dash=True),
            ]},
            note=f"Here {self.words}. Band: 10th to 90th percentile of seeds.",
        ))  # fmt: skip
        made.append(Chart(
            key="again", title="How long retraining takes", kind="lines", x="shift, %", y="steps",
            data={"series": [
                series("from there", 2, shown, np.stack([a for a, _ in self.again]), axis=1),
                series("from scratch", 3, shown, np.stack([b for _, b in self.again]), axis=1),
            ]},
            note=f"Until the loss on the world is below {self.call.number('tolerance'):g}, or "
            "within a tenth of the better end of both ways where that is higher.",
        ))  # fmt: skip
        made.append(Chart(
            key="sample", title="How representative the sample is", kind="lines", x="shift, %",
            y="1 - energy distance",
            data={"series": [{
                "name": "of the world", "colour": 4, "x": listed(shown),
                "y": listed(np.array(self.representative)), "low": None, "high": None,
                "dash": False,
            }], "range": [0, 1.02]},
            note="1 minus the energy coefficient of inputs and label together: 1 for equal "
            "distributions, 0 for samples that share nothing.",
        ))  # fmt: skip
        return tuple(made)

    def numbers(self) -> tuple[Estimate, ...]:
        made: list[Estimate] = []
        if not self.world:
            return ()
        last = len(self.world) - 1
        percent = f"{100 * self.amounts[last]:.0f} %"
        made.append(
            paired(
                "rise",
                f"loss on the world minus loss on the sample, at {percent}, seed by seed",
                self.world[last],
                self.home[last],
            )
        )
        made.append(paired("rise:0", "the same at 0 %", self.world[0], self.home[0]))
        on, scratch = self.again[last]
        made.append(
            paired(
                "saves",
                f"steps that retraining from there saves at {percent}, seed by "
                "seed (below 0: it costs more)",
                scratch,
                on,
            )
        )
        if last >= SMALL:
            made.append(paired(
                "saves:small", f"the same at {100 * self.amounts[SMALL]:.0f} %",
                self.again[SMALL][1], self.again[SMALL][0],
            ))  # fmt: skip
        made.append(
            share(
                "faster",
                f"share of seeds in which retraining from there is faster at {percent}",
                int((on < scratch).sum()),
                len(on),
            )
        )
        made.append(
            median("after", f"loss after retraining from there at {percent}", self.after[last][0])
        )
        made.append(
            exact(
                "representative",
                f"representativeness of the sample at {percent}",
                self.representative[last],
            )
        )
        made.append(exact("representative:0", "the same at 0 %", self.representative[0]))
        return tuple(made)

    def table(self) -> dict[str, list[Any]]:
        known = range(len(self.world))
        each = [(at, s) for at in known for s in range(self.repeats)]
        return {
            "shift": [float(self.amounts[at]) for at, _ in each],
            "seed": [self.seeds[s] for _, s in each],
            "sample_loss": [float(self.home[at][s]) for at, s in each],
            "world_loss": [float(self.world[at][s]) for at, s in each],
            "retrained_loss": [float(self.after[at][0][s]) for at, s in each],
            "scratch_loss": [float(self.after[at][1][s]) for at, s in each],
            "retrained_steps": [float(self.again[at][0][s]) for at, s in each],
            "scratch_steps": [float(self.again[at][1][s]) for at, s in each],
            "representativeness": [self.representative[at] for at, _ in each],
        }

    def finding(self, done: float) -> Finding:
        return Finding(done, self.charts(), self.numbers(), self.table())
