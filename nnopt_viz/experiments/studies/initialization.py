"""The same deep network from each initializer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.experiments.studies.estimates import (
    Array,
    group,
    loss_range,
    median,
    paired,
    ratio,
    series,
    share,
)
from nnopt_viz.experiments.studies.lanes import Lanes, cost, descend, network_for, too_much
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
from nnopt_viz.networks import INITS, dataset, layer_report, start_weights, value
from nnopt_viz.networks.network import MAX_LAYERS, MAX_UNITS

if TYPE_CHECKING:
    from nnopt_viz.experiments.study import Findings
    from nnopt_viz.networks import Data, Network

# Initializers compared: those for deep networks, one that is far too large, and two without
# any difference between the units of a layer.
COMPARED: tuple[tuple[str, Call], ...] = tuple(
    (name, INITS.call(name, **knobs))
    for name, knobs in (
        ("he_normal", {}), ("xavier_normal", {}), ("orthogonal", {}), ("normal", {"std": 1.0}),
        ("zeros", {}), ("constant", {"value": 0.1}),
    )
)  # fmt: skip
ROWS = 40  # recorded steps
ALIKE = 1e-9  # units whose weights differ by less are copies


def _network(call: Call, data: Data) -> Network:
    hidden = ",".join([str(int(call.number("width")))] * int(call.number("depth")))
    return network_for(call, data, hidden)


def prepared(call: Call) -> tuple[Network, Data, Array, list[int]]:
    """Network, data, start weights (initializers by seeds, P) and the seeds."""
    first, repeats = int(call.number("seed")), int(call.number("seeds"))
    data = dataset(call["data"], first)
    network, chosen = _network(call, data), list(range(first, first + repeats))
    start = np.concatenate([start_weights(init, network, chosen) for _, init in COMPARED])
    return network, data, start, chosen


def _run(call: Call) -> Findings:
    network, data, start, chosen = prepared(call)
    shape = (len(COMPARED), len(chosen))
    measured = Measured(call, network, data, shape)
    measured.start(start)
    yield measured.finding(0.02)
    steps = int(call.number("steps"))
    lanes = Lanes(
        network=network, theta=start, x=data.x_train, y=data.y_train,
        seed=np.tile(chosen, len(COMPARED)), rates=np.full(len(start), call.number("lr")),
        batch=int(call.number("batch")), steps=steps,
    )  # fmt: skip
    shown = 0.0
    for row in descend(lanes, call.call("run"), max(1, steps // ROWS)):
        if row is None:
            yield None
            continue
        t, theta = row
        measured.row(t, theta)
        if t / steps - shown >= 0.1 and t < steps:
            shown = t / steps
            yield measured.finding(0.02 + 0.95 * shown)
    measured.end(theta)
    yield measured.finding(1.0)


class Measured:
    """What is known so far, by initializer and seed."""

    def __init__(self, call: Call, network: Network, data: Data, shape: tuple[int, int]) -> None:
        self.call, self.network, self.data, self.shape = call, network, data, shape
        self.layers = np.arange(1, network.layers + 1)
        self.steps: list[int] = []
        self.loss: list[Array] = []
        self.late: dict[str, Array] = {}

    def report(self, theta: Array) -> dict[str, Array]:
        """Spread of activations and of slopes, and dead units: (initializers, seeds, layers)."""
        parts = [
            layer_report(self.network, theta[i : i + 16], self.data.x_train, self.data.y_train)
            for i in range(0, len(theta), 16)
        ]
        return {
            name: np.concatenate([getattr(part, name) for part in parts]).reshape(*self.shape, -1)
            for name in ("spread", "slope_spread", "dead")
        }

    def start(self, theta: Array) -> None:
        """Measure the start."""
        self.early = self.report(theta)

    def row(self, t: int, theta: Array) -> None:
        """Measure the training loss."""
        made = value(self.network, theta, self.data.x_train, self.data.y_train)
        self.steps.append(t)
        self.loss.append(made.reshape(self.shape))

    def end(self, theta: Array) -> None:
        """Measure the end."""
        self.late = self.report(theta)
        weights = self.network.parts(theta)[0]["weight"]  # (L, inputs, units)
        apart = np.abs(weights - weights[..., :1]).max(axis=(1, 2))
        self.copies = (apart < ALIKE).reshape(self.shape)

    def charts(self) -> tuple[Chart, ...]:
        names = [name for name, _ in COMPARED]
        made = [
            self._layers("spread", "Activation spread at the start", self.early["spread"]),
            self._layers(
                "slope", "Spread of the loss's slope at the start", self.early["slope_spread"]
            ),
        ]
        if self.steps:
            loss = np.stack(self.loss, axis=2)
            made.append(
                Chart(
                    key="loss", title="Training loss", kind="lines", x="step",
                    y="loss on all training data", log="y",
                    data={
                        "series": [series(n, i, self.steps, loss[i]) for i, n in enumerate(names)],
                        "range": loss_range(loss),
                    },
                    note="Line: median over seeds. Band: 10th to 90th percentile.",
                )
            )  # fmt: skip
            made.append(
                Chart(
                    key="final", title=f"Loss at step {self.steps[-1]:,}", kind="strip", x="",
                    y="loss", log="y",
                    data={
                        "groups": [group(n, i, loss[i, :, -1]) for i, n in enumerate(names)],
                        "range": loss_range(loss),
                    },
                    note="A dot a seed; the bar is the median with its 95 % interval.",
                )
            )  # fmt: skip
        if self.late:
            made.append(self._layers("late", "Activation spread at the end", self.late["spread"]))
            dead = [
                series(n, i, self.layers[:-1], self.late["dead"][i, :, :-1])
                for i, n in enumerate(names)
            ]
            made.append(
                Chart(
                    key="dead", title="Dead units at the end", kind="lines", x="hidden layer",
                    y="share of units",
                    data={"series": dead, "range": [0, 1.05]},
                    note="Units whose slope is below 0.001 for every sample.",
                )
            )  # fmt: skip
        return tuple(made)

    def _layers(self, key: str, title: str, values: Array) -> Chart:
        lines = [
            series(name, i, self.layers[:-1], values[i, :, :-1])
            for i, (name, _) in enumerate(COMPARED)
        ]
        what = "standard deviation" if key != "slope" else "root mean square"
        middle = np.median(values[:, :, :-1], axis=1)
        good = middle[np.isfinite(middle) & (middle > 1e-12) & (middle < 1e12)]
        data: dict[str, Any] = {"series": lines}
        if good.size:
            data["range"] = [float(good.min()) / 3, 3 * float(good.max())]
        return Chart(
            key=key,
            title=title,
            kind="lines",
            x="hidden layer",
            y=what,
            log="y",
            data=data,
        )

    def numbers(self) -> tuple[Estimate, ...]:
        made: list[Estimate] = []
        for i, (name, _) in enumerate(COMPARED):
            kept = self.early["spread"][i]
            if kept.min() > 0:
                made.append(median(
                    f"kept:{name}", f"{name}: last hidden layer's activation spread over the "
                    "first's, at the start", kept[:, -2] / kept[:, 0],
                ))  # fmt: skip
                slope = self.early["slope_spread"][i]
                made.append(median(
                    f"back:{name}", f"{name}: first layer's slope spread over the last hidden "
                    "layer's, at the start", slope[:, 0] / slope[:, -2],
                ))  # fmt: skip
            flat = np.nanmean(self.early["dead"][i][:, :-1], axis=1)
            made.append(median(f"flat:{name}", f"{name}: share of dead units at the start", flat))
        if self.late:
            final = self.loss[-1]
            for i, (name, _) in enumerate(COMPARED):
                made.append(median(f"final:{name}", f"{name}: final training loss", final[i]))
                made.append(share(
                    f"copies:{name}", f"{name}: seeds in which all units of the first layer are "
                    "still copies of each other", int(self.copies[i].sum()), self.shape[1],
                ))  # fmt: skip
            made.append(paired(
                "he-xavier", "final loss of he_normal minus xavier_normal, seed by seed",
                final[0], final[1],
            ))  # fmt: skip
            made.append(ratio(
                "normal/he", "final loss of normal over he_normal, seed by seed", final[3], final[0]
            ))  # fmt: skip
        return tuple(made)

    def table(self) -> dict[str, list[Any]]:
        rows, repeats = len(self.steps), self.shape[1]
        loss = np.array(self.loss).reshape(rows, *self.shape).transpose(1, 2, 0)
        first = int(self.call.number("seed"))
        return {
            "init": [name for name, _ in COMPARED for _ in range(repeats * rows)],
            "seed": [first + s for _ in COMPARED for s in range(repeats) for _ in range(rows)],
            "step": self.steps * (len(COMPARED) * repeats),
            "loss": loss.ravel().tolist(),
        }

    def finding(self, done: float) -> Finding:
        return Finding(done, self.charts(), self.numbers(), self.table())


def _problem(call: Call) -> tuple[str, str] | None:
    network = _network(call, dataset(call["data"], 0))
    return too_much(network, len(COMPARED) * int(call.number("seeds")), 1)


def _seconds(call: Call) -> float:
    data = dataset(call["data"], int(call.number("seed")))
    network = _network(call, data)
    lanes = len(COMPARED) * int(call.number("seeds"))
    batch = min(call.number("batch"), len(data.x_train))
    train = cost(network, lanes, int(batch), call.number("steps"))
    return train + cost(network, lanes, len(data.x_train), ROWS / 3 + 4)


STUDIES.add(
    Study(
        name="initialization",
        title="Does it matter where a network starts?",
        family="initialization",
        knobs=(
            Knob("depth", 8, "hidden layers", 1, MAX_LAYERS, "integer", soft=(1, 10)),
            Knob("width", 24, "units of each", 2, MAX_UNITS, "integer", soft=(2, 64)),
            activation_knob("relu"),
            data_knob("moons", n=200),
            method("sgd"),
            Knob("lr", 0.05, "learning rate of all", 0.0, 1e3, soft=(1e-4, 1.0), log=True),
            Knob("batch", 50, "samples a step", 1, 2000, "integer", soft=(1, 256), log=True),
            Knob("steps", 400, "how many", 10, 20_000, "integer", soft=(10, 2000), log=True),
            seeds(10),
            SEED,
        ),
        doc="The same network from six initializers: how far a signal carries through its layers "
        "before training, and what training then makes of it.",
        source="Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward "
        "neural networks; He, Zhang, Ren & Sun 2015, Delving deep into rectifiers",
        same="Network, data, batches, method and learning rate are the same; only the start "
        "weights differ, and with the same seed they are the same draws.",
        lesson=(
            ("A layer multiplies the spread of what it receives. Over many layers the factors "
            "multiply: a little below one each time, and the last layer hears nothing; a little "
            "above, and it is flooded. The gradient on its way back meets the same factors."),
            ("He's variance of 2 over the inputs makes up for relu, which lets half of the signal "
            "pass. Xavier's was derived for units that are linear near 0, as tanh is."),
            ("With all weights equal, all units of a layer compute the same and get the same "
            "gradient: they remain copies of each other for ever. Try depth=1 against depth=8, "
            "and activation=tanh."),
        ),
        claims=(
            IntervalClaim(
                "With relu and eight layers, He keeps the activation spread within a factor of "
                "two from the first hidden layer to the last.",
                "kept:he_normal", 0.5, 2.0,
            ),
            IntervalClaim(
                "Xavier loses more than a factor of eight on the same way.",
                "kept:xavier_normal", 0.0, 1 / 8,
            ),
            IntervalClaim(
                "From zeros every unit of the first layer is still a copy of its neighbours at "
                "the end, in every seed.",
                "copies:zeros", 0.7, 1.0,
            ),
            IntervalClaim(
                "With tanh, normal weights of standard deviation 1 saturate: their spread does "
                "not fade, yet the slope grows by more than a factor of 50 on its way back.",
                "back:normal", 50.0, 1e30, (("activation", "tanh"),),
            ),
            IntervalClaim(
                "Against the folklore it trains here all the same: with tanh its final loss stays "
                "below ten times He's.",
                "normal/he", 0.0, 10.0, (("activation", "tanh"),),
            ),
        ),
        run=_run,
        seconds=_seconds,
        problem=_problem,
        instead=OWN_RATE,
    )
)  # fmt: skip
