"""The same deep network from each initializer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.experiments.studies.chosen import DRAWS
from nnopt_viz.experiments.studies.drawn import choosers_of
from nnopt_viz.experiments.studies.lanes import cost, descend, most_bytes, rule_cost
from nnopt_viz.experiments.studies.started import COMPARED, FACTORS, Started, network_in
from nnopt_viz.experiments.study import (
    ALL,
    OWN_RATE,
    SEED,
    STUDIES,
    IntervalClaim,
    Study,
    activation_knob,
    data_knob,
    method,
    seeds,
)
from nnopt_viz.networks import dataset
from nnopt_viz.networks.network import MAX_LAYERS, MAX_UNITS

if TYPE_CHECKING:
    from nnopt_viz.experiments.study import Findings

ROWS = 40  # recorded steps
TABLE_ROW = 200  # bytes of a row of the table, and of its text
CHOSEN = 0.3  # share of the work, after which the rates are chosen


def _run(call: Call) -> Findings:
    made = Started(call)
    yield made.finding(0.02)
    yield from made.choose()
    yield made.finding(CHOSEN)
    lanes, shown = made.lanes(), 0.0
    for row in descend(lanes, call.call("run"), max(1, lanes.steps // ROWS)):
        if row is None:
            yield None
            continue
        t, theta = row
        made.row(t, theta)
        if t / lanes.steps - shown >= 0.1 and t < lanes.steps:
            shown = t / lanes.steps
            yield made.finding(CHOSEN + (0.97 - CHOSEN) * shown)
    made.end(theta)
    yield made.finding(1.0)


def _lanes(call: Call) -> tuple[int, int]:
    """Those that are judged, and those that choose."""
    judged, choosing = int(call.number("seeds")), len(choosers_of(call))
    return len(COMPARED) * len(FACTORS) * judged, len(COMPARED) * len(FACTORS) * choosing


def _bytes(call: Call) -> float:
    data, steps = dataset(call.call("data"), 0), int(call.number("steps"))
    rows = 2 + (steps - 1) // max(1, steps // ROWS)
    table = TABLE_ROW * _lanes(call)[0] * rows
    return most_bytes(call, network_in(call, data), max(_lanes(call))) + table


def _seconds(call: Call) -> float:
    data = dataset(call.call("data"), int(call.number("seed")))
    network, lanes = network_in(call, data), _lanes(call)
    batch = min(call.number("batch"), len(data.x_train))
    steps = call.number("steps")
    train = sum(cost(network, own, int(batch), steps) for own in lanes)
    train += rule_cost(call.call("run"), network, sum(lanes), steps)
    return train + cost(network, lanes[0], len(data.x_train), ROWS / 3 + 4)


DEEP_RELU = (("activation", "relu"), ("depth", 8))
TANH = (("activation", "tanh"),)

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
            Knob("lr", 0.05, "the one learning rate of all; each is also tried at a quarter of it, "
                 "at 4 and at 16 times as much", 0.0, 1e3, soft=(1e-4, 1.0), log=True),
            Knob("batch", 50, ALL, 1, 2000, "integer", soft=(1, 256), log=True),
            Knob("steps", 300, "how many", 10, 20_000, "integer", soft=(10, 2000), log=True),
            seeds(9),
            SEED,
        ),
        doc="The same network from six initializers: how far a signal carries through its layers "
        "before training, and what training then makes of it.",
        source="Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward "
        "neural networks; He, Zhang, Ren & Sun 2015, Delving deep into rectifiers",
        same="Within a repetition, network, data, batches, method and the grid of rates (a "
        "quarter of lr, lr, 4 and 16 times as much) are the same; only the start weights differ, "
        "and they come from the same random numbers. Orthogonal weights are multiplied by the gain "
        "of the activation, 1 over the root mean square of what it makes of a standard normal "
        "signal.",
        draws=DRAWS,
        lesson=(
            ("A layer multiplies the spread of what it receives. Over many layers the factors "
            "multiply: a little below one each time, and the last layer hears nothing; a little "
            "above, and it is flooded. The gradient on its way back meets the same factors."),
            ("He's variance of 2 over the inputs makes up for relu, which lets half of the signal "
            "pass. Xavier's was derived for units that are linear near 0, as tanh is."),
            ("With all weights equal, all units of a layer compute the same and get the same "
            "gradient: they remain copies of each other for ever. Try depth=1 against depth=8, "
            "and activation=tanh."),
            ("At one rate for all, an initializer may lose only because the rate does not suit it. "
            "So each is also shown at its own best rate of the same grid."),
        ),
        claims=(
            IntervalClaim(
                "With relu and eight layers, He keeps the activation spread within a factor of "
                "four from the first hidden layer to the last.",
                "kept:he_normal", 0.25, 4.0, DEEP_RELU,
            ),
            IntervalClaim(
                "With relu and eight layers, Xavier's activation spread sinks by more than a "
                "factor of three from the first hidden layer to the last.",
                "kept:xavier_normal", high=1 / 3, when=DEEP_RELU,
            ),
            IntervalClaim(
                "From zeros, in more than half of all repetitions the units of the first layer are "
                "still copies of each other at the end.",
                "copies:zeros", low=0.5,
            ),
            IntervalClaim(
                "With tanh, eight layers and normal weights of standard deviation 1, the slope "
                "grows by more than a factor of 50 on its way back.",
                "back:normal", low=50.0, when=(*TANH, ("depth", 8)),
            ),
        ),
        run=_run,
        seconds=_seconds,
        bytes=_bytes,
        instead=OWN_RATE,
    )
)  # fmt: skip
