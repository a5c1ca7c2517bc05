"""A network trained on one sample of the world meets the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.experiments.studies.lanes import cost, most_bytes, network_for, rule_cost
from nnopt_viz.experiments.studies.moving import SHIFTS
from nnopt_viz.experiments.studies.sheets import CELLS
from nnopt_viz.experiments.studies.shifted import AMOUNTS, ROWS, Shifted
from nnopt_viz.experiments.study import (
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

if TYPE_CHECKING:
    from nnopt_viz.experiments.study import Findings


def _run(call: Call) -> Findings:
    made = Shifted(call)
    if not made.moves_training:
        yield from made.begin()
        yield made.finding(0.1)
    for at in range(AMOUNTS):
        yield from made.meet(at)
        yield made.finding(0.1 + 0.88 * (at + 1) / AMOUNTS)
    yield made.finding(1.0)


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
    return None


def _bytes(call: Call) -> float:
    network = network_for(call, dataset(call["data"], 0))
    steps = int(call.number("steps"))
    rows = 2 + (steps - 1) // max(1, steps // ROWS)
    return most_bytes(call, network, int(call.number("seeds")), 2 * rows)  # of both ways


def _seconds(call: Call) -> float:
    data = dataset(call["data"], int(call.number("seed")))
    network, repeats = network_for(call, data), int(call.number("seeds"))
    times = (2 * AMOUNTS + 1) * (call.number("steps") + ROWS / 3)
    trained = cost(network, repeats, len(data.x_train), times)
    trained += rule_cost(call.call("run"), network, repeats, times)
    return trained + cost(network, CELLS**2, len(data.x_train), AMOUNTS / 3)


ROTATION = (("shift", "rotation"),)
SMALLER = (("shift", "smaller_sample"),)

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
            seeds(20),
            SEED,
        ),
        doc="A network is trained on a sample; then the world moves away from it, or the sample "
        "shrinks, from 0 to 100 %. What does the trained network lose, and is it better to train "
        "on from there or from scratch?",
        source="Quinonero-Candela, Sugiyama, Schwaighofer & Lawrence 2009, Dataset shift in "
        "machine learning; Szekely & Rizzo 2013, Energy statistics",
        same="Within a repetition, network, start weights, method, learning rate and number of "
        "steps are the same at every amount of shift, and for both ways of retraining.",
        draws="Each repetition draws its own training sample, its own samples of the world (some "
        "to train on there, others that no training sees) and its own start weights; every step "
        "sees all samples.",
        lesson=(
            ("The loss surface belongs to the data. Slide them away and the surface reshapes under "
            "a network that stays where it is: what was the bottom may become a slope."),
            ("Training on from there is not always the shorter way: after a large shift the old "
            "weights can be a worse start than fresh ones. See at which shift the two curves of "
            "steps cross, and whether they do."),
            ("Compare shift=rotation with shift=smaller_sample: there the world stays, and what "
            "moves is how much of it training has seen."),
        ),
        claims=(
            IntervalClaim(
                "After a turn of the world by a right angle the loss has risen by more than 0.5.",
                "rise", low=0.5, when=ROTATION,
            ),
            IntervalClaim(
                "After a turn by a right angle, training on from the old weights is slower than "
                "from scratch.",
                "saves", high=0.0, when=ROTATION,
            ),
            IntervalClaim(
                "The smallest sample costs more than 0.1 of loss on the world.",
                "rise", low=0.1, when=SMALLER,
            ),
            IntervalClaim(
                "Whether a network trained on the smallest sample is trained on with a full one, "
                "or a fresh one is, makes a difference of less than 100 of 300 steps.",
                "saves",
                -100.0,
                100.0,
                (*SMALLER, ("steps", 300)),
            ),
            IntervalClaim(
                "Before any shift, samples that training has not seen cost more than its own.",
                "gap",
                low=0.0,
            ),
            IntervalClaim(
                "Before any shift the representativeness of the sample is more than 0.98.",
                "representative:0", low=0.98, when=ROTATION,
            ),
            IntervalClaim(
                "The sample is less representative of the turned world than of its own.",
                "representative:change", high=0.0, when=ROTATION,
            ),
        ),
        run=_run,
        seconds=_seconds,
        bytes=_bytes,
        problem=_problem,
        instead=OWN_RATE,
    )
)  # fmt: skip
