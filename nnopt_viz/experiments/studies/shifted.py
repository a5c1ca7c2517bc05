"""What the experiment on shifting data measures: the trained in a world that moves away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.streams import WORLD
from nnopt_viz.experiments.studies.drawn import drawn, losses
from nnopt_viz.experiments.studies.estimates import (
    Array,
    median,
    paired,
    series,
    share,
)
from nnopt_viz.experiments.studies.lanes import Lanes, network_for, rows
from nnopt_viz.experiments.studies.moving import FEWER, SHIFTS, Points, representativeness, world
from nnopt_viz.experiments.studies.sheets import around
from nnopt_viz.experiments.study import Chart, Estimate, Finding
from nnopt_viz.networks import INITS, value
from nnopt_viz.networks.directions import random_plane

if TYPE_CHECKING:
    from collections.abc import Generator

    from nnopt_viz.declare.knobs import Call

AMOUNTS = 9  # from training (0) to deployment (1)
SMALL = 2  # a small one of them: a quarter
ROWS = 100
NEAR = 1.1  # of the lowest loss on either way: where that is above the tolerance


class Shifted:
    """What is known so far, by amount; arrays are (repetitions,) if nothing else is said."""

    def __init__(self, call: Call) -> None:
        self.call, self.first = call, int(call.number("seed"))
        self.steps = int(call.number("steps"))
        self.move, self.moves_training, self.words = SHIFTS[str(call["shift"])]
        self.amounts = np.linspace(0, 1, AMOUNTS)
        self.data = drawn(call)
        self.seeds, self.repeats = self.data.seeds, len(self.data.seeds)
        self.network = network_for(call, self.data.first)
        self.start = self.data.starts(INITS.call("he_normal"), self.network)
        self.world: list[Array] = []  # loss of the trained there, on samples nobody has seen
        self.home: list[Array] = []  # on what they were trained with
        self.every = max(1, self.steps // ROWS)
        self.never: list[tuple[int, ...]] = []  # how many did not get there: on, from scratch
        self.again: list[tuple[Array, Array]] = []  # steps to be near the best: on, from scratch
        self.after: list[tuple[Array, Array]] = []  # loss after retraining, on the unseen
        self.representative: list[Array] = []
        self.panels: list[dict[str, Any]] = []

    def samples(self, at: int) -> tuple[Points, Points, Points]:
        """At an amount: the training sample, samples of the world to train on there, and others
        of the world that nobody trains on; each (repetitions, n, inputs) and (repetitions, n)."""
        made = [self._of_one(i, float(self.amounts[at])) for i in range(self.repeats)]
        own, there, unseen = (
            (np.stack([x for x, _ in kind]), np.stack([y for _, y in kind]))
            for kind in zip(*made, strict=True)
        )
        return own, there, unseen

    def _of_one(self, i: int, s: float) -> tuple[Points, Points, Points]:
        seed, data = self.seeds[i], self.data
        own = data.x_train[i], data.y_train[i]
        sizes = len(own[1]), data.y_test.shape[1]
        fewer = s * FEWER.get(str(self.call["shift"]), 0.0)
        there, unseen = world(self.call.call("data"), seed, sizes, fewer)
        if self.moves_training:
            return self.move(WORLD.generator(seed), *own, s), there, unseen
        return (
            own,
            self.move(WORLD.generator(seed), *there, s),
            self.move(WORLD.generator(seed, 3), *unseen, s),
        )

    def train(self, theta: Array, points: Points) -> Generator[None, None, list[Array]]:
        """Recorded parameters (repetitions, P) of a training on all these samples."""
        lanes = Lanes(
            network=self.network, theta=theta, x=points[0], y=points[1], seed=np.array(self.seeds),
            rates=np.full(self.repeats, self.call.number("lr")), batch=points[0].shape[1],
            steps=self.steps,
        )  # fmt: skip
        made = yield from rows(lanes, self.call.call("run"), self.every)
        return [theta for _, theta in made]

    def begin(self) -> Generator[None, None, None]:
        """Train once on the sample."""
        self.trained = (yield from self.train(self.start, self.samples(0)[0]))[-1]
        self._directions()

    def _directions(self) -> None:
        self.plane = random_plane(self.network, self.trained[0], self.first)

    def meet(self, at: int) -> Generator[None, None, None]:
        """Take the trained to the world at an amount, and train again there."""
        own, there, unseen = self.samples(at)
        if self.moves_training:
            self.trained = (yield from self.train(self.start, own))[-1]
            if at == 0:
                self._directions()
        self.world.append(losses(self.network, self.trained, *unseen))
        self.home.append(losses(self.network, self.trained, *own))
        self.representative.append(np.array([
            representativeness((own[0][i], own[1][i]), (unseen[0][i], unseen[1][i]), seed)
            for i, seed in enumerate(self.seeds)
        ]))  # fmt: skip
        on = yield from self.train(self.trained, there)
        scratch = yield from self.train(self.start, there)
        curves = [
            np.stack([losses(self.network, theta, *unseen) for theta in way], axis=1)
            for way in (on, scratch)
        ]
        self.again.append(self._waited(*curves))
        self.after.append((curves[0][:, -1], curves[1][:, -1]))
        shown = own if self.moves_training else unseen
        self.panels.append(self._panel(at, (shown[0][0], shown[1][0])))

    def _waited(self, on: Array, scratch: Array) -> tuple[Array, Array]:
        """Steps until each is below the tolerance, or within NEAR of the lowest on either way."""
        lowest = np.fmin(np.fmin.reduce(on, axis=1), np.fmin.reduce(scratch, axis=1))
        aim = np.maximum(self.call.number("tolerance"), NEAR * lowest)[:, None]

        def until(curve: Array) -> Array:
            reached = curve <= aim
            first = np.where(reached.any(axis=1), reached.argmax(axis=1), on.shape[1])
            return np.asarray(np.minimum(first * self.every, self.steps), dtype=float)

        self.never.append(tuple(int((~(c <= aim).any(axis=1)).sum()) for c in (on, scratch)))
        return until(on), until(scratch)

    def _late(self, way: int) -> int:
        """How many trainings, from there (0) or from scratch (1), did not get there."""
        return sum(counts[way] for counts in self.never)

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
            note=f"Here {self.words}. On the world: samples that no training has seen.",
        ))  # fmt: skip
        made.append(Chart(
            key="again", title="How long retraining takes", kind="lines", x="shift, %", y="steps",
            data={"series": [
                series("from there", 2, shown, np.stack([a for a, _ in self.again]), axis=1),
                series("from scratch", 3, shown, np.stack([b for _, b in self.again]), axis=1),
            ]},
            note="Both train on samples of the world. Counted until the loss on unseen samples of "
            f"the world is {self.call.number('tolerance'):g} or below, or within a tenth of the "
            "lowest that either way reaches, where that is higher; looked at every "
            f"{'step' if self.every == 1 else f'{self.every:,} steps'}. A training that never gets "
            f"there counts as {self.steps:,} steps: {self._late(0)} from there and {self._late(1)} "
            f"from scratch, of {len(self.again) * self.repeats} each.",
        ))  # fmt: skip
        made.append(Chart(
            key="sample", title="How representative the sample is", kind="lines", x="shift, %",
            y="1 - energy coefficient",
            data={"series": [
                series("of the world", 4, shown, np.stack(self.representative), axis=1)
            ], "range": [0, 1.02]},
            note="1 minus the energy coefficient of inputs and label together, between the "
            "training sample and unseen samples of the world: 1 for equal samples, less the "
            "farther these lie apart, as measured by how widely each is spread.",
        ))  # fmt: skip
        return tuple(made)

    def numbers(self) -> tuple[Estimate, ...]:
        if not self.world:
            return ()
        last = len(self.world) - 1
        percent = f"{100 * self.amounts[last]:.0f} %"
        on, scratch = self.again[last]
        made = [
            paired("rise", f"loss on the world at {percent} minus that at 0 %, on unseen samples",
                   self.world[last], self.world[0]),
            paired("gap", "loss on unseen samples minus loss on the training sample, at 0 %",
                   self.world[0], self.home[0]),
            paired("saves", f"steps that retraining from there saves at {percent} (below 0: it "
                   "costs more)", scratch, on, "steps"),
        ]  # fmt: skip
        if last >= SMALL:
            small = self.again[SMALL]
            made.append(paired(
                "saves:small", "steps that retraining from there saves at "
                f"{100 * self.amounts[SMALL]:.0f} %", small[1], small[0], "steps",
            ))  # fmt: skip
        return (
            *made,
            share("faster", "share of repetitions in which retraining from there is faster at "
                  f"{percent}", int((on < scratch).sum()), len(on)),
            median("after", f"loss after retraining from there at {percent}", self.after[last][0]),
            median("representative", f"representativeness of the sample at {percent}",
                   self.representative[last]),
            median("representative:0", "representativeness of the sample at 0 %",
                   self.representative[0]),
            paired("representative:change", f"representativeness at {percent} minus that at 0 %",
                   self.representative[last], self.representative[0]),
        )  # fmt: skip

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
            "representativeness": [float(self.representative[at][s]) for at, s in each],
        }

    def finding(self, done: float) -> Finding:
        return Finding(done, self.charts(), self.numbers(), self.table())
