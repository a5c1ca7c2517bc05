"""A training in the network lab: everything that decides the result, as one frozen value."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.compose.calls import run
from nnopt_viz.compose.runs import MAX_RUNS
from nnopt_viz.declare.cost import Cost
from nnopt_viz.declare.knobs import Call
from nnopt_viz.declare.written import counted
from nnopt_viz.formula.once import once
from nnopt_viz.judge.training import network_problem
from nnopt_viz.lab.memory import MOST_BYTES, SHARPNESS_ROWS, rows_that_fit
from nnopt_viz.lab.price import INTERACTIVE, cost, seconds
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES, Data, Network, dataset, network_of

MAX_STEPS = 20_000
MAX_EPOCHS = 2_000
MAX_BATCH = 2_000
MAX_SEEDS = 64
DEFAULT_NET, DEFAULT_DATA, DEFAULT_INIT, DEFAULT_PLANE = "mlp", "moons", "he_normal", "pca"

COUNTS = ("None", "One", "Two", "Three")  # of runs that a plane goes through


@dataclass(frozen=True)
class Lab:
    """Which network learns what, from which start, by which runs, and on which plane it is shown.

    Args:
        net, data, init, plane: a network, data set, initializer and plane, with their knobs.
        runs: 1 to 12 optimizers (TRAINERS), each with `lr` and `schedule`.
        batch: samples a step, at least 1; more than there are means all of them.
        epochs: passes over the training data, at least 1.
        seed: decides data, start weights, batches and random directions.
        seeds: how many trainings a run has, with seeds seed, seed + 1 …; they share the data.
    """

    net: Call
    data: Call
    init: Call
    runs: tuple[Call, ...]
    plane: Call
    batch: int = 32
    epochs: int = 30
    seed: int = 0
    seeds: int = 1

    @once
    def samples(self) -> Data:
        """The data, training and test."""
        return dataset(self.data, self.seed)

    @once
    def network(self) -> Network:
        """The network. Raises ValueError when its layers can't be read."""
        return network_of(self.net, self.samples)

    @property
    def lanes(self) -> int:
        """How many trainings each run has."""
        return self.seeds

    @once
    def batch_size(self) -> int:
        """Samples a step, at most as many as there are."""
        return min(self.batch, len(self.samples.x_train))

    @once
    def steps(self) -> int:
        """How many steps a run takes; the last batch of an epoch may be smaller."""
        return self.epochs * -(-len(self.samples.x_train) // self.batch_size)

    @once
    def most_rows(self) -> int:
        """How many rows may be recorded."""
        return int(rows_that_fit(self))

    @once
    def stride(self) -> int:
        """Steps between two recorded rows."""
        return -(-self.steps // (self.most_rows - 1))

    @once
    def rows(self) -> int:
        """How many rows are recorded: steps 0, stride, 2*stride … and the last."""
        return -(-self.steps // self.stride) + 1

    @once
    def sharp_rows(self) -> NDArray[np.intp]:
        """The recorded rows at which the largest curvature is measured."""
        spread = np.linspace(0, self.rows - 1, SHARPNESS_ROWS)
        return np.unique(spread.round().astype(np.intp))

    @property
    def positions(self) -> int:
        """How many rows the whole result has."""
        return self.rows * len(self.runs) * self.seeds

    @once
    def cost(self) -> Cost:
        """What it takes: see `lab.price`."""
        return cost(self)

    @once
    def ends(self) -> tuple[int, ...]:
        """The runs through whose ends the plane goes; the first one's end is its centre."""
        return tuple(int(self.plane.number(name)) for name in PLANES[self.plane.name].ends)

    def problem(self, most: float = INTERACTIVE) -> tuple[str, str] | None:
        """The first limit that is exceeded, as (key, plain sentence), or None.

        Args:
            most: units that it may take; infinite on the command line, where memory is its owner's.
        """
        checks = (
            ("run", 1 <= len(self.runs) <= MAX_RUNS, f"There can be 1 to {MAX_RUNS} runs"),
            ("batch", 1 <= self.batch <= MAX_BATCH, f"batch is 1 to {MAX_BATCH:,}"),
            ("epochs", 1 <= self.epochs <= MAX_EPOCHS, f"epochs is 1 to {MAX_EPOCHS:,}"),
            ("seeds", 1 <= self.seeds <= MAX_SEEDS, f"seeds is 1 to {MAX_SEEDS}"),
        )
        for key, holds, sentence in checks:
            if not holds:
                return key, sentence
        try:
            network_of(self.net, self.samples)
        except ValueError as fault:
            return "net", str(fault)
        for call in self.runs:
            why = network_problem(call)
            if why:
                return "run", why
        if max(self.ends) >= len(self.runs) or len(set(self.ends)) < len(self.ends):
            return "plane", self._other_ends()
        if self.plane["height"] == "accuracy" and self.samples.kind == "regression":
            return "plane", "A regression has no accuracy to show as height"
        if self.plane["height"] == "test" and not len(self.samples.x_test):
            return "plane", "With test=0 there are no test data to show as height"
        if self.steps > MAX_STEPS:
            return "epochs", (
                f"{counted(self.epochs, 'epoch')} would be {counted(self.steps, 'step')}; "
                f"at most {MAX_STEPS:,} fit"
            )
        if self.cost.units > most:
            return "epochs", (
                f"This would take about {seconds(self.cost.units):,.0f} s of a processor; "
                f"one request may take {seconds(most):,.0f} s"
            )
        if most < math.inf and self.cost.bytes > MOST_BYTES:
            return "seeds", (
                f"This would hold about {self.cost.bytes / 1e6:,.0f} MB of memory; "
                f"one request may hold {MOST_BYTES / 1e6:,.0f} MB"
            )
        return None

    def _other_ends(self) -> str:
        """What the plane's knobs that number runs should be."""
        if len(self.ends) == 1:
            (name,) = PLANES[self.plane.name].ends
            known = "0, the only one" if len(self.runs) == 1 else f"from 0 to {len(self.runs) - 1}"
            return f"{name} is the number of a run: {known}"
        needed = f"{COUNTS[len(self.ends)]} different runs are needed"
        if len(self.runs) < len(self.ends):
            return f"{needed}; there {'is' if len(self.runs) == 1 else 'are'} {len(self.runs)}"
        given = ", ".join(map(str, self.ends))
        return f"{needed}, with numbers from 0 to {len(self.runs) - 1}; not {given}"

    def to_spec(self) -> dict[str, Any]:
        """As plain JSON values, every knob present."""
        return {
            "net": self.net.as_json(), "data": self.data.as_json(), "init": self.init.as_json(),
            "runs": [call.as_json() for call in self.runs], "batch": self.batch,
            "epochs": self.epochs, "plane": self.plane.as_json(), "seed": self.seed,
            "seeds": self.seeds,
        }  # fmt: skip


def default_lab() -> Lab:
    """What a query means that names nothing but its lab."""
    return Lab(
        NETS.call(DEFAULT_NET), DATASETS.call(DEFAULT_DATA), INITS.call(DEFAULT_INIT),
        (run("adam", lr=0.01),), PLANES.call(DEFAULT_PLANE),
    )  # fmt: skip


def landing_lab() -> Lab:
    """The scene of a bare /network."""
    runs = (run("sgd", lr=0.1), run("momentum", lr=0.05), run("adam", lr=0.02))
    return replace(default_lab(), runs=runs, plane=PLANES.call("pca", of=2), seed=4)
