"""The experiments as they come: a first true picture, the end, and lanes against one by one."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from bench.measure import Row, below, faster
from nnopt_viz.compose.calls import run
from nnopt_viz.experiments import STUDIES
from nnopt_viz.experiments.studies.drawn import drawn
from nnopt_viz.experiments.studies.lanes import Lanes, descend, grid, network_for
from nnopt_viz.networks import INITS


def rows() -> Iterator[Row]:
    for study in STUDIES.values():
        first, whole = taken(study.name)
        yield below(f"experiment {study.name}: first picture", first, 2, "s", "must")
        yield below(f"experiment {study.name}: the end", whole, 30, "s", "must")
    yield lanes()


def taken(name: str) -> tuple[float, float]:
    """Seconds to the first finding with a chart, and to the last."""
    start, first = time.perf_counter(), float("nan")
    for finding in STUDIES[name].run(STUDIES.call(name)):
        if finding is not None and finding.charts and np.isnan(first):
            first = time.perf_counter() - start
    return first, time.perf_counter() - start


def lanes() -> Row:
    """What the experiment with optimizers trains for one of them, together and one by one."""
    call = STUDIES.call("optimizers")
    data = drawn(call)
    network = network_for(call, data.first)
    rates, seeds = grid(1e-3, 10, int(call.number("rates"))), data.seeds
    start = np.tile(data.starts(INITS.call("he_normal"), network), (len(rates), 1))
    seed, rate = np.tile(seeds, len(rates)), np.repeat(rates, len(seeds))
    steps, batch = int(call.number("steps")), int(call.number("batch"))

    def train(which: slice) -> np.ndarray:
        own = [seeds.index(one) for one in np.unique(seed[which])]
        made = Lanes(
            network=network, theta=start[which], x=data.x_train[own], y=data.y_train[own],
            seed=seed[which], rates=rate[which], batch=batch, steps=steps,
        )  # fmt: skip
        return list(filter(None, descend(made, run("adam"), steps)))[-1][1]

    begun = time.perf_counter()
    together = train(slice(None))
    middle = time.perf_counter()
    alone = np.concatenate([train(slice(i, i + 1)) for i in range(len(start))])
    ended = time.perf_counter()
    calm = rate < 0.1
    if np.abs(together[calm] - alone[calm]).max() > 1e-6:
        raise SystemExit("lanes go elsewhere than alone")
    what = f"{len(start)} trainings of {steps} steps as lanes of one experiment"
    return faster(what, middle - begun, ended - middle, "one by one", 4, "aim")
