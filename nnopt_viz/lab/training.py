"""Training: a lab becomes paths through the parameter space, with what is measured on them.

All runs and seeds are trained side by side: one stack of parameter vectors, one gradient
evaluation a step, every run's own rule. They share start weights and batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.compose.stable import step_divisor
from nnopt_viz.declare.streams import LAB_BATCHES
from nnopt_viz.judge.training import Batch, method_of, train_together
from nnopt_viz.networks import Passes, accuracy, start_weights, statistics
from nnopt_viz.networks.pieces import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.networks import Data, Network

Array = NDArray[np.float64]
BLOCK = 65_536  # samples times lanes evaluated at once


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRows:
    """What is known of the recorded rows so far; `rows` of them.

    Args:
        steps: of each row, shape (rows,).
        theta: parameters, shape (runs, rows, seeds, parameters).
        loss, test_loss: on all training and all test samples, shape (runs, rows, seeds).
        accuracy, test_accuracy: share of right classes, same shape; nan for regression.
        grad_norm: Euclidean norm of the full gradient, same shape.
        lr: learning rate of the row's step, row 0 as step 1; same shape.
        update: length of the row's step over length of the weights, for each layer, shape
            (runs, rows, layers), of the first seed; row 0 is 0.
        divisor: of each run, what the first seed's method divided each parameter's step by, at
            the rows lab.sharp_rows, shape (sharp rows, parameters); 1 where it divides by nothing,
            nan before it has taken a step.
    """

    steps: NDArray[np.intp]
    theta: Array
    loss: Array
    test_loss: Array
    accuracy: Array
    test_accuracy: Array
    grad_norm: Array
    lr: Array
    update: Array
    divisor: tuple[Array, ...]

    def ended(self, run: int, seed: int) -> int | None:
        """The step of the first row at which the loss is not finite, or None."""
        bad = np.flatnonzero(~np.isfinite(self.loss[run, :, seed]))
        return int(self.steps[bad[0]]) if bad.size else None


def train(lab: Lab) -> Iterator[TrainingRows]:
    """Train all runs; everything known so far comes again with each block of rows.

    Args:
        lab: within the limits (`lab.problem()` is None).
    """
    network, data = lab.network, lab.samples
    runs, seeds = len(lab.runs), [lab.seed + i for i in range(lab.seeds)]
    start = start_weights(lab.init, network, seeds)
    theta = np.repeat(start[None], runs, axis=0)  # (runs, seeds, P)
    kept = np.empty((runs, lab.rows, lab.seeds, network.size))
    lr, *measured = (np.empty((runs, lab.rows, lab.seeds)) for _ in range(6))
    update = np.zeros((runs, lab.rows, network.layers))
    steps = np.minimum(np.arange(lab.rows) * lab.stride, lab.steps)
    methods = [method_of(call, network, seeds, lab.steps) for call in lab.runs]
    divisor = tuple(_divisor(lab, call) for call in lab.runs)
    divided = [i for i, call in enumerate(lab.runs) if step_divisor(call)]
    kept[:, 0] = theta
    lr[:, 0] = np.array([method.rate_at(1) for method in methods])[:, None]
    row = known = 0
    batches = _batches(data, lab.batch_size, seeds)
    for t, after in enumerate(
        islice(train_together(network, theta, methods, batches), lab.steps), 1
    ):
        before, theta = theta, after
        if t % lab.stride == 0 or t == lab.steps:
            row += 1
            kept[:, row] = theta
            used = [np.broadcast_to(_one(method.rule.rate), lab.seeds) for method in methods]
            lr[:, row] = np.array(used)
            update[:, row] = _ratios(network, before[:, 0], theta[:, 0])
            for run in divided:
                divisor[run][lab.sharp_rows == row] = methods[run].rule.state["x_eval"][0]
            if row + 1 - known >= _block(lab) or t == lab.steps:
                now = slice(known, row + 1)
                for column, values in zip(measured, _measure(lab, kept[:, now]), strict=True):
                    column[:, now] = values
                known = row + 1
                loss, test, right, test_right, norm = (column[:, :known] for column in measured)
                yield TrainingRows(
                    steps[:known], kept[:, :known], loss, test, right, test_right, norm,
                    lr[:, :known], update[:, :known], divisor,
                )  # fmt: skip
        del before, after  # or they would be held while the next step is computed


def _divisor(lab: Lab, call: Call) -> Array:
    """Room for what a run divides its steps by; ones, read-only, where it divides by nothing."""
    shape = len(lab.sharp_rows), lab.network.size
    if not step_divisor(call):
        return np.broadcast_to(1.0, shape)
    made = np.empty(shape)
    made[0] = np.nan
    return made


def _one(rate: Any) -> Any:
    return np.asarray(rate, dtype=float).reshape(-1)


def _block(lab: Lab) -> int:
    """Rows that are measured together."""
    width = len(lab.runs) * lab.seeds * len(lab.samples.x_train)
    return max(1, min(64, BLOCK // width))


def _batches(data: Data, size: int, seeds: list[int]) -> Iterator[Batch]:
    """What each step sees: samples (n, inputs) for one seed or all of them, else (seeds, n,
    inputs). The last batch of a pass takes what is left over."""
    streams = [LAB_BATCHES.generator(seed) for seed in seeds]
    samples = len(data.x_train)
    while True:
        if size == samples:
            yield data.x_train, data.y_train  # in their own order: there is no chance in it
            continue
        order = np.stack([stream.permutation(samples) for stream in streams])
        for at in range(0, samples, size):
            part = order[:, at : at + size]
            chosen = part[0] if len(seeds) == 1 else part
            yield data.x_train[chosen], data.y_train[chosen]


def _ratios(network: Network, before: Array, after: Array) -> Array:
    """|step| / |weights| of every layer, shape (runs, layers), of parameters (runs, P)."""
    starts = [group.start for group in network.groups if group.kind == "weight"]
    with np.errstate(all="ignore"):
        moved = np.add.reduceat((after - before) ** 2, starts, axis=-1)
        size = np.add.reduceat(before**2, starts, axis=-1)
        return np.asarray(np.sqrt(moved / size))


def _measure(lab: Lab, theta: Array) -> tuple[Array, ...]:
    """Loss, test loss, accuracies and gradient norm at (runs, rows, seeds, P)."""
    made, passes = np.full((5, *theta.shape[:-1]), np.nan), Passes(lab.network)
    for run, path in enumerate(theta):
        flat, found = path.reshape(-1, lab.network.size), made[:, run].reshape(5, -1)
        for some in parts(*flat.shape):
            _measure_some(lab, passes, flat[some], found[:, some])
    return tuple(made)


def _measure_some(lab: Lab, passes: Passes, theta: Array, found: Array) -> None:
    """The same at parameters (L, P), written to found (5, L)."""
    network, data = lab.network, lab.samples
    found[0], gradient = passes.value_and_gradient(theta, data.x_train, data.y_train)
    with np.errstate(all="ignore"):
        found[4] = np.sqrt(np.einsum("lp,lp->l", gradient, gradient))
    fixed = statistics(network, theta, data.x_train) if network.batchnorm else None
    found[2] = accuracy(network, theta, data.x_train, data.y_train, fixed)
    if len(data.x_test):
        found[1] = passes.value(theta, data.x_test, data.y_test, fixed)
        found[3] = accuracy(network, theta, data.x_test, data.y_test, fixed)
