"""Many trainings side by side: seeds, rates and starts are lanes of one stack."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.declare.streams import STUDY_BATCHES
from nnopt_viz.experiments.studies.drawn import choosers_of
from nnopt_viz.judge.held import held, passes_bytes
from nnopt_viz.judge.training import Batch, method_of, rule_work, train_together
from nnopt_viz.judge.work import UNITS_A_SECOND
from nnopt_viz.networks import NETS, Network, Taken, dataset, network_of

if TYPE_CHECKING:
    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.experiments.studies.drawn import Drawn
    from nnopt_viz.networks import Data

Array = NDArray[np.float64]
# Measured on two cores' worth of plain NumPy: multiply-adds a second, and what a call costs.
SPEED, OVERHEAD = 9e9, 1.5e-4
BEAT = 0.2  # seconds, about: as long as nothing may come of a stream
WORKING = 5  # arrays of all parameters at work, beside those of a rule
OTHERS = 30e6  # charts, a table, and their text
Row = tuple[int, Array]  # step, and parameters (L, P)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Trainings to be run together.

    Args:
        network: one for all.
        theta: start weights, shape (L, P).
        x, y: samples of each repetition, in the order of their seeds: (repetitions, n, inputs)
            and (repetitions, n).
        seed: of each lane, shape (L,): lanes of one seed see the same samples and batches.
        rates: learning rate of each lane, shape (L,).
        batch: samples a step; as many as there are, or more, mean all of them.
        steps: how many.
    """

    network: Network
    theta: Array
    x: Array
    y: Array
    seed: NDArray[np.intp]
    rates: Array
    batch: int
    steps: int


def at_every(
    network: Network, data: Drawn, starts: Array, rates: Array, batch: int, steps: int
) -> Lanes:
    """Every start at every rate.

    Args:
        starts: (…, repetitions, P); lanes are (…, rates, repetitions).
    """
    *_, repeats, size = starts.shape
    theta = np.repeat(starts.reshape(-1, 1, repeats, size), len(rates), axis=1)
    groups = len(theta)
    return Lanes(
        network=network, theta=theta.reshape(-1, size), x=data.x_train, y=data.y_train,
        seed=np.tile(data.seeds, groups * len(rates)),
        rates=np.tile(np.repeat(rates, repeats), groups), batch=batch, steps=steps,
    )  # fmt: skip


def network_for(
    call: Call, data: Data, hidden: str | None = None, batchnorm: bool = False
) -> Network:
    """The network that an experiment's knobs mean on this data.

    Args:
        hidden: units of each hidden layer; the knob `hidden` where it is left out.

    Raises:
        ValueError: when the hidden layers can't be read.
    """
    layers = call["hidden"] if hidden is None else hidden
    made = NETS.call("mlp", hidden=layers, activation=call["activation"], batchnorm=batchnorm)
    return network_of(made, data)


def descend(lanes: Lanes, call: Call, every: int, also: Sequence[int] = ()) -> Iterator[Row | None]:
    """The start, and then the parameters (L, P) after each `every` steps and at the end.

    Between two rows that are long in coming it yields None: a moment at which it may be left.

    Args:
        call: the method; its own learning rate is not used.
        also: further steps after which they are wanted.
    """
    yield 0, lanes.theta
    network, steps, beat = lanes.network, lanes.steps, steps_in(BEAT, lanes)
    method = method_of(call, network, lanes.seed.tolist(), steps, lanes.rates[:, None])
    path = train_together(network, lanes.theta[None], [method], _seen(lanes))
    for t, (theta,) in enumerate(islice(path, steps), 1):
        if t % every == 0 or t == steps or t in also:
            yield t, theta
        elif t % beat == 0:
            yield None


def rows(lanes: Lanes, call: Call, every: int) -> Generator[None, None, list[Row]]:
    """All rows of `descend`, with its moments between them: `made = yield from rows(…)`."""
    made: list[Row] = []
    for row in descend(lanes, call, every):
        if row is None:
            yield None
        else:
            made.append(row)
    return made


def most_bytes(
    call: Call, network: Network, lanes: int, kept: float = 1, methods: Sequence[Call] = ()
) -> float:
    """About what an experiment holds in memory, at most.

    Args:
        lanes: trained together, at most.
        kept: recorded rows of their parameters, at most.
        methods: with which they are trained; the experiment's own `run` where none is named.
    """
    data = dataset(call.call("data"), int(call.number("seed")))
    repeats = int(call.number("seeds")) + len(choosers_of(call))
    train, test = len(data.x_train), len(data.x_test)
    rules = [held(method, network) for method in methods or (call.call("run"),)]
    rule = max(one.state + one.work for one in rules)
    parameters = lanes * ((WORKING + kept) * network.size + rule)
    # each lane's batch is cut out as it is needed; of a batch's repetitions there are copies
    samples = 3 * repeats * (train + test) * (data.inputs + 1)
    passes = 2 * passes_bytes(network, lanes, train) + passes_bytes(network, lanes, test)
    beside = (16 * repeats + 120) * network.size  # starts, ends, probes, a piece of a sheet
    return OTHERS + 8.0 * (parameters + samples + beside) + passes


def _seen(lanes: Lanes) -> Iterator[Batch]:
    """What each step sees: each lane all samples of its repetition, or a batch of them."""
    own, index = np.unique(lanes.seed, return_inverse=True)
    every = np.arange(len(own))[:, None]
    for chosen in batches(lanes.x.shape[1], lanes.batch, own.tolist()):
        part = ... if chosen is None else (every, chosen)
        yield Taken(lanes.x[part], index), Taken(lanes.y[part], index)


def batches(n: int, size: int, own: Sequence[int]) -> Iterator[NDArray[np.intp] | None]:
    """Which samples each step takes, (seeds, size); None for all. What is left over of a pass
    is left out, so that every batch is whole."""
    if size >= n:
        while True:
            yield None
    streams = [STUDY_BATCHES.generator(seed) for seed in own]
    while True:
        order = np.stack([stream.permutation(n) for stream in streams])
        for at in range(0, n - size + 1, size):
            yield order[:, at : at + size]


def grid(low: float, high: float, count: int) -> Array:
    """Learning rates at equal ratios, both ends included."""
    return np.geomspace(low, high, count)


def steps_in(seconds: float, lanes: Lanes) -> int:
    """About how many steps so many seconds take, at least 1."""
    batch = min(lanes.batch, lanes.x.shape[1])
    return max(1, int(seconds / cost(lanes.network, len(lanes.theta), batch)))


def cost(network: Network, lanes: int, samples: int, times: float = 1) -> float:
    """About how many seconds `times` gradients take, of so many lanes on so many samples."""
    weights = sum(a * b for a, b in pairwise(network.sizes)) + 12 * sum(network.hidden)
    return times * (OVERHEAD + 3.0 * weights * lanes * samples / SPEED)


def rule_cost(call: Call, network: Network, lanes: int, steps: float) -> float:
    """About how many seconds a method's own work takes, besides the gradients."""
    return steps * lanes * rule_work(call, network) / UNITS_A_SECOND
