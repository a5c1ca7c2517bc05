"""What trainings and races were said to take, beside what they then took: random ones."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import numpy as np

from bench.measure import Row
from nnopt_viz.compose.calls import run, surface
from nnopt_viz.declare.starts import STARTS
from nnopt_viz.deliver.lab_stream import lab_stream
from nnopt_viz.deliver.stream import run_stream
from nnopt_viz.figures.lab_figures import FINE, lab_json
from nnopt_viz.judge.rates import good_rate
from nnopt_viz.judge.training import network_problem
from nnopt_viz.lab.lab import Lab
from nnopt_viz.lab.price import seconds
from nnopt_viz.lab.result import result
from nnopt_viz.networks import DATASETS, INITS, NETS, PLANES
from nnopt_viz.networks.activations import ACTIVATIONS
from nnopt_viz.optimizers import OPTIMIZERS, TRAINERS
from nnopt_viz.race.price import price
from nnopt_viz.race.scenario import Scenario
from nnopt_viz.surfaces import SURFACES

MANY, SHORTEST, LONGEST = 40, 0.3, 4.0  # trainings, of so many seconds
ABLE = [name for name in TRAINERS if network_problem(run(name)) is None]


def rows() -> Iterator[Row]:
    rng, found = random.Random(0), list[float]()
    while len(found) < MANY:
        lab = training(rng)
        if lab.problem() is None and SHORTEST < seconds(lab.cost.units) < LONGEST:
            took = taken(lab)
            if took is not None:
                found.append(seconds(lab.cost.units) / took)
    low, middle, high = np.percentile(found, [5, 50, 95])
    yield Row(
        f"said to take over taken, {MANY} random trainings, median; nine of ten between",
        f"{middle:.2f}", "–", f"{low:.2f} to {high:.2f}", "aim: within a factor of 3",
        bool(low > 1 / 3 and high < 3),
    )  # fmt: skip

    found = list[float]()
    while len(found) < MANY:
        scenario = race(rng)
        if scenario.problem() is None and SHORTEST / 3 < seconds(price(scenario)) < LONGEST:
            start = time.process_time()
            for _ in run_stream(scenario):
                pass
            found.append(seconds(price(scenario)) / (time.process_time() - start))
    low, middle, high = np.percentile(found, [5, 50, 95])
    yield Row(
        f"the same of {MANY} random races", f"{middle:.2f}", "–", f"{low:.2f} to {high:.2f}",
        "aim: within a factor of 3", bool(low > 1 / 3 and high < 3),
    )  # fmt: skip


def race(rng: random.Random) -> Scenario:
    """At rates at which most runs go on to the end."""
    n = int(2 ** rng.uniform(0, 12)) if rng.random() < 0.7 else 1
    chosen = surface(rng.choice(list(SURFACES)))
    names = rng.choices(list(OPTIMIZERS), k=rng.choice([1, 2, 4, 12]))
    runs = tuple(run(name, lr=good_rate(chosen.name, name)) for name in names)
    steps = int(2 ** rng.uniform(3, 14))
    return Scenario(chosen, runs, STARTS.call("random", n=n), steps, rng.choice([0.0, 0.0, 0.01]))


def taken(lab: Lab) -> float | None:
    """Seconds of a processor for all that its page asks; None where it has no plane."""
    start = time.process_time()
    for _ in lab_stream(lab):
        pass
    made = result(lab)
    if made.slice.plane is None:
        return None
    lab_json(made, "light", FINE)
    return time.process_time() - start


def training(rng: random.Random) -> Lab:
    hidden = ",".join(str(int(2 ** rng.uniform(1, 6))) for _ in range(rng.randint(0, 4)))
    activation, has_norm = rng.choice(list(ACTIVATIONS)), rng.random() < 0.25
    net = NETS.call("mlp", hidden=hidden, activation=activation, batchnorm=has_norm)
    data = DATASETS.call(rng.choice(list(DATASETS)), n=int(2 ** rng.uniform(4, 10.8)))
    runs = tuple(run(rng.choice(ABLE)) for _ in range(rng.randint(1, 4)))
    return Lab(
        net, data, INITS.call("he_normal"), runs, PLANES.call("random"),
        batch=int(2 ** rng.uniform(0, 9)), epochs=int(2 ** rng.uniform(0, 8)),
        seed=rng.randint(0, 99), seeds=rng.choice([1, 1, 1, 4, 16]),
    )  # fmt: skip
