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
from nnopt_viz.networks import accuracy, start_weights, statistics, value, value_and_gradient

if TYPE_CHECKING:
    from collections.abc import Iterator

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
            (runs, rows, seeds, layers); row 0 is 0.
        divisor: what the first seed's method divided each parameter's step by, at the rows
            lab.sharp_rows, shape (runs, sharp rows, parameters); 1 where it divides by nothing,
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
    divisor: Array

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
    lr = np.empty((runs, lab.rows, lab.seeds))
    update = np.zeros((runs, lab.rows, lab.seeds, network.layers))
    divisor = np.ones((runs, len(lab.sharp_rows), network.size))
    divided = [i for i, call in enumerate(lab.runs) if step_divisor(call)]
    divisor[divided, 0] = np.nan
    steps = np.minimum(np.arange(lab.rows) * lab.stride, lab.steps)
    methods = [method_of(call, network, seeds, lab.steps) for call in lab.runs]
    kept[:, 0] = theta
    lr[:, 0] = np.array([method.rate_at(1) for method in methods])[:, None]
    measured: list[tuple[Array, ...]] = []
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
            update[:, row] = _ratios(network, before, theta)
            for run in divided:
                divisor[run, lab.sharp_rows == row] = methods[run].rule.state["x_eval"][0]
            if row + 1 - known >= _block(lab) or t == lab.steps:
                measured.append(_measure(lab, kept[:, known : row + 1]))
                known = row + 1
                parts = [np.concatenate(p, axis=1) for p in zip(*measured, strict=True)]
                loss, test, right, test_right, norm = parts
                yield TrainingRows(
                    steps[:known], kept[:, :known], loss, test, right, test_right, norm,
                    lr[:, :known], update[:, :known], divisor,
                )  # fmt: skip


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
    """|step| / |weights| of every layer, shape (runs, seeds, layers)."""
    starts = [group.start for group in network.groups if group.kind == "weight"]
    with np.errstate(all="ignore"):
        moved = np.add.reduceat((after - before) ** 2, starts, axis=-1)
        size = np.add.reduceat(before**2, starts, axis=-1)
        return np.asarray(np.sqrt(moved / size))


def _measure(lab: Lab, theta: Array) -> tuple[Array, ...]:
    """Loss, test loss, accuracies and gradient norm at (runs, rows, seeds, P)."""
    network, data = lab.network, lab.samples
    shape, flat = theta.shape[:-1], theta.reshape(-1, network.size)
    loss, gradient = value_and_gradient(network, flat, data.x_train, data.y_train)
    fixed = statistics(network, flat, data.x_train) if network.batchnorm else None
    right = accuracy(network, flat, data.x_train, data.y_train, fixed)
    if len(data.x_test):
        test = value(network, flat, data.x_test, data.y_test, fixed)
        test_right = accuracy(network, flat, data.x_test, data.y_test, fixed)
    else:
        test = test_right = np.full(len(flat), np.nan)
    with np.errstate(all="ignore"):
        norm = np.sqrt(np.einsum("lp,lp->l", gradient, gradient))
    return tuple(made.reshape(shape) for made in (loss, test, right, test_right, norm))
