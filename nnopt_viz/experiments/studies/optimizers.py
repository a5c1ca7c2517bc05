"""Several optimizers on one network, each tried at the same learning rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnopt_viz.compose.calls import run
from nnopt_viz.declare.knobs import Call, Knob
from nnopt_viz.experiments.studies.chosen import DRAWS, on_choosers
from nnopt_viz.experiments.studies.drawn import choosers_of, drawn
from nnopt_viz.experiments.studies.estimates import Array
from nnopt_viz.experiments.studies.lanes import (
    at_every,
    cost,
    descend,
    grid,
    most_bytes,
    network_for,
    rule_cost,
)
from nnopt_viz.experiments.studies.tuned import CELLS, Tuned
from nnopt_viz.experiments.study import (
    ALL,
    SEED,
    SLOWEST,
    STUDIES,
    IntervalClaim,
    Study,
    activation_knob,
    data_knob,
    seeds,
)
from nnopt_viz.judge.training import network_problem
from nnopt_viz.networks import INITS, dataset
from nnopt_viz.networks.planes.cloud import FEW
from nnopt_viz.optimizers import TRAINERS

if TYPE_CHECKING:
    from nnopt_viz.experiments.study import Findings

MOST = 8
ROWS = 50
# Seconds, about: a finding's charts and numbers; a number of the paths, in each main direction.
FINDING, DECOMPOSED = 0.05, 3e-9


def _names(call: Call) -> list[str]:
    """As they stand, or what else they are called here."""
    given = [name.strip() for name in str(call["optimizers"]).split(",") if name.strip()]
    return [TRAINERS.meant(name) or name for name in given]


def _rates(call: Call) -> Array:
    return grid(call.number("slowest"), call.number("fastest"), int(call.number("rates")))


def _run(call: Call) -> Findings:
    data, steps = drawn(call), int(call.number("steps"))
    network, rates, names = network_for(call, data.first), _rates(call), _names(call)
    init, repeats = INITS.call("he_normal"), len(data.seeds)
    start = data.starts(init, network)
    made = Tuned(call, network, data, rates)
    for at, name in enumerate(names):
        (choosing,) = yield from on_choosers(call, run(name), [init], network, rates)
        lanes = at_every(network, data, start, rates, int(call.number("batch")), steps)
        every = max(1, steps // ROWS)
        at_steps: list[int] = []
        kept = np.empty((len(rates), repeats, 2 + (steps - 1) // every, network.size))
        for row in descend(lanes, run(name), every):
            if row is None:
                yield None
                continue
            t, theta = row
            kept[:, :, len(at_steps)] = theta.reshape(len(rates), repeats, -1)
            at_steps.append(t)
            if t == steps // 2 // every * every and at:
                yield made.finding((at + 0.5) / len(names) * 0.97)
        made.add(name, choosing, at_steps, kept)
        yield made.finding((at + 1) / len(names) * 0.97)
    yield made.finding(1.0)


def _problem(call: Call) -> tuple[str, str] | None:
    names = _names(call)
    unknown = [name for name in names if name not in TRAINERS]
    if unknown or not 1 <= len(names) <= MOST or len(set(names)) < len(names):
        none = f"; there is no optimizer {unknown[0][:40]!r}" if unknown else ""
        return "optimizers", f"optimizers has to be 1 to {MOST} different names with commas{none}"
    for name in names:
        why = network_problem(run(name))
        if why:
            return "optimizers", why
    if call.number("slowest") >= call.number("fastest"):
        return "slowest", SLOWEST
    try:
        network_for(call, dataset(call["data"], 0))
    except ValueError as fault:
        return "hidden", str(fault)
    if not len(dataset(call["data"], 0).x_test):
        return "data", "This experiment needs test data: test above 0"
    return None


def _bytes(call: Call) -> float:
    network, rates = network_for(call, dataset(call["data"], 0)), int(call.number("rates"))
    names, lanes = _names(call), rates * int(call.number("seeds"))
    choosing = most_bytes(
        call, network, len(choosers_of(call)) * rates, methods=[run(name) for name in names]
    )
    judged = most_bytes(call, network, lanes, 2 * ROWS, [run(name) for name in names])
    paths = 8.0 * 2 * ROWS * len(names) * network.size  # of the first repetition, kept and at work
    return max(choosing, judged) + 3 * paths


def _seconds(call: Call) -> float:
    data = dataset(call["data"], int(call.number("seed")))
    network, names = network_for(call, data), _names(call)
    repeats, rates = int(call.number("seeds")) + len(choosers_of(call)), int(call.number("rates"))
    batch = int(min(call.number("batch"), len(data.x_train)))
    samples, own = len(data.x_train), int(call.number("seeds"))
    trained = cost(network, repeats * rates, batch, 3 * call.number("steps"))
    # Forward passes: the ends, the curves, and with each of two findings a plane, which is found
    # among the paths.
    trained += cost(network, own * rates, samples, 1 / 3)
    trained += cost(network, own, samples, 2 * ROWS / 3)
    points = len(names) * min(2 * ROWS, call.number("steps") + 1)
    found = DECOMPOSED * min(points * network.size, FEW) * min(points, network.size)
    drawn = 2 * (FINDING + found + cost(network, CELLS**2, samples, 1 / 3))
    ruled = (rule_cost(run(name), network, repeats * rates, call.number("steps")) for name in names)
    return len(names) * (trained + drawn) + sum(ruled)


STUDIES.add(
    Study(
        name="optimizers",
        title="Which optimizer is better, fairly?",
        family="optimizers",
        knobs=(
            Knob("optimizers", "sgd,momentum,rmsprop,adam,muon", f"up to {MOST} names, with commas",
                 kind="text"),
            Knob("hidden", "16,16", "units of each hidden layer, with commas", kind="text"),
            activation_knob("tanh"),
            data_knob("spirals", n=300),
            Knob("rates", 9, "learning rates tried for each", 2, 33, "integer", soft=(3, 17)),
            Knob("slowest", 1e-3, "the smallest of them", 1e-9, 1e3, log=True),
            Knob("fastest", 10.0, "the largest of them", 1e-9, 1e3, log=True),
            Knob("batch", 32, ALL, 1, 2000, "integer", soft=(1, 256), log=True),
            Knob("steps", 400, "how many", 10, 20_000, "integer", soft=(10, 2000), log=True),
            seeds(9),
            SEED,
        ),
        doc="Each optimizer at the same learning rates, each rate from the same starts: best "
        "against best, and all at one rate.",
        source="Choi, Shallue, Nado, Lee, Maddison & Dahl 2019, On empirical comparisons of "
        "optimizers for deep learning; Schmidt, Schneider & Hennig 2021, Descending through a "
        "crowded valley",
        same="Within a repetition, network, data, start weights, batches, number of steps and the "
        "grid of rates are the same for every optimizer; other knobs stay at their defaults. Best "
        "is the rate with the least mean of log10 final loss over further repetitions.",
        draws=DRAWS,
        lesson=(
            ("Who compares two optimizers at one learning rate compares how well that rate suits "
            "them. Look at both strips: at the same rate the order may turn round."),
            ("One run proves nothing: a dot is a repetition, with data of its own. Two methods "
            "share it, so that the ratio within each repetition is the sharpest test: where its "
            "interval holds 1, no difference was shown."),
            ("A best rate may lie just below those at which training breaks down: look for the one "
            "beside it. So it is chosen on further repetitions and judged on those that are shown: "
            "who picks the rate on the very runs that are then shown, shows luck."),
            ("Also look at how wide the valley over the rates is. A method that is good at many "
            "rates is worth more in practice than one that wins at a single one."),
        ),
        claims=(
            IntervalClaim(
                "Each at its best rate, plain gradient descent and Adam end within a factor of "
                "twenty of each other.",
                "sgd/adam",
                0.05,
                20.0,
            ),
            IntervalClaim(
                "The rate at which plain gradient descent ends lowest is more than three times "
                "that of Adam.",
                "rates:sgd/adam",
                low=3.0,
            ),
            IntervalClaim(
                "The rate at which plain gradient descent ends lowest is more than ten times that "
                "of Muon.",
                "rates:sgd/muon",
                low=10.0,
            ),
            IntervalClaim(
                "At the one rate that suits all of them best, the final loss of plain gradient "
                "descent is more than ten times that at its own best rate.",
                "sgd:same/best",
                low=10.0,
            ),
        ),
        run=_run,
        seconds=_seconds,
        bytes=_bytes,
        problem=_problem,
    )
)  # fmt: skip
