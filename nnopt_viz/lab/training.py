"""Training: a lab becomes paths through the parameter space, with what is measured on them.

All runs and seeds are trained side by side: one stack of parameter vectors, one gradient
evaluation a step, every run's own rule. They share start weights and batches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnopt_viz.compose.runs import composed, optimizer_entry
from nnopt_viz.declare.streams import LAB_BATCHES, RULE_DRAWS
from nnopt_viz.formula.matrices import Matrices
from nnopt_viz.formula.vector import Field, VectorRule
from nnopt_viz.networks import (
    Passes,
    accuracy,
    hessian_vector,
    start_weights,
    statistics,
    value,
    value_and_gradient,
)
from nnopt_viz.schedules import factors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nnopt_viz.declare.knobs import Call
    from nnopt_viz.lab.lab import Lab
    from nnopt_viz.networks import Network

Array = NDArray[np.float64]
GROUPED = "layer-wise"  # the family of rules whose norms are each layer's own
BLOCK = 65_536  # samples times lanes evaluated at once


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
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


def train(lab: Lab) -> Iterator[Rows]:
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
    divided = [i for i, call in enumerate(lab.runs) if optimizer_entry(call).divisor]
    divisor[divided, 0] = np.nan
    steps = np.minimum(np.arange(lab.rows) * lab.stride, lab.steps)
    rules = [rule_of(call, network, seeds) for call in lab.runs]
    rates = [call.number("lr") * factors(schedule_of(call), lab.steps) for call in lab.runs]
    for rule, rate, own in zip(rules, rates, theta, strict=True):
        rule.begin(own, float(rate[0]))
    kept[:, 0] = theta
    lr[:, 0] = np.array([rate[0] for rate in rates])[:, None]
    measured: list[tuple[Array, ...]] = []
    passes = Passes(network)
    row = known = 0
    orders = _batches(len(data.x_train), lab.batch_size, seeds)
    for t in range(1, lab.steps + 1):
        chosen = next(orders)
        x, y = _gather(data.x_train, chosen), _gather(data.y_train, chosen)
        stack_x = x if x.ndim == 2 else np.tile(x, (runs, 1, 1))
        stack_y = y if y.ndim == 1 else np.tile(y, (runs, 1))
        flat = theta.reshape(-1, network.size)
        loss, gradient = passes.value_and_gradient(flat, stack_x, stack_y)
        loss, gradient = loss.reshape(runs, -1), gradient.reshape(theta.shape)
        before = theta
        field = batch_field(passes, x, y)
        theta = np.stack(
            [
                rule.step(own, g, f, t, float(rate[t - 1]), field)
                for rule, rate, own, g, f in zip(rules, rates, theta, gradient, loss, strict=True)
            ]
        )
        if t % lab.stride == 0 or t == lab.steps:
            row += 1
            kept[:, row] = theta
            lr[:, row] = np.array([np.broadcast_to(_one(r.rate), lab.seeds) for r in rules])
            update[:, row] = _ratios(network, before, theta)
            for run in divided:
                divisor[run, lab.sharp_rows == row] = rules[run].state["x_eval"][0]
            if row + 1 - known >= _block(lab) or t == lab.steps:
                measured.append(_measure(lab, kept[:, known : row + 1]))
                known = row + 1
                parts = [np.concatenate(p, axis=1) for p in zip(*measured, strict=True)]
                loss, test, right, test_right, norm = parts
                yield Rows(
                    steps[:known], kept[:, :known], loss, test, right, test_right, norm,
                    lr[:, :known], update[:, :known], divisor,
                )  # fmt: skip


def _one(rate: Any) -> Any:
    return np.asarray(rate, dtype=float).reshape(-1)


def _block(lab: Lab) -> int:
    """Rows that are measured together."""
    width = len(lab.runs) * lab.seeds * len(lab.samples.x_train)
    return max(1, min(64, BLOCK // width))


def schedule_of(call: Call) -> Call:
    schedule = call["schedule"]
    assert not isinstance(schedule, str | int | float)
    return schedule


def rule_of(call: Call, network: Network, seeds: list[int]) -> VectorRule:
    made, entry = composed(call), optimizer_entry(call)
    if entry.divisor:  # kept in a name that is there to be read after each step
        made = replace(made, text=f"{made.text}\nx_eval = {entry.divisor}")
    is_grouped = entry.family == GROUPED
    rng = [RULE_DRAWS.generator(seed) for seed in seeds]
    return VectorRule(made.parsed(), dict(made.knobs), Matrices(network.groups), is_grouped, rng)


def _batches(samples: int, size: int, seeds: list[int]) -> Iterator[NDArray[np.intp]]:
    """Which samples each step takes, shape (size,) for one seed, else (seeds, size)."""
    streams = [LAB_BATCHES.generator(seed) for seed in seeds]
    whole = np.arange(samples)
    while True:
        if size == samples:
            yield whole  # all of them, in their own order: full-batch descent has no chance in it
            continue
        order = np.stack([stream.permutation(samples) for stream in streams])
        for at in range(0, samples, size):
            part = order[:, at : at + size]
            yield part[0] if len(seeds) == 1 else part


def _gather(x: Array, chosen: NDArray[np.intp]) -> Array:
    return x if chosen.ndim == 1 and len(chosen) == len(x) else x[chosen]


def batch_field(passes: Passes, x: Array, y: Array) -> Field:
    """The loss on one batch, to rules that look elsewhere."""
    return Field(
        lambda point: passes.value_and_gradient(point, x, y)[1],
        lambda point: passes.value(point, x, y),
        lambda point, v: hessian_vector(
            passes.network, np.ascontiguousarray(point), np.ascontiguousarray(v), x, y
        ),
    )


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
