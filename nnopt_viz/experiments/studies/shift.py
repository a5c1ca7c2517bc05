"""A network trained on one sample of the world meets the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.knobs import Call, Knob
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
from nnopt_viz.experiments.studies.lanes import Lanes, cost, network_for, rows, too_much
from nnopt_viz.experiments.studies.moving import SHIFTS, Points, representativeness
from nnopt_viz.experiments.studies.sheets import CELLS, around
from nnopt_viz.experiments.study import (
    OWN_RATE,
    SEED,
    STUDIES,
    Chart,
    Estimate,
    Finding,
    IntervalClaim,
    Study,
    activation_knob,
    data_knob,
    method,
    seeds,
)
from nnopt_viz.networks import INITS, dataset, start_weights, value
from nnopt_viz.networks.directions import random_plane

if TYPE_CHECKING:
    from collections.abc import Generator

    from nnopt_viz.experiments.study import Findings

AMOUNTS = 9  # from training (0) to deployment (1)
SMALL = 2  # a small one of them: a quarter
ROWS = 100
NEAR = 1.1  # of the better of both ways' final loss: where that is above the tolerance


def _run(call: Call) -> Findings:
    made = Shifted(call)
    if not made.moves_training:
        yield from made.begin()
        yield made.finding(0.1)
    for at in range(AMOUNTS):
        yield from made.meet(at)
        yield made.finding(0.1 + 0.88 * (at + 1) / AMOUNTS)
    yield made.finding(1.0)


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
        run: Any = self.call["run"]
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


def _problem(call: Call) -> tuple[str, str] | None:
    data = dataset(call["data"], 0)
    try:
        network_for(call, data)
    except ValueError as fault:
        return "hidden", str(fault)
    if data.kind != "binary":
        return "data", "This experiment needs two classes"
    if len(data.x_train) < 16 or len(data.x_test) < 8:
        return "data", "This experiment needs 16 samples to train on and 8 to test with"
    return too_much(network_for(call, data), int(call.number("seeds")), 3 * ROWS)


def _seconds(call: Call) -> float:
    data = dataset(call["data"], int(call.number("seed")))
    network, repeats = network_for(call, data), int(call.number("seeds"))
    times = (2 * AMOUNTS + 1) * (call.number("steps") + ROWS / 3)
    return cost(network, repeats, len(data.x_train), times) + cost(
        network, CELLS**2, len(data.x_train), AMOUNTS / 3
    )


STUDIES.add(
    Study(
        name="shift",
        title="What is a minimum worth when the world moves?",
        family="shifting data",
        knobs=(
            Knob("shift", "rotation", "how training and world come apart", kind="choice",
                 choices=tuple(SHIFTS)),
            Knob("hidden", "16,16", "units of each hidden layer, with commas", kind="text"),
            activation_knob("tanh"),
            data_knob("moons", n=300, noise=0.15, test=0.5),
            method("adam"),
            Knob("lr", 0.02, "learning rate of all", 0.0, 1e3, soft=(1e-4, 1.0), log=True),
            Knob("steps", 300, "full-batch steps of every training", 10, 20_000, "integer",
                 soft=(10, 2000), log=True),
            Knob("tolerance", 0.05, "a loss on the world that is good enough", 0.0, 1e6,
                 soft=(0.01, 0.5)),
            seeds(12),
            SEED,
        ),
        doc="A network is trained on a sample; then the world moves away from it, or the sample "
        "shrinks, from 0 to 100 %. What does the trained network lose, and is it better to train "
        "on from there or from scratch?",
        source="Quinonero-Candela, Sugiyama, Schwaighofer & Lawrence 2009, Dataset shift in "
        "machine learning; Szekely & Rizzo 2013, Energy statistics",
        same="Network, start weights, method, learning rate and number of steps are the same at "
        "every amount of shift, and for both ways of retraining.",
        lesson=(
            ("The loss surface belongs to the data. Slide them away and the surface reshapes under "
            "a network that stays where it is: what was the bottom becomes a slope."),
            ("Training on from there is not always the shorter way. After a small shift the old "
            "minimum is a good start; after a large one it can be worse than a fresh one, because "
            "the weights have grown in the wrong direction."),
            ("Compare shift=rotation with shift=smaller_sample: there the world stays, and what "
            "moves is how much of it training has seen."),
        ),
        claims=(
            IntervalClaim(
                "After a turn by a right angle the loss has risen by more than 0.5.",
                "rise", 0.5, 1e30,
            ),
            IntervalClaim(
                "After a turn by a quarter of that, training on from there is faster than from "
                "scratch.",
                "saves:small", 10.0, 1e30,
            ),
            IntervalClaim(
                "After the whole turn it is slower, by more than 50 steps.",
                "saves", -1e30, -50.0,
            ),
            IntervalClaim(
                "When only the sample was too small, the old weights are a good start.",
                "saves", 5.0, 1e30, (("shift", "smaller_sample"),),
            ),
            IntervalClaim(
                "Before any shift, sample and world are one: representativeness is 1.",
                "representative:0", 0.999, 1.0,
            ),
            IntervalClaim(
                "The sample is less representative of the turned world.",
                "representative", 0.0, 0.98,
            ),
        ),
        run=_run,
        seconds=_seconds,
        problem=_problem,
        instead=OWN_RATE,
    )
)  # fmt: skip
